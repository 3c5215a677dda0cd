"""Overrides as users type them (``int=frailty``, ``experiment.replications=5``), checked and made ready for Hydra."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException

from scenarios.errors import InputError, nearest, one_line
from scenarios.place_schema import IMD_AREAS
from scenarios.user_files import INSTANTIATING, check_value, refused_text

PLACE, PLACE_FILE, START, NAME = "place", "place.csv", "place.start_date", "place.name"
EDITION = "place.imd_edition"
GRAMMAR = "[]{}()'\","  # of lists, groups and quotes: such a value is left to Hydra
PLAIN = "toy"  # the option whose settings say nothing of a place but its folder


def read(text: str) -> Override:
    """Return one override, parsed; raise InputError in plain words if it cannot be used."""
    where = f"override '{one_line(text)}'"
    problem = refused_text(text)
    if problem:
        raise InputError(where, problem)
    try:
        override = OverridesParser.create().parse_override(in_quotes(text))
    except HydraException:
        raise InputError(where, "write it as name=value, for example experiment.replications=5") from None
    if override.type is OverrideType.DEL:
        raise InputError(where, "settings cannot be deleted: give a value instead")
    key = override.key_or_group
    if any(part in INSTANTIATING for part in key.split(".")):
        raise InputError(where, f"'{key}' is not allowed: settings are data and are never instantiated")
    if key.split(".")[0].split("/")[0] == "hydra":
        raise InputError(where, "Hydra's own settings cannot be changed here (a folder of settings: --config-dir DIR)")
    if override.package is not None:
        raise InputError(where, "'@' is not allowed: each group has one place")
    if not override.is_sweep_override():
        check_value(override.value(), key)
    return override


def in_quotes(text: str) -> str:
    """Return ``text`` with quotes about a value that is a path as people have them, with spaces or '~'.

    Or with letters beyond ASCII. Hydra's grammar allows none of these without quotes, and shells take quotes away.
    """
    name, equals, value = text.partition("=")
    odd = " " in value.strip() or value.startswith("~") or not value.isascii()
    if not equals or not odd or value.endswith("\\") or any(mark in value for mark in GRAMMAR):
        return text
    return f"{name}='{value}'"


def ready(texts: Sequence[str], options: Mapping[str, Sequence[str]]) -> list[str]:
    """Return overrides for Hydra, from a user's ``texts``.

    ``options`` gives the names of each group. Choosing an option stays as it is; every other key is forced in, so that
    an unknown one reaches the schema, which knows the nearest valid name. A place may also be a folder, which then
    also says what the place is called, when a run starts and by which indices its areas are ranked, unless ``texts``
    do. Raises InputError for an unknown option.
    """
    prepared: list[str] = []
    told: dict[str, str] = {}
    for text in map(in_quotes, texts):
        override = read(text)
        key = override.key_or_group
        if override.is_sweep_override():
            raise InputError(f"override '{text}'", "gives several values: only 'intsim run -m' takes those")
        if key == f"{PLACE}.folder":
            told = told_by(str(override.value()))
        if key == PLACE and is_place_folder(override.value(), options.get(PLACE, ())):
            told = told_by(str(override.value()))
            prepared += [f"{PLACE}={PLAIN}", f"++{PLACE}.folder={text.split('=', 1)[1]}"]
        elif key in options and not isinstance(override.value(), dict):
            check_option(key, override.value(), options[key])
            named = isinstance(override.value(), str)  # a name such as 2024 would be a number to Hydra
            prepared.append(text.lstrip("+") if named else f"{key}='{override.value()}'")
        else:
            prepared.append("++" + text.lstrip("+"))
    said = set(map(key_of, texts))
    return [*prepared, *(f"++{key}={in_hydras_quotes(value)}" for key, value in told.items() if key not in said)]


def told_by(folder: str) -> dict[str, str]:
    """Return settings that the place in ``folder`` makes itself, where readable.

    They are its name, when a run starts, and the edition of the indices that its LSOAs were ranked by.

    What is wrong with the folder is said when it is read.
    """
    found: dict[str, str] = {}
    try:
        with (Path(folder).expanduser() / PLACE_FILE).open(encoding="utf-8-sig", newline="") as file:
            facts = {str(row.get("key")).strip(): str(row.get("value") or "").strip() for row in csv.DictReader(file)}
    except (OSError, ValueError, RuntimeError, csv.Error):
        return found
    name = facts.get("name", "")
    if name and name.isprintable() and refused_text(name) is None:
        found[NAME] = name
    if facts.get("imd_edition") in IMD_AREAS:
        found[EDITION] = facts["imd_edition"]
    with suppress(ValueError):
        found[START] = str(date.fromisoformat(facts.get("start_date", "")))
    return found


def in_hydras_quotes(value: str) -> str:
    """Return any text as Hydra reads it literally: within quotes, those in it escaped."""
    escaped = re.sub(r"(\\*)(?='|$)", r"\1\1", value).replace("'", "\\'")
    return f"'{escaped}'"


def is_place_folder(value: Any, names: Sequence[str]) -> bool:
    """Return whether ``value`` is the folder of a place: ``place=DIR`` is short for ``place.folder=DIR``."""
    try:
        return isinstance(value, str) and value not in names and (Path(value).expanduser() / PLACE_FILE).is_file()
    except (OSError, RuntimeError):  # a name too long for a file, or a home that nobody has: no folder
        return False


def check_option(group: str, name: Any, names: Sequence[str]) -> None:
    """Raise InputError with the nearest name unless ``name`` is an option of ``group``."""
    if str(name) not in names:
        given = "null" if name is None else str(name)
        raise InputError(group, f"no such option '{given}': {nearest(given, names)}")


def sweep(texts: Sequence[str]) -> list[list[str]]:
    """Return each combination of overrides that ``texts`` ask for: ``int=frailty,outreach`` gives two."""
    choices: list[list[str]] = []
    for text in texts:
        override = read(text)
        if override.is_sweep_override():
            key = override.get_key_element()
            choices.append([f"{key}={value}" for value in override.sweep_string_iterator()])
        else:
            choices.append([text])
    return [list(combination) for combination in product(*choices)]


def key_of(text: str) -> str:
    """Return the name an override sets, without plus signs."""
    return text.lstrip("+").split("=", 1)[0].strip()
