"""Screening by Morris's elementary effects: which parameters move which targets at all, before anything is fitted.

SALib makes the trajectories and works out the effects (Morris 1991, Technometrics 33:161; Campolongo et al. 2007).
Steps are taken in the prior's probability between its 5% and 95% points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from calibration.design.points import scramble
from calibration.space import MOST, Space

LEVELS = 4
ENDS = (0.05, 0.95)
CLEAR = 2.0  # times what chance alone would give: an effect below that is not told from chance


@dataclass(frozen=True)
class Trajectories:
    """A Morris design: ``latent`` points to run, in order, and what SALib needs to work out effects from them."""

    names: tuple[str, ...]
    latent: np.ndarray
    uniform: np.ndarray
    count: int


def trajectories(space: Space, count: int, seed: int) -> Trajectories:
    """Return ``count`` trajectories: count x (parameters + 1) points."""
    from SALib.sample.morris import sample  # slow to import

    made = sample(problem_of(space.names), count, num_levels=LEVELS, seed=scramble(seed, "morris", count))
    return Trajectories(tuple(space.names), np.asarray(ndtri(made)), np.asarray(made, float), count)


def effects(design: Trajectories, outputs: np.ndarray, targets: Sequence[str], errors: np.ndarray) -> pd.DataFrame:
    """Return one row per parameter and target: mu_star (mean absolute effect over the 90% range), sigma, told.

    outputs: float64[points, targets] on their working scales; errors: float64[targets], what an effect is measured
    against (the target's own standard deviation). Columns: parameter, target, mu, mu_star, sigma, in_errors (mu_star
    over the target's error).
    """
    from SALib.analyze.morris import analyze

    rows = []
    for at, target in enumerate(targets):
        found = analyze(
            problem_of(design.names), design.uniform, outputs[:, at], num_levels=LEVELS, scaled=False,
            seed=scramble(1, "morris analysis"),
        )  # fmt: skip
        for place, name in enumerate(design.names):
            star = float(np.ma.filled(found["mu_star"], np.nan)[place])
            rows.append(
                {
                    "parameter": name,
                    "target": target,
                    "mu": float(found["mu"][place]),
                    "mu_star": star,
                    "sigma": float(found["sigma"][place]),
                    "in_errors": star / errors[at],
                }
            )
    return pd.DataFrame(rows)


def by_chance(chance_sd: np.ndarray) -> np.ndarray:
    """Return the mu_star that chance alone gives over the 90% range, by target.

    chance_sd: of one point's value by target (of the mean of its replications). An elementary effect is the difference
    of two points over the step, two thirds of the range with four levels; the mean absolute value of a difference of
    two normal numbers is 2 sd / sqrt(pi).
    """
    step = LEVELS / (2 * (LEVELS - 1))
    return np.asarray(chance_sd) * 2 / math.sqrt(math.pi) / step


def ranked(table: pd.DataFrame, chance: np.ndarray, targets: Sequence[str], most: int = MOST) -> pd.DataFrame:
    """Return parameters from the most to the least important, and which to fit.

    Columns: parameter, strongest (largest effect in errors of a target that is told from chance; 0 if none is),
    target (the one it moves most), targets_moved (by more than chance and half an error), chosen (among the ``most``
    strongest and moving something).
    """
    limits = dict(zip(targets, CLEAR * np.asarray(chance), strict=True))
    told = table["mu_star"] > table["target"].map(limits)
    rows = []
    for name, mine in table.assign(told=told).groupby("parameter", sort=False):
        clear = mine[mine["told"]]
        best = clear.iloc[int(clear["in_errors"].to_numpy().argmax())] if len(clear) else None
        rows.append(
            {
                "parameter": name,
                "strongest": 0.0 if best is None else float(best["in_errors"]),
                "target": "" if best is None else str(best["target"]),
                "targets_moved": int((clear["in_errors"] > 0.5).sum()),
            }
        )
    found = pd.DataFrame(rows).sort_values("strongest", ascending=False, kind="stable").reset_index(drop=True)
    found["chosen"] = (found.index < most) & (found["strongest"] > 0)
    return found


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Return the problem as SALib states it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [list(ENDS)] * len(names)}
