"""Predictions beside what was observed: coverage at several levels, widths, scores, probability transforms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom

from calibration.diagnostics.scores import crps_sample, interval_score, pit_sample
from calibration.diagnostics.weights import normalised, weighted_mean, weighted_quantile

LEVELS = (0.5, 0.8, 0.9, 0.95)
PRINTED = 0.9


def predictions(
    names: Sequence[str], observed: np.ndarray, draws: np.ndarray, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """Return one row per target: how predictive draws float64[draws, targets] stand to what was observed.

    Columns: target, observed, mean, median, lower_90, upper_90, half_width_share (of the 90% interval, over the
    observed value), inside_50, inside_80, inside_90, inside_95, crps (in the target's unit), interval_score_90, pit.
    """
    share = np.full(len(draws), 1 / len(draws)) if weights is None else normalised(weights)
    rows = []
    for at, name in enumerate(names):
        mine, value = draws[:, at], float(observed[at])
        row: dict[str, object] = {"target": name, "observed": value, "mean": float(weighted_mean(mine, share))}
        row["median"] = float(weighted_quantile(mine, 0.5, share))
        for level in LEVELS:
            low, high = weighted_quantile(mine, np.array([(1 - level) / 2, (1 + level) / 2]), share)
            row[f"inside_{round(100 * level)}"] = bool(low <= value <= high)
            if level == PRINTED:
                row |= {"lower_90": float(low), "upper_90": float(high)}
                row["half_width_share"] = (high - low) / 2 / abs(value) if value else math.nan
                row["interval_score_90"] = float(interval_score(value, low, high, level))
        row["crps"] = crps_sample(value, mine, share)
        row["pit"] = pit_sample(value, mine, share)
        rows.append(row)
    return pd.DataFrame(rows)


def coverage_table(predicted: pd.DataFrame) -> pd.DataFrame:
    """Return, by level, the share of targets inside and the limits of it that chance allows (95%, binomial).

    ``predicted`` as ``predictions`` returns it. The limits take targets as independent, which targets of one model are
    not: they are too narrow.
    """
    rows = []
    for level in LEVELS:
        inside = predicted[f"inside_{round(100 * level)}"].to_numpy(bool)
        low, high = binom.ppf([0.025, 0.975], len(inside), level) / len(inside)
        rows.append(
            {
                "level": level,
                "targets": len(inside),
                "inside": float(inside.mean()),
                "by_chance_low": low,
                "by_chance_high": high,
            }
        )
    return pd.DataFrame(rows)
