"""Each of the eleven modules matters: one setting of it changed alone, and other contacts happen on the toy place."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.experiment import difference
from tests.residents import BURN_IN, USUAL, Run, run, toy

MONTHS = BURN_IN + 6
# A core with its staff, at once, so that half a year shows what a change does.
CORE = with_settings(
    USUAL,
    {
        "workforce.added_fte.int_core": 3.0,
        "workforce.added_fte.gp": 2.0,
        "workforce.added_fte.outreach": 6.0,
        "relationships.care_coordination.caseload_per_10000": 150.0,
        "relationships.discharge_support.reach_share": 0.8,
        "governance.recruitment_speed_ratio": 4.0,
        "governance.joint_decision_months": 0.0,
        "transition.ramp_months": 0.0,
    },
)
CHANGES: dict[str, dict[str, Any]] = {
    "geography": {"geography.communities": ("none of these",)},
    "workforce": {"workforce.skill_mix_to_nurse_share": 0.3},
    "relationships": {"relationships.role_hierarchy": 1.0},
    "participation": {"participation.outreach.worst_quintile": 5},
    "population_health": {"population_health.case_finding.reach_share_per_year": 0.9},
    "information_sharing": {
        "information_sharing.shared_records.reach_share": 1.0,  # contacts take longer while it is learnt, and
        "information_sharing.shared_records.opened_share": 1.0,  # fewer hand-overs are lost
        "information_sharing.shared_records.acted_share": 1.0,
    },
    "access_technology": {"access_technology.extended_access.hours_per_week": 15.0},
    "governance": {"governance.recruitment_speed_ratio": 1.0},
    "metrics": {"metrics.review": "unmet_need", "metrics.review_every_months": 1.0, "metrics.response_share": 1.0},
    "resource_allocation": {
        "resource_allocation.needs_weight": 1.0,
        "resource_allocation.donor_speed_months": 0.0,
        "resource_allocation.recipient_speed_months": 0.0,
    },
    "transition": {"transition.double_running_months": 6.0},
}


@lru_cache(maxsize=1)
def with_core() -> Run:
    """Return the course with the core as it is."""
    return run(toy(), USUAL, CORE, months=MONTHS)


def test_every_module_is_here() -> None:
    assert [*CHANGES] == [name for name in IntDesign.model_fields if name != "name"]


@pytest.mark.parametrize("module", [*CHANGES])
def test_a_change_in_one_module_changes_what_happens(module: str) -> None:
    changed = run(toy(), USUAL, with_settings(CORE, CHANGES[module]), months=MONTHS)
    assert difference(with_core().log, changed.log) is not None
    before = [month.log for month in changed.months[:BURN_IN]]
    usual = [month.log for month in with_core().months[:BURN_IN]]
    assert all(difference(one, other) is None for one, other in zip(before, usual, strict=True))
