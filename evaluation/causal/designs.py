"""Designs by name: the estimators each one tries on a table, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
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
from evaluation.causal.checks import leave_one_out, placebo_in_space, placebo_in_time
from evaluation.causal.cohort import read_cohort
from evaluation.causal.comparative import comparative_time_series
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.honest import honest_bounds
from evaluation.causal.interrupted import interrupted_time_series
from evaluation.causal.matched import Matching, entropy_balance, matched_cohort
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.series_model import SeriesModel
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import NEVER, Study, read_study, starts_given
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
    "comparative": "interrupted time series of one place, beside one place without the service",
}
PANELS = ("did", "synthetic", "wedge")  # designs with a row per unit and period
CYCLE_MONTHS = 12
UNSOLVED = (
    "this method's equations have no solution on the table: look for units, periods or covariates that never vary or "
    "that repeat one another"
)
MOST_LEFT_OUT = 60  # clusters up to which each is left out in turn


@dataclass(frozen=True)
class Table:
    """What is analysed: ``frame`` and the names of its columns; ``treated`` or ``first_treated`` says who and when.

    ``quintile``: column of fifths of deprivation, 1 = most deprived; ``score``: of a deprivation score, which falls
    from the first fifth to the last; ``follow_up``: periods from the start on that effects are about (0: all);
    ``estimand``: 'att', 'ate' or 'atc', where a design can tell them apart.
    """

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
    quintile: str = ""
    score: str = ""
    follow_up: int = 0
    estimand: str = "att"

    @property
    def starts(self) -> tuple[float, ...]:
        """The periods at which treatment starts somewhere; none where the table has no time."""
        frame = self.frame
        if self.time not in frame.columns:
            return ()
        if self.first_treated in frame.columns:
            periods = pd.to_numeric(frame[self.time], errors="coerce")
            found = starts_given(frame[self.first_treated], periods.min(), periods.max()).unique()
            return tuple(sorted(float(each) for each in found if each < NEVER))
        if self.treated not in frame.columns:
            return ()
        on = frame[pd.to_numeric(frame[self.treated], errors="coerce") == 1]
        by_unit = on.groupby(self.unit)[self.time].min() if self.unit in on.columns else on[self.time].iloc[:1]
        return tuple(sorted(float(each) for each in by_unit.unique()))


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
    made = _run(design, _attempts(table, design, seed, level))
    return replace(made, tables=_more(_study(table), seed, level)) if design == "did" else made


def primary(table: Table, design: str, seed: int = 1, level: float = LEVEL) -> Estimate:
    """Return the first estimate of ``design`` that can be had on ``table``. Raises InputError if none can."""
    first: InputError | None = None
    for attempt in _attempts(table, design, seed, level).values():
        try:
            return attempt()
        except InputError as problem:
            first = first or problem
    raise first if first else InputError("design", f"'{design}' has no estimator")


def _attempts(table: Table, design: str, seed: int, level: float) -> dict[str, Attempt]:
    if design not in DESIGNS:
        raise InputError("design", f"no such design '{design}': {nearest(design, DESIGNS)}")
    if table.estimand != "att" and design not in ("cohort", "rates"):
        raise InputError("estimand", f"'{table.estimand}'; the design '{design}' estimates that on the treated, 'att'")
    if design in ("its", "comparative", "cohort", "rates"):
        alone = {"its": _series, "comparative": _comparative, "cohort": _cohort, "rates": _rates}
        return _in_words(alone[design](table, level))
    study = _study(table)
    return _in_words({"did": _did, "synthetic": _synthetic, "wedge": _wedge}[design](study, seed, level))


def negative_control(table: Table, design: str, outcome: str, seed: int = 1) -> Estimate:
    """Return the primary estimate of ``design`` for an ``outcome`` that treatment cannot move."""
    first = primary(replace(table, outcome=outcome), design, seed)
    return replace(first, method=f"{first.method}_on_{outcome}", estimand="negative control: no effect is expected")


def _in_words(attempts: Mapping[str, Attempt]) -> dict[str, Attempt]:
    """Return the attempts with equations that have no solution refused, so that one does not cost the others' results.

    Estimators refuse what they know beforehand in words of their own; this is for what nobody has thought of.
    """

    def wording(attempt: Attempt) -> Attempt:
        def run() -> Estimate:
            try:
                return attempt()
            except np.linalg.LinAlgError:
                raise InputError("panel", UNSOLVED) from None

        return run

    return {name: wording(attempt) for name, attempt in attempts.items()}


def _run(design: str, attempts: Mapping[str, Attempt]) -> Evaluation:
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
    return Evaluation(design, tuple(results), refused)


def _study(table: Table) -> Study:
    options: dict[str, str | tuple[str, ...] | float] = {"covariates": table.covariates, "follow_up": table.follow_up}
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
        "synthetic_control": lambda: synthetic_control(study, level=level, seed=seed),
        "synthetic_control_augmented": lambda: synthetic_control(study, ridge=True, level=level, seed=seed),
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
    names, frame, season = _series_of(table)
    tried = {
        "level": SeriesModel(harmonics=season),
        "newey_west": SeriesModel(harmonics=season, errors="hac"),
        "level_and_slope": SeriesModel(harmonics=season, slope=True),
        "negative_binomial": SeriesModel("negative_binomial", harmonics=season),
    }

    def attempt(name: str, model: SeriesModel) -> Attempt:
        def run() -> Estimate:
            made = interrupted_time_series(frame, **names, model=model, level=level)
            return replace(made, method=f"{made.method}_{name}") if name in ("newey_west", "level_and_slope") else made

        return run

    return _told(
        {name: attempt(name, model) for name, model in tried.items()}, *_unadjusted(table), *_unclustered(table)
    )


def _series_of(table: Table) -> tuple[dict[str, str], pd.DataFrame, int]:
    """Return the columns of a series (its counts, where the outcome is a rate of them), its rows, harmonics."""
    count = f"{table.outcome}_count"
    outcome = count if table.population and count in table.frame.columns else table.outcome
    names = {"time": table.time, "outcome": outcome, "treated": table.treated, "population": table.population}
    frame = table.frame
    if table.follow_up and table.treated in frame.columns and table.time in frame.columns:
        on = frame.loc[pd.to_numeric(frame[table.treated], errors="coerce") == 1, table.time]
        frame = frame[frame[table.time] < on.min() + table.follow_up] if len(on) else frame
    return names, frame, 1 if frame[table.time].nunique() >= 2 * CYCLE_MONTHS else 0


def _comparative(table: Table, level: float) -> dict[str, Attempt]:
    if not table.treated:
        raise InputError("treated", "a comparative series needs a column of 0, then 1: name it with --treated")
    names, frame, season = _series_of(table)
    tried = {
        "level": SeriesModel(harmonics=season),
        "newey_west": SeriesModel(harmonics=season, errors="hac"),
        "level_and_slope": SeriesModel(harmonics=season, slope=True),
    }

    def attempt(name: str, model: SeriesModel) -> Attempt:
        def run() -> Estimate:
            made = comparative_time_series(frame, **names, place=table.unit, model=model, level=level)
            return made if name == "level" else replace(made, method=f"{made.method}_{name}")

        return run

    return _told(
        {name: attempt(name, model) for name, model in tried.items()}, *_unadjusted(table), *_unclustered(table)
    )


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
    target = table.estimand
    pairs = Matching(target=target, replacement=target == "ate")
    balanced = {"entropy_balance": lambda: entropy_balance(cohort, level=level)} if target == "att" else {}
    return {
        "inverse_probability": lambda: inverse_probability(cohort, target, level=level),
        "g_formula": lambda: g_formula(cohort, target, level=level),
        "matched": lambda: matched_cohort(cohort, pairs, level),
        **balanced,
        "doubly_robust": lambda: doubly_robust(cohort, level, target),
        "regression": lambda: regression(cohort, level=level),
        **found,
    }


def _rates(table: Table, level: float) -> dict[str, Attempt]:
    if not table.treated or not table.population:
        raise InputError("rates", "need --treated (0 or 1) and --population (time at risk)")
    counts = Counts(table.outcome, table.population, table.treated, table.person, table.cluster)
    tried: dict[str, Attempt] = {
        "by_cluster" if table.cluster else "by_person": lambda: rate_ratio(table.frame, counts, level=level),
        "poisson": lambda: rate_ratio(table.frame, counts, independent=True, level=level),
    }
    return _told(tried, *_unadjusted(table))


def _unadjusted(table: Table) -> tuple[str, ...]:
    """Return the caution of a design that does not use covariates, in the words of Study.unused."""
    names = ", ".join(table.covariates)
    return (f"not adjusted: covariates are not used here ({names})",) if names else ()


def _unclustered(table: Table) -> tuple[str, ...]:
    """Return the caution of a series, each of which is one place and has no clusters."""
    return (f"clusters are not used here ({table.cluster}): each series is one place",) if table.cluster else ()


def _told(tried: Mapping[str, Attempt], *cautions: str) -> dict[str, Attempt]:
    """Return the attempts with ``cautions`` added to what each finds."""

    def telling(attempt: Attempt) -> Attempt:
        return lambda: attempt().with_cautions(*cautions)

    return {name: telling(attempt) for name, attempt in tried.items()}


def _more(study: Study, seed: int, level: float) -> dict[str, pd.DataFrame]:
    """Return what else is shown of a difference-in-differences: honest bounds, clusters left out, placebos in space."""
    tried: dict[str, Callable[[], pd.DataFrame]] = {
        "honest_bounds": lambda: honest_bounds(sun_abraham(study, level), level=level),
        "placebo_in_space": lambda: placebo_in_space(study, two_way_fixed_effects, seed=seed),
    }
    if study.clusters <= MOST_LEFT_OUT:
        tried["leave_one_out"] = lambda: leave_one_out(study, lambda kept: sun_abraham(kept, level))
    found = {}
    for name, make in tried.items():
        with suppress(InputError, np.linalg.LinAlgError):  # not every panel allows each of them
            found[name] = make()
    return found
