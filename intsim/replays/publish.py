"""Ship what a finished run says of levers: python -m intsim.replays.publish RUN_FOLDER.

Writes scenarios/registry/informed/levers.csv, which evidence=levers uses, and levers.json: of which run, by which
figures, from which rows of the registry. A row of the registry that has changed since is found by a test.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

from evaluation.replays.page import write_text
from intsim.replays.levers import LEVERS
from intsim.replays.run import IDENTITY
from scenarios.errors import InputError
from scenarios.registry.own import INFORMED
from scenarios.registry.reader import gather, load_registry

KIND = "intsim lever posterior"
PRIOR = ("distribution", "central", "low", "high")


def publish(run: Path, folder: Path = INFORMED) -> Path:
    """Write the posterior in ``run`` to ``folder`` and return its table.

    Raises InputError if the run holds none, or was itself made with a posterior in place of the registry.
    """
    try:
        rows = (run / "lever_evidence.csv").read_text(encoding="utf-8")
        figures = pd.read_csv(run / "lever_figures.csv")
        facts = dict(pd.read_csv(run / "facts.csv").itertuples(index=False, name=None))
        identity = json.loads((run / IDENTITY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(str(run), "holds no posterior of levers: a finished run of enough draws has one") from None
    if "evidence '" in str(facts["Parameters"]):
        raise InputError(str(run), "was made with other evidence than the registry's: tuned studies would count twice")
    folder.mkdir(parents=True, exist_ok=True)
    table = write_text(folder / f"{LEVERS}.csv", rows)
    registry = load_registry()
    about = {
        "kind": KIND,
        "facts": facts,
        "model": identity["model"],
        "used": figures.loc[figures["verdict"] == "used", "figure"].tolist(),
        "in_conflict": figures.loc[figures["verdict"] != "used", "figure"].tolist(),
        "priors": {name: {key: getattr(registry.parameters[name], key) for key in PRIOR} for name in gather([table])},
    }
    write_text(folder / f"{LEVERS}.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    return table


def main() -> int:
    """Publish the run named on the command line."""
    if len(sys.argv) != 2:
        print("give the folder of a finished run of replays", file=sys.stderr)
        return 2
    try:
        print(publish(Path(sys.argv[1])))
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
