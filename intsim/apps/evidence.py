"""``intsim evidence``: the registry as a table, one parameter in full, or a CSV file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from intsim.apps.arguments import parse, parser
from scenarios.errors import InputError
from scenarios.registry.reader import Registry, load_registry
from scenarios.registry.row import COLUMNS, Parameter

LEAST_SHARE = 0.005  # smaller shares are left out of the list
WIDE = 180  # columns of text when the output is not a terminal


def main(words: Sequence[str]) -> int:
    """Print the registry, or one parameter, or write it all to a file."""
    made = parser("evidence", "Show the numbers the model rests on: value, range, source, certainty and use.")
    made.add_argument("name", nargs="?", metavar="NAME", help="one parameter, in full")
    made.add_argument("--csv", type=Path, metavar="FILE", help="write the whole registry to FILE")
    made.add_argument("--mediators", action="store_true", help="what carries deprivation in each type of need")
    given = parse(made, words)
    registry = load_registry()
    if given.mediators:
        show_mediators()
        return 0
    if given.csv is not None:
        write_csv(given.csv)
    elif given.name is not None:
        registry.known(given.name, "intsim evidence")
        print(in_full(registry.parameters[given.name]))
    else:
        show_table(registry)
    return 0


def show_mediators() -> None:
    """Print the share of each need's deprivation ratio that each part carries."""
    from intsim.api import mediators

    table = mediators()
    parts = [name for name in table.columns if name not in ("need", "ratio_q1_q5")]
    print("Need per head in England, most against least deprived fifth, and the share of the (log) ratio carried by:")
    for row in table.to_dict("records"):
        carried = ", ".join(f"{name} {row[name]:.0%}" for name in parts if abs(row[name]) >= LEAST_SHARE)
        print(f"  {row['need'].replace('_', ' '):<24}{row['ratio_q1_q5']:>5.2f}  {carried}")
    print("residual: the direct deprivation term, solved so that England's margins hold after everything else.")


def write_csv(path: Path) -> None:
    """Write the registry to ``path``, whole or not at all; raise InputError if the file exists or cannot be made."""
    from intsim.api import evidence

    if path.exists():
        raise InputError(str(path), "exists already: give the name of a new file")
    part = path.with_name(path.name + ".part")
    try:
        evidence().to_csv(part, index=False)
        os.replace(part, path)
    except OSError as problem:
        raise InputError(str(path), f"cannot be written: {problem.strerror}") from None
    print(f"Evidence: {path}")


def in_full(parameter: Parameter) -> str:
    """Return every column of one parameter, a line each."""
    lines = [f"{column:<13}{getattr(parameter, column)}" for column in COLUMNS]
    return "\n".join([*lines, f"{'row':<13}{parameter.where}"])


def show_table(registry: Registry) -> None:
    """Print one line for each parameter."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Evidence registry: {len(registry.parameters)} parameters", title_justify="left")
    for heading in ("name", "central (5% to 95%)", "unit", "certainty", "basis", "used by"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "name")
    for parameter in registry.parameters.values():
        words = (parameter.unit, parameter.certainty, parameter.basis, parameter.used_by)
        table.add_row(parameter.name, interval(parameter), *words)
    console = Console(width=None if sys.stdout.isatty() else WIDE, markup=False)
    console.print(table)
    print(f"Tables of rates that go with them: {', '.join(registry.table_names())}.")
    print("One in full, with its source: intsim evidence NAME. All of it: intsim evidence --csv FILE.")


def interval(parameter: Parameter) -> str:
    """Return the central value with its range, such as "0.85 (0.7 to 1.03)"."""
    if parameter.distribution == "fixed":
        return f"{parameter.central:.4g} (fixed)"
    return f"{parameter.central:.4g} ({parameter.low:.4g} to {parameter.high:.4g})"
