"""What options do that no price is put on: said beside their money."""

from __future__ import annotations

from evaluation.case_report.document import Block, Bullets, Paragraph
from evaluation.case_report.investment import Investment
from evaluation.figures.style import words


def uncosted_note(case: Investment) -> list[Block]:
    """Return what each option does that has no price here, if any does."""
    told = [f"{words(name)}: {', '.join(what)}." for name, what in case.uncosted.items() if what]
    if not told:
        return []
    note = (
        "Not all of what an option does has a price here, so an option with much of the following looks cheaper than "
        "it is, beside one without. You can give such costs (case.costs)."
    )
    return [Paragraph(note), Bullets(told)]
