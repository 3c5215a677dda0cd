"""The guess that no programme changes anything, beside the model: what it holds, and who lies nearer."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from evaluation.replays.definition import Replay
from evaluation.replays.no_effect import beside_no_effect, no_effect_words
from evaluation.replays.prediction import Prediction
from evaluation.replays.published import Finding
from evaluation.replays.scoring import INSIDE, OUTSIDE, UNSCORED, WIDE, by_year, coverage, score
from tests.unit.test_replays import study


def scored(middle: float, finding: Finding, kind: str = "trial", **changes: object) -> tuple[dict[str, object], Replay]:
    """Return the score of a prediction with a study error of 0.1, and the replay that it is of."""
    effect = {"measure": "emergency_admissions", "months": [0, 12], "scale": "log"}
    sizes = {"kind": kind, "treated": 100.0, "untreated": 100.0}
    replay = study(effects={"x": effect}, comparison=sizes).model_copy(update={"use": "predicted", **changes})
    made = Prediction(middle, middle - 0.2, middle + 0.2, 0.0, 0.1, 8, 8)
    return score(kind, replay, "x", made, finding), replay


@pytest.mark.parametrize(
    ("estimate", "middle", "said", "nearer"),
    [
        (-0.16, 0.1, INSIDE, False),  # 1.645 times 0.1 is 0.164
        (-0.17, -0.1, OUTSIDE, True),
        (0.05, 0.2, INSIDE, False),
        (0.05, 0.05, INSIDE, True),
    ],
)
def test_no_effect_is_judged_with_the_studys_error(estimate: float, middle: float, said: str, nearer: bool) -> None:
    row, _ = scored(middle, Finding(estimate=estimate))
    assert row["no_effect_verdict"] == said
    assert row["nearer"] is nearer


def test_no_effect_can_be_too_wide_and_is_not_scored_without_a_figure() -> None:
    narrow = Finding(estimate=0.0, low=-0.01, high=0.01)
    assert scored(0.0, narrow)[0]["no_effect_verdict"] == WIDE
    row, _ = scored(0.1, Finding(direction="none"))
    assert row["no_effect_verdict"] == UNSCORED
    assert row["nearer"] is None
    missing, _ = scored(math.nan, Finding(estimate=0.0))
    assert missing["nearer"] is None


def test_descriptions_are_apart_and_tuned_studies_left_out() -> None:
    made = {
        "trial": scored(-0.3, Finding(estimate=-0.3)),
        "areas": scored(-0.3, Finding(estimate=0.0)),
        "before_after": scored(-0.5, Finding(estimate=-0.5), "before_after"),
        "tuned": scored(-0.3, Finding(estimate=-0.3), use="tuned"),
    }
    scores = pd.DataFrame([row | {"replay": name} for name, (row, _) in made.items()])
    replays = {name: replay for name, (_, replay) in made.items()}
    table = beside_no_effect(scores, replays).set_index("of")
    assert table.loc["all"].to_dict() == {
        "effects": 3, "inside": 2, "inside of no effect": 1, "told": 3, "nearer": 2,
    }  # fmt: skip
    assert table.loc["comparisons", ["effects", "inside", "nearer"]].tolist() == [2, 1, 1]
    words = " ".join(no_effect_words(scores, replays))
    assert "of the 3 effects that are only predicted that guess holds 1, the model 2" in words
    assert "Of the 2 from comparisons with others" in words
    assert "nearer than no effect in 1 of 2" in words
    assert no_effect_words(scores[scores["use"] == "tuned"], replays) == []


def test_signs_are_counted_by_use_and_widths_of_the_same_effects() -> None:
    printed = scored(-0.2, Finding(estimate=-0.1, low=-0.15, high=-0.05, year=1))[0]
    bare = scored(0.1, Finding(estimate=-0.1, year=1))[0]
    tuned = scored(-0.2, Finding(estimate=-0.1, year=1), use="tuned")[0]
    scores = pd.DataFrame([printed, bare | {"half_width": 7.0}, tuned])
    signs = by_year(scores).set_index("use")
    assert signs.loc["predicted", ["effects", "same sign"]].tolist() == [2, 1]
    assert signs.loc["tuned", ["effects", "same sign"]].tolist() == [1, 1]
    row = coverage(scores).set_index("use").loc["predicted"]
    assert row["median_half_width_log"] == pytest.approx(0.2)
    assert row["median_half_width_log_unprinted"] == 7.0
