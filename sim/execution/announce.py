"""What is said before an experiment starts: how long it will take, what it needs, and whether this machine has it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from sim.execution.executors.local import started
from sim.execution.forecast import LONG_S, Forecast, Pace, forecast, measure
from sim.execution.plan import TaskPlan, read_plan
from sim.execution.worlds import Shared, Shelf, own_shelf


def expected(plan: TaskPlan, folder: Path, shelf: Shelf, world_s: float, workload: tuple[int, int]) -> Forecast:
    """Return the forecast of (tasks, how many at once) of the plan written in ``folder``.

    world_s: how long making the world took. Measured in this process; where that comes to more than a minute and
    several tasks run at once, measured again in as many processes at once, for they slow each other down.
    """
    tasks, at_once = workload
    pace = replace(measure(plan, shelf.world_of(plan, 0), world_s), start_s=0.0)  # this process has started
    alone = forecast(plan, pace, tasks, at_once)
    if at_once == 1 or alone.seconds < LONG_S:
        return alone
    return forecast(plan, measure_together(folder, shelf.held, world_s, at_once), tasks, at_once)


def measure_together(folder: Path, shared: Shared | None, world_s: float, at_once: int) -> Pace:
    """Return the mean pace of ``at_once`` processes measured at the same time, and how long they took to start."""
    began = time.time()  # the same clock in every process
    pool = started(at_once, shared)
    try:
        futures = [pool.submit(measured_from, str(folder), world_s) for _ in range(at_once)]
        found = [future.result() for future in futures]
    finally:
        pool.shutdown(wait=True, kill_workers=True)
    paces = [pace for _, pace in found]
    return replace(
        paces[0],
        month_s=sum(pace.month_s for pace in paces) / at_once,
        write_s=sum(pace.write_s for pace in paces) / at_once,
        memory_bytes=max(pace.memory_bytes for pace in paces),
        start_s=sum(started - began + pace.start_s for started, pace in found) / at_once,
    )


def measured_from(folder: str, world_s: float) -> tuple[float, Pace]:
    """Return when this process began to measure, by the clock of the day, and the pace it measured."""
    plan = read_plan(Path(folder))
    world = own_shelf().world_of(plan, 0)
    return time.time(), measure(plan, world, world_s)
