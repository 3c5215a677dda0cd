"""Every setting of a design is read by the agents: one that nobody reads would promise what nothing does."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sim.agents.month import step_month
from tests.agents_world import design, some_base, some_tables

# Whom an INT serves is settled as the place is made (sim/place), not by the monthly agents.
OF_THE_PLACE = ("geography.served_by", "geography.merge_neighbourhoods", "geography.group.")
NAMES = ("name",)


class Watched:
    """A block of settings that notes which of them are read."""

    def __init__(self, block: BaseModel, path: str, read: set[str]) -> None:
        self._block, self._path, self._read = block, path, read

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._block, name), f"{self._path}{name}"
        if isinstance(value, BaseModel):
            return Watched(value, path + ".", self._read)
        self._read.add(path)
        return value


def settings_of(block: BaseModel, path: str = "") -> list[str]:
    """Return the dotted names of every setting."""
    found = []
    for name in type(block).model_fields:
        value = getattr(block, name)
        found += settings_of(value, f"{path}{name}.") if isinstance(value, BaseModel) else [f"{path}{name}"]
    return found


def test_every_setting_is_read() -> None:
    read: set[str] = set()
    usual, full = design(), Watched(design("full"), "", read)
    tables = some_tables()
    base = some_base(tables)
    tables.teams["t_unmet"][:2] = 10
    for since in range(10):
        step_month(tables, base, usual, full, since + 24, since)  # type: ignore[arg-type]
    missing = [name for name in settings_of(design()) if name not in read and name not in NAMES]
    assert [name for name in missing if not name.startswith(OF_THE_PLACE)] == []
