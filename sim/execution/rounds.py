"""Running tasks until each is finished or given up: what is lost is run again, and what kills its worker is found.

When a worker dies, the tasks that were running then are suspects, and which of them was to blame cannot be seen. So the
others go on first; each suspect then runs with nothing beside it, and is given up if it loses its worker again and
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sim.execution.executors import Executor
from sim.execution.ledger import Ledger
from sim.execution.plan import TaskPlan
from sim.execution.unfinished import Unfinished
from sim.execution.worker import Ending

ALONE = 2  # times a suspect is run alone before it is given up
LOOKS = 3  # times the files are looked at, and what is not whole is run again
IDLE = 3  # rounds in a row in which workers die before any task starts
Say = Callable[[str], object]
Report = Callable[[int, int], object]  # (months done, tasks done)


@dataclass
class Rounds:
    """The tasks of a plan in ``folder``, given to ``executor``; ``say`` tells a person what went wrong, at once."""

    plan: TaskPlan
    folder: Path
    executor: Executor
    say: Say
    report: Report
    given_up: dict[int, str] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)

    @property
    def ledger(self) -> Ledger:
        """The record of the tasks."""
        return Ledger(self.folder)

    def run(self, numbers: Sequence[int]) -> None:
        """Run the tasks ``numbers`` that are not finished yet, until every file of theirs is as it was written.

        Raises Unfinished when something stops all of them, such as a full disk. Tasks given up are in ``given_up``.
        """
        self.done = {number for number in range(len(self.plan.tasks)) if self.is_done(number)}
        for _ in range(LOOKS):
            self.attempt(numbers)
            self.done = {number for number in self.done if self.is_done(number)}
            harmed = [number for number in numbers if number not in self.done and number not in self.given_up]
            if not harmed:
                return
            self.say(
                f"written, but not whole on the disk, and run again: {self.plan.words(self.plan.tasks[harmed[0]])}"
            )
        raise Unfinished(self.where, f"files are not kept as they were written: is the disk failing? {self.kept()}")

    def attempt(self, numbers: Sequence[int]) -> None:
        """Run each of ``numbers`` that is neither done nor given up until it is one or the other."""
        tasks = self.plan.tasks
        waiting = [number for number in numbers if number not in self.done and number not in self.given_up]
        # what was begun more than once before goes last: in a single process, a task that ends it must not block others
        waiting.sort(key=lambda number: (self.ledger.starts(tasks[number]) > 1, number))
        suspects: list[int] = []
        idle = 0
        while waiting:
            lost = self.round(waiting)
            started = [number for number in lost if self.ledger.path(tasks[number], "months").exists()]
            idle = 0 if len(lost) < len(waiting) or started else idle + 1
            if idle == IDLE:
                raise Unfinished(self.where, "workers end before they can start a task: is there too little memory?")
            suspects += started
            waiting = [number for number in lost if number not in started]
        for number in suspects:
            self.run_alone(number)

    def is_done(self, number: int) -> bool:
        """Return whether a task is finished and its files are whole."""
        return self.ledger.finished(self.plan.tasks[number])

    def run_alone(self, number: int) -> None:
        """Run one task with nothing beside it; give it up if it loses its worker each time."""
        words = ""
        for _ in range(ALONE):
            words = self.round([number]).get(number, "")
            if not words:
                return
        self.give_up(Ending(number, "lost", f"{words}, each time it was run"))

    def round(self, numbers: Sequence[int]) -> dict[int, str]:
        """Give each of ``numbers`` to the executor once; return those lost, with the words for it."""
        for number in numbers:
            self.ledger.forget(self.plan.tasks[number])
            self.ledger.path(self.plan.tasks[number], "months").unlink(missing_ok=True)
        lost: dict[int, str] = {}
        running = list(numbers)
        with closing(self.executor.run(self.folder, numbers, lambda: self.beat(running))) as endings:
            for ending in endings:
                running.remove(ending.number)
                if ending.how == "lost":
                    lost[ending.number] = ending.words
                else:
                    self.note(ending)
                self.beat(running)
        return lost

    def note(self, ending: Ending) -> None:
        """Take in how a task ended. Raises Unfinished if that stops all of them."""
        if ending.how == "stopped":
            raise Unfinished(self.where, f"{ending.words}; {self.kept()}")
        if ending.how == "finished":
            self.done.add(ending.number)
        else:
            self.give_up(ending)

    def give_up(self, ending: Ending) -> None:
        """Note that a task will not finish, and say so at once."""
        words = f"{self.plan.words(self.plan.tasks[ending.number])}: {ending.words}"
        self.given_up[ending.number] = words
        self.say(f"given up: {words}")

    def kept(self) -> str:
        """Say how much is finished and how to go on."""
        return f"{len(self.done)} of {len(self.plan.tasks)} tasks are finished and kept: go on with --resume"

    def beat(self, running: Sequence[int]) -> None:
        """Report the months done so far: of finished tasks all, of running ones what they noted."""
        tasks = self.plan.tasks
        months = len(self.done) * self.plan.months_per_task
        self.report(months + sum(self.ledger.months(tasks[number]) for number in running), len(self.done))

    @property
    def where(self) -> str:
        """The folder of results."""
        return str(self.folder.parent)
