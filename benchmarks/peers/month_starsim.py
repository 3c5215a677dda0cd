"""The month in Starsim: one module, one ``ss.bernoulli`` for each kind of need and one for death, ageing by Starsim.

A need is a Bernoulli draw at the hazard, so its mean is ours. Rates are looked up anew each month by age band, sex and
quintile, times the person's own fixed ratio. ``crn=False`` is Starsim's faster way of drawing; ``crn=True``, its
default, gives each agent their own stream, as our draws do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import starsim as ss

from benchmarks.peers.month_people import Cohort, Lives, Step, band_of, flat_cell, single_age
from sim.rules.stages import MONTHS_PER_YEAR


class Life(ss.Module):  # type: ignore[misc]
    """Needs and deaths of a month."""

    def __init__(self, cohort: Cohort, months: int) -> None:
        super().__init__()
        self.rates = cohort.rates.reshape(len(cohort.kinds), -1).astype(np.float32)
        self.death_rates = cohort.deaths.reshape(-1).astype(np.float32)
        self.ratio = np.ascontiguousarray(cohort.ratio.T.astype(np.float32))
        self.death_ratio = cohort.death_ratio.astype(np.float32)
        self.place = flat_cell(np.zeros_like(cohort.sex), cohort.sex, cohort.quintile)
        self.seasons = cohort.seasons.astype(np.float32)
        self.per_age = int(np.prod(cohort.deaths.shape[1:]))
        self.arising = [ss.bernoulli(p=0.0, name=f"need_{kind}") for kind in cohort.kinds]
        self.dying = ss.bernoulli(p=0.0, name="dying")
        self.needs = np.zeros((months, len(cohort.kinds)), np.int64)
        self.deaths, self.present = np.zeros(months, np.int64), np.zeros(months, np.int64)
        self.define_states(*(ss.FloatArr(f"needs_{kind}", default=0.0) for kind in cohort.kinds))
        self.counts = [getattr(self, f"needs_{kind}") for kind in cohort.kinds]

    def step(self) -> None:
        """Draw who has a need of each kind, and who dies."""
        month, people = int(self.ti), self.sim.people
        uids = people.auids
        age = np.asarray(people.age[uids])
        place = self.place[uids]
        cell = band_of(age) * self.per_age + place
        self.present[month] = len(uids)
        for k, arising in enumerate(self.arising):
            arising.set(p=self.rates[k][cell] * self.ratio[k][uids] * self.seasons[k, month % MONTHS_PER_YEAR])
            found = arising.filter(uids)
            self.counts[k][found] += 1.0
            self.needs[month, k] = len(found)
        self.dying.set(p=self.death_rates[single_age(age) * self.per_age + place] * self.death_ratio[uids])
        gone = self.dying.filter(uids)
        people.request_death(gone)
        self.deaths[month] = len(gone)


def simulation(cohort: Cohort, months: int, seed: int, crn: bool) -> tuple[Any, Life]:
    """Return a simulation of ``months``, set up and ready to run, and its module."""
    life = Life(cohort, months)
    with ss.options.context(crn=crn, verbose=0):
        sim: Any = ss.Sim(
            n_agents=len(cohort.sex),
            modules=life,
            start="2024-04-01",
            dur=ss.months(months - 1),
            dt=ss.months(1),
            use_aging=True,
            rand_seed=seed,
            copy_inputs=False,
            verbose=0,
        )
        sim.init()
        sim.people.age[:] = cohort.age_years
    return sim, life


def prepare(cohort: Cohort, months: int, seed: int, crn: bool = False) -> Step:
    """Return what runs a fresh simulation for ``months``."""
    sim, life = simulation(cohort, months, seed, crn)

    def step(asked: int) -> Lives:
        if asked != months:
            raise ValueError(f"prepared for {months} months, asked for {asked}")
        with ss.options.context(crn=crn, verbose=0):
            sim.run()
        return Lives(life.needs, life.deaths, life.present)

    return step
