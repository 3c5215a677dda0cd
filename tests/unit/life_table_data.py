"""Invented deaths and person-years by age, for tests of life tables: Gompertz mortality, five deprivation fifths."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.life_tables.table import OHID_BANDS

AGES = np.array(OHID_BANDS, dtype=float)
MIDDLES = np.append((AGES[:-1] + AGES[1:]) / 2, 94.0)


def rates(level: float = 1.0) -> np.ndarray:
    """Return deaths per person-year by band: an exponential rise with age, and more in the first year of life."""
    found = level * 3e-5 * np.exp(0.095 * MIDDLES)
    found[0] += level * 0.003
    return found


def area(level: float = 1.0, people: float = 60_000.0) -> pd.DataFrame:
    """Return one area of ``people`` person-years whose deaths are those expected, to the nearest whole one."""
    share = np.exp(-MIDDLES / 60)
    population = people * share / share.sum()
    deaths = np.maximum(np.round(rates(level) * population), 1.0)
    return pd.DataFrame({"start_age": OHID_BANDS, "population": population, "deaths": deaths})


def fifths(people: float = 60_000.0) -> pd.DataFrame:
    """Return five areas, quantile 1 with the highest mortality."""
    levels = (1.6, 1.3, 1.0, 0.85, 0.7)
    return pd.concat([area(level, people).assign(quantile=i) for i, level in enumerate(levels, 1)], ignore_index=True)
