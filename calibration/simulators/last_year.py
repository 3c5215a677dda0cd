"""How often people were admitted before they died: emergency spells of those who died in the year observed.

Told only of a run watched for a year before it, as a last year begins up to a year before the death.
"""

from __future__ import annotations

import numpy as np

from sim.calendar import DAY_S

YEAR_S = int(365.25 * DAY_S)
LAST_DAYS = 90  # the last days of life of the palliative and end of life care profile (OHID)
OFTEN = 3  # emergency admissions of somebody admitted often: of the same profile
DEATH = np.dtype([("person", "u8"), ("time", "i8"), ("age", "i2"), ("quintile", "i1")])


def counts(deaths: np.ndarray, spells: np.ndarray) -> list[tuple[str, int, int, float]]:
    """Return, by age at death and national fifth, people who died and what they had before.

    deaths: DEATH. spells: person, started and left (seconds), sorted by person and start, of the year before too. Rows:
    name, age (years), fifth (1 most deprived), value.
    """
    values = {
        "deaths_followed": np.ones(len(deaths)),
        "died_admitted_often_last_90_days": (within(deaths, spells, LAST_DAYS * DAY_S) >= OFTEN).astype(float),
        "died_admitted_often_last_year": (within(deaths, spells, YEAR_S) >= OFTEN).astype(float),
        "days_in_last_year": seconds_within(deaths, spells, YEAR_S) / DAY_S,
    }
    found = []
    cells, where = np.unique(np.stack([deaths["age"], deaths["quintile"]]), axis=1, return_inverse=True)
    for name, amounts in values.items():
        for at, amount in enumerate(np.bincount(where.ravel(), amounts, cells.shape[1])):
            if amount:
                found.append((name, int(cells[0, at]), int(cells[1, at]), float(amount)))
    return found


def mine(deaths: np.ndarray, spells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs: indices of ``deaths``, and of the spells of the same person that began before."""
    first = np.searchsorted(spells["person"], deaths["person"], "left")
    number = np.searchsorted(spells["person"], deaths["person"], "right") - first
    who = np.repeat(np.arange(len(deaths)), number)
    which = np.arange(len(who)) - np.repeat(np.cumsum(number) - number, number) + np.repeat(first, number)
    before = spells["started"][which] <= deaths["time"][who]
    return who[before], which[before]


def within(deaths: np.ndarray, spells: np.ndarray, seconds: int) -> np.ndarray:
    """Return how many spells each of those who died began in the last ``seconds`` of life."""
    who, which = mine(deaths, spells)
    late = deaths["time"][who] - spells["started"][which] <= seconds
    return np.bincount(who[late], minlength=len(deaths))


def seconds_within(deaths: np.ndarray, spells: np.ndarray, seconds: int) -> np.ndarray:
    """Return the time in spells that falls in each one's last ``seconds`` of life."""
    who, which = mine(deaths, spells)
    ends = deaths["time"][who]
    stayed = np.minimum(spells["left"][which], ends) - np.maximum(spells["started"][which], ends - seconds)
    return np.bincount(who, np.maximum(stayed, 0), len(deaths))
