"""Rebuild the toy place: about 2,000 invented residents in six communities, most to least deprived.

    python -m scenarios.places.derive_toy --data DIR --out DIR

Everything is invented but the age shape of each community, which is England's at its IMD 2019 decile.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from scenarios.place_schema import AGE_COLUMNS, COMMUNITIES, ETHNIC_COLUMNS
from scenarios.places.derive_tables import england_male_shares, write_table

# name, neighbourhood, decile, residents, one-person household share, shares of the five ethnic groups, lat, lon, km
# to ED and to a practice: all invented.
INVENTED = (
    ("Canal Side", "N1", 1, 350, 0.36, (0.18, 0.22, 0.08, 0.42, 0.10), 51.50, -0.20, 2.4, 0.9),
    ("Market Road", "N1", 3, 340, 0.33, (0.16, 0.14, 0.07, 0.53, 0.10), 51.51, -0.20, 2.0, 0.6),
    ("Station Hill", "N1", 5, 320, 0.30, (0.12, 0.08, 0.05, 0.69, 0.06), 51.51, -0.21, 1.8, 0.5),
    ("Mill Lane", "N2", 6, 330, 0.29, (0.09, 0.05, 0.04, 0.78, 0.04), 51.52, -0.21, 1.5, 0.7),
    ("Orchard Way", "N2", 8, 330, 0.28, (0.07, 0.03, 0.03, 0.84, 0.03), 51.53, -0.22, 1.9, 0.8),
    ("Park Terrace", "N2", 10, 330, 0.27, (0.06, 0.02, 0.03, 0.87, 0.02), 51.53, -0.23, 2.2, 1.1),
)
PEOPLE_PER_HOUSEHOLD = 2.36  # Census 2021, England
AREAS = 32844  # LSOAs ranked in IMD 2019


def derive(data: Path, out: Path) -> None:
    """Write communities.csv and age_sex.csv of the toy place to ``out``."""
    ages = england_ages(data)
    rows = []
    for number, (name, group, decile, people, alone, ethnic, lat, lon, ed, gp) in enumerate(INVENTED, start=1):
        rank = round((decile - 0.5) * AREAS / 10)
        by_age = (ages[decile] * people).round(2)
        row: dict[str, object] = {
            "code": f"T{number}",
            "name": name,
            "borough": "Toytown",
            "ward": name,
            "neighbourhood": group,
        }
        row |= {"hospital": "TGH", "imd_2019_rank": rank, "imd_2019_decile": decile}
        row |= {"imd_2025_rank": rank, "imd_2025_decile": decile, "population": people}
        row |= dict(zip(AGE_COLUMNS, by_age, strict=True))
        row |= {"households": round(people / PEOPLE_PER_HOUSEHOLD), "one_person_household_share": alone}
        row |= {column: round(people * share) for column, share in zip(ETHNIC_COLUMNS, ethnic, strict=True)}
        row |= {"lat": lat, "lon": lon, "distance_ed_km": ed, "distance_gp_km": gp}
        rows.append(row)
    write_table(out / "communities.csv", pd.DataFrame(rows, columns=[column.name for column in COMMUNITIES]))
    male = england_male_shares(pd.read_csv(data / "population" / "england_mid2023_5yr_sex.csv"))
    table = pd.DataFrame({"borough": "Toytown", "age_band": AGE_COLUMNS, "male_share": male})
    write_table(out / "age_sex.csv", table)


def england_ages(data: Path) -> pd.DataFrame:
    """Return England's mid-2020 age shares by IMD 2019 decile: 20 age bands down, deciles 1 to 10 across."""
    people = pd.read_parquet(data / "population" / "lsoa11_mid2020_single_year_age_persons.parquet")
    deciles = pd.read_csv(data / "imd" / "imd2019_lsoa11.csv.gz")[["lsoa11_code", "IMD_decile"]]
    single = people.merge(deciles, on="lsoa11_code").groupby("IMD_decile").sum(numeric_only=True)
    bands = {"age_0": single["age_0"], "age_1_4": single[[f"age_{year}" for year in range(1, 5)]].sum(axis=1)}
    for column in AGE_COLUMNS[2:-1]:
        first, last = (int(part) for part in column.split("_")[1:])
        bands[column] = single[[f"age_{year}" for year in range(first, last + 1)]].sum(axis=1)
    bands["age_90_plus"] = single["age_90plus"]
    table = pd.DataFrame(bands)
    return table.div(table.sum(axis=1), axis=0).T


def main() -> None:
    """Read the two folders from the command line and derive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data")
    parser.add_argument("--out", type=Path, required=True, help="place folder to write")
    given = parser.parse_args()
    derive(given.data, given.out)


if __name__ == "__main__":
    main()
