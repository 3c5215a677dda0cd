"""The forecast: its arithmetic, what it warns of, and that an experiment ends near it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from scenarios.compose import compose
from sim.execution.forecast import Forecast, Pace, duration, forecast, measure, worth_measuring
from sim.execution.plan import make_plan_of
from sim.execution.worlds import Shelf
from sim.experiment import Conduct, compare_arms, usual_care

PACE = Pace(
    month_s=2.0,
    write_s=0.5,
    world_s=10.0,
    start_s=5.0,
    memory_bytes=1_000,
    course_bytes=100,
    month_bytes=3,
    file_bytes=50.0,
    file_month_bytes=7.0,
)
WORDS = ("place=toy", "experiment.horizon_months=10", "experiment.burn_in_months=4", "experiment.replications=4")


def plan_of(*words: str):  # type: ignore[no-untyped-def]
    """Return the plan of a comparison."""
    arms = [compose([*WORDS, *words]), compose([*WORDS, *words, "int=frailty"])]
    return make_plan_of(arms, usual_care())


def test_the_arithmetic_of_one_worker() -> None:
    # a task: 4 + 2 x 10 months of 2 s, 20 written at 0.5 s: 58 s; the start once
    found = forecast(plan_of(), PACE, 4, 1)
    assert found.seconds == pytest.approx(4 * 58.0 + 5.0)
    assert found.memory_bytes == 1_000 + 100 + 2 * 10 * 3
    assert found.disk_bytes == 2 * 4 * 2 * (50 + 10 * 7)


def test_workers_share_the_tasks_in_turns_and_each_needs_its_memory() -> None:
    one, two, three = (forecast(plan_of(), PACE, 4, at_once) for at_once in (1, 2, 3))
    assert two.seconds == pytest.approx(2 * 58.0 + 5.0)
    assert three.seconds == two.seconds  # two turns either way
    assert two.memory_bytes == 2 * one.memory_bytes
    assert two.disk_bytes == one.disk_bytes


def test_each_task_makes_its_world_where_parameters_are_drawn() -> None:
    drawn = forecast(plan_of("experiment.draws=4"), PACE, 16, 1)
    assert drawn.seconds == pytest.approx(16 * 68.0 + 5.0)


def test_short_experiments_are_not_measured() -> None:
    assert worth_measuring(plan_of(), 5)
    assert not worth_measuring(plan_of(), 4)


def test_what_does_not_fit_is_warned_of(tmp_path: Path) -> None:
    assert Forecast(5.0, 1.0, 1.0).lines(tmp_path) == []
    assert Forecast(7_200.0, 2e9, 3e6).lines(tmp_path) == ["forecast: 2 h 00 min, 2.0 GB of memory, 0.00 GB of disk"]
    disk, memory = Forecast(5.0, 1e18, 1e18).lines(tmp_path)
    assert disk.startswith("warning: the disk of")
    assert memory.endswith("the forecast is more: use fewer workers")


@pytest.mark.parametrize(("seconds", "words"), [(5.4, "5 s"), (600, "10 min"), (3_660, "1 h 01 min")])
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.slow
def test_an_experiment_ends_near_its_forecast(tmp_path: Path) -> None:
    words = ("place=toy", "experiment.horizon_months=24", "experiment.burn_in_months=12", "experiment.replications=3")
    arms = [compose([*words, "experiment.executor=serial", name]) for name in ("int=usual_care", "int=frailty")]
    plan = make_plan_of(arms, usual_care())
    started = time.monotonic()
    world = Shelf().world_of(plan, 0)
    expected = forecast(plan, measure(plan, world, time.monotonic() - started), 3, 1)
    disk: list[int] = []

    def weigh(*_: object) -> None:
        disk.append(sum(path.stat().st_size for path in (tmp_path / "run" / "tasks").glob("*.parquet")))

    started = time.monotonic()
    folder = compare_arms(arms[0], arms[1], tmp_path / "run", weigh, Conduct())
    seconds = time.monotonic() - started
    kept = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    assert 0.4 < seconds / expected.seconds < 2.5  # on a machine that does other things too
    assert 0.7 < (max(disk) + kept) / expected.disk_bytes < 1.3
