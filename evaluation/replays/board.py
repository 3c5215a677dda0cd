"""What a scoreboard shows: scores, what levers rest on, facts of the run, and the replays themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.replays.definition import Replay


@dataclass(frozen=True)
class Board:
    """``scores``: a row for each effect (scoring.COLUMNS); ``levers``: a row for each; ``facts``: name and words."""

    scores: pd.DataFrame
    levers: pd.DataFrame
    facts: tuple[tuple[str, str], ...]
    replays: Mapping[str, Replay]
