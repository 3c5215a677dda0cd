"""The closed estimand: what a design does to those who lived there when it went live, newcomers left out."""

from __future__ import annotations

from dataclasses import replace

from evaluation.figures.style import words
from evaluation.findings import Findings, summed
from evaluation.outcomes import RATE_UNIT
from evaluation.page_tables import PageTable, headline_table
from evaluation.panel import COUNTS, UNIT, after_go_live, read_panel
from evaluation.run_folder import RunFolder
from evaluation.twins import compare

CLOSED = "closed.parquet"
NOTE = (
    "Everything else on this page is about the place over time: whoever lives there, newcomers too. This is about "
    "those who lived there when the last design went live, until they die or move away; they end up older than the "
    "place as a whole. Where the two differ, people coming and going are part of the reason."
)


def closed_findings(run: RunFolder) -> Findings | None:
    """Return differences among those who were there at go-live; None for a run of before they were told apart.

    Raises InputError for a table that cannot be read.
    """
    path = run.path / CLOSED
    if not path.is_file():
        return None
    fifths = summed(after_go_live(read_panel(path, tuple(COUNTS))), [*UNIT, "quintile"])
    differences = {design: compare(fifths, run.baseline, design) for design in run.designs}
    return Findings(run, differences, {})


def closed_tables(run: RunFolder) -> list[PageTable]:
    """Return the table of every outcome for each design, of those who were there at go-live."""
    findings = closed_findings(run)
    if findings is None:
        return []
    made = []
    for design in run.designs:
        caption = f"{words(design)} against {words(run.baseline)}, residents there at go-live, {RATE_UNIT}"
        made.append(replace(headline_table(findings, design), caption=caption, folded=True))
    return made
