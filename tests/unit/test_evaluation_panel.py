"""A panel is refused with the place of the fault, and summed over residents' time."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.outcomes import SECONDS_PER_YEAR, chosen, outcome
from evaluation.panel import check_panel, rates, read_panel
from scenarios.errors import InputError
from tests.unit.evaluation_synthetic import synthetic_panel


@pytest.fixture
def panel() -> pd.DataFrame:
    return synthetic_panel(replications=1, months=range(0, 1))


def refused(frame: pd.DataFrame) -> str:
    with pytest.raises(InputError) as caught:
        check_panel(frame, "panel.parquet")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_column_names_the_nearest(panel: pd.DataFrame) -> None:
    said = refused(panel.rename(columns={"ed_attendances": "ed_attendence"}))
    assert "panel.parquet" in said
    assert "'ed_attendances' is missing; did you mean 'ed_attendence'?" in said


@pytest.mark.parametrize("quintile", [0, 6])
def test_quintile_outside_one_to_five(panel: pd.DataFrame, quintile: int) -> None:
    panel.loc[3, "quintile"] = quintile
    assert f"row 3: column 'quintile' is {quintile}; allowed: 1 to 5, 1 = most deprived" in refused(panel)


def test_negative_count(panel: pd.DataFrame) -> None:
    panel.loc[5, "bed_seconds"] = -1
    assert "row 5: column 'bed_seconds' is -1; allowed: 0 or more" in refused(panel)


def test_fraction_is_not_a_count(panel: pd.DataFrame) -> None:
    panel["deaths"] = panel["deaths"].astype(float)
    panel.loc[2, "deaths"] = 0.5
    assert "row 2: column 'deaths' is 0.5; allowed: a whole number" in refused(panel)


def test_text_is_not_a_count(panel: pd.DataFrame) -> None:
    panel["deaths"] = panel["deaths"].astype(object)
    panel.loc[1, "deaths"] = "many"
    assert "row 1: column 'deaths' is many; allowed: a whole number" in refused(panel)


def test_empty_value_and_repeated_row(panel: pd.DataFrame) -> None:
    assert "row 0 repeats" not in refused(pd.concat([panel, panel.iloc[[4]]], ignore_index=True))
    assert "repeats the keys" in refused(pd.concat([panel, panel.iloc[[4]]], ignore_index=True))
    panel.loc[7, "sex"] = None
    assert "row 7: column 'sex' is empty" in refused(panel)


def test_no_rows_and_no_file(panel: pd.DataFrame, tmp_path) -> None:
    assert "has no rows" in refused(panel.iloc[:0])
    with pytest.raises(InputError, match="no such file"):
        read_panel(tmp_path / "panel.parquet")
    (tmp_path / "panel.parquet").write_text("not parquet")
    with pytest.raises(InputError, match="not a Parquet file"):
        read_panel(tmp_path / "panel.parquet")


def test_a_panel_survives_being_written(panel: pd.DataFrame, tmp_path) -> None:
    panel.to_parquet(tmp_path / "panel.parquet", index=False)
    again = read_panel(tmp_path / "panel.parquet")
    assert again["ed_attendances"].sum() == panel["ed_attendances"].sum()


def test_rate_is_per_thousand_person_years() -> None:
    frame = pd.DataFrame(
        {"arm": ["a", "a"], "person_seconds": [SECONDS_PER_YEAR * 40, SECONDS_PER_YEAR * 10], "ed_attendances": [9, 1]}
    )
    table = rates(frame, ["arm"], chosen(["ed_attendances"]))
    assert table["value"].tolist() == pytest.approx([10 / 50 * 1000])  # 10 attendances in 50 person-years


def test_bed_days_are_seconds_over_a_day() -> None:
    frame = pd.DataFrame({"arm": ["a"], "person_seconds": [SECONDS_PER_YEAR * 1000], "bed_seconds": [86_400 * 30]})
    assert rates(frame, ["arm"], chosen(["bed_days"]))["value"].tolist() == pytest.approx([30.0])


def test_deaths_in_hospital_are_of_a_hundred_deaths_and_undefined_without_any() -> None:
    frame = pd.DataFrame({"arm": ["a", "b"], "hospital_deaths": [43, 0], "deaths": [100, 0]})
    table = rates(frame, ["arm"], chosen(["deaths_in_hospital"]))
    assert table["value"].tolist() == pytest.approx([43.0, float("nan")], nan_ok=True)
    assert table["reason"].tolist() == ["", "no deaths"]


def test_nobody_there_has_no_rate_and_says_why() -> None:
    frame = pd.DataFrame({"arm": ["a"], "person_seconds": [0], "ed_attendances": [0], "ed_wait_seconds": [0]})
    table = rates(frame, ["arm"], chosen(["ed_attendances", "ed_wait_hours"]))
    assert table["value"].isna().all()
    assert table["reason"].tolist() == ["no residents", "no ed_attendances"]


def test_unknown_outcome_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'bed_days'"):
        outcome("bed_day")
