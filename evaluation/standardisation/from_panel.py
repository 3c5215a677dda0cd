"""The panel, and people's own counts, as the strata that standardisation reads."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evaluation.arrays import need_columns
from evaluation.inequality.standard import (
    MOST_WEIGHT_LOST,
    STRATUM,
    complete_strata,
    esp2013,
    own_population,
)
from evaluation.outcomes import PER_RESIDENTS, SECONDS_PER_YEAR, Outcome
from evaluation.panel import totals
from evaluation.standardisation.direct import DirectMethod, direct_rates
from scenarios.errors import InputError, nearest

STANDARDS = ("esp2013", "own")


def panel_strata(
    panel: pd.DataFrame, outcome: Outcome, by: Sequence[str] = ("quintile",), standard: str = "esp2013"
) -> pd.DataFrame:
    """Return the events and person-years of each group of ``by`` by age and sex, for ``direct_rates``.

    ``panel``: simulated or observed, one arm and one replication at a time unless ``by`` names them (their events would
    be added up). Columns: ``by``, stratum, count (events), population (person-years), weight (the standard's). Strata
    that are empty in any group are left out of all. Raises InputError for an outcome that does not count events over
    residents' time, an unknown standard, several arms, draws or replications added together, no stratum shared by all
    groups, or strata left out that make up more of the standard than MOST_WEIGHT_LOST: what is left stands for other
    people.
    """
    if not outcome.counts_events:
        raise InputError(
            "outcome", f"'{outcome.name}' does not count events; limits of a standardised rate need a count"
        )
    if standard not in STANDARDS:
        raise InputError("standard", f"no standard population '{standard}'; {nearest(standard, STANDARDS)}")
    for unit in ("arm", "draw", "replication"):
        if unit in panel.columns and unit not in by and panel[unit].nunique() > 1:
            raise InputError("panel", f"holds more than one {unit}; choose one, or name '{unit}' in by")
    chosen = own_population(panel) if standard == "own" else _european(panel)
    kept, lost = complete_strata(panel, by, chosen)
    if kept.empty:
        raise InputError("panel", "has no age and sex group with residents in every group; fewer groups are needed")
    if lost > MOST_WEIGHT_LOST:
        words = f"age and sex groups with {lost:.0%} of the standard have no residents in some group"
        raise InputError("panel", f"{words}; at most {MOST_WEIGHT_LOST:.0%} may be missing: fewer groups are needed")
    summed = totals(panel, [*by, *STRATUM], ["person_seconds", outcome.numerator]).merge(kept, on=STRATUM)
    summed["stratum"] = summed["age_band"].astype(str) + " " + summed["sex"].astype(str)
    summed["count"] = summed[outcome.numerator]
    summed["population"] = summed["person_seconds"] / SECONDS_PER_YEAR
    return summed[[*by, "stratum", "count", "population", "weight"]]


def slope_table(panel: pd.DataFrame, outcome: Outcome, standard: str = "esp2013") -> pd.DataFrame:
    """Return standardised rates of the quintiles as ``slope_ohid`` reads them: quantile, population, value, lower,
    upper.

    Rates per 1,000 person-years with Dobson's limits; ``population`` is all person-years of the quintile. Raises
    InputError as ``panel_strata``, and where a quintile has too few events for a rate, naming it.
    """
    rates = direct_rates(panel_strata(panel, outcome, standard=standard), ["quintile"], DirectMethod(PER_RESIDENTS))
    for row in rates.to_dict("records"):
        if row["reason"]:
            raise InputError(f"quintile {row['quintile']}", f"has no standardised rate: {row['reason']}")
    people = totals(panel, ["quintile"], ["person_seconds"])["person_seconds"] / SECONDS_PER_YEAR
    named = {"quantile": rates["quintile"], "population": people, "value": rates["estimate"]}
    return pd.DataFrame({**named, "lower": rates["lower"], "upper": rates["upper"]})


def events_per_person(people: pd.DataFrame, column: str, stratum: str = "stratum") -> pd.DataFrame:
    """Return how many people had exactly how many events, for ``direct_rate_repeats``: stratum, events, people.

    ``people``: columns person_key, ``stratum`` and ``column`` (events), any number of rows a person (months, say); a
    person stays in the stratum of the first. People without events are left out. Raises InputError for a missing
    column.
    """
    need_columns(people, ("person_key", stratum, column), "people")
    each = people.groupby("person_key", sort=False).agg(stratum=(stratum, "first"), events=(column, "sum"))
    counted = each[each["events"] > 0].groupby(["stratum", "events"], observed=True).size()
    return counted.rename("people").reset_index()


def _european(panel: pd.DataFrame) -> pd.DataFrame:
    return esp2013(sorted(panel["age_band"].unique()), sorted(panel["sex"].unique()))
