"""A panel ready for estimation: units by periods, when treatment starts, checked once, with what was left out said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.arrays import LARGEST
from evaluation.causal.periods import uneven
from evaluation.causal.roles import refuse_months, refuse_starts, refuse_two_roles, starts_told
from scenarios.errors import InputError, nearest

NEVER = np.inf
RARELY = 0.05  # share of values below 0 that is taken for a slip


@dataclass(frozen=True)
class Study:
    """Units x periods. ``outcome`` holds NaN where a row is absent; ``start``: position in ``periods`` (inf: never).

    ``units`` (n,), ``periods`` (T,), ``outcome`` (n, T), ``start`` (n,), ``cluster`` (n,) whole numbers from 0,
    ``weight`` (n,) above 0, ``covariates`` (n, k) and their names; ``notes`` say what was left out and why.
    ``follow_up``: periods from the start on that effects are about (infinite: all there are).
    """

    units: np.ndarray
    periods: np.ndarray
    outcome: np.ndarray
    start: np.ndarray
    cluster: np.ndarray
    weight: np.ndarray
    covariates: np.ndarray
    covariate_names: tuple[str, ...] = ()
    outcome_name: str = "outcome"
    notes: tuple[str, ...] = ()
    follow_up: float = np.inf

    @property
    def cohorts(self) -> np.ndarray:
        """Return the positions at which some unit starts, sorted."""
        return np.unique(self.start[np.isfinite(self.start)]).astype(int)

    @property
    def never(self) -> np.ndarray:
        """Return flags (n,) of units never treated."""
        return ~np.isfinite(self.start)

    @property
    def treated(self) -> np.ndarray:
        """Return flags (n, T): treated in that period."""
        return np.arange(len(self.periods)) >= self.start[:, None]

    @property
    def within(self) -> np.ndarray:
        """Return flags (n, T): not treated yet, or treated for no longer than the follow-up."""
        return np.arange(len(self.periods)) - self.start[:, None] < self.follow_up

    @property
    def row_weights(self) -> np.ndarray:
        """Return (n, T): the unit's weight where there is a row within the follow-up, else 0."""
        return np.where(np.isnan(self.outcome) | ~self.within, 0.0, self.weight[:, None])

    @property
    def clusters(self) -> int:
        """Return the number of clusters."""
        return int(self.cluster.max()) + 1

    def keep(self, units: np.ndarray | None = None, periods: np.ndarray | None = None, note: str = "") -> Study:
        """Return the study of some units (flags) and of some leading or trailing periods (flags), ``note`` added."""
        rows = np.ones(len(self.units), dtype=bool) if units is None else units
        columns = np.ones(len(self.periods), dtype=bool) if periods is None else periods
        shift = int(np.argmax(columns))
        start = self.start[rows] - shift
        start = np.where(start >= columns.sum(), NEVER, start)
        _, cluster = np.unique(self.cluster[rows], return_inverse=True)
        return replace(
            self,
            units=self.units[rows],
            periods=self.periods[columns],
            outcome=self.outcome[np.ix_(rows, columns)],
            start=start,
            cluster=cluster,
            weight=self.weight[rows],
            covariates=self.covariates[rows],
            notes=(*self.notes, note) if note else self.notes,
        )

    @property
    def unused(self) -> tuple[str, ...]:
        """Return the caution of an estimator that does not use covariates, where there are some."""
        names = ", ".join(self.covariate_names)
        return (f"not adjusted: covariates are not used here ({names})",) if names else ()

    def population(self) -> str:
        """Return who the study is about, in words."""
        treated = int((~self.never).sum())
        return f"{treated} treated and {int(self.never.sum())} never-treated units, {len(self.periods)} periods"


def read_study(
    frame: pd.DataFrame,
    *,
    unit: str,
    time: str,
    outcome: str,
    first_treated: str = "",
    treated: str = "",
    **options: str | Sequence[str] | float,
) -> Study:
    """Return the study in ``frame``, one row per unit and period.

    Give ``first_treated`` (the period treatment starts; empty, NaN, 0 where 0 is before the first period, or infinity:
    never) or ``treated`` (0 or 1 in each row). ``options``: ``cluster`` and ``weight`` (columns, constant within a
    unit; weight above 0), ``covariates`` (columns; a unit's first value is used) and ``follow_up`` (periods from the
    start on that effects are about). Time since the start counts the periods there are; that they are not evenly spaced
    is noted (202401, 202402... are months), and so are starts before the first period, after the last, or in one that
    nobody has. Raises InputError, naming the column and the first bad unit, for: a missing column, no rows, a repeated
    unit and period, an outcome that is no number or beyond 1e30, the same in every row or zero in every row, a start
    that can be no period, a covariate that is the outcome or the treatment, a treatment that switches off, nobody
    treated, or one unit.
    """
    _known(options)
    cluster, weight = str(options.get("cluster", "")), str(options.get("weight", ""))
    given = options.get("covariates", ())
    covariates = tuple(given) if isinstance(given, Sequence) else ()
    follow_up = float(options.get("follow_up") or np.inf)  # type: ignore[arg-type]
    if not follow_up >= 1:
        raise InputError("follow_up", f"{follow_up:g}; 1 period or more is needed")
    if bool(first_treated) == bool(treated):
        raise InputError("panel", "give the column 'first_treated' or the column 'treated', one of the two")
    refuse_two_roles("panel", covariates, outcome, [first_treated or treated])
    wanted = [unit, time, outcome, first_treated or treated, *filter(None, (cluster, weight)), *covariates]
    _columns(frame, wanted)
    table = frame.sort_values([unit, time], kind="stable").reset_index(drop=True)
    repeated = table.duplicated([unit, time])
    if repeated.any():
        name, period = _first(table, repeated, unit), _first(table, repeated, time)
        raise InputError("panel", f"unit '{name}' has period {period} twice; each is allowed once")
    units, periods, matrix = _matrix(table, unit, time, outcome)
    refuse_months(time, periods)
    if first_treated:
        start, told = _given_starts(table, unit, first_treated, periods)
    else:
        start, told = _switches(table, unit, time, treated, units, periods), ()
    by_unit = table.groupby(unit, sort=True).first()
    _, groups = np.unique(by_unit[cluster] if cluster else np.arange(len(units)), return_inverse=True)
    study = Study(
        units,
        periods,
        matrix,
        start,
        groups,
        _weights(table, unit, weight) if weight else np.ones(len(units)),
        _numbers(by_unit, covariates),
        covariates,
        outcome,
        (*uneven(periods), *told, *_below_zero(matrix, outcome)),
        follow_up,
    )
    _refuse_nothing(study)
    for name in filter(None, (cluster, weight)):
        _constant(table, unit, name)
    return study


def balanced(study: Study) -> Study:
    """Return the study of the units seen in every period; the number left out is noted.

    Raises InputError if no unit is complete, or if none treated or none other is.
    """
    whole = ~np.isnan(study.outcome).any(axis=1)
    if whole.all():
        return study
    left = int((~whole).sum())
    if not (whole & ~study.never).any():
        raise InputError("panel", f"unbalanced: no treated unit is seen in all {len(study.periods)} periods")
    kept = study.keep(whole, note=f"{left} of {len(whole)} units lack a period and were left out (balanced panel rule)")
    _refuse_nothing(kept)
    return kept


def without_always_treated(study: Study) -> Study:
    """Return the study without units treated from the first period on, which have no period before; noted.

    Raises InputError if no treated unit is left.
    """
    if study.never.all():
        raise InputError("panel", "no treated unit is left: there is nothing to estimate")
    always = study.start <= 0
    if not always.any():
        return study
    if not (np.isfinite(study.start) & ~always).any():
        raise InputError("panel", "every treated unit is treated in the first period: there is no period before")
    return study.keep(~always, note=f"{int(always.sum())} units treated from the first period on were left out")


def _known(options: dict[str, str | Sequence[str] | float]) -> None:
    allowed = ("cluster", "weight", "covariates", "follow_up")
    for name in options:
        if name not in allowed:
            raise InputError("read_study", f"no option '{name}': {nearest(name, allowed)}")


def _columns(frame: pd.DataFrame, wanted: Sequence[str]) -> None:
    if frame.empty:
        raise InputError("panel", "has no rows; at least two units and two periods are needed")
    for name in wanted:
        if name not in frame.columns:
            raise InputError("panel", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")


def _matrix(table: pd.DataFrame, unit: str, time: str, outcome: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    for name in (unit, time):
        if table[name].isna().any():
            raise InputError("panel", f"column '{name}' is empty in {int(table[name].isna().sum())} rows")
    values = pd.to_numeric(table[outcome], errors="coerce")
    bad = values.isna() & table[outcome].notna() | (values.abs() > LARGEST)
    if bad.any():
        value, whose, when = (_first(table, bad, name) for name in (outcome, unit, time))
        words = f"column '{outcome}' is '{value}' for unit '{whose}', {time} {when}; a number of at most {LARGEST:g}"
        raise InputError("panel", f"{words} is needed, or nothing where it is suppressed or missing")
    odd = pd.to_numeric(table[time], errors="coerce") % 1 != 0  # words are no numbers, and so odd
    if not odd.any() and not pd.api.types.is_numeric_dtype(table[time]):
        odd[:] = True
    if odd.any():
        value = _first(table, odd, time)
        words = f"column '{time}' holds '{value}'; whole numbers in order are needed, such as 0, 1, 2 or 202401, 202402"
        raise InputError("panel", words)
    try:
        units, rows = np.unique(table[unit].to_numpy(), return_inverse=True)
    except TypeError:
        raise InputError("panel", f"column '{unit}' mixes numbers and words; one kind is needed") from None
    periods, columns = np.unique(table[time].to_numpy(), return_inverse=True)
    matrix = np.full((len(units), len(periods)), np.nan)
    matrix[rows, columns] = values.to_numpy(dtype=float)
    return units, periods, matrix


def starts_given(column: pd.Series, first: float, last: float) -> pd.Series:
    """Return when treatment starts as ``column`` says of a table whose periods go from ``first`` to ``last``.

    NEVER for what is empty, or 0 where 0 is before the first period; and for a start after the last: a control
    throughout, as it was not treated yet.
    """
    values = pd.to_numeric(column, errors="coerce").astype(float)
    never = values.isna() | ((values == 0) & (first > 0)) | (values > last)
    return values.mask(never, NEVER)


def _given_starts(
    table: pd.DataFrame, unit: str, column: str, periods: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return each unit's start as a position in ``periods``, and what is to be told of starts that are none of them."""
    _constant(table, unit, column)
    values = pd.to_numeric(table[column], errors="coerce")
    words = values.isna() & table[column].notna() & (table[column].astype(str).str.strip() != "")
    if words.any():
        value, name = _first(table, words, column), _first(table, words, unit)
        problem = (
            f"column '{column}' is '{value}' for unit '{name}'; a period as in the time column is needed, or nothing"
        )
        raise InputError("panel", problem)
    by_unit = values.groupby(table[unit], sort=True).first().astype(float)
    refuse_starts(column, by_unit, periods)
    given = starts_given(by_unit, periods[0], periods[-1]).to_numpy(dtype=float)
    place = np.searchsorted(periods, given).astype(float)
    return np.where(np.isfinite(given), place, NEVER), starts_told(by_unit, periods)


def _switches(
    table: pd.DataFrame, unit: str, time: str, column: str, units: np.ndarray, periods: np.ndarray
) -> np.ndarray:
    values = pd.to_numeric(table[column], errors="coerce").astype(float)
    other = ~values.isin([0, 1])
    if other.any():
        value, name = _first(table, other, column), _first(table, other, unit)
        raise InputError("panel", f"column '{column}' is '{value}' for unit '{name}'; allowed: 0, 1")
    off = (values.diff() < 0) & (table[unit] == table[unit].shift())
    if off.any():
        name, period = _first(table, off, unit), _first(table, off, time)
        words = f"treatment of unit '{name}' switches off at period {period}; these designs need one that stays on"
        raise InputError("panel", words)
    first = table[values == 1].groupby(unit)[time].min()
    given = first.reindex(units).to_numpy(dtype=float)
    return np.where(np.isnan(given), NEVER, np.searchsorted(periods, np.nan_to_num(given)).astype(float))


def _first(table: pd.DataFrame, flags: pd.Series, column: str) -> object:
    """Return the value of ``column`` in the first row flagged."""
    return table.loc[flags, column].iloc[0]


def _constant(table: pd.DataFrame, unit: str, column: str) -> None:
    numbers = table.groupby(unit, sort=True)[column].nunique(dropna=False)
    if (numbers > 1).any():
        name = numbers.index[int(np.argmax(numbers.to_numpy() > 1))]
        raise InputError("panel", f"column '{column}' changes within unit '{name}'; one value per unit is needed")


def _weights(table: pd.DataFrame, unit: str, weight: str) -> np.ndarray:
    values = pd.to_numeric(table.groupby(unit, sort=True)[weight].first(), errors="coerce")
    if not (values > 0).all() or np.isinf(values).any():
        name = values.index[int(np.argmax(~(values > 0).to_numpy()))]
        raise InputError("panel", f"column '{weight}' is {values[name]} for unit '{name}'; a number above 0 is needed")
    return values.to_numpy(dtype=float)


def _numbers(by_unit: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    columns = []
    for name in names:
        values = pd.to_numeric(by_unit[name], errors="coerce").to_numpy(dtype=float)
        if not np.isfinite(values).all():
            where = by_unit.index[int(np.argmax(~np.isfinite(values)))]
            raise InputError("panel", f"covariate '{name}' of unit '{where}' is no number; one is needed")
        columns.append(values)
    return np.column_stack(columns) if columns else np.empty((len(by_unit), 0))


def _below_zero(matrix: np.ndarray, outcome: str) -> tuple[str, ...]:
    """Return the note of an outcome that is hardly ever below 0: of a count or a rate it is a slip."""
    below, seen = int((matrix < 0).sum()), int(np.isfinite(matrix).sum())
    few = 0 < below < RARELY * seen
    return (f"column '{outcome}' is below 0 in {below} of {seen:,} rows: is that right?",) if few else ()


def _refuse_nothing(study: Study) -> None:
    seen = study.outcome[~np.isnan(study.outcome)]
    name = study.outcome_name
    if len(seen) == 0:
        raise InputError("panel", f"column '{name}' is empty in every row")
    if (seen == 0).all():
        raise InputError("panel", f"column '{name}' is 0 in every row: there is nothing to estimate")
    if (seen == seen[0]).all():
        raise InputError("panel", f"column '{name}' is {seen[0]:g} in every row: there is nothing to estimate")
    if len(study.units) < 2:
        raise InputError("panel", f"has one unit, '{study.units[0]}'; at least two are needed")
    if study.never.all():
        raise InputError("panel", "no unit is treated within the periods: there is nothing to estimate")
