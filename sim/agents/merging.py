"""Merged INTs: neighbours that share one INT's staff, caseload and levers, kept in the row of the first of them."""

from __future__ import annotations

import numpy as np

from sim.agents.world import Boundary
from sim.codes import TEAM_KINDS


def merge_ints(model: Boundary) -> None:
    """Pool what the INTs of merged neighbourhoods have this month in the row of the first, whom all of them turn to.

    Staff and caseload places are summed. A lever's reach is the mean over registered residents, and its effect the
    mean over those it reaches. sim/place says which row serves whom, in the same way.
    """
    size = model.plans.design.geography.merge_neighbourhoods
    if size <= 1 or not model.plans.live:
        return
    rows = len(model.new.teams) - 1
    heads = model.base_old.teams["registered"].astype(float)
    kinds = list(TEAM_KINDS)
    for first in range(0, rows, size):
        last = min(first + size, rows)
        members = np.arange(first, last)
        pooled = model.tables.supply[kinds, first:last].sum(axis=1)
        model.tables.supply[kinds, first:last] = 0.0
        model.tables.supply[kinds, first] = pooled
        model.new.teams["caseload"][first] = model.new.teams["caseload"][first:last].sum()
        model.new.teams["caseload"][first + 1 : last] = 0
        if heads[members].sum() > 0.0:
            share = heads[members] / heads[members].sum()
            merge_levers(model, members, share)
            merge_levers(model, members + rows + 1, share)


def merge_levers(model: Boundary, columns: np.ndarray, share: np.ndarray) -> None:
    """Write the mean reach and effect of ``columns`` into the first of them; ``share`` of residents sums to 1."""
    reach, effect = model.tables.lever_reach, model.tables.lever_effect
    parts = reach[:, columns] * share
    mean = parts.sum(axis=1)
    weighed = (parts * effect[:, columns]).sum(axis=1)
    plain = (effect[:, columns] * share).sum(axis=1)
    effect[:, columns[0]] = np.divide(weighed, mean, out=plain, where=mean > 0.0)
    reach[:, columns[0]] = mean
