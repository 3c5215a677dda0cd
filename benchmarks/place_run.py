"""The whole Bi-Borough, scaled to any number of residents, month by month, timed."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.apart import apart
from scenarios.compose import compose
from scenarios.place_files import PLACES, load_place
from sim.codes import WAITING
from sim.engines import compiled
from sim.month import Course, Plan, first_course, make_plan, run_month
from sim.warm import ensure_compiled
from sim.world import World, build_world

PLACE = "bi_borough"
HOSPITAL_SIZES = ("ed_attendances_per_year", "emergency_admissions_per_year", "beds_available", "beds_occupied")
SMALLEST = 2_000  # residents


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


def place_run(residents: int | None, burn_in_months: int, design: str = "full", seed: int = 1) -> PlaceRun:
    """Return the Bi-Borough at second 0: as it is (None), or with ``residents`` and its hospitals scaled alike."""
    ensure_compiled()
    before = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        words = ["place=bi_borough", f"experiment.burn_in_months={burn_in_months}"]
        if residents is not None:
            words += [f"place.basis={residents}", f"place.folder={scaled_place(residents, Path(folder))}"]
        scenario, usual = compose([*words, f"int={design}"]), compose([*words, "int=usual_care"])
        world = build_world(scenario)
    plan = make_plan(world, usual.int_design, scenario.int_design)
    return PlaceRun(world, first_course(world, seed), plan, time.process_time() - before)


def scaled_place(residents: int, folder: Path) -> Path:
    """Write the Bi-Borough into ``folder`` with hospitals scaled as its residents are; return ``folder``.

    Without this the load of everyone else would be the same at every size, and hide what residents cost.
    """
    place = load_place(PLACE)
    factor = residents / place.total(None)
    shutil.copytree(PLACES / PLACE, folder, dirs_exist_ok=True)
    hospitals = pd.read_csv(folder / "hospitals.csv")
    for name in HOSPITAL_SIZES:
        hospitals[name] = (hospitals[name] * factor).round().clip(lower=1).astype(int)
    hospitals.to_csv(folder / "hospitals.csv", index=False)
    return folder


def months_cost(residents: int | None, burn_in_months: int, months: int) -> tuple[int, float, list[MonthCost]]:
    """Return (residents, CPU seconds of setting up, each month's cost): work for a process of its own."""
    run = place_run(residents, burn_in_months)
    return run.world.residents, run.set_up_s, [run.month() for _ in range(months)]


def warm_up() -> None:
    """Run two months of a small place in a process of its own: compiles what is not yet compiled."""
    apart(months_cost, SMALLEST, 0, 2)
