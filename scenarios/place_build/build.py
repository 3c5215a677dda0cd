"""Make a place folder of the files given: `intsim place build`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest, raise_all
from scenarios.place_build.areas import areas_of, listed
from scenarios.place_build.deprivation import add_deprivation, edition_of
from scenarios.place_build.england import EVERYWHERE, LICENCE, England, england
from scenarios.place_build.given import Given, read_given
from scenarios.place_build.hospitals import add_hospital, average_hospital, odd_hospitals, read_hospitals
from scenarios.place_build.neighbourhoods import Neighbourhoods, neighbourhoods_of
from scenarios.place_build.residents import add_people, add_residents, male_shares
from scenarios.place_build.traced import ENGLAND, PUBLISHERS, Origin, Traced
from scenarios.place_files import built_in_places, check_place
from scenarios.place_schema import (
    AGE_COLUMNS,
    COMMUNITIES,
    COMMUNITIES_OPTIONAL,
    FACTOR_LIMITS,
    HOSPITALS,
    HOSPITALS_OPTIONAL,
)
from scenarios.places.derive_tables import births_factor, write_table
from scenarios.whole_file import whole

# Residents of a neighbourhood: usual, and the usual range, that of a primary care network (NHS England, Network
# Contract Directed Enhanced Service: 30,000 to 50,000 patients).
PEOPLE, PEOPLE_LOW, PEOPLE_HIGH = 40_000, 30_000, 50_000
FACTORS = ("emergency", "mortality", "births", "care_home")
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
MIDDLE, APART, ACROSS = (52.5, -1.5), 0.01, 10  # degrees; LSOAs in a row of the invented map
BASIS = "residents"
HOW_TO_NAME = "A file with ward (or lsoa_code) and neighbourhood says which they are."


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside files: all of it may be left out.

    ``boroughs``: names or codes of local authorities; ``hospitals``: a CSV file; ``title``: how reports call the place;
    ``start``: first day of a month; ``factors``: the place against England, by name; ``people``: residents of a
    neighbourhood where no file says which they are.
    """

    boroughs: tuple[str, ...] = ()
    hospitals: Path | None = None
    title: str = ""
    start: str = "2024-04-01"
    factors: Mapping[str, float] = field(default_factory=dict)
    people: int = PEOPLE


@dataclass(frozen=True)
class Built:
    """What was made: the folder, and what there is to know of it, a line each."""

    folder: Path
    notes: tuple[str, ...]


def build_place(folder: str | Path, files: Sequence[str], wanted: Wanted = Wanted()) -> Built:
    """Write a place into ``folder``, whole or not at all, and return what there is to know of it.

    ``files``: CSV files or Excel workbooks by LSOA or ward, as published or your own (``workbook.xlsx#sheet`` where it
    has several); an earlier one stands before a later. Raises InputError for a folder that is not new, and for anything
    in the files that cannot be used, naming file, row and column.
    """
    out = Path(folder)
    check_wanted(out, files, wanted)
    given = [read_given(str(name)) for name in files]
    stand_in = england()
    areas = areas_of(given, wanted.boroughs)
    made = Traced.of(areas)
    title = wanted.title or " and ".join(wanted.boroughs) or out.name
    add_names(made, title)
    add_deprivation(made)
    add_residents(made, stand_in)
    add_people(made, stand_in)
    hoods = neighbourhoods_of(areas, given, made.table["population"], wanted.people)
    add_neighbourhoods(made, hoods)
    add_map(made)
    if wanted.hospitals is None:
        hospitals = average_hospital(stand_in, float(made.table["population"].sum()))
    else:
        hospitals = read_hospitals(wanted.hospitals, stand_in)
    add_hospital(made, hospitals, wanted.hospitals.name if wanted.hospitals else "", stand_in)
    with whole(out) as part:
        part.mkdir(parents=True)
        write_place(part, made, hoods, hospitals, title, out.name, wanted, stand_in)
        raise_all([InputError("place", problem) for problem in check_place(part)])
    odd = odd_hospitals(hospitals, float(made.table["population"].sum()), stand_in) if wanted.hospitals else []
    return Built(out, (*notes_of(made, given, hoods, wanted), *odd))


def check_wanted(out: Path, files: Sequence[str], wanted: Wanted) -> None:
    """Raise InputError for what is known to be wrong before any file is read."""
    if not files:
        raise InputError("intsim place build", "give the files to build from after the folder: see docs/places.md")
    if not NAME.fullmatch(out.name):
        raise InputError(
            "folder", f"'{out.name}' is not allowed; name it with letters, digits, - and _ alone, 60 at most"
        )
    if out.name in built_in_places():
        raise InputError("folder", f"'{out.name}' is the name of a built-in place; choose another")
    if out.exists():
        raise InputError(str(out), "is there already: name a new folder")
    if not out.parent.is_dir():
        raise InputError(str(out), f"there is no folder {out.parent}")
    for name in wanted.factors:
        if name not in FACTORS:
            raise InputError("--factor", f"no such factor '{name}': {nearest(name, FACTORS)}")
    again = [name for at, name in enumerate(files) if same_file(name) in map(same_file, files[:at])]
    if again:
        raise InputError(str(again[0]), "is given twice: give each file once")
    if wanted.people < 1:
        raise InputError("--people", f"{wanted.people} is not allowed; give 1 or more residents")
    if wanted.hospitals is not None and not wanted.hospitals.is_file():
        raise InputError("--hospitals", f"{wanted.hospitals} is no file")


def same_file(named: str) -> Path:
    """Return what is alike of two names of one file, or of one sheet of a workbook."""
    return Path(named).expanduser().resolve()


def add_names(made: Traced, title: str) -> None:
    """Add name and borough: as given, else the code, and the place's title."""
    areas = made.areas
    made.add("code", None, Origin("files given: codes of LSOAs", PUBLISHERS, "as the file", "found", "as given"))
    for column, fallback in (("name", pd.Series(made.table.index, index=made.table.index)), ("borough", title)):
        used = next((name for name in (column, f"{column}_code") if areas.has(name)), "")
        if used:
            made.from_file(column, areas.table[used].where(areas.table[used] != "", fallback), [used])
        else:
            made.assumed(column, fallback, "the LSOA's code" if column == "name" else "the place's title")


def add_neighbourhoods(made: Traced, hoods: Neighbourhoods) -> None:
    """Add neighbourhood and ward; a neighbourhood's name stands in for wards not known."""
    if hoods.grouped or not made.areas.has("neighbourhood"):
        words = hoods.note or "by ward, as a file says"
        made.assumed("neighbourhood", hoods.of, words, "assumption" if hoods.grouped else "derived")
    else:
        made.from_file("neighbourhood", hoods.of, ["neighbourhood"])
    names = hoods.of.map(hoods.names)
    if made.areas.has("ward"):
        made.from_file("ward", made.areas.table["ward"].where(made.areas.table["ward"] != "", names), ["ward"])
    else:
        made.assumed("ward", names, "no file says: the neighbourhood's name")


def add_map(made: Traced) -> None:
    """Add lat and lon: as given, or an invented map on which each neighbourhood's LSOAs lie together."""
    if made.areas.has("lat", "lon"):
        for name in ("lat", "lon"):
            made.from_file(name, made.areas.number(name), [name])
        return
    order = made.table["neighbourhood"].argsort(kind="stable").argsort(kind="stable").to_numpy()
    words = "an invented map: LSOAs of a neighbourhood beside one another"
    made.assumed("lat", pd.Series(MIDDLE[0] + order // ACROSS * APART, made.table.index).round(3), words, "invented")
    made.assumed("lon", pd.Series(MIDDLE[1] + order % ACROSS * APART, made.table.index).round(3), words, "invented")


def write_place(
    part: Path,
    made: Traced,
    hoods: Neighbourhoods,
    hospitals: pd.DataFrame,
    title: str,
    name: str,
    wanted: Wanted,
    stand_in: England,
) -> None:
    """Write every file of the place into ``part``."""
    table = made.table.rename_axis("code").reset_index()
    columns = [column.name for column in (*COMMUNITIES, *COMMUNITIES_OPTIONAL)]
    write_table(part / "communities.csv", table[[one for one in columns if one in table]])
    write_table(part / "neighbourhoods.csv", neighbourhood_table(made, hoods))
    kept = [column.name for column in (*HOSPITALS, *HOSPITALS_OPTIONAL)]
    write_table(part / "hospitals.csv", hospitals[[one for one in kept if one in hospitals]])
    shares, from_where = male_shares(made, stand_in)
    write_table(part / "age_sex.csv", shares)
    write_table(part / "place.csv", fact_table(made, title, name, wanted, births_of(made, shares)))
    maker = ("intsim place build", "MIT") if hoods.grouped else ("files given", PUBLISHERS)
    sexes = (ENGLAND, LICENCE) if from_where == EVERYWHERE else ("files given", PUBLISHERS)
    hospital = wanted.hospitals.name if wanted.hospitals else ENGLAND
    licence = PUBLISHERS if wanted.hospitals else LICENCE
    others = pd.DataFrame(
        [
            ("neighbourhoods.csv", "*", *maker, "-", "derived", hoods.note or "as given"),
            ("hospitals.csv", "*", hospital, licence, "-", "derived", "see the source of each row"),
            ("age_sex.csv", "male_share", *sexes, "-", "derived", from_where),
            ("place.csv", "*", "given, or as the row says", "MIT", "-", "assumption", "see each row"),
        ],
        columns=made.sources().columns,
    )
    write_table(part / "sources.csv", pd.concat([made.sources(), others]))


def births_of(made: Traced, shares: pd.DataFrame) -> float | None:
    """Return births against England and Wales', as infants tell; None where ages are England's or there are no infants.

    ``shares``: age_sex.csv, whose boroughs count alike.
    """
    if made.origins["age_*"].source == ENGLAND:
        return None
    male = shares.groupby("age_band")["male_share"].mean().reindex(AGE_COLUMNS)
    low, high = FACTOR_LIMITS
    found = births_factor(made.table, list(male))
    return min(max(found, low), high) if np.isfinite(found) else None


def neighbourhood_table(made: Traced, hoods: Neighbourhoods) -> pd.DataFrame:
    """Return neighbourhoods.csv."""
    rows = []
    for code, mine in made.table.groupby("neighbourhood", sort=True):
        boroughs, wards = (";".join(sorted({str(one) for one in mine[name]})) for name in ("borough", "ward"))
        rows.append((code, hoods.names[str(code)], boroughs, wards, hoods.note))
    return pd.DataFrame(rows, columns=["id", "name", "borough", "wards", "note"])


def fact_table(made: Traced, title: str, name: str, wanted: Wanted, births: float | None) -> pd.DataFrame:
    """Return place.csv; ``births``: the place against England and Wales, None where its ages are not its own."""
    people = float(made.table["population"].sum())
    rows = [
        ("name", name, "text", "given", "assumption", ""),
        ("title", title, "text", "given", "assumption", ""),
        ("start_date", wanted.start, "date", "given", "assumption", ""),
        ("basis_default", BASIS, "basis", "given", "assumption", ""),
        (f"basis_{BASIS}", f"{round(people)}", "residents", "communities.csv, all LSOAs", "derived", ""),
        ("imd_edition", edition_of(made.areas), "edition", "files given", "derived", "the one that ranks most LSOAs"),
    ]
    for factor in FACTORS:
        of = "ratio to England and Wales" if factor == "births" else "ratio to England"
        if factor in wanted.factors:
            rows.append((f"local_factor_{factor}", f"{wanted.factors[factor]:g}", of, "given", "found", ""))
        elif factor == "births" and births is not None:
            words = "residents aged 0 over the births that national fertility rates would give the place's women"
            rows.append((f"local_factor_{factor}", f"{births:.3f}", of, "communities.csv", "derived", words))
        elif factor != "care_home":
            words = "as England until the place is fitted (intsim calibrate) or its own ratio is given"
            rows.append((f"local_factor_{factor}", "1.0", of, "none", "assumption", words))
    return pd.DataFrame(rows, columns=["key", "value", "unit", "source", "basis", "note"])


def notes_of(made: Traced, given: Sequence[Given], hoods: Neighbourhoods, wanted: Wanted) -> tuple[str, ...]:
    """Return what there is to know of the place made: sizes, what each file gave, what is England's."""
    table = made.table
    people = float(table["population"].sum())
    lines = [f"{people:,.0f} residents in {len(table)} LSOAs and {len(hoods.names)} neighbourhoods"]
    for code, mine in table.groupby("neighbourhood", sort=True):
        residents = float(mine["population"].sum())
        odd = "" if PEOPLE_LOW <= residents <= PEOPLE_HIGH else f"; usual is {PEOPLE_LOW:,} to {PEOPLE_HIGH:,}"
        lines.append(f"  {code} ({hoods.names[str(code)]}): {residents:,.0f} residents{odd}")
    if hoods.grouped:
        lines.append(f"Neighbourhoods are {hoods.note}. {HOW_TO_NAME}")
    used = {file for told in made.areas.origins.values() for file, _ in told}
    for one in given:
        if one.file not in used and one.key and not one.is_crosswalk:
            lines.append(f"{one.file}: nothing of it was used; other files said it before, or it is of other LSOAs")
        elif one.unused:
            lines.append(f"{one.file}: not used: {listed(one.unused)}")
    lines += [*made.areas.unplaced, *made.areas.left_out]
    size = people / max(float(table["households"].sum()), 1.0)
    lines.append(f"{size:.2f} residents to a household")
    lines.append(f"Of England's average or assumed, as no file says: {', '.join(made.stand_ins())}")
    if wanted.hospitals is None:
        lines.append("No --hospitals: one hospital with England's activity and beds for as many residents")
    if not wanted.factors:
        lines.append("No --factor: emergency needs and deaths are England's for its ages, sexes and deprivation")
    return tuple(lines)
