"""Spreadsheets to compare with: their sums, their tables, and scores worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.comparison.applied import expected, overlap, ratio_of_groups, same_month_known, share_of_year, weighted
from calibration.comparison.skill import ALL, against, skill_table
from calibration.comparison.spreadsheets import BEFORE, NATIONAL, Said, built_in, read_said, write_said
from calibration.fit.results import Results
from calibration.page.words import skill
from calibration.targets.columns import HELD_OUT
from calibration.targets.reader import built_in as built_in_targets
from calibration.targets.reader import read_targets
from calibration.targets.target import Target, TargetSet
from scenarios.errors import InputError


def test_rates_applied_to_people() -> None:
    rates = pd.DataFrame({"age": ["0-64", "65+"] * 2, "imd": [1, 1, 5, 5], "rate": [0.1, 0.4, 0.05, 0.3]})
    people = pd.DataFrame({"age": ["0-64", "65+", "65+"], "imd": [1, 1, 5], "people": [1000, 100, 200]})
    assert expected(rates, people, ["age", "imd"]) == pytest.approx(1000 * 0.1 + 100 * 0.4 + 200 * 0.3)
    values = rates.rename(columns={"rate": "value"})
    assert weighted(values, people, ["age", "imd"]) == pytest.approx(200 / 1300)
    with pytest.raises(InputError, match="have no row for age 65\\+, imd 3"):
        expected(rates, pd.DataFrame({"age": ["65+"], "imd": [3], "people": [1]}), ["age", "imd"])
    with pytest.raises(InputError, match="there are none"):
        weighted(values, people.assign(people=0), ["age", "imd"])


def test_a_year_over_its_months() -> None:
    profile = {f"2023-{at:02d}": 100.0 for at in range(4, 13)} | {f"2024-{at:02d}": 100.0 for at in range(1, 4)}
    profile["2023-08"] = 50.0
    assert share_of_year(profile, "2024-08") == pytest.approx(50 / 1150)
    assert sum(share_of_year(profile, f"2025-{at:02d}") for at in range(1, 13)) == pytest.approx(1)
    with pytest.raises(InputError, match="must be twelve months"):
        share_of_year({"2023-04": 1.0}, "2024-04")


def test_only_what_was_known_is_last_years_figure() -> None:
    series = {"2022-05": 1.0, "2023-05": 2.0, "2024-05": 3.0}
    assert same_month_known(series, "2025-05", "2024-03") == ("2023-05", 2.0)
    assert same_month_known(series, "2025-05", "2024-12") == ("2024-05", 3.0)
    assert same_month_known(series, "2022-05", "2024-03") is None


def test_ratios_of_groups_share_bands_out_by_year_of_age() -> None:
    assert overlap((35, 39), (20, 37)) == pytest.approx(0.6)
    assert overlap((35, 39), (50, 60)) == 0
    rows = [(0, 9, "Q1", 20, 100), (10, 19, "Q1", 30, 100), (0, 9, "Q5", 10, 100), (10, 19, "Q5", 40, 100)]
    counts = pd.DataFrame(rows, columns=["first_age", "last_age", "imd", "numerator", "denominator"])
    assert ratio_of_groups(counts, (0, 9), "Q1", "Q5") == pytest.approx(2.0)
    half = (20 + 15) / (10 + 20)  # all of the first band and half of the second
    assert ratio_of_groups(counts, (0, 14), "Q1", "Q5") == pytest.approx(half)


def target(name: str, value: float, role: str = HELD_OUT, factor: float = 1.0, group: str = "months") -> Target:
    return Target(
        target=name, output="ed_attendance_rate", unit="per 1,000 per year", value=value, period="2024-04", role=role,
        lower_95=0.9 * value, upper_95=1.1 * value, group=group, bridge_factor=factor, where=name,
    )  # fmt: skip


def test_scores_against_spreadsheets_by_hand() -> None:
    targets = TargetSet((target("a", 100.0), target("b", 200.0, factor=1.5), target("c", 50.0, role="fitted")))
    predicted = pd.DataFrame({"target": ["a", "b", "c"], "crps": [2.0, 6.0, 1.0]})
    said = [
        Said("a", NATIONAL, 110.0, ""), Said("b", NATIONAL, 190.0, ""), Said("a", BEFORE, 101.0, ""),
        Said("c", NATIONAL, 70.0, ""), Said("elsewhere", NATIONAL, 1.0, ""),
    ]  # fmt: skip
    rows = against(predicted, targets, said)
    assert rows["target"].tolist() == ["a", "b", "a"]  # what is fitted is not compared
    assert rows["crps"].tolist() == pytest.approx([10.0, 15.0, 1.0])  # b is bridged by 1.5 on both sides
    table = skill_table(rows).set_index(["group", "predictor"])
    both = table.loc[(ALL, NATIONAL)]
    assert both["targets"] == 2
    assert both["model_score"] == pytest.approx((2 / 100 + 6 / 300) / 2)
    assert both["score"] == pytest.approx((10 / 100 + 15 / 300) / 2)
    # a normal about 101 with sd 5.1 is worse at 100 than 101 itself, so the figure alone is what the model must beat
    before = table.loc[(ALL, BEFORE)]
    assert before["score"] < before["score_with_error"]
    assert before["skill"] == pytest.approx(1 - (2 / 100) / (1 / 100))
    # and a figure far off is helped by its error
    assert rows["crps_with_error"].iloc[0] < rows["crps"].iloc[0]
    assert skill_table(against(predicted, targets, [])).empty


def test_the_page_sets_the_model_against_the_spreadsheet_at_its_best() -> None:
    scores = {"model_score": 0.026, "score": 0.031, "score_with_error": 0.023}
    row = {"group": ALL, "predictor": NATIONAL, "targets": 9, **scores}
    told = skill(Results({"skill": pd.DataFrame([row | {"skill": -0.14}])}, {}))
    assert told[0].held is False
    assert told[0].text.endswith("national rates 2.3% (given the error of observing)")
    plain = skill(Results({"skill": pd.DataFrame([row | {"score": 0.02, "skill": -0.3}])}, {}))
    assert plain[0].text.endswith("national rates 2%")


def test_the_error_of_observing_makes_a_spreadsheets_interval() -> None:
    rows = against(
        pd.DataFrame({"target": ["a"], "crps": [2.0]}),
        TargetSet((target("a", 100.0),)),
        [Said("a", NATIONAL, 100.0, "")],
    )
    sd = 0.2 * 100 / (2 * 1.959964)
    assert rows["crps_with_error"].iloc[0] == pytest.approx(
        sd * (2 / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi)), rel=0.05
    )


def test_tables_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "said.csv"
    write_said([Said("a", NATIONAL, 1.5, "rates, applied", "a source", "derived")], path)
    assert read_said(path) == [Said("a", NATIONAL, 1.5, "rates, applied", "a source", "derived")]
    lines = path.read_text().splitlines()
    cases = {
        "'national_rate': did you mean 'national_rates'": lines[1].replace("national_rates", "national_rate"),
        "column value: must be a number": lines[1].replace("1.5", "x"),
        "a has national_rates twice": f"{lines[1]}\n{lines[1]}",
    }
    for words, text in cases.items():
        path.write_text(f"{lines[0]}\n{text}\n", encoding="utf-8")
        with pytest.raises(InputError) as problem:
            read_said(path)
        assert words in str(problem.value)
    path.write_text("target,value\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'predictor' is missing"):
        read_said(path)


def test_our_spreadsheets_speak_of_what_is_held_out_and_of_every_place_and_month() -> None:
    for name in built_in_targets():
        path = built_in(name)
        assert path is not None
        targets, said = read_targets(name), read_said(path)
        held = {each.target: each for each in targets if each.role == HELD_OUT}
        assert {one.target for one in said} <= set(held)
        months = {each.target for each in held.values() if each.months.months == 1}
        named = months | {each.target for each in held.values() if each.area_code != "E92000001"}
        assert named <= {one.target for one in said if one.predictor == NATIONAL}, name
        assert months <= {one.target for one in said if one.predictor == BEFORE}, name
        assert all(one.source and one.how for one in said)
        far = [one for one in said if not 0.5 < one.value / held[one.target].value < 2]
        assert not far, far
