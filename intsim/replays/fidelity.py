"""How strongly a programme was carried out: its levers' effects against what the evidence on each says.

Programmes of one design differ in how much of it happens. Each arm of each draw has a strength of its own, drawn from
the evidence registry; usual care has none, for its doses are of what happens. A part of a dose that those compared
with hold already keeps its effect.
"""

from __future__ import annotations

from operator import attrgetter

from evaluation.draws import generator
from scenarios.schema import IntDesign, Scenario
from sim.agents.design import with_settings
from sim.agents.levers import SETTINGS
from sim.codes import OUTREACH_LEVER
from sim.world import scenario_registry

PARAMETER = "programme_fidelity"
WORKERS = attrgetter("workforce.added_fte.outreach")
STRONGEST = 4.0  # that the settings of a design allow


def fidelity(scenario: Scenario, draw: int, arm: str) -> float:
    """Return how strongly an arm's programme is carried out in a draw: the central value with one draw."""
    row = scenario_registry(scenario).parameters[PARAMETER]
    if scenario.experiment.draws == 1 or row.distribution == "fixed":
        return row.central
    return row.at(float(generator(scenario.experiment.seed, PARAMETER, draw, arm).random()))


def with_fidelity(design: IntDesign, against: IntDesign, strength: float, today: IntDesign | None = None) -> IntDesign:
    """Return ``design`` with what it adds to ``against`` (those compared with) at ``strength`` times its effect.

    today: usual care of the run, from which the design departs (``against`` unless given). What of a lever is there
    today keeps its own effect, and a design's effect is that of the rest (``sim.agents.dose.dose_at``): it is set so
    that both together are what is wanted. A programme that does less than today's part, or was never planned to do
    more, is given as much of today's as does what is wanted.
    """
    changes = {}
    for lever, (block, amount) in SETTINGS.items():
        read = [attrgetter(block)(each) for each in (design, against, today or against)]
        much, before, kept = (float(getattr(each, amount)) for each in read)
        if lever == OUTREACH_LEVER:  # its reach follows from workers: today there are none
            much, before, kept = (float(WORKERS(each)) for each in (design, against, today or against))
        if much <= before:
            continue
        effect, effect_before, effect_kept = (float(each.effect) for each in read)
        wanted = before * effect_before + (much - before) * strength * effect
        rest = wanted - kept * effect_kept
        if much > kept and (rest >= 0.0 or effect_kept <= 0.0):
            changes[f"{block}.effect"] = min(max(rest / (much - kept), 0.0), STRONGEST)
        elif effect_kept > 0.0:
            most = 1.0 if "share" in amount else float("inf")
            changes |= {f"{block}.effect": effect_kept, f"{block}.{amount}": min(wanted / effect_kept, most)}
    return with_settings(design, changes)
