"""Published effects come out of the public functions, each within the case's own tolerance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.adjustment import crude_difference, g_formula, inverse_probability, regression
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.cohort import read_cohort
from evaluation.causal.donors import predictor_means
from evaluation.causal.interrupted import interrupted_time_series
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.series_model import SeriesModel
from evaluation.causal.stepped_wedge import (
    WedgeDesign,
    effect_variance,
    hussey_hughes_variance,
    power,
    standard_wedge,
)
from evaluation.causal.study import read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import Predictors, synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from tests.known_answer_files import misses, read_case

BASQUE = "Basque Country (Pais Vasco)"


def test_basque_synthetic_control() -> None:
    data, expected = read_case("ce_basque_synthetic_control")
    data = data[data["regionno"] != 1]  # Spain as a whole is no donor
    schooling = ["school.illit", "school.prim", "school.med", "school.high", "school.post.high", "invest"]
    sectors = ["agriculture", "energy", "industry", "construction", "services.venta", "services.nonventa"]
    wanted = [(name, range(1964, 1970)) for name in schooling]
    wanted += [("gdpcap", range(1960, 1970))]
    wanted += [(f"sec.{name}", range(1961, 1970, 2)) for name in sectors]
    wanted += [("popdens", [1969])]
    predictors = Predictors(predictor_means(data, "regionname", "year", wanted), range(1960, 1970))
    data = data.assign(treated=((data["regionname"] == BASQUE) & (data["year"] >= 1970)).astype(int))
    study = read_study(data, unit="regionname", time="year", outcome="gdpcap", treated="treated")
    result = synthetic_control(study, predictors)
    weights = result.tables["weights"].set_index("unit")["weight"]
    gap = result.tables["path"].set_index("period")["gap"]
    others = weights.drop(["Cataluna", "Madrid (Comunidad De)"])
    got = {
        "w_Cataluna": weights["Cataluna"],
        "w_Madrid": weights["Madrid (Comunidad De)"],
        "max_other_weight": others.max(),
        "mspe_1960_1969": (gap.loc[1960:1969] ** 2).mean(),
        "mean_gap_1975_1997": gap.loc[1975:1997].mean(),
        **{f"gap_{year}": gap[year] for year in (1970, 1975, 1980, 1985, 1990, 1997)},
    }
    assert misses(expected, got) == []


def test_lalonde_cohort() -> None:
    data, expected = read_case("ce_lalonde_matchit")
    covariates = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
    cohort = read_cohort(data, treated="treat", outcome="re78", covariates=covariates)
    least_squares = regression(cohort, errors="classical")
    got = {
        "naive": crude_difference(cohort).estimate,
        "ols": least_squares.estimate,
        "ols_se": least_squares.se,
        "n_treated": cohort.treated.sum(),
        "n_control": (1 - cohort.treated).sum(),
        "att_ipw": inverse_probability(cohort, "att").estimate,
    }
    assert misses(expected, got) == []


@pytest.mark.parametrize("bootstraps", [0, 999])
def test_minimum_wage_callaway_santanna(bootstraps: int) -> None:
    data, expected = read_case("ce_mpdta_callaway_santanna")
    study = read_study(data, unit="countyreal", time="year", outcome="lemp", first_treated="first_treat")
    found = {name: callaway_santanna(study, average=name, bootstraps=bootstraps) for name in ("dynamic", "group")}
    cells = found["group"].tables["att_gt"]
    got = {f"att_{row.cohort}_{row.period}": row.estimate for row in cells.itertuples()}
    got |= {f"se_att_{row.cohort}_{row.period}": row.se for row in cells.itertuples()}
    event, by_cohort = found["dynamic"].tables["event_study"], found["group"].tables["by_cohort"]
    got |= {f"dynamic_e{row.event_time}": row.estimate for row in event.itertuples()}
    got |= {f"group_{row.cohort}": row.estimate for row in by_cohort.itertuples()}
    for name, result in found.items():
        got |= {f"{name}_overall": result.estimate, f"se_{name}_overall": result.se}
    got["simple"] = callaway_santanna(study).estimate
    got["calendar_overall"] = callaway_santanna(study, average="calendar").estimate
    got["twfe"] = two_way_fixed_effects(study).estimate
    assert misses(expected, got) == []


def test_minimum_wage_doubly_robust_given_population() -> None:
    """The authors' Stata package on the same data with log population, method dripw: -0.0417518 (0.0115028)."""
    data, _ = read_case("ce_mpdta_callaway_santanna")
    names = {"unit": "countyreal", "time": "year", "outcome": "lemp", "first_treated": "first_treat"}
    result = callaway_santanna(read_study(data, **names, covariates=["lpop"]))
    assert result.estimate == pytest.approx(-0.0417518, abs=1e-6)
    assert result.se == pytest.approx(0.0115028, rel=0.03)  # ours divides by n - 1 in each cohort


def test_sun_abraham_agrees_with_callaway_santanna_without_covariates() -> None:
    data, _ = read_case("ce_mpdta_callaway_santanna")
    study = read_study(data, unit="countyreal", time="year", outcome="lemp", first_treated="first_treat")
    assert sun_abraham(study).estimate == pytest.approx(callaway_santanna(study).estimate, abs=1e-10)


def test_smoking_cessation_weights_and_g_formula() -> None:
    data, expected = read_case("ce_nhefs_ipw_gformula")
    covariates = [name for name in data.columns if name not in ("trt", "outcome")]
    cohort = read_cohort(data, treated="trt", outcome="outcome", covariates=covariates)
    stabilised = inverse_probability(cohort, stabilised=True)
    standardised = g_formula(cohort, interact=["smokeintensity"])
    got = {
        "crude": crude_difference(cohort).estimate,
        "ipw": inverse_probability(cohort, stabilised=False).estimate,
        "ipw_stabilised": stabilised.estimate,
        "gformula": standardised.estimate,
        "n": len(cohort.treated),
    }
    assert misses(expected, got) == []
    assert stabilised.diagnostics["mean_weight"] == pytest.approx(1.0, abs=0.01)
    # What If, chapters 12 and 13: 3.4 (2.4 to 4.5) and 3.5 (2.6 to 4.5)
    assert (stabilised.lower, stabilised.upper) == pytest.approx((2.4, 4.5), abs=0.15)
    assert (standardised.lower, standardised.upper) == pytest.approx((2.6, 4.5), abs=0.15)


def test_proposition_99() -> None:
    data, expected = read_case("ce_prop99_did_sc_sdid")
    study = read_study(data, unit="State", time="Year", outcome="PacksPerCapita", treated="treated")
    got = {
        "did": two_way_fixed_effects(study).estimate,
        "sc": synthetic_control(study).estimate,
        "sdid": synthetic_did(study, replications=2).estimate,
    }
    assert misses(expected, got) == []


def test_sicily_smoking_ban() -> None:
    """The source's limits are normal, also where the dispersion is estimated; ours are Student's unless asked."""
    data, expected = read_case("ce_sicily_its_level")
    models = {
        "poisson": SeriesModel("poisson"),
        "quasi": SeriesModel("quasi_poisson", limits="normal"),
        "harmonic": SeriesModel("quasi_poisson", harmonics=2, limits="normal"),
    }
    got: dict[str, float] = {}
    for name, model in models.items():
        result = interrupted_time_series(
            data, time="time", outcome="aces", treated="smokban", population="stdpop", model=model
        )
        got |= {f"{name}|RR": result.estimate, f"{name}|lo": result.lower, f"{name}|hi": result.upper}
        got[f"{name}|dispersion"] = result.diagnostics["dispersion"]
        got[f"{name}|trend_per_year"] = result.diagnostics["trend_per_12_periods"]
    assert misses(expected, got) == []


def test_stepped_wedge_power() -> None:
    data, expected = read_case("ce_stepped_wedge_power")
    for closed in (False, True):
        got: dict[str, float] = {}
        for row in data.itertuples():
            treated = standard_wedge(row.clusters, row.periods)
            design = WedgeDesign(treated, row.n_per_cluster_period, row.icc, row.total_sd)
            cell = (1 - row.icc) * row.total_sd**2 / row.n_per_cluster_period
            formula = hussey_hughes_variance(treated, cell, row.icc * row.total_sd**2)
            got[f"{row.row}|var"] = formula if closed else effect_variance(design)
            got[f"{row.row}|power"] = power(design, row.effect, df=math.inf)  # theirs is a normal test
        assert misses(expected, got) == []


def test_the_wedge_by_hand() -> None:
    """Retyped: 24 clusters, 5 periods of 100 people, correlation 0.05 (Hussey and Hughes 2007, eq. 8)."""
    design = WedgeDesign(standard_wedge(24, 5), 100, 0.05)
    assert effect_variance(design) == pytest.approx(0.00103040752351097, rel=1e-9)
    assert power(design, 0.15, df=math.inf) == pytest.approx(0.996665529181466, rel=1e-9)
    assert power(design, 0.15) == pytest.approx(0.993803048444171, rel=1e-9)  # integrated over chi-squared, 22 df


def test_a_table_of_expected_values_is_read_in_full() -> None:
    """A quantity that a test forgot would raise KeyError in misses; one that it has too many is harmless."""
    _, expected = read_case("ce_sicily_its_level")
    with pytest.raises(KeyError):
        misses(expected, {"poisson|RR": 0.894})
    assert isinstance(expected, pd.DataFrame)
    assert np.isfinite(expected["expected"]).all()
