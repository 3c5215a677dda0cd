"""Where a difference's uncertainty comes from: the parameters drawn, or chance between replications of one draw.

One-way analysis of variance with random effects, draws being the groups: what replications of one draw differ by is
chance alone, and what draws differ by beyond that is due to their parameters. So O'Hagan, Stevenson and Madan (2007,
Health Economics 16: 1009-1023) for patient-level simulation; the estimators are those of Searle, Casella and McCulloch
(1992, Variance Components, chapter 3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from evaluation.outcomes import OUTCOMES, Outcome
from evaluation.panel import UNIT, after_go_live, rates
from evaluation.twins import pair_arms
from scenarios.errors import InputError

ONE_DRAW = "one draw: parameters are not varied"
ONE_REPLICATION = "one replication in a draw: chance cannot be told from parameters"
NO_SPREAD = "the same in every draw and replication"
WITHIN_CHANCE = "draws differ by no more than chance"


@dataclass(frozen=True)
class VarianceParts:
    """Of a value with ``draws`` x ``replications`` observations, in its own unit; NaN where ``reason`` says why.

    mean and se: of all observations, the standard error holding both parts. parameter_sd: between draws, chance
    removed, 0 if draws differ by no more than chance. monte_carlo_sd: between replications of one draw.
    parameter_share: of the variance of one observation. monte_carlo_share_of_se: of the squared standard error.
    f, p_value: of the test that parameters make no difference.
    """

    draws: int
    replications: int
    mean: float
    se: float
    parameter_sd: float
    monte_carlo_sd: float
    parameter_share: float
    monte_carlo_share_of_se: float
    f: float
    p_value: float
    reason: str


def variance_parts(values: np.ndarray) -> VarianceParts:
    """Return the parts of the variance of ``values``, float64[draw, replication].

    With K draws of n replications, within = sum (y - draw's mean)^2 / (K (n - 1)) and between = n sum (draw's mean -
    mean)^2 / (K - 1): chance has variance ``within``, the parameters (between - within) / n, and the mean has standard
    error sqrt(between / (K n)). Raises ValueError unless values has two dimensions.
    """
    data = np.asarray(values, float)
    if data.ndim != 2:
        raise ValueError(f"values must be draws x replications; got shape {data.shape}")
    draws, replications = data.shape
    unknown = np.isnan(data).sum()
    if unknown:
        return undefined(data, f"undefined in {unknown} of {data.size} replications")
    if draws < 2 or replications < 2:
        return undefined(data, ONE_DRAW if draws < 2 else ONE_REPLICATION)
    means = data.mean(axis=1)
    within = float(((data - means[:, None]) ** 2).sum()) / (draws * (replications - 1))
    between = replications * float(((means - means.mean()) ** 2).sum()) / (draws - 1)
    if within == 0.0 and between == 0.0:
        return undefined(data, NO_SPREAD, se=0.0, parameter_sd=0.0, monte_carlo_sd=0.0)
    parameters = max(between - within, 0.0) / replications
    f = between / within if within > 0.0 else math.inf
    return VarianceParts(
        draws=draws,
        replications=replications,
        mean=float(data.mean()),
        se=math.sqrt(between / data.size),
        parameter_sd=math.sqrt(parameters),
        monte_carlo_sd=math.sqrt(within),
        parameter_share=parameters / (parameters + within),
        monte_carlo_share_of_se=min(within / between, 1.0) if between > 0.0 else 1.0,
        f=f,
        p_value=float(fisher.sf(f, draws - 1, draws * (replications - 1))),
        reason="" if parameters > 0.0 else WITHIN_CHANCE,
    )


def variance_table(
    panel: pd.DataFrame, baseline: str, design: str, outcomes: Sequence[Outcome] = OUTCOMES
) -> pd.DataFrame:
    """Return the parts of the variance of each outcome's paired difference, all residents, from go-live on.

    Columns: outcome, label, unit, then the fields of VarianceParts. Raises InputError for an unknown arm, a replication
    without its twin, or draws with unequal numbers of replications.
    """
    live = pair_arms(after_go_live(panel), baseline, design)
    table = rates(live, list(UNIT), outcomes)
    rows = []
    for outcome in outcomes:
        mine = table[table["outcome"] == outcome.name]
        head = {"outcome": outcome.name, "label": outcome.label, "unit": outcome.unit}
        rows.append({**head, **asdict(variance_parts(differences(mine, baseline, design)))})
    return pd.DataFrame(rows)


def differences(table: pd.DataFrame, baseline: str, design: str) -> np.ndarray:
    """Return design less baseline, float64[draw, replication], from columns arm, draw, replication and value.

    Raises InputError for draws that differ in their number of replications.
    """
    wide = table.pivot(index=["draw", "replication"], columns="arm", values="value")
    paired = (wide[design] - wide[baseline]).unstack("replication")
    counts = {int(str(draw)): int(mine.nunique()) for draw, mine in table.groupby("draw")["replication"]}
    if len(set(counts.values())) > 1:
        most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        where = f"draw {least}"
        raise InputError(where, f"has {counts[least]} replications, draw {most} has {counts[most]}; all need as many")
    return paired.to_numpy(float)


def undefined(data: np.ndarray, reason: str, **known: float) -> VarianceParts:
    """Return that the parts are not defined, and why; the mean is given where it is known."""
    names = ("se", "parameter_sd", "monte_carlo_sd", "parameter_share", "monte_carlo_share_of_se", "f", "p_value")
    numbers = {**dict.fromkeys(names, math.nan), **known}
    mean = float(data.mean()) if data.size else math.nan
    return VarianceParts(draws=data.shape[0], replications=data.shape[1], mean=mean, reason=reason, **numbers)
