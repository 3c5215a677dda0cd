"""Rebuild the Bi-Borough tables from a folder of open data.

    python -m scenarios.places.derive_bi_borough --data DIR --out DIR

DIR of ``--data`` holds the official files in the folders bi_borough, geography, imd, population and urgent_care
(sources.csv names each). ``--out`` holds neighbourhoods.csv (our own grouping of wards) and place.csv; this writes
communities.csv, age_sex.csv, hospitals.csv and observed.csv there and the derived rows of place.csv.
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
    OBSERVED,
)
from scenarios.places.derive_tables import (
    REGISTERS,
    births_factor,
    distance_km,
    male_shares,
    weighted_mean,
    write_table,
)

BOROUGHS = {"E09000033": "Westminster", "E09000020": "Kensington and Chelsea"}
HOSPITAL_NAMES = {
    "RYJ": "Imperial College Healthcare",
    "RQM": "Chelsea and Westminster Hospital",
    "RRV": "University College London Hospitals",
}
# The emergency departments a resident of the place would go to, by site (names as in the points file). St Thomas' is
# near to the south-east of Westminster too, but across the river: with it 28% of Westminster's residents would use a
# hospital elsewhere, without it 14%, as the trusts' own patient shares say (1,221 admissions a year to University
# College London Hospitals and 881 to Guy's and St Thomas' of 15,256 to the four): the one stands for both.
ED_SITES = {
    "RYJ": ("St Mary's Hospital (HQ)", "Charing Cross Hospital"),
    "RQM": ("Chelsea and Westminster Hospital",),
    "RRV": ("University College Hospital",),
}
HOSPITAL_SOURCE = (
    "NHS England A&E, bed and discharge returns {year} (via humaniverse/healthyr); patient share OHID 2020; type 1 "
    "share 2018/19, the last year told by trust and type"
)
BY_TYPE = "ae_trust_month_by_type_2016-04_2019-03.csv.gz"
HOSPITAL_NOTE = "whole trust, all its sites; attendances of all types; the patient share is of admitted patients"
LOCAL_HEALTH = {  # our name: theirs, unit, period
    "emergency_admission_ratio": ("sar_emerg_allcause", "England = 100", "2015/16-2019/20"),
    "mortality_ratio": ("smr_allcause", "England = 100", "2015-2019"),
    "life_expectancy_female": ("le_birth_female", "years at birth", "2015-2019"),
    "life_expectancy_male": ("le_birth_male", "years at birth", "2015-2019"),
}
YEAR = 2024  # financial years begin in April
# Census 2021 (ONS via humaniverse/demographr age_gender21_ltla21): males over all residents.
MALES = {"Westminster": (98906, 204233), "Kensington and Chelsea": (67055, 143360)}
# One-person households over all households, Census 2021 (ONS via onlondon.co.uk).
ALONE = {"Westminster": 0.427, "Kensington and Chelsea": 0.437}
# Residents whose main language is English, Census 2021 (from memory, rounded).
ENGLISH = {"Westminster": 0.70, "Kensington and Chelsea": 0.73}
DEPRIVED_NAMES = (  # the census categories of households, in the order of DEPRIVED_COLUMNS
    "Household is not deprived in any dimension",
    "Household is deprived in one dimension",
    "Household is deprived in two dimensions",
    "Household is deprived in three dimensions",
    "Household is deprived in four dimensions",
)


def derive(data: Path, out: Path) -> None:
    """Write the derived tables of the Bi-Borough to ``out``."""
    lsoa = pd.read_csv(data / "bi_borough" / "lsoa.csv").sort_values("lsoa_code").reset_index(drop=True)
    communities = community_table(data, out, lsoa)
    columns = [column.name for column in (*COMMUNITIES, *COMMUNITIES_OPTIONAL) if column.name in communities]
    write_table(out / "communities.csv", communities[columns])
    england = pd.read_csv(data / "population" / "england_mid2023_5yr_sex.csv")
    shares = {
        borough: male_shares(england, communities[communities["borough"] == borough], males / people)
        for borough, (males, people) in MALES.items()
    }
    rows = [
        (borough, band, round(share, 5))
        for borough, found in shares.items()
        for band, share in zip(AGE_COLUMNS, found, strict=True)
    ]
    write_table(out / "age_sex.csv", pd.DataFrame(rows, columns=["borough", "age_band", "male_share"]))
    write_table(out / "hospitals.csv", hospital_table(data))
    write_table(out / "observed.csv", observed_table(data))
    update_facts(out, communities, lsoa, shares)


def community_table(data: Path, out: Path, lsoa: pd.DataFrame) -> pd.DataFrame:
    """Return one row per 2021 LSOA with the columns of communities.csv."""
    table = pd.DataFrame(
        {
            "code": lsoa["lsoa_code"],
            "name": lsoa["lsoa_name"],
            "borough": lsoa["lad_code"].map(BOROUGHS),
            "ward": lsoa["ward_name"],
            "neighbourhood": lsoa["ward_name"].map(ward_neighbourhoods(out)),
            "imd_2025_rank": lsoa["imd_rank"].astype(int),
            "imd_2025_decile": lsoa["imd_decile"].astype(int),
            "population": lsoa["pop_total"].astype(int),
            "lat": lsoa["lat"].round(5),
            "lon": lsoa["lon"].round(5),
        }
    )
    table["one_person_household_share"] = table["borough"].map(ALONE)
    for column in ETHNIC_COLUMNS:
        table[column] = lsoa[column.replace("ethnic_", "eth_")].astype(int)
    table = table.join(ages(data, lsoa)).merge(imd_2019(data), on="code", validate="one_to_one")
    table = table.merge(households(data), on="code", validate="one_to_one")
    table = table.merge(deprived_and_disabled(data), on="code", validate="one_to_one")
    table["english_main_language_share"] = table["borough"].map(ENGLISH)
    return table.join(distances(data, lsoa))


def ward_neighbourhoods(out: Path) -> dict[str, str]:
    """Return the neighbourhood of each ward, from the wards listed in neighbourhoods.csv."""
    groups = pd.read_csv(out / "neighbourhoods.csv")
    pairs = zip(groups["id"].astype(str), groups["wards"].astype(str), strict=True)
    return {ward: name for name, wards in pairs for ward in wards.split(";")}


def ages(data: Path, lsoa: pd.DataFrame) -> pd.DataFrame:
    """Return residents by 20 age bands: five-year estimates, 0-4 split by the 2011 LSOA's mid-2020 single years."""
    single = pd.read_parquet(data / "population" / "lsoa11_mid2020_single_year_age_persons.parquet").set_index(
        "lsoa11_code"
    )
    years = single[[f"age_{year}" for year in range(5)]]
    under_five = years.loc[lsoa["lsoa11_bestfit"]]
    whole = years[years.index.isin(lsoa["lsoa11_bestfit"])].to_numpy().sum(axis=0)
    pooled = whole[0] / whole.sum()
    # A handful of infants says little about one LSOA: shrink its share of under-fives towards the place's, weight 100.
    share_0 = ((under_five["age_0"] + 100 * pooled) / (under_five.sum(axis=1) + 100)).to_numpy()
    result = pd.DataFrame(
        {"age_0": lsoa["pop_0_4"] * share_0, "age_1_4": lsoa["pop_0_4"] * (1 - share_0)},
        index=lsoa.index,
    )
    for column in AGE_COLUMNS[2:]:
        result[column] = lsoa[column.replace("age_", "pop_").replace("90_plus", "90plus")]
    return result.round(2)


def imd_2019(data: Path) -> pd.DataFrame:
    """Return IMD 2019 by 2021 LSOA: of the 2011 LSOA; where several merged, their mean rank weighted by residents."""
    links = pd.read_csv(data / "geography" / "lsoa11_to_lsoa21_england.csv.gz")
    links = links[links["ltla22_code"].isin(BOROUGHS)]
    ranks = pd.read_csv(data / "imd" / "imd2019_lsoa11.csv.gz")[["lsoa11_code", "IMD_rank"]]
    people = pd.read_csv(data / "population" / "lsoa11_mid2020_5yr_persons.csv.gz")[["lsoa11_code", "total_population"]]
    joined = links.merge(ranks, on="lsoa11_code").merge(people, on="lsoa11_code")
    joined["weighted"] = joined["IMD_rank"] * joined["total_population"]
    sums = joined.groupby("lsoa21_code")[["weighted", "total_population"]].sum()
    rank = sums["weighted"] / sums["total_population"]
    decile = np.minimum(((rank - 1) * 10 // len(ranks)).astype(int) + 1, 10)
    return pd.DataFrame({"code": rank.index, "imd_2019_rank": rank.round().astype(int), "imd_2019_decile": decile})


def households(data: Path) -> pd.DataFrame:
    """Return Census 2021 households by LSOA: all, social rented, overcrowded (occupancy rating -1 or less)."""
    tenure = pd.read_csv(data / "population" / "lsoa21_census2021_tenure.csv.gz").set_index("lsoa21_code")
    rooms = pd.read_csv(data / "population" / "lsoa21_census2021_overcrowding.csv.gz").set_index("lsoa21_code")
    social = [name for name in map(str, tenure) if name.startswith("Social rented")]
    crowded = [name for name in map(str, rooms) if "(overcrowded)" in name]
    table = pd.DataFrame(
        {
            "households": tenure.sum(axis=1),
            "social_rented_households": tenure[social].sum(axis=1),
            "overcrowded_households": rooms[crowded].sum(axis=1),
        }
    )
    return table.rename_axis("code").reset_index()


def deprived_and_disabled(data: Path) -> pd.DataFrame:
    """Return Census 2021 households by dimensions of deprivation and the disabled share of residents, by LSOA."""
    folder = data / "population"
    homes = pd.read_csv(folder / "lsoa21_census2021_household_deprivation.csv.gz").set_index("lsoa21_code")
    people = pd.read_csv(folder / "lsoa21_census2021_disability.csv.gz").set_index("lsoa21_code")
    table = homes[list(DEPRIVED_NAMES)].set_axis(list(DEPRIVED_COLUMNS), axis=1)
    table["disabled_share"] = (people["Disabled under the Equality Act"] / people.sum(axis=1)).round(4)
    return table.rename_axis("code").reset_index()


def distances(data: Path, lsoa: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest of the place's EDs (its hospital) and straight-line km to it and to the nearest practice."""
    points = pd.read_csv(data / "geography" / "points_hospitals22.csv")
    points.columns = ["site", "lon", "lat"]
    here = lsoa[["lat", "lon"]].to_numpy()
    by_hospital = {
        code: np.min(
            [distance_km(here, points[points["site"] == site][["lat", "lon"]].to_numpy()[:1]) for site in sites], axis=0
        )[:, 0]
        for code, sites in ED_SITES.items()
    }
    km = np.column_stack(list(by_hospital.values()))
    practices = pd.read_csv(data / "bi_borough" / "gp_practices.csv")[["Latitude", "Longitude"]].dropna().to_numpy()
    return pd.DataFrame(
        {
            "hospital": np.array(list(by_hospital))[km.argmin(axis=1)],
            "distance_ed_km": km.min(axis=1).round(2),
            "distance_gp_km": distance_km(here, practices).min(axis=1).round(2),
        },
        index=lsoa.index,
    )


def hospital_table(data: Path, start: int = YEAR) -> pd.DataFrame:
    """Return hospitals.csv: whole-trust activity and adult general and acute beds of the year from April ``start``."""
    folder = data / "urgent_care"
    attendances = trust_year(folder / "ae_trust_month_2021-04_2025-07.csv.gz", start)
    beds = trust_year(folder / "beds_trust_month_2022-04_2025-08.csv.gz", start)
    ready = trust_year(folder / "discharge_sitrep_trust_month_2022-04_2025-08.csv.gz", start)
    flows = pd.read_csv(data / "bi_borough" / "trusts_serving.csv")
    rows = []
    for code, name in HOSPITAL_NAMES.items():
        occupied = beds[code]["adult_general_acute_beds_occupied"]
        staying = ready[code]["mean_daily_no_criteria_to_reside"] - ready[code]["mean_daily_discharged"]
        rows.append(
            {
                "code": code,
                "name": name,
                "ed_attendances_per_year": round(attendances[code]["total_attendances"] * 12),
                "emergency_admissions_per_year": round(attendances[code]["total_emergency_admissions"] * 12),
                "beds_available": round(beds[code]["adult_general_acute_beds_available"]),
                "beds_occupied": round(occupied),
                "patients_from_place_share": round(
                    flows[flows["nhs_trust22_code"] == code]["proportion_trust_came_from_ltla"].sum(), 4
                ),
                "delayed_share": round(staying / occupied, 4),
                "type_1_share": round(type_1_share(folder / BY_TYPE, code), 4),
                "basis": "found",
                "source": HOSPITAL_SOURCE.format(year=f"{start}/{(start + 1) % 100}"),
                "note": HOSPITAL_NOTE,
            }
        )
    columns = [column.name for column in HOSPITALS]
    columns.insert(columns.index("basis"), "type_1_share")
    return pd.DataFrame(rows)[columns]


def type_1_share(path: Path, code: str) -> float:
    """Return the share of a trust's attendances that were at type 1 in the last year that is told by type, 2018/19."""
    table = pd.read_csv(path)
    mine = table[(table["org_code"] == code) & table["period"].between("2018-04", "2019-03-31")]
    seen = mine.groupby(mine["type"].astype(str))["attendances"].sum()
    return float(seen["1"] / seen.sum())


def trust_year(path: Path, start: int) -> dict[str, dict[str, float]]:
    """Return each trust's mean over the year from April ``start``, by code; missing months are left out of the mean."""
    table = pd.read_csv(path)
    table = table[table["month"].str[:7].between(f"{start}-04", f"{start + 1}-03")]
    means = table.groupby("nhs_trust22_code").mean(numeric_only=True)
    return {str(code): {str(column): float(value) for column, value in row.items()} for code, row in means.iterrows()}


def observed_table(data: Path) -> pd.DataFrame:
    """Return observed.csv: what is published of the place itself, by borough and for both."""
    registers = pd.read_csv(data / "primary_care" / "qof_2019_20_prevalence_lad.csv.gz")
    registers = registers[registers["lad_code"].isin(BOROUGHS)]
    registered = float(registers.loc[registers["group_code"] == "AF", "list"].sum())  # the whole list
    rows: list[tuple[object, ...]] = []
    for condition, code in REGISTERS.items():
        share = float(registers.loc[registers["group_code"] == code, "register"].sum()) / registered
        source = "QOF 2019/20 (House of Commons Library model by local authority)"
        note = "over everyone on the lists, which exceed residents"
        rows.append(
            (
                "known_condition",
                condition,
                "both boroughs",
                round(share, 5),
                "share",
                "2019/20",
                "derived",
                source,
                note,
            )
        )
    targets = pd.read_csv(data / "bi_borough" / "calibration_targets_lad.csv")
    targets = targets[targets["source"] == "PHE Local Health"]
    values = dict(zip(zip(targets["lad_code"], targets["indicator"], strict=True), targets["value"], strict=True))
    for lad, area in BOROUGHS.items():
        for measure, (indicator, unit, period) in LOCAL_HEALTH.items():
            value = float(values[(lad, indicator)])
            rows.append((measure, "all", area, value, unit, period, "found", "OHID Local Health", ""))
    return pd.DataFrame(rows, columns=[column.name for column in OBSERVED])


def update_facts(out: Path, communities: pd.DataFrame, lsoa: pd.DataFrame, shares: dict[str, list[float]]) -> None:
    """Write the derived rows of place.csv in place of what was there, keeping every other row."""
    facts = pd.read_csv(out / "place.csv", dtype=str, keep_default_na=False).set_index("key")
    people = lsoa["pop_total"]
    births = np.mean(
        [births_factor(communities[communities["borough"] == borough], male) for borough, male in shares.items()]
    )
    derived = {
        "basis_census_2021": str(int(people.sum())),
        "local_factor_emergency": f"{weighted_mean(lsoa['msoa_sar_emerg_allcause'], people) / 100:.3f}",
        "local_factor_mortality": f"{weighted_mean(lsoa['msoa_smr_allcause'], people) / 100:.3f}",
        "local_factor_births": f"{births:.3f}",
    }
    for key, value in derived.items():
        facts.loc[key, "value"] = value
    write_table(out / "place.csv", facts.reset_index())


def main() -> None:
    """Read the two folders from the command line and derive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data")
    parser.add_argument("--out", type=Path, required=True, help="place folder to write")
    parser.add_argument(
        "--hospitals-of", type=int, metavar="YEAR", help="write hospitals.csv of the year from April alone"
    )
    given = parser.parse_args()
    if given.hospitals_of:
        write_table(given.out / "hospitals.csv", hospital_table(given.data, given.hospitals_of))
    else:
        derive(given.data, given.out)


if __name__ == "__main__":
    main()
