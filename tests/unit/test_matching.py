"""A target is compared with the rows of a run it is about, and with nothing else."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from calibration.matching.catalogue import SECONDS_PER_YEAR, catalogue
from calibration.matching.simulated import match, matrix, pooled_sd, simulated, summary, unmatched
from calibration.matching.standards import england_rates
from calibration.matching.tables import RunTables
from calibration.matching.values import value_of
from scenarios.errors import InputError
from sim.outcomes.panel import OUTCOMES as PANEL
from sim.outcomes.panel import PANEL_AGE_NAMES
from tests.calibration_targets import made, together

YEARS = 100.0  # person-years in each cell of a month
BANDS = PANEL_AGE_NAMES
PARTS = {"ed_attenders_once": 70, "ed_attenders_twice": 20, "ed_attenders_3_to_5": 8, "ed_attenders_6_or_more": 2}


def panel(months: int = 12, **columns: Any) -> pd.DataFrame:
    """Return a panel with 100 person-years in every cell; a column is a number or a function of the cell."""
    rows = []
    for month in range(-2, months):
        start = pd.Period("2024-04", "M") + month
        for quintile in range(1, 6):
            for band in BANDS:
                for sex in ("female", "male"):
                    cell = {"month": month, "quintile": quintile, "age_band": band, "sex": sex}
                    here = {name: value(cell) if callable(value) else value for name, value in columns.items()}
                    rows.append({**cell, "month_start": str(start), "person_seconds": YEARS * SECONDS_PER_YEAR, **here})
    return pd.DataFrame(rows)


def months(count: int, first: str = "2024-04") -> list[str]:
    """Return the first days of so many months."""
    return [f"{pd.Period(first, 'M') + at}-01" for at in range(count)]


def run(**tables: pd.DataFrame) -> RunTables:
    return RunTables(tables, national=True)


def test_every_output_reads_columns_that_runs_have() -> None:
    ours = {"by_age", "counts", "hospital_months", "local_mortality"}
    for output in catalogue().values():
        for term in (*output.numerator, *output.denominator):
            if term.table == "panel":
                assert term.column in PANEL, (output.name, term)
            assert term.table in {"panel", "services", "mortality", *ours}


def test_a_rate_is_events_over_years_from_go_live_on() -> None:
    made_run = run(panel=panel(ed_attendances=lambda c: 40 if c["month"] >= 0 else 999, urgent_treatment_attendances=6))
    assert value_of(made("ed", "ed_attendance_rate", 460.0), made_run) == pytest.approx(460.0)
    assert value_of(made("type1", "ed_type1_rate", 400.0), made_run) == pytest.approx(400.0)


def test_ages_sexes_fifths_and_months_are_told_apart() -> None:
    def events(cell: dict[str, Any]) -> int:
        return 10 * cell["quintile"] + (5 if cell["sex"] == "male" else 0) + (100 if cell["age_band"] == "85+" else 0)

    made_run = run(panel=panel(emergency_admissions=lambda c: events(c) + (7 if c["month"] == 2 else 0)))
    rate = "emergency_admission_rate"
    old = made("old", rate, 1.0, age="85+", sex="male", category_type="imd_quintile", category="2")
    assert value_of(old, made_run) == pytest.approx(1000 * (125 + 7 / 12) / YEARS)
    june = made("june", rate, 1.0, period="2024-06", age="75+", category_type="imd_quintile", category="1")
    assert value_of(june, made_run) == pytest.approx(1000 * (10 + 2.5 + 50 + 7) / YEARS)
    ratio = made("ratio", "emergency_admission_ratio", 1.0, category_type="imd_quintile", category="1", age="0-39")
    assert value_of(ratio, made_run) == pytest.approx((12.5 + 7 / 12) / (52.5 + 7 / 12))
    share = made("share", "ed_attendance_share", 0.2, category_type="imd_quintile", category="1")
    flat = run(panel=panel(ed_attendances=lambda c: c["quintile"], urgent_treatment_attendances=0))
    assert value_of(share, flat) == pytest.approx(1 / 15)


def two_years() -> RunTables:
    """Return a run from April 2023 on in whose second year twice as much happens."""
    starts, twice = months(24, "2023-04"), [1] * 12 + [2] * 12
    trust = {"month_start": starts, "area": "RYJ", "ed_attendances": [100 * one for one in twice]}
    cells = {"month_start": starts, "area": "E", "quintile": 1, "sex": "male", "age": 30}
    by_age = pd.DataFrame({**cells, "person_seconds": SECONDS_PER_YEAR / 12 * 1000, "ambulance_attended": 0})
    by_age["ed_attendances"] = [30 * one for one in twice]
    counts = pd.DataFrame(
        [
            {"name": name, "age": 40, "quintile": 1, "value": value}
            for name, value in {
                "ed_attenders": 20, "residents": 100, "readmissions_30_days": 3, "discharges": 20, "frail": 5,
                "residents_now": 50,
            }.items()
        ]
    )  # fmt: skip
    panel_ = by_age.assign(month=range(24), urgent_treatment_attendances=0)
    both = {"panel": panel_, "by_age": by_age.assign(urgent_treatment_attendances=0), "counts": counts}
    return run(hospital_months=pd.DataFrame(trust), mortality=pd.DataFrame({"sex": ["male"]}), **both)


@pytest.mark.parametrize(("period", "times"), [("2023/24", 1), ("2024/25", 2)])
def test_a_year_is_compared_with_its_own_months_of_a_longer_run(period: str, times: int) -> None:
    total = made("a", "hospital_ed_attendances", 1.0, period=period, run_area="RYJ")
    assert value_of(total, two_years()) == 1200 * times
    rate = made("b", "ed_attendance_rate", 1.0, period=period)
    assert value_of(rate, two_years()) == pytest.approx(360.0 * times)
    month = made("c", "hospital_ed_attendances", 1.0, period=f"{period[:4]}-05", run_area="RYJ")
    assert value_of(month, two_years()) == 100 * times


BRIDGED: dict[str, Any] = {"bridge_factor": 1.02, "bridge_error": 0.02, "bridge_why": "older"}


@pytest.mark.parametrize(
    ("output", "others", "words"),
    [
        ("hospital_ed_attendances", BRIDGED, "a bridged total is of the whole run: 2024/25 is of 12 months, and run"),
        ("hospital_ed_attendances", {"period": "2025/26"}, "a total needs every month of 2025/26, and run has 0"),
        ("ed_type1_attender_share", {}, "is counted over the whole run: 2024/25 is of 12 months, and run of 24"),
        ("ed_type1_attender_share", BRIDGED, "is counted over the whole run"),
        ("readmission_share", {}, "is counted over the whole run"),
        ("life_expectancy", {}, "the table 'mortality' does not tell months apart"),
    ],
)
def test_what_hangs_on_the_length_of_a_run_is_refused_where_that_is_another(
    output: str, others: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        value_of(made("a", output, 1.0, **others), two_years())


def test_what_does_not_hang_on_the_length_of_a_run_is_told() -> None:
    assert value_of(made("a", "readmission_share", 0.1, **BRIDGED), two_years()) == pytest.approx(0.15)
    assert value_of(made("b", "frailty_share", 0.1), two_years()) == pytest.approx(0.1)
    assert value_of(made("c", "ed_attendance_rate", 1.0, **BRIDGED), two_years()) == pytest.approx(540.0)


def test_what_a_run_does_not_tell_is_an_error_of_one_line() -> None:
    made_run = run(panel=panel(emergency_admissions=1))
    rate = "emergency_admission_rate"
    local = RunTables(made_run.tables, national=False, where="mine")
    cases = [
        (made("a", rate, 1.0, age="45-59"), made_run, "'45-59' cuts the band 40-64"),
        (made("b", rate, 1.0, period="2025-06"), made_run, "the run has no month 2025-06"),
        (made("c", rate, 1.0, category_type="imd_decile", category="1"), made_run, "does not tell imd_decile apart"),
        (made("d", rate, 1.0, category_type="imd_quintile", category="1"), local, "fifths are local, not England's"),
        (made("e", rate, 1.0, run_area="Leeds"), made_run, "does not tell 'Leeds' apart"),
        (made("f", "ed_type1_attender_share", 0.2), made_run, "needs the table 'counts'"),
        (made("g", "bed_occupancy", 0.9), made_run, "needs the table 'hospital_months'"),
    ]
    for target, where, words in cases:
        with pytest.raises(InputError) as problem:
            value_of(target, where)
        assert words in str(problem.value)
        assert "no matching output" in str(problem.value)
        assert "\n" not in str(problem.value)
    targets = together(*(case[0] for case in cases if case[1] is made_run))
    assert len(unmatched(targets, made_run)) == len(targets)
    with pytest.raises(InputError) as problem:
        simulated(targets, [made_run])
    assert len(str(problem.value).splitlines()) == len(targets)


def test_single_years_of_age_are_used_where_there_are_any() -> None:
    by_age = pd.DataFrame(
        [
            {"month_start": "2024-04", "area": area, "quintile": q, "sex": s, "age": a,
             "person_seconds": SECONDS_PER_YEAR, "emergency_admissions": 2 if a >= 60 else 1}
            for area in ("Westminster", "Camden") for q in range(1, 6) for s in ("female", "male") for a in range(101)
        ]
    )  # fmt: skip
    made_run = run(panel=panel(emergency_admissions=0), by_age=by_age)
    target = made("a", "emergency_admission_rate", 1.0, age="50-69", run_area="Westminster")
    assert value_of(target, made_run) == pytest.approx(1500.0)
    local = made("b", "emergency_admission_rate", 1.0, category_type="local_quintile", category="1")
    with pytest.raises(InputError, match="are England's, not local"):
        value_of(local, made_run)


def test_a_standardised_ratio_is_100_at_englands_own_rates() -> None:
    for column, output in (
        ("emergency_admissions", "emergency_admission_standardised_ratio"),
        ("deaths", "mortality_standardised_ratio"),
    ):
        rates = england_rates(column).query("age <= 100")
        frame = rates.assign(quintile=1, area="W", person_seconds=50 * SECONDS_PER_YEAR)
        frame[column] = 0.7 * 50 * frame["rate"]
        found = value_of(made("a", output, 70.0, run_area="W"), run(by_age=frame.drop(columns="rate")))
        assert found == pytest.approx(70.0)


def test_englands_rates_are_those_of_the_registry() -> None:
    rates = england_rates("emergency_admissions")
    assert len(rates) == 242
    male = rates[(rates["sex"] == "male") & (rates["age"] == 0)]["rate"].iloc[0]
    assert 0.15 < male < 0.25  # between the fifths' 0.24331 and the least deprived's
    assert rates["rate"].between(0.01, 0.8).all()


def test_life_expectancy_and_its_gap() -> None:
    from sim.outcomes.composition import AGE_NAMES

    rows = []
    for decile in range(1, 11):
        for sex in ("female", "male"):
            for at, band in enumerate(AGE_NAMES):
                rate = 0.0005 * 1.38**at * (1 + 0.06 * (10 - decile)) * (1.2 if sex == "male" else 1.0)
                rows.append(
                    {
                        "decile": decile,
                        "sex": sex,
                        "age_band": band,
                        "person_seconds": 1e4 * SECONDS_PER_YEAR,
                        "deaths": 1e4 * rate,
                    }
                )
    made_run = run(mortality=pd.DataFrame(rows))
    least = value_of(
        made("l", "life_expectancy", 80.0, sex="male", category_type="imd_decile", category="10"), made_run
    )
    most = value_of(made("m", "life_expectancy", 80.0, sex="male", category_type="imd_decile", category="1"), made_run)
    gap = value_of(made("g", "life_expectancy_gap", 5.0, sex="male"), made_run)
    assert gap == pytest.approx(least - most)
    assert 2 < gap < 8
    assert value_of(made("a", "life_expectancy", 80.0, sex="female"), made_run) > most


def test_hospitals_and_parts_of_a_set() -> None:
    hospitals = pd.DataFrame(
        [
            {"month_start": start, "area": area, "bed_occupied_seconds": used, "bed_available_seconds": 100}
            for start in months(12)
            for area, used in (("AVG", 94), ("OTHER", 50))
        ]
    )
    counts = pd.DataFrame(
        [
            {"name": name, "age": 40, "quintile": 1, "value": value}
            for name, value in (PARTS.items())
        ]
    )  # fmt: skip
    made_run = run(hospital_months=hospitals, counts=counts)
    assert value_of(made("a", "bed_occupancy", 0.9, run_area="AVG"), made_run) == pytest.approx(0.94)
    assert value_of(made("a", "bed_occupancy", 0.9), made_run) == pytest.approx(0.72)
    part = made("b", "ed_attender_frequency", 0.2, category_type="part", category="2")
    assert value_of(part, made_run) == pytest.approx(0.2)


def test_monte_carlo_error_is_the_spread_of_replications() -> None:
    rng = np.random.Generator(np.random.Philox(key=5))
    runs = [
        RunTables(
            {"panel": panel(3, ed_attendances=int(rng.poisson(40)), urgent_treatment_attendances=0)}, True, draw, one
        )
        for draw in range(2)
        for one in range(4)
    ]
    targets = together(made("ed", "ed_attendance_rate", 460.0), made("t1", "ed_type1_rate", 460.0))
    values = simulated(targets, runs)
    found = summary(values).set_index("target").loc["ed"]
    wide = values[values["target"] == "ed"].pivot(index="draw", columns="replication", values="simulated")
    assert found["simulated"] == pytest.approx(wide.to_numpy().mean())
    assert found["mc_sd"] == pytest.approx(math.sqrt(wide.var(axis=1, ddof=1).mean()))
    assert found["mc_se"] == pytest.approx(found["mc_sd"] / math.sqrt(8))
    assert matrix(values, targets).shape == (2, 4, 2)
    assert math.isnan(pooled_sd([np.array([1.0])]))


def test_a_results_folder_is_matched_by_its_baseline(tmp_path: Path) -> None:
    frames = []
    for arm, events in (("usual_care", 40), ("other", 10)):
        for one in range(2):
            frame = panel(2, ed_attendances=events + one, urgent_treatment_attendances=0)
            frames.append(frame.assign(arm=arm, draw=0, replication=one))
    pd.concat(frames).to_parquet(tmp_path / "panel.parquet")
    manifest = {"baseline": "usual_care", "scenario": {"place": {"name": "england_average"}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = match(together(made("ed", "ed_attendance_rate", 400.0)), tmp_path).iloc[0]
    assert found["simulated"] == pytest.approx(405.0)
    assert found["mc_sd"] == pytest.approx(math.sqrt(50))
    assert (found["observed"], found["lower_95"], found["replications"]) == (400.0, 360.0, 2)
    with pytest.raises(InputError, match="has no arm 'third': it has other, usual_care"):
        match(together(made("ed", "ed_attendance_rate", 400.0)), tmp_path, "third")
    with pytest.raises(InputError, match="holds no finished run"):
        match(together(made("ed", "ed_attendance_rate", 400.0)), tmp_path / "none")
