"""Of what class each death was, where the rules say so."""

from __future__ import annotations

import numpy as np

from sim.codes import DIED
from sim.rules import mortality
from sim.rules.tables import ResidentTables

MOVED_AWAY = -1


def death_classes(tables: ResidentTables, exits: np.ndarray) -> np.ndarray | None:
    """Return each exit's index in panel.DEATH_CLASSES (-1: moved away); None where the rules tell no classes."""
    rule = getattr(mortality, "death_class", None)
    if rule is None:
        return None
    died = exits["how"] == DIED
    found = np.full(len(exits), MOVED_AWAY)
    found[died] = [rule(tables, int(one["person"]), int(one["time"])) for one in exits[died]]
    return found
