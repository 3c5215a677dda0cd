"""Staff and places of every service: England's supply by registered resident, or the place's own rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scenarios.errors import InputError
from scenarios.place_files import Place
from scenarios.registry.reader import Registry
from scenarios.service_names import SERVICES, STAFFED_SERVICES
from sim.codes import (
    ASSESSMENT,
    BED,
    ED,
    GP,
    HOME_PACKAGE,
    HOSPITAL_KINDS,
    SERVICE_KINDS,
    SERVICE_NAMES,
    SHARED_KINDS,
)
from sim.place.shares import QUINTILES
from sim.rules.stages import DAYS_PER_YEAR

HOURS_PER_DAY = 24.0
MINUTES_PER_HOUR = 60.0
DAYS_PER_WEEK = 7.0
REGISTERED_UNIT = 10_000.0  # supply is given per 10,000 registered
HOME_PACKAGE_NAME = SERVICE_NAMES[HOME_PACKAGE]
CONTACTS, PLACES = "contacts_per_10000_registered_per_year", "places"


def service_table(
    place: Place, registry: Registry, values: Mapping[str, float], need_ratio: float = 1.0
) -> pd.DataFrame:
    """Return one row per service of codes.SERVICE_NAMES, in that order: amount, unit, open_pattern.

    The registry's table ``supply`` with the place's services.csv in place of the rows that it gives. Home care places
    are England's (``home_package_per_10000``: how many there are moves delays most) times ``need_ratio``, the place's
    need per resident over England's, and what else is local (``local_home_care_adjustment``). Raises InputError if a
    service has no row, or a staffed one no amount.
    """
    columns = ["amount", "unit", "open_pattern"]
    table = registry.table("supply").set_index("service")[columns].astype({"amount": float})
    local = 1.0 if place.is_england else values["local_home_care_adjustment"]
    table.loc[HOME_PACKAGE_NAME, "amount"] = values["home_package_per_10000"] * need_ratio * local
    own = place.services.set_index("service")[columns] if len(place.services) else table.iloc[:0]
    for name in own.index:
        table.loc[name] = own.loc[name]
    for name in SERVICES:
        if name not in table.index:
            raise InputError("evidence table 'supply' column service", f"there is no row for '{name}'")
        if name in STAFFED_SERVICES and table["amount"].isna()[name]:
            raise InputError(f"services.csv ({name}) column amount", "is empty; give a number, 0 or more")
    return table.loc[list(SERVICES)]


def open_patterns(table: pd.DataFrame) -> dict[str, str]:
    """Return when each service is open, by its name."""
    return {str(name): str(pattern) for name, pattern in table["open_pattern"].items()}


def staff_per_contact(kind: int, values: Mapping[str, float]) -> float:
    """Return full-time equivalents for one contact a year of a service, with the slack that supply has.

    Minutes of a contact x slack over the minutes that an FTE faces patients in a year.
    """
    minutes = values.get(f"service_{SERVICE_NAMES[kind]}_minutes", 0.0) or values["supply_minutes_default"]
    hours = facing_hours_per_week(kind, values) * DAYS_PER_YEAR / DAYS_PER_WEEK
    return minutes * values["supply_slack"] / (hours * MINUTES_PER_HOUR)


def facing_hours_per_week(kind: int, values: Mapping[str, float]) -> float:
    """Return the mean hours a week that one FTE of a service faces patients, weeks away included."""
    facing = values[f"facing_share_{SERVICE_NAMES[kind]}"]
    return values["contract_hours_per_week"] * values["productive_share_of_year"] * facing


def least_staff(kind: int, values: Mapping[str, float]) -> float:
    """Return the FTE that keep ``supply_least_at_once`` at work at the mean hour of a service that never shuts."""
    hours = DAYS_PER_WEEK * HOURS_PER_DAY * values["supply_least_at_once"]
    return hours / facing_hours_per_week(kind, values)


def per_unit(kind: int, amount: float, unit: str, values: Mapping[str, float]) -> float:
    """Return staff or places per 10,000 registered; for the unit ``places``, of each neighbourhood.

    Raises InputError for a unit of staff where the service has places.
    """
    if unit == CONTACTS:
        if SERVICE_NAMES[kind] not in STAFFED_SERVICES:
            raise InputError(f"services.csv ({SERVICE_NAMES[kind]}) column unit", f"'{unit}' is for staff, not places")
        return amount * staff_per_contact(kind, values)
    return amount


def practice_weights(
    size: int, neighbourhood: np.ndarray, quintile: np.ndarray, counts: np.ndarray, tilt: float
) -> np.ndarray:
    """Return each neighbourhood's GP time per resident over the place's mean: (neighbourhoods,).

    A weight of 1 + tilt x (mean national quintile of its residents, 1 most deprived, less the middle one), over the
    mean weight of all residents of the place, so that the total is kept. ``neighbourhood`` and ``quintile`` (from 0)
    by community, ``counts`` (c, 20, 2); ``size`` neighbourhoods.
    """
    heads = counts.sum(axis=(1, 2)).astype(float)
    people = np.bincount(neighbourhood, weights=heads, minlength=size)
    mean = np.bincount(neighbourhood, weights=heads * quintile, minlength=size) / np.maximum(people, 1.0)
    weight = np.maximum(1.0 + tilt * (mean - (QUINTILES - 1) / 2), 0.0)
    return weight / (float((weight * people).sum()) / max(float(people.sum()), 1.0))


def make_supply(
    place: Place, table: pd.DataFrame, teams: np.ndarray, gp_weights: np.ndarray, values: Mapping[str, float]
) -> np.ndarray:
    """Return float64[kind, site]: staff (FTE) or places of every service, 0 where nobody is simulated.

    ``table`` is ``service_table``'s, ``gp_weights`` ``practice_weights``' by neighbourhood. The last row of ``teams``,
    a group's INT, has none of its own. Kinds of SHARED_KINDS have no less than ``least_staff``.
    """
    hospitals = len(place.hospitals)
    supply = np.zeros((SERVICE_KINDS, max(len(teams), hospitals)))
    registered = teams["registered"][: len(gp_weights)]
    for kind in range(SERVICE_KINDS):
        if kind in HOSPITAL_KINDS:
            continue
        amount, unit, _ = table.iloc[kind]
        each = registered / REGISTERED_UNIT if unit != PLACES else (registered > 0).astype(float)
        if kind == HOME_PACKAGE:
            each = each * teams["needs_index"][: len(each)]  # councils place home care where people need it
        if kind == GP:
            each = each * gp_weights
        supply[kind, : len(each)] = per_unit(kind, float(amount), str(unit), values) * each
        if kind in SHARED_KINDS:
            least = np.where(registered > 0, least_staff(kind, values), 0.0)
            supply[kind, : len(each)] = np.maximum(supply[kind, : len(each)], least)
    fill_hospitals(supply, place, values)
    return supply


def type_1_shares(place: Place, values: Mapping[str, float]) -> np.ndarray:
    """Return the share of each hospital's attendances of all types that are at type 1, float64[hospital].

    Its own where hospitals.csv has it (type_1_share), else England's: trusts differ from two in five to all of them.
    """
    table = place.hospitals
    if "type_1_share" not in table:
        return np.full(len(table), values["ed_type1_share"])
    own = table["type_1_share"].to_numpy(dtype=float)
    return np.where(np.isnan(own), values["ed_type1_share"], own)


def fill_hospitals(supply: np.ndarray, place: Place, values: Mapping[str, float]) -> None:
    """Write the cubicles, assessment places and beds of every hospital into ``supply`` [kind, site].

    Cubicles follow from type 1 attendances, hours held and the share of hours in use; assessment places likewise from
    emergency admissions that end the same day. Beds are those available but for the share that is empty between two
    patients, and no fewer than were occupied on the mean day.
    """
    table = place.hospitals
    a_day = table["ed_attendances_per_year"].to_numpy() * type_1_shares(place, values) / DAYS_PER_YEAR
    held = a_day * values["ed_cubicle_hours"] / HOURS_PER_DAY
    supply[ED, : len(table)] = np.maximum(np.ceil(held / values["ed_cubicle_use"]), 1.0)
    same_day = table["emergency_admissions_per_year"].to_numpy() * values["background_zero_day"] / DAYS_PER_YEAR
    held = same_day * values["assessment_hours"] / HOURS_PER_DAY
    supply[ASSESSMENT, : len(table)] = np.maximum(np.ceil(held / values["assessment_use"]), 1.0)
    usable = table["beds_available"].to_numpy(dtype=float) * (1.0 - values["bed_turnover_share"])
    supply[BED, : len(table)] = np.maximum(np.floor(usable), table["beds_occupied"].to_numpy(dtype=float))
