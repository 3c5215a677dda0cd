"""Direct standardisation for age and sex: rates as they would be if every group had the same ages and sexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pandas as pd

from evaluation.outcomes import Outcome
from evaluation.panel import totals
from scenarios.errors import InputError

STRATUM = ["age_band", "sex"]
MOST_WEIGHT_LOST = 0.05  # a standard that has lost more of its weight than this no longer stands for the same people
_BAND = re.compile(r"^(\d+)(?:-(\d+)|\+)$")
_ESP_WIDTH = 5  # years per band of the published table; the last band is open


def esp2013(age_bands: Sequence[str], sexes: Sequence[str]) -> pd.DataFrame:
    """Return the 2013 European Standard Population for ``age_bands`` ('5-17', '85+') and ``sexes``.

    Columns age_band, sex, weight (people per 100,000, half to each of two sexes). A band that cuts a five-year band
    takes its share by years (15-17 is three fifths of 15-19). Source: evaluation/inequality/esp2013.csv.
    Raises InputError for a band not written 'lower-upper' or 'lower+', or bands that do not cover 0 and over once.
    """
    table = pd.read_csv(str(files("evaluation.inequality").joinpath("esp2013.csv")))
    limits = sorted(_limits(band) for band in dict.fromkeys(age_bands))
    _refuse_holes(limits)
    by_band = {band: _weight(table, lower, upper) for lower, upper, band in limits}
    names = list(dict.fromkeys(sexes))
    rows = [(band, sex, weight / len(names)) for band, weight in by_band.items() for sex in names]
    return pd.DataFrame(rows, columns=["age_band", "sex", "weight"])


def own_population(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the panel's own person-seconds by age band and sex as a standard: columns age_band, sex, weight."""
    return totals(panel, STRATUM, ["person_seconds"]).rename(columns={"person_seconds": "weight"})


def complete_strata(panel: pd.DataFrame, by: Sequence[str], standard: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return the part of ``standard`` whose strata have residents in every group of ``by``, and the weight share lost.

    An empty stratum has no rate. It is left out for every group alike, so that groups stay comparable.
    """
    person = totals(panel, [*by, *STRATUM], ["person_seconds"])
    person = person[person["person_seconds"] > 0]
    groups = person[list(by)].drop_duplicates().shape[0]
    lived = person.groupby(STRATUM, observed=True).size()
    full = lived[lived == groups].reset_index()[STRATUM]
    kept = standard.merge(full, on=STRATUM)
    if len(kept) == len(standard):
        return kept, 0.0  # and not what adding up in another order leaves
    return kept, 1.0 - float(kept["weight"].sum()) / float(standard["weight"].sum())


def standardised_rates(
    panel: pd.DataFrame, by: Sequence[str], outcomes: Sequence[Outcome], standard: pd.DataFrame
) -> pd.DataFrame:
    """Return directly standardised rates: columns ``by``, outcome, value, in each outcome's unit.

    ``standard`` has columns age_band, sex, weight. The rate is sum(w x rate of stratum) / sum(w) over the strata of
    ``standard``; a stratum without residents contributes nothing (see complete_strata). Method: PHE/OHID direct
    standardisation.
    """
    columns = dict.fromkeys(["person_seconds", *(each.numerator for each in outcomes)])
    summed = totals(panel, [*by, *STRATUM], list(columns)).merge(standard, on=STRATUM)
    summed = summed[summed["person_seconds"] > 0]
    parts = []
    for outcome in outcomes:
        person = summed["person_seconds"].to_numpy(dtype=float) * outcome.denominator_scale
        rate = summed[outcome.numerator].to_numpy(dtype=float) * outcome.scale / person
        weighted = summed[list(by)].assign(top=rate * summed["weight"], weight=summed["weight"])
        grouped = weighted.groupby(list(by), sort=True, observed=True)[["top", "weight"]].sum().reset_index()
        part = grouped[list(by)].assign(outcome=outcome.name)
        part["value"] = (grouped["top"] / grouped["weight"]).to_numpy()
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _limits(band: str) -> tuple[int, float, str]:
    match = _BAND.match(band)
    if match is None:
        raise InputError("age_band", f"'{band}' cannot be read; allowed: 'lower-upper' or 'lower+' in whole years")
    upper = np.inf if match[2] is None else int(match[2]) + 1
    return int(match[1]), float(upper), band


def _refuse_holes(limits: Sequence[tuple[int, float, str]]) -> None:
    expected: float = 0
    for lower, upper, band in limits:
        if lower != expected:
            raise InputError("age_band", f"'{band}' starts at {lower}; {expected:g} is needed, each age once")
        expected = upper
    if expected != np.inf:
        raise InputError("age_band", f"the last band ends before {expected:g}; an open one ('{expected:g}+') is needed")


def _weight(table: pd.DataFrame, lower: float, upper: float) -> float:
    start = table["lower_age"].to_numpy(dtype=float)
    end = start + _ESP_WIDTH
    end[-1] = np.inf
    inside = np.minimum(end, upper) - np.maximum(start, lower)
    share = np.where(np.isinf(inside), 1.0, np.clip(inside / _ESP_WIDTH, 0.0, 1.0))
    return float((share * table["weight"].to_numpy(dtype=float)).sum())
