"""One look for every chart: colours with contrast on white, a marker and dash for each, the same bytes every time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

WIDTH_IN = 9.0  # at 100 dots an inch, the 900 pixels of the page
PNG_DPI = 150
INK, GRID, PALE = "#212B32", "#D8DDE0", "#E8EDEE"

_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, so the layout is the same everywhere
    "font.size": 10.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "figure.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "intsim",
}


@dataclass(frozen=True)
class Mark:
    """How one arm is drawn: colour, marker and dash together, so that none is needed alone."""

    colour: str
    marker: str
    dash: str


_MARKS = (
    Mark("#425563", "o", "--"),  # dark grey: the baseline
    Mark("#005EB8", "s", "-"),  # blue
    Mark("#AE2573", "^", "-."),  # pink
    Mark("#006747", "D", ":"),  # dark green
    Mark("#330072", "v", "--"),  # purple
    Mark("#7C2855", "P", "-"),  # dark pink
)


def marks(arms: Sequence[str]) -> dict[str, Mark]:
    """Return a mark for each arm, the baseline first; from the seventh on they repeat."""
    return {arm: _MARKS[i % len(_MARKS)] for i, arm in enumerate(arms)}


def words(name: str) -> str:
    """Return a name from a config or a column as a reader sees it: 'usual_care' -> 'usual care'."""
    return name.replace("_", " ")


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the look inside a ``with`` block, leaving matplotlib's own settings as they were."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def figure(height_in: float, rows: int = 1, columns: int = 1, **layout: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure ``WIDTH_IN`` wide and its axes, row by row. Call inside ``house_style``."""
    made = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(rows, columns, squeeze=False, **layout)
    return made, list(axes.flat)


def save(made: Figure, folder: Path, name: str) -> Path:
    """Write ``name``.svg and ``name``.png into ``folder`` and return the SVG's path; bytes depend on the data alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with house_style():
        part = folder / f".{name}.part"
        # By the canvas itself: savefig draws everything twice, once to look what is there.
        FigureCanvasSVG(made).print_svg(part, metadata={"Date": None, "Creator": None})
        os.replace(part, folder / f"{name}.svg")
        made.set_layout_engine("none")  # where things go is settled by the first: it takes as long as drawing
        made.set_dpi(PNG_DPI)
        FigureCanvasAgg(made).print_png(part, metadata={"Software": None})
        os.replace(part, folder / f"{name}.png")
    return folder / f"{name}.svg"


def legend_above(made: Figure, axes: Sequence[Axes], columns: int = 3) -> None:
    """Put one legend for the whole figure above it, from whatever any of ``axes`` shows."""
    found: dict[str, Artist] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    made.legend(
        handles=list(found.values()), labels=list(found), loc="outside upper left", ncols=columns, handlelength=3.2
    )


def over_two_lines(text: str) -> str:
    """Return ``text`` broken before its 'per', so that an axis label fits a small panel."""
    return text.replace(" per 1,000", "\nper 1,000", 1)
