"""Which option of ``intsim evaluate`` is used with which source and design; one that would do nothing is refused."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser
from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

RUN, RECORDS, PANEL = "the folder of a run", "records (--dataset)", "a CSV panel"
SOURCES = (RUN, RECORDS, PANEL)
# Options that are not for every source.
OF_SOURCES = {
    "time": (PANEL,),
    "first-treated": (PANEL,),
    "treated": (PANEL,),
    "person": (PANEL,),
    "population": (RECORDS, PANEL),
    "quintile": (RECORDS, PANEL),
    "score": (PANEL,),
    "dataset": (RECORDS,),
    "map": (RECORDS,),
    "rules": (RECORDS,),
    "where": (RECORDS, PANEL),
    "arm": (RUN,),
    "as-lived": (RUN,),
    "replication": (RUN,),
}
BY_PERIOD, SERIES, PEOPLE = ("did", "synthetic", "wedge"), ("its", "comparative"), ("cohort", "rates")
# Options that are not for every design.
OF_DESIGNS = {
    "starts": (*BY_PERIOD, *SERIES),
    "first-treated": BY_PERIOD,
    "person": PEOPLE,
    "population": (*BY_PERIOD, *SERIES, "rates"),
    "only": SERIES,
}
WHEN = ("starts", "first-treated", "treated")  # each says who is treated, and when
ALONE = {"freeze": (), "dictionary": ("rules",), "aim": ("arm", "baseline-gap", "output")}
AS_USUAL = {"time": ("month",), "replication": ("0",), "as-lived": ("false", "no")}  # what stands without the option
COLUMNS = ("cluster", "person", "covariates", "quintile", "score")  # that a panel must have, if they are named


def options_given(made: Parser, given: argparse.Namespace) -> dict[str, str]:
    """Return the options given, by name without dashes, that differ from what stands without them."""
    found = {name: value for name, value in vars(given).items() if value != made.get_default(name)}
    return {name.replace("_", "-"): str(value) for name, value in found.items() if name != "source"}


def refuse_beside(options: Mapping[str, str]) -> None:
    """Raise InputError for an option beside one that stops, or follows an aim, and does not read it."""
    for mode, allowed in ALONE.items():
        others = [name for name in options if mode in options and name not in (mode, *allowed)]
        if others:
            take = f"it takes {', '.join('--' + name for name in allowed)} alone" if allowed else "give it alone"
            raise InputError(f"--{others[0]}", f"is not used beside --{mode}; {take}")
    if "baseline-gap" in options and "aim" not in options:
        raise InputError("--baseline-gap", "is not used without --aim")


def refuse_useless(given: argparse.Namespace, options: Mapping[str, str]) -> None:
    """Raise InputError for the first option given that the source or the design does not use."""
    source = RUN if given.source.is_dir() else RECORDS if given.dataset else PANEL
    problem = useless(options, given.design, (source,))
    if problem is not None:
        raise problem
    column = "population" in options and population_file(given.population) is None
    if column and source == RECORDS:
        words = f"'{given.population}' is no CSV file; records have no column of people: give a CSV of unit, population"
        raise InputError("--population", words)
    if "population" in options and not column and given.design == "rates":
        raise InputError("--population", "is a file; --design rates needs the column of each row's time at risk")


def useless(options: Mapping[str, str], design: str, sources: Collection[str]) -> InputError | None:
    """Return what is wrong with the first option that none of ``sources``, or ``design``, uses."""
    if design in PEOPLE and PANEL not in sources:
        words = f"'{design}' needs a row for each person, as {PANEL} may have; here the source is {_listed(sources)}"
        return InputError("--design", words)
    for name in options:
        allowed = OF_SOURCES.get(name, SOURCES)
        if not set(allowed) & set(sources):
            words = f"is not used with {_listed(sources)}; it is for {_listed(allowed)}"
            return InputError(f"--{name}", words + (": give --starts" if name in WHEN else ""))
        designs = OF_DESIGNS.get(name, (design,))
        if design not in designs:
            hint = {"only": "; --where keeps some rows", "first-treated": "; give --starts or --treated"}.get(name, "")
            return InputError(f"--{name}", f"is not used by --design {design}; it is for {_listed(designs)}{hint}")
    when = [name for name in WHEN if name in options]
    if len(when) > 1:
        return InputError(f"--{when[0]}, --{when[1]}", "both say who is treated, and when; give one of them")
    if "score" in options and "quintile" not in options:
        return InputError("--score", "is not used without --quintile, whose direction it checks")
    if "time" in options and "starts" in options:
        return InputError("--time", "is not used beside --starts, which needs periods in a column called month")
    return None


def sources_of(options: Iterable[str]) -> tuple[str, ...]:
    """Return the sources that every one of ``options`` is for."""
    return tuple(each for each in SOURCES if all(each in OF_SOURCES.get(name, SOURCES) for name in options))


def population_file(text: str) -> Path | None:
    """Return the file that --population names; None where it names a column, or nothing."""
    path = Path(text)
    return path if text and (path.suffix.lower() == ".csv" or path.is_file()) else None


def check_columns(given: argparse.Namespace, table: pd.DataFrame) -> None:
    """Raise InputError for a column that an option names and the table does not have."""
    for option in COLUMNS:
        if option == "quintile" and given.dataset:
            continue  # of the records, not of what was counted
        for name in filter(None, getattr(given, option).split(",")):
            if name not in table.columns:
                raise InputError(f"--{option}", f"no column '{name}': {nearest(name, map(str, table.columns))}")


def _listed(names: Collection[str]) -> str:
    """Return 'a, b or c'."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
