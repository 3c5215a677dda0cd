"""The table of stored studies in the documentation: python -m benchmarks.studies.table writes it there."""

from __future__ import annotations

import sys

from benchmarks.studies.case import Case
from benchmarks.studies.cases import CASES
from benchmarks.studies.store import REPO, code_hash, read, results_file
from scenarios.whole_file import write_text

PAGE = REPO / "docs" / "causal.md"
HEAD = "| study | estimator | promise | truth | bias | held | found |"
WORDS = {"covers": "should cover", "fails": "**wrong here**", "printed": "no promise"}


def rows() -> list[str]:
    """Return one line of Markdown per estimator of each study; a study not run in full with this code says so."""
    return [line for each in CASES for line in _of(each)]


def page() -> str:
    """Return the documentation page with the table of the stored figures in it."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = lines.index(HEAD) + 2
    last = first
    while last < len(lines) and lines[last].startswith("|"):
        last += 1
    return "\n".join([*lines[:first], *rows(), *lines[last:]]) + "\n"


def _of(case: Case) -> list[str]:
    stored = read(case.name) if results_file(case.name).is_file() else {}
    if stored.get("code_hash") != code_hash(case):
        return [f"| {case.name} | not run in full with the present code | | | | | |"]
    return [
        f"| {case.name} | {row['estimator']} | {WORDS[row['promise']]} | {row['truth']:.2f} "
        f"| {row['bias']:+.3f} | {100 * row['coverage']:.1f}% | {100 * row['found']:.1f}% |"
        for row in stored["scores"]
    ]


if __name__ == "__main__":
    write_text(PAGE, page())
    print("\n".join(rows()))
    sys.exit(0)
