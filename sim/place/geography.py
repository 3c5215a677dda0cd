"""Communities, neighbourhood teams and hospitals of a place as columns."""

from __future__ import annotations

import numpy as np

from scenarios.place_files import Place
from sim.place.columns import COMMUNITY, HOSPITAL, TEAM
from sim.place.rates import NEVER_LIABLE, QUINTILES, Rates, imd_deciles
from sim.rules.stages import DAYS_PER_YEAR

HOURS_PER_DAY = 24.0
REGISTERED_UNIT = 10_000.0  # supply is given per 10,000 registered
SUPPLY = {  # the column of TEAM that each kind of service fills
    "gp": "gp_fte",
    "community": "community_fte",
    "int_core": "core_fte",
    "outreach": "outreach_fte",
    "social_care": "social_care_fte",
    "home_package": "packages",
}
TEAM_WAITS = ("gp", "community", "core", "social_care", "package")


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
    """Return TEAM[n], every neighbourhood in file order; registered and supply are 0 where nobody is simulated.

    ``counts`` are the whole place's residents (c, 20, 2), from which the needs index comes; lever columns are 0.
    """
    teams = np.zeros(len(place.neighbourhoods), dtype=TEAM)
    teams["registered"] = np.bincount(people["neighbourhood"], minlength=len(teams))
    teams["needs_index"] = needs_index(rates, counts, len(teams))
    for row in place.services.to_dict("records"):
        if row["service"] in SUPPLY:
            each = teams["registered"] / REGISTERED_UNIT if row["unit"] != "places" else teams["registered"] > 0
            if row["service"] == "home_package":
                each = each * teams["needs_index"]  # councils place home care where people need it
            teams[SUPPLY[row["service"]]] = row["amount"] * each
    for service in TEAM_WAITS:
        teams[f"wait_{service}_days"] = values[f"wait_start_{service}_days"]
    teams["absence"] = values["team_absence_start"]
    teams["vacancy"] = values["team_vacancy_start"]
    teams["maturity"] = values["team_maturity_start"]
    teams["handover_loss"] = values["handover_loss_start"]
    return teams


def needs_index(rates: Rates, counts: np.ndarray, teams: int) -> np.ndarray:
    """Return expected long-term conditions and frailty per resident over the place's mean: (teams,).

    Need of a person of an age, sex and quintile = expected number of conditions + expected frailty category (0 to 3),
    both from the model's own prevalences.
    """
    share = normal_share(rates.liability[0]).sum(axis=0)  # (band, sex, q)
    need = share + normal_share(rates.frailty).sum(axis=0)[:, None, :]
    by_community = np.array([(counts[c] * need[:, :, q]).sum() for c, q in enumerate(rates.quintile)])
    people = np.bincount(rates.neighbourhood, weights=counts.sum(axis=(1, 2)), minlength=teams)
    per_head = np.bincount(rates.neighbourhood, weights=by_community, minlength=teams) / np.maximum(people, 1.0)
    return per_head / (by_community.sum() / counts.sum())


def normal_share(liability: np.ndarray) -> np.ndarray:
    """Return the share of a standard normal below each of ``liability``; 0 where it cannot occur."""
    from scipy.special import ndtr

    return np.where(liability <= NEVER_LIABLE, 0.0, ndtr(liability))


def make_hospitals(place: Place, values: dict[str, float]) -> np.ndarray:
    """Return HOSPITAL[h], whole hospitals: cubicles, beds, and what residents expect at first.

    Cubicles follow from attendances, hours held and the share of hours in use. Beds are those occupied on the mean day:
    the rest of the beds counted as available are being turned over. Background load is set by sim/load.py.
    """
    table = place.hospitals
    hospitals = np.zeros(len(table), dtype=HOSPITAL)
    attendances_per_day = table["ed_attendances_per_year"].to_numpy() / DAYS_PER_YEAR
    held = attendances_per_day * values["ed_cubicle_hours"] / HOURS_PER_DAY
    hospitals["cubicles"] = np.maximum(np.ceil(held / values["ed_cubicle_use"]), 1.0)
    hospitals["beds"] = table["beds_occupied"].to_numpy(dtype=float)
    hospitals["wait_ed_hours"] = values["wait_start_ed_hours"]
    hospitals["occupancy"] = 1.0
    return hospitals


def background_stay_days(values: dict[str, float]) -> float:
    """Return the mean days in a bed of an anonymous emergency patient, same-day stays included."""
    same_day = values["background_zero_day"]
    return (1.0 - same_day) * values["background_emergency_days"] + same_day * values["zero_day_days"]
