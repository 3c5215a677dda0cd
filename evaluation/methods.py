"""What each named method of inequality, standardisation and life tables estimates, and what it rests on.

Causal estimators say it themselves, for there it depends on how they are called.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Method:
    """``estimand``: what is estimated; ``scale``: 'value', 'difference' or 'ratio'; ``assumptions``."""

    estimand: str
    scale: str
    assumptions: tuple[str, ...]


def method_of(name: str) -> Method | None:
    """Return the row of methods.csv with the longest prefix of ``name``, None where there is none."""
    known = _methods()
    prefix = max((each for each in known if name.startswith(each)), key=len, default="")
    return known.get(prefix)


@cache
def _methods() -> dict[str, Method]:
    with files("evaluation").joinpath("methods.csv").open(encoding="utf-8") as stream:
        return {
            row["prefix"]: Method(row["estimand"], row["scale"], tuple(row["assumptions"].split("; ")))
            for row in csv.DictReader(stream)
        }
