"""A case written: the page, the Word document and the workbook, all or none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.case_report.content import document
from evaluation.case_report.html import page
from evaluation.case_report.investment import Investment
from evaluation.case_report.word import write_word
from evaluation.case_report.workbook import write_workbook

STEM = "investment_case"


@dataclass(frozen=True)
class Written:
    """The files of a case."""

    html: Path
    word: Path
    workbook: Path


def write(case: Investment, folder: Path) -> Written:
    """Write investment_case.html, .docx and .xlsx into ``folder``, and their charts into ``folder``/case_figures.

    All three are made before any of them takes the place of an earlier one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "case_figures"
    made = document(case)
    with TemporaryDirectory(dir=folder, prefix=f".{STEM}-") as name:
        parts = Path(name)
        html = parts / f"{STEM}.html"
        html.write_text(page(made, figures), encoding="utf-8")
        word = write_word(made, figures, parts / f"{STEM}.docx")
        workbook = write_workbook(case, made, parts / f"{STEM}.xlsx")
        for part in (html, word, workbook):
            os.replace(part, folder / part.name)
    return Written(folder / html.name, folder / word.name, folder / workbook.name)
