"""An effect is a dose: half of it does less than all of it, and all of it is not reached by a trace."""

from __future__ import annotations

from sim.agents.design import with_settings
from sim.codes import INT_CORE
from tests.residents import NO_LEVERS, STAFFED, Run, run, toy

MONTHS = 12


def reviews_counted(done: Run) -> float:
    """Return the good treatment of those enrolled at the end: what team reviews raise."""
    people = done.course.state.tables.people
    return float(people["treated"][people["enrolled"] == 1].mean())


def core_contacts(done: Run) -> int:
    """Return the contacts with the INT core."""
    kinds = done.course.state.services["kind"]
    return sum(int((kinds[m.log["service"][m.log["service"] >= 0]] == INT_CORE).sum()) for m in done.months)


def test_care_coordination_at_part_of_its_effect_does_part_of_its_work() -> None:
    world = toy()
    found = {}
    for effect in (0.01, 0.5, 1.0):
        block = "relationships.care_coordination"
        dose = {f"{block}.caseload_per_10000": 300.0, f"{block}.enrol_share_per_month": 1.0}
        design = with_settings(NO_LEVERS, {**STAFFED, **dose, f"{block}.effect": effect})
        found[effect] = run(world, NO_LEVERS, design, months=MONTHS)
    treated = [reviews_counted(found[effect]) for effect in (0.01, 0.5, 1.0)]
    assert treated[0] + 0.02 < treated[1] < treated[2] - 0.02
    contacts = [core_contacts(found[effect]) for effect in (0.01, 0.5, 1.0)]
    assert contacts[0] < contacts[2]
