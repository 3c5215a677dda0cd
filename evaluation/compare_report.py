"""The report of a comparison: a page for reading and a table for the terminal, from a run folder alone."""

from __future__ import annotations

from pathlib import Path

from evaluation.findings import find
from evaluation.page import html
from evaluation.run_folder import read_run
from evaluation.text_table import text_table
from scenarios.whole_file import write_text


def write(folder: Path) -> Path:
    """Write ``figures/`` (SVG, PNG) and the self-contained ``report.html`` into a run folder; return the page's path.

    Reads panel.parquet, manifest.json and, where present, waits, flows and services.parquet. Raises InputError naming
    the file and what is wrong with it; then no page is written.
    """
    folder = Path(folder)
    text = html(find(read_run(folder)), folder / "figures")
    return write_text(folder / "report.html", text)


def table(folder: Path) -> str:
    """Return the commissioner's table of a run folder as text, at most 100 columns wide. Raises InputError as write."""
    return text_table(find(read_run(Path(folder))))
