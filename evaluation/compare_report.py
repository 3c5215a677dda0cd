"""The report of a comparison: a page for reading and a table for the terminal, from a run folder alone."""

from __future__ import annotations

import os
from pathlib import Path

from evaluation.findings import find
from evaluation.page import html
from evaluation.run_folder import read_run
from evaluation.text_table import text_table


def write(folder: Path) -> Path:
    """Write ``figures/`` (SVG, PNG) and the self-contained ``report.html`` into a run folder; return the page's path.

    Reads panel.parquet, manifest.json and, where present, waits, flows and services.parquet. Raises InputError naming
    the file and what is wrong with it; then no page is written.
    """
    folder = Path(folder)
    text = html(find(read_run(folder)), folder / "figures")
    part, page = folder / ".report.html.part", folder / "report.html"
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, page)
    finally:
        part.unlink(missing_ok=True)  # left where there was no room for the whole of it
    return page


def table(folder: Path) -> str:
    """Return the commissioner's table of a run folder as text, at most 100 columns wide. Raises InputError as write."""
    return text_table(find(read_run(Path(folder))))
