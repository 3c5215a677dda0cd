"""The model's own error as tuned studies show it: how much wider intervals have to be, and whether that holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.replays.doubt import FEWEST_PROGRAMMES, doubt, doubt_words, held
from evaluation.replays.scoring import INSIDE, OUTSIDE, UNSCORED


def rows(use: str, off: np.ndarray, each: int = 1, allowed: float = math.inf) -> pd.DataFrame:
    """Return scores of effects so many standard deviations off, ``each`` of them of one programme."""
    return pd.DataFrame(
        {
            "use": use,
            "programme": [f"{use} {i // each}" for i in range(len(off))],
            "verdict": np.where(np.abs(off) <= 1.645, INSIDE, OUTSIDE),
            "off_by_sd": off,
            "half_width": 1.645,
            "allowed_half_width": allowed,
        }
    )


@pytest.mark.parametrize("error", [1.0, 2.0, 3.0])
def test_a_model_that_errs_alike_everywhere_holds_nine_in_ten_of_what_it_was_not_tuned_on(error: float) -> None:
    off = np.random.Generator(np.random.Philox(5)).normal(0.0, error, 4_000)
    scores = pd.concat([rows("tuned", off[:2_000]), rows("predicted", off[2_000:])])
    found = doubt(scores)
    assert found is not None
    assert found.factor == pytest.approx(error, rel=0.04)
    assert held(scores, found.factor)[1] / 2_000 == pytest.approx(0.90, abs=0.02)


def test_what_is_only_predicted_and_what_is_not_scored_teach_nothing() -> None:
    tuned = rows("tuned", np.full(6, 2.0))
    silent = rows("tuned", np.full(2, 50.0)).assign(verdict=UNSCORED, programme="said nothing")
    nothing = rows("tuned", np.full(1, math.nan)).assign(programme="not predicted")
    found = [doubt(pd.concat([tuned, silent, nothing, rows("predicted", np.full(9, off))])) for off in (0.0, 40.0)]
    assert found[0] == found[1]
    assert found[0] is not None
    assert (found[0].factor, found[0].programmes) == (2.0, 6)


def test_a_programme_counts_once_however_many_effects_it_has() -> None:
    few, many = rows("tuned", np.full(5, 1.5)), rows("tuned", np.full(30, 4.0), each=30).assign(programme="many")
    found = doubt(pd.concat([few, many]))
    assert found is not None
    assert found.factor == pytest.approx(math.sqrt((5 * 1.5**2 + 4.0**2) / 6))
    assert found.matters == "many"
    assert found.least == pytest.approx(1.5)
    assert found.most > found.factor


def test_good_luck_narrows_nothing_and_few_programmes_teach_nothing() -> None:
    lucky = doubt(rows("tuned", np.full(8, 0.1)))
    assert lucky is not None
    assert lucky.factor == 1.0
    assert doubt(rows("tuned", np.full(FEWEST_PROGRAMMES - 1, 2.0))) is None
    assert doubt_words(rows("tuned", np.full(FEWEST_PROGRAMMES - 1, 2.0))) == []


def test_what_has_no_prediction_is_not_held_and_wide_ones_are_told_apart() -> None:
    scores = pd.concat([rows("predicted", np.array([0.5, 3.0, 5.0, math.nan])), rows("predicted", np.zeros(1), 1, 2.0)])
    assert held(scores, 2.0) == (5, 3, 1)
    assert held(scores, 1.0) == (5, 2, 0)


def test_the_sentence_says_what_it_rests_on_and_what_it_holds() -> None:
    scores = pd.concat([rows("tuned", np.full(6, 2.0)), rows("predicted", np.array([0.5, 3.0, 5.0]))])
    said = doubt_words(scores)
    assert len(said) == 1
    assert "6 tuned programmes lie 2.0 times as far" in said[0]
    assert "hold 2 of the 3 effects that are only predicted (67%; 90% are meant)" in said[0]
    assert doubt_words(rows("tuned", np.full(6, 2.0)))[0].startswith("The model's own error")
