"""Benchmarks by name: python -m benchmarks (list), python -m benchmarks NAME [--json] [--save] [--size SIZE]."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from benchmarks.report import SIZES, Found, save
from scenarios.errors import InputError, nearest

QUICK = "quick"
TAKES = {"small": "seconds, more if the model must be compiled", "quick": "minutes", "full": "many minutes"}


@dataclass(frozen=True)
class Benchmark:
    """What a benchmark asks, and whether it is of the quick set."""

    asks: str
    in_quick_set: bool = False

    @staticmethod
    def function(name: str) -> Callable[[str], Found]:
        """Return the function of a benchmark: size -> what was found."""
        measure: Callable[[str], Found] = import_module(f"benchmarks.{name}").measure
        return measure


BENCHMARKS = {
    "queues": Benchmark("customers a second beside SimPy, Ciw and salabim on the same two queues", True),
    "agents": Benchmark("agent-months a second beside Starsim and Mesa on the same people", True),
    "scale": Benchmark("cost against residents, years, length of a waiting list, and a second worker"),
    "lists": Benchmark("cost of an event against the length of a waiting list: a part of scale, in a minute"),
    "forecast": Benchmark("whether a comparison of two arms ends when it said it would"),
    "memory": Benchmark("peak memory of each library, and of ours against residents"),
    "start": Benchmark("cold compile, and warm start to the first event", True),
    "economics": Benchmark("a case's report, value of information, a frontier of 100,000 options"),
    "borough": Benchmark("the whole Bi-Borough for ten years, every lever on, on one core"),
}


def names_of(name: str) -> list[str]:
    """Return the benchmarks meant by a name; raise InputError for one that is none."""
    if name == QUICK:
        return [each for each, benchmark in BENCHMARKS.items() if benchmark.in_quick_set]
    if name not in BENCHMARKS:
        raise InputError("benchmark", f"'{name}': {nearest(name, [*BENCHMARKS, QUICK])}")
    return [name]


def run_one(name: str, size: str, as_json: bool, keep: bool) -> bool:
    """Run one benchmark and print it; return whether its limits hold (the small size is not judged)."""
    print(f"{name}, size {size}: {TAKES[size]}", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(sys.stderr):  # some libraries talk
        found = Benchmark.function(name)(size)
    data = found.data(name, size)
    print(json.dumps(data) if as_json else f"{name}, size {size}\n\n{found.text()}\n", flush=True)
    if keep:
        print(f"-> {save(data)}", file=sys.stderr)
    return not data["limits_are_judged"] or all(limit.holds for limit in found.limits)


def main(words: list[str] | None = None) -> int:
    """Run what was asked for; 0 when every limit holds, 1 when one does not, 2 when it could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, scale and memory, measured.")
    parser.add_argument("name", nargs="?", help=f"{', '.join(BENCHMARKS)}, or {QUICK}: the quick set; none lists them")
    parser.add_argument("--json", action="store_true", help="print JSON, one line a benchmark")
    parser.add_argument("--save", action="store_true", help="also write benchmarks/results/NAME.json")
    parser.add_argument("--size", choices=SIZES, help=f"how much is run (default full; {QUICK} for the quick set)")
    given = parser.parse_args(words)
    if given.name is None:
        print("\n".join(f"{name:<10}{each.asks}" for name, each in BENCHMARKS.items()))
        return 0
    try:
        names = names_of(given.name)
        size = given.size or (QUICK if given.name == QUICK else "full")
        held = [run_one(name, size, given.json, given.save) for name in names]
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
