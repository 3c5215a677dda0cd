"""A posterior carried to a place: the place's own targets predicted from it, and its points weighed again by them.

Parameters that hold for the whole country are fitted where most is known of them. Elsewhere the same points are run as
they are. What was observed there and may be fitted weighs them anew, unless the posterior was fitted to it already
(see before.py); what is held out judges them. Weights come from the same runs that are then judged: of few points, some
look better than they are by chance, so that what the weights are worth (Kish) stands beside what is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from calibration.comparison.skill import against, skill_table
from calibration.comparison.spreadsheets import Said
from calibration.diagnostics.coverage import coverage_table
from calibration.fit.assessment import met_table, outputs_table, predictive
from calibration.fit.before import posterior_of, unread
from calibration.fit.plan import Plan
from calibration.fit.results import Results
from calibration.fit.runs import Runner, finite
from calibration.fit.waves import fitted_columns, working_means
from calibration.likelihood.build import Likelihood, likelihood_of
from calibration.likelihood.uncertain import uncertain_log_likelihood
from calibration.posterior.importance import Weighted, reweighted
from calibration.targets.columns import FITTED, HELD_OUT
from calibration.targets.target import TargetSet

LEAST_WORTH = 10.0  # equal draws (Kish): weights worth less are not reliable, whatever their tail looks like
Say = Callable[[str], object]


@dataclass(frozen=True)
class Carried:
    """Points run at a place. points: their parameters; outputs float64[points, replications, names]; weighed_by: how
    many targets weigh them, 0: they count alike."""  # fmt: skip

    points: pd.DataFrame
    names: tuple[str, ...]
    outputs: np.ndarray
    weighted: Weighted
    plan: Plan
    weighed_by: int = 0

    @property
    def weights(self) -> np.ndarray:
        """Weights of the points, adding to 1."""
        return self.weighted.weights

    def of(self, names: Sequence[str]) -> np.ndarray:
        """Return outputs of the points, float64[points, replications, names]."""
        return self.outputs[..., [self.names.index(name) for name in names]]


def carry(
    points: Sequence[Mapping[str, float]], targets: TargetSet, runner: Runner, plan: Plan, say: Say = lambda words: None
) -> Carried:
    """Return ``points`` (equal draws of a posterior) run at a place, weighed by ``targets`` that it has not read.

    Those are the ones to be fitted that the posterior was not fitted to (see ``before.unread``); without any, points
    count alike. Each is run ``plan.posterior_replications`` times. Raises InputError for outputs that cannot be used.
    """
    found = runner.run_points(points, plan.posterior_replications, "points of the posterior")
    new = unread(targets, posterior_of(runner.simulator))
    weighted = weighed(likelihood_of(new), found, runner.outputs, plan) if len(new) else equal(len(points))
    how = f"weighed by {len(new)} targets that it was not fitted to" if len(new) else "which count alike"
    say(f"{len(points)} points of the posterior, {how}: worth {weighted.kish_size:.0f} draws (Kish)")
    return Carried(pd.DataFrame([dict(each) for each in points]), runner.outputs, found, weighted, plan, len(new))


def weighed(likelihood: Likelihood, outputs: np.ndarray, names: tuple[str, ...], plan: Plan) -> Weighted:
    """Return weights of equal draws by the likelihood of their runs, the chance of few replications allowed for."""
    columns = fitted_columns(outputs, names, likelihood)
    finite(columns, likelihood.names, likelihood.scales)
    mean, chance = working_means(columns, likelihood)
    real = uncertain_log_likelihood(likelihood, mean, chance / plan.posterior_replications)
    return reweighted(real, np.zeros(len(real)))


def equal(size: int) -> Weighted:
    """Return equal weights: no target weighs the points, and their weights have no tail."""
    return Weighted(np.full(size, 1 / size), float(size), -math.inf, float(size))


def carried_results(
    carried: Carried, targets: TargetSet, about: Mapping[str, Any], said: Sequence[Said] = ()
) -> Results:
    """Return the tables: points, outputs, targets, predictions, coverage, and scores beside spreadsheets."""
    known = TargetSet(tuple(each for each in targets if each.target in carried.names and each.weight > 0), targets.name)
    predicted = predictive(carried, known)
    predicted.insert(1, "role", predicted["target"].map({each.target: each.role for each in known}))
    parts = [coverage_table(mine).assign(role=role) for role in (FITTED, HELD_OUT)
             if len(mine := predicted[predicted["role"] == role])]  # fmt: skip
    points = carried.points.copy()
    points.insert(0, "weight", carried.weights)
    points.insert(0, "point", np.arange(len(points)))
    tables = {
        "posterior": points,
        "outputs": outputs_table(carried),
        "targets": met_table(carried, known),
        "predictions": predicted,
        "coverage": pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(),
    }
    compared = against(predicted, targets, said, carried.plan.seed)
    if len(compared):
        tables |= {"spreadsheets": compared, "skill": skill_table(compared)}
    return Results(tables, {**about, "result": result_of(carried)})


def result_of(carried: Carried) -> dict[str, Any]:
    """Return the figures that a reader looks at first."""
    weighted = carried.weighted
    points, replications, _ = carried.outputs.shape
    return {
        "points": points,
        "replications": replications,
        "runs": points * replications,
        "kish_size": weighted.kish_size,
        "kish_size_before_smoothing": weighted.raw_kish_size,
        "pareto_shape": weighted.tail_shape,
        "weights_reliable": False if weighted.kish_size < LEAST_WORTH else weighted.reliable,
        "weighed_by": carried.weighed_by,
        "stopped": f"a posterior was carried here: {points} of its points x {replications} runs",
    }
