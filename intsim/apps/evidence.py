"""``intsim evidence``: the registry as a table, one parameter in full, the claims to test, or a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from intsim.apps.arguments import parse, parser
from scenarios.errors import InputError
from scenarios.registry.claims import Claim, load_claims
from scenarios.registry.parameter_table import (
    NOT_AN_INPUT,
    RATING,
    basis_words,
    claim_words,
    counts_lines,
    interval_words,
    page,
    years_words,
)
from scenarios.registry.reader import Registry, load_registry
from scenarios.registry.row import COLUMNS, Parameter
from scenarios.whole_file import write_text

CLAIMS = "claims"  # the word that asks for the published totals
ECONOMICS = "economics"  # and for prices and values

LEAST_SHARE = 0.005  # smaller shares are left out of the list
WIDE = 180  # columns of text when the output is not a terminal


def main(words: Sequence[str]) -> int:
    """Print the registry, one parameter or the claims, or write it all to a file."""
    made = parser("evidence", "Show the numbers the model rests on: value, range, source, certainty and use.")
    help_name = "one parameter, in full; claims: published totals, kept for testing; economics: prices and values"
    made.add_argument("name", nargs="?", metavar="NAME", help=help_name)
    made.add_argument("--csv", type=Path, metavar="FILE", help="write the whole registry to FILE")
    made.add_argument("--markdown", type=Path, metavar="FILE", help="write every row and claim to FILE, as a page")
    made.add_argument("--mediators", action="store_true", help="what carries deprivation in each type of need")
    given = parse(made, words)
    registry = load_registry()
    if given.mediators:
        show_mediators()
        return 0
    if given.csv is not None:
        write_csv(given.csv)
    elif given.markdown is not None:
        write_markdown(given.markdown, registry)
    elif given.name == CLAIMS:
        show_claims()
    elif given.name == ECONOMICS:
        show_economics()
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

    write(path, evidence().to_csv(index=False))


def write_markdown(path: Path, registry: Registry) -> None:
    """Write every parameter and claim to ``path`` as a page; raise InputError if it exists or cannot be made."""
    write(path, page(registry, load_claims()))


def write(path: Path, text: str) -> None:
    """Write ``text`` to a new file, whole or not at all; raise InputError if it exists or cannot be made."""
    if path.exists():
        raise InputError(str(path), "exists already: give the name of a new file")
    try:
        write_text(path, text)
    except OSError as problem:
        raise InputError(str(path), f"cannot be written: {problem.strerror}") from None
    print(f"Evidence: {path}")


def in_full(parameter: Parameter) -> str:
    """Return every column of one parameter, a line each."""
    words = {column: str(getattr(parameter, column)) for column in COLUMNS}
    words["basis"] = basis_words(parameter.basis)
    words["certainty"] = f"{parameter.certainty} ({RATING})"
    lines = [f"{column:<13}{word}" for column, word in words.items()]
    return "\n".join([*lines, f"{'row':<13}{parameter.where}"])


def show_claims() -> None:
    """Print the published totals of programmes, one line each under the programme's name."""
    claims = load_claims()
    print(f"Published totals of programmes: {len(claims)}. Each is a {NOT_AN_INPUT}.")
    told = ""
    for claim in claims.values():
        programme = f"{claim.programme}, {claim.place} ({claim.design})"
        if programme != told:
            print(f"\n{programme}")
            told = programme
        print(f"  {claim_line(claim)}")
        print(f"      {claim.source}")


def show_economics() -> None:
    """Print every price and value of health that cases use, with its range, year and source."""
    from scenarios.registry.economics import load_economics

    economics = load_economics()
    prices = [(each.parameter, each.price_year) for each in economics.prices.values()]
    values = [(each.parameter, each.price_year) for each in economics.values.values()]
    print("Prices and values of health: applied after a simulation, never inside it (docs/economics.md).")
    for title, rows in (("Unit costs", prices), ("Other numbers", values)):
        print(f"\n{title}")
        for row, year in rows:
            told = f"{interval_words(row)} {row.unit}" + (f", {year} prices" if year else "")
            print(f"  {row.name}: {told}; {basis_words(row.basis)}, {row.certainty} *")
            print(f"      {row.meaning}. {row.source}")
    print(f"\n* Certainty: {RATING}. Change one with case.prices={{name:value}}.")


def claim_line(claim: Claim) -> str:
    """Return one claim in a line: outcome, figure, years covered, basis and status."""
    covered = years_words(claim)
    years = f", after {covered} year{'' if covered == '1' else 's'}" if covered else ""
    return f"{claim.outcome}: {claim_words(claim)}{years}; {basis_words(claim.basis)}; {claim.status}"


def show_table(registry: Registry) -> None:
    """Print one line for each parameter."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Evidence registry: {len(registry.parameters)} parameters", title_justify="left")
    for heading in ("name", "central (5% to 95%)", "unit", "certainty *", "basis", "used by"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "name")
    for parameter in registry.parameters.values():
        words = (parameter.unit, parameter.certainty, basis_words(parameter.basis), parameter.used_by)
        table.add_row(parameter.name, interval_words(parameter), *words)
    console = Console(width=None if sys.stdout.isatty() else WIDE, markup=False)
    console.print(table)
    print(f"* Certainty: {RATING}. How many rest on what:")
    for line in counts_lines(registry.parameters.values()):
        print(f"  {line}")
    print(f"Tables of rates that go with them: {', '.join(registry.table_names())}.")
    print("One in full, with its source: intsim evidence NAME. All of it: intsim evidence --csv FILE.")
    print("Published totals of programmes, kept for testing: intsim evidence claims.")
