"""What a figure of a study answers to: straight lines along the parameters of its levers, with what is left over.

Learned from draws of the evidence by Bayesian least squares. How large slopes are before any draw is seen, and how much
spread no slope explains, are those under which the draws are likeliest (type II maximum likelihood, MacKay 1992, Neural
Computation 4:415). The noise of a run is known: the mean over runs of what each says of its own, as predictions have it
(evaluation/replays/prediction.py). What one run says of its own misleads: it is 0 where hardly anything happened and
the two arms are equal, and grows with the estimate, so that weighing runs by it would draw the line towards 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.posterior.conjugate import linear_gaussian

STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0)  # sizes tried, in units of the draws' own spread
OPEN = 10.0  # spread of the level before any draw is seen, in the same units


@dataclass(frozen=True)
class Line:
    """A figure along ``names``: ``level`` + slopes x normal numbers, give or take ``left`` (standard deviation).

    ``doubt``: variance of the line at a typical point of the prior, from few draws and the noise of runs. Slopes are 0,
    all of them, where the draws are likeliest with none.
    """

    names: tuple[str, ...]
    level: float
    slopes: np.ndarray
    left: float
    doubt: float

    @property
    def answers(self) -> bool:
        """Return whether the figure answers to any parameter."""
        return bool(np.any(self.slopes))


def fitted_line(names: list[str], latent: np.ndarray, estimate: np.ndarray, noise: np.ndarray) -> Line:
    """Return the line through ``estimate`` (n,), known to ``noise`` (n,) pooled, along ``latent`` (n, k)."""
    centre, unit = float(np.mean(estimate)), float(np.std(estimate)) or 1.0
    y, known = (estimate - centre) / unit, np.full(len(estimate), np.mean(np.square(noise / unit)))
    design = np.column_stack([np.ones(len(y)), latent])
    best = max(((size, left) for size in STEPS for left in STEPS), key=lambda at: evidence(design, y, known, *at))
    size, left = best
    spread = np.concatenate([[OPEN**2], np.full(latent.shape[1], max(size, 1e-9) ** 2)])
    found = linear_gaussian(design, y, known + left**2 + 1e-12, np.zeros(design.shape[1]), spread)
    doubt = float(np.trace(found.covariance)) * unit**2  # at a point whose numbers are 1 in size, on average
    slopes = unit * found.mean[1:] if size > 0 else np.zeros(latent.shape[1])  # not the dust of solving for none
    return Line(tuple(names), centre + unit * found.mean[0], slopes, unit * left, doubt)


def evidence(design: np.ndarray, y: np.ndarray, known: np.ndarray, size: float, left: float) -> float:
    """Return the log likelihood of draws with slopes of ``size`` and ``left`` unexplained, slopes integrated out."""
    spread = np.concatenate([[OPEN**2], np.full(design.shape[1] - 1, size**2)])
    covariance = (design * spread) @ design.T + np.diag(known + left**2 + 1e-9)
    _, logs = np.linalg.slogdet(covariance)
    return float(-0.5 * (logs + y @ np.linalg.solve(covariance, y)))
