"""The paired difference: what a design changes, replication by replication, against its twin.

Arms share random numbers, so the difference is taken inside each replication and then averaged. This is the only place
where that is done: totals, quintiles, gaps and waits all come through ``paired``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
from scipy.stats import t as student

from evaluation.outcomes import OUTCOMES, Outcome
from evaluation.panel import UNIT, after_go_live, rates
from evaluation.ratio import fieller
from scenarios.errors import InputError, nearest

LEVEL = 0.95
ONE_REPLICATION = "one replication: no interval"
IDENTICAL = "identical in every replication"
CONSTANT = "the same difference in every replication"
NO_DIFFERENCE = "no difference detected"
NO_BASE = "the baseline is too unsure for limits of the percentage"
SURE_ENOUGH = 0.25  # squared half-width of the baseline over its square, above which Fieller's limits are far from even
_ROUNDING = 1e-12  # a spread this small beside the values themselves is floating-point noise
_NONE = pd.Series([], dtype=object)  # reasons, where there is nothing to explain


Series = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Paired:
    """A design against a baseline over ``n`` independent pairs, in the outcome's unit.

    Undefined figures are NaN and ``reason`` says why. ``variance_ratio`` is how many times more replications unpaired
    arms would need for the same precision. ``verdict`` is 'lower', 'higher' or 'no difference detected' (the interval
    holds zero, or every pair is identical), or 'not tested' (no interval).
    """

    n: int
    baseline: float
    baseline_se: float
    design: float
    design_se: float
    difference: float
    lower: float
    upper: float
    se_paired: float
    se_unpaired: float
    variance_ratio: float
    percent: float
    percent_lower: float
    percent_upper: float
    verdict: str
    reason: str


def mean_interval(values: Series, level: float = LEVEL) -> tuple[float, float, float]:
    """Return mean, lower and upper Student limits of independent ``values``; limits are NaN for fewer than two."""
    data = np.asarray(values, dtype=float)
    if data.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(data.mean())
    half = _half_width(data, level)
    return mean, mean - half, mean + half


def by_draw(values: Series, draw: Series) -> np.ndarray:
    """Return what is independent of ``values`` (one a run, in any order): means of draws where there are several.

    Replications of one draw share its parameters. With one draw they are what is independent, and come back as given.
    """
    data, codes = np.asarray(values, dtype=float), np.unique(np.asarray(draw), return_inverse=True)[1]
    counts = np.bincount(codes)
    return np.bincount(codes, weights=data) / counts if len(counts) > 1 else data


def runs_interval(values: Series, draw: Series, level: float = LEVEL) -> tuple[float, float, float]:
    """Return mean and Student limits over runs, each of a ``draw``: draws count as one observation each."""
    return mean_interval(by_draw(values, draw), level)


def paired(baseline: Series, design: Series, level: float = LEVEL, least_sd: float = 0.0) -> Paired:
    """Return the paired difference, design minus baseline, of two equally long series (one value per replication).

    The interval is Student's with n-1 degrees of freedom; percent is the ratio of means with Fieller's limits, which
    hold 0 just where those of the difference do; without limits where the baseline is not known well (two replications
    often). ``least_sd``: a spread below this, of levels or differences, is not known (see ``compare``). A NaN in either
    series leaves the result undefined, for dropping pairs would select.
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(design, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"paired series must be equally long lists; got shapes {a.shape} and {b.shape}")
    bad = int((np.isnan(a) | np.isnan(b)).sum())
    if a.size == 0 or bad:
        return _undefined(a.size, f"undefined in {bad} of {a.size} replications" if bad else "no replication")
    difference = b - a
    difference[np.abs(difference) <= _ROUNDING * np.maximum(np.abs(a), np.abs(b))] = 0.0
    levels_se = tuple(_standard_error(each, least_sd if each.any() else 0.0) for each in (a, b))
    least_sd = least_sd if difference.any() else 0.0  # no difference at all is known to be none
    mean = float(difference.mean())
    half = _half_width(difference, level, least_sd)
    se = _standard_error(difference, least_sd)
    se_unpaired = math.hypot(*levels_se)
    percent, percent_lower, percent_upper = _percent(a, difference, level, least_sd)
    return Paired(
        n=a.size,
        baseline=float(a.mean()),
        baseline_se=levels_se[0],
        design=float(b.mean()),
        design_se=levels_se[1],
        difference=mean,
        lower=mean - half,
        upper=mean + half,
        se_paired=se,
        se_unpaired=se_unpaired,
        variance_ratio=(se_unpaired / se) ** 2 if se > 0 else math.nan,
        percent=percent,
        percent_lower=percent_lower,
        percent_upper=percent_upper,
        verdict=_verdict(difference, mean, half),
        reason=_reason(a, difference, percent_lower, least_sd),
    )


def compare(
    panel: pd.DataFrame,
    baseline: str,
    design: str,
    outcomes: Sequence[Outcome] = OUTCOMES,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return every outcome's paired difference from go-live on, for all residents and by deprivation quintile.

    One row per outcome and group ('all', '1' ... '5'): outcome, label, unit, group, the fields of ``Paired``,
    ``total_difference`` (events or days over the whole horizon, mean over replications; NaN for a mean per contact)
    and ``pairs``: 'replications', or 'draws' where parameters were drawn (a draw's replications are averaged).
    A rate whose counts are equal in every pair is the same in both arms, whoever lived longer in one of them. Counts
    are whole: a spread of their differences below that of rounding (an event over the square root of 12) is not known,
    and two runs with one event more in each are no proof.
    Raises InputError for an unknown arm or a replication without its twin.
    """
    live = pair_arms(after_go_live(panel), baseline, design)
    everyone = rates(live, list(UNIT), outcomes).assign(group="all")
    groups = rates(live, [*UNIT, "quintile"], outcomes)
    groups["group"] = groups["quintile"].astype(str)
    table = pd.concat([everyone, groups.drop(columns="quintile")], ignore_index=True)
    names = sorted(groups["group"].unique())
    parts = table.groupby(["outcome", "group"]).indices
    of_design = (table["arm"] == design).to_numpy(bool)
    columns = [table[name].to_numpy() for name in (*UNIT[1:], "value", "numerator", "denominator")]
    rows = []
    for outcome in outcomes:
        for group in ["all", *names]:
            at = parts.get((outcome.name, group), np.zeros(0, np.intp))
            draw, replication, value, numerator, denominator = (each[at] for each in columns)
            series, pairs = in_pairs(of_design[at], draw, replication, value)
            total = math.nan
            least_sd = _rounding_sd(denominator, draw) if outcome.counts_events else 0.0
            if outcome.is_rate:
                counted, _ = in_pairs(of_design[at], draw, replication, numerator)
                total = _mean_known(counted[:, 1] - counted[:, 0])
                if (counted[:, 0] == counted[:, 1]).all():  # the same events, over lives that end at other times
                    series[:, 1] = series[:, 0]
            why = table["reason"].iloc[at] if np.isnan(series).any() else _NONE
            found = told_paired(series, pairs, why, level, least_sd)
            head = {"outcome": outcome.name, "label": outcome.label, "unit": outcome.unit, "group": group}
            rows.append({**head, **found, "total_difference": total})
    return pd.DataFrame(rows)


def _rounding_sd(denominator: np.ndarray, draw: np.ndarray) -> float:
    """Return the spread in a rate of rounding to whole events: a uniform's over one event, averaged within a draw."""
    known, draws = denominator[denominator > 0], len(np.unique(draw))
    a_draw = len(draw) / 2 / draws if draws > 1 else 1.0  # rows are of two arms
    return float((1.0 / known).mean()) / math.sqrt(12.0 * a_draw) if known.size else 0.0


def pair_arms(frame: pd.DataFrame, baseline: str, design: str) -> pd.DataFrame:
    """Return the rows of two arms. Raises InputError for an unknown arm, or a replication only one of them has."""
    known = [str(name) for name in frame["arm"].unique()]
    for name in (baseline, design):
        if name not in known:
            raise InputError("arm", f"no arm '{name}'; {nearest(name, known)}")
    kept = frame[frame["arm"].isin([baseline, design])]
    done: dict[str, set[tuple[int, int]]] = {baseline: set(), design: set()}
    for arm, draw, replication in kept[list(UNIT)].drop_duplicates().itertuples(index=False):
        done[str(arm)].add((int(draw), int(replication)))
    for name, other in ((baseline, design), (design, baseline)):
        lonely = sorted(done[other] - done[name])
        if lonely:
            draw, replication = lonely[0]
            raise InputError(f"arm '{name}'", f"draw {draw}, replication {replication} is missing; '{other}' has it")
    return kept


def pair_series(frame: pd.DataFrame, baseline: str, design: str, value: str = "value") -> tuple[np.ndarray, str]:
    """Return float64[pair, (baseline, design)], one row per independent pair, and what a row is.

    With several draws, replications are averaged within a draw, since they share its parameters. NaN: not there.
    """
    arm = frame["arm"].to_numpy(object)
    draw, replication = (frame[name].to_numpy() for name in UNIT[1:])
    mine = (arm == baseline) | (arm == design)
    numbers = frame[value].to_numpy(float)
    return in_pairs(arm[mine] == design, draw[mine], replication[mine], numbers[mine])


def in_pairs(
    of_design: np.ndarray, draw: np.ndarray, replication: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, str]:
    """Return what ``pair_series`` does, from plain columns: whether a row is of the design, its run, its value."""
    if not len(values):
        return np.zeros((0, 2)), "replications"
    runs = draw.astype(np.int64) * (int(replication.max()) + 1) + replication
    codes, at = np.unique(runs, return_inverse=True)
    both = np.full((len(codes), 2), math.nan)
    both[at, of_design.astype(int)] = values
    draws = codes // (int(replication.max()) + 1)
    first = np.flatnonzero(np.diff(draws, prepend=draws[0] - 1))
    if len(first) == 1:
        return both, "replications"
    counts = np.diff(first, append=len(both))
    return np.add.reduceat(both, first, axis=0) / counts[:, None], "draws"


def paired_frame(frame: pd.DataFrame, baseline: str, design: str, level: float = LEVEL) -> dict[str, object]:
    """Return the fields of ``Paired`` and 'pairs' for a table with columns arm, draw, replication, value, reason."""
    series, pairs = pair_series(frame, baseline, design)
    return told_paired(series, pairs, frame["reason"], level)


def told_paired(
    series: np.ndarray, pairs: str, reasons: pd.Series, level: float, least_sd: float = 0.0
) -> dict[str, object]:
    """Return the fields of ``Paired`` and 'pairs' for float64[pair, (baseline, design)]; ``reasons``: of its rows."""
    found = paired(series[:, 0], series[:, 1], level, least_sd)
    reason = found.reason
    if math.isnan(found.difference):
        causes = "; ".join(sorted(text for text in reasons.unique() if text)) or "no residents"
        always = np.isnan(series).any(axis=1).all()
        reason = causes if always else f"{reason}: {causes}"
    return {**asdict(found), "reason": reason, "pairs": pairs}


def _mean_known(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _standard_error(values: np.ndarray, least_sd: float = 0.0) -> float:
    if values.size < 2:
        return math.nan
    spread = max(float(values.std(ddof=1)), least_sd)
    noise = _ROUNDING * float(np.abs(values).max())
    return 0.0 if spread <= noise else spread / math.sqrt(values.size)


def _half_width(values: np.ndarray, level: float, least_sd: float = 0.0) -> float:
    if values.size < 2:
        return math.nan
    return float(student.ppf(0.5 + level / 2, values.size - 1)) * _standard_error(values, least_sd)


def _percent(a: np.ndarray, difference: np.ndarray, level: float, least_sd: float) -> tuple[float, float, float]:
    base = float(a.mean())
    if base == 0:
        return math.nan, math.nan, math.nan
    percent = 100 * float(difference.mean()) / base
    if a.size > 1 and _standard_error(a) == 0 and _standard_error(difference, least_sd) == 0:
        return percent, percent, percent
    if a.size > 1 and (_half_width(a, level) / base) ** 2 > SURE_ENOUGH:
        return percent, math.nan, math.nan
    lower, upper, _ = fieller(difference, a, level, least_sd)
    return percent, 100 * lower, 100 * upper


def _verdict(difference: np.ndarray, mean: float, half: float) -> str:
    if not difference.any():
        return NO_DIFFERENCE
    if math.isnan(half):
        return "not tested"
    if abs(mean) <= half:
        return NO_DIFFERENCE
    return "lower" if mean < 0 else "higher"


def _reason(a: np.ndarray, difference: np.ndarray, percent_lower: float, least_sd: float) -> str:
    reasons = []
    if difference.size == 1:
        reasons.append(ONE_REPLICATION)
    elif not difference.any():
        reasons.append(IDENTICAL)
    elif _standard_error(difference, least_sd) == 0:
        reasons.append(CONSTANT)
    if a.mean() == 0:
        reasons.append("baseline is zero: no percentage")
    elif difference.size > 1 and math.isnan(percent_lower):
        reasons.append(NO_BASE)
    return "; ".join(reasons)


def _undefined(n: int, reason: str) -> Paired:
    numbers = dict.fromkeys([each.name for each in fields(Paired) if each.type == "float"], math.nan)
    return Paired(n=n, verdict="undefined", reason=reason, **numbers)
