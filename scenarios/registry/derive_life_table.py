"""Rebuild ``tables/life_table.csv``: deaths by single year of age, sex and deprivation.

    python -m scenarios.registry.derive_life_table --rates FILE --national FILE

``--rates`` holds England's deaths a person a year by single age, sex and IMD quintile (columns age, sex, imd, mx),
whose gradient is that of 2011; ``--national`` those of the whole country by single age and sex in ONS's national life
tables (columns sex, age, mx, year). Life expectancy by tenth has drawn apart since 2011, so the ratio of each quintile
to the mean of England's residents of that age is raised to a power, one for each sex: with the tenths of each fifth as
the model has them, the least deprived tenth then lives longer than the most deprived by as many years as ONS publishes
for 2018-20. At each age the quintiles together, weighted by their residents, die at the national rate.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from scenarios.places.derive_tables import write_table
from scenarios.registry.reader import FOLDER, load_registry

GAP_YEARS = {"male": 9.7, "female": 7.9}  # ONS, Health state life expectancies by IMD, England, 2018 to 2020
QUINTILES = 5
NATIONAL_YEARS = "2018-2020"
POWERS = (0.5, 3.0)  # within which the power is looked for
SOURCE = (
    "ONS national life tables England 2018-20 x 2011 deprivation gradient (Asaria, public repository) to the power "
    "{power:.3f}, which gives the difference between tenths that ONS publishes for 2018-20 ({gap} years)"
)


def life_expectancy(rates: np.ndarray) -> float:
    """Return years lived from birth at death rates per person per year by single age, the last open: (ages,)."""
    survive = np.concatenate([[1.0], np.cumprod(np.exp(-rates[:-1]))])
    lived = survive[:-1] * (1 - np.exp(-rates[:-1])) / rates[:-1]
    return float(lived.sum() + survive[-1] / rates[-1])


def steeper(rates: np.ndarray, power: float, weights: np.ndarray, national: np.ndarray) -> np.ndarray:
    """Return ``rates`` [age, quintile] with each age's ratios between quintiles raised to ``power``.

    Their mean by ``weights`` [age, quintile] (each age's add to 1) becomes ``national`` [age].
    """
    ratio = (rates / (rates * weights).sum(axis=1, keepdims=True)) ** power
    return national[:, None] * ratio / (ratio * weights).sum(axis=1, keepdims=True)


def tenths_gap(rates: np.ndarray, tenths: np.ndarray) -> float:
    """Return life expectancy of the least less the most deprived tenth, years; tenths: death_tenth_1 to 5."""
    most, least = rates[:, 0] * (1 + tenths[0]), rates[:, -1] * (1 - tenths[-1])
    return life_expectancy(least) - life_expectancy(most)


def resident_shares(ages: pd.Index) -> np.ndarray:
    """Return the share of each age's residents of England in each quintile: float64[ages, 5]."""
    people = pd.read_csv(FOLDER / "tables" / "england_population.csv")
    wide = people.pivot(index="age_from", columns="national_quintile", values="persons").reindex(ages, method="ffill")
    return wide.div(wide.sum(axis=1), axis=0).to_numpy()


def derive(file: Path, national_file: Path, out: Path) -> None:
    """Write life_table.csv to ``out``."""
    values = load_registry().central()
    tenths = np.array([values[f"death_tenth_{q}"] for q in range(1, QUINTILES + 1)])
    given = pd.read_csv(file)
    given["quintile"] = given["imd"].str.removeprefix("Q").astype(int)
    tables = pd.read_csv(national_file)
    tables = tables[tables["year"] == NATIONAL_YEARS]
    parts = []
    for sex, gap in GAP_YEARS.items():
        rates = given[given["sex"] == sex].pivot(index="age", columns="quintile", values="mx").sort_index()
        national = tables[tables["sex"] == sex].set_index("age")["mx"].reindex(rates.index).to_numpy()
        parts_of = (rates.to_numpy(), resident_shares(rates.index), national)
        power = power_of(*parts_of, tenths, gap)
        made = pd.DataFrame(steeper(parts_of[0], power, *parts_of[1:]).round(6), rates.index, rates.columns)
        long = made.reset_index().melt("age", var_name="national_quintile", value_name="deaths_per_person_year")
        long.insert(1, "sex", sex)
        parts.append(long.assign(source=SOURCE.format(power=power, gap=gap), basis="derived"))
    table = pd.concat(parts, ignore_index=True)
    write_table(out, table.sort_values(["sex", "national_quintile", "age"], ascending=[False, True, True]))


def power_of(
    rates: np.ndarray, weights: np.ndarray, national: np.ndarray, tenths: np.ndarray, gap_years: float
) -> float:
    """Return the power at which the tenths differ by ``gap_years``."""

    def short(power: float) -> float:
        return tenths_gap(steeper(rates, power, weights, national), tenths) - gap_years

    return float(brentq(short, *POWERS))


def main() -> None:
    """Read the words of the command line and derive."""
    parser = argparse.ArgumentParser(description="Rebuild the life table by deprivation.")
    parser.add_argument("--rates", type=Path, required=True)
    parser.add_argument("--national", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER / "tables" / "life_table.csv")
    given = parser.parse_args()
    derive(given.rates, given.national, given.out)


if __name__ == "__main__":
    main()
