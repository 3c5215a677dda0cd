"""Sun and Abraham (2021, J. Econometrics 225): a saturated event study, weighted by cohort."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluation.causal.bands import (
    critical_values,
    degrees_of_freedom,
    few_clusters_caution,
    lone_side,
    pretrend,
    simultaneous,
)
from evaluation.causal.fixed_effects import fit
from evaluation.causal.study import Study, balanced, without_always_treated
from evaluation.estimate import LEVEL, Estimate
from scenarios.errors import InputError

BASE = -1


def sun_abraham(study: Study, level: float = LEVEL) -> Estimate:
    """Return the mean effect over treated unit-periods from cohort-by-time-since-start coefficients, clustered.

    The period before the start is the base. Never-treated units are the controls; where there are none, the last
    cohort is, and periods from its start on are left out. Cohort shares are taken as known, as the authors' own
    software does. Limits use Student's t (see degrees_of_freedom). Table 'event_study' has the cohort-weighted effect
    at each time since the start. Raises InputError where no cohort can be compared.
    """
    study = _with_controls(without_always_treated(balanced(study)))
    pairs = [(g, t) for g in study.cohorts for t in range(len(study.periods)) if t - g != BASE and g + BASE >= 0]
    if not pairs:
        raise InputError("panel", "no cohort has both a control and a period before its start")
    design = np.zeros((*study.outcome.shape, len(pairs)))
    for at, (g, t) in enumerate(pairs):
        design[study.start == g, t, at] = 1.0
    found = fit(study.outcome, design, np.where(np.isnan(study.outcome), 0.0, study.weight[:, None]), study.cluster)
    people = np.array([study.weight[study.start == g].sum() for g, _ in pairs])
    since = np.array([t - g for g, t in pairs])
    times = np.unique(since)
    by_time = np.array([np.where(since == each, people, 0.0) / people[since == each].sum() for each in times])
    after = np.where((since >= 0) & (since < study.follow_up), people, 0.0)
    overall = after / after.sum()
    influence = found.influence @ np.vstack([by_time, overall]).T
    widths = critical_values(level, degrees_of_freedom(influence, study))
    event, covariance = _event_study(by_time, found.coefficients, found.covariance, times, level, widths[:-1])
    of_event = np.insert(influence[:, :-1], int(np.searchsorted(times, BASE)), 0.0, axis=1)
    value = float(overall @ found.coefficients)
    reason = lone_side(study)
    se = math.nan if reason else float(np.sqrt(overall @ found.covariance @ overall))
    half = float(widths[-1]) * se
    by_cell = pd.DataFrame(
        {
            "cohort": study.periods[[g for g, _ in pairs]],
            "period": study.periods[[t for _, t in pairs]],
            "estimate": found.coefficients,
            "se": np.sqrt(np.diag(found.covariance)),
        }
    )
    return Estimate(
        method="did_sun_abraham",
        estimate=value,
        se=se,
        lower=value - half,
        upper=value + half,
        reason=reason,
        level=level,
        estimand="effect on the treated: mean effect over treated unit-periods",
        population=study.population(),
        n=float(study.clusters),
        n_of="clusters",
        assumptions=("parallel trends in every cohort", "no anticipation", "no spillover between units"),
        cautions=(*study.notes, *study.unused, *few_clusters_caution(study)),
        diagnostics=pretrend(event["estimate"].to_numpy(), covariance, times_before(event), of_event, study),
        tables={"event_study": event, "att_gt": by_cell},
        covariance=covariance,
    )


def times_before(event: pd.DataFrame) -> np.ndarray:
    """Return flags of the rows before the base period."""
    return event["event_time"].to_numpy() < BASE


def _with_controls(study: Study) -> Study:
    if study.never.any():
        return study
    last = int(study.cohorts[-1])
    name = study.periods[last]
    note = f"nobody is never treated: the last cohort ({name}) is the control and periods from {name} on are left out"
    return study.keep(periods=np.arange(len(study.periods)) < last, note=note)


def _event_study(
    by_time: np.ndarray, beta: np.ndarray, cells: np.ndarray, times: np.ndarray, level: float, widths: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table with its base row at 0, and the covariance of its rows (0 for the base)."""
    at = int(np.searchsorted(times, BASE))
    estimate = np.insert(by_time @ beta, at, 0.0)
    covariance = np.insert(np.insert(by_time @ cells @ by_time.T, at, 0.0, axis=0), at, 0.0, axis=1)
    se = np.sqrt(np.maximum(np.diag(covariance), 0))
    t = np.insert(widths, at, 0.0)
    band = np.maximum(t, simultaneous(covariance, level))
    table = pd.DataFrame({"event_time": np.insert(times, at, BASE), "estimate": estimate, "se": se})
    table["lower"], table["upper"] = estimate - t * se, estimate + t * se
    table["band_lower"], table["band_upper"] = estimate - band * se, estimate + band * se
    return table, covariance
