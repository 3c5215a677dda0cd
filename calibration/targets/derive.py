"""Rebuild the rows of our targets that are worked out from open files: monthly series and local life expectancy.

    python -m calibration.targets.derive --data DIR

DIR holds the public files that the built-in places are made from too (monthly A&E returns by trust, life
expectancy by tenth within each authority). Rows carried over by hand from a publication stay as they
are in the tables; rows of the groups below are replaced.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from calibration.targets.columns import FITTED, HELD_OUT
from calibration.targets.period import parse
from calibration.targets.reader import TABLES, read_targets
from calibration.targets.target import Z_95, Target
from calibration.targets.trust_months import read_trust_months
from calibration.targets.writer import write_targets

RUN = [f"2024-{month:02d}" for month in range(4, 13)] + [f"2025-{month:02d}" for month in range(1, 4)]
FORWARD_FITTED = [f"2023-{month:02d}" for month in range(4, 13)] + [f"2024-{month:02d}" for month in range(1, 4)]
FORWARD_HELD = [f"2024-{month:02d}" for month in range(4, 13)] + [f"2025-{month:02d}" for month in range(1, 8)]
TRUSTS = {"RYJ": "Imperial College Healthcare", "RQM": "Chelsea and Westminster Hospital"}
BOROUGHS = {"E09000020": "Kensington and Chelsea", "E09000033": "Westminster"}
JUDGEMENTS = Path(__file__).with_name("judgements.csv")
TRUST_MONTHS, LOCAL_LIFE = "trust_months", "local_life"
DERIVED = (TRUST_MONTHS, LOCAL_LIFE)
TRUST_FILE = "ae_trust_month_2021-04_2025-07.csv.gz"
LIFE_FILE = "life_expectancy_within_area_decile_bi_borough.csv"
AE = "NHS England A&E attendances and emergency admissions, monthly returns (via humaniverse/healthyr)"


def trust_months(data: Path, months: list[str], role: str = "") -> Iterator[Target]:
    """Yield monthly counts of both trusts; ``role`` '': even months are held out."""
    from dataclasses import replace

    spread = float(pd.read_csv(JUDGEMENTS).set_index("name")["value"]["trust_month_cv"])
    for trust, name in TRUSTS.items():
        for which in ("attendances", "admissions"):
            found = read_trust_months(data / "urgent_care" / TRUST_FILE, trust, which, spread**2, months)
            for each in found:
                yield replace(each, area_name=name, role=role or each.role, group=TRUST_MONTHS, source=AE)


def local_life(data: Path) -> Iterator[Target]:
    """Yield life expectancy by sex and tenth of communities within each borough: all held out."""
    frame = pd.read_csv(data / "mortality" / LIFE_FILE)
    for row in frame[frame["GeoCode"].isin(list(BOROUGHS))].to_dict("records"):
        name, sex, tenth = BOROUGHS[str(row["GeoCode"])], str(row["Sex"]).lower(), str(row["Decile"])
        value, half = float(row["LifeExp"]), Z_95 * float(row["SE"])
        yield Target(
            target=f"life_{name.split()[0].lower()}_{sex}_{tenth}",
            output="life_expectancy",
            unit="years",
            value=round(value, 2),
            period="2014-2016",
            likelihood="normal",
            role=HELD_OUT,
            indicator="Life expectancy at birth by deprivation decile within the area",
            area_code=str(row["GeoCode"]),
            area_name=name,
            run_area=name,
            sex=sex,
            category_type="local_decile",
            category=tenth,
            lower_95=round(value - half, 2),
            upper_95=round(value + half, 2),
            limits="published",
            group=LOCAL_LIFE,
            bridge_factor=1.0,
            bridge_error=0.008,
            bridge_why="2014 to 2016 for 2024/25: life expectancy has moved by less than a year since",
            imd_edition="2015",
            definition="period life expectancy at birth of a tenth of the area's communities, ranked by deprivation",
            differs="tenths of IMD 2015; the period is inferred from the person-years of the file",
            basis="found",
            source="OHID, life expectancy by deprivation decile within area",
        )


def rebuild(data: Path, folder: Path = TABLES) -> None:
    """Replace the derived rows of our tables in ``folder``, and write the table of the forward test."""
    path = folder / "bi_borough.csv"
    kept = [each for each in read_targets(path) if each.group not in DERIVED]
    write_targets(path, [*kept, *trust_months(data, RUN), *local_life(data)])
    forward = [*trust_months(data, FORWARD_FITTED, FITTED), *trust_months(data, FORWARD_HELD, HELD_OUT)]
    forward.sort(key=lambda each: (each.area_code, each.output, parse(each.period).first))
    write_targets(folder / "bi_borough_forward.csv", forward)


def main() -> None:
    """Rebuild our tables from the folder named on the command line."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--data", type=Path, required=True, help="folder of the public files")
    made.add_argument("--out", type=Path, default=TABLES, help="folder of the tables")
    given = made.parse_args()
    rebuild(given.data, given.out)


if __name__ == "__main__":
    main()
