"""Care homes that act on a plan: what their staff and the team aligned to them meet in the home."""

from __future__ import annotations

from sim.codes import CARE_HOME_SUPPORT, NO_CARE_HOME, NURSING
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.contacts import draw
from sim.rules.dose import standing_dose


@jit_small
def acts_on_plan(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return whether a care home meets a need by the resident's plan, in place of whoever would have been called.

    The rounds made the plan: what is expected, what the resident wants, medicines at hand. It helps with the share of
    needs that could be met outside hospital, and more where no nurse on site would have acted already. A need that is
    acted on at once is milder by the time the GP sees it.
    """
    i = rows[r]["person"]
    person = tables.people[i]
    if person["care_home"] == NO_CARE_HOME or person["plan"] != 1:
        return False
    support = standing_dose(tables, i, CARE_HOME_SUPPORT)
    if support == 0.0:
        return False
    p = tables.params[0]
    acted = p["home_plan_acted_nursing"] if person["care_home"] == NURSING else p["home_plan_acted_residential"]
    if draw(tables, rows, r, purposes.HOME_PLAN) >= support * p["home_plan_avoidable_share"] * acted:
        return False
    rows[r]["value"] = rows[r]["value"] * p["home_plan_severity_ratio"]
    return True
