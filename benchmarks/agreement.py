"""Our causal estimators beside other people's, on the same data: python -m benchmarks.agreement.

Peers come with the extra 'peers' (pip install -e '.[peers]') and are never needed to use intsim. What they find is kept
in benchmarks/results/agreement.json with their versions; a test holds our figures against what is kept. ``allowed`` is
relative, and stated before the figures: 1e-6 where both compute the same formula, wider where a search or a
small-sample factor differs, with the reason.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.studies.generators import constant, factors, few_clusters, staggered
from benchmarks.studies.people import confounded
from evaluation.causal.adjustment import doubly_robust, g_formula, inverse_probability
from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.cohort import Cohort, read_cohort
from evaluation.causal.few_clusters import wild_bootstrap
from evaluation.causal.honest import honest_bounds
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.draws import generator
from evaluation.estimate import Estimate
from scenarios.whole_file import write_text

RESULTS = Path(__file__).resolve().parent / "results" / "agreement.json"
SEED = 20261122
Figures = dict[str, float]
SMOOTH, RELATIVE = (0.5, 1.0), (0.5, 1.0)  # departures from parallel trends
AVERAGES = ("simple", "dynamic", "group", "calendar")


@dataclass(frozen=True)
class Comparison:
    """One method: what we find, and how far (relative) a figure of the peer may be from ours, with ``why`` if wide."""

    ours: Callable[[], Figures]
    library: str
    allowed: float = 1e-6
    why: str = ""
    wider: Mapping[str, float] | None = None

    def limit(self, figure: str) -> float:
        """Return the relative difference allowed for one figure."""
        return (self.wider or {}).get(figure, self.allowed)


def panel() -> pd.DataFrame:
    """Return a staggered panel with effects that differ and grow; 'x' is a covariate, 'g' the start (0: never)."""
    frame = staggered(generator(SEED, "agreement", "panel")).frame
    random = generator(SEED, "agreement", "covariate")
    x = random.normal(size=frame["unit"].nunique()) + 0.5 * frame.groupby("unit")["first_treated"].first().notna()
    frame = frame.assign(x=frame["unit"].map(dict(enumerate(x))), g=frame["first_treated"].fillna(0.0))
    frame["outcome"] += 0.2 * frame["x"] * frame["month"]
    return frame.assign(d=(frame["month"] >= frame["first_treated"]).astype(int))


def one_start() -> pd.DataFrame:
    """Return a panel of 40 areas, five of which start at month 20, driven by common factors."""
    return factors(generator(SEED, "agreement", "factors")).frame


def clusters() -> pd.DataFrame:
    """Return a panel of areas in eight clusters, four of which start."""
    frame = few_clusters(generator(SEED, "agreement", "clusters")).frame
    return frame.assign(d=(frame["month"] >= frame["first_treated"]).astype(int))


def many_clusters() -> pd.DataFrame:
    """Return a panel of 60 areas, each its own cluster."""
    frame = constant(generator(SEED, "agreement", "constant")).frame
    return frame.assign(d=(frame["month"] >= frame["first_treated"]).astype(int))


def people() -> pd.DataFrame:
    """Return people treated more often where they are older and sicker."""
    return confounded(generator(SEED, "agreement", "people")).frame


def _study(frame: pd.DataFrame, **options: str | tuple[str, ...]) -> Study:
    return read_study(frame, unit="unit", time="month", outcome="outcome", first_treated="first_treated", **options)


def _cohort() -> Cohort:
    return read_cohort(people(), treated="treated", outcome="outcome", covariates=("age", "sick"))


def _twfe() -> Figures:
    made = two_way_fixed_effects(_study(panel()))
    return {"estimate": made.estimate, "se": made.se}


def _sun_abraham() -> Figures:
    table = sun_abraham(_study(panel())).tables["event_study"]
    rows = table[(table["event_time"] >= -3) & (table["event_time"] <= 5) & (table["event_time"] != -1)]
    return {f"time {int(row.event_time)}": float(row.estimate) for row in rows.itertuples()}


def _callaway(control: str = "never", method: str = "dr", covariates: tuple[str, ...] = ()) -> Callable[[], Figures]:
    def ours() -> Figures:
        study, choice = _study(panel(), covariates=covariates), Choice(control, method)
        found: Figures = {}
        for average in AVERAGES:
            made = callaway_santanna(study, choice, average)
            found |= {average: made.estimate, f"{average} se": made.se}
        cells = made.tables["att_gt"]
        for row in cells[cells["period"].isin([3, 10, 19])].itertuples():
            found[f"cohort {row.cohort:g} month {row.period}"] = float(row.estimate)
        return found

    return ours


def _synthetic() -> Figures:
    frame = one_start()
    made = synthetic_control(_study(frame[(frame["unit"] == 0) | frame["first_treated"].isna()]))
    return {"estimate": made.estimate, "rmspe before": made.diagnostics["rmspe_before"]}


def _synthetic_did() -> Figures:
    made = synthetic_did(_study(one_start()), 50, errors="jackknife")
    return {"estimate": made.estimate, "jackknife se": made.se}


def _wild() -> Figures:
    few = wild_bootstrap(_study(clusters(), cluster="cluster"), 9_999, "webb")
    many = wild_bootstrap(_study(many_clusters()), 9_999, "rademacher")
    return {
        "estimate": few.estimate,
        "p, eight clusters": few.p_value,
        "p, sixty clusters, effect moved to -2.5": _p_value(many_clusters(), 2.5),
        "estimate, sixty clusters": many.estimate,
    }


def event_study() -> Estimate:
    """Return an event study of six periods before the start (the last the base) and four from it on."""
    whole = sun_abraham(_study(panel()))
    table = whole.tables["event_study"]
    kept = np.flatnonzero(table["event_time"].between(-6, 3))
    short = table.iloc[kept].reset_index(drop=True)
    return replace(whole, tables={"event_study": short}, covariance=np.asarray(whole.covariance)[np.ix_(kept, kept)])


def _honest() -> Figures:
    made, mean = event_study(), np.full(4, 0.25)
    found: Figures = {}
    for much in SMOOTH:
        row = honest_bounds(made, (much,), "smoothness").iloc[0]
        found |= {f"smoothness {much:g} lower": row["lower"], f"smoothness {much:g} upper": row["upper"]}
    for name, weights in (("first", None), ("mean", mean)):
        for much in RELATIVE:
            row = honest_bounds(made, (much,), weights=weights).iloc[0]
            found |= {f"relative {much:g} {name} lower": row["lower"], f"relative {much:g} {name} upper": row["upper"]}
    return {name: float(value) for name, value in found.items()}


def _p_value(frame: pd.DataFrame, moved: float) -> float:
    """Return the bootstrap p-value of an effect of -``moved``: that of none once it is taken off."""
    shifted = frame.assign(outcome=frame["outcome"] + moved * frame["d"])
    return wild_bootstrap(_study(shifted), 9_999, "rademacher").p_value


def _weighting() -> Figures:
    cohort = _cohort()
    made = {
        "ipw ate": inverse_probability(cohort),
        "ipw att": inverse_probability(cohort, target="att"),
        "regression ate": g_formula(cohort, interact=True),
        "regression att": g_formula(cohort, interact=True, target="att"),
        "doubly robust ate": doubly_robust(cohort),
    }
    return {name: each.estimate for name, each in made.items()} | {f"{name} se": each.se for name, each in made.items()}


SMALL = "small-sample factors differ: cohorts' n - 1 and clusters - 1 here, none there"
_CALLAWAY = {f"{average} se": 0.05 for average in AVERAGES}
_WEIGHTING = {
    f"{name} se": 0.01 for name in ("ipw ate", "ipw att", "regression ate", "regression att", "doubly robust ate")
}
COMPARISONS: dict[str, Comparison] = {
    "two-way fixed effects": Comparison(_twfe, "pyfixest"),
    "Sun-Abraham": Comparison(_sun_abraham, "pyfixest"),
    "Callaway-Sant'Anna, never treated": Comparison(_callaway(), "csdid", 1e-6, SMALL, _CALLAWAY),
    "Callaway-Sant'Anna, not yet treated": Comparison(_callaway("not_yet"), "csdid", 1e-6, SMALL, _CALLAWAY),
    "Callaway-Sant'Anna, doubly robust": Comparison(_callaway("never", "dr", ("x",)), "csdid", 1e-6, SMALL, _CALLAWAY),
    "Callaway-Sant'Anna, regression": Comparison(_callaway("never", "reg", ("x",)), "csdid", 1e-6, SMALL, _CALLAWAY),
    "Callaway-Sant'Anna, weighting": Comparison(_callaway("never", "ipw", ("x",)), "csdid", 1e-6, SMALL, _CALLAWAY),
    "synthetic control": Comparison(
        _synthetic, "pysyncon", 0.05, "its search stops at a larger error before the start than ours"
    ),
    "synthetic DiD": Comparison(_synthetic_did, "synthdid-py", 0.01, "weights are found by another search"),
    "weighting and regression": Comparison(
        _weighting, "statsmodels", 1e-6, "variances over n - 1 here, over n there", _WEIGHTING
    ),
    "honest bounds": Comparison(
        _honest, "honestdid", 0.05, "it tries effects on a grid; departures between periods are taken out otherwise"
    ),
    "wild bootstrap": Comparison(
        _wild,
        "wildboottest",
        1e-6,
        "other draws: p-values within four Monte Carlo errors",
        {"p, eight clusters": 0.1, "p, sixty clusters, effect moved to -2.5": 0.1},
    ),
}


def disagreements(name: str, ours: Figures, peer: Figures) -> list[str]:
    """Return one line for each figure of ``peer`` that is further from ours than is allowed, or that we lack."""
    found = []
    for figure, theirs in peer.items():
        mine = ours.get(figure, float("nan"))
        if not abs(mine - theirs) <= COMPARISONS[name].limit(figure) * max(abs(theirs), 1e-3):
            found.append(f"{name}, {figure}: ours {mine:.8g}, theirs {theirs:.8g}")
    return found


def stored() -> dict[str, dict[str, object]]:
    """Return what is kept: by method the peer's library, its version and its figures."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def main() -> int:
    """Run every peer, print the largest difference of each method, keep what the peers found; 1 if any disagrees.

    What was kept of a peer that is not installed stays.
    """
    from benchmarks.agreement_peers import PEERS, version

    kept, wrong = stored() if RESULTS.is_file() else {}, []
    for name, comparison in COMPARISONS.items():
        if not version(comparison.library):
            print(f"{name:38} {comparison.library:14} is not installed: what was kept stays")
            continue
        peer, ours = PEERS[name](), comparison.ours()
        wrong += disagreements(name, ours, peer)
        apart = max(abs(ours.get(key, np.nan) - value) / max(abs(value), 1e-3) for key, value in peer.items())
        kept[name] = {"library": comparison.library, "version": version(comparison.library), "figures": peer}
        print(f"{name:38} {comparison.library:14} {len(peer):3} figures, apart at most {apart:.2g}", flush=True)
    print("\n".join(wrong))
    write_text(RESULTS, json.dumps(kept, indent=1) + "\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
