"""Small numbers in an evaluation: what could give a person away is hidden before anything is shown or written.

NHS England's method for hospital and emergency data is followed (see evaluation/suppression.py): counts of people and
of their events are hidden from 1 to 7 and otherwise rounded to 5; means that rest on so few are hidden; effects from
models are shown. An estimate one of whose arms holds 1 to 7 people or events is hidden too: it is a simple comparison,
and worthless at that size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.causal.by_quintile import ByQuintile
from evaluation.causal.designs import Evaluation, Table
from evaluation.causal.study import NEVER, starts_given
from evaluation.estimate import Estimate
from evaluation.suppression import AS_IT_IS, SmallNumbers

PEOPLE = ("people", "events")
_ASIDE = ("left out", "unmatched")  # counts that no comparison rests on


@dataclass(frozen=True)
class Behind:
    """What is behind the outcome of the treated: ``counts`` by period, ``people`` by period (empty: not known).

    ``single``: one treated unit, whose outcome is its own and no mean of several.
    """

    counts: Mapping[float, float]
    people: Mapping[float, float]
    single: bool

    def small(self, rule: SmallNumbers) -> list[float]:
        """Return the periods whose count must be hidden."""
        return [period for period, count in self.counts.items() if 0 < count <= rule.hide_to]


def behind(table: Table) -> Behind | None:
    """Return what counts are behind the treated units' outcome by period, None where the table holds no counts.

    Counts are '<outcome>_count', or the outcome itself where it is whole-numbered throughout.
    """
    frame = table.frame
    name = f"{table.outcome}_count" if f"{table.outcome}_count" in frame.columns else table.outcome
    if table.time not in frame.columns or name not in frame.columns or not is_counted(frame[name]):
        return None
    if table.treated and table.treated in frame.columns:
        on = pd.to_numeric(frame[table.treated], errors="coerce") == 1
        ever = on.groupby(frame[table.unit]).transform("any") if table.unit in frame.columns else on | True
    elif table.first_treated in frame.columns:
        periods = pd.to_numeric(frame[table.time], errors="coerce")
        starts = starts_given(frame[table.first_treated], periods.min(), periods.max())
        ever = starts < NEVER
    else:
        return None
    mine = frame[ever]
    people = "population" if "population" in frame.columns else table.population
    sums = mine.groupby(table.time)[name].sum()
    lived = mine.groupby(table.time)[people].sum() if people in frame.columns else pd.Series(dtype=float)
    single = table.unit not in frame.columns or mine[table.unit].nunique() == 1
    return Behind(dict(sums.items()), dict(lived.items()), single)  # type: ignore[arg-type]


def is_counted(values: pd.Series) -> bool:
    """Return whether ``values`` are whole numbers of 0 or above throughout, so that they may count people."""
    found = pd.to_numeric(values, errors="coerce").dropna()
    return bool(len(found)) and bool((found >= 0).all()) and bool((found % 1 == 0).all())


def protect(made: Evaluation, rule: SmallNumbers, known: Behind | None = None) -> Evaluation:
    """Return the evaluation with small numbers hidden by ``rule`` (AS_IT_IS: nothing)."""
    if rule == AS_IT_IS:
        return made
    return replace(made, results=tuple(protected(each, rule, known) for each in made.results))


def protected(estimate: Estimate, rule: SmallNumbers, known: Behind | None = None) -> Estimate:
    """Return one estimate with its counts rounded, and itself and its paths hidden where they rest on too few."""
    if rule == AS_IT_IS:
        return estimate
    few = [name for name, count in estimate.counts.items() if _few(count, rule) and not _aside(name)]
    shown = {name: shown_count(count, rule) for name, count in estimate.counts.items()}
    n = shown_count(estimate.n, rule) if estimate.n_of in PEOPLE else estimate.n
    tables = {name: _table(name, table, estimate, rule, known) for name, table in estimate.tables.items()}
    made = replace(estimate, counts=shown, n=n, tables=tables)
    if not few:
        return made
    why = f"suppressed: it rests on 1 to {rule.hide_to} {few[0]}"
    nan = math.nan
    return replace(made, estimate=nan, lower=nan, upper=nan, se=nan, reason=why, tables={}, diagnostics={})


def shown_count(count: float, rule: SmallNumbers) -> float:
    """Return ``count`` rounded by the rule; NaN where it is hidden."""
    if math.isnan(count) or _few(count, rule):
        return math.nan
    return math.floor(count / rule.round_to + 0.5) * rule.round_to


def protected_fifths(made: ByQuintile, rule: SmallNumbers) -> ByQuintile:
    """Return results by fifth with means hidden that rest on too few events, and counts rounded."""
    if rule == AS_IT_IS:
        return made
    levels = _hidden(_of_rounded_levels(made.levels, rule), ("count",), ("value", "lower", "upper"), rule)
    values = ("estimate", "lower", "upper", "most", "least")
    series = _hidden(_of_rounded_gaps(made.series, rule), ("count_most", "count_least"), values, rule)
    return replace(
        made,
        effects=tuple(protected(each, rule) for each in made.effects),
        gap=tuple(protected(each, rule) for each in made.gap),
        levels=levels,
        series=series,
    )


def protected_tally(table: pd.DataFrame, rule: SmallNumbers) -> pd.DataFrame:
    """Return the tally of events and people with small ones hidden (missing) and the others rounded."""
    if rule == AS_IT_IS or table.empty:
        return table
    made = table.copy()
    for name in PEOPLE:
        made[name] = [shown_count(float(value), rule) for value in table[name]]
        few = table[name].map(lambda value: _few(float(value), rule))
        if rule.second and int(few.sum()) == 1:  # a total known elsewhere would give it away
            left = table.loc[~few & (table[name] > 0), name]
            if not left.empty:
                made.loc[left.idxmin(), name] = np.nan
    return made


def words_of(counts: Mapping[str, float]) -> str:
    """Return counts as words: 'treated people 120, untreated people *'; '*' stands for what is hidden."""
    return ", ".join(f"{name} {'*' if math.isnan(count) else f'{count:,.0f}'}" for name, count in counts.items())


def _few(count: float, rule: SmallNumbers) -> bool:
    return 0 < count <= rule.hide_to


def _aside(name: str) -> bool:
    return any(word in name for word in _ASIDE)


def _table(
    name: str, table: pd.DataFrame, estimate: Estimate, rule: SmallNumbers, known: Behind | None
) -> pd.DataFrame:
    if known is None or table.empty or name not in ("path", "event_study"):
        return table
    small = known.small(rule)
    if name == "event_study":
        return _event_study(table, estimate, small) if known.single else table
    made, modelled = table.copy(), "fitted" in table.columns  # a fitted gap says nothing of what was observed
    made["observed"] = _observed(made, known, rule, modelled)
    if not modelled:
        made["gap"] = made["observed"] - made["synthetic"]
    hide = made["period"].isin(small)
    made.loc[hide, ["observed"] if modelled else ["observed", "gap"]] = np.nan
    return made


def _observed(path: pd.DataFrame, known: Behind, rule: SmallNumbers, modelled: bool) -> pd.Series:
    """Return what is shown of the observed: counts rounded, and a single unit's rate made of its rounded count."""
    counts = path["period"].map(known.counts)
    if modelled and np.allclose(counts, path["observed"], equal_nan=True):
        return np.floor(path["observed"] / rule.round_to + 0.5) * rule.round_to
    if not known.single:
        return path["observed"]
    rounded = np.floor(counts / rule.round_to + 0.5) * rule.round_to
    return (path["observed"] * rounded / counts.where(counts > 0)).where(counts > 0, path["observed"])


def _event_study(table: pd.DataFrame, estimate: Estimate, small: Sequence[float]) -> pd.DataFrame:
    """Return the event study of a single unit without the periods that must be hidden."""
    start = estimate.diagnostics.get("start")
    if start is None or not small:
        return table
    made = table.copy()
    hide = (made["event_time"] + start).isin(small)
    made.loc[hide, [name for name in made.columns if name != "event_time"]] = np.nan
    return made


def _of_rounded_levels(table: pd.DataFrame, rule: SmallNumbers) -> pd.DataFrame:
    """Return means as they would be of rounded counts, so that no count can be worked back from them."""
    if table.empty:
        return table
    made, times = table.copy(), _times(table["count"], rule)
    for name in ("value", "lower", "upper"):
        made[name] = made[name] * times
    return made


def _of_rounded_gaps(table: pd.DataFrame, rule: SmallNumbers) -> pd.DataFrame:
    """Return gaps as they would be of rounded counts; limits keep their width (for a ratio, on the log)."""
    if table.empty:
        return table
    made = table.copy()
    for side in ("most", "least"):
        made[side] = made[side] * _times(table[f"count_{side}"], rule)
    absolute = made["measure"] == "absolute"
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(absolute, made["most"] - made["least"], made["most"] / made["least"])
        for limit in ("lower", "upper"):
            by_width = value + made[limit] - made["estimate"]
            made[limit] = np.where(absolute, by_width, value * made[limit] / made["estimate"])
    made["estimate"] = np.where(made["estimate"].isna(), np.nan, value)
    return made


def _times(counts: pd.Series, rule: SmallNumbers) -> pd.Series:
    rounded = np.floor(counts / rule.round_to + 0.5) * rule.round_to
    return (rounded / counts.where(counts > 0)).fillna(1.0)


def _hidden(table: pd.DataFrame, counts: Sequence[str], values: Sequence[str], rule: SmallNumbers) -> pd.DataFrame:
    if table.empty or not set(counts) <= set(table.columns):
        return table
    made = table.copy()
    hide = pd.Series(False, index=table.index)
    for name in counts:
        hide |= (table[name] > 0) & (table[name] <= rule.hide_to)
        made[name] = [shown_count(float(value), rule) for value in table[name]]
    for name in values:
        made[name] = made[name].mask(hide)
    made["reason"] = made["reason"].mask(hide, f"suppressed: 1 to {rule.hide_to} events")
    return made
