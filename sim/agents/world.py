"""The Mesa model of one month boundary: agents are views on the tables' rows, and are dropped when it is done."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import mesa
import numpy as np
from mesa.agent import Agent

from sim.agents.base import NO_NEWS, Base
from sim.agents.dose import Plans
from sim.agents.golive import design_share
from sim.agents.residents import Residents, registered_of
from sim.agents.tables import MonthTables


class Columns(NamedTuple):
    """The tables of one month: columns.TEAM, COMMUNITY and HOSPITAL."""

    communities: np.ndarray
    teams: np.ndarray
    hospitals: np.ndarray


class Levers(NamedTuple):
    """Last month's reach and effect of each lever, float64[lever, team]."""

    reach: np.ndarray
    effect: np.ndarray


class Boundary(mesa.Model):
    """One month boundary: every agent reads ``old`` and writes ``new``; draws are keyed by ``seed`` and ``month``."""

    def __init__(
        self,
        tables: MonthTables,
        base: Base,
        seen: Residents,
        place: Plans,
        teams: list[Plans],
        month: int,
        feedback: bool,
    ) -> None:
        super().__init__(seed=0)  # nothing is drawn from Mesa; a fixed seed spares the machine's entropy
        self.tables = tables
        self.key = tables.seed[0]
        self.params: Any = tables.params[0]
        self.old = Columns(tables.communities.copy(), tables.teams.copy(), tables.hospitals.copy())
        self.new = Columns(tables.communities, tables.teams, tables.hospitals)
        self.old_levers = Levers(tables.lever_reach.copy(), tables.lever_effect.copy())
        self.base_old = base.copy()
        self.base = base
        self.residents = seen
        self.plans = place  # the place's: what the integrator goes by
        self.team_plans = teams  # each INT's own, which may follow later, or be usual care
        self.planned = np.zeros_like(tables.supply)  # posts of the month, before absence: set by teams and practices
        self.design_share = design_share(tables.communities, len(tables.teams))
        self.month = month
        self.feedback = feedback

    @cached_property
    def heard(self) -> np.ndarray:
        """How far trust has moved since the start among a community's neighbours, float64[community] (NaN: none known).

        Nobody lives in a community that is not simulated: it is not heard.
        """
        weights = self.base.closeness * self.trust_known
        total = weights.sum(axis=1)
        moved = (weights * self.trust_moved).sum(axis=1)
        return np.divide(moved, total, out=np.full(len(total), np.nan), where=total != 0.0)

    @cached_property
    def trust_known(self) -> np.ndarray:
        """Whether a community's trust at the start is known, bool[community]."""
        return self.base_old.communities["trust"] != NO_NEWS

    @cached_property
    def trust_moved(self) -> np.ndarray:
        """How far a community's trust has moved since the start, float64[community]."""
        return self.old.communities["trust"] - self.base_old.communities["trust"]

    def dismiss(self) -> None:
        """Let the agents and this model be freed: Mesa 3 keeps every model as a key of Agent._ids.

        The tables are let go at once: model and agents point at each other, and are freed when garbage is collected.
        """
        del self.tables
        self.remove_all_agents()
        Agent._ids.pop(self, None)


class RowAgent(Agent):
    """An agent that is a view on row ``row`` of its table."""

    model: Boundary

    def __init__(self, model: Boundary, row: int) -> None:
        super().__init__(model)
        self.row = row

    @cached_property
    def registered(self) -> int:
        """How many residents the INT of this row counts its doses by."""
        return registered_of(self.model.base_old.teams, self.model.residents, self.row)

    @property
    def is_group(self) -> bool:
        """Whether this row is the INT of a group wherever it lives (always the last)."""
        return self.row == len(self.model.new.teams) - 1
