"""One treated series beside its possible donors: what synthetic controls start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.study import Study, balanced, without_always_treated
from scenarios.errors import InputError

LEAST_BEFORE = 2


@dataclass(frozen=True)
class Donors:
    """``target`` (T,): the treated units' weighted mean; ``donors`` (T, k); ``start``: position of the first on."""

    target: np.ndarray
    donors: np.ndarray
    names: np.ndarray
    periods: np.ndarray
    start: int
    treated: int

    def gap(self, weights: np.ndarray) -> np.ndarray:
        """Return (T,): the treated series less the weighted donors."""
        return self.target - self.donors @ weights

    def placebo(self, at: int) -> Donors:
        """Return the same with donor ``at`` in the treated unit's place, and the treated unit left out."""
        others = np.arange(len(self.names)) != at
        return Donors(self.donors[:, at], self.donors[:, others], self.names[others], self.periods, self.start, 1)

    def without(self, at: int) -> Donors:
        """Return the same without donor ``at``."""
        others = np.arange(len(self.names)) != at
        return Donors(self.target, self.donors[:, others], self.names[others], self.periods, self.start, self.treated)


def donors_of(study: Study) -> tuple[Donors, Study]:
    """Return the treated mean and its never-treated donors, with the balanced study they come from.

    Raises InputError for several start dates (use generalised synthetic control or synthetic DiD), fewer than two
    donors, or fewer than two periods before the start.
    """
    study = without_always_treated(balanced(study))
    if len(study.cohorts) > 1:
        dates = ", ".join(str(each) for each in study.periods[study.cohorts][:4])
        raise InputError("panel", f"treatment starts at {dates}: synthetic control needs one start; use gsynth or sdid")
    if study.never.sum() < 2:
        raise InputError("panel", f"{int(study.never.sum())} never-treated units; at least two donors are needed")
    start = int(study.cohorts[0])
    if start < LEAST_BEFORE:
        raise InputError("panel", f"{start} period before the start; at least {LEAST_BEFORE} are needed")
    if np.isfinite(study.follow_up):
        study = study.keep(periods=np.arange(len(study.periods)) < start + study.follow_up)
    on = ~study.never
    target = np.average(study.outcome[on], axis=0, weights=study.weight[on])
    made = Donors(target, study.outcome[study.never].T, study.units[study.never], study.periods, start, int(on.sum()))
    return made, study


def predictor_means(
    frame: pd.DataFrame, unit: str, time: str, wanted: Sequence[tuple[str, Sequence[float]]]
) -> pd.DataFrame:
    """Return predictors x units: the mean of each (column, periods) over those periods, absent values left out.

    Rows are named 'column' or, where a column comes twice, 'column first-last'. Raises InputError naming the first
    predictor and unit without any value.
    """
    rows: dict[str, pd.Series] = {}
    for column, periods in wanted:
        if column not in frame.columns:
            raise InputError("predictors", f"column '{column}' is missing")
        name = column if column not in rows else f"{column} {min(periods)}-{max(periods)}"
        rows[name] = frame[frame[time].isin(list(periods))].groupby(unit)[column].mean()
    table = pd.DataFrame(rows).T.reindex(columns=sorted(frame[unit].unique()))
    missing = np.argwhere(table.isna().to_numpy())
    if len(missing):
        row, column_at = missing[0]
        raise InputError("predictors", f"'{table.index[row]}' has no value for unit '{table.columns[column_at]}'")
    return table
