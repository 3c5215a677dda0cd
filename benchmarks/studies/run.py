"""Runs a study: draws worlds, tries every estimator, and counts how often the interval held the truth."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.studies.case import Attempt, Case
from evaluation.draws import generator
from evaluation.estimate import RATIO, Estimate

SEED = 20261122
REPEATS = 1_000
TWENTIETH = REPEATS // 20
STANDARD_ERRORS = 4.0


@dataclass(frozen=True)
class Score:
    """How one estimator did: means over ``repeats``, on the log for a ratio. ``coverage``: share that held.

    ``spread``: standard deviation of the estimates; ``mean_se``: what the estimator said it was; ``found``: share of
    intervals that left out no effect.
    """

    estimator: str
    promise: str
    repeats: int
    truth: float
    bias: float
    spread: float
    mean_se: float
    coverage: float
    found: float

    @property
    def coverage_error(self) -> float:
        """Monte Carlo standard error of the coverage."""
        return math.sqrt(max(self.coverage * (1 - self.coverage), 0.25 / self.repeats) / self.repeats)

    @property
    def bias_error(self) -> float:
        """Monte Carlo standard error of the bias."""
        return self.spread / math.sqrt(self.repeats)


def run(case: Case, repeats: int = REPEATS, seed: int = SEED) -> list[Score]:
    """Return one score per estimator over ``repeats`` worlds; world i is the same for any number of repeats."""
    rows: dict[str, list[tuple[float, ...]]] = {attempt.name: [] for attempt in case.attempts}
    for repeat in range(repeats):
        world = case.draw(generator(seed, case.name, repeat))
        for attempt in case.attempts:
            truth = case.truth(world, attempt)
            rows[attempt.name].append(_outcome(attempt.estimate(world), truth, attempt))
    return [_score(attempt, np.array(rows[attempt.name])) for attempt in case.attempts]


def _outcome(result: Estimate, truth: float, attempt: Attempt) -> tuple[float, ...]:
    """Return (truth, error, se, held, found)."""
    none = 1.0 if result.scale == RATIO else 0.0
    held, found = result.lower <= truth <= result.upper, not result.lower <= none <= result.upper
    if attempt.by_test:
        found = result.p_value <= 1 - result.level
        held = not found
    error = math.log(result.estimate / truth) if result.scale == RATIO else result.estimate - truth
    return truth, error, result.se, float(held), float(found)


def _score(attempt: Attempt, rows: np.ndarray) -> Score:
    truth, error, se, held, found = rows.T
    return Score(
        attempt.name,
        attempt.promise,
        len(rows),
        float(truth.mean()),
        float(error.mean()),
        float(error.std(ddof=1)),
        float(se.mean()),
        float(held.mean()),
        float(found.mean()),
    )


def as_rows(scores: list[Score]) -> list[dict[str, object]]:
    """Return the scores as plain rows, with their Monte Carlo errors."""
    return [
        {**asdict(score), "coverage_error": score.coverage_error, "bias_error": score.bias_error} for score in scores
    ]
