"""The official scorecard: its names, its denominators, and what it suppresses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.scorecard import CASELOAD, COHORT, COUNTED, METRICS, scorecard, summary, text
from intsim.cli import main
from scenarios.errors import InputError

KEYS = {"arm": "a", "draw": 0, "replication": 0, "month_start": "2024-04", "neighbourhood": "North", "sex": "male"}


def run_folder(folder: Path, people: int = 2000, **counts: int) -> Path:
    """Return a folder with one month of one place: two rows (quintiles 1 and 2), counts in the first."""
    rows = [{**KEYS, "month": 0, "quintile": quintile, "age_band": "65-74"} for quintile in (1, 2)]
    panel = pd.DataFrame(rows).assign(**dict.fromkeys(COUNTED, 0))
    for name, count in counts.items():
        panel.loc[0, name] = count
    panel.to_parquet(folder / "panel.parquet")
    pd.DataFrame(rows).assign(**{COHORT: people // 2, CASELOAD: 10}).to_parquet(folder / "stocks.parquet")
    return folder


def value(table: pd.DataFrame, words: str) -> float:
    return float(table.loc[table["metric"].str.contains(words), "value"].iloc[0])


def test_names_are_those_of_the_official_template() -> None:
    codes = [metric.code for metric in METRICS]
    assert codes == ["O1"] * 3 + ["O2"] * 2 + ["O3"] + ["O4"] * 4 + ["O5"] * 2 + ["O6"] * 2 + ["P1"]
    assert METRICS[-2].name == "Number of Community Care Contacts attended per 1,000 patients in the cohort"


def test_a_rate_is_a_months_count_per_thousand_people(tmp_path: Path) -> None:
    table = scorecard(run_folder(tmp_path, ed_attendances=50, community_contacts=7, urgent_response_contacts=3))
    assert value(table, "type 1 department") == 25
    assert value(table, "Community Care") == 5
    assert value(table, "caseload") == 20
    assert len(table) == len(METRICS)


def test_counts_below_six_are_suppressed(tmp_path: Path) -> None:
    table = scorecard(run_folder(tmp_path, ed_attendances=5, zero_day_spells=6))
    assert table.loc[table["metric"].str.contains("type 1 department"), ["count", "value"]].isna().all(axis=None)
    assert value(table, "zero days") == 3
    assert "suppressed" in text(table)
    assert summary(table)["a"].isna().sum() == len(METRICS) - 2


def test_groups_have_their_own_people(tmp_path: Path) -> None:
    table = scorecard(run_folder(tmp_path, ed_attendances=50), by="quintile")
    mine = table[table["metric"].str.contains("type 1 department")].set_index("quintile")
    assert mine.loc[1, "value"] == 50
    assert mine.loc[2, "suppressed"]


def test_the_people_kept_are_a_cohort_of_their_own(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    (folder / "person_months").mkdir()
    one = {**KEYS, "month": 0, "quintile": 1, CASELOAD: 1, **dict.fromkeys(COUNTED, 0), "gp_contacts": 2}
    rows = pd.DataFrame([one] * 10).drop(columns="month_start")
    rows.to_parquet(folder / "person_months" / "task-arm0.parquet")
    table = scorecard(folder, cohort="kept")
    assert value(table, "general practice") == 2000
    assert value(table, "caseload") == 10


def test_a_folder_without_the_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"panel\.parquet: no such file"):
        scorecard(tmp_path)
    run_folder(tmp_path)
    with pytest.raises(InputError, match=r"person_months: no such files"):
        scorecard(tmp_path, cohort="kept")
    with pytest.raises(InputError, match="did you mean 'quintile'"):
        scorecard(tmp_path, by="quintle")


def test_the_command_prints_the_mean_month_and_writes_every_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run_folder(tmp_path, ed_attendances=50)
    assert main(["scorecard", str(folder), "--csv", str(tmp_path / "card.csv")]) == 0
    assert "O5  A&E attendances at a type 1 department" in capsys.readouterr().out
    assert len(pd.read_csv(tmp_path / "card.csv")) == len(METRICS)
    assert main(["scorecard", str(folder), "--csv", str(tmp_path / "card.csv")]) == 2
