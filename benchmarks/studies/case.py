"""What a study is: a kind of world, and estimators with what theory promises of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.studies.generators import Panel
from benchmarks.studies.people import Cohort
from evaluation.estimate import Estimate

COVERS, FAILS, PRINTED = "covers", "fails", "printed"


@dataclass(frozen=True)
class Attempt:
    """One estimator on one kind of world: its name, how it is called, what is promised, and what it is about.

    ``promise``: 'covers' (95% intervals hold the truth 93% to 97% of the time), 'fails' (they hold it less than 90% of
    the time: it is the wrong method here) or 'printed' (no promise; the coverage is shown with a caution).
    ``by_test``: coverage is that of the test of no effect, for a method that has a p-value and no limits of its own.
    ``bias``: what theory says the bias is (what covers has none), where it says so; the study is held to it.
    """

    name: str
    estimate: Callable[[Any], Estimate]
    promise: str
    estimand: str = "simple"
    by_test: bool = False
    bias: float | None = None

    @property
    def promised_bias(self) -> float | None:
        """Return the bias that theory promises, if it promises one."""
        return 0.0 if self.promise == COVERS else self.bias


@dataclass(frozen=True)
class Case:
    """A study: how a world is drawn, and what is tried on it; ``module`` defines it (its imports are hashed)."""

    name: str
    module: str
    draw: Callable[[np.random.Generator], Panel | Cohort]
    attempts: tuple[Attempt, ...]

    def truth(self, world: Panel | Cohort, attempt: Attempt) -> float:
        """Return the true value that ``attempt`` is about."""
        return world.truth(attempt.estimand) if isinstance(world, Panel) else world.truth
