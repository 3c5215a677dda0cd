"""Communities, neighbourhood teams and hospitals of a place as columns."""

from __future__ import annotations

import numpy as np

from scenarios.place_files import Place
from sim.codes import SERVICE_NAMES
from sim.place.columns import COMMUNITY, HOSPITAL, TEAM
from sim.place.need import needs_index
from sim.place.rates import QUINTILES, Rates, imd_deciles


def make_communities(
    place: Place, rates: Rates, people: np.ndarray, imd_edition: str, values: dict[str, float]
) -> np.ndarray:
    """Return COMMUNITY[c], every community of the place in file order.

    ``residents`` counts ``people`` alone, so it is 0 in a neighbourhood that is not simulated; trust is their mean
    (the quintile's where nobody is). Local quintiles are fifths of the whole place's census residents by IMD rank.
    """
    table = place.communities
    communities = np.zeros(len(table), dtype=COMMUNITY)
    communities["neighbourhood"] = rates.neighbourhood
    communities["hospital"] = rates.hospital
    communities["borough"] = np.unique(table["borough"].to_numpy(dtype=str), return_inverse=True)[1]
    communities["imd_decile"] = imd_deciles(place, imd_edition)
    communities["national_quintile"] = rates.quintile + 1
    communities["local_quintile"] = local_quintiles(place, imd_edition)
    residents = np.bincount(people["community"], minlength=len(table))
    communities["residents"] = residents
    trust = np.bincount(people["community"], weights=people["trust"], minlength=len(table))
    communities["trust"] = np.where(residents > 0, trust / np.maximum(residents, 1), rates.trust[rates.quintile])
    tilt = values["community_assets_per_quintile"] * (rates.quintile - 2.0)
    communities["assets"] = np.clip(values["community_assets_mean"] + tilt, 0.0, 1.0)
    communities["distance_ed_km"] = table["distance_ed_km"].to_numpy()
    communities["distance_gp_km"] = table["distance_gp_km"].to_numpy()
    for name, ratio in (("pharmacy", "pharmacy_distance_ratio"), ("hub", "hub_distance_ratio_to_gp")):
        column = f"distance_{name}_km"
        own = table[column].to_numpy(dtype=float) if column in table else np.full(len(table), np.nan)
        communities[column] = np.where(np.isfinite(own), own, values[ratio] * communities["distance_gp_km"])
    communities["distance_utc_km"] = communities["distance_hub_km"]
    return communities


def local_quintiles(place: Place, imd_edition: str) -> np.ndarray:
    """Return each community's fifth of the place's own residents, 1 = most deprived: int64 (c,).

    Communities in order of IMD rank; each is in the fifth that holds the middle of its residents.
    """
    rank = place.communities[f"imd_{imd_edition}_rank"].to_numpy()
    people = place.communities["population"].to_numpy()
    order = np.argsort(rank, kind="stable")
    middle = np.cumsum(people[order]) - people[order] / 2
    result = np.zeros(len(rank), dtype=np.int64)
    result[order] = np.minimum((middle / people.sum() * QUINTILES).astype(np.int64), QUINTILES - 1) + 1
    return result


def make_teams(
    place: Place, rates: Rates, people: np.ndarray, counts: np.ndarray, values: dict[str, float]
) -> np.ndarray:
    """Return TEAM[n + 1], every neighbourhood in file order and the INT of a group; registered is 0 if not simulated.

    ``counts`` are the whole place's residents (c, 20, 2), from which the needs index comes; lever columns are 0.
    """
    neighbourhoods = len(place.neighbourhoods)
    teams = np.zeros(neighbourhoods + 1, dtype=TEAM)
    teams["registered"] = np.bincount(people["neighbourhood"], minlength=len(teams))
    teams["needs_index"][:neighbourhoods] = needs_index(rates, counts, neighbourhoods)
    teams["productivity"] = teams["minutes_ratio"] = teams["prevention_ratio"] = 1.0
    teams["absence"] = values["team_absence_start"]
    teams["vacancy"] = values["team_vacancy_start"]
    teams["maturity"] = values["team_maturity_start"]
    teams["handover_loss"] = values["handover_loss_start"]
    return teams


def make_hospitals(place: Place) -> np.ndarray:
    """Return HOSPITAL[h], whole hospitals. Background load is set by sim/load.py."""
    hospitals = np.zeros(len(place.hospitals), dtype=HOSPITAL)
    hospitals["occupancy"] = 1.0
    return hospitals


def first_waits(shape: tuple[int, int], values: dict[str, float]) -> np.ndarray:
    """Return float64[kind, site]: the days residents expect to wait at first (0 where no parameter says)."""
    waits = np.zeros(shape)
    for kind, name in enumerate(SERVICE_NAMES):
        waits[kind] = values.get(f"wait_start_{name}_days", 0.0)
    return waits


def background_stay_days(values: dict[str, float]) -> float:
    """Return the mean days in a bed of an anonymous emergency patient, same-day stays included."""
    same_day = values["background_zero_day"]
    return (1.0 - same_day) * values["background_emergency_days"] + same_day * values["zero_day_days"]
