"""The model as a simulator: every target of ours has an output, and what is watched adds up to the run's own tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from calibration.matching.simulated import unmatched
from calibration.matching.tables import RunTables
from calibration.simulators.model import Model, model_of
from calibration.simulators.people import STAY, local_tenths, merged
from calibration.targets.reader import read_targets
from scenarios.compose import compose
from scenarios.errors import InputError
from sim.calendar import DAY_S

SETTINGS = ["place=toy", "experiment.burn_in_months=12", "experiment.horizon_months=12", "structure.dying=true"]


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(compose(SETTINGS), read_targets("england_average"))


@pytest.fixture(scope="module")
def run(model: Model) -> RunTables:
    return model.tables({}, 3)


@pytest.mark.slow
def test_every_target_of_england_has_an_output(model: Model, run: RunTables) -> None:
    assert [str(problem) for problem in unmatched(model.targets, run)] == []


@pytest.mark.slow
def test_what_is_watched_is_what_the_run_counted(run: RunTables) -> None:
    panel, by_age, counts = run.tables["panel"], run.tables["by_age"], run.tables["counts"]
    months = panel.groupby("month_start")
    for column in set(by_age.columns) & set(panel.columns) - {"month_start", "quintile", "sex"}:
        assert by_age.groupby("month_start")[column].sum().to_dict() == months[column].sum().to_dict(), column
    deaths = run.tables["local_mortality"]["deaths"].sum()
    assert deaths == panel["deaths"].sum() == run.tables["mortality"]["deaths"].sum()
    named = counts.groupby("name")["value"].sum()
    groups = ["ed_attenders_once", "ed_attenders_twice", "ed_attenders_3_to_5", "ed_attenders_6_or_more"]
    assert named[groups].sum() == named["ed_attenders"] <= panel["ed_attendances"].sum()
    assert named["residents"] == pytest.approx(panel["person_seconds"].sum() / (365.25 * DAY_S), rel=0.01)
    assert 0 < named["readmissions_30_days"] < named["discharges"] <= panel["emergency_admissions"].sum()
    assert named["older_admissions_of_often"] <= named["older_admissions"]
    assert named["deaths_followed"] == panel["deaths"].sum() >= panel["hospital_deaths"].sum() > 0
    often = named["died_admitted_often_last_year"]
    assert named.get("died_admitted_often_last_90_days", 0) <= often < named["deaths_followed"]
    assert 0 < named["days_in_last_year"] < 366 * named["deaths_followed"]
    hospitals = run.tables["hospital_months"]
    assert hospitals["emergency_admissions_of_residents"].sum() == panel["emergency_admissions"].sum()
    assert (hospitals["emergency_admissions"] >= hospitals["emergency_admissions_of_residents"]).all()


@pytest.mark.slow
def test_a_run_depends_on_parameters_and_seed_alone(model: Model, run: RunTables) -> None:
    again = model.tables({}, 3).tables["by_age"]
    pd.testing.assert_frame_equal(again, run.tables["by_age"])
    assert model.tables({}, 4).tables["by_age"]["ed_attendances"].sum() != again["ed_attendances"].sum()
    with pytest.raises(InputError, match="no such parameter 'find_shar': did you mean 'find_share'"):
        model.run({"find_shar": 0.3}, 1)


def test_settings_and_targets_decide_the_identity(model: Model) -> None:
    other = model_of(compose([*SETTINGS, "place.basis=3000"]), read_targets("england_average"))
    fewer = model_of(compose(SETTINGS), read_targets("england_average").fitted)
    again = model_of(compose(SETTINGS), read_targets("england_average"))
    assert len({model.identity, other.identity, fewer.identity}) == 3
    assert model.identity == again.identity
    with pytest.raises(InputError, match="a fit needs at least 12"):
        model_of(compose(["place=toy", "experiment.burn_in_months=2"]), read_targets("england_average"))


def test_stays_that_follow_each_other_are_one_spell() -> None:
    stays = np.zeros(4, STAY)
    stays["person"] = [1, 1, 1, 2]
    stays["need"] = [10, 10, 11, 20]
    stays["joined"] = [0, 90, 500, 0]
    stays["started"] = [5, 100, 510, 7]
    stays["left"] = [95, 300, 900, 50]
    stays["died"] = [0, 1, 0, 0]
    found = merged(stays[[2, 0, 3, 1]])
    assert found["started"].tolist() == [5, 510, 7]
    assert found["left"].tolist() == [300, 900, 50]
    assert found["died"].tolist() == [1, 0, 0]


def test_local_tenths_are_equal_in_residents() -> None:
    table = pd.DataFrame({"rank": [5, 1, 9, 3, 7, 2, 8, 4, 6, 10] * 2, "population": [1000] * 20})
    area = np.array([0] * 10 + [1] * 10)
    found = local_tenths(table, area, "rank")
    assert found.tolist() == [4, 0, 8, 2, 6, 1, 7, 3, 5, 9] * 2
