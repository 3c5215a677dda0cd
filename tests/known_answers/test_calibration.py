"""Answers of the case files for calibration, through the public functions: analytic, or of another library.

Each is held to the file's own tolerance, which is made for sampling; what is a closed form here is held to EXACT.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from calibration.diagnostics.chains import ar1_size, bulk_size, rhat
from calibration.diagnostics.ranks import coverage, uniformity
from calibration.diagnostics.scores import (
    crps_normal,
    crps_of,
    crps_sample,
    interval_score,
    log_score_normal,
    log_score_sample,
    pit_normal,
    pit_sample,
)
from calibration.diagnostics.weights import kish_size, perplexity
from calibration.history_matching.implausibility import implausibility, not_ruled_out, nth_largest
from calibration.posterior.conjugate import (
    beta_binomial,
    gamma_poisson,
    gamma_poisson_prediction,
    normal_mean,
)
from calibration.posterior.sampler import sample
from evaluation.draws import generator
from tests.known_answer_files import folder, misses, read_case

EXACT = 1e-9  # relative, of a closed form


def exactly(expected: pd.DataFrame, *quantities: str) -> pd.DataFrame:
    """Return ``expected`` with the tolerance of a closed form for some ``quantities`` (what follows the last bar)."""
    closed = expected["quantity"].str.split("|").str[-1].isin(quantities)
    assert closed.any()
    assert (expected.loc[closed, "provenance"] == "analytic").all()
    none = expected["tol_abs"].astype(float).mask(closed, 0.0)
    return expected.assign(tol_abs=none, tol_rel=expected["tol_rel"].astype(float).mask(closed, EXACT))


def test_posterior_of_proportions() -> None:
    inputs, expected = read_case("cal_beta_binomial")
    got: dict[str, float] = {}
    for row in inputs.itertuples():
        found = beta_binomial(row.alpha, row.beta, row.events, row.n)
        got |= {f"{row.name}|mean": found.mean, f"{row.name}|sd": found.sd, f"{row.name}|q975": found.quantile(0.975)}
    assert misses(exactly(expected, "mean", "sd"), got) == []


def test_posterior_and_prediction_of_poisson_rates() -> None:
    inputs, expected = read_case("cal_gamma_poisson")
    got: dict[str, float] = {}
    for row in inputs.itertuples():
        posterior = gamma_poisson(row.shape, row.rate, row.count, row.exposure)
        new = gamma_poisson_prediction(row.shape, row.rate, row.count, row.exposure, 100.0)
        got |= {f"{row.name}|mean": posterior.mean, f"{row.name}|sd": posterior.sd}
        got[f"{row.name}|pred_var_exposure100"] = new.variance
        assert new.variance == pytest.approx(new.mean + posterior.variance * 100.0**2)
    assert misses(exactly(expected, "mean", "sd", "pred_var_exposure100"), got) == []


def test_posterior_of_a_normal_mean_in_closed_form_and_by_chains() -> None:
    inputs, expected = read_case("cal_conjugate_normal")
    known = pd.read_csv(folder() / "cal_conjugate_normal" / "parameters.csv").set_index("parameter")["value"]
    found = normal_mean(known["prior_mean"], known["prior_sd"], known["obs_sd"], inputs["y"].tolist())
    got = {"post_mean": found.mean, "post_sd": found.sd, "q05": found.quantile(0.05), "q95": found.quantile(0.95)}
    assert misses(exactly(expected, *got), got) == []

    def density(z: np.ndarray) -> np.ndarray:
        mean = known["prior_mean"] + known["prior_sd"] * z[:, 0]
        gap = inputs["y"].to_numpy() - mean[:, None]
        return -0.5 * z[:, 0] ** 2 - 0.5 * (gap**2).sum(axis=1) / known["obs_sd"] ** 2

    chains = sample(density, generator(1, "start").standard_normal((32, 1)), 3000, 500, generator(1, "known normal"))
    draws = known["prior_mean"] + known["prior_sd"] * chains.flat[:, 0]
    by_chains = {"post_mean": draws.mean(), "post_sd": draws.std(ddof=1)}
    by_chains |= {"q05": np.quantile(draws, 0.05), "q95": np.quantile(draws, 0.95)}
    assert misses(expected, {name: float(value) for name, value in by_chains.items()}) == []


def test_sizes_and_rhat_of_chains() -> None:
    inputs, expected = read_case("cal_ess_rhat_ar1")
    chains = inputs.to_numpy(float).T
    got = {
        "ess_theory": ar1_size(chains.size, 0.8),
        "ess_bulk_arviz": bulk_size(chains),
        "rhat_rank_arviz": rhat(chains),
    }
    assert misses(expected, got) == []


def test_sizes_of_weights() -> None:
    inputs, expected = read_case("cal_ess_weights")
    weights = inputs["weight"].to_numpy()
    assert misses(expected, {"ess": kish_size(weights), "perplexity": perplexity(weights)}) == []


def test_implausibility_and_its_largest() -> None:
    inputs, expected = read_case("cal_implausibility")
    columns = [inputs[name].to_numpy(float) for name in ("emulator_mean", "emulator_var", "observed", "obs_var")]
    found = implausibility(*columns, inputs["discrepancy_var"].to_numpy(float))
    got = {f"I_{at}": float(value) for at, value in enumerate(found)}
    got |= {name: float(nth_largest(found, n)) for n, name in ((1, "max"), (2, "second_max"), (3, "third_max"))}
    got["not_ruled_out_max_lt_3"] = float(not_ruled_out(found))
    assert misses(expected, got) == []


def test_scores_of_a_normal_prediction() -> None:
    inputs, expected = read_case("cal_ppc_scores")
    mean, sd, y = (float(inputs[name].iloc[0]) for name in ("pred_mean", "pred_sd", "observed"))
    half = 1.6448536269514722 * sd
    got = {
        "crps": float(crps_normal(y, mean, sd)),
        "pit": float(pit_normal(y, mean, sd)),
        "interval_score_90": float(interval_score(y, mean - half, mean + half, 0.9)),
        "log_score": float(log_score_normal(y, mean, sd)),
    }
    assert misses(expected, got) == []
    draws = mean + sd * generator(1, "scores").standard_normal(200_000)
    assert crps_sample(y, draws) == pytest.approx(got["crps"], rel=0.01)
    assert crps_sample(y, draws, fair=True) == pytest.approx(got["crps"], rel=0.01)
    assert pit_sample(y, draws) == pytest.approx(got["pit"], abs=0.005)
    assert log_score_sample(y, draws) == pytest.approx(got["log_score"], abs=0.01)
    wide = crps_of(y, lambda x: float(pit_normal(x, mean, sd)), mean - 12 * sd, mean + 12 * sd)
    assert wide == pytest.approx(got["crps"], abs=1e-6)


def test_ranks_of_right_and_wrong_posteriors() -> None:
    inputs, expected = read_case("cal_sbc_ranks")
    got: dict[str, float] = {}
    shapes = {}
    for name in ("good", "overconfident", "underconfident", "biased"):
        ranks = inputs[name].to_numpy()
        found = uniformity(ranks, 99, 20)
        got |= {f"{name}|chi2_20bins": found.statistic, f"{name}|p_chi2": found.p_value}
        got |= {f"{name}|coverage90": coverage(ranks, 99, 0.9), f"{name}|mean_rank": found.mean_rank}
        shapes[name] = found.shape.split(":")[0]
        assert math.isclose(found.coverage_90, coverage(ranks, 99, 0.9))
    assert misses(expected, got) == []
    assert shapes == {"good": "", "overconfident": "U", "underconfident": "hump", "biased": "slope"}
