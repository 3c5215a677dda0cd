"""Deprivation of each LSOA: ranks as given, across the years of LSOAs and the editions of the indices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scenarios.errors import InputError
from scenarios.place_build.areas import Areas, listed
from scenarios.place_build.headers import editions
from scenarios.place_build.traced import AS_GIVEN, Traced
from scenarios.place_checks import decile_of
from scenarios.place_schema import IMD_AREAS

CROSSED = "of LSOAs of another year: the mean rank of those that became one, the rank of one that was split"
MIDDLE = "the middle of the decile given"


def add_deprivation(made: Traced) -> None:
    """Add ranks and deciles of both editions; an edition not given has the other's place in the ranking.

    Raises InputError for LSOAs that no file ranks, and for a rank that is not a whole number.
    """
    ranks = {edition: ranks_of(made.areas, edition) for edition in editions()}
    lacking = [str(code) for code in made.table.index[pd.DataFrame(ranks).isna().all(axis=1)]]
    if lacking:
        problem = (
            f"no file gives a rank for {listed(lacking)}: give File 7 of the Indices of Deprivation 2025 (LSOAs of "
            "2021), or that of 2019 with the lookup of LSOAs 2011 to 2021"
        )
        raise InputError("deprivation", problem + made.areas.lacking())
    for edition in editions():
        other = next(one for one in editions() if one != edition)
        add_edition(made, edition, ranks[edition], other, ranks[other])


def add_edition(made: Traced, edition: str, own: pd.Series, other: str, others: pd.Series) -> None:
    """Add rank and decile of one edition: its ``own`` where there are any, else by those of the ``other``."""
    areas, size = made.areas, IMD_AREAS[edition]
    there = (others / IMD_AREAS[other] * size).round().clip(1, size)
    rank = own.fillna(there).astype(int)
    column, decile, told = f"imd_{edition}_rank", f"imd_{edition}_decile", int(own.notna().sum())
    if told == 0:
        made.assumed(column, rank, f"the same place in the ranking as in the edition of {other}", "derived")
    else:
        words = CROSSED if column in areas.crossed else AS_GIVEN if areas.has(column) else MIDDLE
        if told < len(rank):
            words += f"; of {len(rank) - told} LSOAs as in the edition of {other}"
        made.from_file(column, rank, [column if areas.has(column) else decile], words)
    deciles = rank.map(lambda one: decile_of(one, size))
    if areas.has(decile) and not areas.has(column) and told == len(rank):
        made.from_file(decile, deciles, [decile])
    else:
        made.assumed(decile, deciles, "decile of the rank", "derived")


def edition_of(areas: Areas) -> str:
    """Return the edition by which files rank most LSOAs, the older of equals: what runs and reports use and name."""
    told = {edition: int(ranks_of(areas, edition).notna().sum()) for edition in editions()}
    return max(editions(), key=lambda edition: told[edition])


def ranks_of(areas: Areas, edition: str) -> pd.Series:
    """Return the ranks of an edition by LSOA, the middle of the decile where that alone is given; else NaN."""
    column, decile = f"imd_{edition}_rank", f"imd_{edition}_decile"
    found = pd.Series(np.nan, index=areas.table.index)
    if areas.has(column):
        found = areas.number(column, blank=True)
        broken = found.index[found.notna() & (found != found.round())]
        if len(broken):
            code = str(broken[0])
            raise InputError(areas.where(code, column), f"{found[code]:g} is not allowed; give a whole number")
    if areas.has(decile):
        middle = (areas.number(decile, blank=True) - 0.5) * IMD_AREAS[edition] / 10
        found = found.fillna(middle.round())
    return found
