"""Shares of a fixed pool of posts: between INTs in proportion to need, and between services where people wait."""

from __future__ import annotations

import numpy as np

from scenarios.schema import IntDesign
from sim import codes
from sim.agents.design import or_registry
from sim.agents.residents import NEED_PARTS
from sim.agents.world import Boundary

# Services whose posts a pooled budget may move: people of one pay band, who could be hired for another of them.
POOLED_KINDS = (
    codes.COMMUNITY,
    codes.INT_CORE,
    codes.SOCIAL_CARE,
    codes.NURSE,
    codes.LINK_WORKER,
    codes.MENTAL_HEALTH,
    codes.URGENT_RESPONSE,
    codes.WELFARE_ADVICE,
)
# Posts that a need formula may move between neighbourhoods: those that stand in one. Crews, calls and treatment centres
# serve a far larger area, and clinics are the hospital's.
NEIGHBOURHOOD_KINDS = tuple(
    kind for kind in codes.STAFFED_KINDS if kind not in (*codes.SHARED_KINDS, *codes.CLINIC_KINDS)
)


def relative_need(model: Boundary) -> np.ndarray:
    """Return each neighbourhood's need per head against the place's, float64[neighbourhood], as the design counts it.

    Without weights: the place's own needs index, against the whole place's mean. With weights: its parts among the
    residents simulated, each against their mean, so that over registered residents the mean is 1.
    """
    weights = formula_weights(model.plans.design)
    heads = model.base_old.teams["registered"][:-1].astype(float)
    if weights.sum() <= 0.0 or heads.sum() <= 0.0:
        mean = model.base.means.needs_index
        need = model.old.teams["needs_index"][:-1].astype(float)
        return need / mean if mean > 0.0 else np.ones_like(need)
    index = np.zeros_like(heads)
    for weight, part in zip(weights / weights.sum(), model.residents.parts[:, :-1], strict=True):
        mean = float((part * heads).sum() / heads.sum())
        index += weight * (part / mean if mean > 0.0 else np.ones_like(part))
    return index / float((index * heads).sum() / heads.sum())


def formula_weights(design: IntDesign) -> np.ndarray:
    """Return the weights of the design's need formula, in the order of residents.NEED_PARTS."""
    formula = design.resource_allocation.formula
    return np.array([float(getattr(formula, part)) for part in NEED_PARTS])


def fair_share(model: Boundary, need: np.ndarray, team: int, kind: int) -> float:
    """Return the FTE the team would have if the place's pool were shared in proportion to need."""
    registered = int(model.base_old.teams[team]["registered"])
    return float(model.base.means.fte_per_head[kind]) * registered * float(need[team])


def move_between_services(model: Boundary, team: int) -> None:
    """Move part of a neighbourhood's pooled posts a step towards the services people wait longest for.

    The pooled share is dealt out in proportion to posts x (1 + wait against the mean wait); the rest stays. Posts move
    as fast as recipients can recruit, and their sum does not change.
    """
    allocation = model.plans.design.resource_allocation
    share = allocation.pooled_budget_share
    if share <= 0.0 or not model.plans.live or not model.feedback:
        return
    kinds = list(POOLED_KINDS)
    posts, waits = model.base_old.posts[kinds, team], model.tables.waits[kinds, team]
    if posts.sum() <= 0.0 or waits.sum() <= 0.0:
        return
    weight = posts * (1.0 + waits / waits.mean())
    aim = share * (posts.sum() * weight / weight.sum() - posts)
    months = max(or_registry(allocation.recipient_speed_months, model.params, "recruitment_months_recipient"), 1.0)
    now = model.base_old.moved[kinds, team]
    model.base.moved[kinds, team] = now + (aim - now) / months


def lend_staff(model: Boundary, kinds: tuple[int, ...]) -> None:
    """Even out part of the difference in staffing between INTs this month: whoever is short is lent staff.

    ``model.planned`` are the posts each should have filled; the sum of staff at work does not change.
    """
    share = model.plans.now.workforce.mutual_aid_share
    if share <= 0.0:
        return
    rows = len(model.new.teams) - 1
    for kind in kinds:
        staff, planned = model.tables.supply[kind, :rows], model.planned[kind, :rows]
        if planned.sum() > 0.0:
            staff += share * (planned * (staff.sum() / planned.sum()) - staff)
