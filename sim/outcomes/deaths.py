"""Of what class each death was, where the rules say so."""

from __future__ import annotations

import numpy as np

from sim.rules.mortality import class_deaths
from sim.rules.tables import ResidentTables

MOVED_AWAY = -1


def death_classes(tables: ResidentTables, exits: np.ndarray) -> np.ndarray:
    """Return each exit's index in panel.DEATH_CLASSES, int64 (-1: moved away)."""
    found = np.full(len(exits), MOVED_AWAY, np.int64)
    class_deaths(tables, exits, found)
    return found
