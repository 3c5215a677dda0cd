"""England's rates by single year of age and sex, as standardised ratios need them: from the evidence registry."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from scenarios.registry.reader import load_registry

OLDEST = 120
RATES = {
    "emergency_admissions": ("emergency_admission_rates", "age_from", "per_1000_per_year", 1_000.0),
    "deaths": ("life_table", "age", "deaths_per_person_year", 1.0),
}


@lru_cache(maxsize=4)
def england_rates(column: str) -> pd.DataFrame:
    """Return England's rate per person-year of ``column`` by ``age`` (0 to 120) and ``sex``.

    Rates by deprivation are weighted by England's residents of each fifth at that age; an age beyond a table's last
    takes its last. Raises KeyError for a column without England's rates.
    """
    table, age, value, per = RATES[column]
    registry = load_registry()
    rates = registry.table(table)
    people = registry.table("england_population").pivot(index="age_from", columns="national_quintile", values="persons")
    ages = np.arange(OLDEST + 1)
    weights = people.to_numpy(float)[np.searchsorted(people.index.to_numpy(), ages, side="right") - 1]
    weights = weights / weights.sum(axis=1, keepdims=True)
    found = []
    for sex, mine in rates.groupby("sex"):
        grid = mine.pivot(index=age, columns="national_quintile", values=value)
        by_age = grid.to_numpy(float)[np.searchsorted(grid.index.to_numpy(), ages, side="right") - 1]
        found.append(pd.DataFrame({"age": ages, "sex": sex, "rate": (weights * by_age).sum(axis=1) / per}))
    return pd.concat(found, ignore_index=True)
