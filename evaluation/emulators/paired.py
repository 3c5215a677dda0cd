"""Emulators of paired differences, from a bank of runs: a draw of the inputs a point, with its replications.

Few of many inputs move a difference. Those that go with it most in the points fitted to are kept, with the doses, which
always are; what the others do is left in the nugget. Every fifth point is held back and never seen: the error told with
each result is the error there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from evaluation.draws import generator
from evaluation.emulators.checks import LEAST_EXPLAINED, judged
from evaluation.emulators.noise import pooled_covariance
from evaluation.emulators.process import Process, Settings, fit_process
from scenarios.errors import InputError

LEAST_POINTS = 32
HELD_BACK_EVERY = 5
MOST_INPUTS = 6  # chosen of the uncertain ones
POINTS_PER_INPUT = 4  # fitted to, at least: fewer inputs are kept of a small bank
_TINY = 1e-12


@dataclass(frozen=True)
class Bank:
    """Paired differences of a model at points of its inputs.

    inputs: one row a point, one column an input, in its own unit. differences: float64[point, replication, output].
    names, units: of the outputs. always: inputs kept whatever the points say (doses).
    """

    inputs: pd.DataFrame
    differences: np.ndarray
    names: tuple[str, ...]
    units: tuple[str, ...]
    always: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse shapes that do not match. Raises InputError."""
        points, outputs = len(self.inputs), len(self.names)
        shape = self.differences.shape
        if len(shape) != 3 or shape[0] != points or shape[2] != outputs or len(self.units) != outputs:
            words = (
                f"shape {shape} for {points} points and {outputs} outputs: points x replications x outputs is needed"
            )
            raise InputError("bank", words)


@dataclass(frozen=True)
class Emulator:
    """One output's emulator: the inputs it hangs on, and how it did on points held back.

    rest_sd: spread between points, chance taken out, that the inputs kept do not tell (in the output's unit).
    rmse, spread: error and standard deviation of the output at points held back. good: whether it may be used.
    """

    name: str
    unit: str
    inputs: tuple[str, ...]
    process: Process
    rest_sd: float
    points: int
    held_back: int
    rmse: float
    spread: float
    covered: float
    explained: float
    good: bool

    @property
    def useful(self) -> bool:
        """Whether its shape may be told: it is good, and tells half or more of the spread at points held back."""
        return self.good and self.explained >= LEAST_EXPLAINED

    def predict(self, inputs: pd.DataFrame) -> np.ndarray:
        """Return the expected difference at rows of ``inputs``, float64[row]; others vary as in the bank."""
        return self.process.predict(inputs[list(self.inputs)].to_numpy(float))[0]


def emulate(bank: Bank, most: int = MOST_INPUTS) -> dict[str, Emulator]:
    """Return an emulator of each output of ``bank``, by name.

    Raises InputError for fewer than 32 points: too few to fit to some and hold others back.
    """
    points = len(bank.inputs)
    if points < LEAST_POINTS:
        raise InputError("bank", f"has {points} points; {LEAST_POINTS} or more are needed")
    held = np.arange(points) % HELD_BACK_EVERY == HELD_BACK_EVERY - 1
    return {name: _one(bank, at, held, most) for at, name in enumerate(bank.names)}


def errors(emulators: Mapping[str, Emulator]) -> pd.DataFrame:
    """Return how each emulator did on points held back.

    Columns: output, unit, points (fitted to), held_back, inputs (joined by '; '), rmse and spread (in the unit),
    explained (share of the spread there), covered (share within 95% intervals), good, useful.
    """
    columns = ["output", "unit", "points", "held_back", "inputs", "rmse", "spread", "explained", "covered", "good"]
    columns.append("useful")
    rows = [
        (
            x.name, x.unit, x.points, x.held_back, "; ".join(x.inputs), x.rmse, x.spread, x.explained, x.covered,
            x.good, x.useful,
        )
        for x in emulators.values()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def prior_sample(inputs: pd.DataFrame, count: int, fixed: Mapping[str, float], seed: int = 1) -> pd.DataFrame:
    """Return ``count`` rows spread as those of ``inputs``, whole rows at a time; ``fixed``: columns held at a value.

    A posterior's rows tie its parameters to each other, and drawing each by itself would undo that: so the rows are the
    bank's own, in a shuffled order. Further ones are rows of its own moved a little, all columns together, as ``moved``
    says.
    """
    rng = generator(seed, "emulator", "prior")
    own = inputs.take(rng.permutation(len(inputs))).reset_index(drop=True).astype(float)
    more = count - len(own)
    found = own.head(count) if more <= 0 else pd.concat([own, moved(own, more, rng)], ignore_index=True)
    return found.assign(**{name: float(value) for name, value in fixed.items() if name in found})


def moved(rows: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return ``count`` of ``rows``, one after another, moved by noise tied as they are themselves.

    On normal scores a row is drawn in and noise of the scores' own covariance added, so that spread and ties stay what
    they are; back by the quantiles of each column, straight between its values, so that nothing lies beyond them.
    Source: Silverman 1986, Density Estimation, sections 4.3 (the width) and 6.4 (the smoothed bootstrap that keeps
    covariances).
    """
    size, columns = rows.shape
    scores = ndtri((rows.rank().to_numpy(float) - 0.5) / size)
    spread, axes = np.linalg.eigh(np.cov(scores, rowvar=False).reshape(columns, columns))  # a constant column has none
    width = (4 / ((columns + 2) * size)) ** (1 / (columns + 4))
    noise = rng.standard_normal((count, columns)) @ (axes * np.sqrt(spread.clip(0.0))).T
    there = ndtr(math.sqrt(1 - width**2) * scores[np.arange(count) % size] + width * noise)
    ranks = (np.arange(size) + 0.5) / size
    return pd.DataFrame(
        {name: np.interp(there[:, at], ranks, np.sort(rows[name])) for at, name in enumerate(rows.columns)}
    )


def along(emulator: Emulator, sample: pd.DataFrame, name: str, values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return what is expected at each of ``values`` of one input, the others as in ``sample``, float64[value]."""
    places = np.asarray(values, float)
    rows = sample.take(np.tile(np.arange(len(sample)), len(places))).reset_index(drop=True)
    rows[name] = np.repeat(places, len(sample))
    return emulator.predict(rows).reshape(len(places), len(sample)).mean(axis=1)


def _one(bank: Bank, at: int, held: np.ndarray, most: int) -> Emulator:
    values = bank.differences[:, :, at]
    mean = values.mean(axis=1)
    chosen = chosen_inputs(bank, mean, ~held, most)
    points = bank.inputs[list(chosen)].to_numpy(float)
    process = fit_process(points[~held], mean[~held], None, Settings(mean=_mean(chosen, int((~held).sum()))))
    predicted, variance = process.predict(points[held])
    nugget = process.nugget * process.scale**2
    told = judged(mean[held, None], predicted[:, None], (variance + nugget)[:, None], [bank.names[at]]).table.iloc[0]
    chance = float(pooled_covariance(values[:, :, None])[0, 0]) / values.shape[1]
    rest = math.sqrt(max(nugget - chance, 0.0))
    spread = float(mean[held].std())
    still = spread <= _TINY * max(abs(float(mean.mean())), 1.0)
    return Emulator(
        bank.names[at], bank.units[at], chosen, process, rest, int((~held).sum()), int(held.sum()),
        float(told["rmse"]), spread, float(told["covered"]), 0.0 if still else float(told["explained"]),
        bool(told["good"]) or still,
    )  # fmt: skip


def chosen_inputs(bank: Bank, mean: np.ndarray, fitted: np.ndarray, most: int) -> tuple[str, ...]:
    """Return the doses, and the inputs that go with the output most over the points fitted to (by rank correlation)."""
    always = [name for name in bank.always if np.ptp(bank.inputs[name].to_numpy(float)[fitted]) > 0]
    room = min(most, max(int(fitted.sum()) // POINTS_PER_INPUT - len(always), 1))
    others = [name for name in bank.inputs.columns if name not in bank.always]
    ranks = bank.inputs.loc[fitted, others].rank().to_numpy(float)
    gap = ranks - ranks.mean(axis=0)
    out = pd.Series(mean[fitted]).rank().to_numpy(float)
    out = out - out.mean()
    size = np.sqrt((gap**2).sum(axis=0) * (out**2).sum())
    strength = np.divide(np.abs(gap.T @ out), size, out=np.zeros(len(others)), where=size > 0)
    strongest = np.argsort(-strength, kind="stable")[:room]
    found = [others[at] for at in strongest if strength[at] > 0]
    return tuple([*always, *found] or others[:1])


def _mean(chosen: Sequence[str], points: int) -> str:
    return "linear" if points >= len(chosen) + 4 else "constant"
