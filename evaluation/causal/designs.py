"""Designs by name: the estimators each one tries on a table, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

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
from evaluation.causal.bands import FEW_CLUSTERS
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.checks import placebo_in_time
from evaluation.causal.cohort import read_cohort
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.honest import honest_bounds
from evaluation.causal.interrupted import interrupted_time_series
from evaluation.causal.matched import entropy_balance, matched_cohort
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.series_model import SeriesModel
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.estimate import LEVEL, Estimate
from scenarios.errors import InputError, nearest

DESIGNS = {
    "did": "difference-in-differences: units that start at one or several dates, beside others",
    "synthetic": "synthetic controls: few treated units, many donors, a long time before",
    "wedge": "stepped wedge: all units start in the end, in random order",
    "its": "interrupted time series: one place, no comparator",
    "cohort": "people treated and not, alike but for what was measured before",
    "rates": "people treated and not at random: rates of events, many to a person",
}
CYCLE_MONTHS = 12


@dataclass(frozen=True)
class Table:
    """What is analysed: ``frame`` and the names of its columns; ``treated`` or ``first_treated`` says who and when."""

    frame: pd.DataFrame
    outcome: str
    unit: str = "unit"
    time: str = "month"
    first_treated: str = ""
    treated: str = ""
    cluster: str = ""
    covariates: tuple[str, ...] = ()
    population: str = ""
    person: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Every estimate of one design, the first its primary; ``refused``: estimators that could not run, and why."""

    design: str
    results: tuple[Estimate, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Attempt = Callable[[], Estimate]


def evaluate(table: Table, design: str, seed: int = 1, level: float = LEVEL) -> Evaluation:
    """Return what each estimator of ``design`` (a key of DESIGNS) says of ``table``.

    An estimator that cannot be used on it is named with its reason; InputError if none can, or for an unknown design
    or a table that cannot be read (see read_study, read_cohort).
    """
    if design not in DESIGNS:
        raise InputError("design", f"no such design '{design}': {nearest(design, DESIGNS)}")
    if design == "its":
        return _run(design, _series(table, level), {})
    if design == "cohort":
        return _run(design, _cohort(table, level), {})
    if design == "rates":
        return _run(design, _rates(table, level), {})
    study = _study(table)
    made = _run(design, {"did": _did, "synthetic": _synthetic, "wedge": _wedge}[design](study, seed, level), {})
    return replace(made, tables=_more(study, made, level)) if design == "did" else made


def negative_control(table: Table, design: str, outcome: str, seed: int = 1) -> Estimate:
    """Return the primary estimate of ``design`` for an ``outcome`` that treatment cannot move."""
    first = evaluate(replace(table, outcome=outcome), design, seed).results[0]
    return replace(first, method=f"{first.method}_on_{outcome}", estimand="negative control: no effect is expected")


def _run(design: str, attempts: Mapping[str, Attempt], tables: Mapping[str, pd.DataFrame]) -> Evaluation:
    results, refused = [], {}
    first: InputError | None = None
    for name, attempt in attempts.items():
        try:
            results.append(attempt())
        except InputError as problem:
            first = first or problem
            refused[name] = str(problem)
    if not results:
        raise first if first else InputError("design", f"'{design}' has no estimator")
    return Evaluation(design, tuple(results), refused, tables)


def _study(table: Table) -> Study:
    options: dict[str, str | tuple[str, ...]] = {"covariates": table.covariates}
    if table.cluster:
        options["cluster"] = table.cluster
    return read_study(
        table.frame,
        unit=table.unit,
        time=table.time,
        outcome=table.outcome,
        first_treated=table.first_treated,
        treated=table.treated,
        **options,
    )


def _did(study: Study, seed: int, level: float) -> dict[str, Attempt]:
    found: dict[str, Attempt] = {}
    if study.never.any():
        found["callaway_santanna_never"] = lambda: callaway_santanna(study, seed=seed, level=level)
    found["callaway_santanna_not_yet"] = lambda: callaway_santanna(study, Choice("not_yet"), seed=seed, level=level)
    found["sun_abraham"] = lambda: sun_abraham(study, level)
    found["two_way_fixed_effects"] = lambda: two_way_fixed_effects(study, level)
    if study.clusters < FEW_CLUSTERS:
        found["wild_bootstrap"] = lambda: wild_bootstrap(study, seed=seed, level=level)
        found["randomisation"] = lambda: randomisation_test(study, seed=seed)
    earlier = max(1, int(study.cohorts[0]) // 3)
    found["placebo_in_time"] = lambda: placebo_in_time(study, two_way_fixed_effects, earlier)
    return found


def _synthetic(study: Study, seed: int, level: float) -> dict[str, Attempt]:
    return {
        "synthetic_did": lambda: synthetic_did(study, seed=seed, level=level),
        "generalised_synthetic_control": lambda: generalised_synthetic_control(study, seed=seed, level=level),
        "synthetic_control": lambda: synthetic_control(study, level=level),
        "synthetic_control_augmented": lambda: synthetic_control(study, ridge=True, level=level),
    }


def _wedge(study: Study, seed: int, level: float) -> dict[str, Attempt]:
    return {
        "mixed_model": lambda: mixed_model(study, level),
        "callaway_santanna_not_yet": lambda: callaway_santanna(study, Choice("not_yet"), seed=seed, level=level),
        "randomisation": lambda: randomisation_test(study, seed=seed),
    }


def _series(table: Table, level: float) -> dict[str, Attempt]:
    if not table.treated:
        raise InputError("treated", "an interrupted series needs a column of 0, then 1: name it with --treated")
    if table.frame.duplicated([table.time]).any():
        raise InputError("panel", "has several rows for one period: an interrupted series is one unit (--only UNIT)")
    count = f"{table.outcome}_count"
    outcome = count if table.population and count in table.frame.columns else table.outcome
    names = {"time": table.time, "outcome": outcome, "treated": table.treated, "population": table.population}
    season = 1 if len(table.frame) >= 2 * CYCLE_MONTHS else 0
    tried = {
        "level": SeriesModel(harmonics=season),
        "newey_west": SeriesModel(harmonics=season, errors="hac"),
        "level_and_slope": SeriesModel(harmonics=season, slope=True),
        "negative_binomial": SeriesModel("negative_binomial", harmonics=season),
    }

    def attempt(name: str, model: SeriesModel) -> Attempt:
        def run() -> Estimate:
            made = interrupted_time_series(table.frame, **names, model=model, level=level)
            return replace(made, method=f"{made.method}_{name}") if name in ("newey_west", "level_and_slope") else made

        return run

    return {name: attempt(name, model) for name, model in tried.items()}


def _cohort(table: Table, level: float) -> dict[str, Attempt]:
    if not table.treated:
        raise InputError("treated", "a cohort needs a column of 0 and 1: name it with --treated")
    cohort = read_cohort(
        table.frame,
        treated=table.treated,
        outcome=table.outcome,
        covariates=table.covariates,
        cluster=table.cluster or table.person,
    )
    found: dict[str, Attempt] = {"crude": lambda: crude_difference(cohort, level)}
    if not cohort.names:
        return found
    return {
        "inverse_probability": lambda: inverse_probability(cohort, "att", level=level),
        "g_formula": lambda: g_formula(cohort, "att", level=level),
        "matched": lambda: matched_cohort(cohort, level=level),
        "entropy_balance": lambda: entropy_balance(cohort, level=level),
        "doubly_robust": lambda: doubly_robust(cohort, level),
        "regression": lambda: regression(cohort, level=level),
        **found,
    }


def _rates(table: Table, level: float) -> dict[str, Attempt]:
    if not table.treated or not table.population:
        raise InputError("rates", "need --treated (0 or 1) and --population (time at risk)")
    counts = Counts(table.outcome, table.population, table.treated, table.person)
    return {
        "by_person": lambda: rate_ratio(table.frame, counts, level=level),
        "poisson": lambda: rate_ratio(table.frame, counts, independent=True, level=level),
    }


def _more(study: Study, made: Evaluation, level: float) -> dict[str, pd.DataFrame]:
    """Return the honest bounds of a difference-in-differences, where its event study allows them."""
    try:
        result = sun_abraham(study, level)
        return {"honest_bounds": honest_bounds(result, level=level)}
    except InputError:
        return {}
