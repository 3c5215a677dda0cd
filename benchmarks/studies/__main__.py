"""python -m benchmarks.studies NAME: run one simulation study (or 'all') in full and keep its figures."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.studies.cases import CASES, case
from benchmarks.studies.picture import draw
from benchmarks.studies.run import REPEATS, run
from benchmarks.studies.store import RESULTS, write


def main() -> int:
    """Run what is asked, print a table, and keep it if the study was run in full."""
    names = [each.name for each in CASES]
    made = argparse.ArgumentParser(prog="benchmarks.studies", description=__doc__)
    made.add_argument("name", choices=[*names, "all"], help="the study")
    made.add_argument("--repeats", type=int, default=REPEATS, help=f"worlds; only {REPEATS} are kept in results")
    given = made.parse_args()
    for name in names if given.name == "all" else [given.name]:
        started = time.monotonic()
        scores = run(case(name), given.repeats)
        print(f"{name}: {given.repeats} worlds, {time.monotonic() - started:.0f} s")
        print(
            f"  {'estimator':38}{'promise':>9}{'truth':>9}{'bias':>9}{'sd':>8}{'mean se':>9}{'coverage':>10}{'found':>8}"
        )
        for each in scores:
            print(
                f"  {each.estimator:38}{each.promise:>9}{each.truth:9.3f}{each.bias:9.3f}{each.spread:8.3f}"
                f"{each.mean_se:9.3f}{100 * each.coverage:9.1f}%{100 * each.found:7.1f}%",
                flush=True,
            )
        if given.repeats == REPEATS:
            print(f"  kept: {write(case(name), scores)}, {draw(name, scores, RESULTS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
