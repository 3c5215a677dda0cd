"""Bed days released: what residents use less than before the arms parted, and what becomes of it."""

from __future__ import annotations

import numpy as np

from sim.agents.base import NO_NEWS
from sim.agents.dose import Plans
from sim.agents.ramps import MONTHS_PER_YEAR
from sim.agents.world import Boundary
from sim.rules.stages import DAYS_PER_YEAR


def note_bed_days(model: Boundary, row: int, plans: Plans) -> None:
    """Learn the usual bed days of a month before the arms part; afterwards write what last month released."""
    base, days = model.base.teams[row], float(model.old.teams[row]["t_bed_days"])
    if plans.since_parting <= 0:
        if days > 0.0:
            done, mean = int(base["bed_months"]), float(base["bed_days_usual"])
            base["bed_days_usual"] = days if mean == NO_NEWS else mean + (days - mean) / (done + 1)
            base["bed_months"] = done + 1
    elif base["bed_days_usual"] != NO_NEWS:
        month = (plans.since_parting - 1) % MONTHS_PER_YEAR
        model.base.released[month, row] = float(base["bed_days_usual"]) - days


def reinvested(model: Boundary, row: int, plans: Plans) -> float:
    """Return the community posts (FTE) that a year's released bed days pay for, from a year after go-live.

    Money is released by the place: where its residents together use no less, no INT gets any, and what is released goes
    to INTs in proportion to what each released. By chance some always use less than before.
    """
    share = plans.design.resource_allocation.reinvest_share
    if share <= 0.0 or plans.months_live < MONTHS_PER_YEAR:
        return 0.0
    days = model.base_old.released.sum(axis=0)
    gained = np.maximum(days, 0.0)
    if days.sum() <= 0.0 or gained[row] <= 0.0:
        return 0.0
    mine = float(days.sum() * gained[row] / gained.sum())
    return share * mine * float(model.params["posts_per_bed_day"])


def closed_beds(model: Boundary, hospital: int) -> float:
    """Return the beds of ``hospital`` closed because residents need fewer: none unless the design says so.

    A neighbourhood's released days count where its residents go.
    """
    share = model.plans.design.resource_allocation.close_released_beds_share
    if share <= 0.0 or not model.plans.live:
        return 0.0
    communities, rows = model.old.communities, len(model.old.teams)
    where, heads = communities["neighbourhood"].astype(np.int64), communities["residents"].astype(float)
    here = heads * (communities["hospital"] == hospital)
    all_of = np.bincount(where, weights=heads, minlength=rows)
    part = np.divide(np.bincount(where, weights=here, minlength=rows), all_of, out=np.zeros(rows), where=all_of > 0)
    days = float((model.base_old.released.sum(axis=0) * part).sum())
    return share * max(days, 0.0) / DAYS_PER_YEAR
