"""Life tables: closed forms, the rules that suppress, limits that cover, and what adds up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.life_tables.arriaga import by_age, by_age_and_cause, by_age_both_ways, gap_change
from evaluation.life_tables.gap import expectancies, expectancy_gap, pooled
from evaluation.life_tables.health import healthy_life_expectancy, quality_adjusted_life_expectancy
from evaluation.life_tables.table import OHID_BANDS, chiang_table, closed_table
from scenarios.errors import InputError
from tests.unit.life_table_data import area, fifths, rates


def changed(at: int, **values: float) -> pd.DataFrame:
    """Return the usual area with one band changed."""
    table = area()
    for column, value in values.items():
        table.loc[table["start_age"] == at, column] = value
    return table


def test_a_constant_death_rate_gives_its_inverse_at_the_last_age() -> None:
    table = area()
    table["population"], table["deaths"] = 10_000.0, 200.0
    made = chiang_table(table)
    assert made.expectancy(90).estimate == pytest.approx(50.0)
    assert made.expectancy(0).estimate == pytest.approx(50.0, rel=0.01)
    assert made.rows["d"].sum() == pytest.approx(100_000)


def test_limits_cover_the_expectancy_of_the_true_rates() -> None:
    truth = chiang_table(area(people=1e9).assign(deaths=lambda t: rates() * t["population"])).expectancy().estimate
    random = np.random.Generator(np.random.Philox(key=31))
    mine, repeats = area(people=30_000), 400
    hits = 0
    for _ in range(repeats):
        found = chiang_table(mine.assign(deaths=random.poisson(rates() * mine["population"]))).expectancy()
        hits += found.lower <= truth <= found.upper
    assert hits / repeats == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / repeats))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (area(people=4_999), "person-years in all"),
        (area().head(19), "starts at 90 is missing"),
        (changed(40, population=0.0), "starts at 40 has a population of 0"),
        (changed(40, deaths=-1.0), "starts at 40 has deaths below 0"),
        (changed(40, deaths=1e6), "starts at 40 has more deaths than people"),
        (changed(90, deaths=0.0), "no deaths in the last band"),
        (pd.concat([area(), pd.DataFrame({"start_age": [95], "population": [9.0], "deaths": [1.0]})]), "starts at 95"),
    ],
)
def test_ohids_rules_leave_no_table_and_say_why(table: pd.DataFrame, says: str) -> None:
    found = chiang_table(table).expectancy()
    assert math.isnan(found.estimate)
    assert says in found.reason
    assert says in chiang_table(table).expectancies()["reason"].iloc[0]


def test_a_small_area_can_be_asked_for_and_a_wide_interval_hides_the_value() -> None:
    tiny = area(people=300.0)
    tiny["deaths"] = np.where(tiny["start_age"] >= 85, 1.0, 0.0)
    found = chiang_table(tiny, suppress=False)
    last = found.expectancy(90)
    assert math.isnan(last.estimate) == (last.upper - last.lower > 20)
    rare = changed(90, deaths=1.0, population=40.0)
    hidden = chiang_table(rare).expectancy(90)
    assert math.isnan(hidden.estimate)
    assert hidden.upper - hidden.lower > 20
    assert "wider than 20 years" in hidden.reason


def test_nobody_survives_a_band_with_too_many_deaths_by_rule_not_by_place() -> None:
    made = chiang_table(changed(60, deaths=area()["population"][13] * 0.9))  # half a death a year and more
    rows = made.rows.set_index("start_age")
    assert (rows.loc[60, "q"], rows.loc[65, "l"]) == (1.0, 0.0)
    assert rows.loc[55, "q"] < 1
    found = made.expectancy(65)
    assert found.estimate == 0
    assert "nobody reaches age 65" in found.reason


def test_bands_in_words_and_any_order_are_read() -> None:
    names = ["0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 90, 5)), "90+"]
    shuffled = area().assign(start_age=names).sample(frac=1, random_state=1)
    assert chiang_table(shuffled).expectancy().estimate == chiang_table(area()).expectancy().estimate


def test_bad_tables_are_refused() -> None:
    with pytest.raises(InputError, match="'deaths' is missing"):
        chiang_table(area().drop(columns="deaths"))
    with pytest.raises(InputError, match="is there twice"):
        chiang_table(pd.concat([area(), area().head(1)]))
    with pytest.raises(InputError, match="no age"):
        chiang_table(area().assign(start_age="old"))
    with pytest.raises(InputError, match="starts no band"):
        chiang_table(area()).expectancy(42)
    with pytest.raises(InputError, match="does not lead"):
        closed_table(pd.DataFrame({"start_age": [0, 5], "end_age": [3, 9], "mortality_rate": [0.1, 0.1]}))


def test_the_closed_band_by_hand() -> None:
    table = closed_table(pd.DataFrame({"start_age": [0, 10], "end_age": [9, 19], "mortality_rate": [0.02, 0.1]}))
    q = 10 * 0.02 / (1 + 0.5 * 10 * 0.02)
    assert table.expectancy(0).estimate == pytest.approx(10 * (1 - q + 0.5 * q) + 0.5 * 10 * (1 - q))
    assert table.expectancy(10).estimate == pytest.approx(5.0)
    assert "no interval" in table.expectancy(0).reason


def test_full_health_gives_life_expectancy_and_half_health_half() -> None:
    made = chiang_table(area())
    whole = quality_adjusted_life_expectancy(made, [1.0] * 20, [0.0] * 20, 30)
    assert whole.estimate == pytest.approx(made.expectancy(30).estimate)
    assert whole.se == pytest.approx(made.expectancy(30).se)
    half = healthy_life_expectancy(made, [0.5] * 20, [1e12] * 20)
    assert half.estimate == pytest.approx(made.expectancy(0).estimate / 2)
    assert half.se == pytest.approx(made.expectancy(0).se / 2, rel=1e-4)


def test_the_error_of_mortality_can_be_left_out() -> None:
    made, share, asked = chiang_table(area()), [0.7] * 20, [100.0] * 20
    alone = healthy_life_expectancy(made, share, asked, mortality_error=False)
    assert alone.se == pytest.approx(math.sqrt(0.0021 * (made.rows["L"] ** 2).sum()) / 100_000)
    assert alone.se < healthy_life_expectancy(made, share, asked).se


def test_healthy_life_expectancy_covers_survey_and_mortality_error() -> None:
    random = np.random.Generator(np.random.Philox(key=32))
    share, asked, mine = np.linspace(0.95, 0.3, 20), np.full(20, 40), area(people=20_000)
    truth = healthy_life_expectancy(chiang_table(mine.assign(deaths=rates() * mine["population"])), share).estimate
    hits, repeats = 0, 400
    for _ in range(repeats):
        made = chiang_table(mine.assign(deaths=random.poisson(rates() * mine["population"])))
        found = healthy_life_expectancy(made, random.binomial(asked, share) / asked, asked)
        hits += found.lower <= truth <= found.upper
    assert hits / repeats == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / repeats))


def test_health_refuses_shares_that_are_none_and_passes_reasons_on() -> None:
    made = chiang_table(area())
    with pytest.raises(InputError, match="0 to 1"):
        healthy_life_expectancy(made, [1.1] * 20)
    with pytest.raises(InputError, match="20"):
        quality_adjusted_life_expectancy(made, [0.9] * 19)
    assert "person-years" in healthy_life_expectancy(chiang_table(area(people=100)), [0.5] * 20).reason


def test_shares_by_age_and_cause_add_up_to_the_difference() -> None:
    most, least = area(1.5), area(0.8)
    one, other = chiang_table(most), chiang_table(least)
    difference = other.expectancy().estimate - one.expectancy().estimate
    assert by_age(one, other)["years"].sum() == pytest.approx(difference)
    both, back = by_age_both_ways(one, other), by_age_both_ways(other, one)
    assert both["years"].sum() == pytest.approx(difference)
    assert (both["years"] + back["years"]).abs().max() < 1e-12

    def by_cause(table: pd.DataFrame, heart: float) -> pd.DataFrame:
        parts = [
            table.assign(cause=name, deaths=table["deaths"] * s) for name, s in (("heart", heart), ("other", 1 - heart))
        ]
        return pd.concat(parts)

    found = by_age_and_cause(one, other, by_cause(most, 0.4), by_cause(least, 0.3))
    assert found["years"].sum() == pytest.approx(difference)
    assert found.groupby("start_age")["years"].sum().to_numpy() == pytest.approx(both["years"].to_numpy())
    with pytest.raises(InputError, match="over causes"):
        by_age_and_cause(one, other, by_cause(most, 0.4), by_cause(least, 0.3).query("cause == 'heart'"))
    change = gap_change(both, both.assign(years=both["years"] / 2))
    assert change["change"].sum() == pytest.approx(-difference / 2)


def test_a_band_with_equal_rates_of_other_causes_shares_out_no_rounding() -> None:
    generator = np.random.Generator(np.random.Philox(9))

    def by_cause(table: pd.DataFrame, first: float, second: float) -> pd.DataFrame:
        total = table["deaths"]
        heart, lungs = np.floor(total * first), np.floor(total * second)
        parts = {"heart": heart, "lungs": lungs, "other": total - heart - lungs}
        return pd.concat([table.assign(cause=name, deaths=count) for name, count in parts.items()])

    most = 0.0
    for _ in range(30):
        one, other = area(), area()
        for each, level in ((one, 1.0), (other, 0.8)):
            each["population"] = generator.integers(3_000, 9_000, len(each)).astype(float)
            each["deaths"] = np.maximum(np.round(rates(level) * each["population"]), 10.0)
        one.loc[8, "deaths"] = float(generator.integers(11, 30))
        other.loc[8, ["population", "deaths"]] = one.loc[8, ["population", "deaths"]]  # equal, of all causes together
        tables = [chiang_table(each) for each in (one, other)]
        found = by_age_and_cause(*tables, by_cause(one, 0.3, 0.2), by_cause(other, 0.5, 0.3))
        most = max(most, float(found.loc[found["start_age"] == one["start_age"][8], "years"].abs().max()))
    assert most == 0


def test_one_bands_mortality_explains_the_whole_of_its_own_difference() -> None:
    one = chiang_table(area())
    other = chiang_table(changed(60, deaths=area()["deaths"][13] / 2))
    shares = by_age(one, other).set_index("start_age")["years"]
    assert shares[60] == pytest.approx(other.expectancy().estimate - one.expectancy().estimate)
    assert shares.drop(60).abs().max() < 1e-10


def test_the_gap_is_a_slope_over_groups_with_simulated_limits() -> None:
    found = expectancy_gap(fifths(), "quantile", population="an invented place")
    assert found.slope.estimate > found.range.estimate > 0
    assert found.slope.lower < found.slope.estimate < found.slope.upper
    assert found.relative.estimate > 1
    small = expectancy_gap(fifths(30_000.0), "quantile").slope
    assert small.upper - small.lower > found.slope.upper - found.slope.lower
    assert found.groups["value"].is_monotonic_increasing


def test_a_gap_with_a_suppressed_group_or_two_sexes_is_not_one() -> None:
    table = fifths()
    table.loc[table["quantile"] == 2, "population"] /= 20
    table.loc[table["quantile"] == 2, "deaths"] = (table["deaths"] / 20).round().clip(lower=1)
    found = expectancy_gap(table, "quantile")
    assert math.isnan(found.slope.estimate)
    assert "quantile 2" in found.slope.reason
    with pytest.raises(InputError, match="one sex"):
        expectancy_gap(fifths().assign(sex=["female", "male"] * 50), "quantile")
    with pytest.raises(InputError, match="3 of 5 is missing"):
        expectancy_gap(fifths().query("quantile != 3"), "quantile")


def test_a_place_without_some_national_groups_can_number_those_there_are() -> None:
    found = expectancy_gap(fifths().query("quantile != 3"), "quantile", renumber=True)
    assert found.groups["quantile"].tolist() == [1, 2, 3, 4]
    assert any("1, 2, 4, 5" in note for note in found.slope.notes)
    whole = expectancy_gap(fifths(), "quantile", renumber=True)
    assert not any("numbered" in note for note in whole.slope.notes)


def test_deaths_of_a_results_folder_are_pooled_over_whole_years() -> None:
    year_s = 31_557_600
    rows = []
    for year, months in ((0, 12), (1, 12), (2, 12), (3, 12), (4, 6)):
        table = area().rename(columns={"start_age": "age_band"}).assign(year=year, months=months)
        rows.append(table.assign(person_seconds=table["population"] * year_s, decile=1, sex="male", arm="a"))
    mortality = pd.concat(rows).drop(columns="population")
    found = pooled(mortality)
    assert found["period"].unique().tolist() == [0]
    assert found["population"].sum() == pytest.approx(3 * 60_000)
    assert expectancies(found, ["arm", "sex"])["estimate"].iloc[0] == pytest.approx(
        chiang_table(area()).expectancy().estimate
    )
    with pytest.raises(InputError, match="6 whole years"):
        pooled(mortality, years=6)
    assert len(OHID_BANDS) == found["start_age"].nunique()
