"""Files by LSOA as their publishers lay them out, of four LSOAs made up for tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

CODES = ("E01000001", "E01000002", "E01000003", "E01000004")
OLD_CODES = ("E01000001", "E01000092", "E01000093", "E01000094")  # of 2011: 92 and 93 became 02; 94 was split in 03, 04
BOROUGH, BOROUGH_CODE = "Anytown", "E08000099"
WARDS = ("Northgate", "Northgate", "Southgate", "Southgate")
RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
RANKS_2025 = (100, 10_000, 20_000, 33_755)
RANKS_2019 = (200, 9_000, 11_000, 30_000)  # by OLD_CODES
AGES = range(91)


def people(area: int, sex: str, age: int) -> int:
    """Return the residents of one LSOA (0 to 3) of one sex and single year of age."""
    return 10 + area + (2 if sex == "M" else 0) - age // 10


def write_files(folder: Path) -> None:
    """Write File_7_2025.csv, File_7_2019.csv, mid_year.xlsx, lookup.csv, lsoa11_21.csv, wards.csv into ``folder``."""
    elsewhere = {"LSOA code (2021)": "E01099999", "Local Authority District name (2024)": "Elsewhere", RANK: 5}
    indices = [
        {"LSOA code (2021)": code, "LSOA name (2021)": f"Anytown {code[-1]}", RANK: f"{rank:,}", "Other": 1}
        | {"Local Authority District name (2024)": BOROUGH}
        for code, rank in zip(CODES, RANKS_2025, strict=True)
    ]
    pd.DataFrame([*indices, elsewhere]).to_csv(folder / "File_7_2025.csv", index=False)
    older = [
        {"LSOA code (2011)": code, "LSOA name (2011)": f"Old {code}", RANK: rank}
        | {"Local Authority District code (2019)": BOROUGH_CODE, "Local Authority District name (2019)": BOROUGH}
        for code, rank in zip(OLD_CODES, RANKS_2019, strict=True)
    ]
    pd.DataFrame(older).to_csv(folder / "File_7_2019.csv", index=False)
    became = [
        ("E01000001", "E01000001"),
        ("E01000092", "E01000002"),
        ("E01000093", "E01000002"),
        ("E01000094", "E01000003"),
        ("E01000094", "E01000004"),
    ]
    pairs = [
        {"LSOA11CD": old, "LSOA11NM": f"Old {old}", "LSOA21CD": new, "LSOA21NM": f"Anytown {new[-1]}", "CHGIND": "?"}
        | {"LAD22CD": BOROUGH_CODE, "LAD22NM": BOROUGH}
        for old, new in became
    ]
    pd.DataFrame(pairs).to_csv(folder / "lsoa11_21.csv", index=False)
    where = zip(CODES, WARDS, (53.0, 53.0, 53.1, 53.1), (-1.8, -1.79, -1.8, -1.79), strict=True)
    lookup = [
        {"LSOA21CD": code, "LSOA21NM": f"Anytown {code[-1]}", "WD24NM": ward, "LAD24CD": BOROUGH_CODE}
        | {"LAD24NM": BOROUGH, "LAT": lat, "LONG": lon}
        for code, ward, lat, lon in where
    ]
    pd.DataFrame(lookup).to_csv(folder / "lookup.csv", index=False)
    wards = pd.DataFrame({"ward": ["Northgate", "Southgate"], "neighbourhood": ["North team", "South team"]})
    wards.to_csv(folder / "wards.csv", index=False)
    write_mid_year(folder / "mid_year.xlsx")


def write_mid_year(path: Path) -> None:
    """Write a workbook as ONS does: notes, then a sheet a year whose header is in its fourth row."""
    rows = []
    for area, code in enumerate(CODES):
        row: dict[str, object] = {"LAD 2023 Code": BOROUGH_CODE, "LAD 2023 Name": BOROUGH, "LSOA 2021 Code": code}
        single = {f"{sex}{age}": people(area, sex, age) for sex in ("F", "M") for age in AGES}
        rows.append(row | {"LSOA 2021 Name": f"Anytown {area}", "Total": sum(single.values())} | single)
    table = pd.DataFrame(rows)
    with pd.ExcelWriter(path) as book:
        pd.DataFrame([["Notes"]]).to_excel(book, sheet_name="Notes", index=False, header=False)
        for year in (2021, 2022):
            sheet = f"Mid-{year} LSOA 2021"
            table.to_excel(book, sheet_name=sheet, startrow=3, index=False)
            book.sheets[sheet].cell(1, 1, f"{sheet}: population by single year of age and sex")
