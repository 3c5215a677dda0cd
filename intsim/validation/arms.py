"""Arms lived through side by side from one burn-in, each measured by probes: what every check of the model runs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.compose import compose
from scenarios.schema import IntDesign, Scenario
from sim import codes
from sim.month import Course, Happened, first_course, make_plan, run_month
from sim.outcomes.panel import OUTCOMES
from sim.rules.keys import key3
from sim.task import ENGINES, drawn_values
from sim.world import World, build_world

SEED_OF_VALIDATION = 77  # what the seeds of these runs are keyed by
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Lived:
    """One arm lived through once: where it ended, and every month since the arms parted."""

    world: World
    course: Course
    months: Sequence[Happened]

    @property
    def people(self) -> np.ndarray:
        """The residents' columns (columns.PERSON) as they stand at the end."""
        return np.asarray(self.course.state.tables.people)

    @property
    def log(self) -> np.ndarray:
        """Every record of the log since the arms parted."""
        return np.concatenate([month.log for month in self.months])

    @property
    def created(self) -> np.ndarray:
        """Every need made since the arms parted."""
        return np.concatenate([month.created for month in self.months])

    def kind_of(self, log: np.ndarray) -> np.ndarray:
        """Return the kind of service of each record (-1 at the end of an episode)."""
        kinds = self.course.state.services["kind"].astype(np.int64)
        return np.where(log["service"] >= 0, kinds[log["service"]], -1)

    def total(self, outcome: str, year: int | None = None, quintile: int | None = None) -> float:
        """Return an outcome of the panel, summed; ``year`` 1, 2... since the parting, ``quintile`` 1 most deprived."""
        months = self.months
        if year is not None:
            months = months[(year - 1) * MONTHS_PER_YEAR : year * MONTHS_PER_YEAR]
        at = OUTCOMES.index(outcome)
        panels = np.sum([month.collected.outcomes.panel for month in months], axis=0)
        chosen = panels[:, slice(None) if quintile is None else slice(quintile - 1, quintile), ..., at]
        return float(np.sum(chosen))

    def rate(self, outcome: str, year: int | None = None, quintile: int | None = None) -> float:
        """Return an outcome per 1,000 residents a year (of person-time)."""
        years = self.total("person_seconds", year, quintile) / (365.25 * 86400)
        return 1000.0 * self.total(outcome, year, quintile) / years if years > 0 else float("nan")


def came(lived: Lived, kinds: Sequence[int]) -> np.ndarray:
    """Return which records of the log are residents' contacts with some kinds of service, calls that missed them apart.

    As in the panel: whoever left unseen attended.
    """
    log = lived.log
    return np.isin(lived.kind_of(log), kinds) & (log["person"] >= 0) & (log["how"] != codes.MISSED)


Probe = Callable[[Lived], float]
Tick = Callable[[str], object]  # is told of each life that is over: its arm and replication


def quiet(what: str) -> None:
    """Tell nobody."""


def within(tick: Tick, where: str) -> Tick:
    """Return ``tick`` that says ``where`` first."""
    return lambda what: tick(f"{where}: {what}")


def design_of(*overrides: str) -> IntDesign:
    """Return usual care with some settings changed (``int.relationships.continuity.effect=0.5``)."""
    return compose(["int=usual_care", *overrides]).int_design


def scenario_of(words: Sequence[str]) -> Scenario:
    """Return the scenario of a check: ``words`` are overrides."""
    return compose(list(words))


def lives(
    scenario: Scenario,
    designs: Mapping[str, IntDesign],
    replications: int,
    world: World | None = None,
    usual: IntDesign | None = None,
    tick: Tick = quiet,
) -> Iterator[tuple[int, str, Lived]]:
    """Yield (replication, arm, its life): each replication burns in once under ``usual`` and then lives every arm.

    ``usual`` None: today's care. The arms share every random number.
    """
    world = build_world(scenario, drawn_values(scenario, 0)) if world is None else world
    today = design_of() if usual is None else usual
    advance = ENGINES[scenario.engine.name]
    for replication in range(replications):
        start = first_course(world, int(key3(scenario.experiment.seed, SEED_OF_VALIDATION, replication)))
        plan = replace(make_plan(world, today, today), reuse=False)  # whom a row is about never changes here
        for _ in range(plan.parting):
            run_month(world, start, plan, advance)
        for arm, design in designs.items():
            course = start.copy()
            plan = replace(make_plan(world, today, design), reuse=False)
            months = [run_month(world, course, plan, advance) for _ in range(scenario.experiment.horizon_months)]
            tick(f"{arm}, replication {replication + 1} of {replications}")
            yield replication, arm, Lived(world, course, months)


def measure(
    scenario: Scenario,
    designs: Mapping[str, IntDesign],
    probes: Mapping[str, Probe],
    replications: int,
    world: World | None = None,
    tick: Tick = quiet,
) -> dict[str, dict[str, np.ndarray]]:
    """Return float64[replication] by arm and probe (see ``lives``)."""
    found = {arm: {name: np.full(replications, np.nan) for name in probes} for arm in designs}
    for replication, arm, lived in lives(scenario, designs, replications, world, tick=tick):
        for name, probe in probes.items():
            found[arm][name][replication] = probe(lived)
    return found


def twin(found: Mapping[str, Mapping[str, np.ndarray]], probe: str, arm: str, other: str) -> tuple[float, float]:
    """Return (mean, standard error) of ``arm`` minus ``other`` over replications: twins share random numbers."""
    difference = found[arm][probe] - found[other][probe]
    n = len(difference)
    spread = float(difference.std(ddof=1)) / n**0.5 if n > 1 else float("nan")
    return float(difference.mean()), spread
