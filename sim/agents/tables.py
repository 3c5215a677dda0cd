"""The columns the agents work on, as a type: what they read and write of sim.rules.tables.ResidentTables."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class MonthTables(Protocol):
    """Arrays shared with the rules: seed uint64[1], params record[1], and the columns of sim/place/columns.py."""

    @property
    def seed(self) -> np.ndarray: ...
    @property
    def params(self) -> np.ndarray: ...
    @property
    def people(self) -> np.ndarray: ...
    @property
    def communities(self) -> np.ndarray: ...
    @property
    def teams(self) -> np.ndarray: ...
    @property
    def hospitals(self) -> np.ndarray: ...
