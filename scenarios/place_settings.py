"""Whether the settings of the group ``place`` fit the place itself: its folder, population bases and neighbourhoods."""

from __future__ import annotations

import csv
from pathlib import Path

from scenarios.errors import InputError, nearest
from scenarios.schema.place import Place


def check_place_settings(place: Place) -> None:
    """Raise InputError if there is no such place, or it has no such population basis or neighbourhood.

    Only names are looked up here; a file that cannot be read is left to ``place_files.load_place``, which says why.
    """
    folder = folder_of(place)
    keys = column(folder / "place.csv", "key")
    bases = [key.removeprefix("basis_") for key in keys if key.startswith("basis_") and key != "basis_default"]
    if isinstance(place.basis, str) and bases and place.basis not in bases:
        raise InputError("place.basis", f"no such basis '{place.basis}': {nearest(place.basis, bases)}")
    ids = column(folder / "neighbourhoods.csv", "id")
    for name in () if place.neighbourhoods == "all" else place.neighbourhoods:
        if ids and name not in ids:
            raise InputError("place.neighbourhoods", f"no such neighbourhood '{name}': {nearest(name, ids)}")


def folder_of(place: Place) -> Path:
    """Return the folder of the place: a user's own, or the built-in one of that name."""
    from scenarios.place_files import find_folder

    return find_folder(place.folder if place.folder is not None else place.name)


def column(path: Path, name: str) -> list[str]:
    """Return one column of a CSV file as text; nothing if the file or the column is missing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [str(row[name]).strip() for row in csv.DictReader(file) if row.get(name)]
    except (OSError, UnicodeDecodeError):
        return []
