"""Parameters and chance told apart: known components come back, and what cannot be told is said."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from evaluation.outcomes import chosen
from evaluation.variance import NO_SPREAD, ONE_DRAW, ONE_REPLICATION, WITHIN_CHANCE, variance_parts, variance_table
from scenarios.errors import InputError
from tests.unit.evaluation_synthetic import synthetic_panel


def made(draws: int, replications: int, parameter_sd: float, chance_sd: float, seed: int) -> np.ndarray:
    """Return values with known components, [draw, replication]."""
    noise = np.random.Generator(np.random.Philox(seed))
    return (
        10.0
        + parameter_sd * noise.standard_normal((draws, 1))
        + chance_sd * noise.standard_normal((draws, replications))
    )


def test_components_of_a_worked_example() -> None:
    # draws' means 2, 6, 10; within-draw sums of squares 2 each: within 6 / 3 = 2, between 2 x 32 / 2 = 32
    parts = variance_parts(np.array([[1.0, 3.0], [5.0, 7.0], [9.0, 11.0]]))
    assert parts.mean == 6.0
    assert parts.monte_carlo_sd == pytest.approx(math.sqrt(2.0), rel=1e-12)
    assert parts.parameter_sd == pytest.approx(math.sqrt(15.0), rel=1e-12)
    assert parts.parameter_share == pytest.approx(15 / 17, rel=1e-12)
    assert parts.se == pytest.approx(math.sqrt(32 / 6), rel=1e-12)
    assert parts.monte_carlo_share_of_se == pytest.approx(2 / 32, rel=1e-12)
    assert parts.reason == ""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_test_is_scipys_analysis_of_variance(seed: int) -> None:
    values = made(6, 4, 0.5, 1.0, seed)
    parts, known = variance_parts(values), f_oneway(*values)
    assert parts.f == pytest.approx(known.statistic, rel=1e-10)
    assert parts.p_value == pytest.approx(known.pvalue, rel=1e-10)


@pytest.mark.parametrize(("parameter_sd", "chance_sd"), [(2.0, 1.0), (0.5, 2.0), (0.0, 1.0)])
def test_known_components_come_back_on_average(parameter_sd: float, chance_sd: float) -> None:
    # the untruncated estimator is unbiased: average (between - within) / n over many experiments
    found = [variance_parts(made(8, 2, parameter_sd, chance_sd, seed)) for seed in range(2_000)]
    within = np.array([parts.monte_carlo_sd**2 for parts in found])
    between = np.array([parts.se**2 * 16 for parts in found])
    parameters = (between - within) / 2
    for estimate, truth in ((within, chance_sd**2), (parameters, parameter_sd**2)):
        error = estimate.std(ddof=1) / math.sqrt(len(estimate))
        assert abs(estimate.mean() - truth) < 4 * error
    assert all(parts.parameter_sd >= 0.0 for parts in found)


def test_the_standard_error_covers_both_parts() -> None:
    means = np.array([variance_parts(made(8, 2, 1.0, 1.0, seed)).mean for seed in range(2_000)])
    said = np.array([variance_parts(made(8, 2, 1.0, 1.0, seed)).se ** 2 for seed in range(2_000)])
    assert said.mean() == pytest.approx(means.var(ddof=1), rel=0.1)  # 4 standard errors of a variance of 2,000


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([[1.0, 2.0]], ONE_DRAW),
        ([[1.0], [2.0]], ONE_REPLICATION),
        ([[3.0, 3.0], [3.0, 3.0]], NO_SPREAD),
        ([[1.0, math.nan], [2.0, 3.0]], "undefined in 1 of 4 replications"),
    ],
)
def test_what_cannot_be_told_is_said(values: list[list[float]], reason: str) -> None:
    parts = variance_parts(np.array(values))
    assert parts.reason == reason
    assert math.isnan(parts.parameter_share)


def test_draws_that_differ_by_chance_alone_have_no_parameter_variance() -> None:
    parts = variance_parts(np.array([[0.0, 4.0], [1.0, 3.0]]))
    assert parts.parameter_sd == 0.0
    assert parts.parameter_share == 0.0
    assert parts.monte_carlo_share_of_se == 1.0
    assert parts.reason == WITHIN_CHANCE


def drawn_panel(draws: int, replications: int) -> pd.DataFrame:
    """Return a made-up comparison of several draws."""
    panel = synthetic_panel(replications=draws * replications)
    panel["draw"], panel["replication"] = panel["replication"] // replications, panel["replication"] % replications
    return panel


def test_a_comparison_is_told_apart_outcome_by_outcome() -> None:
    panel = drawn_panel(4, 2)
    table = variance_table(panel, "usual_care", "frailty", chosen(["ed_attendances", "emergency_admissions"]))
    assert list(table["outcome"]) == ["ed_attendances", "emergency_admissions"]
    assert (table["draws"] == 4).all()
    assert (table["replications"] == 2).all()
    live = (
        panel[panel["month"] >= 0].groupby(["arm", "draw", "replication"])[["ed_attendances", "person_seconds"]].sum()
    )
    rate = live["ed_attendances"] / live["person_seconds"] * 31_557_600 * 1_000
    difference = (rate["frailty"] - rate["usual_care"]).to_numpy().reshape(4, 2)
    assert table["mean"].iloc[0] == pytest.approx(difference.mean(), rel=1e-12)
    assert table["monte_carlo_sd"].iloc[0] == pytest.approx(variance_parts(difference).monte_carlo_sd, rel=1e-10)


def test_draws_with_unequal_replications_are_refused() -> None:
    panel = drawn_panel(4, 2)
    uneven = panel[~((panel["draw"] == 3) & (panel["replication"] == 1))]
    with pytest.raises(InputError, match="draw 3: has 1 replications, draw 0 has 2"):
        variance_table(uneven, "usual_care", "frailty", chosen(["ed_attendances"]))
