"""Who arrives, so that the place keeps the size and ages it has: leaving, ageing, births and deaths in balance."""

from __future__ import annotations

import numpy as np

from scenarios.place_schema import AGE_BANDS, AGE_LOWER_YEARS
from scenarios.registry.reader import Registry
from sim import codes

QUINTILES = 5
OPEN_BAND_YEARS = 5  # ages 90-94 stand for 90 and over in the life table


def arrivals_per_year(counts: np.ndarray, leaving: np.ndarray, births: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Return expected arrivals per year by community, age band and sex: float64 (c, 20, 2).

    ``counts`` residents at day 0 (c, 20, 2); ``leaving`` per person per year and ``births`` per woman per year (20,);
    ``deaths`` per year in the whole place (20,). In each band those who leave, die or grow out of it are replaced by
    those who grow into it and by arrivals, so that numbers stay as they are. Where more grow into a band than go, as
    in inner London past 60, the excess is taken from the arrivals of the bands next to it. Arrivals share a band's
    leavers' communities and sex.
    """
    people = counts.sum(axis=(0, 2)).astype(np.float64)
    width = np.diff(np.array([*AGE_LOWER_YEARS, np.inf]))
    grow_out = people / width
    grow_in = np.append(float((counts.sum(axis=0)[:, 0] * births).sum()), grow_out[:-1])
    needed = spread_excess(people * leaving + deaths + grow_out - grow_in)
    movers = np.broadcast_to(leaving[None, :, None], counts.shape) * counts
    total = movers.sum(axis=(0, 2))
    ratio = np.divide(needed, total, out=np.zeros(AGE_BANDS), where=total > 0)
    return movers * ratio[None, :, None]


def spread_excess(needed: np.ndarray) -> np.ndarray:
    """Return ``needed`` (bands) with nothing below 0 and the same sum (0 if that is negative).

    What a band has too many of is taken from the next older bands, and what is left then from the younger.
    """
    result = needed.astype(np.float64).copy()
    for order in (range(len(result)), range(len(result) - 1, -1, -1)):
        owed = 0.0
        for band in order:
            owed += result[band]
            result[band] = max(owed, 0.0)
            owed = min(owed, 0.0)
        result[order[-1]] += owed
    return np.maximum(result, 0.0)


def deaths_per_year(counts: np.ndarray, quintile: np.ndarray, factor: float, registry: Registry) -> np.ndarray:
    """Return expected deaths per year in the place by age band: the life table by sex and quintile x ``factor``, (20,).

    ``quintile`` is each community's national quintile from 0.
    """
    rates = band_death_rates(registry)
    return np.array(
        [
            factor
            * sum(
                float((counts[quintile == q, band, sex]).sum()) * rates[band, sex, q]
                for sex in range(2)
                for q in range(QUINTILES)
            )
            for band in range(AGE_BANDS)
        ]
    )


def band_death_rates(registry: Registry) -> np.ndarray:
    """Return deaths per person per year, the plain mean of the single ages of each band: (20, 2, 5)."""
    table = registry.table("life_table")
    upper = np.array([*AGE_LOWER_YEARS[1:], AGE_LOWER_YEARS[-1] + OPEN_BAND_YEARS])
    sums, ages = np.zeros((AGE_BANDS, 2, QUINTILES)), np.zeros((AGE_BANDS, 2, QUINTILES))
    for row in table.to_dict("records"):
        band = int(np.searchsorted(upper, int(row["age"]), side="right"))
        if band < AGE_BANDS:
            cell = (band, codes.SEX_NAMES.index(str(row["sex"])), int(row["national_quintile"]) - 1)
            sums[cell] += float(row["deaths_per_person_year"])
            ages[cell] += 1
    return np.divide(sums, ages, out=np.zeros_like(sums), where=ages > 0)
