"""A short life of a few residents in plain Python, with every look-up of a parameter noted.

    NUMBA_DISABLE_JIT=1 python -m tests.unit.registry_trace

prints the names looked up, one a line. The solver of the margins is left out: needs arise at one high rate for all, so
that a few hundred people in three months meet most of the pathway. Rare branches still go unseen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

RATE = 0.15  # needs of each kind per person and month
RESIDENTS = 300
MONTHS = 3  # the first is burn-in
FEW = 2  # people of each cell of the reference


class Noted(dict[str, float]):
    """Parameters by name that note which of them were looked up; a copy of all at once notes none."""

    seen: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> float:
        value = super().__getitem__(name)
        self.seen.add(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or ``default`` where there is none."""
        return self.__getitem__(name) if name in self else default


class NotedRecords:
    """Stands for the array of one record that the rules read their parameters from."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self.record = Noted(values)

    def __getitem__(self, at: int) -> Noted:
        return self.record


def traced() -> set[str]:
    """Return the names that the making of a small world and its first months look up."""
    import sim.rules.margins as margins
    import sim.solved as solved_module
    import sim.world as world_module
    from scenarios.compose import compose
    from scenarios.registry.reader import Registry
    from sim.codes import HAZARD_KINDS
    from sim.month import first_course, make_plan, run_month
    from sim.task import ENGINES

    patched: Any = (Registry, margins, world_module, solved_module)
    patched[0].params_record = lambda self, values: NotedRecords(values)
    patched[2].dict = Noted  # what the module makes of the parameters it is given

    def one_rate(registry: Registry, values: Mapping[str, float], reference: Any, repeats: int) -> Any:
        hazards = np.zeros((margins.NEED_KINDS, 20, 2, 5))
        hazards[list(HAZARD_KINDS)] = RATE
        return hazards, None, None

    patched[1].solve = one_rate
    patched[3].PER_CELL = FEW
    patched[2].solved = patched[3].solve_all  # what was kept would be looked up nowhere
    patched[2].need_factor = lambda *given: 1.0
    patched[2].set_background = lambda *given: None
    words = ["place=toy", f"place.basis={RESIDENTS}", "experiment=quick", "experiment.burn_in_months=1"]
    world = world_module.build_world(compose([*words, *sys.argv[1:]]))
    plan = make_plan(world, world.scenario.int_design, world.scenario.int_design)
    course = first_course(world, 1)
    for _ in range(MONTHS):
        run_month(world, course, plan, ENGINES["reference"])
    return Noted.seen


if __name__ == "__main__":
    print("\n".join(sorted(traced())))
