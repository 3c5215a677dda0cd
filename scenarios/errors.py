"""Errors for the person who can mend them: where, what is wrong, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class InputError(ValueError):
    """Something a user gave cannot be used.

    ``where`` names the file, row, column or key; ``problem`` says the value and what is allowed, in one line.
    """

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        self.problem = problem
        super().__init__(one_line(f"{where}: {problem}"))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        """Rebuild from both parts, so that the error crosses from a worker process unchanged."""
        return (type(self), (self.where, self.problem))


class InputErrors(InputError):
    """Several problems at once, one line each."""

    def __init__(self, problems: Sequence[InputError]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems[0].where, self.problems[0].problem)
        self.args = ("\n".join(str(problem) for problem in self.problems),)

    def __reduce__(self) -> tuple[type[InputErrors], tuple[list[InputError]]]:  # type: ignore[override]
        """Rebuild from the list of problems."""
        return (type(self), (self.problems,))


def raise_all(problems: Sequence[InputError]) -> None:
    """Raise what is in ``problems``: nothing if empty, the error itself if one, InputErrors if several."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InputErrors(problems)


def nearest(name: str, options: Iterable[str]) -> str:
    """Return a hint, "did you mean 'x'?", or the names allowed when none is close."""
    names = sorted({str(option) for option in options})
    lowered = {option.lower(): option for option in names}
    close = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{lowered[close[0]]}'?"
    if not names:
        return "no names are allowed here"
    shown = ", ".join(names[:12])
    return f"allowed: {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def one_line(text: str) -> str:
    """Return ``text`` with every run of white space made one space."""
    return " ".join(text.split())
