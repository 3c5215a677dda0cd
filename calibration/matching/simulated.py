"""Simulated values of targets over draws and replications: means, and the Monte Carlo error that replications show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.matching.tables import RunTables, read_run
from calibration.matching.values import value_of
from calibration.targets.target import TargetSet
from scenarios.errors import InputError, raise_all

COLUMNS = ("target", "draw", "replication", "simulated")


def simulated(targets: TargetSet, runs: Iterable[RunTables]) -> pd.DataFrame:
    """Return one row per target and run: target, draw, replication, simulated (in the target's unit).

    Raises InputError, one line for each target without a matching output.
    """
    rows: list[tuple[str, int, int, float]] = []
    for run in runs:
        problems: list[InputError] = []
        for target in targets:
            try:
                rows.append((target.target, run.draw, run.replication, value_of(target, run)))
            except InputError as problem:
                problems.append(problem)
        raise_all(problems)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def unmatched(targets: TargetSet, run: RunTables) -> list[InputError]:
    """Return a line for each target that ``run`` has no output for."""
    found = []
    for target in targets:
        try:
            value_of(target, run)
        except InputError as problem:
            found.append(problem)
    return found


def match(targets: TargetSet, folder: Path, arm: str = "") -> pd.DataFrame:
    """Return the targets beside what a results folder gives them.

    Columns: target, observed (as bridged), lower_95, upper_95, simulated (mean over draws and replications), mc_sd (of
    one replication), mc_se (of the mean within a draw, then over draws), draws, replications, unit. Monte Carlo
    figures are NaN with one replication. Raises InputError for targets the run has no output for.
    """
    found = summary(simulated(targets, read_run(folder, arm))).set_index("target")
    rows = []
    for target in targets:
        mine = found.loc[target.target]
        factor = target.bridge_factor
        rows.append(
            {
                "target": target.target,
                "observed": target.bridged_value,
                "lower_95": target.lower_95 * factor,
                "upper_95": target.upper_95 * factor,
                **mine.to_dict(),
                "unit": target.unit,
            }
        )
    return pd.DataFrame(rows)


def summary(values: pd.DataFrame) -> pd.DataFrame:
    """Return per target the mean, Monte Carlo sd of one replication (pooled within draws) and standard error.

    ``values`` as ``simulated`` returns it. With draws, the mean is over draws of their means.
    """
    rows = []
    for name, mine in values.groupby("target", sort=False):
        groups = [group["simulated"].to_numpy(float) for _, group in mine.groupby("draw", sort=True)]
        sd = pooled_sd(groups)
        count = sum(len(group) for group in groups)
        rows.append(
            {
                "target": name,
                "simulated": float(np.mean([group.mean() for group in groups])),
                "mc_sd": sd,
                "mc_se": sd / math.sqrt(count),
                "draws": len(groups),
                "replications": len(groups[0]),
            }
        )
    return pd.DataFrame(rows)


def pooled_sd(groups: Sequence[np.ndarray]) -> float:
    """Return the standard deviation within groups, pooled; NaN if none has two values or more."""
    freedom = sum(len(group) - 1 for group in groups)
    if freedom == 0:
        return math.nan
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    return math.sqrt(squares / freedom)


def matrix(values: pd.DataFrame, targets: TargetSet) -> np.ndarray:
    """Return float64[draw, replication, target] of ``simulated``'s rows; every draw has the same replications."""
    wide = values.pivot(index=["draw", "replication"], columns="target", values="simulated")[targets.names]
    draws = wide.index.get_level_values("draw").nunique()
    return wide.to_numpy(float).reshape(draws, -1, len(targets))


def observed(targets: TargetSet) -> np.ndarray:
    """Return the observed values as bridged, float64[target]."""
    return np.array([each.bridged_value for each in targets])
