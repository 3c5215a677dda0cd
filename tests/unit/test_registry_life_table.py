"""The registry's life table by deprivation: its tenths live as long as ONS says, also where it was not set to."""

import numpy as np
import pandas as pd
import pytest

from scenarios.registry.derive_life_table import (
    GAP_YEARS,
    life_expectancy,
    power_of,
    resident_shares,
    steeper,
    tenths_gap,
)
from scenarios.registry.reader import load_registry

# ONS, Health state life expectancies by IMD, England: at birth 2018-20 (tenths 1 and 10), at 65 2016-18 (difference).
AT_BIRTH = {"male": (73.5, 83.2), "female": (78.3, 86.3)}
GAP_AT_65 = {"male": 5.0, "female": 4.6}


def rates_and_tenths(sex: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the table of a sex [age, quintile], and the registry's ratios of tenths."""
    registry = load_registry()
    table = registry.table("life_table")
    rates = table[table["sex"] == sex].pivot(index="age", columns="national_quintile", values="deaths_per_person_year")
    values = registry.central()
    return rates.to_numpy(float), np.array([values[f"death_tenth_{q}"] for q in range(1, 6)])


@pytest.mark.parametrize("sex", GAP_YEARS)
def test_tenths_differ_as_published_at_birth_and_at_65(sex: str) -> None:
    rates, tenths = rates_and_tenths(sex)
    assert tenths_gap(rates, tenths) == pytest.approx(GAP_YEARS[sex], abs=0.05)
    most, least = rates[:, 0] * (1 + tenths[0]), rates[:, -1] * (1 - tenths[-1])
    assert (life_expectancy(most), life_expectancy(least)) == pytest.approx(AT_BIRTH[sex], abs=0.2)
    assert life_expectancy(least[65:]) - life_expectancy(most[65:]) == pytest.approx(GAP_AT_65[sex], abs=0.35)


def test_the_whole_country_dies_at_the_published_rate() -> None:
    """Quintiles weighted by their residents live as long as ONS's national life tables 2018-20 say."""
    for sex, published in {"male": 79.33, "female": 83.12}.items():
        rates, _ = rates_and_tenths(sex)
        together = (rates * resident_shares(pd.RangeIndex(len(rates)))).sum(axis=1)
        assert life_expectancy(together) == pytest.approx(published, abs=0.02)


def test_a_steeper_table_keeps_the_national_rate_and_the_power_is_found() -> None:
    rates = np.array([[0.02, 0.01], [0.2, 0.1], [0.6, 0.5]]) / np.array([[1.0], [2.0], [3.0]])
    weights = np.array([[0.5, 0.5], [0.4, 0.6], [0.2, 0.8]])
    national = (rates * weights).sum(axis=1)
    steep = steeper(rates, 2.0, weights, 1.1 * national)
    assert (steep * weights).sum(axis=1) == pytest.approx(1.1 * national)
    assert steeper(rates, 1.0, weights, national) == pytest.approx(rates)
    assert steep[:, 0] / steep[:, 1] == pytest.approx((rates[:, 0] / rates[:, 1]) ** 2)
    tenths = np.array([0.1, 0.1])
    wanted = tenths_gap(steeper(rates, 1.7, weights, national), tenths)
    assert power_of(rates, weights, national, tenths, wanted) == pytest.approx(1.7)


def test_life_expectancy_of_a_constant_rate_is_its_inverse() -> None:
    assert life_expectancy(np.full(101, 0.05)) == pytest.approx(20.0)
