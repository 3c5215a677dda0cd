"""A case written: the page, the Word document and the workbook, all or none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

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
    """Write investment_case.html, .docx and .xlsx into ``folder``, and their charts into ``folder``/case_figures."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "case_figures"
    made = document(case)
    text = page(made, figures)
    word = write_word(made, figures, folder / f"{STEM}.docx")
    workbook = write_workbook(case, made, folder / f"{STEM}.xlsx")
    part, html = folder / f".{STEM}.html.part", folder / f"{STEM}.html"
    part.write_text(text, encoding="utf-8")
    os.replace(part, html)
    return Written(html, word, workbook)
