"""Monthly returns of NHS England by trust (A&E attendances and emergency admissions; beds), as targets.

A month is compared with the same month of the run. Every second month is held out, by its number from January: even
months are never read by a fit. Months that are another month's figures over again are refused: whoever made the file
copied them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.matching.catalogue import output_called
from calibration.targets.columns import FITTED, HELD_OUT
from calibration.targets.period import PANDEMIC, parse
from calibration.targets.target import Z_95, Target, TargetSet
from scenarios.errors import InputError, nearest

TRUST, MONTH = "nhs_trust22_code", "month"
COPIED_SHARE = 0.5  # of trusts: a month in which as many have just another month's figures is a copy of it
LEAST_TRUSTS = 10  # with fewer, equal figures may be chance


@dataclass(frozen=True)
class Series:
    """What of a monthly file becomes a target: its column over ``below`` (a column, or none), and its output."""

    column: str
    output: str
    below: str = ""


SERIES: Mapping[str, Series] = {
    "attendances": Series("total_attendances", "hospital_ed_attendances"),
    "admissions": Series("total_emergency_admissions", "hospital_emergency_admissions"),
    "occupancy": Series("adult_general_acute_beds_occupied", "bed_occupancy", "adult_general_acute_beds_available"),
}


def read_months(path: Path) -> pd.DataFrame:
    """Return a monthly file with ``month`` as 'YYYY-MM'. Raises InputError if it is no such file."""
    try:
        frame = pd.read_csv(path, dtype={TRUST: str, MONTH: str})
    except (OSError, ValueError, UnicodeDecodeError) as problem:
        raise InputError(str(path), f"is no table that can be read ({problem})") from None
    for column in (TRUST, MONTH):
        if column not in frame.columns:
            raise InputError(path.name, f"column '{column}' is missing (found: {', '.join(map(str, frame.columns))})")
    wrong = ~frame[MONTH].fillna("").str.fullmatch(r"\d{4}-\d{2}(-01)?")
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        words = f"'{frame[MONTH].iloc[row]}' is no month (2024-05)"
        raise InputError(f"{path.name} row {row + 2} column {MONTH}", words)
    frame[MONTH] = frame[MONTH].str[:7]
    repeated = frame.duplicated([TRUST, MONTH])
    if repeated.any():
        row = int(repeated.to_numpy().argmax())
        raise InputError(f"{path.name} row {row + 2}", f"{frame[TRUST].iloc[row]} has {frame[MONTH].iloc[row]} twice")
    return frame


def copied_months(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    """Return months whose figures are those of an earlier month in half of all trusts or more, and which month it is.

    With fewer than ten trusts nothing is said: equal figures may be chance.
    """
    present = [column for column in columns if column in frame.columns]
    tables = {str(month): rows.set_index(TRUST)[present].dropna() for month, rows in frame.groupby(MONTH)}
    found: dict[str, str] = {}
    months = sorted(tables)
    for at, month in enumerate(months):
        for earlier in months[:at]:
            one, other = tables[month].align(tables[earlier], join="inner", axis=0)
            some = (one != 0).any(axis=1)
            same = (one == other).all(axis=1)[some]
            if len(same) >= LEAST_TRUSTS and same.mean() >= COPIED_SHARE:
                found[month] = earlier
    return found


def read_trust_months(path: Path, trust: str, which: str, dispersion: float, months: Sequence[str] = ()) -> TargetSet:
    """Return one series of one trust as monthly targets.

    which: a name of SERIES. dispersion: squared coefficient of variation of a month beyond Poisson. months: those
    wanted ('2024-05'), all if none. Pandemic months, empty cells and copied months are left out. Raises InputError for
    a trust, series or column that is not there.
    """
    if which not in SERIES:
        raise InputError("series", f"'{which}': {nearest(which, SERIES)}")
    series = SERIES[which]
    frame = read_months(path)
    for column in filter(None, (series.column, series.below)):
        if column not in frame.columns:
            raise InputError(path.name, f"column '{column}' is missing; {nearest(column, map(str, frame.columns))}")
    copied = copied_months(frame, (series.column,))
    mine = frame[frame[TRUST] == trust].sort_values(MONTH)
    if mine.empty:
        raise InputError(path.name, f"holds no trust '{trust}': {nearest(trust, frame[TRUST].dropna().unique())}")
    rows = [(index, row) for index, row in mine.iterrows() if not months or row[MONTH] in months]
    found = tuple(targets_of(rows, series, copied, dispersion, path))
    if not found:
        raise InputError(path.name, f"holds no usable month of {trust}")
    return TargetSet(found, path.stem)


def targets_of(
    rows: Sequence[tuple[object, pd.Series]], series: Series, copied: Mapping[str, str], dispersion: float, path: Path
) -> Iterator[Target]:
    """Yield a target for each month that can be used."""
    for index, row in rows:
        month = str(row[MONTH])
        count = float(row[series.column])
        below = float(row[series.below]) if series.below else float("nan")
        pandemic = parse(month).inside(PANDEMIC)
        if month in copied or pandemic or not count > 0 or (series.below and not below > 0):
            continue
        output = output_called(series.output, path.name)
        numbers: dict[str, Any] = (
            share_of(count / below, dispersion) if series.below else {"count": count, "value": count}
        )
        yield Target(
            target=re.sub(r"[^a-z0-9]+", "_", f"{series.output}_{row[TRUST]}_{month}".lower()),
            indicator=series.column,
            output=series.output,
            unit=output.unit,
            area_code=str(row[TRUST]),
            area_name=str(row[TRUST]),
            run_area=str(row[TRUST]),
            period=month,
            likelihood="normal" if series.below else "gamma_poisson",
            dispersion=dispersion,
            limits="judgement" if series.below else "",
            group=f"{series.output}_{row[TRUST]}".lower(),
            role=role_of(month),
            definition=output.definition,
            differs="the whole trust, all its sites; month as returned",
            basis="found",
            source="NHS England monthly returns by trust",
            where=f"{path.name} row {int(str(index)) + 2}",
            **numbers,
        )


def share_of(value: float, dispersion: float) -> dict[str, Any]:
    """Return a share with 95% limits from the squared coefficient of variation of a month; never above 1."""
    half = Z_95 * math.sqrt(dispersion) * value
    return {"value": value, "lower_95": max(value - half, 0.0), "upper_95": min(value + half, 1.0)}


def role_of(month: str) -> str:
    """Return the role of a month: even months of the year are held out."""
    return HELD_OUT if parse(month).first % 2 == 1 else FITTED
