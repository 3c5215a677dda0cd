"""Studies on people, and on one series."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.studies import people
from benchmarks.studies.case import COVERS, FAILS, PRINTED, Attempt, Case
from evaluation.causal.adjustment import (
    Counts,
    crude_difference,
    doubly_robust,
    g_formula,
    inverse_probability,
    rate_ratio,
    regression,
)
from evaluation.causal.cohort import Cohort, read_cohort
from evaluation.causal.comparative import comparative_time_series
from evaluation.causal.interrupted import before_after, interrupted_time_series
from evaluation.causal.matched import Matching, entropy_balance, matched_cohort
from evaluation.causal.series_model import SeriesModel
from evaluation.estimate import Estimate


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


def _mine(world: people.Cohort) -> Estimate:
    frame = world.frame[world.frame["place"] == "mine"]
    return _series(_SEASON)(people.Cohort(frame, world.truth, world.scale))


def _beside(world: people.Cohort) -> Estimate:
    names = {"time": "month", "outcome": "count", "treated": "treated", "place": "place", "population": "population"}
    return comparative_time_series(world.frame, **names, model=_SEASON)  # type: ignore[arg-type]


def _gaussian(errors: str) -> Callable[[people.Cohort], Estimate]:
    names = {"time": "month", "outcome": "outcome", "treated": "treated"}
    model = SeriesModel("gaussian", errors=errors)
    return lambda world: interrupted_time_series(world.frame, **names, model=model)  # type: ignore[arg-type]


def _rates(independent: bool) -> Callable[[people.Cohort], Estimate]:
    counts = Counts("attendances", "years", "treated")
    return lambda world: rate_ratio(world.frame, counts, independent)


def _enrolled(world: people.Cohort) -> Estimate:
    return before_after(world.frame[world.frame["treated"] == 1], "before", "after")


def _matched_alone(cohort: Cohort) -> Estimate:
    return matched_cohort(cohort, Matching(adjust=False))


_AGE_SICK = ("age", "sick")
_SEASON = SeriesModel("quasi_poisson", harmonics=1)
PEOPLE_CASES: tuple[Case, ...] = (
    Case(
        "informative_death",
        __name__,
        people.informative_death,
        (
            Attempt("survivors only", _people(("frail",), "attendances", inverse_probability, "alive"), FAILS),
            Attempt("unadjusted", _people((), "attendances", crude_difference), FAILS),
            Attempt("everyone started, weighted", _people(("frail",), "attendances", inverse_probability), COVERS),
        ),
    ),
    Case(
        "repeat_attenders",
        __name__,
        people.repeat_attenders,
        (
            Attempt("events as independent", _rates(True), FAILS),
            Attempt("by person", _rates(False), COVERS),
        ),
    ),
    Case(
        "regression_to_mean",
        __name__,
        people.regression_to_mean,
        (
            Attempt("before and after", _enrolled, FAILS),
            Attempt("against the eligible, adjusted", _people(("before",), "after", regression, "eligible"), COVERS),
        ),
    ),
    Case(
        "confounded",
        __name__,
        people.confounded,
        (
            Attempt("unadjusted", _people((), "outcome", crude_difference), FAILS),
            Attempt("regression", _people(_AGE_SICK, "outcome", regression), COVERS),
            Attempt("inverse probability", _people(_AGE_SICK, "outcome", inverse_probability), COVERS),
            Attempt("g-formula", _people(_AGE_SICK, "outcome", g_formula), COVERS),
            Attempt("doubly robust", _people(_AGE_SICK, "outcome", doubly_robust), COVERS),
            Attempt("entropy balance", _people(_AGE_SICK, "outcome", entropy_balance), COVERS),
            Attempt("matched on propensity, adjusted", _people(_AGE_SICK, "outcome", matched_cohort), COVERS),
            Attempt("matched, not adjusted", _people(_AGE_SICK, "outcome", _matched_alone), PRINTED),
        ),
    ),
    Case(
        "series",
        __name__,
        people.series,
        (
            Attempt("Poisson", _series(SeriesModel("poisson", harmonics=1)), FAILS),
            Attempt("quasi-Poisson", _series(SeriesModel("quasi_poisson", harmonics=1)), COVERS),
            Attempt("quasi-Poisson, no season", _series(SeriesModel("quasi_poisson")), PRINTED),
            Attempt("Newey-West", _series(SeriesModel("quasi_poisson", harmonics=1, errors="hac")), PRINTED),
        ),
    ),
    Case(
        "shared_shock",
        __name__,
        people.shared_shock,
        (Attempt("one place alone", _mine, FAILS), Attempt("beside another place", _beside, COVERS)),
    ),
    Case(
        "correlated_series",
        __name__,
        people.correlated_series,
        (
            Attempt("least squares", _gaussian("model"), FAILS),
            Attempt("Newey-West", _gaussian("hac"), PRINTED),
            Attempt("Prais-Winsten", _gaussian("prais_winsten"), PRINTED),
        ),
    ),
)
