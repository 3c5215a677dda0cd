"""The model beside the guess that no programme changes anything: what a prediction has to beat to be worth making.

Most published effects are small and many are none, so that a guess of no effect, with each study's own errors around
it, already holds many of them. Only where the model does better than that does it say something.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evaluation.replays.definition import Replay
from evaluation.replays.scoring import INSIDE, UNSCORED

DESCRIPTIONS = ("before_after", "exposed", "continuity")  # who is followed differs anyway: no effect is no guess there
PREDICTED = "predicted"


def beside_no_effect(scores: pd.DataFrame, replays: Mapping[str, Replay]) -> pd.DataFrame:
    """Return, of effects that are only predicted: effects, inside, inside of no effect, nearer, told apart.

    One row for all of them (``of``: 'all'), one for those whose study compares with others as good as alike
    ('comparisons'). nearer: of ``told``, the effects with a prediction, in how many its middle lies nearer than 0 does.
    """
    mine = scores[(scores["use"] == PREDICTED) & (scores["verdict"] != UNSCORED)]
    kinds = mine["replay"].map(lambda name: replays[name].comparison.kind)
    parts = {"all": mine, "comparisons": mine[~kinds.isin(DESCRIPTIONS)]}
    return pd.DataFrame([{"of": name, **counted(part)} for name, part in parts.items()])


def counted(scores: pd.DataFrame) -> dict[str, int]:
    """Return how many effects there are, and how model and no effect do."""
    told = scores["nearer"].notna()
    return {
        "effects": len(scores),
        "inside": int((scores["verdict"] == INSIDE).sum()),
        "inside of no effect": int((scores["no_effect_verdict"] == INSIDE).sum()),
        "told": int(told.sum()),
        "nearer": int(scores.loc[told, "nearer"].astype(bool).sum()),
    }


def no_effect_words(scores: pd.DataFrame, replays: Mapping[str, Replay]) -> list[str]:
    """Return in a sentence how the model does beside the guess that nothing changes; none if nothing is predicted."""
    every, alike = beside_no_effect(scores, replays).to_dict("records")
    if not every["effects"]:
        return []
    words = (
        f"Beside a guess of no effect, with the studies' own errors: of the {every['effects']} effects that are only "
        f"predicted that guess holds {every['inside of no effect']}, the model {every['inside']}."
    )
    if not alike["effects"]:
        return [words]
    return [
        f"{words} Of the {alike['effects']} from comparisons with others (before against after, and reached against "
        f"not reached, left out) it holds {alike['inside of no effect']}, the model {alike['inside']}; the model's "
        f"middle lies nearer than no effect in {alike['nearer']} of {alike['told']}."
    ]
