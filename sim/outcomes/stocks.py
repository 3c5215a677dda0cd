"""Stocks at a month's end, by cell of the panel: who lives there, on the caseload, and what need is unmet or hidden."""

from __future__ import annotations

import numpy as np

from sim.codes import NO_CARE_HOME
from sim.outcomes.contacts import total_by
from sim.outcomes.panel import AGE_BANDS, CELLS_PER_NEIGHBOURHOOD, QUINTILES, SEXES

THOUSAND = 1_000  # stocks and shares are kept in whole thousandths
STOCKS = (
    "people",
    "enrolled",
    "with_plan",
    "in_care_home",
    "conditions",
    "hidden_conditions",
    "unmet_thousandths",
    "trust_thousandths",
    "tie_thousandths",
)


def stocks_of(people: np.ndarray, present: np.ndarray, cells: np.ndarray, neighbourhoods: int) -> np.ndarray:
    """Return int64 [neighbourhood, quintile, age band, sex, STOCKS] of those ``present`` (bool) at the month's end.

    Hidden conditions are those a person has and services do not know of. Unmet need, trust and tie are as they were in
    force during the month, each person's rounded to a thousandth, summed: divide by ``people`` for means.
    """
    cell = cells[present]
    conditions = people["conditions"][present]
    values = (
        np.ones(len(cell), np.int64),
        people["enrolled"][present] == 1,
        people["plan"][present] == 1,
        people["care_home"][present] != NO_CARE_HOME,
        np.bitwise_count(conditions),
        np.bitwise_count(conditions & ~people["known"][present]),
        *(np.rint(people[name][present] * THOUSAND) for name in ("unmet", "trust", "tie")),
    )
    size = neighbourhoods * CELLS_PER_NEIGHBOURHOOD
    columns = [total_by(cell, value.astype(np.int64), size) for value in values]
    return np.stack(columns, axis=-1).reshape(neighbourhoods, QUINTILES, AGE_BANDS, SEXES, len(STOCKS))
