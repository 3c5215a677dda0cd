"""The page of a case: one self-contained HTML file; nothing in it is asked for from elsewhere."""

from __future__ import annotations

import base64
from pathlib import Path

from evaluation.case_report.document import Block, Bullets, Chart, Document, Paragraph
from evaluation.figures.style import save
from evaluation.templating import environment


def page(document: Document, figures: Path) -> str:
    """Write the charts of ``document`` into ``figures`` (SVG and PNG) and return the page."""
    images = {}
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                svg = save(block.figure, figures, block.name)
                text = base64.b64encode(svg.read_bytes()).decode("ascii")
                images[block.name] = f"data:image/svg+xml;base64,{text}"
    template = environment().get_template("case.html")
    return template.render(document=document, images=images, kind_of=kind_of)


def kind_of(block: Block) -> str:
    """Return what a block is: 'paragraph', 'bullets', 'chart' or 'table'."""
    if isinstance(block, Paragraph):
        return "paragraph"
    if isinstance(block, Bullets):
        return "bullets"
    return "chart" if isinstance(block, Chart) else "table"
