"""A set of targets that cannot be used, or cannot hold together, is refused: one line for each reason."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calibration.targets.checks import problems_of
from calibration.targets.coherence import incoherent
from calibration.targets.columns import COLUMNS
from calibration.targets.period import run_period
from calibration.targets.reader import built_in, read_targets
from calibration.targets.target import Target, TargetSet
from intsim.apps.targets import main
from tests.calibration_targets import kept, made, together

RUN = run_period("2024-04-01", 12)
ED = ("ed", "ed_attendance_rate", 467.6)


def lines(*targets: Target) -> list[str]:
    return [str(problem) for problem in problems_of(together(*targets), RUN)]


def only(*targets: Target) -> str:
    """Return the one problem of these targets."""
    found = lines(*targets)
    assert len(found) == 1, found
    assert "\n" not in found[0]
    return found[0]


def test_ours_can_be_used_and_hold_together() -> None:
    runs = {"bi_borough_forward": run_period("2023-04-01", 28)}
    for name in built_in():
        targets = read_targets(name)
        assert [str(problem) for problem in problems_of(targets, runs.get(name, RUN))] == []
        assert [str(problem) for problem in incoherent(targets)] == []


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"output": "ed_attendence_rate"}, "no output of the model is called 'ed_attendence_rate': did you mean"),
        (
            {"unit": "per 100,000 per year"},
            "is 'per 100,000 per year', but ed_attendance_rate is in 'per 1,000 per year'",
        ),
        ({"lower_95": 470.0, "upper_95": 480.0}, "the interval 470 to 480 excludes its value 467.6"),
        ({"upper_95": math.nan, "likelihood": "poisson", "count": 4676.0, "denominator": 10000.0}, "give both limits"),
        ({"lower_95": 467.6, "upper_95": 467.6}, "the interval has no width"),
        ({"limits": ""}, "say whether limits are published"),
        ({"lower_95": math.nan, "upper_95": math.nan, "limits": ""}, "normal needs 95% limits"),
        ({"period": "2019/20"}, "2019/20 lies outside the run (2024-04 to 2025-03)"),
        ({"period": "2023-05"}, "2023-05 lies outside the run"),
        ({"bridge_factor": 1.1}, "say why the value is bridged"),
        ({"bridge_why": "older"}, "a bridged value is less certain"),
        ({"weight": -1.0}, "must be 0 or more (found -1)"),
        ({"weight": 0.0}, "all weights are zero"),
        ({"age": "over 65"}, "'over 65' is no band of ages"),
        ({"category": "1"}, "category and category_type go together"),
        ({"category_type": "imd_quintile", "category": "6"}, "must be 1 to 5 for imd_quintile (found '6')"),
        ({"likelihood": "binomial", "count": 5.0, "denominator": 10.0}, "binomial is for shares"),
        ({"likelihood": "gamma_poisson", "count": 4676.0, "denominator": 10000.0}, "needs a squared coefficient"),
        ({"likelihood": "poisson", "count": 4676.0}, "poisson needs what the count is out of"),
        ({"headline": True}, "a headline needs how far the model may lie"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(others: dict[str, Any], said: str) -> None:
    name, output, value = ED
    found = lines(replace(made(name, output, value), **others))
    assert sum(said in line for line in found) == 1, found


def test_a_share_is_within_0_and_1_and_a_count_is_the_value() -> None:
    assert "a share must lie within 0 and 1" in lines(made("a", "bed_occupancy", 94.6))[0]
    shares = {"likelihood": "binomial", "count": 33.0, "denominator": 100.0}
    assert lines(made("zero", "zero_day_share", 0.33, **shares)) == []
    wrong = shares | {"count": 66.0}
    assert "is 0.33, but count over denominator is 0.66" in only(made("zero", "zero_day_share", 0.33, **wrong))
    assert "more than all" in only(made("zero", "zero_day_share", 0.33, **(shares | {"denominator": 20.0})))


def test_a_part_of_a_multinomial_is_not_bridged_by_a_factor() -> None:
    part: dict[str, Any] = {
        "likelihood": "multinomial", "group": "often", "count": 70.0, "category_type": "part", "category": "1",
        "bridge_why": "older", "bridge_error": 0.05,
    }  # fmt: skip
    once = made("once", "ed_attender_frequency", 0.7, **part)
    assert lines(once) == []
    assert "bridge_factor: must be 1 for multinomial" in only(replace(once, bridge_factor=1.5))


def test_rows_that_are_there_twice_are_refused() -> None:
    assert "the name is already in ed" in only(made(*ED), made("ed", "zero_day_share", 0.33))
    assert "duplicate row: ed_attendance_rate, 2024/25 is already in ed" in only(made(*ED), made("more", *ED[1:]))
    assert lines(made(*ED), made("men", *ED[1:], sex="male")) == []


def test_activity_of_the_pandemic_informs_ratios_only() -> None:
    bridge: dict[str, Any] = {"period": "2020/21", "bridge_why": "older", "bridge_error": 0.1}
    assert "levels of activity then inform ratios only" in only(made(*ED, **bridge))
    ratio = made("ratio", "ed_attendance_ratio", 1.86, category_type="imd_quintile", category="1", **bridge)
    assert lines(ratio) == []
    assert lines(made("life", "life_expectancy", 80.0, **bridge)) == []  # no activity


def test_a_gradient_nobody_has_observed_cannot_be_fitted() -> None:
    group = {"category_type": "imd_quintile", "category": "1"}
    assert "it is a prediction and cannot be fitted" in only(made("beds", "emergency_bed_day_rate", 500.0, **group))
    assert lines(made("beds", "emergency_bed_day_rate", 500.0, role="held_out", **group)) == []
    assert lines(made("ed", "ed_attendance_rate", 600.0, **group)) == []


def identity(*targets: Target) -> list[str]:
    return [str(problem) for problem in incoherent(together(*targets))]


def test_admissions_times_stay_must_be_the_bed_days() -> None:
    admissions = made("admissions", "emergency_admission_rate", 112.1, lower_95=108, upper_95=116)
    zero = made("zero", "zero_day_share", 0.33, lower_95=0.31, upper_95=0.36)
    beds = made("beds", "emergency_bed_day_rate", 491.0, lower_95=447, upper_95=525)
    published = made("stay", "overnight_stay_days", 9.1, lower_95=8.8, upper_95=9.4)
    found = identity(admissions, zero, beds, published)
    assert len(found) == 1
    assert "112.1 admissions x 0.67 overnight x 9.1 days = 683.5 bed days per 1,000" in found[0]
    assert "choose one source and year for bed days" in found[0]
    assert identity(admissions, zero, beds, made("stay", "overnight_stay_days", 6.6)) == []


def test_the_published_mean_stay_cannot_join_our_targets() -> None:
    ours = read_targets("england_average")
    stay = made("stay", "overnight_stay_days", 9.1, lower_95=7.9, upper_95=9.5)
    assert any("they cannot all hold" in str(each) for each in incoherent(TargetSet((*ours.targets, stay), "with")))


def test_parts_must_make_their_total() -> None:
    total = made("all", "ed_attendance_rate", 467.6)
    fifths = [
        made(f"q{number}", "ed_attendance_rate", value, category_type="imd_quintile", category=str(number))
        for number, value in enumerate((650, 520, 450, 410, 360), start=1)
    ]
    assert identity(total, *fifths) == []
    low = [
        made(each.target, each.output, each.value / 3, category_type="imd_quintile", category=each.category)
        for each in fifths
    ]
    assert "of everyone is 467.6, outside its parts by imd quintile" in identity(total, *low)[0]
    sexes = [made(sex, "ed_attendance_rate", value, sex=sex) for sex, value in (("male", 700), ("female", 690))]
    assert "outside its parts by sex" in identity(total, *sexes)[0]


def test_shares_of_one_whole_add_to_1() -> None:
    def part(number: int, value: float) -> Target:
        more = {"category_type": "part", "category": str(number), "lower_95": value - 0.01, "upper_95": value + 0.01}
        return made(f"p{number}", "ed_attender_frequency", value, **more)

    right = [part(number, value) for number, value in enumerate((0.735, 0.17, 0.083, 0.012), start=1)]
    assert identity(*right) == []
    assert "add to 1.1, not to 1" in identity(*right[:3], part(4, 0.112))[0]
    assert identity(*right[:2]) == []


def test_months_make_the_year_and_ends_make_the_gap() -> None:
    year = made("year", "ed_attendance_rate", 467.6, lower_95=465, upper_95=470)
    names = [f"2024-{month:02d}" for month in range(4, 13)] + [f"2025-{month:02d}" for month in range(1, 4)]
    months = [made(f"m{at}", "ed_attendance_rate", 467.0, period=name) for at, name in enumerate(names)]
    assert identity(year, *months) == []
    high = [made(f"m{at}", "ed_attendance_rate", 530.0, period=name) for at, name in enumerate(names)]
    assert "have a mean of 530, but year is 467.6" in identity(year, *high)[0]
    ends = [
        made(f"d{d}", "life_expectancy", v, category_type="imd_decile", category=d) for d, v in (("1", 74), ("10", 83))
    ]
    narrow = [
        made(
            e.target,
            e.output,
            e.value,
            category_type="imd_decile",
            category=e.category,
            lower_95=e.value - 0.1,
            upper_95=e.value + 0.1,
        )
        for e in ends
    ]
    gap = made("gap", "life_expectancy_gap", 4.0, lower_95=3.8, upper_95=4.2)
    assert "lie 9 years apart, but the gap is 4" in identity(gap, *narrow)[0]
    assert identity(made("gap", "life_expectancy_gap", 9.1), *narrow) == []


def test_the_command_prints_one_line_for_each_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept(tmp_path, made(*ED), made("more", *ED[1:]), made("a", "zero_day_share", 0.3, unit="%"))
    assert main(["check", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main(["check", "england_average"]) == 0
    assert "can be used and hold together" in capsys.readouterr().out
    assert main(["list", str(kept(tmp_path, made(*ED), name="good.csv"))]) == 0
    assert "470 (420 to 510)" in capsys.readouterr().out
    assert main(["outputs"]) == 0
    assert "ed_attendance_rate" in capsys.readouterr().out


def test_every_column_says_what_it_means() -> None:
    assert all(column.meaning for column in COLUMNS)
