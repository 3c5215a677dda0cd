"""Tasks that are harmed after they finish, fail by themselves, or never start: run again, named, or said so."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scenarios.compose import compose
from sim.execution.ledger import Ledger
from sim.execution.plan import TaskPlan, make_plan_of
from sim.execution.rounds import ALONE, IDLE, Rounds
from sim.execution.unfinished import Unfinished
from sim.execution.worker import Ending, run_one
from sim.experiment import usual_care

WORDS = ("place=toy", "experiment=quick", "experiment.horizon_months=1", "experiment.burn_in_months=0")


@dataclass
class Unlucky:
    """Runs tasks here; ``harm`` is called with (folder, number, times run) after each, and says how it then ended."""

    harm: Callable[[Path, int, int], Ending]
    ran: list[int] = field(default_factory=list)
    words: str = "unlucky"

    def run(self, folder: Path, numbers: Sequence[int], beat: Callable[[], None]) -> Generator[Ending, None, None]:
        """Yield how each task ended."""
        for number in numbers:
            self.ran.append(number)
            yield self.harm(folder, number, self.ran.count(number))


def rounds_of(folder: Path, executor: Unlucky) -> tuple[Rounds, TaskPlan, list[str]]:
    """Return rounds of two tasks in ``folder``, and what they say."""
    plan = make_plan_of([compose([*WORDS, "experiment.replications=2"])], usual_care())
    parts = folder / "tasks"
    parts.mkdir()
    plan.write(parts)
    said: list[str] = []
    return Rounds(plan, parts, executor, said.append, lambda months, done: None), plan, said


def test_a_table_cut_after_its_task_finished_is_written_again(tmp_path: Path) -> None:
    def cut_once(folder: Path, number: int, times: int) -> Ending:
        ending = run_one(str(folder), number, lambda: None)
        if number == 1 and times == 1:
            part = next(folder.glob("panel-draw00000-replication00001-*.parquet"))
            os.truncate(part, part.stat().st_size // 2)
        return ending

    executor = Unlucky(cut_once)
    rounds, plan, said = rounds_of(tmp_path, executor)
    rounds.run(range(2))
    assert executor.ran == [0, 1, 1]
    assert all(Ledger(tmp_path / "tasks").finished(task) for task in plan.tasks)
    assert said == [f"written, but not whole on the disk, and run again: {plan.words(plan.tasks[1])}"]


def test_a_task_that_fails_by_itself_is_named_once_and_the_other_finishes(tmp_path: Path) -> None:
    def fail(folder: Path, number: int, times: int) -> Ending:
        return Ending(0, "failed", "KeyError: 'x'") if number == 0 else run_one(str(folder), number, lambda: None)

    rounds, plan, said = rounds_of(tmp_path, Unlucky(fail))
    rounds.run(range(2))
    assert said == [f"given up: {plan.words(plan.tasks[0])}: KeyError: 'x'"]
    assert list(rounds.given_up) == [0]
    assert rounds.done == {1}


def test_a_task_lost_again_and_again_is_given_up_after_the_others(tmp_path: Path) -> None:
    def lose(folder: Path, number: int, times: int) -> Ending:
        if number == 1:
            return run_one(str(folder), number, lambda: None)
        Ledger(folder).begin(make_plan_of([compose([*WORDS, "experiment.replications=2"])], usual_care()).tasks[0])
        return Ending(0, "lost", "killed")

    executor = Unlucky(lose)
    rounds, plan, said = rounds_of(tmp_path, executor)
    rounds.run(range(2))
    assert executor.ran == [0, 1] + [0] * ALONE
    assert said == [f"given up: {plan.words(plan.tasks[0])}: killed, each time it was run"]


def test_workers_that_never_start_a_task_end_the_experiment_with_words(tmp_path: Path) -> None:
    executor = Unlucky(lambda folder, number, times: Ending(number, "lost", "killed"))
    rounds, _, _ = rounds_of(tmp_path, executor)
    with pytest.raises(Unfinished, match="workers end before they can start a task: is there too little memory"):
        rounds.run(range(2))
    assert executor.ran == [0, 1] * IDLE


def test_what_stops_every_task_stops_at_once(tmp_path: Path) -> None:
    executor = Unlucky(lambda folder, number, times: Ending(number, "stopped", "no room on the disk"))
    rounds, _, _ = rounds_of(tmp_path, executor)
    with pytest.raises(Unfinished, match="no room on the disk; 0 of 2 tasks are finished and kept"):
        rounds.run(range(2))
    assert executor.ran == [0]
