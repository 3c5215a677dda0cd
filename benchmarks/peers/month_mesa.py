"""The month in Mesa: an agent a resident, stepped by ``model.agents.do``; the dead are removed.

Each agent keeps its own rates and looks them up anew only when it grows out of its age band. Draws come from NumPy in
blocks, which is faster than one at a time.
"""

from __future__ import annotations

import mesa
import numpy as np

from benchmarks.peers.month_people import Cohort, Lives, Step, band_of, single_age
from benchmarks.peers.queue_world import generator, uniforms
from sim.rules.stages import MONTHS_PER_YEAR

DRAWS = 6
MONTH_YEARS = 1.0 / MONTHS_PER_YEAR


class Town(mesa.Model):
    """All residents, and this month's counts."""

    def __init__(self, cohort: Cohort, seed: int) -> None:
        super().__init__(seed=seed)
        self.rates = np.moveaxis(cohort.rates, 0, -1)
        self.death_rates = cohort.deaths.tolist()
        self.draw = uniforms(generator(seed, DRAWS)).__next__
        self.needs = [0] * len(cohort.kinds)
        self.deaths = 0
        self.season: list[float] = []
        Resident.create_agents(
            self,
            len(cohort.sex),
            age=cohort.age_years.tolist(),
            sex=cohort.sex.tolist(),
            quintile=cohort.quintile.tolist(),
            ratio=cohort.ratio.tolist(),
            death_ratio=cohort.death_ratio.tolist(),
        )


class Resident(mesa.Agent):
    """One resident."""

    model: Town

    def __init__(
        self, model: Town, age: float, sex: int, quintile: int, ratio: list[float], death_ratio: float
    ) -> None:
        super().__init__(model)
        self.age, self.sex, self.quintile = age, sex, quintile
        self.ratio, self.death_ratio = np.array(ratio), death_ratio
        self.counts = [0] * len(ratio)
        self.next_look = 0.0
        self.look_up()

    def look_up(self) -> None:
        """Take the rates of the present age, and note the age at which they change."""
        band = int(band_of(np.array(self.age)))
        years = int(single_age(np.array(self.age)))
        self.rates = (self.model.rates[band, self.sex, self.quintile] * self.ratio).tolist()
        self.death_rate = self.model.death_rates[years][self.sex][self.quintile] * self.death_ratio
        self.next_look = int(self.age) + 1.0

    def step(self) -> None:
        """Have needs, perhaps die, grow older by a month."""
        town = self.model
        draw = town.draw
        for k, season in enumerate(town.season):
            if draw() < self.rates[k] * season:
                town.needs[k] += 1
                self.counts[k] += 1
        if draw() < self.death_rate:
            town.deaths += 1
            self.remove()
            return
        self.age += MONTH_YEARS
        if self.age >= self.next_look:
            self.look_up()


def prepare(cohort: Cohort, seed: int) -> Step:
    """Return what steps a fresh model for a number of months."""
    town = Town(cohort, seed)

    def step(months: int) -> Lives:
        needs, deaths, present = [], [], []
        for month in range(months):
            town.needs, town.deaths = [0] * len(cohort.kinds), 0
            town.season = cohort.seasons[:, month % MONTHS_PER_YEAR].tolist()
            present.append(len(town.agents))
            town.agents.do("step")
            needs.append(town.needs)
            deaths.append(town.deaths)
        return Lives(np.array(needs), np.array(deaths), np.array(present))

    return step
