"""The further tables of a run: staff by team, groups with small numbers hidden, deaths by year, months of persons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import codes
from sim.outcomes.frames import Collected
from sim.outcomes.person_months import PersonMonths, cohort, columns_of, used
from sim.outcomes.tables import (
    Staffed,
    composition_frame,
    mortality_frame,
    needs_frame,
    stocks_frame,
    workforce_frame,
)
from sim.place.columns import REACH, TEAM
from tests.unit.test_outcomes_frames import LABEL, NAMES, a_month, month_events
from tests.unit.test_outcomes_reducer import DAY, communities, people

PARAMS = {"score_ed": 1.0, "score_admission": 1.0, "score_frailty": 1.0, "score_condition": 1.0, "score_least": 2.0}


def test_staff_are_told_by_team_and_service_without_hospitals() -> None:
    teams = np.zeros(3, TEAM)
    teams["absence"] = (0.1, 0.2, 0.3)
    supply = np.zeros((codes.SERVICE_KINDS, 3))
    supply[codes.GP, 1] = 4.5
    frame = workforce_frame([a_month()], [Staffed(0, teams, supply)], NAMES, LABEL)
    columns = ["team", "service", "amount", "capacity_seconds", "busy_seconds", "absence"]
    assert frame[columns].values.tolist() == [["Kilburn", "gp", 4.5, 9000, 600, 0.2]]


def test_the_group_team_has_a_name_of_its_own() -> None:
    assert NAMES.site(codes.INT_CORE, 2) == "group"
    assert NAMES.site(codes.ASSESSMENT, 0) == "St Mary's"


def test_small_numbers_of_groups_are_hidden_and_the_table_says_what_it_is() -> None:
    frame = composition_frame([a_month()], LABEL)
    assert frame["basis"].tolist() == ["composition only"]
    assert frame["gp_contacts"].isna().tolist() == [True]  # one contact
    assert frame["ed_attendances"].tolist() == [0]
    assert (frame["ethnic_group"].tolist(), frame["plus"].tolist()) == (["asian"], ["none"])


def month_later(months: int) -> Collected:
    return replace(a_month(), month=months)


def test_deaths_are_summed_over_years_of_twelve_months() -> None:
    frame = mortality_frame([a_month(), month_later(11), month_later(12)], LABEL)
    assert frame["year"].tolist() == [0, 1]
    assert frame["months"].tolist() == [2, 1]
    assert frame["person_seconds"].tolist() == [2 * DAY, DAY]
    assert frame["age_band"].tolist() == ["70-74"] * 2


def test_needs_and_stocks_have_the_panels_keys() -> None:
    assert len(needs_frame([a_month()], NAMES, LABEL)) == 0  # nothing arose
    stocks = stocks_frame([a_month()], NAMES, LABEL)
    assert stocks[["neighbourhood", "quintile", "people"]].values.tolist() == [["Kilburn", 2, 1]]


@pytest.mark.parametrize(("choice", "members"), [("enrolled", [0]), ("eligible", [0, 1])])
def test_a_cohort_is_whom_care_reached_or_whom_it_could(choice: str, members: list[int]) -> None:
    persons, reach = people(), np.zeros(3, REACH)
    reach["outreach"][0] = 4
    assert np.flatnonzero(cohort(choice, persons, reach, PARAMS, 0)).tolist() == members  # 1 is eighty years old


def test_person_months_are_written_month_by_month_and_only_whole(tmp_path: Path) -> None:
    persons, reach, events = people(), np.zeros(3, REACH), month_events()
    chosen = np.array([0])
    who = columns_of(chosen, persons, communities(), reach, 0)
    with PersonMonths(tmp_path / "kept.parquet", NAMES, LABEL) as kept:
        for number in (0, 1):
            kept.write(number, who | used(events, chosen, len(persons)))
    frame = pd.read_parquet(tmp_path / "kept.parquet")
    assert frame["month"].tolist() == [0, 1]
    assert frame["gp_contacts"].tolist() == [1, 1]
    assert frame["neighbourhood"].tolist() == ["Pimlico"] * 2
    stopped = PersonMonths(tmp_path / "stopped.parquet", NAMES, LABEL)
    stopped.write(0, who | used(events, chosen, len(persons)))
    stopped.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.parquet"]
