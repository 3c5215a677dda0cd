"""The month boundary of the Mesa layer: communities, teams, providers and the integrator, in that order.

Agents are made from the tables, step once, and are dropped: nothing of them lasts but the columns, so a run saved and
reloaded every month gives the same. Mesa is imported here and not before: it changes how processes start and is slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.base import Base
from sim.agents.design import LeverSettings
from sim.agents.dose import plans_at
from sim.codes import PRESENT
from sim.outcomes.reducer import MonthOutcomes, write_tallies
from sim.outcomes.waits import bed_occupancy, expected_waits

if TYPE_CHECKING:
    from sim.agents.tables import MonthTables
    from sim.agents.world import Residents


def tell_agents(outcomes: MonthOutcomes, services: np.ndarray, tables: MonthTables, feedback: bool = True) -> None:
    """Write last month's tallies into the columns and, with ``feedback``, the waits to expect and bed occupancy."""
    write_tallies(tables.teams, outcomes)
    if feedback:
        seconds = outcomes.end_s - outcomes.start_s
        expected_waits(outcomes.waits, services, tables.waits)
        bed_occupancy(outcomes.inside_s, seconds, services, tables.supply, tables.hospitals)


def step_month(
    tables: MonthTables,
    base: Base,
    usual: LeverSettings,
    design: LeverSettings,
    month: int,
    since_parting: int,
    feedback: bool = True,
) -> None:
    """Step every agent at the start of ``month`` and write that month's columns, in place, and ``base``.

    tables: teams, communities and hospitals are written; seed, params and people read. base: the agents' memory.
    usual: the settings of usual care, in force until the design goes live. since_parting: months since the arms
    parted (negative in burn-in); the design goes live at ``design.go_live_month``. feedback False: staffing, beds and
    trust do not answer last month (levers and added staff still come).
    """
    from sim.agents.communities import CommunityAgent
    from sim.agents.integrator import IntegratorAgent
    from sim.agents.providers import HospitalAgent, PracticesAgent
    from sim.agents.teams import TeamAgent
    from sim.agents.world import Boundary

    params = tables.params[0]
    plans = plans_at(usual.resolved(params), design.resolved(params), since_parting)
    boundary = Boundary(tables, base, plans, month, feedback)
    residents = see_residents(tables.people, len(tables.communities), len(tables.teams))
    try:
        CommunityAgent.create_agents(boundary, len(tables.communities), rows(tables.communities), residents)
        TeamAgent.create_agents(boundary, len(tables.teams), rows(tables.teams), residents)
        PracticesAgent.create_agents(boundary, len(tables.teams), rows(tables.teams))
        HospitalAgent.create_agents(boundary, len(tables.hospitals), rows(tables.hospitals))
        IntegratorAgent.create_agents(boundary, 1, [0])
        for kind in (CommunityAgent, TeamAgent, PracticesAgent, HospitalAgent, IntegratorAgent):
            boundary.agents_by_type[kind].do("step")
    finally:
        boundary.dismiss()


def rows(table: np.ndarray) -> list[int]:
    """Return the row numbers of ``table``."""
    return list(range(len(table)))


def see_residents(people: np.ndarray, communities: int, teams: int) -> Residents:
    """Return mean trust and doors of each community and the caseload of each team, from residents present now."""
    from sim.agents.world import Residents

    here = people[people["presence"] == PRESENT]
    where = here["community"].astype(np.int64)
    count = np.bincount(where, minlength=communities)
    total = np.bincount(where, weights=here["trust"], minlength=communities)
    trust = np.divide(total, count, out=np.full(communities, np.nan), where=count > 0)
    doors = np.bincount(where[here["visited_home"] == 1], minlength=communities).astype(np.int64)
    enrolled = np.bincount(here["neighbourhood"][here["enrolled"] == 1], minlength=teams).astype(np.int64)
    return Residents(trust, doors, enrolled)
