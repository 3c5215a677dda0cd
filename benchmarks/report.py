"""What a benchmark found: tables, limits and whether they hold; as text, as JSON, and as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import REPO, about
from scenarios.whole_file import write_text

RESULTS = REPO / "benchmarks" / "results"
SIZES = ("small", "quick", "full")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Limit:
    """A bound on a figure. at_least: the figure must not be below it (else: not above it)."""

    what: str
    value: float
    bound: float
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the figure keeps to the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def words(self) -> str:
        """Return the limit in one line."""
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return f"{self.what}: {self.value:.4g}, {'at least' if self.at_least else 'at most'} {self.bound:g}: {verdict}"


@dataclass(frozen=True)
class Found:
    """What one benchmark found. tables: rows with the same keys, by title. notes: what to know when reading them."""

    tables: Mapping[str, Sequence[Row]]
    limits: Sequence[Limit] = ()
    notes: Sequence[str] = field(default=())

    def data(self, name: str, size: str) -> dict[str, Any]:
        """Return everything as plain data, with the machine, commit and versions."""
        return {
            "benchmark": name,
            "size": size,
            "machine": about(),
            "tables": {title: [dict(row) for row in rows] for title, rows in self.tables.items()},
            "limits": [{**asdict(limit), "holds": limit.holds} for limit in self.limits],
            "limits_are_judged": size != SIZES[0],
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """Return everything as lines to read."""
        parts = [f"{title}\n{columns(rows)}" for title, rows in self.tables.items()]
        parts.extend(limit.words() for limit in self.limits)
        parts.extend(self.notes)
        return "\n\n".join(parts)


def columns(rows: Sequence[Row]) -> str:
    """Return rows as aligned text under their keys."""
    if not rows:
        return "(none)"
    names = list(rows[0])
    cells = [names, *([shown(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def shown(value: Any) -> str:
    """Return a figure as read: thousands apart, four figures of what is small."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1_000 or isinstance(value, int) else f"{value:.4g}"


def save(data: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write ``data`` as NAME.json in ``folder``, whole or not at all; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_text(folder / f"{data['benchmark']}.json", json.dumps(data, indent=1) + "\n")
