"""python -m benchmarks.studies NAME: run one simulation study (or 'all') in full and keep its figures."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.studies.cases import CASES, case
from benchmarks.studies.picture import draw
from benchmarks.studies.run import REPEATS, run
from benchmarks.studies.store import RESULTS, stamp, write

HEADS = ("promise", "truth", "bias", "sd", "mean se", "held", "found")


def main() -> int:
    """Run what is asked, print a table, and keep it if the study was run in full."""
    names = [each.name for each in CASES]
    made = argparse.ArgumentParser(prog="benchmarks.studies", description=__doc__)
    made.add_argument("name", nargs="+", choices=[*names, "all"], help="studies")
    made.add_argument("--repeats", type=int, default=REPEATS, help=f"worlds; only {REPEATS} are kept in results")
    given = made.parse_args()
    chosen = [case(name) for name in (names if "all" in given.name else given.name)]
    stamps = {each.name: stamp(each) for each in chosen}
    for each_case in chosen:
        name, started = each_case.name, time.monotonic()
        scores = run(each_case, given.repeats)
        print(f"{name}: {given.repeats} worlds, {time.monotonic() - started:.0f} s")
        print("  ".join(["", f"{'estimator':38}", *(f"{word:>8}" for word in HEADS)]))
        for each in scores:
            numbers = (each.truth, each.bias, each.spread, each.mean_se)
            shares = (each.coverage, each.found)
            cells = [f"{each.promise:>8}", *(f"{n:8.3f}" for n in numbers), *(f"{100 * s:7.1f}%" for s in shares)]
            print("  ".join(["", f"{each.estimator:38}", *cells]), flush=True)
        if given.repeats == REPEATS:
            print(f"  kept: {write(each_case, scores, stamps[name])}, {draw(name, scores, RESULTS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
