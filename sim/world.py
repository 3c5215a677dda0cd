"""A scenario made ready to run: its place as columns, its evidence as one record, its services and months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.place_files import Place, load_place
from scenarios.registry.posteriors import Posterior, picked, place_of
from scenarios.registry.reader import Registry, load_registry
from scenarios.schema import Scenario
from sim.agents.base import Base, build_base, closeness_by_distance
from sim.agents.residents import see_residents
from sim.calendar import Calendar
from sim.codes import LEVERS
from sim.engines.records import ROOM_LEFT, blank_rows, with_room
from sim.engines.state import State
from sim.load import need_factor, set_background
from sim.outcomes.frames import Names
from sim.place.columns import REACH
from sim.place.counts import resident_counts
from sim.place.geography import first_waits
from sim.place.groups import neighbours
from sim.place.life import CARE_HOME_FACTOR
from sim.place.local import local_factors
from sim.place.population import Population, make_population
from sim.place.rates import Rates
from sim.rules.arrays import length_array, refer_array, refers_array, service_array
from sim.rules.margins import Grids
from sim.rules.tables import TRENDS, ResidentTables
from sim.services import build_services
from sim.solved import solved

OF_TRUST = ("consent_log_odds_per_trust", "diagnosed_log_odds_per_trust")  # nothing without trust
MORTALITY_PATHS = ("treatment", "unmet")  # the parameter mortality_path is the position here
# What moves in a run; the rest of the tables is the same in every replication and arm.
MOVING = (
    "people",
    "reach",
    "communities",
    "teams",
    "hospitals",
    "supply",
    "carry",
    "waits",
    "lever_reach",
    "lever_effect",
    "trend",
)
GROWING = ("people", "reach")  # of those, what is longer once more people have come than gone


@dataclass(frozen=True)
class World:
    """Everything about a scenario that does not change while it runs.

    template: the residents' tables at second 0, copied for every replication. communities: indices of those whose
    residents are simulated. values: every parameter by name. factors: the place's local factors, printed in reports.
    open_patterns: by name of service. neighbours: the nearest other neighbourhood of each.
    """

    scenario: Scenario
    place: Place
    calendar: Calendar
    names: Names
    values: Mapping[str, float]
    factors: Mapping[str, float]
    rates: Rates
    template: ResidentTables
    base: Base
    communities: np.ndarray
    open_patterns: Mapping[str, str]
    neighbours: np.ndarray

    @property
    def residents(self) -> int:
        """How many residents are simulated at the start."""
        return len(self.template.people)


def scenario_registry(scenario: Scenario, ours: Registry | None = None) -> Registry:
    """Return the evidence registry (``ours`` where it has been read) with the scenario's own evidence in its place."""
    evidence = scenario.evidence
    return (load_registry() if ours is None else ours).with_evidence(evidence.overrides, evidence.rows)


def own_names(scenario: Scenario, used: Registry) -> list[str]:
    """Return the parameters of the registry ``used`` that a user's own evidence sets."""
    if scenario.evidence.file is None and not scenario.evidence.overrides:
        return []
    return set_by_user(load_registry(), used)


def set_by_user(ours: Registry, used: Registry) -> list[str]:
    """Return the parameters in which the registry that is used differs from ``ours``."""
    return [name for name, row in used.parameters.items() if row != ours.parameters[name]]


def posterior_of(scenario: Scenario) -> Posterior | None:
    """Return the posterior that stands for the scenario's place, None where the registry stands by itself.

    For a user's own place England's stands. Raises InputError if there is no such one, or the registry's
    rows are no longer those it was fitted from.
    """
    structure = scenario.structure.model_dump()
    return picked(scenario.evidence.posterior, place_of(scenario.place), load_registry(), structure=structure)


def evidence_words(scenario: Scenario) -> str:
    """Return where a scenario's parameters come from, for reports: what a user put in place of ours included."""
    posterior, evidence = posterior_of(scenario), scenario.evidence
    words = f"the evidence registry: there is no calibration of {scenario.place.name}"
    if posterior is not None:
        words = posterior.words_under(scenario.structure.model_dump())
    if evidence.file is not None:
        words += f"; rows of {evidence.file.name} in place of theirs"
    if evidence.overrides:
        words += f"; set by hand: {', '.join(sorted(evidence.overrides))}"
    return words


def build_world(scenario: Scenario, values: Mapping[str, float] | None = None) -> World:
    """Return the scenario made ready; ``values`` are the parameters of one draw (None: the central ones).

    Raises InputError for a place or evidence that cannot be used.
    """
    settings = scenario.place
    place = load_place(settings.folder if settings.folder is not None else settings.name)
    ours = load_registry()
    registry = scenario_registry(scenario, ours)
    chosen = dict(registry.central() if values is None else values)
    factors = local_factors(place, chosen)
    chosen.update({name: value for name, value in switches(scenario).items() if name in chosen})
    if CARE_HOME_FACTOR in place.facts:
        factors["care_home"] = place.factor("care_home")
    chosen.update({f"local_factor_{name}": factor for name, factor in factors.items()})
    wanted = None if settings.neighbourhoods == "all" else settings.neighbourhoods
    population = make_population(
        place, settings.basis, settings.population_seed, wanted, settings.imd_edition, chosen, registry
    )
    names = Names([str(name) for name in place.neighbourhoods["id"]], [str(code) for code in place.hospitals["code"]])
    constants, grids = solved(registry, chosen, set_by_user(ours, registry))
    chosen.update(constants)
    template = resident_tables(population, registry.params_record(chosen), chosen, grids)
    counts = resident_counts(place, place.total(settings.basis))
    on_needs = need_factor(counts, population.rates.quintile, grids, factors["emergency"])
    chosen["local_factor_emergency"] = factors["emergency_needs"] = on_needs
    calendar = Calendar(Calendar(settings.start_date).first_day(-scenario.experiment.burn_in_months))
    weekday = np.array([calendar.weekday(0)], np.int64)
    template = template._replace(params=registry.params_record(chosen), first_weekday=weekday)
    set_background(template, place, grids, on_needs, chosen)
    return World(
        scenario=scenario,
        place=place,
        calendar=calendar,
        names=names,
        values=chosen,
        factors=factors,
        rates=population.rates,
        template=template,
        base=agents_base(population, place, names, chosen),
        communities=np.flatnonzero(population.communities["residents"] > 0),
        open_patterns=population.open_patterns,
        neighbours=near_of(place, population.rates, len(names.neighbourhoods)),
    )


def switches(scenario: Scenario) -> dict[str, float]:
    """Return the structural switches as parameters: 1 on, 0 off."""
    structure = scenario.structure
    return {
        "switch_trust": float(structure.trust),
        "switch_hidden_need": float(structure.hidden_need),
        "switch_spikes": float(structure.spikes),
        "switch_refill": float(structure.refill),
        "switch_dying": float(structure.dying),
        "mortality_path": float(MORTALITY_PATHS.index(structure.mortality_path)),
        **({} if structure.trust else dict.fromkeys(OF_TRUST, 0.0)),
    }


def near_of(place: Place, rates: Rates, size: int) -> np.ndarray:
    """Return the nearest other neighbourhood of each of ``size``: int64."""
    lat, lon, people = (place.communities[name].to_numpy(dtype=float) for name in ("lat", "lon", "population"))
    return neighbours(lat, lon, rates.neighbourhood, people, size)


def resident_tables(
    population: Population, params: np.ndarray, values: Mapping[str, float], grids: Grids
) -> ResidentTables:
    """Return the residents' tables at second 0; the seed is each replication's own."""
    _, _, service_at = build_services(len(population.teams), len(population.hospitals))
    levers = (LEVERS, 2 * len(population.teams))  # as designed, then where the design does not reach
    services, refer = service_array(values), refer_array(values)
    return ResidentTables(
        seed=np.zeros(1, np.uint64),
        params=params,
        people=population.people,
        reach=np.zeros(len(population.people), REACH),
        communities=population.communities,
        teams=population.teams,
        hospitals=population.hospitals,
        service_at=service_at,
        supply=population.supply.copy(),
        carry=np.zeros_like(population.supply),
        waits=first_waits(service_at.shape, dict(values)),
        lever_reach=np.zeros(levers),
        lever_effect=np.zeros(levers),
        service_params=services,
        refer=refer,
        trend=np.ones(TRENDS),
        hazards=grids.hazards,
        profiles=grids.profiles,
        seasons=grids.seasons,
        deaths=grids.deaths,
        onsets=grids.onsets,
        refers=refers_array(refer),
        lengths=length_array(services, values["gap_days_scv"]),
        first_weekday=np.zeros(1, np.int64),
    )


def agents_base(population: Population, place: Place, names: Names, values: Mapping[str, float]) -> Base:
    """Return what the agents measure the months against: today's staff, trust and beds."""
    lat, lon = (place.communities[name].to_numpy(dtype=float) for name in ("lat", "lon"))
    closeness = closeness_by_distance(lat, lon, values["word_of_mouth_km"])
    codes = [str(code) for code in place.communities["code"]]
    base = build_base(
        population.teams, population.communities, population.supply, names.neighbourhoods, closeness, codes
    )
    base.eligible[:] = see_residents(population.people, population.communities, population.teams, 0).eligible
    listed = population.people["visited_home"] == 1
    base.communities["doors"] = np.bincount(population.people["community"][listed], minlength=len(base.communities))
    return base


def first_state(world: World, seed: int) -> State:
    """Return the state at second 0 of a replication: nobody waiting, everything closed until the first month opens."""
    tables = world.template
    services, pools, _ = build_services(len(tables.teams), len(tables.hospitals))
    mutable = {name: getattr(tables, name).copy() for name in MOVING if name not in GROWING}
    room = len(tables.people) + len(tables.people) // ROOM_LEFT
    mutable |= {name: with_room(getattr(tables, name), room) for name in GROWING}
    own = tables._replace(seed=np.array([seed], np.uint64), **mutable)
    return State(0, blank_rows(0), services, pools, own, people=len(own.people))
