"""Two further cuts of the same events: by ethnic and Core20PLUS group, and deaths by decile, sex and twenty ages.

Composition only: no rate of the model reads a person's ethnic group as such, so a difference between ethnic groups
shows who lives where and with what conditions, and nothing specific to the group. Inclusion groups have factors of
their own.
"""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S
from sim.codes import ETHNIC_NAMES, LEARNING_DISABILITY, SEVERE_MENTAL_ILLNESS, SEX_NAMES
from sim.outcomes.events import Events, sums
from sim.outcomes.panel import age_years

CORE20_NAMES = ("rest", "core20")  # core20: the most deprived fifth of England's communities
# The first that holds: inclusion health groups, then the two groups of conditions that Core20PLUS names.
PLUS_NAMES = ("none", "inclusion", "learning_disability", "severe_mental_illness")
COMPOSITION_CELLS = (len(ETHNIC_NAMES), len(CORE20_NAMES), len(PLUS_NAMES))
DECILES = 10
AGE_NAMES = ("0", "1-4", *(f"{lower}-{lower + 4}" for lower in range(5, 90, 5)), "90+")
MORTALITY = ("person_seconds", "deaths")


def composition_cells(people: np.ndarray, communities: np.ndarray) -> np.ndarray:
    """Return each person's cell (ethnic group, core20, plus group), int64 (people,)."""
    core20 = communities["national_quintile"].astype(np.int64)[people["community"]] == 1
    conditions = people["conditions"]
    disabled = conditions >> np.uint32(LEARNING_DISABILITY) & np.uint32(1)
    ill = conditions >> np.uint32(SEVERE_MENTAL_ILLNESS) & np.uint32(1)
    plus = np.select([people["inclusion"] > 0, disabled == 1, ill == 1], [1, 2, 3], 0)
    ethnic = people["ethnic"].astype(np.int64)
    return (ethnic * len(CORE20_NAMES) + core20) * len(PLUS_NAMES) + plus


def mortality_of(people: np.ndarray, communities: np.ndarray, events: Events, start_s: int) -> np.ndarray:
    """Return int64 [national decile, sex, age band, MORTALITY] of the month that starts at ``start_s``."""
    decile = np.clip(communities["imd_decile"].astype(np.int64)[people["community"]] - 1, 0, DECILES - 1)
    age = age_years(people["birth_day"], start_s // DAY_S)
    band = np.where(age < 1, 0, np.minimum(1 + age // 5, len(AGE_NAMES) - 1))
    shape = (DECILES, len(SEX_NAMES), len(AGE_NAMES))
    cell = (decile * shape[1] + people["sex"]) * shape[2] + band
    columns = [sums(events[name], cell, int(np.prod(shape))) for name in MORTALITY]
    return np.stack(columns, axis=-1).reshape(*shape, len(MORTALITY))
