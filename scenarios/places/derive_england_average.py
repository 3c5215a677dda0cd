"""Rebuild the England-average place: 250,000 residents in six neighbourhoods, every national decile alike.

    python -m scenarios.places.derive_england_average --data DIR --out DIR

Each community has the mean ages, ethnic groups, household deprivation and disability of its decile in England, so that
the place has England's margins. Which deciles a neighbourhood holds, and the map, are invented. One hospital serves
them all and has England's activity and beds for as many people.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.place_schema import (
    AGE_COLUMNS,
    COMMUNITIES,
    COMMUNITIES_OPTIONAL,
    DEPRIVED_COLUMNS,
    ETHNIC_COLUMNS,
    HOSPITALS,
    IMD_AREAS,
)
from scenarios.places.derive_tables import england_male_shares, write_table
from scenarios.places.derive_toy import england_ages
from scenarios.registry.reader import load_registry

RESIDENTS = 250_000
BOROUGH, HOSPITAL = "Average", "AVG"
# Neighbourhood: its name and its communities of decile 1 to 10. Invented; each decile has 15 in all.
NEIGHBOURHOODS = {
    "E1": ("Most deprived (D1 to D4)", (8, 8, 5, 4, 0, 0, 0, 0, 0, 0)),
    "E2": ("Deprived and mixed (D1 to D7)", (5, 4, 5, 5, 3, 2, 1, 0, 0, 0)),
    "E3": ("Mixed (D1 to D10)", (2, 2, 3, 3, 3, 3, 3, 2, 2, 2)),
    "E4": ("Mixed, few deprived (D2 to D10)", (0, 1, 2, 2, 4, 4, 4, 3, 3, 2)),
    "E5": ("Affluent (D4 to D10)", (0, 0, 0, 1, 3, 3, 4, 5, 5, 4)),
    "E6": ("Most affluent (D5 to D10)", (0, 0, 0, 0, 2, 3, 3, 5, 5, 7)),
}
MIDDLE, ACROSS = (52.5, -1.5), 5  # degrees; communities in a row of the invented map
APART, BLOCK = 0.01, 0.06  # degrees between communities and between neighbourhoods
PEOPLE_PER_HOUSEHOLD = 2.36  # Census 2021, England
ONE_PERSON = 0.301  # share of households, Census 2021, England
PEOPLE = 58_620_000  # mid-2024, the denominator of England's rates
ATTENDANCES, ADMISSIONS = 27_410_390, 6_571_072  # NHS England A&E returns 2024/25
BEDS, BEDS_USED, DELAYED = 95_808, 0.946, 0.1397  # adult general and acute beds 2024/25, delayed share of occupied
CENSUS = "lsoa21_census2021_{}.csv.gz"
DEPRIVED_NAMES = (  # of the census, in the order of DEPRIVED_COLUMNS
    "not deprived in any dimension",
    "deprived in one dimension",
    "deprived in two dimensions",
    "deprived in three dimensions",
    "deprived in four dimensions",
)
ETHNIC_NAMES = ("Asian", "Black", "Mixed", "White", "Other")


def derive(data: Path, out: Path) -> None:
    """Write communities.csv, neighbourhoods.csv, hospitals.csv and age_sex.csv to ``out``."""
    communities = community_table(data)
    columns = [column.name for column in (*COMMUNITIES, *COMMUNITIES_OPTIONAL)]
    write_table(out / "communities.csv", communities[[name for name in columns if name in communities]])
    rows = [(code, name, BOROUGH, name, "invented mix of deciles") for code, (name, _) in NEIGHBOURHOODS.items()]
    table = pd.DataFrame(rows, columns=["id", "name", "borough", "wards", "note"])
    write_table(out / "neighbourhoods.csv", table)
    write_table(out / "hospitals.csv", hospital_table())
    male = england_male_shares(pd.read_csv(data / "population" / "england_mid2023_5yr_sex.csv"))
    ages = pd.DataFrame({"borough": BOROUGH, "age_band": AGE_COLUMNS, "male_share": male})
    write_table(out / "age_sex.csv", ages)


def community_table(data: Path) -> pd.DataFrame:
    """Return communities.csv: one row per community, neighbourhood by neighbourhood, most deprived first."""
    places = [
        (code, place, decile)
        for place, (code, (_, deciles)) in enumerate(NEIGHBOURHOODS.items())
        for decile, number in enumerate(deciles, start=1)
        for _ in range(number)
    ]
    table = pd.DataFrame(places, columns=["neighbourhood", "block", "decile"])
    within, of = table.groupby("decile").cumcount(), table.groupby("decile")["block"].transform("size")
    share = (table["decile"] - 1 + (within + 0.5) / of) / 10
    number = np.arange(len(table))
    table["code"] = [f"A{row + 1:03d}" for row in number]
    table["name"] = [f"Average {row + 1:03d} (decile {d})" for row, d in zip(number, table["decile"], strict=True)]
    table["borough"], table["hospital"] = BOROUGH, HOSPITAL
    table["ward"] = table["neighbourhood"].map({code: name for code, (name, _) in NEIGHBOURHOODS.items()})
    for edition, areas in IMD_AREAS.items():
        table[f"imd_{edition}_rank"] = np.ceil(share * areas).astype(int)
        table[f"imd_{edition}_decile"] = table["decile"]
    table["population"] = np.diff(np.floor(np.arange(len(table) + 1) * RESIDENTS / len(table)).astype(int))
    table["households"] = (table["population"] / PEOPLE_PER_HOUSEHOLD).round().astype(int)
    table["one_person_household_share"] = ONE_PERSON
    table["social_rented_households"] = table["overcrowded_households"] = ""
    return add_map(add_people(table, data))


def add_people(table: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Return ``table`` with residents by age and ethnic group, households by deprivation and the disabled share."""
    by_age = england_ages(data)
    for column in AGE_COLUMNS:
        table[column] = (table["decile"].map(by_age.T[column]) * table["population"]).round(2)
    ethnic = decile_shares(data, "ethnicity5")
    for column, word in zip(ETHNIC_COLUMNS, ETHNIC_NAMES, strict=True):
        name = next(str(one) for one in ethnic if str(one).startswith(word))
        table[column] = (table["decile"].map(ethnic[name]) * table["population"]).round(1)
    deprived = decile_shares(data, "household_deprivation")
    for column, name in zip(DEPRIVED_COLUMNS, DEPRIVED_NAMES, strict=True):
        table[column] = (table["decile"].map(deprived[f"Household is {name}"]) * table["households"]).round(1)
    disabled = decile_shares(data, "disability")["Disabled under the Equality Act"]
    table["disabled_share"] = table["decile"].map(disabled).round(4)
    return table


def decile_counts(data: Path, topic: str) -> pd.DataFrame:
    """Return counts of a census table by IMD 2025 decile of the LSOA: deciles down, categories across."""
    counts = pd.read_csv(data / "population" / CENSUS.format(topic)).set_index("lsoa21_code")
    deciles = pd.read_csv(data / "imd" / "imd2025_lsoa21.csv.gz").set_index("lsoa21_code")["IMD_decile"]
    return counts.join(deciles, how="inner").groupby("IMD_decile").sum()


def decile_shares(data: Path, topic: str) -> pd.DataFrame:
    """Return the same as shares of each decile."""
    counts = decile_counts(data, topic)
    return counts.div(counts.sum(axis=1), axis=0)


def add_map(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with invented coordinates in six blocks, and England's distances from the registry."""
    within = table.groupby("neighbourhood").cumcount()
    table["lat"] = (MIDDLE[0] + table["block"] // 3 * BLOCK + within // ACROSS * APART).round(3)
    table["lon"] = (MIDDLE[1] + table["block"] % 3 * BLOCK + within % ACROSS * APART).round(3)
    values = load_registry().central()
    table["distance_ed_km"] = values["england_distance_ed_km"]
    table["distance_gp_km"] = values["england_distance_gp_km"]
    return table


def hospital_table() -> pd.DataFrame:
    """Return hospitals.csv: England's activity and beds for the place's residents."""
    scale = RESIDENTS / PEOPLE
    row = {
        "code": HOSPITAL,
        "name": "Average General Hospital",
        "ed_attendances_per_year": round(ATTENDANCES * scale),
        "emergency_admissions_per_year": round(ADMISSIONS * scale),
        "beds_available": round(BEDS * scale),
        "beds_occupied": round(BEDS * BEDS_USED * scale),
        "patients_from_place_share": 1.0,
        "delayed_share": DELAYED,
        "basis": "derived",
        "source": "NHS England A&E, bed and discharge returns 2024/25 for England (via humaniverse/healthyr)",
        "note": "England's 27.41 million attendances of all types, 6.57 million emergency admissions and 95,808 adult "
        "general and acute beds (94.6% occupied) x 250,000 / 58.62 million residents",
    }
    return pd.DataFrame([row])[[column.name for column in HOSPITALS]]


def main() -> None:
    """Read the two folders from the command line and derive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data")
    parser.add_argument("--out", type=Path, required=True, help="place folder to write")
    given = parser.parse_args()
    derive(given.data, given.out)


if __name__ == "__main__":
    main()
