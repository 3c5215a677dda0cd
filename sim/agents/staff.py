"""Staff available in a month: posts a design has filled, absence and leavers, shared by teams and practices."""

from __future__ import annotations

import numpy as np

from sim.agents import purposes
from sim.agents.ramps import MONTHS_PER_YEAR, recruited, within
from sim.agents.world import Boundary
from sim.rules.keys import uniform
from sim.rules.maths import lognormal_quantile


def staff_draw(model: Boundary, post: int, purpose: int) -> float:
    """Return the uniform draw of a team or post (a 64-bit key) for ``purpose`` in the model's month."""
    return uniform(model.key, np.uint64(post), purpose, model.month)  # type: ignore[arg-type]


def absence_share(model: Boundary, post: int) -> float:
    """Return the share of FTE absent this month."""
    p = model.params
    u = staff_draw(model, post, purposes.ABSENCE)
    return within(lognormal_quantile(u, float(p["team_absence_start"]), float(p["absence_scv"])), 0.0, 1.0)


def leaving_usually(model: Boundary) -> float:
    """Return the mean share of staff in post who leave in a month."""
    return float(model.params["team_turnover_per_year"]) / MONTHS_PER_YEAR


def leavers_share(model: Boundary, post: int) -> float:
    """Return the share of staff in post who leave this month."""
    mean = leaving_usually(model)
    if mean <= 0.0:
        return 0.0
    u = staff_draw(model, post, purposes.LEAVERS)
    return within(lognormal_quantile(u, mean, float(model.params["turnover_scv"])), 0.0, 1.0)


def staffing_factor(share_away: float, usual_share_away: float) -> float:
    """Return staff available against usual, when ``share_away`` of them are absent (or posts vacant)."""
    return (1.0 - share_away) / (1.0 - usual_share_away) if usual_share_away < 1.0 else 0.0


def added_fte(model: Boundary, kind: int, registered: int) -> float:
    """Return the FTE the design has added to services of ``kind`` so far, as posts are filled."""
    share = recruited(model.plans.months_live + 1, float(model.params["recruitment_months"]))
    return model.plans.design.added_fte(kind, registered) * share
