"""The case as a Word document: the same sections, headings that make a table of contents, charts with alt text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from evaluation.case_report.document import Bullets, Chart, Document, Paragraph
from evaluation.page_tables import PageTable
from scenarios.whole_file import whole

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FONT, SIZE_PT, SMALL_PT = "Arial", 10.5, 8
MARGIN_CM, PICTURE_CM = 1.9, 17.0
WIDE = 7  # columns from which a table's text is set smaller still
BLUE, SHADE = "003087", "E8EDEE"
LEAST_LETTERS = 6


def write_word(document: Document, figures: Path, path: Path) -> Path:
    """Write ``document`` to ``path`` (.docx), with the charts that ``html.page`` left in ``figures`` as PNG."""
    import docx
    from docx.shared import Cm, Pt

    made = docx.Document()
    sheet = made.sections[0]
    sheet.page_width, sheet.page_height = Cm(21.0), Cm(29.7)
    sheet.left_margin = sheet.right_margin = Cm(MARGIN_CM)
    sheet.top_margin = sheet.bottom_margin = Cm(MARGIN_CM)
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(SIZE_PT)
    for level, size in ((0, 22), (1, 15), (2, 12)):
        _heading_style(made, level, size)
    made.core_properties.title = clean(document.title)
    made.core_properties.author = "intsim"
    made.core_properties.language = "en-GB"
    made.add_heading(clean(document.title), 0)
    made.add_paragraph(clean(document.subtitle))
    annex: list[PageTable] = []
    for section in document.sections:
        made.add_heading(clean(section.title), 1)
        for block in section.blocks:
            if isinstance(block, PageTable) and block.folded:
                annex.append(block)
                made.add_paragraph(f"Annex, table {len(annex)}: {clean(block.caption)}.")
            else:
                _block(made, block, figures)
    if annex:
        made.add_heading("Annex: further tables", 1)
    for count, table in enumerate(annex, start=1):
        _table(made, replace(table, caption=f"Table {count}: {table.caption}"))
    for line in document.foot:
        made.add_paragraph(clean(line))
    with whole(path) as part:
        made.save(str(part))
    return path


def clean(text: str) -> str:
    """Return ``text`` without characters that XML cannot hold."""
    return UNPRINTABLE.sub("", text)


def _block(made: Any, block: Any, figures: Path) -> None:
    from docx.shared import Cm, RGBColor

    if isinstance(block, Paragraph):
        paragraph = made.add_paragraph()
        run = paragraph.add_run(clean(block.text))
        run.bold = block.caution
        if block.caution:
            run.font.color.rgb = RGBColor.from_string("7C2855")
    elif isinstance(block, Bullets):
        for item in block.items:
            made.add_paragraph(clean(item), style="List Bullet")
    elif isinstance(block, Chart):
        made.add_picture(str(figures / f"{block.name}.png"), width=Cm(PICTURE_CM))
        shape = made.inline_shapes[-1]._inline.docPr
        shape.set("descr", clean(block.alt))
        shape.set("title", clean(block.table.caption))
        _table(made, block.table)
    else:
        _table(made, block)


def _table(made: Any, table: PageTable) -> None:
    from docx.shared import Cm, Pt

    caption = made.add_paragraph()
    run = caption.add_run(clean(table.caption))
    run.bold = True
    caption.paragraph_format.keep_with_next = True
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    widths = [Cm(each) for each in _widths_cm(table)]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    size = Pt(SMALL_PT - (1 if len(table.columns) >= WIDE else 0))
    cells = iter(grid._cells)  # all at once: asking row by row takes seconds
    for number, row in enumerate([table.columns, *table.rows]):
        for text, width in zip(row, widths, strict=True):
            cell = next(cells)
            cell.width = width
            _fill(cell, text, size, bold=number == 0)
            if number == 0:
                _shade(cell)
    for number, row in enumerate(grid._tbl.tr_lst):
        _mark(row, "w:tblHeader" if number == 0 else "w:cantSplit")
    made.add_paragraph()


def _widths_cm(table: PageTable) -> list[float]:
    """Return room for each column in proportion to its text, within limits: no long text stands in a narrow column."""
    room = []
    for at, head in enumerate(table.columns):
        texts = [str(row[at]) for row in table.rows]
        longest_word = max(len(word) for text in (head, *texts) for word in [*text.split(), ""])
        mean = sum(map(len, texts)) / len(texts) if texts else 0.0
        room.append(max(mean, longest_word, LEAST_LETTERS) ** 0.75)
    return [PICTURE_CM * each / sum(room) for each in room]


def _fill(cell: Any, text: str, size: Any, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(clean(str(text)))
    run.font.size, run.bold = size, bold
    paragraph.paragraph_format.space_after = 0


def _heading_style(made: Any, level: int, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style = made.styles["Title" if level == 0 else f"Heading {level}"]
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.color.rgb = RGBColor.from_string(BLUE)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)


def _shade(cell: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", SHADE)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _mark(row: Any, name: str) -> None:
    """Say of a row that it is not cut at a page's end, or that it is a head to repeat on every page."""
    from docx.oxml import OxmlElement

    row.get_or_add_trPr().append(OxmlElement(name))
