"""The reference population: England by age band and national quintile, made by the same rule as any place.

Every cell holds the same number of people, so that rates of old and young are known equally well; ``weights`` give
each cell its share of England.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from scenarios.place_files import Place, load_place
from scenarios.place_schema import AGE_COLUMNS, ETHNIC_COLUMNS
from scenarios.registry.reader import Registry
from sim.codes import SERVICE_KINDS
from sim.place.columns import COMMUNITY, HOSPITAL, PERSON, TEAM
from sim.place.counts import resident_counts
from sim.place.geography import first_waits
from sim.place.life import frailty_shares
from sim.place.need import england_weights
from sim.place.population import fill_people, shared_households
from sim.place.rates import QUINTILES, make_rates

SEED = 1  # the reference is one fixed population
SEXES = 2
LOCAL_FACTORS = tuple(f"local_factor_{name}" for name in ("births", "care_home", "emergency", "mortality"))  # here: 1


class Reference(NamedTuple):
    """People in equal cells with what they use, and England's persons by cell."""

    people: np.ndarray  # PERSON[]
    communities: np.ndarray  # COMMUNITY[5], one per quintile
    teams: np.ndarray  # TEAM[2]
    hospitals: np.ndarray  # HOSPITAL[1]
    waits: np.ndarray  # float64[kind, site], days
    weights: np.ndarray  # float64[band 20, quintile 5], share of England's persons
    states: np.ndarray  # float64[frailty 4, in a care home 2, band 20, quintile 5], expected shares of a cell's people


def england_place(registry: Registry, per_cell: int) -> Place:
    """Return a place of five communities, one per quintile, with ``per_cell`` people in each age band and quintile."""
    alone = registry.table("living_alone").set_index("age_band")["share"]
    expected_alone = per_cell * sum(float(alone.get(band, 0.0)) for band in AGE_COLUMNS)
    average = load_place("england_average").communities
    ethnic = average.groupby((average["imd_2019_decile"] + 1) // 2)[list(ETHNIC_COLUMNS)].sum()
    rows = []
    for quintile in range(1, QUINTILES + 1):
        row: dict[str, object] = {"code": f"Q{quintile}", "borough": "England", "neighbourhood": "N", "hospital": "H"}
        row.update({f"imd_{edition}_decile": 2 * quintile for edition in ("2019", "2025")})
        row.update(dict.fromkeys(AGE_COLUMNS, float(per_cell)))
        row.update(ethnic.loc[quintile])
        row.update(population=float(per_cell * len(AGE_COLUMNS)), households=expected_alone)
        row.update(one_person_household_share=1.0)
        rows.append(row)
    ages = pd.DataFrame({"borough": "England", "age_band": AGE_COLUMNS, "male_share": 1.0 / SEXES})
    return Place(
        name="england_reference",
        folder=Path(),
        facts={"name": "england_reference", **dict.fromkeys(LOCAL_FACTORS, "1")},
        communities=pd.DataFrame(rows),
        neighbourhoods=pd.DataFrame({"id": ["N"]}),
        hospitals=pd.DataFrame({"code": ["H"]}),
        services=pd.DataFrame(),
        age_sex=ages,
        sources=pd.DataFrame(),
        observed=pd.DataFrame(),
        hashes={},
    )


def share_homes(place: Place, values: dict[str, float]) -> None:
    """Give those who do not live alone households of England's mean size: circumstances are drawn by household."""
    table = place.communities
    alone = table["households"].to_numpy(dtype=float)
    table["households"] = alone + (table["population"] - alone) / values["england_people_per_shared_household"]
    table["one_person_household_share"] = alone / table["households"]


def make_reference(registry: Registry, values: dict[str, float], per_cell: int) -> Reference:
    """Return the reference population with ``per_cell`` people (even) in each of 20 age bands x 5 quintiles.

    Waits are those the registry gives for the first month of burn-in; distances are the registry's for England.
    """
    place = england_place(registry, per_cell)
    share_homes(place, values)
    total = per_cell * len(AGE_COLUMNS) * QUINTILES
    rates = make_rates(place, total, SEED, "2019", registry, values)
    counts = resident_counts(place, total)
    people = np.zeros(total, PERSON)
    bases = np.arange(QUINTILES, dtype=np.int64) * per_cell * len(AGE_COLUMNS)
    fill_people(people, np.arange(QUINTILES), counts, bases, shared_households(place, counts), rates)
    return reference_of(people, registry, values, state_shares(rates.frailty, rates.life.care_home))


def reference_of(people: np.ndarray, registry: Registry, values: dict[str, float], states: np.ndarray) -> Reference:
    """Return ``people`` (PERSON[], of the five communities of ``england_place``), ``states`` and what they use."""
    communities = np.zeros(QUINTILES, COMMUNITY)
    communities["national_quintile"] = communities["local_quintile"] = np.arange(1, QUINTILES + 1)
    communities["distance_gp_km"] = values["england_distance_gp_km"]
    communities["distance_ed_km"] = values["england_distance_ed_km"]
    communities["distance_pharmacy_km"] = values["pharmacy_distance_ratio"] * values["england_distance_gp_km"]
    communities["distance_hub_km"] = values["hub_distance_ratio_to_gp"] * values["england_distance_gp_km"]
    communities["distance_utc_km"] = communities["distance_hub_km"]
    teams = np.zeros(2, TEAM)  # its neighbourhood, and an empty one for a group
    teams["productivity"] = teams["minutes_ratio"] = teams["prevention_ratio"] = 1.0
    teams["handover_loss"] = values["handover_loss_start"]
    hospitals = np.zeros(1, HOSPITAL)
    waits = first_waits((SERVICE_KINDS, len(teams)), values)
    return Reference(people, communities, teams, hospitals, waits, england_weights(registry), states)


def state_shares(frailty: np.ndarray, care_home: np.ndarray) -> np.ndarray:
    """Return what share of a cell's people is of each frailty, at home and in a care home: (4, 2, band, quintile).

    frailty: normal quantiles of being at least so frail (3, band, quintile); care_home: chances [band, quintile, 4].
    """
    among = frailty_shares(frailty)
    inside = among * np.moveaxis(care_home, 2, 0)
    return np.stack([among - inside, inside], axis=1)
