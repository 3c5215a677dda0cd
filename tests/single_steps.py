"""What asking the pathway for single steps needs: one open row, one lever set."""

from __future__ import annotations

import numpy as np

from sim.engines.records import blank_rows
from sim.rules.keys import key4
from sim.rules.tables import ResidentTables


def set_lever(tables: ResidentTables, lever: int, reach: float, effect: float = 1.0) -> ResidentTables:
    """Set one lever's reach and effect everywhere."""
    tables.lever_reach[lever] = reach
    tables.lever_effect[lever] = effect
    return tables


def row_of(tables: ResidentTables, i: int, need_type: int, k: int = 0, value: float = 0.5) -> np.ndarray:
    """Return one open row: need ``k`` of person ``i``, of severity ``value``."""
    rows = blank_rows(1)
    rows["person"] = i
    rows["person_key"] = tables.people[i]["key"]
    rows["need_type"] = need_type
    rows["need"] = key4(tables.people[i]["key"], need_type, 0, k)
    rows["site"] = 0
    rows["value"] = value
    return rows
