"""Rebuild ``tables/household_deprivation.csv``: households by dimensions of deprivation and national quintile.

python -m scenarios.registry.derive_household_deprivation --data DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from scenarios.places.derive_england_average import DEPRIVED_NAMES, decile_counts
from scenarios.places.derive_tables import write_table
from scenarios.registry.reader import FOLDER

SOURCE = "ONS Census 2021 households deprived in 0 to 4 dimensions by LSOA, summed by IMD 2025 quintile"
PLACES = 5  # decimals


def derive(data: Path, out: Path) -> None:
    """Write household_deprivation.csv to the folder ``out``; the shares of a quintile add up to 1."""
    deciles = decile_counts(data, "household_deprivation")
    sums = deciles.groupby((deciles.index.to_numpy() + 1) // 2).sum()
    rows: list[tuple[object, ...]] = []
    for quintile in sums.index:
        homes = sums.loc[quintile]
        shares = [round(float(homes[f"Household is {name}"] / homes.sum()), PLACES) for name in DEPRIVED_NAMES[1:]]
        for dimensions, share in enumerate([round(1 - sum(shares), PLACES), *shares]):
            rows.append((quintile, dimensions, share, SOURCE, "found"))
    columns = ["national_quintile", "dimensions", "share", "source", "basis"]
    write_table(out / "household_deprivation.csv", pd.DataFrame(rows, columns=columns))


def main() -> None:
    """Read the data folder from the command line and derive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data")
    parser.add_argument("--out", type=Path, default=FOLDER / "tables", help="folder to write (our tables by default)")
    given = parser.parse_args()
    derive(given.data, given.out)


if __name__ == "__main__":
    main()
