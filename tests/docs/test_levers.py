"""The page of levers is what its tables say, and every lever is in it."""

from __future__ import annotations

from benchmarks.lever_tables import PAGE, page
from sim.codes import LEVER_NAMES


def test_page_is_made_of_the_kept_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_lever_is_told() -> None:
    text = page()
    for lever in LEVER_NAMES:
        assert text.count(f"| {lever.replace('_', ' ')} |") == 4, lever  # first outcome, and three net effects
