"""Rebuild what a spreadsheet would have said of our held-out targets of trusts and boroughs, from open files.

    python -m calibration.comparison.derive --data DIR

DIR as for ``calibration.targets.derive``. Rows carried over by hand (England's months, NEW Devon) stay as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.comparison.applied import same_month_known, share_of_year, weighted
from calibration.comparison.spreadsheets import BEFORE, NATIONAL, TABLES, Said, write_said
from calibration.targets.columns import HELD_OUT
from calibration.targets.derive import AE, BOROUGHS, FORWARD_FITTED, LOCAL_LIFE, TRUST_FILE, TRUST_MONTHS
from calibration.targets.reader import read_targets
from calibration.targets.target import TargetSet
from calibration.targets.trust_months import MONTH, SERIES, TRUST, copied_months, read_months
from evaluation.life_tables.table import chiang_table

DEATHS = "mortality/all_cause_mortality_rate_imd_decile_age_sex_2013_2015.csv"
COMMUNITIES = "bi_borough/lsoa11.csv"
YEAR_TOTAL = [*[f"2024-{at:02d}" for at in range(4, 13)], "2025-01"]  # the run's year; its last two months are copies
LAST_KNOWN = {"bi_borough": "2024-03", "bi_borough_forward": "2024-03"}  # last month that the spreadsheet knows


def trust_month_rows(data: Path, targets: TargetSet, last_known: str, forward: bool) -> Iterator[Said]:
    """Yield both spreadsheets for monthly counts of trusts.

    National: the trust's total spread over months as all trusts' were in 2023/24; of the forward test that of 2023/24,
    otherwise that of the run's own year, which the model is given too.
    """
    frame = read_months(data / "urgent_care" / TRUST_FILE)
    columns = {each.output: each.column for each in SERIES.values() if not each.below}
    for target in targets:
        if target.group != TRUST_MONTHS or target.role != HELD_OUT:
            continue
        column = columns[target.output]
        series = usable(frame, column)
        everyone = {month: series[month].sum() for month in series}
        mine = {month: float(counts.get(target.area_code, np.nan)) for month, counts in series.items()}
        profile = {month: everyone[month] for month in FORWARD_FITTED}
        year = FORWARD_FITTED if forward else YEAR_TOTAL
        total = sum(mine[month] for month in year)
        covered = 1.0 if forward else sum(share_of_year(profile, month) for month in year)
        value = total / covered * share_of_year(profile, target.period)
        how = f"the trust's total of {'2023/24' if forward else '2024/25'} spread as all trusts' months were in 2023/24"
        yield Said(target.target, NATIONAL, value, how, AE)
        known = same_month_known(mine, target.period, last_known)
        if known:
            yield Said(target.target, BEFORE, known[1], f"the trust's figure of {known[0]}", AE, "found")


def usable(frame: pd.DataFrame, column: str) -> dict[str, pd.Series]:
    """Return counts by trust of each month that is no copy of another."""
    copied = copied_months(frame, (column,))
    return {
        str(month): rows.set_index(TRUST)[column].dropna()
        for month, rows in frame.groupby(MONTH)
        if str(month) not in copied
    }


def local_life_rows(data: Path, targets: TargetSet) -> Iterator[Said]:
    """Yield England's life expectancy by sex and national tenth, applied to each local tenth's communities."""
    national = national_life(pd.read_csv(data / DEATHS))
    places = pd.read_csv(data / COMMUNITIES)
    tenths = {code: local_tenths(places[places["ltla22_code"] == code]) for code in BOROUGHS}
    for target in targets:
        if target.group != LOCAL_LIFE:
            continue
        mine = tenths[target.area_code]
        people = mine[mine["tenth"] == int(target.category)].rename(columns={"pop_total_mid2020": "people"})
        rates = national[national["sex"] == target.sex]
        how = "England's life expectancy by sex and national tenth of deprivation, 2013 to 2015, applied to residents"
        value = weighted(rates[["IMD_decile", "value"]], people[["IMD_decile", "people"]], ["IMD_decile"])
        yield Said(target.target, NATIONAL, value, how, "ONS deaths and population by age, sex and IMD decile")


def national_life(deaths: pd.DataFrame) -> pd.DataFrame:
    """Return life expectancy at birth in England by sex and national decile: sex, IMD_decile, value (years)."""
    rows = []
    for (decile, sex), mine in deaths.groupby(["imd", "sex"]):
        table = mine.assign(start_age=mine["ageband"].replace({"<1": "0"}))
        rows.append((str(sex).lower(), int(str(decile)), chiang_table(table).expectancy().estimate))
    return pd.DataFrame(rows, columns=["sex", "IMD_decile", "value"])


def local_tenths(places: pd.DataFrame) -> pd.DataFrame:
    """Return communities with ``tenth``: 1 the most deprived tenth of them, by rank within the area."""
    order = places.sort_values("IMD_rank").reset_index(drop=True)
    return order.assign(tenth=1 + np.arange(len(order)) * 10 // len(order))


def rebuild(data: Path, folder: Path = TABLES) -> Mapping[str, list[Said]]:
    """Write our tables of the Bi-Borough, and return them by name."""
    found: dict[str, list[Said]] = {}
    for name, last_known in LAST_KNOWN.items():
        targets = read_targets(name)
        forward = name.endswith("forward")
        found[name] = list(trust_month_rows(data, targets, last_known, forward))
        if not forward:
            found[name] += local_life_rows(data, targets)
        write_said(found[name], folder / f"{name}.csv")
    return found


def main() -> None:
    """Rebuild our tables from the folder named on the command line."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--data", type=Path, required=True, help="folder of the public files")
    made.add_argument("--out", type=Path, default=TABLES, help="folder of the tables")
    given = made.parse_args()
    rebuild(given.data, given.out)


if __name__ == "__main__":
    main()
