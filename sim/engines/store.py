"""The state of a run on disk: every column as it is in memory, so that a reloaded run goes on bit for bit.

One .npz file without pickle. The pathway's tables are stored field by field under the name of their type.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scenarios.errors import InputError, nearest
from scenarios.whole_file import whole
from sim.engines.state import State

COLUMNS = ("rows", "services", "pools", "changes", "exits")
FORMAT = 1


class TableType(NamedTuple):
    """Where the type of a pathway's tables is defined."""

    module: str
    name: str


TABLE_TYPES = {
    "NetworkTables": TableType("sim.rules.network", "NetworkTables"),
    "ResidentTables": TableType("sim.rules.tables", "ResidentTables"),
}


def save_state(state: State, path: str | Path) -> None:
    """Write ``state`` to ``path`` (.npz): whole or not at all.

    Raises InputError when the tables are of a type that cannot be read back.
    """
    target = Path(path)
    kind = type(state.tables).__name__
    if kind not in TABLE_TYPES:
        raise InputError(str(target), f"tables of type {kind!r}: {nearest(kind, TABLE_TYPES)}")
    arrays: dict[str, Any] = {name: getattr(state, name) for name in COLUMNS}
    arrays |= {f"tables.{name}": value for name, value in zip(state.tables._fields, state.tables, strict=True)}
    arrays["numbers"] = np.array([FORMAT, state.now, state.people], np.int64)
    arrays["kind"] = np.array(kind)
    with whole(target) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def load_state(path: str | Path) -> State:
    """Return the state written by save_state. Raises InputError when the file is not one."""
    target = Path(path)
    try:
        with np.load(target, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        version, now, people = (int(x) for x in arrays["numbers"])
        tables = table_type(str(arrays["kind"]))
        values = {name: aligned(arrays[f"tables.{name}"]) for name in tables._fields}  # type: ignore[attr-defined]
        columns: dict[str, Any] = {name: aligned(arrays[name]) for name in COLUMNS}
    except (OSError, KeyError, ValueError) as error:
        raise InputError(str(target), f"not a saved state of this version ({error})") from error
    if version != FORMAT:
        raise InputError(str(target), f"format {version}: this version reads {FORMAT}")
    return State(now=now, people=people, tables=tables(**values), **columns)


def table_type(kind: str) -> Callable[..., Any]:
    """Return the type of tables named ``kind``; KeyError when unknown."""
    where = TABLE_TYPES[kind]
    return getattr(importlib.import_module(where.module), where.name)  # type: ignore[no-any-return]


def aligned(array: np.ndarray) -> np.ndarray:
    """Return ``array`` with records marked aligned, a mark files do not keep: compiled code has it in its types."""
    if array.dtype.names is None or array.dtype.isalignedstruct:
        return array
    fields: Any = array.dtype.fields
    layout = {
        "names": list(array.dtype.names),
        "formats": [fields[name][0] for name in array.dtype.names],
        "offsets": [fields[name][1] for name in array.dtype.names],
        "itemsize": array.dtype.itemsize,
    }
    return array.view(np.dtype(layout, align=True))  # type: ignore[call-overload, no-any-return]
