"""Chance taken out of draws: what evidence, prices and values of health alone would make of a decision.

The mean of a draw's few replications also holds chance, which knowing every parameter would not remove. Left in, it
makes a choice look less sure, and knowing more look worth more, than they are. Means of draws are therefore moved
towards their mean until they vary and covary as the parameters alone make them (analysis of variance with random
effects: see evaluation.variance). Of one number this is the shrinkage of evaluation.claims; of several together the
same along each direction in which chance and all variation differ, so that differences between options hold too. With
few draws some chance stays: what is left of it can only be estimated.

The mean itself keeps its error of chance, which no shrinkage shows: where parameters do nothing all draws come to the
same number, and its sign is luck. Shares of draws (who is best, who costs more, which claim is reached) therefore have
that error put back: see evaluation.economics.shares. Expected loss does not: it is the worth of knowing parameters,
and knowing them does not remove chance. Sources: O'Hagan, Stevenson and Madan 2007,
Health Economics 16: 1009-1023; Searle, Casella and McCulloch 1992, Variance Components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.arrays import numbers, same_length
from evaluation.economics.options import Options
from evaluation.economics.shares import Hits, MeanError, Shares, is_best, shares
from evaluation.twins import mean_interval
from scenarios.errors import InputError

NEARLY_ALL = 0.9  # of the variance between draws: with more of it chance, draws differ by practically nothing else
_LEAST = 1e-10  # of variance of 1: a direction with less is floating-point noise


def without_chance(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the mean of each draw with chance between its replications taken out, float64[draw, column].

    ``values``: float64[run, column], in any unit; ``draws``: the draw of each run. Draws come in the order of their
    numbers; the mean over them is kept. Draws that differ by no more than chance all get that mean. Means as they are
    for one draw, or where no draw has a second replication. Raises InputError for rows that do not match.
    """
    means, rest, size = _parts(values, draws)
    spare = len(rest) - len(means)
    if len(means) < 2 or spare < 1:
        return means
    middle = means.mean(axis=0)
    apart = means - middle
    scale = apart.std(axis=0, ddof=1)
    scale[scale == 0] = 1.0
    all_of_it = np.atleast_2d(np.cov(apart / scale, rowvar=False))
    chance = (rest / scale).T @ (rest / scale) / spare * np.mean(1 / size)
    return np.asarray(middle + ((apart / scale) @ _shrinkage(all_of_it, chance).T) * scale)


def chance_share(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return by column which share (0 to 1) of the variance between draws' means is chance.

    NaN where draws do not vary, or chance cannot be told (one draw, or one replication in each).
    """
    means, rest, size = _parts(values, draws)
    spare = len(rest) - len(means)
    share = np.full(means.shape[1], np.nan)
    if len(means) < 2 or spare < 1:
        return share
    all_of_it = means.var(axis=0, ddof=1)
    chance = (rest**2).sum(axis=0) / spare * np.mean(1 / size)
    np.divide(chance, all_of_it, out=share, where=all_of_it > 0)
    return np.asarray(np.minimum(share, 1.0))


def mean_error(values: np.ndarray, draws: np.ndarray, weights: np.ndarray | None = None) -> MeanError | None:
    """Return what chance between replications does to the mean over draws; None where it cannot be told.

    ``weights``: of draws, adding up to 1; equal unless given.
    """
    means, rest, size = _parts(values, draws)
    spare = len(rest) - len(means)
    if len(means) < 2 or spare < 1:
        return None
    own = np.full(len(means), 1 / len(means)) if weights is None else weights
    return MeanError(rest.T @ rest / spare * float((own**2 / size).sum()), float(spare))


def best_shares(values: np.ndarray, draws: np.ndarray) -> Shares:
    """Return by column the share of draws in which it is the highest, as the parameters and the mean's error leave it.

    ``values``: float64[run, column]; ``draws``: the draw of each run. Columns that are the same in every run share
    equally. An option is told from its closest rival, the one with the highest mean of the others.
    """
    each, which, count = np.unique(np.asarray(values, float), axis=1, return_inverse=True, return_counts=True)
    at = which.ravel()
    share, error = shares(without_chance(each, draws), is_best, mean_error(each, draws), unknown=1 / each.shape[1])
    means = each.mean(axis=0)
    told = np.ones(len(means), dtype=bool)
    for column in range(len(means)):
        others = np.where(np.arange(len(means)) == column, -np.inf, means)
        if len(means) > 1:
            told[column] = can_be_told(each[:, column] - each[:, int(others.argmax())], draws)
    return Shares((share / count)[at], (error / count)[at], told[at])


def share_where(
    values: np.ndarray, draws: np.ndarray, hits: Hits, limit: float = 0.0, weights: np.ndarray | None = None
) -> Shares:
    """Return the share of draws of one number (float64[run]) in which ``hits`` holds, which changes at ``limit``.

    As ``best_shares``; ``weights``: of draws, adding up to 1.
    """
    one = np.asarray(values, float)[:, None]
    share, error = shares(without_chance(one, draws), hits, mean_error(one, draws, weights), weights)
    return Shares(share, error, np.array([can_be_told(one[:, 0] - limit, draws)]))


def can_be_told(difference: np.ndarray, draws: np.ndarray) -> bool:
    """Return False where the mean's 95% interval holds 0 and practically all that draws differ by is chance.

    ``difference``: float64[run]. True where it never differs from 0, or chance cannot be told.
    """
    column = np.asarray(difference, float)[:, None]
    share = float(chance_share(column, draws)[0])
    if not share >= NEARLY_ALL:  # NaN: no spread, or chance is not known
        return True
    _, lower, upper = mean_interval(_parts(column, draws)[0][:, 0])
    return not lower <= 0 <= upper


@dataclass(frozen=True)
class Drawn:
    """Options run by run, told draw by draw without chance between replications.

    ``runs``: cost (pounds) and effect of each run, increments over the first option; ``draw``: the draw of each run.
    """

    runs: Options
    draw: np.ndarray

    def __post_init__(self) -> None:
        """Refuse runs that do not match their draws."""
        same_length(runs=self.runs.cost, draws=self.draw)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the options."""
        return self.runs.names

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(np.unique(self.draw))

    @property
    def chance_is_known(self) -> bool:
        """Whether chance can be told from the parameters: some draw has two replications or more."""
        return len(self.draw) > self.draws

    def net_benefit(self, threshold: float) -> np.ndarray:
        """Return net benefit at ``threshold`` pounds per unit of effect without chance, float64[draw, option]."""
        return without_chance(self.runs.net_benefit(threshold), self.draw)

    def best(self, threshold: float) -> Shares:
        """Return by option the share of draws in which its net benefit is the highest (see ``best_shares``)."""
        return best_shares(self.runs.net_benefit(threshold), self.draw)

    def more(self, name: str) -> tuple[Shares, Shares]:
        """Return in which share of draws an option costs more, and in which it has more effect, than the first."""
        at = self.runs.at(name)
        both = (self.runs.cost[:, at], self.runs.effect[:, at])
        cost, effect = (share_where(each, self.draw, lambda values: (values > 0).astype(float)) for each in both)
        return cost, effect

    def chance_share(self, threshold: float) -> np.ndarray:
        """Return by option which share of the variance of net benefit between draws is chance; NaN where none."""
        return chance_share(self.runs.net_benefit(threshold), self.draw)

    def one_by_one(self) -> Options:
        """Return cost and effect of each draw, each number by itself without chance (for spreads, not for a choice)."""
        cost, effect = (
            np.column_stack([without_chance(each[:, [at]], self.draw)[:, 0] for at in range(each.shape[1])])
            for each in (self.runs.cost, self.runs.effect)
        )
        return Options(self.names, cost, effect)


def _parts(values: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return means by draw, each run less its draw's mean, and runs by draw."""
    data = np.asarray(values, float)
    numbers(data, "values")
    if data.ndim != 2:
        raise InputError("values", f"have {data.ndim} dimensions; allowed: 2, runs x columns")
    same_length(values=data, draws=draws)
    _, at, size = np.unique(draws, return_inverse=True, return_counts=True)
    sums = np.zeros((len(size), data.shape[1]))
    np.add.at(sums, at, data)
    means = sums / size[:, None]
    return means, data - means[at], size


def _shrinkage(all_of_it: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return A such that A V A' = V - chance for the variance V, no direction's below 0.

    With V = L L' and L^-1 chance L'^-1 = U diag(w) U', A = L U diag(sqrt(max(1 - w, 0))) U' L^-1.
    """
    variance, along = np.linalg.eigh(all_of_it)
    there = variance > _LEAST
    root = np.sqrt(variance[there])
    out, back = along[:, there] * root, (along[:, there] / root).T
    share, turned = np.linalg.eigh(back @ chance @ back.T)
    kept = np.sqrt(np.clip(1 - share, 0, None))
    return np.asarray(out @ (turned * kept) @ turned.T @ back)
