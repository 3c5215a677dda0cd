"""No column of residents, communities or teams is written and never read: a setting behind one would do nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.place.columns import COMMUNITY, PERSON, TEAM

ROOT = Path(sim.__file__).parents[1]
DECLARED = ROOT / "sim" / "place" / "columns.py"


def mentioned(source: str) -> set[str]:
    """Return the texts in ``source`` that may name a column being read: all but those a value is put under."""
    tree = ast.parse(source)
    stored = {
        id(each.slice) for each in ast.walk(tree) if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store)
    }
    texts = (each for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return {str(each.value) for each in texts if id(each) not in stored}


def test_what_only_puts_a_value_under_a_name_does_not_count_as_reading_it() -> None:
    assert mentioned("new['a'] = old['b']\nnew['c'] += 1") == {"b"}


@pytest.mark.parametrize("table", [PERSON, COMMUNITY, TEAM], ids=["person", "community", "team"])
def test_every_column_is_read_by_something(table: np.dtype) -> None:
    read: set[str] = set()
    for part in ("sim", "evaluation", "intsim"):
        for file in (ROOT / part).rglob("*.py"):
            if file != DECLARED:
                read |= mentioned(file.read_text(encoding="utf-8"))
    assert sorted(set(table.names or ()) - read) == []
