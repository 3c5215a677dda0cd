"""How long an experiment will take and what it needs, measured on a few months of it before it starts."""

from __future__ import annotations

import io
import pickle
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.execution.plan import TaskPlan
from sim.month import Course, Happened, first_course, make_plan, run_month
from sim.outcomes.frames import Label
from sim.outcomes.logs import log_frame
from sim.outcomes.person_months import PersonMonths
from sim.task import ENGINES, Seen, write_persons
from sim.world import World

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 4  # lived through to measure; the first is not counted: the place is still filling
OVERHEAD = 25  # months to simulate for each one lived through to measure, or it is not worth it
LONG_S = 60.0  # a forecast of less is not worth saying
LOG_SHARE = {"none": 0.0, "persons_1pct": 0.01, "months": 1 / 12, "all": 1.0}


@dataclass(frozen=True)
class Pace:
    """What was measured: seconds for a month of one arm, for writing it, for making a world, and until workers start.

    memory_bytes: this process at its most; course_bytes: a copy of the state; month_bytes: what is kept of a month
    until its arm ends. file_bytes, file_month_bytes: an arm's tables on disk, and more of them for each month.
    """

    month_s: float
    write_s: float
    world_s: float
    start_s: float
    memory_bytes: int
    course_bytes: int
    month_bytes: int
    file_bytes: float
    file_month_bytes: float


@dataclass(frozen=True)
class Forecast:
    """Seconds in all; bytes of memory of all processes; bytes of disk: twice what is kept, while it is put together."""

    seconds: float
    memory_bytes: float
    disk_bytes: float

    def lines(self, folder: Path) -> list[str]:
        """Return the forecast in words if it is long, and warnings if this machine or its disk is too small."""
        free = shutil.disk_usage(folder).free
        lines = []
        if self.seconds >= LONG_S:
            needs = f"{self.memory_bytes / 1e9:.1f} GB of memory, {self.disk_bytes / 1e9:.2f} GB of disk"
            lines.append(f"forecast: {duration(self.seconds)}, {needs}")
        if self.disk_bytes > free:
            lines.append(f"warning: the disk of {folder} has {free / 1e9:.2f} GB free, the forecast is more")
        memory = memory_free()
        if memory is not None and self.memory_bytes > memory:
            lines.append(f"warning: {memory / 1e9:.1f} GB of memory are free, the forecast is more: use fewer workers")
        return lines


def worth_measuring(plan: TaskPlan, left: int) -> bool:
    """Return whether ``left`` tasks are long enough for a measurement to cost little beside them."""
    return plan.months_per_task * left >= MONTHS * OVERHEAD


def measure(plan: TaskPlan, world: World, world_s: float) -> Pace:
    """Return the pace of ``plan`` in its ``world``, from a few months lived through here under usual care.

    world_s: how long making the world took.
    """
    scenario = plan.scenario
    usual = plan.usual
    course, seen = first_course(world, 0), Seen()
    lived = replace(make_plan(world, usual, usual), parting=0)
    times: list[float] = []
    for month in range(MONTHS):
        started = time.perf_counter()
        happened = run_month(world, course, lived, ENGINES[scenario.engine.name])
        seen.add(happened, course, month == MONTHS - 1, "none")
        times.append(time.perf_counter() - started)
    started = time.perf_counter()
    few = sizes_of(seen, world)
    write_s = (time.perf_counter() - started) / MONTHS
    one = sizes_of(replace(seen, months=seen.months[-1:], staffed=seen.staffed[-1:]), world)
    each = max(few - one, 0) / (MONTHS - 1)
    month_s = sum(times[1:]) / (MONTHS - 1)
    return Pace(
        month_s=month_s,
        write_s=write_s,
        world_s=world_s,
        start_s=max(times[0] - month_s, 0.0),  # most of it is loading compiled code
        memory_bytes=memory_peak(),
        course_bytes=len(pickle.dumps(course.state)),
        month_bytes=len(pickle.dumps(seen.months[-1])),
        file_bytes=max(one - each, 0.0),
        file_month_bytes=each + log_bytes(happened, course, world) + person_bytes(happened, course, world),
    )


def forecast(plan: TaskPlan, pace: Pace, tasks: int, at_once: int) -> Forecast:
    """Return what ``tasks`` tasks of ``plan`` take from now on, ``at_once`` at a time on this machine.

    The world of a single draw is there already; with several draws each task makes its own.
    """
    experiment = plan.scenario.experiment
    arms = len(plan.scenarios)
    kept = plan.arms.go_live + experiment.horizon_months
    worlds = 1.0 if experiment.draws > 1 else 0.0
    task_s = plan.months_per_task * pace.month_s + arms * kept * pace.write_s + worlds * pace.world_s
    turns = -(-tasks // at_once)
    memory = pace.memory_bytes + pace.course_bytes + 2 * kept * pace.month_bytes
    disk = 2 * tasks * arms * (pace.file_bytes + kept * pace.file_month_bytes)
    return Forecast(turns * task_s + pace.start_s, memory * at_once, disk)


def sizes_of(seen: Seen, world: World) -> int:
    """Return the bytes on disk of the tables of what was seen."""
    return sum(parquet_bytes(frame) for frame in seen.frames(world, Label("", 0, 0)).values())


def parquet_bytes(frame: pd.DataFrame) -> int:
    """Return the bytes of ``frame`` as Parquet."""
    held = io.BytesIO()
    frame.to_parquet(held, index=False)
    return held.getbuffer().nbytes


def log_bytes(happened: Happened, course: Course, world: World) -> float:
    """Return the bytes a month that the settings keep of the log."""
    share = LOG_SHARE[world.scenario.experiment.log]
    if share == 0.0:
        return 0.0
    month = (happened.collected.month, happened.log, course.state.services)
    return share * parquet_bytes(log_frame([month], world.names, Label("", 0, 0)))


def person_bytes(happened: Happened, course: Course, world: World) -> float:
    """Return the bytes a month of person-months, of the cohort as it is under usual care."""
    choice = world.scenario.experiment.person_months
    if choice == "none":
        return 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "months.parquet"
        with PersonMonths(path, world.names, Label("", 0, 0)) as kept:
            write_persons(kept, happened, course, choice)
        return float(path.stat().st_size)


def memory_peak() -> int:
    """Return the most memory this process has held, in bytes; 0 where the system does not say (Windows)."""
    try:
        import resource
    except ModuleNotFoundError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def memory_free() -> float | None:
    """Return the memory that is free for new processes, in bytes; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = {line.split(":")[0]: line.split()[1] for line in lines}
    return float(found["MemAvailable"]) * 1024 if "MemAvailable" in found else None


def duration(seconds: float) -> str:
    """Return a time in words: '40 s', '12 min', '3 h 20 min'."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if hours else f"{minutes} min"
