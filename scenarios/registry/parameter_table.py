"""The registry as pages to read: words for its columns, counts, and the table of every parameter in Markdown.

    python -m scenarios.registry.parameter_table

rewrites docs/parameters.md from the files as they are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from scenarios.registry.claims import STATUS, WITHOUT_NUMBER, Claim, load_claims
from scenarios.registry.reader import Registry, load_registry
from scenarios.registry.row import BASES, CERTAINTIES, Parameter
from scenarios.whole_file import write_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "parameters.md"
COMMAND = "python -m scenarios.registry.parameter_table"
RATING = "our rating, GRADE-informed"
NOT_AN_INPUT = f"{STATUS}, not an input"
BASIS_WORDS = {"recalled": "unverified (recalled)"}  # any other basis says itself what it is
HEADINGS = ("name", "meaning", "unit", "central", "5% to 95%", "source", f"certainty ({RATING})", "basis")
CLAIM_HEADINGS = ("name", "programme and place", "outcome", "published", "years", "design", "source", "basis")


def basis_words(basis: str) -> str:
    """Return how a basis is printed: a figure from memory is called unverified."""
    return BASIS_WORDS.get(basis, basis)


def central_words(parameter: Parameter) -> str:
    """Return the central value, such as "0.85"."""
    return f"{parameter.central:.4g}"


def range_words(parameter: Parameter) -> str:
    """Return the 5th to 95th percentile, such as "0.7 to 1.03", or "fixed"."""
    if parameter.distribution == "fixed":
        return "fixed"
    return f"{parameter.low:.4g} to {parameter.high:.4g}"


def interval_words(parameter: Parameter) -> str:
    """Return the central value with its range, such as "0.85 (0.7 to 1.03)"."""
    return f"{central_words(parameter)} ({range_words(parameter)})"


def claim_words(claim: Claim) -> str:
    """Return what a claim says, such as "rate ratio 1.33 (1.16 to 1.54)"."""
    if claim.measure in WITHOUT_NUMBER:
        return claim.measure
    said = f"{claim.measure} {claim.value:g}"
    return said if math.isnan(claim.low) else f"{said} ({claim.low:g} to {claim.high:g})"


def years_words(claim: Claim) -> str:
    """Return the years since start that a claim covers, "" where none are said."""
    return "" if math.isnan(claim.years) else f"{claim.years:.2g}"


def counts(parameters: Iterable[Parameter]) -> list[tuple[str, list[int]]]:
    """Return one row for each basis and one for all: the words and the number of parameters of each certainty."""
    of = Counter((each.basis, each.certainty) for each in parameters)
    rows = [(basis_words(basis), [of[basis, rating] for rating in CERTAINTIES]) for basis in BASES]
    return [*rows, ("all", [sum(row[1][at] for row in rows) for at in range(len(CERTAINTIES))])]


def counts_lines(parameters: Iterable[Parameter]) -> list[str]:
    """Return the counts as lines of text: basis down, certainty across."""
    rows = counts(parameters)
    lines = [f"{'basis':<24}" + "".join(f"{rating:>10}" for rating in (*CERTAINTIES, "all"))]
    return lines + [f"{name:<24}" + "".join(f"{count:>10}" for count in (*row, sum(row))) for name, row in rows]


def page(registry: Registry, claims: Mapping[str, Claim]) -> str:
    """Return the Markdown page: how many rows rest on what, each file's parameters, then the claims to test."""
    lines = [
        "# Every number, and where it came from",
        "",
        f"Made from the evidence registry by `{COMMAND}`; do not edit by hand.",
        "",
        f"Certainty is {RATING}: a judgement of how sure we are of the row for this use, not a formal assessment. ",
        'Basis: `found` was read at its source; `recalled` is from memory and printed as "unverified (recalled)"; ',
        "`derived` is worked out from figures in the source; `assumption` has no source and a wide range.",
        "",
    ]
    lines = [line.rstrip() for line in lines]
    lines += table(
        ("basis", *CERTAINTIES, "all"),
        ((name, *map(str, row), str(sum(row))) for name, row in counts(registry.parameters.values())),
    )
    by_file: dict[str, list[Parameter]] = {}
    for parameter in registry.parameters.values():
        by_file.setdefault(parameter.where.split(" row ")[0], []).append(parameter)
    for file in sorted(by_file):
        lines += ["", f"## {file}", "", *table(HEADINGS, map(parameter_cells, by_file[file]))]
    lines += ["", "## Published totals of programmes", ""]
    lines += [f"Each is a {NOT_AN_INPUT}: nothing in the model reads it.", ""]
    lines += table(CLAIM_HEADINGS, map(claim_cells, claims.values()))
    return "\n".join(lines) + "\n"


def parameter_cells(parameter: Parameter) -> tuple[str, ...]:
    """Return one row of the table of parameters."""
    return (
        f"`{parameter.name}`",
        parameter.meaning,
        parameter.unit,
        central_words(parameter),
        range_words(parameter),
        parameter.source,
        parameter.certainty,
        basis_words(parameter.basis),
    )


def claim_cells(claim: Claim) -> tuple[str, ...]:
    """Return one row of the table of claims."""
    return (
        f"`{claim.name}`",
        f"{claim.programme}, {claim.place}",
        claim.outcome,
        claim_words(claim),
        years_words(claim),
        claim.design,
        claim.source,
        basis_words(claim.basis),
    )


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return a Markdown table as lines; a bar within a cell is escaped."""
    heads = list(headings)
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return lines + [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def main() -> None:
    """Rewrite docs/parameters.md."""
    write_text(PAGE, page(load_registry(), load_claims()))
    print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
