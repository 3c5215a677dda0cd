"""What an event costs when a hundred times as many people wait: the part of `scale` that needs no place."""

from __future__ import annotations

from benchmarks.report import Found
from benchmarks.scale import LIST_NOTE, SIZES, list_limits, list_table


def measure(size: str) -> Found:
    """Return the cost of an event with a short and a long waiting list, and whether the limit holds."""
    rows = list_table(SIZES[size])
    return Found({"length of a waiting list": rows}, list_limits(rows, SIZES[size]), (LIST_NOTE,))
