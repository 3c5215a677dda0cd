"""The month boundary of the Mesa layer: communities, teams, providers and the integrator, in that order.

Agents are made from the tables, step once, and are dropped: nothing of them lasts but the columns, so a run saved and
reloaded every month gives the same. Mesa is imported here and not before: it changes how processes start and is slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios.schema import IntDesign
from sim.agents.base import Base
from sim.agents.capacity import FACING, CapacitySettings
from sim.agents.design import or_registry
from sim.agents.dose import plans_at
from sim.agents.golive import outside, team_plans, urgency
from sim.agents.residents import busy_share, see_residents
from sim.calendar import DAY_S, HOUR_S
from sim.codes import BED, HOSPITAL_KINDS
from sim.outcomes.panel import OUTCOMES
from sim.outcomes.reducer import MonthOutcomes, write_tallies
from sim.outcomes.waits import WEEK_S, bed_occupancy, expected_waits
from sim.rules.tables import TREND_SUPPLY

if TYPE_CHECKING:
    from sim.agents.tables import MonthTables


def tell_agents(
    outcomes: MonthOutcomes,
    services: np.ndarray,
    tables: MonthTables,
    feedback: bool = True,
    factor: Sequence[float] = CapacitySettings().factor,
) -> None:
    """Write last month's tallies into the columns and, with ``feedback``, the waits to expect and bed occupancy.

    ``factor``: the scenario's multiplier of capacity by kind of service: what could be used is supply times it.
    """
    write_tallies(tables.teams, outcomes)
    seconds = outcomes.end_s - outcomes.start_s
    usable = tables.supply * np.asarray(factor)[:, None]
    tell_use(outcomes, services, tables, seconds, usable)
    if feedback:
        expected_waits(outcomes.waits, services, tables.waits)
        bed_occupancy(outcomes.inside_s, seconds, services, usable[BED], tables.hospitals)


def tell_use(
    outcomes: MonthOutcomes, services: np.ndarray, tables: MonthTables, seconds: int, usable: np.ndarray
) -> None:
    """Write the share of each INT's staff time in use over a month of ``seconds``, and its residents' bed days.

    ``usable``: float64[kind, site], staff and places there could be.
    """
    params = tables.params[0]
    own = np.isin(services["kind"], [kind for kind in FACING if kind not in HOSPITAL_KINDS])
    kind, site = services["kind"][own].astype(np.int64), services["site"][own].astype(np.int64)
    facing = np.array([float(params[FACING[one]]) for one in kind])
    hours = float(params["contract_hours_per_week"]) * float(params["productive_share_of_year"])
    trend = float(tables.trend[TREND_SUPPLY])
    could_s = usable[kind, site] * trend * facing * hours * HOUR_S * (seconds / WEEK_S)
    busy_share(tables.teams, outcomes.inside_s[own], could_s, site)
    panel = outcomes.panel[..., OUTCOMES.index("bed_seconds")]
    tables.teams["t_bed_days"][: len(panel)] = panel.reshape(len(panel), -1).sum(axis=1) / DAY_S


def step_month(
    tables: MonthTables,
    base: Base,
    usual: IntDesign,
    design: IntDesign,
    month: int,
    since_parting: int,
    feedback: bool = True,
) -> None:
    """Step every agent at the start of ``month`` and write that month's columns, in place, and ``base``.

    tables: teams, communities and hospitals are written; seed, params and people read. base: the agents' memory.
    usual: the settings of usual care, in force until the design goes live. since_parting: months since the arms
    parted (negative in burn-in); the design goes live at ``transition.go_live_month``. feedback False: staffing, beds
    and trust do not answer last month (levers and added staff still come).
    """
    from sim.agents.communities import CommunityAgent
    from sim.agents.integrator import IntegratorAgent
    from sim.agents.providers import HospitalAgent, PracticesAgent
    from sim.agents.teams import TeamAgent
    from sim.agents.world import Boundary

    ramp = or_registry(design.transition.ramp_months, tables.params[0], "ramp_months")
    plans = plans_at(usual, design, since_parting, ramp)
    urgent = urgency(design.transition.stagger_by, tables.teams, tables.communities)
    by_team = team_plans(usual, design, since_parting, ramp, urgent)
    tables.communities["outside_design"] = outside(design, base.codes, plans.live, len(tables.communities))
    residents = see_residents(tables.people, tables.communities, tables.teams, month)
    boundary = Boundary(tables, base, residents, plans, by_team, month, feedback)
    try:
        CommunityAgent.create_agents(boundary, len(tables.communities), rows(tables.communities))
        TeamAgent.create_agents(boundary, len(tables.teams), rows(tables.teams))
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
