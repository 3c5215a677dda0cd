"""Rebuild ``tables/prevalence.csv``: diagnosed long-term conditions by age, sex and deprivation.

    python -m scenarios.registry.derive_prevalence --data DIR

For each condition the log odds of being on the practice register are level + age shape + slope x (quintile - 3) + male.
Age shape and male term come from ``tables/prevalence_shape.csv``; level and slope are the pair that gives England's QOF
2019/20 registers over residents in all five IMD quintiles best (binomial likelihood), given the quintiles' own ages, so
that the slope is what deprivation adds once age is allowed for.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from scenarios.place_schema import AGE_COLUMNS
from scenarios.places.derive_tables import REGISTERS, england_male_shares, write_table
from scenarios.places.derive_toy import england_ages
from scenarios.registry.reader import FOLDER, load_registry

SOURCE = "QOF 2019/20 registers by IMD decile (House of Commons Library) fitted to the age and sex shape"
# Neurological disease has no register: epilepsy's (18 and over), times our guess of all over epilepsy.
BEYOND_REGISTER = {"neurological_disease": ("EP", 1.65)}
BEYOND_SOURCE = (
    "assumption: QOF 2019/20 epilepsy register by IMD decile x 1.65 "
    "for Parkinson disease, multiple sclerosis and others"
)


def derive(data: Path, out: Path) -> None:
    """Write prevalence.csv to the folder ``out``."""
    shape = load_registry().table("prevalence_shape")
    male = np.array(england_male_shares(pd.read_csv(data / "population" / "england_mid2023_5yr_sex.csv")))
    ages = quintile_ages(data)
    rates = register_rates(data)
    rows = []
    registers = {condition: (code, 1.0) for condition, code in REGISTERS.items()} | BEYOND_REGISTER
    for condition, (code, times) in registers.items():
        source, basis = (BEYOND_SOURCE, "assumption") if condition in BEYOND_REGISTER else (SOURCE, "derived")
        part = shape[shape["condition"] == condition].set_index("age_band").loc[list(AGE_COLUMNS)]
        share, male_log_odds = part["share"].to_numpy(), float(part["male_log_odds"].iloc[0])
        level, slope = fit(share, male_log_odds, male, ages, rates[code] * times)
        for band, at_age in zip(AGE_COLUMNS, share, strict=True):
            if at_age > 0:
                log_odds = round(level + np.log(at_age / (1 - at_age)), 4)
                rows.append((condition, band, log_odds, round(slope, 4), male_log_odds, source, basis))
    columns = ["condition", "age_band", "log_odds", "quintile_log_odds", "male_log_odds", "source", "basis"]
    write_table(out / "prevalence.csv", pd.DataFrame(rows, columns=columns))
    write_table(out / "prevalence_published.csv", check_table(rates))


def quintile_ages(data: Path) -> np.ndarray:
    """Return England's age shares by national quintile: (5, 20), each row summing to 1."""
    deciles = england_ages(data).to_numpy().T  # equal weights: deciles hold nearly equal numbers of residents
    return (deciles[0::2] + deciles[1::2]) / 2


def register_rates(data: Path) -> dict[str, np.ndarray]:
    """Return register over all registered patients (every age) by quintile, for each QOF code: arrays of 5."""
    table = pd.read_csv(data / "primary_care" / "qof_2019_20_prevalence_imd_decile.csv")
    table = table[table["imd_overall"] != "Wales"].assign(decile=lambda t: t["imd_overall"].astype(int))
    registered = table[table["group_code"] == "AF"].set_index("decile")["list"].sort_index().to_numpy()
    rates = {}
    for code, part in table.groupby("group_code"):
        people = part.set_index("decile")["register"].sort_index().to_numpy()
        rates[str(code)] = (people[0::2] + people[1::2]) / (registered[0::2] + registered[1::2])
    return rates


def fit(
    share: np.ndarray, male_log_odds: float, male: np.ndarray, ages: np.ndarray, rate: np.ndarray
) -> tuple[float, float]:
    """Return (level, slope) that make the expected register rates of the five quintiles closest to ``rate``."""
    with np.errstate(divide="ignore"):
        base = np.log(share / (1 - share))

    def expected(terms: np.ndarray) -> np.ndarray:
        level, slope = terms
        tilt = slope * (np.arange(5) - 2.0)[:, None]
        female = 1 / (1 + np.exp(-(base + level + tilt)))
        men = 1 / (1 + np.exp(-(base + level + tilt + male_log_odds)))
        return (ages * (male * men + (1 - male) * female)).sum(axis=1)

    def misfit(terms: np.ndarray) -> float:
        p = expected(terms)
        return float(-(rate * np.log(p) + (1 - rate) * np.log(1 - p)).sum() * 1e3)

    found = minimize(
        misfit, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 2000}
    )
    return float(found.x[0]), float(found.x[1])


def check_table(rates: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the published register rates by condition and quintile, that margins are compared with."""
    rows = [
        (
            condition,
            quintile + 1,
            round(float(rate), 6),
            "QOF 2019/20 registers over all registered patients by IMD decile (House of Commons Library)",
            "found",
        )
        for condition, code in REGISTERS.items()
        for quintile, rate in enumerate(rates[code])
    ]
    return pd.DataFrame(rows, columns=["condition", "national_quintile", "share", "source", "basis"])


def main() -> None:
    """Read the data folder from the command line and derive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data")
    parser.add_argument("--out", type=Path, default=FOLDER / "tables", help="folder to write (our tables by default)")
    given = parser.parse_args()
    derive(given.data, given.out)


if __name__ == "__main__":
    main()
