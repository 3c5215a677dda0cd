"""Registry rows that belong together, as arrays: what each kind of service is like, and who refers to whom.

Rows are found by their names: ``service_<kind>_<field>`` and ``refer_<from kind>_<need>_<to kind>``; a row that is
not there is 0. Names come from sim/codes.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from scenarios.errors import InputError, nearest
from sim.codes import NEED_NAMES, SERVICE_KINDS, SERVICE_NAMES
from sim.rules.maths import log

(
    MINUTES,  # mean length of a contact, notes and travel included
    MINUTES_SCV,  # squared coefficient of variation of it
    PATIENCE_DAYS,  # mean wait people bear for planned care
    PATIENCE_URGENT_DAYS,
    PRIORITY,  # class 0 (first) to 7 of planned care
    PRIORITY_URGENT,
    MORE,  # chance of another contact of the same service
    GAP_DAYS,  # time between them
    CONTACTS_MOST,  # in one episode
    ESCALATE,  # chance per unit of severity of being sent to hospital
) = range(10)
FIELD_NAMES = (
    "minutes",
    "minutes_scv",
    "patience_days",
    "patience_urgent_days",
    "priority",
    "priority_urgent",
    "more",
    "gap_days",
    "contacts_most",
    "escalate",
)
# Of the lengths of a kind's contacts and, SERVICE_KINDS further on, of the times between them: what they are of, and
# what `maths.lognormal_quantile` makes of it every time.
LENGTH_MEAN, LENGTH_SCV, LENGTH_MIDDLE, LENGTH_SPREAD = range(4)
SERVICE_PREFIX, REFER_PREFIX = "service_", "refer_"


def service_array(values: Mapping[str, float]) -> np.ndarray:
    """Return float64[kind, field]: ``values`` of the rows service_<kind>_<field> (0 where there is no row).

    Raises InputError for a name that begins so and names no field.
    """
    found = np.zeros((SERVICE_KINDS, len(FIELD_NAMES)))
    at = {
        f"{SERVICE_PREFIX}{kind}_{field}": (i, j)
        for i, kind in enumerate(SERVICE_NAMES)
        for j, field in enumerate(FIELD_NAMES)
    }
    for name, value in values.items():
        if name.startswith(SERVICE_PREFIX):
            if name not in at:
                raise InputError(f"parameter '{name}'", f"no such service or field: {nearest(name, at)}")
            found[at[name]] = value
    return found


def refers_array(refer: np.ndarray) -> np.ndarray:
    """Return int64[from kind, need type] of ``refer_array``'s: a bit for each kind that is ever referred to."""
    return ((refer > 0.0) << np.arange(SERVICE_KINDS)).sum(axis=2, dtype=np.int64)


def length_array(services: np.ndarray, gap_scv: float = 0.0) -> np.ndarray:
    """Return float64[2 x kinds, 4] of ``service_array``'s: mean and scv, then mean and deviation of the logarithm.

    Of the minutes of each kind's contacts, then of the days between them, whose squared coefficient of variation is
    ``gap_scv`` for all kinds.
    """
    found = np.zeros((2 * SERVICE_KINDS, 4))
    lengths = [(mean, scv) for mean, scv in services[:, [MINUTES, MINUTES_SCV]]]
    for place, (mean, scv) in enumerate(lengths + [(mean, gap_scv) for mean in services[:, GAP_DAYS]]):
        squared = log(1.0 + scv)
        found[place] = mean, scv, log(mean) - 0.5 * squared, math.sqrt(squared)
    return found


def refer_array(values: Mapping[str, float]) -> np.ndarray:
    """Return float64[from kind, need type, to kind]: ``values`` of the rows refer_<from>_<need>_<to>.

    Raises InputError for a name that begins so and names no services and need, and where the chances of one service
    and need add up to more than 1.
    """
    found = np.zeros((SERVICE_KINDS, len(NEED_NAMES), SERVICE_KINDS))
    names = {
        f"{REFER_PREFIX}{one}_{need}_{other}": (i, k, j)
        for i, one in enumerate(SERVICE_NAMES)
        for k, need in enumerate(NEED_NAMES)
        for j, other in enumerate(SERVICE_NAMES)
    }
    for name, value in values.items():
        if name.startswith(REFER_PREFIX):
            if name not in names:
                raise InputError(f"parameter '{name}'", f"no such services and need: {nearest(name, names)}")
            found[names[name]] = value
    total = found.sum(axis=2)
    if (total > 1.0).any():
        kind, need = np.argwhere(total > 1.0)[0]
        where = f"parameters '{REFER_PREFIX}{SERVICE_NAMES[kind]}_{NEED_NAMES[need]}_*'"
        raise InputError(where, f"must add up to 1 at most (found {total[kind, need]:g})")
    return found
