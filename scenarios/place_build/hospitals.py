"""The hospitals, which of them each LSOA uses, and how far it is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scenarios.errors import InputError, nearest, raise_all
from scenarios.place_build.england import EVERYWHERE, England
from scenarios.place_build.sheets import csv_lines, csv_rows
from scenarios.place_build.traced import Traced
from scenarios.place_checks import cell_problem, check_activity, check_beds, place_of
from scenarios.place_files import table_of
from scenarios.place_schema import HOSPITALS, HOSPITALS_OPTIONAL
from scenarios.places.derive_tables import distance_km

NEEDED = ("code", "name", "ed_attendances_per_year", "emergency_admissions_per_year", "beds_available", "beds_occupied")
WHERE = ("lat", "lon")
ACTIVITY = NEEDED[2:]
DAYS_A_YEAR = 365.25
# What is remarked on: fewer attendances than this share of what the place's residents alone would make in England, and
# days in a bed for each emergency admission outside these (England's average is near 5, planned stays included).
LEAST_USE, LEAST_DAYS, MOST_DAYS = 0.5, 1.0, 30.0
YEARLY = "figures are for a whole year and for everyone the trust treats"
FILLED = {  # column: what its row's note says where it was not given
    "patients_from_place_share": "patients_from_place_share was not given: 1 stands in, and no run reads it",
    "delayed_share": "delayed_share was not given: England's stands in, and no run reads it",
}


def read_hospitals(path: Path, england: England) -> pd.DataFrame:
    """Return hospitals.csv as text, with lat and lon where the file has them; what it may leave out is England's.

    Raises InputError for a column that is missing or unknown, or a cell that cannot be used.
    """
    table = table_of(path.name, list(csv_rows(path.name, *csv_lines(path))))
    known = [column.name for column in (*HOSPITALS, *HOSPITALS_OPTIONAL)] + list(WHERE)
    problems = [InputError(path.name, f"column '{name}' is missing") for name in NEEDED if name not in table]
    problems += [
        InputError(path.name, f"no such column '{name}': {nearest(str(name), known)}")
        for name in table
        if name not in known
    ]
    raise_all(problems)
    by_name = {column.name: column for column in (*HOSPITALS, *HOSPITALS_OPTIONAL)}
    raise_all(
        [
            InputError(f"{place_of(path.name, table, row)} column {name}", problem)
            for name in NEEDED
            for row, cell in enumerate(table[name])
            if (problem := cell_problem(by_name[name], cell))
        ]
    )
    raise_all([*check_activity(table, path.name), *check_beds(table, path.name)])
    again = table["code"][table["code"].duplicated()]
    if len(again):
        raise InputError(path.name, f"hospital '{again.iloc[0]}' is there more than once; give it one row")
    filled = [words for name, words in FILLED.items() if name not in table or (table[name] == "").any()]
    for name, value in (
        ("patients_from_place_share", 1.0),
        ("delayed_share", england.hospital["delayed_share"]),
        ("basis", "found"),
        ("source", path.name),
        ("note", "; ".join(filled)),
    ):
        table[name] = [cell or str(value) for cell in table[name]] if name in table else str(value)
    return table


def odd_hospitals(hospitals: pd.DataFrame, residents: float, england: England) -> list[str]:
    """Return a line for hospitals' figures that can hardly be a year's: too few attendances, or stays of odd length."""
    attended, admitted, beds = (hospitals[name].astype(float) for name in (*ACTIVITY[:2], ACTIVITY[3]))
    lines = []
    usual = residents * float(england.hospital[ACTIVITY[0]]) / england.residents
    if attended.sum() < LEAST_USE * usual:
        here = f"{attended.sum():,.0f} ED attendances a year, where {residents:,.0f} residents of England would make"
        lines.append(f"Hospitals: {here} {usual:,.0f}: {YEARLY}")
    for code, days in zip(hospitals["code"], beds * DAYS_A_YEAR / admitted.clip(lower=1.0), strict=True):
        if not LEAST_DAYS <= days <= MOST_DAYS:
            words = f"{days:,.1f} days in a bed for each emergency admission; usual is {LEAST_DAYS:g} to {MOST_DAYS:g}"
            lines.append(f"Hospital {code}: {words}. {YEARLY.capitalize()}")
    return lines


def average_hospital(england: England, residents: float) -> pd.DataFrame:
    """Return hospitals.csv of one hospital with England's activity and beds for as many ``residents``."""
    row = england.hospital.to_dict()
    scale = residents / england.residents
    row |= {name: max(round(float(row[name]) * scale), 1) for name in ACTIVITY}
    row |= {"code": "H1", "name": "Average hospital", "basis": "derived", "patients_from_place_share": 1.0}
    row["note"] = f"England's activity and beds for {residents:,.0f} residents: no hospitals were given"
    return pd.DataFrame([row])[[column.name for column in HOSPITALS]]


def add_hospital(made: Traced, hospitals: pd.DataFrame, file: str, england: England) -> None:
    """Add the hospital each LSOA uses, and km to it: as given, the nearest, or the only one.

    ``file``: where hospitals were read, '' if none were given. Raises InputError where nothing tells which.
    """
    areas, codes = made.areas, [str(code) for code in hospitals["code"]]
    placed = all(name in hospitals and (hospitals[name] != "").all() for name in WHERE) and areas.has(*WHERE)
    far = distances(made, hospitals) if placed else None
    if areas.has("hospital"):
        made.from_file("hospital", areas.table["hospital"], ["hospital"])
    elif len(codes) == 1:
        made.assumed("hospital", codes[0], "the only one given" if file else "one hospital for the place")
    elif far is not None:
        made.assumed("hospital", far.idxmin(axis=1), f"nearest of those in {file}, as the crow flies")
    else:
        problem = "has several hospitals: give lat and lon there and by LSOA, or a file with a column hospital by LSOA"
        raise InputError(file, problem)
    unknown = sorted(set(made.table["hospital"]) - set(codes))
    if unknown:
        raise InputError("hospital", f"no such hospital '{unknown[0]}': {nearest(str(unknown[0]), codes)}")
    add_distances(made, far, england)


def add_distances(made: Traced, far: pd.DataFrame | None, england: England) -> None:
    """Add km to the hospital and to the nearest practice: as given, as the crow flies, or England's."""
    areas = made.areas
    if areas.has("distance_ed_km"):
        made.from_file("distance_ed_km", areas.number("distance_ed_km"), ["distance_ed_km"])
    elif far is not None:
        at = far.columns.get_indexer(pd.Index(made.table["hospital"]))
        mine = pd.Series(far.to_numpy()[range(len(far)), at], far.index).round(2)
        made.from_file("distance_ed_km", mine, WHERE, "to the hospital as the crow flies")
    else:
        made.from_england("distance_ed_km", england.distance_ed_km, EVERYWHERE)
    if areas.has("distance_gp_km"):
        made.from_file("distance_gp_km", areas.number("distance_gp_km"), ["distance_gp_km"])
    else:
        made.from_england("distance_gp_km", england.distance_gp_km, EVERYWHERE)


def distances(made: Traced, hospitals: pd.DataFrame) -> pd.DataFrame:
    """Return km from each LSOA (rows) to each hospital (columns)."""
    here = pd.concat([made.areas.number(name) for name in WHERE], axis=1).to_numpy()
    try:
        there = hospitals[list(WHERE)].astype(float).to_numpy()
    except ValueError as fault:
        raise InputError("hospitals", f"lat and lon must be degrees ({fault})") from None
    return pd.DataFrame(distance_km(here, there), made.table.index, [str(code) for code in hospitals["code"]])
