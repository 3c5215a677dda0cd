"""Records of NHS datasets counted by place and month, and by fifth of deprivation; people and events apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evaluation.observed.dictionary import conditions, dictionary, holds
from scenarios.errors import InputError, nearest

UNIT, MONTH, QUINTILE, PERSON = "unit", "month_start", "quintile", "person"
DECILES, FIFTHS = 10, 5
MOST_CODES = 4  # shown of those that a column holds
MOST_GAP_MONTHS = 12  # without a record of any place, beyond which a date is taken to be wrong
LATE_START, EARLY_END = 5, 4  # days of a month missing at its start, or end, from which it may be incomplete
FIRST_YEAR, LAST_YEAR = 1900, 2100  # of a date that somebody lived
PER_PEOPLE = 1_000
HEADER_ROWS = 2  # rows are named as a spreadsheet numbers them
SCORECARD, ARM = "scorecard", "arm"
_DATES = ("%Y-%m-%d", "%Y-%m", "%d/%m/%Y", "%d%b%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class How:
    """How an extract is read: ``names`` (field of the dictionary to its own column), ``where`` (further conditions on
    its rows), ``quintile`` (column of fifths, 1 = most deprived; or of tenths where the dataset's own is used), and
    ``rules``: the dictionary, with rows of the user's own.
    """

    names: Mapping[str, str] | None = None
    where: str = ""
    quintile: str = ""
    rules: pd.DataFrame | None = None


@dataclass(frozen=True)
class Records:
    """What was counted. ``events``: a row per event and column it counts under (unit, month_start, quintile, person,
    column, amount); ``columns``: all of them; ``months``: every month from the first to the last; ``notes``;
    ``fifths``: units and fifths of which the extract has any record; ``rows``: how many records were read;
    ``of_columns``: (column, note) of those notes that are about one column.
    """

    events: pd.DataFrame
    columns: tuple[str, ...]
    summed: tuple[str, ...]
    months: pd.PeriodIndex
    units: tuple[str, ...]
    has_people: bool
    notes: tuple[str, ...]
    fifths: frozenset[tuple[str, int]] = frozenset()
    rows: int = 0
    of_columns: tuple[tuple[str, str], ...] = ()

    def notes_for(self, outcomes: Collection[str]) -> tuple[str, ...]:
        """Return what is to be told where ``outcomes`` alone are used: all but notes of other columns."""
        mine = {name.removesuffix("_people") for name in outcomes}
        others = {note for name, note in self.of_columns if name not in mine}
        return tuple(note for note in self.notes if note not in others)

    def table(self, quintiles: bool = False, lived_in: frozenset[tuple[str, int]] = frozenset()) -> pd.DataFrame:
        """Return a row per unit and month (and quintile): unit, month (0, 1, ...), month_start, counts.

        Each counted column ``x`` comes with ``x_people``, how many different people it was, where the dataset knows
        people. A month without a record is 0; a fifth of a unit of which there is no record at all is no row, for
        nobody may live there, unless it is one of ``lived_in`` (units and fifths known to have people).
        """
        keys = [UNIT, MONTH, *([QUINTILE] if quintiles else [])]
        made = pd.DataFrame(index=pd.MultiIndex.from_product([self.units, self.months], names=[UNIT, MONTH]))
        if quintiles:
            pairs = sorted(self.fifths | {pair for pair in lived_in if pair[0] in self.units})
            rows = [(unit, month, fifth) for unit, fifth in pairs for month in self.months]
            made = pd.DataFrame(index=pd.MultiIndex.from_tuples(rows, names=keys))
        for column in self.columns:
            grouped = self.events[self.events["column"] == column].groupby(keys, observed=True)
            made[column] = grouped["amount"].sum()
            if self.has_people and column not in self.summed:
                made[f"{column}_people"] = grouped[PERSON].nunique()
        made = made.fillna(0.0).reset_index()
        made.insert(1, "month", made[MONTH].map({each: at for at, each in enumerate(self.months)}))
        made[MONTH] = made[MONTH].astype(str)
        return made

    def tally(self, starts: Mapping[str, int]) -> pd.DataFrame:
        """Return events and different people over the whole time: columns outcome, places, time, events, people.

        ``starts``: month of start by unit. 'people' counts each person once in a row of the table however often they
        came, and is missing where the dataset knows none; somebody seen before and after is in both rows.
        """
        counted = self.events
        start = counted[UNIT].map(starts)
        at = counted[MONTH].map({each: number for number, each in enumerate(self.months)})
        places = np.where(start.notna(), "with a start", "others")
        time = np.where(start.isna(), "throughout", np.where(at >= start, "from the start on", "before the start"))
        rows = []
        for key, mine in counted.groupby([counted["column"], places, time], sort=True):
            outcome, place, when = key
            people = float(mine[PERSON].nunique()) if self.has_people and outcome not in self.summed else np.nan
            rows.append((outcome, place, when, float(mine["amount"].sum()), people))
        return pd.DataFrame(rows, columns=["outcome", "places", "time", "events", "people"])


def _there(records: pd.DataFrame, columns: Mapping[str, str], where: str) -> str:
    """Return in words what the first column holds in which no record fits a condition of ``where``; '' if none is."""
    for name, sign, value in conditions(where):
        if not holds(records[columns[name]], sign, value).any():
            held = sorted(map(str, records[columns[name]].dropna().unique()))[:MOST_CODES]
            return f" (column '{columns[name]}' holds {', '.join(held) or 'nothing'})"
    return ""


def read_records(records: pd.DataFrame, dataset: str, unit: str, how: How | None = None) -> Records:
    """Return what ``records`` (as extracted, text columns) count by the dictionary.

    Field names may differ in case and punctuation. A column of which an amount is empty (suppressed) is not counted,
    and named. Raises InputError for an unknown dataset, a missing field, a date that cannot be read or lies outside
    FIRST_YEAR to LAST_YEAR, an amount that is no number or below 0, a fifth or tenth outside its range, a scorecard of
    several arms, or no rows left.
    """
    chosen = how or How()
    known = dictionary() if chosen.rules is None else chosen.rules
    mine = known[known["dataset"] == dataset]
    if mine.empty:
        raise InputError("dataset", f"no such dataset '{dataset}': {nearest(dataset, known['dataset'].unique())}")
    counting = mine[mine["role"].isin(["count", "sum"])]
    columns = _found(records, mine, unit, chosen.names or {})
    kept = kept_rows(records, chosen.where)
    if kept.empty:
        raise InputError("records", "hold no row" + (f" where {chosen.where}" if chosen.where else ""))
    if dataset == SCORECARD:
        _refuse_arms(kept)
    rows = len(kept)
    kept, nowhere = _of_a_unit(kept, unit)
    base = pd.DataFrame({UNIT: kept[unit].astype(str)})
    base[MONTH] = _months(kept[columns[_one(mine, "date")]], columns[_one(mine, "date")])
    person = _one(mine, "person")
    base[PERSON] = kept[columns[person]].to_numpy() if person else pd.NA
    base[QUINTILE], lost = _quintiles(kept, chosen, columns.get(_one(mine, "decile"), ""))
    parts, told = _counted(kept, base, counting, columns)
    why = "; ".join(note for _, note in told[:2])
    if not parts:
        raise InputError("records", f"no count of '{dataset}' can be made: {why}")
    if not any(len(part) for part in parts.values()):
        raise InputError("records", f"none of {len(kept):,} is counted: {why}")
    notes = [*nowhere, *lost, *_gaps(base[MONTH], columns[_one(mine, "date")]), *(note for _, note in told)]
    months = pd.period_range(base[MONTH].min(), base[MONTH].max(), freq="M")
    notes += _part_months(kept[columns[_one(mine, "date")]])
    summed = tuple(counting.loc[counting["role"] == "sum", "column"])
    units = tuple(sorted(base[UNIT].unique()))
    known_fifth = base[base[QUINTILE].notna()]
    fifths = frozenset(zip(known_fifth[UNIT], known_fifth[QUINTILE].astype(int), strict=True))
    events = pd.concat(parts.values(), ignore_index=True)
    return Records(
        events, tuple(parts), summed, months, units, bool(person), tuple(notes), fifths, rows=rows, of_columns=told
    )


def _counted(
    kept: pd.DataFrame, base: pd.DataFrame, counting: pd.DataFrame, columns: Mapping[str, str]
) -> tuple[dict[str, pd.DataFrame], tuple[tuple[str, str], ...]]:
    """Return the events of each column that can be counted, and (column, note) of what is amiss with some."""
    found: dict[str, list[pd.DataFrame]] = {}
    told: list[tuple[str, str]] = []
    hidden: set[str] = set()
    for rule in counting.to_dict("records"):
        name, missing = str(rule["column"]), [each for each in _fields(rule) if each not in columns]
        if missing:
            told.append((name, f"{name} not counted: the extract has no column for '{missing[0]}'"))
            continue
        wanted = pd.Series(True, index=kept.index)
        for each, sign, value in conditions(rule["where"]):
            wanted &= holds(kept[columns[each]], sign, value)
        if not wanted.any():
            there = _there(kept, columns, rule["where"])
            told.append((name, f"{name}: no record has {rule['where']}{there}; check the codes of your extract"))
        part = base[wanted].assign(column=name, amount=1.0)
        if rule["role"] == "sum":
            given = kept.loc[wanted, columns[rule["field"]]]
            if given.isna().any():
                words = (
                    f"'{given.name}' is empty in {int(given.isna().sum())} of its rows, the first {_row(given.isna())}"
                )
                told.append((name, f"{name} not counted: {words} (suppressed?)"))
                hidden.add(name)
                continue
            part["amount"] = _amounts(given, str(given.name))
            told += _not_there(name, part, base)
        found.setdefault(name, []).append(part)
    whole = {
        name: parts[0] if len(parts) == 1 else pd.concat(parts) for name, parts in found.items() if name not in hidden
    }
    return whole, tuple(told)


def _not_there(name: str, part: pd.DataFrame, base: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the note of units and months without a row of a column, where rows are totals: no row is no nought."""
    if part.empty or base[PERSON].notna().any():
        return []
    of = base[UNIT].nunique() * base[MONTH].nunique()
    lacking = of - len(part.drop_duplicates([UNIT, MONTH]))
    words = f"{name}: {lacking} of {of} units and months have no row, and are counted as 0: were they left out?"
    return [(name, words)] if lacking else []


def _refuse_arms(kept: pd.DataFrame) -> None:
    """Raise InputError for a scorecard of several arms of a run: the same residents, who would be added together."""
    arms = sorted(kept[ARM].dropna().astype(str).unique()) if ARM in kept.columns else []
    if len(arms) > 1:
        words = f"hold {len(arms)} arms, {', '.join(arms[:MOST_CODES])}, which would be added together"
        raise InputError("records", f"{words}; keep one with --where '{ARM}={arms[0]}'")


def _row(flags: pd.Series) -> str:
    """Return the first row flagged, as a spreadsheet numbers it."""
    return f"row {flags.index[int(np.argmax(flags.to_numpy()))] + HEADER_ROWS}"


def observe(records: pd.DataFrame, dataset: str, unit: str, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return the unit-months of ``records`` (see read_records and Records.table)."""
    return read_records(records, dataset, unit, How(names=names)).table()


def with_population(table: pd.DataFrame, population: pd.DataFrame, outcome: str, *others: str) -> pd.DataFrame:
    """Return ``table`` with 'population' by unit (and month, quintile, where given), outcomes per 1,000 a month.

    ``others``: outcomes beside the first, where the table has them (see as_rates). Raises InputError for a missing
    column, a unit without a population, or one that is not above 0.
    """
    for name in (UNIT, "population"):
        if name not in population.columns:
            raise InputError("population", f"column '{name}' is missing: {nearest(name, map(str, population.columns))}")
    if outcome not in table.columns:
        raise InputError("outcome", f"no column '{outcome}': {nearest(outcome, map(str, table.columns))}")
    keys = [name for name in (UNIT, "month", QUINTILE) if name in population.columns]
    for name in keys:
        if name not in table.columns:
            raise InputError("population", f"is by {name}, which the table is not")
    people = population[[*keys, "population"]].copy()
    people[UNIT] = people[UNIT].astype(str)
    people["population"] = pd.to_numeric(people["population"], errors="coerce")
    if people.duplicated(keys).any():
        raise InputError("population", f"unit '{people[UNIT][people.duplicated(keys)].iloc[0]}' comes twice")
    made = table.merge(people, on=keys, how="left")
    bad = ~(made["population"] > 0)
    if bad.any():
        raise InputError("population", f"unit '{made[UNIT][bad].iloc[0]}' has none above 0")
    return as_rates(made, (outcome, *others))


def as_rates(table: pd.DataFrame, outcomes: Collection[str]) -> pd.DataFrame:
    """Return ``table`` with ``outcomes`` per 1,000 of its 'population'; '<outcome>_people' becomes a rate too.

    The count stays as '<outcome>_count'.
    """
    made = table.copy()
    for outcome in outcomes:
        if outcome in made.columns:
            made[f"{outcome}_count"] = made[outcome]
        for name in (outcome, f"{outcome}_people"):
            if name in made.columns:
                made[name] = PER_PEOPLE * pd.to_numeric(made[name], errors="coerce") / made["population"]
    return made


def _one(mine: pd.DataFrame, role: str) -> str:
    found = mine.loc[mine["role"] == role, "field"]
    return str(found.iloc[0]) if len(found) else ""


def _fields(rule: Mapping[Any, Any]) -> list[str]:
    """Return the fields that a rule of counting reads."""
    own = [str(rule["field"])] if rule["role"] == "sum" else []
    return [*own, *(name for name, _, _ in conditions(str(rule["where"])))]


def _found(records: pd.DataFrame, mine: pd.DataFrame, unit: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return the extract's column for each field it has; the date must be there, and one count."""
    if unit not in records.columns:
        raise InputError("unit", f"no column '{unit}': {nearest(unit, map(str, records.columns))}")
    wanted = {_one(mine, role) for role in ("person", "date", "decile")} - {""}
    for rule in mine[mine["role"].isin(["count", "sum"])].to_dict("records"):
        wanted |= set(_fields(rule))
    for name in names:
        if name not in wanted:
            raise InputError("map", f"no field '{name}' in this dataset: {nearest(name, wanted)}")
    plain = {_plain(str(column)): str(column) for column in records.columns}
    columns = {}
    for name in sorted(wanted):
        column = names.get(name) or plain.get(_plain(name), "")
        if column in records.columns:
            columns[name] = column
        elif name in names or name in (_one(mine, "date"), _one(mine, "person")):
            hint = nearest(name, map(str, records.columns))
            raise InputError("records", f"no column for '{name}' ({hint}); name yours with --map {name}=COLUMN")
    return columns


def kept_rows(records: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return the rows in which the conditions of ``where`` hold, each with its number in ``records`` as index.

    Raises InputError for a condition that cannot be read or names no column.
    """
    kept = records.reset_index(drop=True)
    plain = {_plain(str(column)): str(column) for column in kept.columns}
    for name, sign, value in conditions(where):
        column = name if name in kept.columns else plain.get(_plain(name), "")
        if not column:
            raise InputError("where", f"no column '{name}': {nearest(name, map(str, kept.columns))}")
        kept = kept[holds(kept[column], sign, value)]
    return kept


def _of_a_unit(kept: pd.DataFrame, unit: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows that name a unit, and a note of the others.

    Raises InputError for two units whose names differ in case alone.
    """
    blank = kept[unit].isna()
    if blank.all():
        raise InputError("records", f"column '{unit}' is empty in every row")
    first: dict[str, str] = {}
    for name in sorted(kept.loc[~blank, unit].astype(str).unique()):
        earlier = first.setdefault(name.casefold(), name)
        if earlier != name:
            raise InputError("records", f"column '{unit}' holds '{earlier}' and '{name}': write one unit in one way")
    note = f"{int(blank.sum()):,} records have no '{unit}', and are left out"
    return kept[~blank], (note,) if blank.any() else ()


def _gaps(months: pd.Series, name: str) -> list[str]:
    """Return a note of months within the time without any record, which count as 0.

    Raises InputError where the first or last month lies more than a year from its neighbour: a date that is not known.
    """
    there = sorted(months.unique())
    for odd, beside in ((there[0], there[min(1, len(there) - 1)]), (there[-1], there[max(len(there) - 2, 0)])):
        if abs((odd - beside).n) > MOST_GAP_MONTHS:
            said = f"holds a date in {odd}, and the nearest other month with a record is {beside}"
            raise InputError("records", f"column '{name}' {said}: is that a date? Leave such rows out with --where")
    lacking = [str(each) for each in pd.period_range(there[0], there[-1], freq="M") if each not in set(there)]
    if not lacking:
        return []
    shown = ", ".join(lacking[:MOST_CODES]) + (" and others" if len(lacking) > MOST_CODES else "")
    return [
        f"no place has a record in {shown}: counted as 0; if the extract lacks those months, do not use it across them"
    ]


def _quintiles(kept: pd.DataFrame, chosen: How, decile: str) -> tuple[pd.Series, tuple[str, ...]]:
    """Return each row's fifth (missing where it has none), from the column named or the dataset's own tenths."""
    if chosen.quintile and chosen.quintile != decile:
        if chosen.quintile not in kept.columns:
            hint = nearest(chosen.quintile, map(str, kept.columns))
            raise InputError("quintile", f"no column '{chosen.quintile}': {hint}")
        values, most, name = kept[chosen.quintile], FIFTHS, chosen.quintile
    elif decile:
        values, most, name = kept[decile], DECILES, decile
    else:
        return pd.Series(pd.NA, index=kept.index, dtype="Int64"), ()
    text = values.astype("string").str.strip().fillna("")
    given = pd.to_numeric(text.where(text != ""), errors="coerce")
    odd = (text != "") & ~(given.isin(range(1, most + 1)))
    if odd.any():
        allowed = f"1 to {most}, 1 = most deprived"
        words = f"{_row(odd)}, column '{name}' holds '{text[odd].iloc[0]}'; allowed: {allowed}, or nothing"
        raise InputError("records", words)
    fifth = np.ceil(given / (most / FIFTHS)).astype("Int64")
    lost = f"some records have no '{name}': they count for the place and for no fifth"
    return fifth, ((lost,) if fifth.isna().any() else ())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _part_months(values: pd.Series) -> list[str]:
    """Return a note where the first or last month seems to be there in part only."""
    days = _dates(values, str(values.name))
    first, last = days.min(), days.max()
    found = []
    if (days.dt.day == 1).all():
        return []  # months, not days
    if first.day > LATE_START:
        found.append(f"the first month begins on day {first.day} and may be incomplete; leave it out if so")
    if last.day < last.days_in_month - EARLY_END:
        found.append(f"the last month ends on day {last.day} and may be incomplete; leave it out if so")
    return found


def _months(values: pd.Series, name: str) -> pd.Series:
    """Return months; dates as 2024-04-30, 2024-04, 30/04/2024 or 01APR2024."""
    return _dates(values, name).dt.to_period("M")


def _dates(values: pd.Series, name: str) -> pd.Series:
    text = values.astype(str).str.strip()
    made = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")  # to the year 9999 and beyond
    for form in _DATES:
        left = made.isna()
        made[left] = pd.to_datetime(text[left], format=form, errors="coerce")
    for wrong, allowed in (
        (made.isna(), "dates as 2024-04-30, 2024-04, 30/04/2024 or 30APR2024 are needed"),
        (~made.dt.year.between(FIRST_YEAR, LAST_YEAR), f"dates from {FIRST_YEAR} to {LAST_YEAR} are allowed"),
    ):
        if wrong.any():
            words = f"{_row(wrong)}, column '{name}' holds '{text[wrong].iloc[0]}'; {allowed}"
            raise InputError("records", f"{words} (leave out rows that have none)")
    return made


def _amounts(values: pd.Series, name: str) -> np.ndarray:
    found = pd.to_numeric(values, errors="coerce")
    for wrong, allowed in ((found.isna(), "a number is needed"), (found < 0, "0 or more is needed")):
        if wrong.any():
            words = f"{_row(wrong)}, column '{name}' holds '{values[wrong].iloc[0]}'; {allowed}"
            raise InputError("records", words)
    return found.to_numpy(dtype=float)
