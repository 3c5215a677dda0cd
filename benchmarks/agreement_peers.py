"""What other people's libraries find on the data of benchmarks.agreement. Needs the extra 'peers'."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import agreement
from benchmarks.agreement import AVERAGES, Figures


def version(library: str) -> str:
    """Return the version of a library, empty where it is not installed."""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _quiet(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return call()


def _twfe() -> Figures:
    import pyfixest

    made = pyfixest.feols("outcome ~ d | unit + month", data=agreement.panel(), vcov={"CRV1": "unit"})
    return {"estimate": float(made.coef()["d"]), "se": float(made.se()["d"])}


def _sun_abraham() -> Figures:
    import pyfixest

    made = pyfixest.event_study(
        data=agreement.panel(), yname="outcome", idname="unit", tname="month", gname="g", estimator="saturated"
    )
    table = made.aggregate()
    return {f"time {at}": float(table.loc[float(at), "Estimate"]) for at in (-3, -2, 0, 1, 2, 3, 4, 5)}


def _callaway(control: str = "nevertreated", method: str = "dr", formula: str = "1") -> Callable[[], Figures]:
    def peer() -> Figures:
        from csdid.att_gt import ATTgt

        names = {"yname": "outcome", "gname": "g", "idname": "unit", "tname": "month"}
        made = ATTgt(**names, data=agreement.panel(), control_group=[control], xformla=f"outcome~{formula}")
        found = _quiet(lambda: made.fit(est_method=method, bstrap=False))
        figures: Figures = {}
        for average in AVERAGES:
            whole = _quiet(lambda name=average: found.aggte(name, bstrap=False, cband=False)).atte
            figures |= {average: float(whole["overall_att"]), f"{average} se": float(whole["overall_se"])}
        cells = pd.DataFrame({name: np.ravel(found.results[name]) for name in ("group", "year", "att")})
        for row in cells[cells["year"].isin([3, 10, 19])].itertuples():
            figures[f"cohort {row.group:g} month {row.year:g}"] = float(row.att)
        return figures

    return peer


def _synthetic() -> Figures:
    from pysyncon import Synth

    wide = agreement.one_start().pivot(index="month", columns="unit", values="outcome")
    donors = [unit for unit in wide.columns if unit >= 5]
    before = wide[wide.index < 20]
    made = Synth()
    made.fit(X0=before[donors], X1=before[0], Z0=before[donors], Z1=before[0], custom_V=np.ones(len(before)))
    gap = wide[0] - wide[donors] @ made.W
    return {
        "estimate": float(gap[gap.index >= 20].mean()),
        "rmspe before": float(np.sqrt((gap[gap.index < 20] ** 2).mean())),
    }


def _synthetic_did() -> Figures:
    import synthdid

    wide = agreement.one_start().pivot(index="unit", columns="month", values="outcome")
    ordered = wide.loc[[*range(5, 40), *range(5)]].to_numpy()
    made = synthdid.synthdid_estimate(ordered, 35, 20)
    return {"estimate": float(made), "jackknife se": float(made.se(method="jackknife"))}


def _weighting() -> Figures:
    import statsmodels.api as sm
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    frame = agreement.people()
    design = sm.add_constant(frame[["age", "sick"]])
    chance = sm.Logit(frame["treated"], design).fit(disp=0, tol=1e-12)
    effect = TreatmentEffect(sm.OLS(frame["outcome"], design), frame["treated"].to_numpy(), results_select=chance)
    made = {
        "ipw ate": effect.ipw(),
        "ipw att": effect.ipw(effect_group=1),
        "regression ate": effect.ra(),
        "regression att": effect.ra(effect_group=1),
        "doubly robust ate": effect.aipw(),
    }
    figures = {name: float(np.ravel(each.effect)[0]) for name, each in made.items()}
    return figures | {f"{name} se": float(np.ravel(each.sd)[0]) for name, each in made.items()}


def _wild() -> Figures:
    few, many = agreement.clusters(), agreement.many_clusters()
    shifted = many.assign(outcome=many["outcome"] + 2.5 * many["d"])
    estimate, p_few = _wild_one(few, "cluster", "webb")
    moved, p_many = _wild_one(shifted, "unit", "rademacher")
    return {
        "estimate": estimate,
        "p, eight clusters": p_few,
        "p, sixty clusters, effect moved to -2.5": p_many,
        "estimate, sixty clusters": moved - 2.5,
    }


def _wild_one(frame: pd.DataFrame, cluster: str, signs: str) -> tuple[float, float]:
    import statsmodels.formula.api as smf
    from wildboottest.wildboottest import wildboottest

    model = smf.ols("outcome ~ d + C(unit) + C(month)", data=frame)
    drawn = _quiet(
        lambda: wildboottest(
            model, 9_999, cluster=frame[cluster], param="d", weights_type=signs, seed=1, parallel=False, show=False
        )
    )
    return float(model.fit().params["d"]), float(drawn["p-value"].iloc[0])


def _honest() -> Figures:
    from honestdid import createSensitivityResults, createSensitivityResults_relativeMagnitudes

    made = agreement.event_study()
    table = made.tables["event_study"]
    rows = np.flatnonzero(table["event_time"] != -1)
    given = (table["estimate"].to_numpy()[rows], np.asarray(made.covariance)[np.ix_(rows, rows)], 5, 4)
    found: Figures = {}
    for much in agreement.SMOOTH:
        row = _quiet(lambda m=much: createSensitivityResults(*given, method="FLCI", Mvec=[m])).iloc[0]
        found |= {f"smoothness {much:g} lower": row["lb"], f"smoothness {much:g} upper": row["ub"]}
    for name, weights in (("first", None), ("mean", np.full((4, 1), 0.25))):
        for much in agreement.RELATIVE:
            row = _quiet(
                lambda m=much, w=weights: createSensitivityResults_relativeMagnitudes(*given, Mbarvec=[m], l_vec=w)
            ).iloc[0]
            found |= {f"relative {much:g} {name} lower": row["lb"], f"relative {much:g} {name} upper": row["ub"]}
    return {name: float(value) for name, value in found.items()}


PEERS: dict[str, Callable[[], Figures]] = {
    "two-way fixed effects": _twfe,
    "Sun-Abraham": _sun_abraham,
    "Callaway-Sant'Anna, never treated": _callaway(),
    "Callaway-Sant'Anna, not yet treated": _callaway("notyettreated"),
    "Callaway-Sant'Anna, doubly robust": _callaway("nevertreated", "dr", "x"),
    "Callaway-Sant'Anna, regression": _callaway("nevertreated", "reg", "x"),
    "Callaway-Sant'Anna, weighting": _callaway("nevertreated", "ipw", "x"),
    "synthetic control": _synthetic,
    "synthetic DiD": _synthetic_did,
    "weighting and regression": _weighting,
    "honest bounds": _honest,
    "wild bootstrap": _wild,
}
