"""The whole Bi-Borough, scaled to any number of residents, month by month, timed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scenarios.compose import compose
from sim.agents.design import from_scenario
from sim.codes import WAITING
from sim.engines import compiled
from sim.month import Course, Plan, first_course, make_plan, run_month
from sim.warm import ensure_compiled
from sim.world import World, build_world


class MonthCost(NamedTuple):
    """One month: CPU seconds, records of the log (contacts and ends of episodes), people waiting at its end."""

    cpu_s: float
    records: int
    waiting: int


@dataclass
class PlaceRun:
    """A place ready to run: usual care for ``burn_in`` months, then ``design``. set_up_s: CPU seconds to make it."""

    world: World
    course: Course
    plan: Plan
    set_up_s: float

    def month(self) -> MonthCost:
        """Run the next month; its log is made, counted and dropped: nothing of it is kept or written."""
        before = time.process_time()
        happened = run_month(self.world, self.course, self.plan, compiled.advance)
        cpu_s = time.process_time() - before
        waiting = int(np.count_nonzero(self.course.state.rows["status"] == WAITING))
        return MonthCost(cpu_s, len(happened.log), waiting)


def place_run(residents: int | str, burn_in_months: int, design: str = "full", seed: int = 1) -> PlaceRun:
    """Return the Bi-Borough with ``residents`` (a number, or a basis of its own) at second 0."""
    ensure_compiled()
    before = time.process_time()
    words = ["place=bi_borough", f"place.basis={residents}", f"experiment.burn_in_months={burn_in_months}"]
    scenario, usual = compose([*words, f"int={design}"]), compose([*words, "int=usual_care"])
    world = build_world(scenario)
    plan = make_plan(world, from_scenario(usual.int_design), from_scenario(scenario.int_design))
    return PlaceRun(world, first_course(world, seed), plan, time.process_time() - before)


def months_cost(residents: int | str, burn_in_months: int, months: int) -> tuple[int, float, list[MonthCost]]:
    """Return (residents, CPU seconds of setting up, each month's cost): work for a process of its own."""
    run = place_run(residents, burn_in_months)
    return run.world.residents, run.set_up_s, [run.month() for _ in range(months)]
