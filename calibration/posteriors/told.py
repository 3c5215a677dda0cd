"""What a shipped posterior meets, as the documentation shows it: python -m calibration.posteriors.told NAME.

Tables in Markdown, made of the posterior's own files, so that no figure in the documentation's tables is typed by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.rounding import level, spread
from scenarios.errors import InputError
from scenarios.registry.posteriors import FOLDER

WORDS = Path(__file__).with_name("told.csv")  # place, target, words: what is shown, in this order
SHARE, PER_CENT = "share", 100.0
DECIMALS = 9  # below that a value is nothing
HEADLINE = "*"
INSIDE = {True: "inside", False: "outside"}
ROLES = {"fitted": "", "set_directly": " (set directly)", "held_out": " (held out)"}
PARAMETER_HEAD = ("parameter", "unit", "prior", "posterior", "what the data did")
HEAD = ("target", "observed (limits)", "model: posterior mean (5th to 95th percentile of points)", "mean is")


def targets_table(name: str, folder: Path = FOLDER) -> str:
    """Return the targets of the posterior ``name`` that are shown, as a Markdown table.

    Raises InputError if there is no such posterior, or nothing of it is to be shown.
    """
    path = folder / name / "targets.csv"
    if not path.is_file():
        raise InputError(str(path), "no such file: the posterior has no table of targets")
    found = pd.read_csv(path).set_index("target")
    words = pd.read_csv(WORDS)
    shown = words[(words["place"] == name) & words["target"].isin(found.index)]
    if shown.empty:
        raise InputError(str(WORDS), f"names no target of '{name}'")
    rows = [target_row(one["words"], found.loc[one["target"]].to_dict()) for one in shown.to_dict("records")]
    return "\n".join(line(cells) for cells in (HEAD, ["---"] * len(HEAD), *rows))


def target_row(words: str, target: dict[str, Any]) -> list[str]:
    """Return the cells of a target: its name, what was observed, what the model gives, whether its mean is inside."""
    factor, unit = (PER_CENT, "%") if target["unit"] == SHARE else (1.0, "")
    low, high, observed = (factor * float(target[name]) for name in ("low", "high", "observed"))
    mean, least, most = (factor * float(target[name]) for name in ("simulated", "simulated_05", "simulated_95"))
    star = f" {HEADLINE}" if target["headline"] else ""
    name = f"{words}{ROLES[target['role']]}{star}"
    limits = f"{number(observed)}{unit} ({number(low)} to {number(high)})"
    value, *between = spread(mean, least, most).split(" ", 1)
    return [name, limits, " ".join([f"{value}{unit}", *between]), INSIDE.get(target["inside"], "not told")]


def parameters_table(name: str, folder: Path = FOLDER) -> str:
    """Return what the data did to each parameter of the posterior ``name``, as a Markdown table.

    Raises InputError if there is no such posterior.
    """
    path = folder / name / "parameters.csv"
    if not path.is_file():
        raise InputError(str(path), "no such file: the posterior has no table of parameters")
    records: list[Any] = pd.read_csv(path).to_dict("records")
    rows = [parameter_row(one) for one in records]
    return "\n".join(line(cells) for cells in (PARAMETER_HEAD, ["---"] * len(PARAMETER_HEAD), *rows))


def parameter_row(one: dict[str, Any]) -> list[str]:
    """Return the cells of a parameter: name and unit, prior, posterior, and what the data did, in words."""
    values = (one[f"{when}_{at}"] for when in ("prior", "posterior") for at in ("05", "50", "95"))
    low, _, high, least, middle, most = (number(float(round(value, DECIMALS))) for value in values)
    prior, posterior = f"{low} to {high}", f"{middle} ({least} to {most})"
    return [f"`{one['parameter']}`", str(one["unit"]), prior, posterior, str(one["words"])]


def number(value: float) -> str:
    """Return a number with three significant digits, without zeros that say nothing."""
    text = level(value, value, value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def main(words: Sequence[str] | None = None) -> None:
    """Print the tables of the posterior that is named."""
    parser = argparse.ArgumentParser(prog="python -m calibration.posteriors.told", description=__doc__)
    parser.add_argument("name", help="a posterior under scenarios/registry/calibrated")
    name = parser.parse_args(words).name
    print(targets_table(name), parameters_table(name), sep="\n\n")


if __name__ == "__main__":
    main()
