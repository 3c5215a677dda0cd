"""Economics: how long a case's report, value of information and a long frontier take.

The report is of a folder made up by code (see ``case_folder``), of one neighbourhood's size; nothing is simulated.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.case_folder import Size, write_case_folder
from benchmarks.machine import REPO
from benchmarks.report import Found, Limit
from evaluation.draws import generator
from evaluation.economics.frontier import frontier
from evaluation.value_of_information.partial import evppi

SIZES = {
    "small": (Size(draws=2, replications=2, months=2), 500, 5, 1_000),
    "quick": (Size(draws=8), 5_000, 20, 100_000),
    "full": (Size(), 5_000, 20, 100_000),
}
REPORT_S, REPORT_BYTES, EVPPI_S, FRONTIER_S = 20.0, 3_000_000, 30.0, 5.0


def measure(size: str) -> Found:
    """Return seconds and bytes of each, with their limits. Times are of the clock: run it on a machine at rest."""
    run, draws, parameters, options = SIZES[size]
    with tempfile.TemporaryDirectory() as kept:
        folder = write_case_folder(Path(kept) / "run", run)
        report_s = timed(lambda: report(folder, Path(kept) / "report"))
        page = (Path(kept) / "report" / "investment_case.html").stat().st_size
    inputs, benefit = draws_of(draws, parameters)
    evppi_s = timed(lambda: evppi(benefit, inputs))
    cost, effect = generator(1, "frontier").random((2, options))
    names = [f"option {at}" for at in range(options)]
    frontier_s = timed(lambda: frontier(names, 1_000 * cost, effect))
    rows = [
        {"what": f"report, {run.draws} draws x {run.replications} replications, six arms", "seconds": report_s},
        {"what": f"value of each of {parameters} parameters on {draws:,} draws", "seconds": evppi_s},
        {"what": f"frontier of {options:,} options", "seconds": frontier_s},
    ]
    limits = [
        Limit("report, seconds from start to end of the command", report_s, REPORT_S, False),
        Limit("report, bytes of the page", float(page), REPORT_BYTES, False),
        Limit("value of information, seconds", evppi_s, EVPPI_S, False),
        Limit("frontier, seconds", frontier_s, FRONTIER_S, False),
    ]
    return Found({"seconds": rows}, limits)


def report(folder: Path, output: Path) -> None:
    """Run ``intsim report`` in a process of its own, imports and all."""
    words = [sys.executable, "-m", "intsim", "report", str(folder), "--output", str(output)]
    subprocess.run(words, check=True, cwd=REPO, stdout=subprocess.DEVNULL)


def draws_of(count: int, parameters: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return made-up parameters and the net benefit of three options, which hangs on all of them."""
    numbers = generator(1, "value of information").standard_normal((count, parameters))
    weights = 1 / np.arange(1, parameters + 1)
    one, other = numbers @ weights, numbers @ weights[::-1] + numbers[:, 0] * numbers[:, -1]
    inputs = pd.DataFrame(numbers, columns=[f"parameter {at}" for at in range(parameters)])
    return inputs, np.column_stack([np.zeros(count), one, other])


def timed(what: Callable[[], object]) -> float:
    """Return seconds of the clock that ``what`` takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
