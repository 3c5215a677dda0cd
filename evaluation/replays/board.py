"""What a scoreboard shows: scores, what levers rest on, facts of the run, the replays, and runs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaluation.replays.definition import Replay
from scenarios.errors import InputError

# What became of a figure of a tuned study, as ``Board.figures`` tells it.
USED = "used"
CONFLICT = "conflict: out of reach of the levers' parameters"
SILENT = "answers to no parameter of its levers"


@dataclass(frozen=True)
class Beside:
    """Another run of the same studies: its folder's name, its facts, and its coverage (scoring.coverage)."""

    name: str
    facts: Mapping[str, str]
    coverage: pd.DataFrame


@dataclass(frozen=True)
class Board:
    """``scores``: a row for each effect (scoring.COLUMNS); ``levers``: a row for each; ``facts``: name and words.

    ``informed``: parameters that tuned studies moved or narrowed, ``figures``: of those studies, used or why not.
    """

    scores: pd.DataFrame
    levers: pd.DataFrame
    facts: tuple[tuple[str, str], ...]
    replays: Mapping[str, Replay]
    beside: tuple[Beside, ...] = ()
    informed: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_beside(folder: Path) -> Beside:
    """Return what another finished run came to. Raises InputError if the folder holds no scoreboard."""
    try:
        coverage, facts = pd.read_csv(folder / "coverage.csv"), pd.read_csv(folder / "facts.csv")
    except (OSError, ValueError):
        raise InputError(str(folder), "holds no scoreboard of replays (coverage.csv, facts.csv)") from None
    return Beside(folder.name, dict(zip(facts["fact"], facts["value"], strict=True)), coverage)
