"""The case as a Word document: the same sections, headings that make a table of contents, charts with alt text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from evaluation.case_report.document import Bullets, Chart, Document, Paragraph
from evaluation.page_tables import PageTable

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FONT, SIZE_PT, SMALL_PT = "Arial", 10.5, 8
MARGIN_CM, PICTURE_CM = 1.9, 17.0
WIDE = 7  # columns from which a table's text is set smaller still
INK, BLUE, SHADE = "212B32", "003087", "E8EDEE"


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
    for section in document.sections:
        made.add_heading(clean(section.title), 1)
        for block in section.blocks:
            _block(made, block, figures)
    for line in document.foot:
        made.add_paragraph(clean(line))
    part = path.with_name(f".{path.name}.part")
    made.save(str(part))
    part.replace(path)
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
    from docx.shared import Pt

    caption = made.add_paragraph()
    run = caption.add_run(clean(table.caption))
    run.bold = True
    caption.paragraph_format.keep_with_next = True
    grid = made.add_table(rows=1, cols=len(table.columns))
    grid.style = "Table Grid"
    size = Pt(SMALL_PT - (1 if len(table.columns) >= WIDE else 0))
    for cell, text in zip(grid.rows[0].cells, table.columns, strict=True):
        _fill(cell, text, size, bold=True)
        _shade(cell)
    _repeat_on_every_page(grid.rows[0])
    for row in table.rows:
        cells = grid.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            _fill(cell, text, size)
    made.add_paragraph()


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


def _repeat_on_every_page(row: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
