"""Synthesis: a place's residents, communities, neighbourhood teams and hospitals from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scenarios.errors import InputError, nearest
from scenarios.place_files import Place
from scenarios.registry.reader import Registry, load_registry
from sim.jit import jit
from sim.place.columns import PERSON
from sim.place.counts import resident_counts
from sim.place.geography import make_communities, make_hospitals, make_teams
from sim.place.households import give_households
from sim.place.need import england_weights, need_over_england
from sim.place.rates import Rates, make_rates
from sim.place.resident import make_resident
from sim.place.supply import make_supply, open_patterns, practice_weights, service_table
from sim.rules.keys import key3


class Population(NamedTuple):
    """A place made: ``rates`` is what later arrivals and births are drawn from."""

    people: np.ndarray  # PERSON[], by community, then age band, then sex
    communities: np.ndarray  # COMMUNITY[], all of the place
    teams: np.ndarray  # TEAM[], all of the place
    hospitals: np.ndarray  # HOSPITAL[], all of the place
    supply: np.ndarray  # float64[kind, site]
    rates: Rates
    open_patterns: dict[str, str]  # by name of service


def make_people(
    place: Place,
    basis: str | int | None,
    population_seed: int,
    neighbourhoods: Sequence[str] | None = None,
    imd_edition: str = "2019",
    values: dict[str, float] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (PERSON[], COMMUNITY[], TEAM[], HOSPITAL[]) of a place: ``make_population`` without the rates."""
    return make_population(place, basis, population_seed, neighbourhoods, imd_edition, values)[:4]


def make_population(
    place: Place,
    basis: str | int | None,
    population_seed: int,
    neighbourhoods: Sequence[str] | None = None,
    imd_edition: str = "2019",
    values: dict[str, float] | None = None,
    registry: Registry | None = None,
) -> Population:
    """Return the place's residents at day 0 (its start date) and the columns of everything they use.

    ``basis`` names a total in place.csv, or is a number of residents (None: the place's default). ``neighbourhoods``
    restricts the residents to whole neighbourhoods by id; each resident is the same either way, and so are all
    indices. ``values`` are the registry's parameters by name (central by default). Numbers by community, age band and
    sex are exact; ages within a band, health, trust and the rest are keyed draws. Raises InputError for a name that
    the place does not have or a basis too small for its residents.
    """
    registry = load_registry() if registry is None else registry
    values = registry.central() if values is None else values
    total = place.total(basis)
    rates = make_rates(place, total, population_seed, imd_edition, registry, values)
    counts = resident_counts(place, total)
    chosen = chosen_neighbourhoods(place, neighbourhoods)
    bases = np.concatenate([[0], np.cumsum(counts.sum(axis=(1, 2)))]).astype(np.int64)
    shared = shared_households(place, counts)
    simulated = np.where(chosen[rates.neighbourhood], counts.sum(axis=(1, 2)), 0)
    people = np.zeros(int(simulated.sum()), dtype=PERSON)
    fill_people(people, np.flatnonzero(simulated), counts, bases, shared, rates)
    teams = make_teams(place, rates, people, counts, values)
    table = service_table(place, registry, values, need_over_england(rates, counts, england_weights(registry)))
    tilt = values["supply_gp_tilt_per_quintile"]
    weights = practice_weights(len(chosen), rates.neighbourhood, rates.quintile, counts, tilt)
    return Population(
        people,
        make_communities(place, rates, people, imd_edition, values),
        teams,
        make_hospitals(place),
        make_supply(place, table, teams, weights, values),
        rates,
        open_patterns(table),
    )


def chosen_neighbourhoods(place: Place, wanted: Sequence[str] | None) -> np.ndarray:
    """Return which neighbourhoods are simulated: bool (n,). Raises InputError for an unknown id or an empty list."""
    names = [str(name) for name in place.neighbourhoods["id"]]
    if wanted is None:
        return np.ones(len(names), dtype=bool)
    for name in wanted:
        if name not in names:
            raise InputError("population.neighbourhoods", f"no such neighbourhood '{name}': {nearest(name, names)}")
    if not wanted:
        raise InputError("population.neighbourhoods", f"is empty; give one or more of {', '.join(names)}")
    return np.isin(names, list(wanted))


def shared_households(place: Place, counts: np.ndarray) -> np.ndarray:
    """Return households of two or more by community, scaled with its residents: int64 (c,), at least 1."""
    table = place.communities
    census = np.maximum(table["population"].to_numpy(), 1.0)
    scale = counts.sum(axis=(1, 2)) / census
    several = table["households"].to_numpy() * (1.0 - table["one_person_household_share"].to_numpy()) * scale
    return np.maximum(np.floor(several + 0.5), 1).astype(np.int64)


@jit
def first_key(rates: Rates, community: int, ordinal: int) -> int:
    """Return the key of the resident number ``ordinal`` of a community at day 0."""
    return key3(rates.place_key[0], rates.community_key[community], ordinal)  # type: ignore[return-value]


@jit
def fill_people(
    people: np.ndarray, communities: np.ndarray, counts: np.ndarray, bases: np.ndarray, shared: np.ndarray, rates: Rates
) -> None:
    """Make every resident of ``communities`` (indices) in order: community, age band, sex."""
    i = 0
    for community in communities:
        start = i
        for band in range(counts.shape[1]):
            for sex in range(counts.shape[2]):
                for _ in range(counts[community, band, sex]):
                    key = first_key(rates, community, i - start)
                    make_resident(people, i, key, community, band, sex, 0, rates)
                    i += 1
        give_households(people, start, i, bases[community], shared[community])
