"""What every test shares: what is solved for a world's parameters is kept while the tests run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sim.world
from scenarios.registry.reader import Registry
from sim.levels import level_constants
from sim.place.england import Reference, make_reference
from sim.rules.margins import Grids, make_grids

Key = tuple[tuple[str, float], ...]


@pytest.fixture(scope="session", autouse=True)
def solved_once() -> Iterator[None]:
    """Keep references, constants and hazards between worlds with the same parameters: seconds for each."""
    references: dict[Key, Reference] = {}
    constants: dict[Key, dict[str, float]] = {}
    grids: dict[Key, Grids] = {}

    def key(values: dict[str, float]) -> Key:
        return tuple(sorted(values.items()))

    def make_once(registry: Registry, values: dict[str, float], per_cell: int) -> Reference:
        if (at := (*key(values), ("per_cell", float(per_cell)))) not in references:
            references.clear()  # large: one will do, as worlds alike follow each other
            references[at] = make_reference(registry, values, per_cell)
        return references[at]

    def levels_once(registry: Registry, values: dict[str, float], reference: Reference) -> dict[str, float]:
        if (at := key(values)) not in constants:
            constants[at] = level_constants(registry, values, reference)
        return constants[at]

    def grids_once(registry: Registry, values: dict[str, float], reference: Reference) -> Grids:
        if (at := key(values)) not in grids:
            grids[at] = make_grids(registry, values, reference)
        return grids[at]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.world, "make_reference", make_once)
        patch.setattr(sim.world, "level_constants", levels_once)
        patch.setattr(sim.world, "make_grids", grids_once)
        yield
