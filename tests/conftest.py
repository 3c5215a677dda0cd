"""What every test shares: the solved need hazards are kept while the tests run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sim.world
from scenarios.registry.reader import Registry
from sim.rules.margins import Grids, make_grids


@pytest.fixture(scope="session", autouse=True)
def solved_once() -> Iterator[None]:
    """Keep the solved need hazards between worlds with the same parameters: several seconds for each."""
    kept: dict[tuple[tuple[str, float], ...], Grids] = {}

    def remembered(registry: Registry, values: dict[str, float]) -> Grids:
        key = tuple(sorted(values.items()))
        if key not in kept:
            kept[key] = make_grids(registry, values)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.world, "make_grids", remembered)
        yield
