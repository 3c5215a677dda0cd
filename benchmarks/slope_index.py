"""Slope and relative indices of many areas with simulated limits, timed: python -m benchmarks.slope_index.

Prints wall and CPU seconds for each kind of value; the promise is under ``MOST_SECONDS`` of wall time for 1,000 areas
of ten deprivation tenths with 100,000 simulations each.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np
import pandas as pd

from evaluation.inequality.slope_ohid import SlopeMethod, slopes_ohid

MOST_SECONDS = 10.0
KINDS = (("normal", False), ("rate", False), ("proportion", False), ("rate", True))


def areas(count: int, tenths: int = 10, seed: int = 1) -> pd.DataFrame:
    """Return ``count`` invented areas: a proportion that falls from the most to the least deprived tenth."""
    random = np.random.Generator(np.random.Philox(key=seed))
    tenth = np.tile(np.arange(1, tenths + 1), count)
    table = pd.DataFrame({"area": np.repeat(np.arange(count), tenths), "quantile": tenth})
    table["population"] = random.integers(1_000, 5_000, len(table))
    table["value"] = 0.4 - 0.02 * tenth + random.uniform(-0.02, 0.02, len(table))
    return table.assign(se=0.05)


def seconds(table: pd.DataFrame, method: SlopeMethod) -> tuple[float, float]:
    """Return (wall, CPU) seconds of the indices of every area of ``table``."""
    wall, cpu = time.perf_counter(), time.process_time()
    slopes_ohid(table, ["area"], method)
    return time.perf_counter() - wall, time.process_time() - cpu


def main(arguments: list[str] | None = None) -> int:
    """Print the timings; return 1 if any is over the promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=1_000)
    parser.add_argument("--simulations", type=int, default=100_000)
    options = parser.parse_args(arguments)
    table, slow = areas(options.areas), False
    load = os.getloadavg()[0]
    print(f"{options.areas:,} areas, {options.simulations:,} simulations, {os.cpu_count()} cores, load {load:.1f}")
    for kind, transform in KINDS:
        wall, cpu = seconds(table, SlopeMethod(kind, transform, simulations=options.simulations))
        slow |= wall > MOST_SECONDS
        print(f"{kind:<10} {'on its scale' if transform else 'as it is':<13} {wall:6.2f} s wall {cpu:6.2f} s CPU")
    print(f"{'OVER' if slow else 'under'} {MOST_SECONDS:g} s of wall time each")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
