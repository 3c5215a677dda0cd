"""Ways of doing the same work, timed in turns, so that whatever else the machine does slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from sim.rules.keys import key3

Timed = Callable[[], float]  # does the work and returns how much of it was done
Way = Callable[[int], Timed]  # seed of the round -> a run that is set up and ready
ROUND = 7
HALF = 2**63 - 1


def rates(ways: Mapping[str, Way], rounds: int, seed: int) -> dict[str, list[float]]:
    """Return the work done per CPU second by each way in each round; setting up is not counted.

    The order turns round with every round. Garbage is collected before each run and not counted.
    """
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        round_seed = int(key3(seed, ROUND, number)) & HALF
        for name, way in list(ways.items())[:: 1 if number % 2 == 0 else -1]:
            run = way(round_seed)
            gc.collect()
            before = time.process_time()
            done = run()
            found[name].append(done / (time.process_time() - before))
            del run
    return found


def table(found: Mapping[str, list[float]], unit: str, against: str) -> list[dict[str, Any]]:
    """Return a row for each way: the median rate, the lowest and the highest, and the ratio to the way ``against``.

    The ratio is the median over rounds of the ratio within a round.
    """
    rows = []
    for name, values in found.items():
        shares = [value / other for value, other in zip(values, found[against], strict=True)]
        rows.append(
            {
                "library": name,
                unit: round(statistics.median(values)),
                "lowest": round(min(values)),
                "highest": round(max(values)),
                f"times_{against}": round(statistics.median(shares), 3),
            }
        )
    return rows
