"""The error of an experiment that ended early, with what is finished kept."""

from __future__ import annotations

from scenarios.errors import one_line


class Unfinished(RuntimeError):
    """An experiment ended before all its tasks were finished; what is finished is kept, and can be gone on from.

    ``where`` is the folder of results, ``problem`` says in one line what happened; ``failures`` one line per task.
    """

    def __init__(self, where: str, problem: str, failures: tuple[str, ...] = ()) -> None:
        self.where, self.problem, self.failures = where, problem, failures
        super().__init__("\n".join([one_line(f"{where}: {problem}"), *failures]))

    def __reduce__(self) -> tuple[type[Unfinished], tuple[str, str, tuple[str, ...]]]:
        """Rebuild from its parts, so that the error crosses from a worker process unchanged."""
        return (type(self), (self.where, self.problem, self.failures))


class LostWorker(RuntimeError):
    """A job lost its worker each time it was run; what other jobs have finished is kept."""
