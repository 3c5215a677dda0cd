"""Queueing known answers in full on one engine: python -m benchmarks.known_answers --engine reference|compiled.

Every row of benchmarks.queue_runs, all replications, the same seeds on both engines. Results are written after each
row (temporary name, then renamed), so that a study that was stopped goes on where it was; rows of other sources or
other lengths are run again.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.queue_runs import Run, all_runs, estimates, replicate
from scenarios.whole_file import write_text

REPO = Path(__file__).resolve().parents[1]
RESULTS = REPO / "benchmarks" / "results"
SHARED_SOURCES = ("sim/rules/network.py", "sim/rules/keys.py", "sim/rules/maths.py")
ENGINE_SOURCES = {
    "reference": ("sim/engines/reference.py", *SHARED_SOURCES),
    "compiled": (
        *(f"sim/engines/{name}.py" for name in ("compiled", "ordering", "waiting", "work")),
        *SHARED_SOURCES,
    ),
}


def source_hash(engine: str) -> str:
    """Return the hash of the code that decides the results of an engine on networks, whatever its comments."""
    digest = hashlib.sha256()
    for name in ENGINE_SOURCES[engine]:
        digest.update(f"{name}:{code_alone((REPO / name).read_text())}".encode())
    return digest.hexdigest()[:16]


def code_alone(text: str) -> str:
    """Return source text as it parses, without comments, layout and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def results_file(engine: str) -> Path:
    """Return where the results of an engine are kept."""
    return RESULTS / f"known_answers_{engine}.json"


def signature(run: Run) -> dict[str, Any]:
    """Return what a stored row must have been run with to count."""
    return {
        "number": run.number,
        "days": run.days,
        "warm_up_days": run.warm_up_days,
        "replications": run.replications,
        "quantities": sorted(run.expected),
    }


def run_row(run: Run, engine: str) -> dict[str, Any]:
    """Return one row, run in full."""
    before = time.process_time()
    replications = [replicate(run, k, engine) for k in range(run.replications)]
    digest = hashlib.blake2b("".join(each.digest for each in replications).encode(), digest_size=16)
    return {
        "signature": signature(run),
        "quantities": {name: each._asdict() for name, each in estimates(run, replications).items()},
        "first_log_digest": replications[0].digest,
        "log_digest": digest.hexdigest(),
        "contacts": sum(each.contacts for each in replications),
        "cpu_s": round(time.process_time() - before, 2),
    }


def read_results(path: Path, engine: str) -> dict[str, Any]:
    """Return stored results of the present sources, or none yet."""
    fresh: dict[str, Any] = {"engine": engine, "source_hash": source_hash(engine), "commit": commit(), "rows": {}}
    if not path.exists():
        return fresh
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored if stored["source_hash"] == fresh["source_hash"] else fresh


def write_results(path: Path, results: dict[str, Any]) -> None:
    """Write results whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(results, indent=1) + "\n")


def commit() -> str:
    """Return the commit checked out, or 'unknown' outside a clone."""
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPO, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def main(words: list[str] | None = None) -> int:
    """Run the rows still missing and say how each came out; 1 when any quantity does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engine", choices=list(ENGINE_SOURCES), required=True)
    parser.add_argument("--out", type=Path, help="results file (default: benchmarks/results)")
    parser.add_argument("--rows", nargs="*", default=[], help="only rows whose name contains one of these")
    given = parser.parse_args(words)
    path = given.out or results_file(given.engine)
    results = read_results(path, given.engine)
    bad = 0
    for run in all_runs():
        if given.rows and not any(part in run.name for part in given.rows):
            continue
        row = results["rows"].get(run.name)
        if row is None or row["signature"] != signature(run):
            row = results["rows"][run.name] = run_row(run, given.engine)
            write_results(path, results)
        for name, each in row["quantities"].items():
            share = each["standard_error"] / abs(each["expected"])
            holds = abs(each["z"]) <= 4.0 and share <= each["allowed_error"]
            bad += not holds
            print(
                f"{run.name:44s} {name:20s} {each['value']:12.6g} answer {each['expected']:12.6g} z {each['z']:6.2f} "
                f"se {100 * share:6.3f}% {'' if holds else '  DOES NOT HOLD'}",
                flush=True,
            )
    print(f"{sum(row['cpu_s'] for row in results['rows'].values()):.0f} s CPU, {bad} quantities do not hold -> {path}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
