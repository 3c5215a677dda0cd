"""Turn a finished fit into a posterior that others can use: python -m calibration.posteriors.publish FIT_DIR NAME."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.fit.results import MANIFEST, Results, plain, read_results, write_csv
from calibration.page.words import LEAST_SIZE, promises
from scenarios.errors import InputError
from scenarios.registry.posteriors import ALSO, FOLDER, KIND, STRUCTURE, TABLE, structure_of
from scenarios.whole_file import write_text

DIGITS = 9  # of a value: as many as anyone can use, and the same bytes on every machine
LEAST_POINTS = 200
BESIDE = ("targets", "predictions", "parameters")  # tables that say how good it is
KEPT = (
    "place", "scenario", "inputs_sha256", "targets", "plan", "priors", "simulator_sha256", "intsim", "git_commit",
    "national", "libraries", "python", "started", "finished", "result",
)  # fmt: skip


def publish(fit: Path, name: str, folder: Path = FOLDER, also: Sequence[str] = ()) -> Path:
    """Write the posterior of the fit in ``fit`` as ``folder``/``name`` and return it. also: places it stands for too.

    Raises InputError if the fit is not finished, not of a place, or worth less than 100 of at least 200 points.
    """
    results = read_results(fit)
    if "simulator_sha256" not in results.about or "targets" not in results.about:
        raise InputError(str(fit), "is not the fit of a place")
    result = results.about["result"]
    if result["points"] < LEAST_POINTS or result["kish_size"] < LEAST_SIZE or not result["weights_reliable"]:
        words = f"its {result['points']} points are worth {result['kish_size']:.0f} equal draws"
        raise InputError(str(fit), f"{words}; needed: {LEAST_SIZE:.0f} of at least {LEAST_POINTS}, weights reliable")
    made = folder / name
    made.mkdir(parents=True, exist_ok=True)
    write_csv(made / TABLE, rounded(results["posterior"]))
    for beside in BESIDE:
        write_csv(made / f"{beside}.csv", results[beside])
    write_text(made / MANIFEST, to_json(results, name, also))
    return made


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return points of weight above 0, values at nine significant digits, along their main direction.

    Neighbours in the table are then alike, so that numbers spread evenly over it give sets spread evenly.
    """
    kept = table[table["weight"] > 0].drop(columns="point")
    values = kept.drop(columns="weight")
    spread = values.std(ddof=0).to_numpy()
    scaled = (values - values.mean()).to_numpy() / np.where(spread > 0, spread, 1.0)
    _, _, directions = np.linalg.svd(scaled, full_matrices=False)
    along = scaled @ directions[0] * np.sign(directions[0][np.abs(directions[0]).argmax()])
    shown = kept.iloc[np.argsort(along, kind="stable")]
    return shown.map(lambda value: float(f"{value:.{DIGITS}g}")).reset_index(drop=True)


def to_json(results: Results, name: str, also: Sequence[str] = ()) -> str:
    """Return the manifest of a posterior: how the fit was made, and what was promised beside what was found."""
    import json

    about: dict[str, Any] = {"kind": KIND, "name": name, ALSO: list(also)}
    about |= {key: results.about[key] for key in KEPT if key in results.about}
    about["scenario"] = re.sub(
        r"(?m)^( *output:) .*$", r"\1 null", str(about.get("scenario", ""))
    )  # one machine's folder
    about[STRUCTURE] = structure_of(about)
    about["promises"] = [{"name": one.name, "found": one.text, "verdict": one.verdict} for one in promises(results)]
    return json.dumps(plain(about), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Publish the fit named on the command line."""
    made = argparse.ArgumentParser(prog="calibration.posteriors.publish", description=__doc__)
    made.add_argument("fit", type=Path, help="folder of a finished fit")
    made.add_argument(
        "name", help="what it is called: its place, and a switch it was fitted without, as PLACE_no_trust"
    )
    made.add_argument("--also", nargs="*", default=[], help="names of other places that it stands for")
    made.add_argument("--out", type=Path, default=FOLDER, help="folder of posteriors")
    given = made.parse_args()
    try:
        print(publish(given.fit, given.name, given.out, given.also))
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
