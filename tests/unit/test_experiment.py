"""Experiments: what they refuse, what a draw changes, and which contacts they keep."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import scenarios
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.experiment import compare_arms, run_scenario, verify_engines
from sim.task import drawn_values

DRAWN = ("experiment.draws=2", "experiment.replications=2")
WORDS = ("place=toy", "experiment=quick", "experiment.horizon_months=2", "experiment.burn_in_months=0")


def scenario(*words: str) -> Scenario:
    """Return a short scenario of the toy place."""
    return compose([*WORDS, *words])


def quiet(*_: object) -> None:
    """Say nothing."""


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = run_scenario(scenario(), tmp_path / "run", quiet)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {
        "panel.parquet",
        "waits.parquet",
        "flows.parquet",
        "services.parquet",
        "manifest.json",
        "config.yaml",
    } <= set(before)
    with pytest.raises(InputError, match="already holds a run"):
        run_scenario(scenario("experiment.seed=2"), folder, quiet)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert not (folder / "tasks").exists()


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("place.neighbourhoods=[]", "at least one neighbourhood"),
        ("place.neighbourhoods=[N9]", "N1"),
        ("place.folder=/nowhere/at/all", "/nowhere/at/all"),
    ],
)
def test_a_place_without_residents_is_refused_and_leaves_no_results(tmp_path: Path, word: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        run_scenario(scenario(word), tmp_path / "run", quiet)
    assert not (tmp_path / "run" / "manifest.json").exists()
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_place_in_which_nobody_lives_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "empty"
    shutil.copytree(Path(scenarios.__file__).parent / "places" / "toy", own)
    communities = pd.read_csv(own / "communities.csv")
    ages = [name for name in communities if name.startswith("age_")]
    communities[["population", *ages]] = 0
    communities.to_csv(own / "communities.csv", index=False)
    with pytest.raises(InputError, match=r"communities\.csv"):
        run_scenario(scenario(f"place.folder={own}"), tmp_path / "run", quiet)
    assert not list(tmp_path.rglob("*.parquet"))


def test_draws_differ_in_parameters_and_in_results(tmp_path: Path) -> None:
    two = scenario(*DRAWN)
    first, second = drawn_values(two, 0), drawn_values(two, 1)
    assert first == drawn_values(two, 0)
    central = drawn_values(scenario(), 0)
    assert first.keys() == central.keys()
    moved = [name for name in central if first[name] != second[name]]
    assert len(moved) > len(central) // 3
    assert any(first[name] != central[name] for name in moved)
    panel = pd.read_parquet(run_scenario(two, tmp_path / "run", quiet) / "panel.parquet")
    needs = panel.groupby("draw")[["needs", "gp_contacts", "ed_attendances"]].sum()
    assert list(needs.index) == [0, 1]
    assert (needs.loc[0] != needs.loc[1]).any()


def test_a_draw_depends_on_the_seed_of_the_experiment_and_a_single_draw_is_central() -> None:
    assert drawn_values(scenario(*DRAWN), 0) != drawn_values(scenario(*DRAWN, "experiment.seed=2"), 0)
    assert drawn_values(scenario("experiment.seed=2"), 0) == drawn_values(scenario(), 0)


class Logs:
    """The log written for each choice, None where there is no file."""

    def __init__(self, folder: Path) -> None:
        self.of: dict[str, pd.DataFrame | None] = {}
        for choice in ("none", "persons_1pct", "months", "all"):
            words = (f"experiment.log={choice}", "experiment.horizon_months=13")
            run = run_scenario(scenario(*words), folder / choice, quiet)
            file = run / "log.parquet"
            self.of[choice] = pd.read_parquet(file) if file.exists() else None
        self.panel = pd.read_parquet(folder / "all" / "panel.parquet")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Logs:
    """Return the logs of one run with each choice."""
    return Logs(tmp_path_factory.mktemp("logs"))


def test_no_log_is_written_unless_asked_for(logs: Logs) -> None:
    assert logs.of["none"] is None


def test_the_whole_log_holds_what_the_panel_counts(logs: Logs) -> None:
    log = logs.of["all"]
    assert log is not None
    assert set(log["month"]) == set(range(13))
    residents = log[log["need_type"].str.startswith("background") == False]  # noqa: E712
    attended = residents[(residents["service"] == "ed") & (residents["how"] != "missed")]
    assert len(attended) == logs.panel["ed_attendances"].sum()
    seen = residents[(residents["service"] == "gp") & (residents["how"] == "served")]
    assert len(seen) == logs.panel["gp_contacts"].sum()
    started = log[log["started_s"] >= 0]
    assert (started["started_s"] >= started["joined_s"]).all()


def test_one_person_in_a_hundred_is_followed_whole(logs: Logs) -> None:
    log, everyone = logs.of["persons_1pct"], logs.of["all"]
    assert log is not None
    assert everyone is not None
    residents = everyone[~everyone["need_type"].str.startswith("background")]
    chosen = residents[residents["person_key"].to_numpy(np.uint64) % np.uint64(100) == 0]
    assert 0 < len(log) < 0.05 * len(residents)
    pd.testing.assert_frame_equal(log.reset_index(drop=True), chosen.reset_index(drop=True), check_exact=True)


def test_one_month_a_year_is_kept_whole(logs: Logs) -> None:
    log, everyone = logs.of["months"], logs.of["all"]
    assert log is not None
    assert everyone is not None
    assert set(log["month"]) == {11}
    twelfth = everyone[everyone["month"] == 11].reset_index(drop=True)
    pd.testing.assert_frame_equal(log.reset_index(drop=True), twelfth, check_exact=True)


def test_engines_are_compared_with_the_levers_of_the_design_at_work() -> None:
    result = verify_engines(scenario("int=outreach"))
    assert result.equal
    assert result.first_difference is None
    assert result.contacts > 1_000


def test_month_zero_is_when_the_last_design_goes_live(tmp_path: Path) -> None:
    made = scenario("int=frailty", "int.transition.go_live_month=2", "experiment.horizon_months=2")
    folder = compare_arms(scenario("experiment.horizon_months=2"), made, tmp_path / "run", quiet)
    panel = pd.read_parquet(folder / "panel.parquet")
    assert sorted(panel["month"].unique()) == [-2, -1, 0, 1]
    before = panel[panel["month"] < 0].drop(columns="arm")
    usual, frail = (before[(panel["arm"] == arm).loc[before.index]] for arm in ("usual_care", "frailty"))
    assert usual.reset_index(drop=True).equals(frail.reset_index(drop=True))


def test_every_comparison_burns_in_under_usual_care(tmp_path: Path) -> None:
    words = ("experiment.horizon_months=2", "experiment.replications=1")
    arms = [scenario(f"int={name}", *words) for name in ("usual_care", "consistent_core", "frailty")]
    against_usual = compare_arms(arms[0], arms[2], tmp_path / "usual", quiet)
    against_core = compare_arms(arms[1], arms[2], tmp_path / "core", quiet)
    frail = [
        pd.read_parquet(folder / "panel.parquet").query("arm == 'frailty'") for folder in (against_usual, against_core)
    ]
    assert frail[0].reset_index(drop=True).equals(frail[1].reset_index(drop=True))
