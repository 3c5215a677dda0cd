"""A seed decides everything: not the process, its hash seed, the workers, or the order of arms and tasks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from scenarios.compose import compose
from scenarios.schema import Scenario
from sim.experiment import compare_arms, run_experiment, usual_care
from sim.task import Arm, Arms, Task, run_task
from sim.world import build_world
from tests.determinism.digest import digest

REPO = Path(__file__).resolve().parents[2]
TABLES = ("panel", "waits", "flows", "services", "exposure")
WORDS = ("place=toy", "experiment=quick", "experiment.horizon_months=3", "experiment.burn_in_months=1")
LABELS = ["arm", "draw", "replication"]


def scenario(*words: str) -> Scenario:
    """Return a short scenario of the toy place."""
    return compose([*WORDS, *words])


def quiet(*_: object) -> None:
    """Say nothing."""


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a run folder."""
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}


def assert_same_tables(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    """Fail unless every table is the same to the last digit."""
    for name in TABLES:
        assert_frame_equal(one[name], other[name], check_exact=True, obj=name)


def elsewhere(seed: int, months: int, **environment: str) -> str:
    """Return the hash made by a process of its own."""
    # a cache folder set by this process would be handed on, with code that does not check
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    said = subprocess.run(
        [sys.executable, "-m", "tests.determinism.digest", str(seed), str(months)],
        cwd=REPO, env=kept | environment, capture_output=True, text=True, check=False,
        timeout=500,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_the_same_seed_gives_the_same_run_in_any_process() -> None:
    here = digest(7, 4)
    assert digest(7, 4) == here
    assert [elsewhere(7, 4, PYTHONHASHSEED=hash_seed) for hash_seed in ("0", "1")] == [here, here]


@pytest.mark.slow
def test_no_index_is_out_of_bounds() -> None:
    assert elsewhere(9, 6, NUMBA_BOUNDSCHECK="1") == digest(9, 6)


def test_another_seed_gives_another_run() -> None:
    assert digest(7, 2) != digest(8, 2)


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    found = []
    for workers in (1, 2):
        words = ("experiment.replications=3", f"experiment.workers={workers}")
        base, other = scenario(*words), scenario(*words, "int=frailty")
        found.append(tables(compare_arms(base, other, tmp_path / f"workers-{workers}", quiet)))
    assert_same_tables(*found)
    assert found[0]["panel"].groupby(LABELS).ngroups == 6


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing_with_drawn_parameters(tmp_path: Path) -> None:
    found = []
    for workers in (1, 2):
        one = scenario("experiment.draws=2", "experiment.replications=2", f"experiment.workers={workers}")
        found.append(tables(run_experiment([one], usual_care(), tmp_path / f"workers-{workers}", quiet)))
    assert_same_tables(*found)


def test_the_order_of_arms_and_tasks_changes_nothing(tmp_path: Path) -> None:
    one = scenario("experiment.replications=2")
    world = build_world(one)
    usual, frail, outreach = (
        Arm(name, scenario(f"int={name}").int_design) for name in ("usual_care", "frailty", "outreach")
    )
    orders = {
        "forwards": ((usual, frail, outreach), (Task(0, 0), Task(0, 1))),
        "backwards": ((usual, outreach, frail), (Task(0, 1), Task(0, 0))),
    }
    panels = []
    for name, (arms, tasks) in orders.items():
        folder = tmp_path / name
        folder.mkdir()
        for task in tasks:
            run_task(one, Arms(usual_care(), tuple(arms)), task, folder, world, quiet)
        parts = [pd.read_parquet(part) for part in sorted(folder.glob("panel-*.parquet"))]
        keys = [*LABELS, "month", "neighbourhood", "quintile", "age_band", "sex"]
        panels.append(pd.concat(parts).sort_values(keys).reset_index(drop=True))
    assert_frame_equal(*panels, check_exact=True)


def test_an_arm_is_the_same_whatever_stands_beside_it(tmp_path: Path) -> None:
    one = scenario()
    world = build_world(one)
    usual, frail = (Arm(name, scenario(f"int={name}").int_design) for name in ("usual_care", "frailty"))
    panels = []
    for name, arms in {"alone": (usual,), "beside": (usual, frail)}.items():
        (tmp_path / name).mkdir()
        run_task(one, Arms(usual_care(), tuple(arms)), Task(0, 0), tmp_path / name, world, quiet)
        panels.append(pd.read_parquet(tmp_path / name / "panel-draw00000-replication00000-arm0.parquet"))
    assert_frame_equal(*panels, check_exact=True)
