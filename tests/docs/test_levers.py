"""The page of levers is what its tables say, and every lever is in it."""

from __future__ import annotations

import json
import re

from benchmarks.lever_tables import MADE, PAGE, RESULTS, page
from sim.codes import LEVER_NAMES


def test_page_is_made_of_the_kept_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_lever_is_told() -> None:
    text = page()
    for lever in LEVER_NAMES:
        assert text.count(f"| {lever.replace('_', ' ')} |") == 4, lever  # first outcome, and three net effects


def test_the_page_names_the_commit_that_its_tables_are_of() -> None:
    commit = json.loads((RESULTS / MADE).read_text(encoding="utf-8"))["commit"]
    assert re.fullmatch(r"[0-9a-f]{40}", commit)
    assert f"`{commit[:9]}`" in PAGE.read_text(encoding="utf-8")
