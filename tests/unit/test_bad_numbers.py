"""Whatever comes in, a measure gives a figure, the reason why there is none, or one line that says what is wrong."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.estimate import Estimate
from evaluation.inequality.concentration import (
    ConcentrationMethod,
    concentration_grouped,
    concentration_index,
    extended_concentration_index,
    symmetric_concentration_index,
)
from evaluation.inequality.dispersion import (
    between_group_variance,
    generalised_entropy,
    gini,
    hoover,
    mean_log_deviation,
    theil,
)
from evaluation.inequality.groups import (
    Distance,
    attributable_fraction,
    attributable_risk,
    between_group_sd,
    coefficient_of_variation,
    disparity_index,
    mean_difference,
)
from evaluation.inequality.slope import Slope, slope_index
from evaluation.inequality.slope_ohid import SlopeMethod, SlopeResult, slope_ohid
from evaluation.inequality.slope_variants import slope_who_linear, slope_who_logit, slope_york
from evaluation.inequality.welfare import equivalent, equivalent_gain, inequality
from evaluation.life_tables.table import LifeTable, chiang_table, closed_table
from evaluation.standardisation.crude import crude_rate, mean, proportion
from evaluation.standardisation.direct import direct_rate
from evaluation.standardisation.funnel import Funnel, funnel
from evaluation.standardisation.indirect import Indirect, indirect_rate, indirect_ratio
from scenarios.errors import InputError

GOOD = [3.0, 2.0, 5.0, 1.0, 4.0]
BAD: dict[str, list[Any]] = {
    "good": GOOD,
    "other": [0.1, 0.2, 0.3, 0.4, 0.5],
    "missing": [1.0, math.nan, 3.0, 4.0, 5.0],
    "all missing": [math.nan] * 5,
    "infinite": [1.0, math.inf, 2.0, 3.0, 4.0],
    "negative": [-1.0, 2.0, 3.0, 4.0, 5.0],
    "zero": [0.0] * 5,
    "alike": [2.0] * 5,
    "words": list("abcde"),
    "none": [None, 1.0, 2.0, 3.0, 4.0],
    "huge": [1e300] * 5,
    "tiny": [1e-300] * 5,
}
FAST = SlopeMethod(simulations=1_000)


def _ohid(values: list[Any], people: list[Any]) -> object:
    return slope_ohid(pd.DataFrame({"quantile": range(1, 6), "population": people, "value": values}), FAST)


def _ohid_rate(values: list[Any], errors: list[Any]) -> object:
    table = pd.DataFrame({"quantile": range(1, 6), "population": 1.0, "value": values, "se": errors})
    return slope_ohid(table, SlopeMethod("rate", transform=True, simulations=1_000))


def _strata(values: list[Any], people: list[Any]) -> pd.DataFrame:
    reference = {"reference_count": 10.0, "reference_population": 100.0}
    return pd.DataFrame({"count": values, "population": people, "denominator": people, "weight": 1.0, **reference})


MEASURES: dict[str, Callable[[Any, Any], object]] = {
    "concentration": lambda a, b: concentration_index(a, b),
    "concentration, weights": lambda a, b: concentration_index(a, [1, 2, 3, 4, 5], b),
    "erreygers": lambda a, b: concentration_index(a, b, None, ConcentrationMethod("erreygers")),
    "grouped": lambda a, b: concentration_grouped(a, b),
    "extended": lambda a, b: extended_concentration_index(a, b),
    "symmetric": lambda a, b: symmetric_concentration_index(a, b),
    "gini": gini,
    "theil": theil,
    "theil, errors": lambda a, b: theil(a, GOOD, b),
    "mean log deviation": mean_log_deviation,
    "entropy": lambda a, b: generalised_entropy(a, b, -1.0),
    "hoover": hoover,
    "variance": between_group_variance,
    "variance, errors": lambda a, b: between_group_variance(a, GOOD, b),
    "sd": between_group_sd,
    "cov": coefficient_of_variation,
    "disparity": disparity_index,
    "difference": mean_difference,
    "difference, errors": lambda a, b: mean_difference(a, GOOD, b),
    "difference, reference": lambda a, b: mean_difference(a, b, distance=Distance("reference", reference=1)),
    "risk": attributable_risk,
    "fraction": attributable_fraction,
    "york": slope_york,
    "who": slope_who_logit,
    "who, linear": slope_who_linear,
    "slope": slope_index,
    "ohid": _ohid,
    "ohid, transformed": _ohid_rate,
    "atkinson": lambda a, b: equivalent(a, b, "atkinson", 1.0),
    "kolm": lambda a, b: inequality(a, b, "kolm", 0.1),
    "gain": lambda a, b: equivalent_gain(a, b, None, "kolm", 0.1),
    "direct": lambda a, b: direct_rate(_strata(a, b)),
    "indirect": lambda a, b: indirect_ratio(_strata(a, b)),
    "indirect rate": lambda a, b: indirect_rate(_strata(a, b)),
    "funnel": lambda a, b: funnel(_strata(a, b), "rate"),
    "mean": lambda a, b: mean(a),
    "chiang": lambda a, b: chiang_table(pd.DataFrame({"start_age": [0, 1, 5, 10, 15], "population": b, "deaths": a})),
    "closed": lambda a, b: closed_table(
        pd.DataFrame({"start_age": [0, 1, 5, 10, 15], "end_age": [0, 4, 9, 14, 19], "mortality_rate": a})
    ),
    "rate": lambda a, b: crude_rate(a[1], b[0]),
    "proportion": lambda a, b: proportion(a[1], b[0]),
}


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_figure_a_reason_or_one_line(name: str) -> None:
    seen, told = 0, []
    for values in BAD.values():
        for others in BAD.values():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    found = MEASURES[name](values, others)
            except InputError as problem:
                told.append(str(problem))
                continue
            seen += _explained(found)
    assert seen, "the good numbers give a figure"
    assert not [words for words in told if "\n" in words]


def _explained(found: object) -> int:
    """Return how many figures were looked at; each is a number or has its reason."""
    parts = found if isinstance(found, tuple) else (found,)
    for each in parts:
        if isinstance(each, SlopeResult):
            _explained((each.sii, each.rii))
        elif isinstance(each, Slope):
            assert each.reason or not np.isnan([each.sii, each.rii]).any()
            assert not np.isinf([each.sii, each.rii]).any()
        elif isinstance(each, Indirect):
            _explained(each.estimate)
        elif isinstance(each, LifeTable):
            _explained(each.expectancy())
        elif isinstance(each, Funnel):
            assert not math.isinf(each.average)
            assert not np.isinf(each.areas.select_dtypes("number").to_numpy()).any()
        else:
            assert isinstance(each, Estimate), f"no way to look at a {type(each).__name__}"
            assert each.reason or not np.isnan([each.estimate, each.lower, each.upper]).any()
            assert not math.isinf(each.estimate)
    return len(parts)
