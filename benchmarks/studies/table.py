"""The table of stored studies for the documentation: python -m benchmarks.studies.table."""

from __future__ import annotations

import sys

from benchmarks.studies.cases import CASES
from benchmarks.studies.store import read

WORDS = {"covers": "should cover", "fails": "**wrong here**", "printed": "no promise"}


def rows() -> list[str]:
    """Return one line of Markdown for each estimator of each study, from the stored figures."""
    lines = []
    for each in CASES:
        for row in read(each.name)["scores"]:
            held, found = 100 * row["coverage"], 100 * row["found"]
            lines.append(
                f"| {each.name} | {row['estimator']} | {WORDS[row['promise']]} | {row['truth']:.2f} "
                f"| {row['bias']:+.3f} | {held:.1f}% | {found:.1f}% |"
            )
    return lines


if __name__ == "__main__":
    print("\n".join(rows()))
    sys.exit(0)
