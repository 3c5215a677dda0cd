"""Staff available in a month: posts a design has filled, absence and leavers, cover, and those new in post."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents import purposes
from sim.agents.design import added_per_head, or_registry
from sim.agents.dose import Plans
from sim.agents.levers import works
from sim.agents.ramps import MONTHS_PER_YEAR, recruited, straight, within
from sim.agents.world import Boundary
from sim.codes import GP, NURSE, PHARMACIST, WORKFORCE_WELLBEING
from sim.rules.keys import uniform
from sim.rules.maths import lognormal_quantile
from sim.rules.stages import DAYS_PER_WEEK, DAYS_PER_YEAR

WEEKS_PER_MONTH = DAYS_PER_YEAR / DAYS_PER_WEEK / MONTHS_PER_YEAR


def staff_draw(model: Boundary, post: int, purpose: int) -> float:
    """Return the uniform draw of a team or post (a 64-bit key) for ``purpose`` in the model's month."""
    return uniform(model.key, np.uint64(post), purpose, model.month)  # type: ignore[arg-type]


def absence_share(model: Boundary, post: int, ratio: float = 1.0) -> float:
    """Return the share of FTE absent this month; ``ratio`` multiplies its mean."""
    mean = float(model.params["team_absence_start"]) * ratio
    u = staff_draw(model, post, purposes.ABSENCE)
    return within(lognormal_quantile(u, mean, float(model.params["absence_scv"])), 0.0, 1.0)


def leaving_usually(params: Any) -> float:
    """Return the mean share of staff in post who leave in a month."""
    return float(params["team_turnover_per_year"]) / MONTHS_PER_YEAR


def leavers_share(model: Boundary, post: int, ratio: float = 1.0) -> float:
    """Return the share of staff in post who leave this month; ``ratio`` multiplies its mean."""
    mean = leaving_usually(model.params) * ratio
    if mean <= 0.0:
        return 0.0
    u = staff_draw(model, post, purposes.LEAVERS)
    return within(lognormal_quantile(u, mean, float(model.params["turnover_scv"])), 0.0, 1.0)


def staffing_factor(share_away: float, usual_share_away: float) -> float:
    """Return staff available against usual, when ``share_away`` of them are absent (or posts vacant)."""
    return (1.0 - share_away) / (1.0 - usual_share_away) if usual_share_away < 1.0 else 0.0


def covered(absence: float, vacancy: float, plans: Plans, params: Any) -> float:
    """Return staff time available against usual: what is absent or vacant, less what bank staff cover.

    Today's cover is in the usual level; cover that a design adds grows as its posts do.
    """
    usual = 1.0 - (1.0 - float(params["team_absence_start"])) * (1.0 - float(params["team_vacancy_start"]))
    away = 1.0 - (1.0 - absence) * (1.0 - vacancy)
    work = float(params["bank_productivity"])
    before = plans.usual.workforce.bank_cover_share
    share = before + (plans.design.workforce.bank_cover_share - before) * filled(plans, params)
    return staffing_factor(away * (1.0 - share * work), usual * (1.0 - before * work))


def filled(plans: Plans, params: Any, row: str = "recruitment_months") -> float:
    """Return the share of the design's added posts (or places) filled so far, and seeing patients.

    Those who learn beside the old service see nobody for ``double_running_months``.
    """
    months = float(params[row])
    speed = plans.design.governance.recruitment_speed_ratio
    if not plans.live or speed <= 0.0:
        return 0.0
    return recruited(plans.months_live + 1 - plans.design.transition.double_running_months, months / speed)


def added_fte(model: Boundary, plans: Plans, row: int, kind: int, registered: float) -> float:
    """Return the FTE the design has added to services of ``kind`` so far in the INT of ``row``, as posts are filled.

    ``registered``: the residents its posts are counted by. A review may have given this INT more or fewer of them.
    """
    share = float(model.base_old.teams[row]["added_share"])
    return added_posts(plans, kind, registered, share, filled(plans, model.params))


def added_posts(plans: Plans, kind: int, registered: float, share: float, so_far: float) -> float:
    """Return ``added_fte`` where an INT's share of added posts and the share filled ``so_far`` are at hand."""
    return added_per_head(plans.design, kind) * registered * share * so_far


def skill_mixed(plans: Plans, kind: int, gp_posts: float, params: Any) -> float:
    """Return the FTE that a change of skill mix adds to ``kind``: GP posts become nurses and pharmacists at equal pay.

    ``gp_posts``: the general practice FTE there is to change. Only the difference from usual care is made.
    """
    if kind not in (GP, NURSE, PHARMACIST):
        return 0.0
    share = plans.design.workforce.skill_mix_to_nurse_share - plans.usual.workforce.skill_mix_to_nurse_share
    changed = share * gp_posts * filled(plans, params)
    if kind == GP:
        return -changed
    nurses = float(params["skill_mix_nurse_share"])
    return changed * float(params["nurse_per_gp_pay"]) * (nurses if kind == NURSE else 1.0 - nurses)


def next_newcomers(now: float, hired: float, params: Any) -> float:
    """Return the share of staff who are new in post, when ``hired`` of them joined this month."""
    return within(now - now / max(float(params["newcomer_months"]), 1.0) + hired, 0.0, 1.0)


def usual_newcomers(params: Any) -> float:
    """Return the share of staff who are new in post when leavers are replaced at the usual rate."""
    return within(leaving_usually(params) * max(float(params["newcomer_months"]), 1.0), 0.0, 1.0)


def newcomer_ratio(newcomers: float, params: Any) -> float:
    """Return work done per hour against usual, as more or fewer staff are new in post."""
    less = 1.0 - float(params["newcomer_productivity"])
    return (1.0 - newcomers * less) / (1.0 - usual_newcomers(params) * less)


def protected_hours(plans: Plans) -> float:
    """Return the hours a week of protected time that the design adds for each of the staff."""
    if not plans.live or not works(plans, WORKFORCE_WELLBEING):
        return 0.0
    design, usual = plans.design.workforce.wellbeing, plans.usual.workforce.wellbeing
    more = (design.reflection_hours_per_month - usual.reflection_hours_per_month) * plans.ramp  # as its effect arrives
    return more / WEEKS_PER_MONTH


def time_left(hours_away: float, params: Any, facing_share: float) -> float:
    """Return the share of an FTE's time with patients left when ``hours_away`` a week go elsewhere, 0 to 1."""
    facing = float(params["contract_hours_per_week"]) * float(params["productive_share_of_year"]) * facing_share
    return within(1.0 - hours_away / facing, 0.0, 1.0) if facing > 0.0 else 1.0


def moved_share(plans: Plans, params: Any, gaining: bool) -> float:
    """Return the share of posts moved between INTs so far: donors lose at once, recipients gain slowly."""
    allocation = plans.design.resource_allocation
    if gaining:
        months = or_registry(allocation.recipient_speed_months, params, "recruitment_months_recipient")
    else:
        months = or_registry(allocation.donor_speed_months, params, "recruitment_months_donor")
    return straight(plans.months_live + 1, months)
