"""What each study draws and which estimators it tries, with what theory promises of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.studies import generators, people
from evaluation.causal.adjustment import (
    Counts,
    crude_difference,
    doubly_robust,
    g_formula,
    inverse_probability,
    rate_ratio,
    regression,
)
from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.cohort import Cohort, read_cohort
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.interrupted import SeriesModel, before_after, interrupted_time_series
from evaluation.causal.matched import entropy_balance, matched_cohort
from evaluation.causal.result import Estimate
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects

COVERS, FAILS, PRINTED = "covers", "fails", "printed"


@dataclass(frozen=True)
class Attempt:
    """One estimator on one kind of world: its name, how it is called, what is promised, and what it is about.

    ``promise``: 'covers' (95% intervals hold the truth 93% to 97% of the time), 'fails' (they hold it less than 90% of
    the time: it is the wrong method here) or 'printed' (no promise; the coverage is shown with a caution).
    ``by_test``: coverage is that of the test of no effect, for a method that has a p-value and no limits of its own.
    """

    name: str
    estimate: Callable[[Any], Estimate]
    promise: str
    estimand: str = "simple"
    by_test: bool = False


@dataclass(frozen=True)
class Case:
    """A study: how a world is drawn, and what is tried on it."""

    name: str
    draw: Callable[[np.random.Generator], generators.Panel | people.Cohort]
    attempts: tuple[Attempt, ...]

    def truth(self, world: generators.Panel | people.Cohort, attempt: Attempt) -> float:
        """Return the true value that ``attempt`` is about."""
        return world.truth(attempt.estimand) if isinstance(world, generators.Panel) else world.truth


def _study(world: generators.Panel) -> Study:
    return read_study(
        world.frame, unit="unit", time="month", outcome="outcome", first_treated="first_treated", cluster="cluster"
    )


def _panel(estimate: Callable[[Study], Estimate]) -> Callable[[generators.Panel], Estimate]:
    return lambda world: estimate(_study(world))


def _people(
    covariates: tuple[str, ...], outcome: str, estimate: Callable[[Cohort], Estimate], among: str = ""
) -> Callable[[people.Cohort], Estimate]:
    def run(world: people.Cohort) -> Estimate:
        frame = world.frame[world.frame[among] == 1] if among else world.frame
        return estimate(read_cohort(frame, treated="treated", outcome=outcome, covariates=covariates))

    return run


def _series(model: SeriesModel) -> Callable[[people.Cohort], Estimate]:
    names = {"time": "month", "outcome": "count", "treated": "treated", "population": "population"}
    return lambda world: interrupted_time_series(world.frame, **names, model=model)  # type: ignore[arg-type]


def _rates(independent: bool) -> Callable[[people.Cohort], Estimate]:
    counts = Counts("attendances", "years", "treated")
    return lambda world: rate_ratio(world.frame, counts, independent)


def _enrolled(world: people.Cohort) -> Estimate:
    return before_after(world.frame[world.frame["treated"] == 1], "before", "after")


def _differences(promise_twfe: str) -> tuple[Attempt, ...]:
    not_yet = Choice("not_yet")
    return (
        Attempt("two-way fixed effects", _panel(two_way_fixed_effects), promise_twfe),
        Attempt("Callaway-Sant'Anna, never treated", _panel(callaway_santanna), COVERS),
        Attempt("Callaway-Sant'Anna, not yet treated", _panel(lambda s: callaway_santanna(s, not_yet)), COVERS),
        Attempt(
            "Callaway-Sant'Anna, by time since",
            _panel(lambda s: callaway_santanna(s, average="dynamic")),
            COVERS,
            "dynamic",
        ),
        Attempt("Sun-Abraham", _panel(sun_abraham), COVERS),
    )


_AGE_SICK = ("age", "sick")
CASES: tuple[Case, ...] = (
    Case("null", generators.null, _differences(COVERS)),
    Case("constant", generators.constant, _differences(COVERS)),
    Case("staggered", generators.staggered, _differences(FAILS)),
    Case("ar1", generators.ar1, _differences(COVERS)),
    Case(
        "few_clusters",
        generators.few_clusters,
        (
            Attempt("clustered, eight clusters", _panel(two_way_fixed_effects), PRINTED),
            Attempt("wild bootstrap", _panel(lambda s: wild_bootstrap(s, 399)), PRINTED),
            Attempt(
                "randomisation test", _panel(lambda s: randomisation_test(s, permutations=99)), COVERS, by_test=True
            ),
        ),
    ),
    Case(
        "spillover",
        generators.spillover,
        (
            Attempt("Callaway-Sant'Anna, never treated", _panel(callaway_santanna), FAILS),
            Attempt("two-way fixed effects", _panel(two_way_fixed_effects), PRINTED),
        ),
    ),
    Case(
        "factors",
        generators.factors,
        (
            Attempt("two-way fixed effects", _panel(two_way_fixed_effects), FAILS),
            Attempt("synthetic control", _panel(synthetic_control), PRINTED),
            Attempt("synthetic DiD", _panel(lambda s: synthetic_did(s, 50)), PRINTED),
            Attempt(
                "generalised synthetic control",
                _panel(lambda s: generalised_synthetic_control(s, bootstraps=50)),
                PRINTED,
            ),
        ),
    ),
    Case("wedge", generators.wedge, (Attempt("mixed model", _panel(mixed_model), COVERS),)),
    Case(
        "informative_death",
        people.informative_death,
        (
            Attempt("survivors only", _people(("frail",), "attendances", inverse_probability, "alive"), FAILS),
            Attempt("unadjusted", _people((), "attendances", crude_difference), FAILS),
            Attempt("everyone started, weighted", _people(("frail",), "attendances", inverse_probability), COVERS),
        ),
    ),
    Case(
        "repeat_attenders",
        people.repeat_attenders,
        (
            Attempt("events as independent", _rates(True), FAILS),
            Attempt("by person", _rates(False), COVERS),
        ),
    ),
    Case(
        "regression_to_mean",
        people.regression_to_mean,
        (
            Attempt("before and after", _enrolled, FAILS),
            Attempt("against the eligible, adjusted", _people(("before",), "after", regression, "eligible"), COVERS),
        ),
    ),
    Case(
        "confounded",
        people.confounded,
        (
            Attempt("unadjusted", _people((), "outcome", crude_difference), FAILS),
            Attempt("regression", _people(_AGE_SICK, "outcome", regression), COVERS),
            Attempt("inverse probability", _people(_AGE_SICK, "outcome", inverse_probability), COVERS),
            Attempt("g-formula", _people(_AGE_SICK, "outcome", g_formula), COVERS),
            Attempt("doubly robust", _people(_AGE_SICK, "outcome", doubly_robust), COVERS),
            Attempt("entropy balance", _people(_AGE_SICK, "outcome", entropy_balance), COVERS),
            Attempt("matched on propensity", _people(_AGE_SICK, "outcome", matched_cohort), PRINTED),
        ),
    ),
    Case(
        "series",
        people.series,
        (
            Attempt("Poisson", _series(SeriesModel("poisson", harmonics=1)), FAILS),
            Attempt("quasi-Poisson", _series(SeriesModel("quasi_poisson", harmonics=1)), COVERS),
            Attempt("quasi-Poisson, no season", _series(SeriesModel("quasi_poisson")), PRINTED),
            Attempt("Newey-West", _series(SeriesModel("quasi_poisson", harmonics=1, errors="hac")), PRINTED),
        ),
    ),
)


def case(name: str) -> Case:
    """Return the study called ``name``. Raises KeyError if there is none."""
    return {each.name: each for each in CASES}[name]
