"""Options with which more needs are left unmet: less care is then no saving, and every table of money says so."""

from __future__ import annotations

from evaluation.case_report.document import Block, Paragraph
from evaluation.case_report.investment import Investment
from evaluation.figures.style import words
from evaluation.findings import Findings

FLAG = "more need unmet"
NO_RETURN = "no figure: more needs are left unmet, and care not given is no saving"


def more_unmet(findings: Findings) -> tuple[str, ...]:
    """Return the options with which more needs are left unmet than with the comparator, its interval above zero."""
    rows = {name: findings.row(name, "needs_unmet") for name in findings.run.designs}
    return tuple(name for name, row in rows.items() if row is not None and row["verdict"] == "higher")


def label(case: Investment, name: str) -> str:
    """Return an option as a reader sees it, marked where more needs are left unmet with it."""
    return f"{words(name)} ({FLAG})" if name in more_unmet(case.findings) else words(name)


def unmet_note(case: Investment) -> list[Block]:
    """Return what the mark in the table above means, or nothing where no option has it."""
    if not more_unmet(case.findings):
        return []
    note = (
        f"“{FLAG.capitalize()}”: less need is met with this option, so part of a lower cost, and of what follows from "
        "it, is care not given and no saving. Needs that the option itself found and could not meet are included."
    )
    return [Paragraph(note)]
