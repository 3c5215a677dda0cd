"""What a replay predicts: noise of runs taken out, errors put in, and limits that hold as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.estimate import critical
from evaluation.replays.prediction import half_at_level, predict


def runs(estimates: np.ndarray, noise: float, se: float, context: float = 0.0) -> pd.DataFrame:
    """Return results of one effect in several runs."""
    return pd.DataFrame({"estimate": estimates, "noise": noise, "se": se, "context": context, "reason": ""})


def test_a_prediction_takes_the_noise_of_runs_out_and_puts_the_studys_error_in() -> None:
    rng = np.random.Generator(np.random.Philox(key=3))
    estimates = rng.normal(0.1, math.hypot(0.3, 0.4), 4000)
    found = predict(runs(estimates, noise=0.4, se=0.2))
    assert found.evidence_sd == pytest.approx(0.3, abs=0.03)
    assert found.half_width == pytest.approx(1.645 * math.hypot(0.3, 0.2), rel=0.05)
    assert math.isnan(predict(runs(estimates[:2], 0.1, 0.1)).middle)


def test_there_is_no_prediction_from_the_few_runs_in_which_enough_happened() -> None:
    estimates = np.where(np.arange(20) < 9, 0.5, np.nan)
    few = predict(runs(estimates, 0.1, 0.1))
    assert math.isnan(few.middle)
    assert (few.runs, few.tried, few.reason) == (9, 20, "9 runs; at least 10 are needed")
    estimates[9] = 0.5
    assert predict(runs(estimates, 0.1, 0.1)).middle == pytest.approx(0.5)


def test_an_error_that_was_printed_stands_for_the_one_worked_out_and_places_differ_beyond_it() -> None:
    estimates = np.linspace(-0.001, 0.001, 50)
    plain = predict(runs(estimates, noise=0.01, se=0.2, context=0.15))
    printed = predict(runs(estimates, noise=0.01, se=0.2, context=0.15), printed_se=0.08)
    pool = predict(runs(estimates, noise=0.01, se=0.2, context=0.15), printed_se=0.08, pooled=True)
    assert plain.half_width == pytest.approx(1.645 * math.hypot(0.2, 0.15), rel=0.01)
    assert printed.half_width == pytest.approx(1.645 * math.hypot(0.08, 0.15), rel=0.01)
    assert pool.half_width == pytest.approx(1.645 * 0.08, rel=0.01)
    assert plain.sampling_half_width == pytest.approx(1.645 * 0.2, rel=0.01), "what is too wide knows no places"


@pytest.mark.parametrize(("count", "noise", "known"), [(16, 1.0, 0.01), (8, 1.0, 0.01), (64, 0.5, 0.2), (16, 0.0, 0.0)])
def test_nine_predictions_in_ten_hold_what_a_study_finds_however_noisy_the_runs(
    count: int, noise: float, known: float
) -> None:
    rng = np.random.Generator(np.random.Philox(key=[count, int(100 * noise)]))
    evidence, worlds = 0.5, 1200
    estimates = rng.normal(0.0, math.sqrt(evidence + noise), (worlds, count))
    found = rng.normal(0.0, math.sqrt(evidence + known), worlds)
    halves = [half_at_level(float(row.var(ddof=1)), noise, known, count) for row in estimates]
    held = np.abs(found - estimates.mean(axis=1)) <= halves
    assert held.mean() == pytest.approx(0.9, abs=0.045)  # three standard errors are 0.026; exact where noise is 0


def test_without_noise_of_runs_limits_are_students() -> None:
    for count in (3, 8, 64):
        half = half_at_level(2.0, 0.0, 0.0, count)
        assert half == pytest.approx(critical(0.9, count - 1) * math.sqrt(2.0 * (1 + 1 / count)), rel=2e-4)
    assert half_at_level(0.0, 0.0, 4.0, 5) == pytest.approx(2 * critical(0.9), rel=1e-6)
    assert half_at_level(0.0, 0.0, 0.0, 5) == 0.0
    assert math.isnan(half_at_level(math.nan, 0.0, 0.1, 5))


@settings(max_examples=30, deadline=None)
@given(st.floats(-1, 1), st.floats(0.01, 1), st.floats(0.0, 1), st.integers(3, 20))
def test_a_prediction_is_never_narrower_than_the_study(middle: float, se: float, spread: float, count: int) -> None:
    found = predict(runs(middle + spread * np.linspace(-1, 1, count), 0.05, se))
    assert found.low <= found.middle <= found.high
    assert found.half_width >= found.sampling_half_width * (1 - 1e-9)
