"""The model itself as a simulator: one place under usual care, parameters of the registry by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import calibration
from calibration.matching.catalogue import FILE as OUTPUTS
from calibration.matching.simulated import simulated
from calibration.matching.tables import NATIONAL, RunTables
from calibration.targets.target import TargetSet
from scenarios.errors import InputError
from scenarios.schema import IntDesign, Scenario

LEAST_BURN_IN = 12  # months: the year before the one observed is needed for who comes again


@dataclass(frozen=True)
class Model:
    """Runs ``scenario`` under ``usual`` care and gives every target of ``targets`` (their values are not looked at)."""

    scenario: Scenario
    usual: IntDesign
    targets: TargetSet

    @property
    def identity(self) -> str:
        """A hash of settings, inputs, code, and what the targets are about."""
        from sim.execution.identity import identity_of

        parts = dict(identity_of([self.scenario], self.usual))
        parts["targets"] = digest([[each.target, *each.key, each.unit, each.run_area] for each in self.targets])
        parts["matching"] = matching_hash()
        return digest(parts)

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return every target's simulated value, in its unit.

        Raises InputError, one line each, for targets that the run has no output for.
        """
        found = simulated(self.targets, [self.tables(values, seed)])
        return dict(zip(found["target"], found["simulated"].astype(float), strict=True))

    def tables(self, values: Mapping[str, float], seed: int) -> RunTables:
        """Return the tables of one run."""
        from calibration.simulators.people import watch
        from sim.month import first_course, make_plan, run_month
        from sim.outcomes.frames import Collected, Label, panel_frame, services_frame
        from sim.outcomes.tables import mortality_frame
        from sim.task import ENGINES

        world = world_at(Held(self.scenario), tuple(sorted(values.items())))
        design = self.usual
        plan, course, seen = make_plan(world, design, design), first_course(world, seed), watch(world)
        advance = ENGINES[self.scenario.engine.name]
        months: list[Collected] = []
        for _ in range(plan.parting + self.scenario.experiment.horizon_months):
            happened = run_month(world, course, plan, advance)
            seen.add(happened, course)
            if happened.collected.month >= 0:
                months.append(happened.collected)
        label = Label("usual_care", 0, 0)
        frames = {
            "panel": panel_frame(months, world.names, label),
            "services": services_frame(months, world.names, label),
            "mortality": mortality_frame(months, label),
            **seen.tables(course),
        }
        return RunTables(
            frames,
            self.scenario.place.folder is None and self.scenario.place.name in NATIONAL,
            where=f"the model of {self.scenario.place.name}",
        )


def model_of(scenario: Scenario, targets: TargetSet) -> Model:
    """Return the simulator of ``scenario``. Raises InputError for a burn-in too short to see who comes again."""
    from sim.experiment import usual_care

    if scenario.experiment.burn_in_months < LEAST_BURN_IN:
        words = f"a fit needs at least {LEAST_BURN_IN} (you gave {scenario.experiment.burn_in_months})"
        raise InputError("experiment.burn_in_months", words)
    return Model(scenario, usual_care(), targets)


@dataclass(frozen=True)
class Held:
    """A scenario that can be a key: two are the same if their settings are."""

    scenario: Scenario

    def __hash__(self) -> int:
        """Return a hash of the settings."""
        return hash(self.scenario.model_dump_json(by_alias=True))


@lru_cache(maxsize=1)
def world_at(held: Held, values: tuple[tuple[str, float], ...]) -> Any:
    """Return the world of a parameter point, kept for the next replication of the same point.

    Raises InputError for a parameter the registry does not have.
    """
    from sim.world import build_world, scenario_registry

    registry = scenario_registry(held.scenario)
    for name, _ in values:
        registry.known(name, "parameters")
    return build_world(held.scenario, registry.central() | dict(values))


def digest(data: object) -> str:
    """Return the SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def matching_hash() -> str:
    """Return the SHA-256 of the code and tables that turn a run into targets' values."""
    root = Path(str(calibration.__file__)).parent
    files = [*sorted((root / "matching").glob("*.py")), *sorted((root / "simulators").glob("*.py")), OUTPUTS]
    found = hashlib.sha256()
    for file in files:
        found.update(file.name.encode())
        found.update(file.read_bytes())
    return found.hexdigest()
