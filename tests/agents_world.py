"""A small place for tests of the agents: two neighbourhoods, four communities, one hospital, forty residents."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from scenarios.compose import compose
from scenarios.registry.reader import load_registry
from scenarios.schema import IntDesign
from sim import codes
from sim.agents.base import Base, build_base, closeness_by_neighbourhood
from sim.place.columns import COMMUNITY, HOSPITAL, PERSON, TEAM
from sim.rules.tables import TRENDS

IDS = ("north", "south")
CODES = ("a", "b", "c", "d")
GROUP = 2  # the row of the INT of a group
STAFF = {  # FTE or places in the north and the south
    codes.GP: (20.0, 30.0),
    codes.COMMUNITY: (10.0, 15.0),
    codes.INT_CORE: (1.0, 1.5),
    codes.OUTREACH: (0.5, 0.5),
    codes.SOCIAL_CARE: (5.0, 7.5),
    codes.HOME_PACKAGE: (17.0, 25.5),
    codes.VCFSE: (4.0, 6.0),
    codes.LINK_WORKER: (0.1, 0.1),
    codes.NURSE: (4.0, 6.0),
    codes.PHARMACIST: (2.0, 3.0),
    codes.VIRTUAL_WARD: (3.0, 4.0),
    codes.URGENT_RESPONSE: (2.0, 3.0),
}


class Tables(NamedTuple):
    """The columns the agents work on."""

    seed: np.ndarray
    params: np.ndarray
    people: np.ndarray
    communities: np.ndarray
    teams: np.ndarray
    hospitals: np.ndarray
    supply: np.ndarray
    carry: np.ndarray
    waits: np.ndarray
    lever_reach: np.ndarray
    lever_effect: np.ndarray
    trend: np.ndarray


@lru_cache(maxsize=4)
def design(name: str = "usual_care") -> IntDesign:
    """Return a built-in design."""
    return compose([f"int={name}"]).int_design


def some_tables(seed: int = 1, **params: float) -> Tables:
    """Return the place with central evidence, ``params`` in place of single values."""
    registry = load_registry()
    values = registry.central() | params
    levers = (codes.LEVERS, 2 * (GROUP + 1))
    return Tables(
        np.array([seed], np.uint64),
        registry.params_record(values),
        residents(),
        communities(),
        teams(values),
        hospitals(),
        supply(),
        np.zeros((codes.SERVICE_KINDS, GROUP + 1)),
        np.ones((codes.SERVICE_KINDS, GROUP + 1)),
        np.zeros(levers),
        np.zeros(levers),
        np.ones(TRENDS),
    )


def supply() -> np.ndarray:
    """Return staff and places of the two neighbourhoods, none of the group, and one hospital's."""
    table = np.zeros((codes.SERVICE_KINDS, GROUP + 1))
    for kind, both in STAFF.items():
        table[kind, :GROUP] = both
    table[codes.ED, 0], table[codes.BED, 0] = 30.5, 400.25
    return table


def teams(values: dict[str, float]) -> np.ndarray:
    """Return two teams and a group's; the south has more need and fewer staff per head than its need."""
    table = np.zeros(GROUP + 1, TEAM)
    table["registered"][:GROUP] = (20_000, 30_000)
    table["needs_index"][:GROUP] = (0.7, 1.2)
    table["vacancy"], table["absence"] = values["team_vacancy_start"], values["team_absence_start"]
    table["maturity"], table["handover_loss"] = values["team_maturity_start"], values["handover_loss_start"]
    table["outreach_worst_quintile"] = 1
    return table


def communities() -> np.ndarray:
    """Return four communities, two in each neighbourhood; the south's first is the most deprived."""
    table = np.zeros(4, COMMUNITY)
    table["neighbourhood"] = (0, 0, 1, 1)
    table["local_quintile"] = (2, 5, 1, 3)
    table["residents"] = (5_000, 15_000, 15_000, 15_000)
    table["trust"], table["assets"] = 0.6, 0.5
    table["distance_hub_km"] = table["distance_utc_km"] = 1.0
    return table


def hospitals() -> np.ndarray:
    """Return one hospital."""
    table = np.zeros(1, HOSPITAL)
    table["occupancy"] = 0.9
    return table


def residents() -> np.ndarray:
    """Return ten residents of each community, every second one a door to knock on."""
    table = np.zeros(40, PERSON)
    table["presence"] = codes.PRESENT
    table["community"] = np.repeat(np.arange(4), 10)
    table["neighbourhood"] = table["team"] = table["community"] // 2
    table["trust"] = 0.6
    table["visited_home"] = np.tile((1, 0), 20)
    return table


def some_base(tables: Tables) -> Base:
    """Return the agents' memory at the start."""
    closeness = closeness_by_neighbourhood(tables.communities["neighbourhood"])
    return build_base(tables.teams, tables.communities, tables.supply, IDS, closeness, CODES)
