"""Quality of life: what is solved holds, and QALYs of a run by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.economics.qalys import Quality, qalys
from evaluation.economics.utilities import (
    expectancy_by_quintile,
    norm_at,
    remaining_by_band,
    shifts_by_quintile,
    survival,
    utility_of_bands,
)
from scenarios.errors import InputError

NORMS = pd.DataFrame(
    {"age_from": [18, 65, 18, 65], "sex": ["female", "female", "male", "male"], "utility": [0.9, 0.75, 0.92, 0.78]}
)
MORTALITY = pd.DataFrame(
    [
        (age, sex, quintile, 0.0004 * np.exp(0.085 * age) * (1.4 - 0.1 * quintile))
        for sex in ("female", "male")
        for quintile in range(1, 6)
        for age in range(101)
    ],
    columns=["age", "sex", "quintile", "deaths_per_person_year"],
)
EXPECTANCY = {1: 55.0, 2: 57.5, 3: 59.0, 4: 60.5, 5: 62.0}
BANDS = {"0-64": (0, 64), "65+": (65, 100)}


def test_quality_adjusted_life_expectancy_by_deprivation_holds_after_solving() -> None:
    shifts = shifts_by_quintile(NORMS, MORTALITY, EXPECTANCY)
    assert expectancy_by_quintile(NORMS, MORTALITY, shifts) == pytest.approx(EXPECTANCY)
    assert shifts[1] < shifts[5]


def test_norms_hold_below_their_first_age_and_above_their_last() -> None:
    assert norm_at(NORMS, np.array([0, 18, 64, 65, 99]), "female").tolist() == [0.9, 0.9, 0.9, 0.75, 0.75]
    with pytest.raises(InputError, match="no row for sex 'other'"):
        norm_at(NORMS, np.array([1]), "other")
    with pytest.raises(InputError, match=r"hold 1\.2"):
        norm_at(NORMS.assign(utility=1.2), np.array([1]), "male")


def test_a_constant_death_rate_gives_its_reciprocal_of_years() -> None:
    flat = pd.DataFrame({"age": range(101), "sex": "male", "quintile": 1, "deaths_per_person_year": 0.05})
    _, lived = survival(flat, "male", 1)
    assert lived.sum() == pytest.approx(20, rel=0.001)
    with pytest.raises(InputError, match="every age from 0"):
        survival(flat.iloc[1:], "male", 1)


def test_bands_are_weighted_by_the_people_in_them() -> None:
    ages = pd.DataFrame({"age": [10, 20, 70], "quintile": 1, "persons": [1, 3, 5]})
    found = utility_of_bands(NORMS, {1: -0.1}, BANDS, ages).set_index(["age_band", "sex"])["utility"]
    assert found["0-64", "female"] == pytest.approx(0.8)
    assert found["65+", "male"] == pytest.approx(0.68)
    with pytest.raises(InputError, match="nobody of band '65\\+'"):
        utility_of_bands(NORMS, {1: 0.0}, BANDS, ages.iloc[:2])


def test_years_to_come_fall_with_age_and_with_discounting() -> None:
    full = remaining_by_band(NORMS, MORTALITY, {3: 0.0}, BANDS, 0.0).set_index(["age_band", "sex"])["years"]
    less = remaining_by_band(NORMS, MORTALITY, {3: 0.0}, BANDS, 0.035).set_index(["age_band", "sex"])["years"]
    assert full["0-64", "male"] > full["65+", "male"] > 0
    assert (less < full).all()


@pytest.mark.parametrize("rate", [0.0, 0.035])
@pytest.mark.parametrize("deaths", [0.02, 0.2, 0.3, 0.5])
def test_at_a_constant_death_rate_years_to_come_are_the_same_at_every_age(deaths: float, rate: float) -> None:
    truth = 1 / (deaths + np.log1p(rate))
    found = years_ahead(deaths, {"0": (0, 0), "60": (60, 60), "99": (99, 99), "100+": (100, 100)}, rate)
    # Those who die in a year are taken to live half of it: a twelfth of the death rate too many, of the table's making.
    assert found.to_numpy() == pytest.approx(truth, abs=deaths / 12 + 0.01)
    assert found["100+"] == pytest.approx(truth, rel=0.002)


def test_each_year_to_come_is_discounted_at_its_own_rate_counted_from_the_start_of_the_run() -> None:
    falling = pd.DataFrame({"from_year": [0, 31], "to_year": [30, 1_000], "rate": [0.015, 0.0129]})
    young = {"2": (2, 2)}
    flat, schedule = (years_ahead(0.01, young, rates)["2"] for rates in (0.015, falling))
    assert flat < schedule < years_ahead(0.01, young, 0.0129)["2"]
    lower_at_once = years_ahead(0.01, young, falling, 30.0)["2"]
    assert lower_at_once == pytest.approx(years_ahead(0.01, young, 0.0129)["2"])
    assert years_ahead(0.01, young, falling, 3.0)["2"] > schedule


def years_ahead(
    deaths: float, bands: dict[str, tuple[int, int]], rates: float | pd.DataFrame, from_year: float = 0.0
) -> pd.Series:
    """Return years to come by band in full health, at one death rate for all ages."""
    flat = MORTALITY.assign(deaths_per_person_year=deaths)
    found = remaining_by_band(NORMS.assign(utility=1.0), flat, {1: 0.0}, bands, rates, from_year)
    return found[found["sex"] == "male"].set_index("age_band")["years"]


def panel() -> pd.DataFrame:
    """Return two arms of one cell over two years; the design has one death fewer, so more years are lived."""
    starts = [str(each) for each in pd.period_range("2024-04", periods=24, freq="M")]
    rows = [
        ("usual_care", 0, 0, month, start, 1, "65+", "male", 100 * 2_629_800, 2 if month == 3 else 0)
        for month, start in enumerate(starts)
    ] + [
        ("team", 0, 0, month, start, 1, "65+", "male", (100 + (month > 3)) * 2_629_800, 1 if month == 3 else 0)
        for month, start in enumerate(starts)
    ]
    columns = ["arm", "draw", "replication", "month", "month_start", "quintile", "age_band", "sex"]
    return pd.DataFrame(rows, columns=[*columns, "person_seconds", "deaths"])


def test_qalys_by_hand() -> None:
    utility = pd.DataFrame({"age_band": ["65+"], "sex": "male", "quintile": 1, "utility": 0.7})
    remaining = utility.rename(columns={"utility": "years"}).assign(years=6.0)
    found = qalys(panel(), Quality(utility, remaining, 0.5), 0.035, "usual_care").set_index(["arm", "year"])
    assert found.loc[("usual_care", 0), "qalys"] == pytest.approx(100 * 0.7)
    assert found.loc[("team", 0), "qalys"] == pytest.approx((100 + 8 / 12) * 0.7)
    assert found.loc[("team", 1), "discounted_qalys"] == pytest.approx(101 * 0.7 / 1.035)
    assert found.loc[("team", 0), "beyond_qalys"] == 0
    march = 31 * 86_400  # the last month, of which every month here has 2,629,800 seconds of each person
    assert found.loc[("team", 1), "beyond_qalys"] == pytest.approx(2_629_800 / march * 6.0 * 0.5 / 1.035**2)
    assert found.loc[("usual_care", 1), "beyond_qalys"] == 0
    with pytest.raises(InputError, match="there is none for 65\\+, male, 1"):
        qalys(panel(), Quality(utility.assign(sex="female")), 0.0, "usual_care")


@pytest.mark.parametrize(("first", "days"), [("2023-03", 29), ("2024-05", 30), ("2024-06", 31), ("2025-03", 28)])
def test_somebody_alive_at_the_end_is_one_person_whatever_the_last_month(first: str, days: int) -> None:
    utility = pd.DataFrame({"age_band": ["65+"], "sex": "male", "quintile": 1, "utility": 0.7})
    remaining = utility.rename(columns={"utility": "years"}).assign(years=6.0)
    months = pd.period_range(first, periods=12, freq="M")
    year = panel()[lambda each: each["month"] < 12]
    year["month_start"] = [str(months[month]) for month in year["month"]]
    length = np.array([months[month].days_in_month for month in year["month"]])
    assert length[-1] == days
    year["person_seconds"] = (100 + (year["arm"] == "team")) * length * 86_400
    found = qalys(year, Quality(utility, remaining, 0.5), 0.0, "usual_care").set_index("arm")
    assert found.loc["team", "beyond_qalys"] == pytest.approx(6.0 * 0.5)


def test_somebody_saved_who_dies_before_the_end_counts_for_nothing_beyond_it() -> None:
    utility = pd.DataFrame({"age_band": ["65+"], "sex": "male", "quintile": 1, "utility": 0.7})
    remaining = utility.rename(columns={"utility": "years"}).assign(years=6.0)
    later = panel()
    gone = (later["arm"] == "team") & (later["month"] > 20)
    later.loc[gone, "person_seconds"] = 100 * 2_629_800
    found = qalys(later, Quality(utility, remaining, 0.5), 0.035, "usual_care")
    assert found["beyond_qalys"].tolist() == pytest.approx([0, 0, 0, 0])


def test_a_condition_more_than_usual_lowers_quality_and_usual_ones_do_not() -> None:
    utility = pd.DataFrame({"age_band": ["65+"], "sex": "male", "quintile": 1, "utility": 0.7})
    stocks = panel().rename(columns={"deaths": "conditions"}).assign(people=100)
    stocks["conditions"] = np.where(stocks["arm"] == "team", 150, 200)  # half a condition fewer for each
    with_stocks = qalys(panel(), Quality(utility, per_condition=-0.06), 0.0, "usual_care", stocks)
    without = qalys(panel(), Quality(utility), 0.0, "usual_care")
    gain = (with_stocks["qalys"] - without["qalys"]).to_numpy()
    arms = with_stocks["arm"].to_numpy()
    assert gain[arms == "usual_care"] == pytest.approx([0, 0])
    assert gain[arms == "team"] == pytest.approx([0.06 * 0.5 * 100, 0.06 * 0.5 * 100])
