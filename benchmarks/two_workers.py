"""One worker against two at once: the same months of the same place, in processes that stay."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.place_run import place_run
from sim.engines import compiled
from sim.month import run_month

GO, STOP = "go", "stop"


def work(pipe: Connection, residents: int, months: int) -> None:
    """Make a place, live its first month, then run the next ``months`` from there each time ``pipe`` says so."""
    run = place_run(residents, 0)
    run.month()
    pipe.send("ready")
    while pipe.recv() == GO:
        course = run.course.copy()
        pipe.send("started")
        for _ in range(months):
            run_month(run.world, course, run.plan, compiled.advance)
        pipe.send("done")


def pairs(residents: int, months: int, count: int) -> list[tuple[float, float]]:
    """Return ``count`` pairs of (seconds of one worker, seconds of two workers doing twice the work), alternating."""
    context: Any = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    workers = [context.Process(target=work, args=(there, residents, months), daemon=True) for _, there in ends]
    pipes = [here for here, _ in ends]
    for worker in workers:
        worker.start()
    for _, there in ends:
        there.close()  # so that a worker that dies is an end of file here, not a wait for ever
    try:
        for pipe in pipes:
            pipe.recv()
        found = []
        for number in range(count):
            one_first = number % 2 == 0
            first = seconds(pipes[:1] if one_first else pipes)
            second = seconds(pipes if one_first else pipes[:1])
            found.append((first, second) if one_first else (second, first))
        for pipe in pipes:
            pipe.send(STOP)
    except EOFError:
        raise RuntimeError("a worker was killed: not enough memory?") from None
    finally:
        for worker in workers:
            worker.join(timeout=10)
            worker.terminate()
    return found


def seconds(pipes: list[Connection]) -> float:
    """Return the wall seconds from the last worker's start to the last one's end; copying the start is not counted."""
    for pipe in pipes:
        pipe.send(GO)
    for pipe in pipes:
        pipe.recv()
    began = time.monotonic()
    for pipe in pipes:
        pipe.recv()
    return time.monotonic() - began
