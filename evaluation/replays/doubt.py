"""How much wider predictions have to be for the model's own error, as the tuned studies show it.

A prediction holds all that is known to make a study's figure differ from the model's mean. That the model itself is
wrong is not in it, and cannot be known from inside the model: it shows in how far published figures lie from
predictions, in units of what predictions allow. The root mean square of that over tuned studies is the factor by which
their intervals would have had to be wider, a Birge ratio (Birge 1932, Phys Rev 40: 207; Thompson and Sharp 1999, Stat
Med 18: 2693, as multiplicative dispersion). Effects of a programme go wrong together, so that each programme counts
once. Studies that are only predicted play no part in it: whether intervals so widened hold them is the test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from evaluation.estimate import critical
from evaluation.replays.prediction import LEVEL
from evaluation.replays.scoring import UNSCORED

FEWEST_PROGRAMMES = 5


@dataclass(frozen=True)
class Doubt:
    """``factor``: by which intervals are widened, 1 or more; ``least`` and ``most``: with one programme left out.

    ``programmes``: that it rests on; ``matters``: the one without which it changes most.
    """

    factor: float
    least: float
    most: float
    programmes: int
    matters: str


def doubt(scores: pd.DataFrame) -> Doubt | None:
    """Return the doubt that tuned studies teach; None if fewer than FEWEST_PROGRAMMES of them have a prediction.

    scores: rows of scoring.COLUMNS. ``off_by_sd``: how far a published figure lies from the middle, in standard
    deviations of what was predicted.
    """
    tuned = scores[(scores["use"] == "tuned") & (scores["verdict"] != UNSCORED) & scores["off_by_sd"].notna()]
    squares = tuned["off_by_sd"].astype(float).pow(2).groupby(tuned["programme"]).mean()
    if len(squares) < FEWEST_PROGRAMMES:
        return None
    factor = ratio(squares)
    without = pd.Series({name: ratio(squares.drop(name)) for name in squares.index})
    matters = str((without - factor).abs().idxmax())
    return Doubt(factor, float(without.min()), float(without.max()), len(squares), matters)


def ratio(squares: pd.Series) -> float:
    """Return the root of the mean of squared misses, and at least 1: good luck makes no interval narrower."""
    return max(1.0, math.sqrt(float(squares.mean())))


def held(scores: pd.DataFrame, factor: float) -> tuple[int, int, int]:
    """Return of the effects that are only predicted: how many, inside intervals ``factor`` times as wide, too wide.

    The last are of those inside, by the rule for intervals as they are. What has no prediction is not inside.
    """
    mine = scores[(scores["use"] == "predicted") & (scores["verdict"] != UNSCORED)]
    inside = mine["off_by_sd"].abs() <= factor * critical(LEVEL)
    wide = inside & (factor * mine["half_width"] > mine["allowed_half_width"])
    return len(mine), int(inside.sum()), int(wide.sum())


def doubt_words(scores: pd.DataFrame) -> list[str]:
    """Return in sentences what tuned studies teach of the model's own error, and whether it holds for the others."""
    found = doubt(scores)
    if found is None:
        return []
    words = (
        f"The model's own error: published figures of {found.programmes} tuned programmes lie {found.factor:.1f} times "
        f"as far from predictions as these allow for ({found.least:.1f} to {found.most:.1f} with one programme left "
        f"out; {found.matters} matters most)."
    )
    effects, inside, wide = held(scores, found.factor)
    if not effects:
        return [words]
    return [
        f"{words} Intervals widened by that hold {inside} of the {effects} effects that are only predicted "
        f"({100 * inside / effects:.0f}%; 90% are meant), {wide} of these by intervals too wide to say much."
    ]
