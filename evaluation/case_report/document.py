"""A document before it has a format: sections of paragraphs, lists, tables and charts, the same on page and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from evaluation.page_tables import PageTable


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text. ``caution``: set apart, to be read first."""

    text: str
    caution: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Chart:
    """A chart, its file name, what it shows in words, and the same figures as a table: never one without the other."""

    name: str
    figure: Figure
    alt: str
    table: PageTable


Block = Paragraph | Bullets | Chart | PageTable


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    anchor: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)


@dataclass(frozen=True)
class Document:
    """A title, one line below it, the sections, and the last lines (version, seeds)."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    foot: Sequence[str]

    def text(self) -> str:
        """Return all words, for checks."""
        parts = [self.title, self.subtitle, *self.foot]
        for section in self.sections:
            parts.append(section.title)
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    parts.append(block.text)
                elif isinstance(block, Bullets):
                    parts += block.items
                else:
                    table = block.table if isinstance(block, Chart) else block
                    parts += [table.caption, *table.columns, *(cell for row in table.rows for cell in row)]
                    parts += [block.alt] if isinstance(block, Chart) else []
        return "\n".join(parts)
