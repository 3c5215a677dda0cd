"""Progress of a long job: nothing for two seconds, then a bar on a terminal or plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

QUIET_S = 2.0  # jobs shorter than this show nothing
LINE_EVERY_S = 10.0


class Progress:
    """Call it with (done, total, what); use it as a context so that the bar is taken down whatever happens."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.started = time.monotonic()
        self.last_line = self.started - LINE_EVERY_S
        self.bar: Bar | None = None
        self.first: tuple[float, int] | None = None  # when the first call came, and what was done by then

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, done: int, total: int, what: str = "") -> None:
        """Show that ``done`` of ``total`` tasks are finished; ``what`` says in a few words what is being done."""
        now = time.monotonic()
        if self.first is None:
            self.first = (now, done)
        if now - self.started < QUIET_S:
            return
        if self.stream.isatty():
            self.draw(done, total, what)
        elif now - self.last_line >= LINE_EVERY_S or done == total:
            self.last_line = now
            print(f"{done} of {total} {what}".rstrip() + self.left(done, total, now), file=self.stream, flush=True)

    def left(self, done: int, total: int, now: float) -> str:
        """Return ", about 3 min left" at the pace since the first call; nothing while there is none, or at the end."""
        since, before = self.first or (now, done)
        if done <= before or done >= total:
            return ""
        return f", about {in_words((total - done) * (now - since) / (done - before))} left"

    def say(self, words: str) -> None:
        """Show a line beside the bar, at once."""
        if self.bar is not None:
            self.bar.console.print(words, markup=False, highlight=False)
        else:
            print(words, file=self.stream, flush=True)

    def draw(self, done: int, total: int, what: str) -> None:
        """Start the bar if there is none, and move it."""
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Bar(*columns, console=Console(file=self.stream), transient=True)
            self.bar.add_task(what, total=total, completed=done)
            self.bar.start()
        self.bar.update(self.bar.task_ids[0], completed=done, total=total, description=what)


def in_words(seconds: float) -> str:
    """Return a time in words: '40 s', '12 min', '3 h 20 min'."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
