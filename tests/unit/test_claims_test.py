"""Claims put to the test: hits, chance taken out, priors and doses."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.claims import (
    CHANCE_ALONE,
    NO_NUMBER,
    NOISY,
    NOT_HERE,
    TOO_SHORT,
    claimed_change,
    claims_test,
    effective_draws,
    smallest_dose,
    tilted_weights,
)
from scenarios.errors import InputError

CLAIM = pd.DataFrame({"name": ["ed"], "outcome": ["ed"], "measure": ["proportional change"], "value": [-0.12]})


def effects(changes: np.ndarray, year: int = 1, outcome: str = "ed") -> pd.DataFrame:
    """Return effects from proportional changes, float64[draw, replication]."""
    rows = [
        (draw, replication, year, outcome, 200.0, 200.0 * (1 + change))
        for draw, each in enumerate(changes)
        for replication, change in enumerate(each)
    ]
    return pd.DataFrame(rows, columns=["draw", "replication", "year", "outcome", "baseline", "design"])


def test_the_probability_is_the_share_of_draws_that_reach_the_claim() -> None:
    found = claims_test(effects(np.repeat([[-0.2], [-0.13], [-0.01], [0.05]], 2, axis=1)), CLAIM, [1]).iloc[0]
    assert found["probability"] == 0.5
    assert found["lower"] < 0.5 < found["upper"]
    assert found["effect"] == pytest.approx(np.mean([-0.2, -0.13, -0.01, 0.05]))
    assert (found["pairs"], found["n"], found["reason"]) == ("draws", 4, "")


def test_no_hit_leaves_an_upper_limit() -> None:
    found = claims_test(effects(np.full((30, 2), -0.01)), CLAIM, [1]).iloc[0]
    assert (found["probability"], found["lower"]) == (0, 0)
    assert 0 < found["upper"] < 0.1


def test_chance_alone_reaches_no_claim() -> None:
    noise = np.random.Generator(np.random.Philox(4)).normal(0, 0.1, (400, 2))
    found = claims_test(effects(noise), CLAIM, [1]).iloc[0]
    raw = claims_test(effects(noise[:, :1]), CLAIM, [1]).iloc[0]
    assert found["probability"] < 0.02
    assert raw["probability"] > 0.08
    assert raw["reason"] == NOISY


def test_few_events_do_not_make_a_change_of_nothing_look_like_more() -> None:
    random = np.random.Generator(np.random.Philox(11))
    shared, own = random.poisson(15, (2000, 8)), random.poisson(15, (2, 2000, 8))
    table = effects(np.zeros((2000, 8)))
    table[["baseline", "design"]] = (shared + own).reshape(2, -1).T
    found = claims_test(table, CLAIM, [1]).iloc[0]
    assert abs(found["effect"]) < 0.004  # a mean of ratios: 0.018


def test_a_claim_of_more_is_reached_from_below() -> None:
    more = CLAIM.assign(measure="rate ratio", value=1.1)
    found = claims_test(effects(np.array([[0.2, 0.2], [0.05, 0.05]])), more, [1]).iloc[0]
    assert (found["claim"], found["probability"]) == (pytest.approx(0.1), 0.5)


@pytest.mark.parametrize(
    ("change", "years", "reason"),
    [
        ({"outcome": "turnover"}, [1], NOT_HERE),
        ({}, [5], TOO_SHORT),
        ({"measure": "no difference reported", "value": math.nan}, [1], NO_NUMBER),
        ({"value": 0.0}, [1], NO_NUMBER),
        ({"measure": "difference"}, [1], NO_NUMBER),
    ],
)
def test_what_cannot_be_tested_says_why(change: dict[str, object], years: list[int], reason: str) -> None:
    found = claims_test(effects(np.zeros((3, 2))), CLAIM.assign(**change), years).iloc[0]
    assert math.isnan(found["probability"])
    assert found["reason"] == reason


def test_one_draw_is_chance_alone_and_says_so() -> None:
    found = claims_test(effects(np.array([[-0.2, 0.0, 0.0, 0.0]])), CLAIM, [1]).iloc[0]
    assert (found["probability"], found["pairs"], found["reason"]) == (0.25, "replications", CHANCE_ALONE)


def test_an_outcome_that_never_happens_has_no_change() -> None:
    table = effects(np.zeros((2, 2))).assign(baseline=0.0, design=0.0)
    assert "does not happen" in claims_test(table, CLAIM, [1])["reason"].iloc[0]


def test_a_sceptical_prior_moves_the_weight_and_costs_draws() -> None:
    scores = np.random.Generator(np.random.Philox(8)).standard_normal(4_000)
    benefit = -0.05 - 0.05 * scores  # the higher the score, the larger the fall
    table = effects(np.repeat(benefit[:, None], 2, axis=1))
    found = {
        shift: claims_test(table, CLAIM, [1], tilted_weights(scores, shift))["probability"].iloc[0]
        for shift in (-1.0, 0.0, 1.0)
    }
    assert found[0.0] == pytest.approx(0.0808, abs=0.015)
    assert found[-1.0] == pytest.approx(0.0082, abs=0.005)
    assert found[1.0] == pytest.approx(0.3446, abs=0.05)
    assert (
        effective_draws(tilted_weights(scores, 1.0))
        < effective_draws(tilted_weights(scores, 0.0))
        == pytest.approx(4_000)
    )


def test_the_smallest_dose_lies_on_the_line_between_two_that_were_run() -> None:
    assert smallest_dose([0, 1, 2], [0.0, -0.08, -0.12], -0.10) == pytest.approx(1.5)
    assert smallest_dose([1, 2], [-0.2, -0.3], -0.12) == 1
    assert math.isnan(smallest_dose([0, 1, 2], [0.0, -0.02, -0.03], -0.12))
    assert smallest_dose([0, 1], [0.0, 0.2], 0.1) == pytest.approx(0.5)
    with pytest.raises(InputError, match="must rise"):
        smallest_dose([1, 1], [0, 0], -0.1)


def test_claims_become_proportional_changes() -> None:
    assert claimed_change("rate ratio", 0.88) == pytest.approx(-0.12)
    assert claimed_change("proportional change", -0.12) == -0.12
    assert math.isnan(claimed_change("percentage points", 3))
