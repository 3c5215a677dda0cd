"""Effects by fifth of deprivation, the effect on the gap between them, and the gap over time. 1 = most deprived.

Two kinds of table. Units that each belong to one fifth (small areas, practices, people): each fifth is analysed by
itself, and the effect on the gap is the difference of two independent effects. Units split into fifths (neighbourhoods,
a row per unit, period and fifth): the gap within each unit and period is itself analysed as the outcome, so that what
the fifths of a unit share drops out, and its interval is right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evaluation.causal.designs import PANELS, Table, primary
from evaluation.causal.gap_series import counts_of, gap_series
from evaluation.causal.study import NEVER, starts_given
from evaluation.estimate import DIFFERENCE, LEVEL, RATIO, Estimate, z_value
from evaluation.inequality.pairs import absolute_gap, relative_gap
from evaluation.inequality.rank import check_direction
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from scenarios.errors import InputError, nearest

FIFTHS = (1, 2, 3, 4, 5)
MOST, LEAST = FIFTHS[0], FIFTHS[-1]
BEFORE, AFTER, WITHOUT = "before the start", "from the start on", "from the start on, without it (estimated)"
USUALLY_MORE = ("ed_attendances", "emergency_admissions", "acsc_admissions", "bed_days", "spell_days", "deaths")
SHARED = "fifths of one place share its shocks: the interval of the gap does not know that"


@dataclass(frozen=True)
class ByQuintile:
    """``effects``: one per fifth there is, most deprived first; ``gap``: effects on the gap, absolute and slope.

    ``levels`` (for an equiplot): row, group, value, lower, upper, reason. ``series``: the gap over time (see
    gap_series). ``refused``: what could not be estimated, and why. ``cautions`` are about all of it.
    """

    effects: tuple[Estimate, ...]
    gap: tuple[Estimate, ...]
    levels: pd.DataFrame
    series: pd.DataFrame
    refused: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()


def by_quintile(table: Table, design: str, seed: int = 1, level: float = LEVEL) -> ByQuintile:
    """Return what the primary estimator of ``design`` says in each fifth of ``table.quintile``, and of the gap.

    A fifth that cannot be analysed is named in ``refused`` with its reason. Raises InputError for a column that is
    missing, a fifth outside 1 to 5, fewer than two fifths, or fifths that count from the wrong end by ``table.score``.
    """
    frame = _checked(table, design)
    effects, refused = _effects(table, frame, design, (seed, level))
    split = _is_split(table, frame, design)
    gaps, lost = _on_gap(table, frame, design, (seed, level)) if split else _between(effects, frame, table, design)
    levels = _levels(table, frame, effects)
    series = gap_series(frame, table, level) if design in PANELS or design == "its" else pd.DataFrame()
    cautions = ("five subgroups: one of them may stand out by chance; the gap is the one question",)
    told = (*cautions, *_unplaced(table, frame), *_usual(table, series))
    return ByQuintile(tuple(effects.values()), gaps, levels, series, {**refused, **lost}, told)


def effect_on_gap(table: Table, design: str, seed: int = 1, level: float = LEVEL) -> tuple[Estimate, ...]:
    """Return the effects on the gap alone, absolute (or relative) and slope, as ``by_quintile`` finds them.

    Raises InputError as ``by_quintile``, and where neither can be had.
    """
    frame = _checked(table, design)
    if _is_split(table, frame, design):
        gaps, lost = _on_gap(table, frame, design, (seed, level))
    else:
        gaps, lost = _between(_effects(table, frame, design, (seed, level))[0], frame, table, design)
    if not gaps:
        raise InputError("quintile", "; ".join(f"{name}: {why}" for name, why in lost.items()))
    return gaps


def together(table: Table) -> Table:
    """Return ``table`` with the fifths of a unit and period added up: one row each, for an analysis of the whole.

    Rates are weighted by 'population', counts are added. A table whose units belong to one fifth each stays as it is.
    Raises InputError for a unit and period that is there twice where no column tells fifths apart, and for a rate
    without a population.
    """
    frame = table.frame
    keys = [name for name in (table.unit, table.time) if name in frame.columns]
    if not keys or not frame.duplicated(keys).any():
        return table
    same = [name for name in (table.first_treated, table.treated, table.cluster, *table.covariates) if name]
    if not {table.outcome, *same} <= set(frame.columns):
        return table  # the design says which column is missing
    _refuse_twice(frame, keys, table)
    count, rate = f"{table.outcome}_count", pd.to_numeric(frame[table.outcome], errors="coerce")
    grouped = frame.groupby(keys, sort=True)
    made = grouped[same].first() if same else grouped.size().to_frame("rows")
    whole = counts_of(frame, table.outcome).notna().any()
    if table.population in frame.columns and count not in frame.columns and whole:  # counts beside their people
        for name in (table.outcome, table.population):
            made[name] = (
                pd.to_numeric(frame[name], errors="coerce").groupby([frame[key] for key in keys]).sum(min_count=1)
            )
    elif "population" in frame.columns:
        people = grouped["population"].sum()
        weighed = (rate * frame["population"]).groupby([frame[name] for name in keys]).sum(min_count=1)
        made[table.outcome], made["population"] = weighed / people, people
        if count in frame.columns:
            made[count] = grouped[count].sum()
    elif whole:
        made[table.outcome] = rate.groupby([frame[name] for name in keys]).sum(min_count=1)
    else:
        raise InputError("population", "is needed where a unit and period has several rows: rates cannot be added up")
    return replace(table, frame=made.reset_index())


def _refuse_twice(frame: pd.DataFrame, keys: list[str], table: Table) -> None:
    """Raise InputError for the first row of a unit, period and, where a column tells it, fifth that was there before.

    Whole numbers too: without fifths to add up, two rows of a place are a slip, and their sum a wrong count.
    """
    told = table.quintile in frame.columns
    by = [*keys, table.quintile] if told else keys
    again = frame.duplicated(by)
    if not again.any():
        return
    what = ", ".join(f"{name} {frame.loc[again, name].iloc[0]}" for name in by)
    hint = "" if told else "; rows of fifths need the name of their column (quintile)"
    if table.unit not in keys:
        hint = f"; rows of several units need a column '{table.unit}', or the name of theirs"
    raise InputError("panel", f"{what} is there twice; each is allowed once{hint}")


def _checked(table: Table, design: str) -> pd.DataFrame:
    if table.quintile not in table.frame.columns:
        hint = nearest(table.quintile, map(str, table.frame.columns))
        raise InputError("quintile", f"no column '{table.quintile}' in the table; {hint}")
    given = table.frame[table.quintile]
    values = pd.to_numeric(given, errors="coerce")
    bad = given.notna() & ~values.isin(FIFTHS)
    if bad.any():
        words = f"column '{table.quintile}' holds '{given[bad].iloc[0]}'; allowed: 1 to 5, 1 = most deprived"
        raise InputError("quintile", words)
    frame = table.frame[values.notna()].assign(**{table.quintile: values[values.notna()].astype(int)})
    there = sorted(int(each) for each in frame[table.quintile].unique())
    if len(there) < 2:
        raise InputError("quintile", f"only {there} in the table; a gap needs two")
    if table.score:
        if table.score not in frame.columns:
            hint = nearest(table.score, map(str, frame.columns))
            raise InputError("score", f"no column '{table.score}' in the table; {hint}")
        once = frame.drop_duplicates([table.unit, table.quintile]) if table.unit in frame.columns else frame
        score = pd.to_numeric(once[table.score], errors="coerce")
        if score.isna().all():
            raise InputError("score", f"column '{table.score}' holds no number")
        check_direction(once[table.quintile][score.notna()], score.dropna())
    if design in PANELS:
        _refuse_muddled(table, frame)
    return frame


def _refuse_muddled(table: Table, frame: pd.DataFrame) -> None:
    """Raise InputError for a fifth that is there twice in a unit and period, or one that changes within a unit."""
    keys = [table.unit, table.time]
    if not set(keys) <= set(frame.columns):
        return  # the design says which column is missing
    twice = frame.duplicated([*keys, table.quintile])
    if twice.any():
        unit, period = (frame.loc[twice, name].iloc[0] for name in keys)
        raise InputError("panel", f"unit '{unit}' has period {period} twice in one fifth; each is allowed once")
    several = frame.groupby(table.unit)[table.quintile].nunique() > 1
    if several.any() and not frame.duplicated(keys).any():
        name = several.index[several.to_numpy()][0]
        words = f"changes within unit '{name}'; one fifth for each unit, or a row for each of its fifths, is needed"
        raise InputError("quintile", words)


def _unplaced(table: Table, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return how many rows have no fifth: they are in no result by fifth, nor of the gap."""
    lost = len(table.frame) - len(frame)
    return (f"{lost} of {len(table.frame)} rows have no fifth of deprivation and were left out here",) if lost else ()


def _is_split(table: Table, frame: pd.DataFrame, design: str) -> bool:
    """Return whether units have rows of several fifths each."""
    return design in PANELS and bool((frame.groupby(table.unit)[table.quintile].nunique() > 1).any())


def _effects(
    table: Table, frame: pd.DataFrame, design: str, how: tuple[int, float]
) -> tuple[dict[int, Estimate], dict[str, str]]:
    """Return the effect in each fifth that can be analysed, and why the others cannot."""
    effects, refused = {}, {}
    for fifth in FIFTHS:
        mine = frame[frame[table.quintile] == fifth]
        name = f"quintile {fifth}"
        if mine.empty:
            refused[name] = "no rows in the table"
            continue
        try:
            found = primary(replace(table, frame=mine.reset_index(drop=True)), design, *how)
        except InputError as problem:
            refused[name] = str(problem)
            continue
        effects[fifth] = replace(found, population=f"{name}: {found.population}")
    return effects, refused


def _between(
    effects: Mapping[int, Estimate], frame: pd.DataFrame, table: Table, design: str
) -> tuple[tuple[Estimate, ...], dict[str, str]]:
    """Return the effect on the gap from independent effects: most less (over) least deprived, and their slope."""
    found, lost = [], {}
    if MOST in effects and LEAST in effects:
        most, least = effects[MOST], effects[LEAST]
        ratio = most.scale == RATIO
        made = relative_gap(most, least) if ratio else absolute_gap(most, least)
        words = f"effect in the most deprived fifth {'over' if ratio else 'less'} that in the least deprived"
        named = _named(made, most, words, "effect_on_gap_relative" if ratio else "effect_on_gap_absolute")
        shared = (SHARED,) if design == "its" else ()
        found.append(replace(named, cautions=tuple(dict.fromkeys((*most.cautions, *least.cautions, *shared)))))
    else:
        lost["gap"] = "no effect in the most or in the least deprived fifth"
    whole = len(effects) == len(FIFTHS) and all(math.isfinite(each.se) and each.se > 0 for each in effects.values())
    if whole and all(each.scale == DIFFERENCE for each in effects.values()):
        size = people_by_fifth(frame, table)
        rows = pd.DataFrame(
            {
                "quantile": list(effects),
                "population": [float(size[fifth]) for fifth in effects],
                "value": [each.estimate for each in effects.values()],
                "se": [each.se for each in effects.values()],
            }
        )
        slope = slope_ohid(rows, SlopeMethod(multiplier=-1.0, level=effects[MOST].level)).sii
        half = (slope.upper - slope.lower) / 2
        words = "slope of the effect over ranks of deprivation, most less least deprived"
        spread = replace(slope, se=half / z_value(slope.level)) if math.isfinite(half) else slope
        found.append(_named(spread, effects[MOST], words, "effect_on_slope"))
    return tuple(found), lost


def people_by_fifth(frame: pd.DataFrame, table: Table) -> pd.Series:
    """Return how much each fifth counts in ranks of deprivation: its people, or its rows where no people are known."""
    people = people_column(frame, table)
    if people:
        return pd.to_numeric(frame[people], errors="coerce").groupby(frame[table.quintile]).sum()
    return frame.groupby(table.quintile).size()


def people_column(frame: pd.DataFrame, table: Table) -> str:
    """Return the column of people: 'population', or the one the table names; '' where there is none."""
    return next((name for name in ("population", table.population) if name and name in frame.columns), "")


def _on_gap(
    table: Table, frame: pd.DataFrame, design: str, how: tuple[int, float]
) -> tuple[tuple[Estimate, ...], dict[str, str]]:
    """Return the effect on the gap within units and periods, the gap itself taken as the outcome."""
    found, lost = [], {}
    wide = frame.pivot_table(index=[table.unit, table.time], columns=table.quintile, values=table.outcome)
    keep = [name for name in (table.first_treated, table.treated, table.cluster, *table.covariates) if name]
    same = frame.groupby([table.unit, table.time])[keep].first()
    measures = {"absolute": _difference(wide), "slope": _slope(wide, frame, table)}
    about = {
        "absolute": (
            "effect_on_gap_absolute",
            "effect on the gap, most less least deprived fifth, each unit counting once",
        ),
        "slope": (
            "effect_on_slope",
            "effect on the slope index of inequality, most less least deprived, each unit counting once",
        ),
    }
    for name, values in measures.items():
        if values is None or values.dropna().empty:
            lost[f"gap ({name})"] = "no unit has every fifth it needs in one period"
            continue
        rows = same.join(values.rename(table.outcome).dropna(), how="inner").reset_index()
        try:
            made = primary(replace(table, frame=rows, quintile="", population=""), design, *how)
        except InputError as problem:
            lost[f"gap ({name})"] = str(problem)
            continue
        method, words = about[name]
        told = _lacking(values, table.unit, name)
        found.append(replace(made, method=f"{method}_{made.method}", estimand=words).with_cautions(*told))
    return tuple(found), lost


def _lacking(values: pd.Series, unit: str, measure: str) -> tuple[str, ...]:
    """Return how many units have no gap (NaN in ``values`` by unit and period) in any period, and in some only."""
    share = values.notna().groupby(level=unit).mean()
    lacking = "lack a fifth" if measure == "slope" else f"lack fifth {MOST} or {LEAST}"
    never, some = int((share == 0).sum()), int(((share > 0) & (share < 1)).sum())
    left_out = (f"{never} of {len(share)} units {lacking} and are left out",) if never else ()
    in_part = f"{some} of {len(share)} units {lacking} in some periods, and those periods are left out"
    return (*left_out, *((in_part,) if some else ()))


def _difference(wide: pd.DataFrame) -> pd.Series | None:
    return wide[MOST] - wide[LEAST] if {MOST, LEAST} <= set(wide.columns) else None


def _slope(wide: pd.DataFrame, frame: pd.DataFrame, table: Table) -> pd.Series | None:
    """Return the slope index of each unit and period: most less least deprived, NaN where a fifth is missing."""
    if set(wide.columns) != set(FIFTHS):
        return None
    people = pd.DataFrame(1.0, index=wide.index, columns=wide.columns)
    if named := people_column(frame, table):
        people = frame.pivot_table(index=[table.unit, table.time], columns=table.quintile, values=named)
    whole = wide.notna().all(axis=1) & (people > 0).all(axis=1)
    value, share = wide[whole].to_numpy(), people[whole].to_numpy()
    share = share / share.sum(axis=1, keepdims=True)
    rank = np.cumsum(share, axis=1) - share / 2
    away = rank - (share * rank).sum(axis=1, keepdims=True)
    slope = (share * away * value).sum(axis=1) / (share * away**2).sum(axis=1)
    return pd.Series(-slope, index=wide.index[whole]).reindex(wide.index)


def _named(made: Estimate, like: Estimate, estimand: str, method: str) -> Estimate:
    return replace(
        made,
        method=f"{method}_{like.method}",
        estimand=estimand,
        population="all fifths",
        assumptions=(*like.assumptions, "the fifths are independent of one another"),
    )


def _levels(table: Table, frame: pd.DataFrame, effects: Mapping[int, Estimate]) -> pd.DataFrame:
    """Return mean outcomes of the treated by fifth: before, after, and after without the service (estimated)."""
    values = pd.to_numeric(frame[table.outcome], errors="coerce")
    if table.treated:
        on = pd.to_numeric(frame[table.treated], errors="coerce") == 1
        ever = on.groupby(frame[table.unit]).transform("any") if table.unit in frame.columns else on
    else:
        first = starts_given(frame[table.first_treated], frame[table.time].min(), frame[table.time].max())
        on, ever = frame[table.time] >= first, first < NEVER
    counts = counts_of(frame, table.outcome)
    rows = []
    for fifth in FIFTHS:
        mine = frame[table.quintile] == fifth
        for name, chosen in ((BEFORE, mine & ever & ~on), (AFTER, mine & on)):
            if chosen.any():
                seen = float(values[chosen].mean())
                rows.append((name, fifth, seen, math.nan, math.nan, float(counts[chosen].sum(min_count=1)), ""))
        if (mine & on).any():
            seen, behind = float(values[mine & on].mean()), float(counts[mine & on].sum(min_count=1))
            rows.append((WITHOUT, fifth, *_without(seen, effects.get(fifth), behind)))
    return pd.DataFrame(rows, columns=["row", "group", "value", "lower", "upper", "count", "reason"])


def _without(seen: float, effect: Estimate | None, count: float) -> tuple[float, float, float, float, str]:
    """Return the estimated mean without the service; the effect's limits turned round."""
    if effect is None or math.isnan(seen) or not math.isfinite(effect.estimate):
        return math.nan, math.nan, math.nan, count, "no effect was estimated"
    if effect.scale == RATIO:
        at = [seen / each if each > 0 else math.nan for each in (effect.estimate, effect.upper, effect.lower)]
    else:
        at = [seen - each for each in (effect.estimate, effect.upper, effect.lower)]
    return at[0], at[1], at[2], count, effect.reason


def _usual(table: Table, series: pd.DataFrame) -> tuple[str, ...]:
    """Return a caution where use is clearly least in the first fifth, though usually most: deprivation turned round?"""
    if table.outcome.removesuffix("_count") not in USUALLY_MORE or series.empty:
        return ()
    mine = series[(series["measure"] == "absolute") & series["upper"].notna()]
    if len(mine) == 0 or not (mine["upper"] < 0).mean() > 0.5:
        return ()
    words = f"{table.outcome} is least in fifth 1, though usually most there: check that 1 is the most deprived"
    return (words,)
