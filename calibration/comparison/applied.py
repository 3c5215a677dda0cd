"""The spreadsheet's sums: rates applied to people, a year spread over its months, a ratio of two groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from scenarios.errors import InputError


def expected(rates: pd.DataFrame, people: pd.DataFrame, keys: Sequence[str]) -> float:
    """Return events expected of ``people`` at ``rates``: the sum over groups of rate x people (indirect method).

    rates: ``keys`` (age, sex, deprivation...) and rate, per person; people: ``keys`` and people. Raises InputError for
    a group of people without a rate.
    """
    joined = people.merge(rates, on=list(keys), how="left")
    missing = joined["rate"].isna() & (joined["people"] > 0)
    if missing.any():
        group = joined.loc[missing, list(keys)].iloc[0].to_dict()
        raise InputError("rates", f"have no row for {', '.join(f'{key} {value}' for key, value in group.items())}")
    return float((joined["rate"].fillna(0.0) * joined["people"]).sum())


def weighted(values: pd.DataFrame, people: pd.DataFrame, keys: Sequence[str]) -> float:
    """Return the mean of a figure by group (column ``value``), weighted by ``people``. Raises as ``expected``."""
    total = float(people["people"].sum())
    if total <= 0:
        raise InputError("people", "there are none")
    return expected(values.rename(columns={"value": "rate"}), people, keys) / total


def share_of_year(profile: Mapping[str, float], month: str) -> float:
    """Return the share of a year's total that falls in the calendar month of ``month`` ('2024-05').

    profile: counts of twelve months in a row by name. Raises InputError if they are not the twelve months of a year.
    """
    names = [name[5:] for name in profile]
    if sorted(names) != [f"{at:02d}" for at in range(1, 13)]:
        raise InputError("profile", f"must be twelve months, one of each name (found {', '.join(profile)})")
    mine = [value for name, value in profile.items() if name[5:] == month[5:]]
    return float(mine[0] / sum(profile.values()))


def same_month_known(series: Mapping[str, float], month: str, last_known: str) -> tuple[str, float] | None:
    """Return the latest month of the same name before ``month``, not after ``last_known``, and its figure; or None."""
    earlier = [name for name in series if name[5:] == month[5:] and name < month and name <= last_known]
    return (max(earlier), float(series[max(earlier)])) if earlier else None


def overlap(band: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the share of ``band`` (ages in whole years, both ends included) that lies within ``other``."""
    low, high = max(band[0], other[0]), min(band[1], other[1])
    return max(high - low + 1, 0) / (band[1] - band[0] + 1)


def ratio_of_groups(
    counts: pd.DataFrame, ages: tuple[int, int], group: str, reference: str, column: str = "imd"
) -> float:
    """Return the rate of one group over that of another within ``ages``, bands shared out evenly by year of age.

    counts: first_age, last_age, ``column``, numerator, denominator.
    """
    share = np.array(
        [overlap((int(a), int(b)), ages) for a, b in zip(counts["first_age"], counts["last_age"], strict=True)]
    )
    both = counts.assign(numerator=counts["numerator"] * share, denominator=counts["denominator"] * share)
    sums = both.groupby(column)[["numerator", "denominator"]].sum()
    rate = sums["numerator"] / sums["denominator"]
    return float(rate[group] / rate[reference])
