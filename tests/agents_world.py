"""A small place for tests of the agents: two neighbourhoods, four communities, one hospital, forty residents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scenarios.registry.reader import load_registry
from sim import codes
from sim.agents.base import Base, build_base, closeness_by_neighbourhood
from sim.place.columns import COMMUNITY, HOSPITAL, PERSON, TEAM

IDS = ("north", "south")


class Tables(NamedTuple):
    """The columns the agents work on."""

    seed: np.ndarray
    params: np.ndarray
    people: np.ndarray
    communities: np.ndarray
    teams: np.ndarray
    hospitals: np.ndarray


def some_tables(seed: int = 1, **params: float) -> Tables:
    """Return the place with central evidence, ``params`` in place of single values."""
    registry = load_registry()
    values = registry.central() | params
    return Tables(
        np.array([seed], np.uint64),
        registry.params_record(values),
        residents(),
        communities(),
        teams(values),
        hospitals(),
    )


def teams(values: dict[str, float]) -> np.ndarray:
    """Return two teams; the south has more need and fewer staff per head than its need."""
    table = np.zeros(2, TEAM)
    table["registered"] = (20_000, 30_000)
    table["needs_index"] = (0.7, 1.2)
    table["gp_fte"], table["community_fte"], table["core_fte"] = (20.0, 30.0), (10.0, 15.0), (1.0, 1.5)
    table["outreach_fte"], table["social_care_fte"], table["packages"] = (0.5, 0.5), (5.0, 7.5), (17.0, 25.5)
    table["vacancy"], table["absence"] = values["team_vacancy_start"], values["team_absence_start"]
    table["maturity"], table["handover_loss"] = values["team_maturity_start"], values["handover_loss_start"]
    table["outreach_worst_quintile"] = 1
    return table


def communities() -> np.ndarray:
    """Return four communities, two in each neighbourhood, from most to least deprived."""
    table = np.zeros(4, COMMUNITY)
    table["neighbourhood"] = (0, 0, 1, 1)
    table["local_quintile"] = (2, 5, 1, 3)
    table["trust"], table["assets"] = 0.6, 0.5
    return table


def hospitals() -> np.ndarray:
    """Return one hospital."""
    table = np.zeros(1, HOSPITAL)
    table["cubicles"], table["beds"], table["occupancy"] = 30.5, 400.25, 0.9
    return table


def residents() -> np.ndarray:
    """Return ten residents of each community, every second one a door to knock on."""
    table = np.zeros(40, PERSON)
    table["presence"] = codes.PRESENT
    table["community"] = np.repeat(np.arange(4), 10)
    table["neighbourhood"] = table["community"] // 2
    table["trust"] = 0.6
    table["visited_home"] = np.tile((1, 0), 20)
    return table


def some_base(tables: Tables) -> Base:
    """Return the agents' memory at the start."""
    closeness = closeness_by_neighbourhood(tables.communities["neighbourhood"])
    return build_base(tables.teams, tables.communities, tables.hospitals, IDS, closeness)
