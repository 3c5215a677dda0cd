"""Where a team aims what it has, as far as its design lets it decide: to where last month's unmet need is."""

from __future__ import annotations

import numpy as np

from sim.agents.dose import Plans
from sim.agents.world import Boundary


def local_aim(model: Boundary, row: int, plans: Plans) -> float:
    """Return how much more (above 1) or less of what the design adds this INT aims at its residents.

    Unmet need per resident last month against the place's, as far as teams may decide: over the place it comes to 1.
    """
    autonomy = plans.now.governance.local_autonomy
    teams = model.old.teams
    heads, unmet = int(teams["registered"].sum()), int(teams["t_unmet"].sum())
    own = int(teams[row]["registered"])
    if not model.feedback or autonomy <= 0.0 or unmet == 0 or own == 0:
        return 1.0
    return 1.0 + autonomy * (int(teams[row]["t_unmet"]) / own * heads / unmet - 1.0)


def outreach_quintile(model: Boundary, row: int, plans: Plans) -> int:
    """Return the last local quintile that outreach visits: the design's, moved towards where unmet need is highest."""
    design = plans.design.participation.outreach.worst_quintile
    autonomy = plans.now.governance.local_autonomy
    unmet = model.residents.unmet[row]
    if not model.feedback or autonomy <= 0.0 or not unmet.any():
        return design
    local = int(np.argmax(unmet)) + 1
    return int(design + autonomy * (local - design) + 0.5)
