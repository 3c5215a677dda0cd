"""What is solved is kept on disk, and found again only for exactly what it was solved from."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim.jit import cache_folder
from sim.levels import HEARD_SHARE
from sim.rules.margins import Cells, Grids
from sim.solved import CELLS, GRIDS, name_of, read_solved, solved, write_solved


def test_what_was_kept_is_what_solving_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTSIM_CACHE_DIR", str(tmp_path))
    registry = load_registry()
    values = registry.central()
    constants, grids = solved(registry, values, [HEARD_SHARE])
    (file,) = cache_folder().glob("solved-*")
    assert HEARD_SHARE not in constants
    again, kept = solved(registry, values, [HEARD_SHARE])
    assert again == constants
    assert kept.short == grids.short
    for name in GRIDS:
        assert (getattr(kept, name) == getattr(grids, name)).all()
    for name in CELLS:
        assert (getattr(kept.cells, name) == getattr(grids.cells, name)).all()
    other = dataclasses.replace(grids, short=grids.short + 7)
    write_solved(file, (constants, other))
    assert solved(registry, values, [HEARD_SHARE])[1].short == other.short, "nothing was solved a second time"
    file.write_bytes(file.read_bytes()[:1000])
    assert read_solved(file) is None, "a file cut short is none"


def test_anything_that_solving_reads_gives_another_name(tmp_path: Path) -> None:
    registry = load_registry()
    values = registry.central()
    name = name_of(registry, values, [])
    assert name == name_of(load_registry(), dict(reversed(values.items())), [])
    first = next(iter(values))
    assert name != name_of(registry, {**values, first: float(np.nextafter(values[first], np.inf))}, [])
    assert name != name_of(registry, values, [HEARD_SHARE])
    shutil.copytree(registry.tables_folder, tmp_path / "tables")
    copied = dataclasses.replace(registry, tables_folder=tmp_path / "tables")
    assert name == name_of(copied, values, [])
    with (tmp_path / "tables" / "ed_rates.csv").open("a") as table:
        table.write("\n")
    assert name != name_of(copied, values, [])


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    nothing = np.zeros(0)
    grids = Grids(*(nothing for _ in GRIDS), Cells(*(nothing for _ in CELLS)), 0)
    write_solved(tmp_path / "solved-there.npz", ({}, grids))
    write_solved(tmp_path / "no such folder" / "solved-x.npz", ({}, grids))
    assert [file.name for file in tmp_path.rglob("*")] == ["solved-there.npz"]
    assert read_solved(tmp_path / "no such folder" / "solved-x.npz") is None
