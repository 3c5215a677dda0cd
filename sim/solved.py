"""Solved constants and grids, kept on disk beside the compiled code: solving takes seconds and the same gives the same.

What is kept is named by a hash of everything it is made from: the values of all parameters, the tables of evidence, the
places that come with intsim, every source of the model, and the versions that do the sums. Nothing stale can be found.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.place_files import PLACES
from scenarios.registry.reader import Registry
from scenarios.whole_file import whole
from sim.benefits import usual_benefits
from sim.jit import MODEL_ROOT, cache_folder, model_digest
from sim.levels import level_constants
from sim.place.england import make_reference
from sim.rules.margins import PER_CELL, Cells, Grids, make_grids

Solved = tuple[dict[str, float], Grids]

MOST_KEPT = 200  # sets of values, each some hundreds of kilobytes
SOURCES = (MODEL_ROOT, PLACES.parent)
GRIDS = ("hazards", "profiles", "seasons", "deaths", "onsets")
CELLS = ("factors", "product", "made", "weights")


def solve_all(registry: Registry, values: Mapping[str, float], own: Collection[str]) -> Solved:
    """Return the solved constants by name, but for those of ``own``, and every grid of the margins with them."""
    reference = make_reference(registry, dict(values), PER_CELL)
    levels = level_constants(registry, values, reference) | usual_benefits(registry, values, reference)
    constants = {name: value for name, value in levels.items() if name not in own}
    return constants, make_grids(registry, {**values, **constants}, reference)


def solved(registry: Registry, values: Mapping[str, float], own: Collection[str]) -> Solved:
    """Return what ``solve_all`` does: as it was kept, or solved now and kept for the next time.

    Where nothing can be kept it is solved every time.
    """
    file = cache_folder() / f"solved-{name_of(registry, values, own)}.npz"
    kept = read_solved(file)
    if kept is not None:
        return kept
    found = solve_all(registry, values, own)
    write_solved(file, found)
    return found


def name_of(registry: Registry, values: Mapping[str, float], own: Collection[str]) -> str:
    """Return the hash of all that a solution is made from."""
    digest = hashlib.sha256(solver_digest().encode())
    for file in sorted(registry.tables_folder.glob("*.csv")):
        digest.update(file.name.encode() + file.read_bytes())
    digest.update(repr(sorted(own)).encode())
    digest.update(repr(sorted((name, float(value)) for name, value in values.items())).encode())
    return digest.hexdigest()[:32]


@lru_cache(maxsize=1)
def solver_digest() -> str:
    """Return a hash of the sources and built-in places, which do not change while a process runs, and of versions."""
    digest = hashlib.sha256(model_digest().encode())
    for root in SOURCES:
        for file in sorted([*root.rglob("*.py"), *root.rglob("*.csv")]):
            digest.update(file.relative_to(root.parent).as_posix().encode() + file.read_bytes())
    digest.update(f"{version('numpy')} {version('pandas')}".encode())
    return digest.hexdigest()


def read_solved(file: Path) -> Solved | None:
    """Return what ``file`` holds; None if there is no such file, or it is not whole."""
    try:
        os.utime(file)  # what is used is kept longest
        with np.load(file, allow_pickle=False) as kept:
            constants = dict(zip(kept["names"].tolist(), kept["constants"].tolist(), strict=True))
            cells = Cells(*(kept[name] for name in CELLS))
            grids: dict[str, Any] = {name: kept[name] for name in GRIDS}
            return constants, Grids(**grids, cells=cells, short=int(kept["short"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def write_solved(file: Path, found: Solved) -> None:
    """Keep a solution in ``file``, in place of what has not been used for longest where MOST_KEPT are kept already.

    Where nothing can be written nothing is kept.
    """
    constants, grids = found
    parts = {name: getattr(grids, name) for name in GRIDS} | {name: getattr(grids.cells, name) for name in CELLS}
    parts |= {"names": np.array(list(constants)), "constants": np.array(list(constants.values())), "short": grids.short}
    try:
        with whole(file) as unfinished, unfinished.open("wb") as into:
            np.savez_compressed(into, **parts)
        by_use = sorted(file.parent.glob("solved-*.npz"), key=lambda one: one.stat().st_mtime)
        for old in by_use[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:  # no room, a folder that cannot be written, or another process was quicker to take one away
        return
