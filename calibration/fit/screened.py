"""Screening a long list of parameters with the model itself: which of them move the fitted targets at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.design.screening import by_chance, effects, ranked, trajectories
from calibration.fit.runs import Progress, Runner, finite
from calibration.fit.simulator import Simulator
from calibration.fit.store import Store
from calibration.fit.waves import fitted_columns, working_means
from calibration.likelihood.build import likelihood_of
from calibration.space import MOST, Space
from calibration.targets.target import TargetSet
from sim.execution.pool import Workers

REPLICATIONS = 2  # of a point: chance is told from effects within it


@dataclass(frozen=True)
class Screened:
    """What moves what. effects: one row per parameter and target; ranked: one per parameter, and whether to fit it."""

    effects: pd.DataFrame
    ranked: pd.DataFrame

    @property
    def chosen(self) -> list[str]:
        """Names of the parameters to fit, the strongest first."""
        return [str(name) for name in self.ranked.loc[self.ranked["chosen"], "parameter"]]


def runs_of(parameters: int, count: int) -> int:
    """Return how many runs ``count`` trajectories ask for."""
    return count * (parameters + 1) * REPLICATIONS


def screen(
    space: Space,
    targets: TargetSet,
    outputs: Sequence[str],
    simulator: Simulator,
    folder: Path,
    count: int,
    seed: int = 1,
    workers: int = 1,
    progress: Progress = lambda done, total, what: None,
    resume: bool = False,
    most: int = MOST,
) -> Screened:
    """Return effects of each parameter over ``count`` trajectories (four or more tell something).

    Targets and outputs as for ``calibrate``; what is held out is not read. Raises InputError if a mean output cannot be
    used, or SALib is not installed.
    """
    likelihood = likelihood_of(targets.fitted)
    design = trajectories(space, count, seed)
    store = Store(folder, simulator.identity)
    store.claim(resume)
    with Workers(workers) as pool:
        runner = Runner(space, simulator, store, tuple(outputs), seed, pool, progress)
        found = fitted_columns(runner.run(design.latent, REPLICATIONS, "screening"), runner.outputs, likelihood)
    finite(found, likelihood.names, likelihood.scales)
    mean, chance = working_means(found, likelihood)
    error = np.sqrt(likelihood.working()[1])
    table = effects(design, mean, likelihood.names, error)
    limits = by_chance(np.sqrt(np.diag(chance) / REPLICATIONS))
    return Screened(table, ranked(table, limits, likelihood.names, most))
