"""When an experiment may stop: after fixed batches in task order, so that no worker's speed decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.schema.scenario import Experiment

FIRST_DRAWS = 4  # at the first look: fewer draws tell nothing of their spread

Judge = Callable[[Sequence[Path]], float]  # panels of the tasks so far, in task order -> half-width (NaN: undefined)


@dataclass(frozen=True)
class Stopped:
    """Where an experiment stopped: ``tasks`` run of ``most``, the half-width then, and the one asked for."""

    tasks: int
    most: int
    half_width: float
    target: float
    outcome: str

    @property
    def reached(self) -> bool:
        """Whether the half-width asked for was reached."""
        return self.half_width <= self.target


def looks(experiment: Experiment) -> list[int]:
    """Return after how many tasks of the table the half-width is judged; the last is all of them.

    One draw: after each batch of replications. Several: after 4, 8, 16... draws with all their replications, since a
    Sobol sequence is even at powers of two alone.
    """
    most = experiment.draws * experiment.replications
    if experiment.stop.outcome is None:
        return [most]
    if experiment.draws == 1:
        return [*range(experiment.stop.batch, most, experiment.stop.batch), most]
    found, draws = [], min(FIRST_DRAWS, experiment.draws)
    while draws <= experiment.draws:
        found.append(draws * experiment.replications)
        draws *= 2
    return found
