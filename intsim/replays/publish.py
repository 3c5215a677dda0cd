"""Ship what tuned studies say of levers: python -m intsim.replays.publish RESULTS.

RESULTS is a finished `intsim replay` of the tuned studies in 64 draws or more. What is shipped is a table of ours with
what made it; no command reads it unless it is asked to (`evidence.file`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from intsim.replays.report import EVIDENCE, FIGURES, POSTERIORS
from intsim.replays.run import IDENTITY, RUNS
from scenarios.errors import InputError
from scenarios.whole_file import write_text
from sim.outcomes.manifest import git_commit, version_of

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "registry" / "levers"
SHIPPED = {EVIDENCE: "evidence.csv", POSTERIORS: "posterior.csv", FIGURES: "figures.csv"}
FACTS, SCORES, MANIFEST = "facts.csv", "scores.csv", "manifest.json"


def publish(results: Path, folder: Path = FOLDER) -> Path:
    """Write the levers' posterior of the replays in ``results`` into ``folder`` and return it.

    Raises InputError if ``results`` holds none: it takes tuned studies and 64 draws.
    """
    missing = [name for name in (*SHIPPED, FACTS, SCORES, IDENTITY) if not (results / name).is_file()]
    if missing:
        raise InputError(str(results), f"has no {missing[0]}: it takes a finished replay of tuned studies in 64 draws")
    made_of = about(results)  # before anything is written: the commit is then not one with changes of our own
    folder.mkdir(parents=True, exist_ok=True)
    for name, ours in SHIPPED.items():
        write_text(folder / ours, (results / name).read_text(encoding="utf-8"))
    write_text(folder / MANIFEST, json.dumps(made_of, indent=1, ensure_ascii=False) + "\n")
    return folder


def about(results: Path) -> dict[str, Any]:
    """Return what made a posterior of levers: settings, studies, runs, and hashes of what they rest on."""
    facts = pd.read_csv(results / FACTS).set_index("fact")["value"]
    studies = pd.read_csv(results / SCORES)["replay"]
    return {
        "kind": "posterior of levers",
        "facts": facts.to_dict(),
        "studies": sorted(studies.unique()),
        "runs": len(list((results / RUNS).glob("*.json"))),
        "identity": json.loads((results / IDENTITY).read_text(encoding="utf-8")),
        "intsim": version_of("intsim"),
        "git_commit": git_commit(Path(__file__).resolve().parent),
    }


def main(words: Sequence[str] | None = None) -> int:
    """Publish the replays named on the command line."""
    made = argparse.ArgumentParser(prog="intsim.replays.publish", description=__doc__)
    made.add_argument("results", type=Path, help="folder of a finished replay of tuned studies in 64 draws or more")
    made.add_argument("--folder", type=Path, default=FOLDER, help="where to write (default: the product's own)")
    asked = made.parse_args(words)
    try:
        print(f"Written: {publish(asked.results, asked.folder)}")
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
