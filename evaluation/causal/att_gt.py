"""Effects by cohort and period, with the influence of each unit: Callaway and Sant'Anna (2021), J. Econometrics 225.

With covariates: outcome regression, inverse-probability weights or doubly robust (Sant'Anna and Zhao 2020,
J. Econometrics 219), panel data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.causal.logit import fit_logit
from evaluation.causal.study import Study
from scenarios.errors import InputError, nearest

METHODS = ("dr", "reg", "ipw")
CONTROLS = ("never", "not_yet")
BASES = ("varying", "universal")
SHARES = ("sampled", "fixed")
KEPT = ("complete", "pairs")
MOST_PROPENSITY = 0.995  # controls above this weigh nothing, as in the authors' own package


@dataclass(frozen=True)
class Cells:
    """One row per cohort and period: positions (k,), effects (k,), influence (n, k) with mean zero, cohort shares."""

    cohort: np.ndarray
    period: np.ndarray
    effect: np.ndarray
    influence: np.ndarray
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """How cells are compared: ``control`` group, ``method`` with covariates, ``base`` period, ``anticipation``.

    ``shares``: cohorts' sizes are of a sample of units, as in the paper, or 'fixed' (these units are all there are).
    ``kept``, of an unbalanced panel: units seen in every period ('complete'), or for each cell those seen in both of
    its periods ('pairs'), which trusts that who is not seen does not depend on the outcome.
    """

    control: str = "never"
    method: str = "dr"
    base: str = "varying"
    anticipation: int = 0
    shares: str = "sampled"
    kept: str = "complete"

    def check(self) -> None:
        """Raise InputError for a name that is not known."""
        for key, value, allowed in (
            ("control", self.control, CONTROLS),
            ("method", self.method, METHODS),
            ("base", self.base, BASES),
            ("shares", self.shares, SHARES),
            ("kept", self.kept, KEPT),
        ):
            if value not in allowed:
                raise InputError(key, f"no such choice '{value}': {nearest(value, allowed)}")
        if self.anticipation < 0:
            raise InputError("anticipation", f"{self.anticipation}; 0 or more periods are allowed")


def cells(study: Study, choice: Choice) -> Cells:
    """Return ATT(g, t) for each cohort g and period t of a study.

    The base of a period from g - anticipation on is the one before it; earlier periods are compared with the period
    before ('varying') or with that same base ('universal', whose own effect is 0 by definition). Cells that cannot be
    compared (no control left, propensity without overlap) are named in ``skipped``; so are cohorts that start when
    nobody is left to compare them with, who are controls until then. Raises InputError when there is no control group
    at all.
    """
    choice.check()
    if choice.control == "never" and not study.never.any():
        raise InputError("panel", "no unit is never treated; use control='not_yet', or add comparison units")
    last = periods_compared(study, choice)
    kept: list[tuple[int, int, float, np.ndarray]] = []
    skipped = _without_control(study, last)
    for g in study.cohorts[study.cohorts < last]:
        base_post = g - 1 - choice.anticipation
        if base_post < 0:
            skipped.append(f"cohort {study.periods[g]}: no period before the start")
            continue
        for t in range(last):
            after = t > base_post
            base = base_post if after or choice.base == "universal" else t - 1
            if base < 0 or base == t:
                if base == t:
                    kept.append((g, t, 0.0, np.zeros(len(study.units))))
                continue
            control = _controls(study, choice, g, max(t, base))
            seen = ~np.isnan(study.outcome[:, t]) & ~np.isnan(study.outcome[:, base])
            found = _cell(study, (study.start == g) & seen, control & seen, t, base, choice.method)
            if found is None:
                skipped.append(f"cohort {study.periods[g]}, period {study.periods[t]}: no comparable control")
                continue
            kept.append((g, t, *found))
    if not kept:
        raise InputError("panel", "no cohort can be compared with any control in any period")
    cohort, when, effects, influence = zip(*kept, strict=True)
    return Cells(np.array(cohort), np.array(when), np.array(effects), np.column_stack(influence), tuple(skipped))


def periods_compared(study: Study, choice: Choice) -> int:
    """Return how many periods have a control: where nobody is never treated, those before the last cohort starts."""
    if choice.control == "never" or study.never.any():
        return len(study.periods)
    return int(study.cohorts[-1]) - choice.anticipation


def _without_control(study: Study, last: int) -> list[str]:
    """Return what is said of each cohort that starts when nobody is left to compare it with."""
    until = study.periods[min(last, len(study.periods) - 1)]
    words = f"nobody is never treated, so it is a control until {until} and has no effect here"
    late = study.cohorts[study.cohorts >= last]
    return [f"cohort {study.periods[g]}: {words}; periods from {until} on are left out" for g in late]


def _controls(study: Study, choice: Choice, cohort: int, latest: int) -> np.ndarray:
    if choice.control == "never":
        return study.never
    return (study.start > latest + choice.anticipation) & (study.start != cohort)


def _cell(
    study: Study, treated: np.ndarray, control: np.ndarray, period: int, base: int, method: str
) -> tuple[float, np.ndarray] | None:
    """Return (effect, influence (n,)) of one cell, or None where it cannot be compared."""
    used = treated | control
    if not control.any() or not treated.any():
        return None
    change = study.outcome[used, period] - study.outcome[used, base]
    on, weight = treated[used].astype(float), study.weight[used]
    weight = weight / weight.mean()
    covariates = study.covariates[used]
    if covariates.shape[1] == 0:
        effect, influence = _plain(change, on, weight)
    else:
        design = np.column_stack([np.ones(len(on)), covariates])
        if int(control.sum()) <= design.shape[1]:
            return None
        found = _adjusted(change, on, weight, design, method)
        if found is None:
            return None
        effect, influence = found
    whole = np.zeros(len(treated))
    whole[used] = influence * (len(treated) / used.sum())
    for arm in (treated, control):
        groups = int(arm.sum()) if study.clusters == len(study.units) else len(np.unique(study.cluster[arm]))
        whole[arm] *= np.sqrt(groups / max(groups - 1, 1))  # n - 1 in each arm's variance: cohorts are often small
    return effect, whole


def _plain(change: np.ndarray, on: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    treated, control = weight * on, weight * (1 - on)
    mean_treated, mean_control = np.average(change, weights=treated), np.average(change, weights=control)
    influence = treated * (change - mean_treated) / treated.mean() - control * (change - mean_control) / control.mean()
    return float(mean_treated - mean_control), influence


def _adjusted(
    change: np.ndarray, on: np.ndarray, weight: np.ndarray, design: np.ndarray, method: str
) -> tuple[float, np.ndarray] | None:
    """Return (effect, influence) by outcome regression, weighting or both (Sant'Anna and Zhao 2020)."""
    size = len(on)
    fitted, lin_outcome = np.zeros(size), np.zeros_like(design)
    if method != "ipw":
        off = weight * (1 - on)
        gram = (design * off[:, None]).T @ design / size
        if np.linalg.matrix_rank(gram) < gram.shape[0]:
            return None
        inverse = np.linalg.inv(gram)
        fitted = design @ (inverse @ (design.T @ (off * change) / size))
        lin_outcome = (design * (off * (change - fitted))[:, None]) @ inverse
    if method == "reg":
        return _by_regression(change, on * weight, design, fitted, lin_outcome)
    found = fit_logit(design, on, weight)
    if found is None:
        return None
    chance = np.minimum(found.chance, 1 - 1e-6)
    treated = weight * on
    control = weight * (1 - on) * chance / (1 - chance) * (chance < MOST_PROPENSITY)
    if control.sum() == 0:
        return None
    score = (design * (weight * (on - chance))[:, None]) @ (found.covariance * size)
    left = change - fitted
    eta_on, eta_off = np.average(left, weights=treated), np.average(left, weights=control)
    of_treated = treated * (left - eta_on) - lin_outcome @ (design * treated[:, None]).mean(0)
    of_control = (
        control * (left - eta_off)
        + score @ (design * (control * (left - eta_off))[:, None]).mean(0)
        - lin_outcome @ (design * control[:, None]).mean(0)
    )
    return float(eta_on - eta_off), of_treated / treated.mean() - of_control / control.mean()


def _by_regression(
    change: np.ndarray, treated: np.ndarray, design: np.ndarray, fitted: np.ndarray, lin_outcome: np.ndarray
) -> tuple[float, np.ndarray]:
    eta_on, eta_off = np.average(change, weights=treated), np.average(fitted, weights=treated)
    of_control = treated * (fitted - eta_off) + lin_outcome @ (design * treated[:, None]).mean(0)
    return float(eta_on - eta_off), (treated * (change - eta_on) - of_control) / treated.mean()
