"""Reviews: every few months a measure is read from last month's tallies, and added posts follow it."""

from __future__ import annotations

import numpy as np

from sim.agents.base import NO_NEWS
from sim.agents.design import HOSTS
from sim.agents.teams import INT_KINDS
from sim.agents.world import Boundary


def review(model: Boundary) -> None:
    """Hold a review if one is due, and carry out what the last one decided once its time has come.

    What is found now is acted on after ``joint_decision_months``: a share of the design's added posts moves between
    INTs in proportion to the measure per head. Over the place the added posts stay the same. While a review waits to be
    acted on none is held: one that came before would put it off for ever.
    """
    plans, metrics = model.plans, model.plans.design.metrics
    base, old = model.base.teams, model.base_old.teams
    every = int(metrics.review_every_months)
    if metrics.review == "none" or not plans.live or not model.feedback:
        return
    if old["review_wait"][0] > 0.0:
        base["review_wait"] = np.maximum(old["review_wait"] - 1.0, 0.0)
    carry_out(model)
    due = every > 0 and plans.months_live > 0 and plans.months_live % every == 0
    if due and base["review_wait"][0] == NO_NEWS:
        base["review_aim"] = found(model, metrics.review)
        base["review_wait"] = decision_months(model)
        carry_out(model)


def carry_out(model: Boundary) -> None:
    """Move staff as the last review found, if its time has come."""
    base = model.base.teams
    if base["review_wait"][0] == 0.0:
        base["added_share"] = 1.0 + model.plans.design.metrics.response_share * (base["review_aim"] - 1.0)
        base["review_wait"] = NO_NEWS


def decision_months(model: Boundary) -> float:
    """Return the months from a review's finding to staff moved: the design's, as long or short as its host makes it."""
    governance = model.plans.design.governance
    host = HOSTS.index(governance.host)
    ratio = 1.0 if host == 0 else float(model.params[f"host_decision_ratio_{HOSTS[host]}"])
    return float(int(governance.joint_decision_months * ratio + 0.5))


def found(model: Boundary, measure: str) -> np.ndarray:
    """Return the measure per head of every INT against the place's, float64[team] (1: no news, and for a group)."""
    heads = model.base_old.teams["registered"].astype(float)
    total = measured(model, measure, heads)
    if total.sum() <= 0.0 or heads.sum() <= 0.0:
        return np.ones(len(heads))
    per_head = np.divide(total, heads, out=np.zeros_like(heads), where=heads > 0.0)
    return np.where(heads > 0.0, per_head * heads.sum() / total.sum(), 1.0)


def measured(model: Boundary, measure: str, heads: np.ndarray) -> np.ndarray:
    """Return last month's amount of a measure in every INT, float64[team].

    gap: ED attendances of the most deprived local fifth. waits: days waited over the INT's services, per head.
    """
    rows = len(model.old.teams)
    amounts = {
        "unmet_need": model.old.teams["t_unmet"],
        "ed_attendances": model.residents.attended,
        "gap": model.residents.attended_deprived,
        "waits": model.tables.waits[list(INT_KINDS), :rows].sum(axis=0) * heads,
    }
    return amounts[measure].astype(float)
