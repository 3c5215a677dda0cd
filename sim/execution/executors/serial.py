"""Tasks one after another in this process."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.execution.executors import Beat
from sim.execution.worker import Ending, run_one
from sim.execution.worlds import Shelf


@dataclass(frozen=True)
class Serial:
    """Runs tasks in turn; a task that ends its process ends everything, and going on then leaves it for last."""

    words: str = "in this process, one task at a time"
    shelf: Shelf | None = field(default=None, compare=False)  # of worlds; None: that of this process

    def run(self, folder: Path, numbers: Sequence[int], beat: Beat) -> Generator[Ending, None, None]:
        """Yield how each task ended (see Executor.run)."""
        for number in numbers:
            yield run_one(str(folder), number, beat, self.shelf)
