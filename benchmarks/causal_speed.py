"""Seconds for Callaway and Sant'Anna with 999 bootstraps on 100,000 rows: python -m benchmarks.causal_speed."""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.study import read_study
from evaluation.draws import generator

UNITS, MONTHS, STARTS = 5_000, 20, (6, 8, 10, 12, 14, 16)
BOOTSTRAPS = 999
MOST_SECONDS = 60.0


def panel() -> pd.DataFrame:
    """Return UNITS x MONTHS rows: six start dates and a never-treated seventh, a covariate, an effect of -1."""
    rng = generator(1, "speed of callaway")
    first = np.array([*STARTS, np.nan])[np.arange(UNITS) % (len(STARTS) + 1)]
    month = np.tile(np.arange(MONTHS), UNITS)
    need = rng.normal(size=UNITS)
    outcome = np.repeat(need, MONTHS) * (1 + 0.02 * month) + rng.normal(size=UNITS * MONTHS)
    outcome -= month >= np.repeat(first, MONTHS)
    unit = np.repeat(np.arange(UNITS), MONTHS)
    return pd.DataFrame(
        {"unit": unit, "month": month, "outcome": outcome, "first": np.repeat(first, MONTHS), "need": need[unit]}
    )


def seconds(covariates: tuple[str, ...], control: str) -> float:
    """Return the seconds from table to result, reading and checking included."""
    frame = panel()
    started = time.perf_counter()
    study = read_study(
        frame, unit="unit", time="month", outcome="outcome", first_treated="first", covariates=covariates
    )
    result = callaway_santanna(study, Choice(control), bootstraps=BOOTSTRAPS)
    taken = time.perf_counter() - started
    words = "doubly robust, one covariate" if covariates else "no covariate"
    print(
        f"{len(frame):,} rows, {BOOTSTRAPS} bootstraps, {control} treated controls, {words}: "
        f"{taken:.1f} s (effect {result.estimate:.3f}, se {result.se:.3f})"
    )
    return taken


def main() -> int:
    """Print four timings; exit 1 if any takes longer than MOST_SECONDS."""
    taken = [seconds(covariates, control) for covariates in ((), ("need",)) for control in ("never", "not_yet")]
    return 0 if max(taken) < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
