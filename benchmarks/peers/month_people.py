"""The residents every library steps month by month, and what each says of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenarios.compose import compose
from sim.codes import HAZARD_KINDS, NEED_NAMES
from sim.engines.state import State
from sim.jit import jit_entry
from sim.rules.month import fold_month
from sim.rules.mortality import death_hazard
from sim.rules.needs import monthly_hazard
from sim.rules.stages import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sim.rules.tables import AGE_BANDS, BAND_YEARS, QUINTILES, SEXES, SINGLE_AGES
from sim.world import World, build_world, first_state

TWO_KINDS = tuple(NEED_NAMES.index(name) for name in ("minor_acute", "exacerbation"))
MOVES = "moves_out_per_year_"


@jit_entry
def fill_hazards(tables, kinds, hazards, deaths, now, calendar_month):  # type: ignore[no-untyped-def]
    """Write every person's hazard of each of ``kinds`` this month, and of death."""
    for i in range(len(tables.people)):
        for k in range(len(kinds)):
            hazards[i, k] = monthly_hazard(tables, i, kinds[k], now, calendar_month)
        deaths[i] = death_hazard(tables, i, now)


@dataclass(frozen=True)
class Cohort:
    """A closed group of residents: they age, have needs and die; nobody comes or moves away.

    kinds: needs that arise (codes.NEED_NAMES). age_years, sex, quintile: float64, int64, int64 (n,); quintile 0 is the
    most deprived. rates: float64 (kind, age band 20, sex 2, quintile 5) a month. ratio: float64 (n, kind), each
    person's hazard against their cell's in the first month, seasons apart: what libraries that do not know the model
    keep for good. seasons: float64 (kind, month of the run modulo 12). deaths: float64 (single age 101, sex, quintile)
    a month; death_ratio: float64 (n,). hazards: float64 (n, kind) of the first month.
    """

    kinds: tuple[int, ...]
    age_years: np.ndarray
    sex: np.ndarray
    quintile: np.ndarray
    rates: np.ndarray
    ratio: np.ndarray
    seasons: np.ndarray
    deaths: np.ndarray
    death_ratio: np.ndarray
    hazards: np.ndarray


@dataclass(frozen=True)
class Lives:
    """What a run gave: needs int64 (month, kind), deaths int64 (month,), people present at the start of each month."""

    needs: np.ndarray
    deaths: np.ndarray
    present: np.ndarray

    @property
    def agent_months(self) -> int:
        """Months lived by people present."""
        return int(self.present.sum())


Step = Callable[[int], Lives]  # months -> what happened


def make_world(residents: int) -> World:
    """Return a Bi-Borough scaled to ``residents``, usual care, no burn-in."""
    return build_world(
        compose(
            ["place=bi_borough", f"place.basis={residents}", "experiment.burn_in_months=0", "services.background=false"]
        )
    )


def closed_state(world: World, kinds: tuple[int, ...], seed: int) -> State:
    """Return the state at second 0 of a place that nobody leaves alive, and where only ``kinds`` of need arise."""
    state = first_state(world, seed)
    params, hazards = state.tables.params.copy(), state.tables.hazards.copy()
    for name in params.dtype.names or ():
        if name.startswith(MOVES):
            params[name] = 0.0
    for kind in set(HAZARD_KINDS) - set(kinds):
        hazards[kind] = 0.0
    state.tables = state.tables._replace(params=params, hazards=hazards)
    return state


def make_cohort(world: World, kinds: tuple[int, ...], seed: int) -> Cohort:
    """Return the residents of ``world`` as plain columns, with the hazards our rules give them in the first month."""
    tables = closed_state(world, kinds, seed).tables
    fold_month(tables, 0, 0)
    people, calendar = tables.people, world.calendar
    hazards, deaths = np.zeros((len(people), len(kinds))), np.zeros(len(people))
    fill_hazards(tables, np.array(kinds), hazards, deaths, 0, calendar.month_of_year(0))
    age = np.maximum(-people["birth_day"] / DAYS_PER_YEAR, 0.0)
    sex = people["sex"].astype(np.int64)
    quintile = tables.communities["national_quintile"][people["community"]].astype(np.int64) - 1
    of_year = [calendar.month_of_year(month) - 1 for month in range(MONTHS_PER_YEAR)]
    seasons = tables.seasons[np.array(kinds)][:, of_year]
    rates = tables.hazards[np.array(kinds)]
    usual = rates[:, band_of(age), sex, quintile].T * seasons[:, 0]
    usual_deaths = tables.deaths[single_age(age), sex, quintile]
    return Cohort(
        kinds=kinds,
        age_years=age,
        sex=sex,
        quintile=quintile,
        rates=rates,
        ratio=np.divide(hazards, usual, out=np.zeros_like(hazards), where=usual > 0.0),
        seasons=seasons,
        deaths=tables.deaths,
        death_ratio=np.divide(deaths, usual_deaths, out=np.zeros_like(deaths), where=usual_deaths > 0.0),
        hazards=hazards,
    )


def band_of(age: np.ndarray) -> np.ndarray:
    """Return the age band 0 to 19 of ages in years, as sim/rules/tables.py age_band does: int64."""
    return np.where(age < 1.0, 0, np.minimum(1 + (age / BAND_YEARS).astype(np.int64), AGE_BANDS - 1))


def single_age(age: np.ndarray) -> np.ndarray:
    """Return whole years, at most 100: int64."""
    return np.minimum(age.astype(np.int64), SINGLE_AGES - 1)


def flat_cell(first: np.ndarray, sex: np.ndarray, quintile: np.ndarray) -> np.ndarray:
    """Return the position of (band or age, sex, quintile) in a flattened table."""
    return (first * SEXES + sex) * QUINTILES + quintile
