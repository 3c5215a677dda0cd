"""The simple month of the peers with our own tools: keyed draws, age bands, Numba. Not the month of the model.

It does for each agent what Starsim's and Mesa's do here and no more, so that tools are compared on equal work.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.month_people import Cohort, Lives, Step
from sim.jit import jit_entry
from sim.rules.keys import uniform
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import SINGLE_AGES, age_band

AGENT = np.dtype(
    [("age", "f8"), ("death_ratio", "f8"), ("alive", "i1"), ("sex", "i1"), ("quintile", "i1")],
    align=True,
)


@jit_entry
def step_agents(agents, ratio, counts, rates, season, deaths, needs, seed, month):  # type: ignore[no-untyped-def]
    """Live one month: needs, deaths, growing older. Adds to ``counts`` and ``needs``; returns (present, died)."""
    present = 0
    died = 0
    for i in range(len(agents)):
        agent = agents[i]
        if agent["alive"] == 0:
            continue
        present += 1
        age = agent["age"]
        band = age_band(age)
        sex = agent["sex"]
        quintile = agent["quintile"]
        for k in range(len(season)):
            if uniform(seed, i, k, month) < rates[band, sex, quintile, k] * ratio[i, k] * season[k]:
                counts[i, k] += 1
                needs[k] += 1
        years = min(int(age), SINGLE_AGES - 1)
        if uniform(seed, i, len(season), month) < deaths[years, sex, quintile] * agent["death_ratio"]:
            agent["alive"] = 0
            died += 1
        agent["age"] = age + 1.0 / MONTHS_PER_YEAR
    return present, died


def prepare(cohort: Cohort, seed: int) -> Step:
    """Return what steps a fresh copy of the people for a number of months."""
    agents = np.zeros(len(cohort.sex), AGENT)
    agents["age"], agents["sex"], agents["quintile"] = cohort.age_years, cohort.sex, cohort.quintile
    agents["death_ratio"], agents["alive"] = cohort.death_ratio, 1
    ratio = np.ascontiguousarray(cohort.ratio, np.float32)
    counts = np.zeros(ratio.shape, np.int32)
    rates = np.ascontiguousarray(np.moveaxis(cohort.rates, 0, -1))
    seasons = np.ascontiguousarray(cohort.seasons.T)

    def step(months: int) -> Lives:
        needs = np.zeros((months, len(cohort.kinds)), np.int64)
        present, died = np.zeros(months, np.int64), np.zeros(months, np.int64)
        for month in range(months):
            season = seasons[month % MONTHS_PER_YEAR]
            present[month], died[month] = step_agents(
                agents, ratio, counts, rates, season, cohort.deaths, needs[month], np.uint64(seed), month
            )
        return Lives(needs, died, present)

    return step
