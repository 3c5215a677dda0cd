"""Funnel limits agree with the intervals they are the reverse of, and the lines with the areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.standardisation.funnel import average_of, funnel, funnel_lines
from evaluation.standardisation.limits import exact_poisson_limits, wilson_limits
from scenarios.errors import InputError


def table(count: list[float], denominator: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"count": count, "denominator": denominator})


def test_an_area_is_outside_when_wilsons_interval_leaves_the_average_out() -> None:
    areas = table([50, 20, 90, 400, 55], [100, 100, 200, 1000, 100])
    found = funnel(areas, "proportion", 100)
    average = areas["count"].sum() / areas["denominator"].sum()
    assert found.average == pytest.approx(100 * average)
    for level, words in ((0.95, ("95%", "99.8%")), (0.998, ("99.8%",))):
        lower, upper = wilson_limits(areas["count"], areas["denominator"], level)
        outside = (lower > average) | (upper < average)
        assert found.areas["place"].str.endswith(words).tolist() == outside.tolist()


def test_ratios_are_judged_against_one_and_rates_against_the_mean() -> None:
    ratio = funnel(table([150, 100, 60], [100, 100, 100]), "ratio", 100)
    assert ratio.areas["place"].tolist() == ["high 99.8%", "within", "low 99.8%"]
    assert ratio.average == 100
    rate = funnel(table([12, 0, 20, 22], [1_000, 1_000, 2_000, 2_000]), "rate", 1_000)
    assert rate.areas["place"].tolist() == ["within", "low 99.8%", "within", "within"]
    assert rate.average == pytest.approx(1_000 * average_of([12, 0, 20, 22], [1_000, 1_000, 2_000, 2_000]))


def test_lines_turn_where_the_places_do() -> None:
    for kind, average in (("proportion", 0.2), ("rate", 0.02), ("ratio", 1.0)):
        lines = funnel_lines(average, kind, 60.0, 6_000.0, points=7)
        for row in lines.to_dict("records"):
            n, low = row["denominator"], row["lower"] * row["denominator"]
            if kind == "proportion":
                upper = wilson_limits([low], [n], row["level"])[1]
                assert float(upper[0]) == pytest.approx(average, abs=1e-9) or row["lower"] == 0
            else:
                below, above = (float(exact_poisson_limits([x], row["level"])[1][0]) for x in (low, low + 1))
                assert below < average * n or low == 0
                assert above >= average * n
            assert row["lower"] < average < row["upper"]
    wide = funnel_lines(0.2, "proportion", 60.0, 6_000.0)
    assert (wide.groupby("level")["upper"].apply(np.diff).apply(max) < 0).all()


def test_chance_alone_is_no_yardstick_where_most_areas_are_outside() -> None:
    assert "overdispersion" in funnel(table([150, 60, 100, 30], [100, 100, 100, 100]), "ratio").note
    assert funnel(table([101, 99], [100, 100]), "ratio").note == ""


def test_what_cannot_be_a_funnel_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'ratio'"):
        funnel(table([1], [2]), "ration")
    with pytest.raises(InputError, match="0 to the denominator"):
        funnel(table([3], [2]), "proportion")
    with pytest.raises(InputError, match="above 0"):
        funnel(table([3], [0]), "rate")
    with pytest.raises(InputError, match="above 0 and rising"):
        funnel_lines(0.1, "rate", 10, 5)


def test_an_average_above_one_is_no_proportion() -> None:
    with pytest.raises(InputError, match="above 0 to 1 for a proportion"):
        funnel_lines(1.5, "proportion", 10, 100)
