"""What a check of the model found, as tables a page and a terminal can show. Knows nothing of simulations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evaluation.templating import environment
from scenarios.whole_file import whole, write_text

PASSED, FAILED = "passed", "failed"


@dataclass(frozen=True)
class Finding:
    """One check: what was asked, what was seen (one sentence), whether it held, and the figures."""

    name: str
    question: str
    seen: str
    held: bool
    table: pd.DataFrame

    @property
    def verdict(self) -> str:
        """'passed' or 'failed'."""
        return PASSED if self.held else FAILED


def in_text(findings: Sequence[Finding], digits: int = 3) -> str:
    """Return the findings as plain text: a heading, a sentence and a table each."""
    parts = []
    for finding in findings:
        parts.append(f"{finding.name}: {finding.verdict.upper()}\n  {finding.question}\n  {finding.seen}")
        if len(finding.table):
            parts.append(shown(finding.table, digits).to_string(index=False))
    failed = sum(not finding.held for finding in findings)
    parts.append(f"{len(findings) - failed} of {len(findings)} checks held.")
    return "\n\n".join(parts)


def shown(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Return the table with numbers at ``digits`` significant digits and truth as yes and no."""
    out = table.copy()
    for column in out:
        if out[column].dtype == bool:
            out[column] = out[column].map({True: "yes", False: "no"})
        elif pd.api.types.is_float_dtype(out[column]):
            out[column] = [
                ("" if pd.isna(x) else f"{x:,.{digits}g}" if abs(x) < 1000 else f"{x:,.0f}") for x in out[column]
            ]
    return out


def write_page(findings: Sequence[Finding], facts: Sequence[tuple[str, str]], path: Path) -> Path:
    """Write the validation page (one self-contained HTML file) and return ``path``; the tables go beside it as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sections = []
    for finding in findings:
        name = finding.name.lower().replace(" ", "_").replace(",", "")
        with whole(path.parent / f"{name}.csv") as part:
            finding.table.to_csv(part, index=False)
        table = shown(finding.table, 3)
        sections.append(
            {
                "name": finding.name,
                "question": finding.question,
                "seen": finding.seen,
                "verdict": finding.verdict,
                "columns": [str(column).replace("_", " ") for column in table],
                "rows": table.astype(str).to_numpy().tolist(),
                "file": f"{name}.csv",
            }
        )
    text = environment().get_template("validation.html").render(sections=sections, facts=list(facts))
    return write_text(path, text)
