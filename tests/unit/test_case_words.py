"""Intervals of a case in words: of a mean they say so, and the spread over draws is another thing."""

from __future__ import annotations

import numpy as np

from evaluation.case_report.money_sections import price_of_step
from evaluation.case_report.words import CANNOT_TELL, as_known, ratio, spread_of_draws
from evaluation.economics.icer import icer_of
from evaluation.economics.options import Options


def test_the_interval_of_a_ratio_says_that_it_is_of_means_and_over_how_many() -> None:
    generator = np.random.Generator(np.random.Philox(1))
    effect = np.column_stack([np.zeros(32), generator.normal(10, 2, 32)])
    cost = np.column_stack([np.zeros(32), generator.normal(200_000, 30_000, 32)])
    said = ratio(icer_of(Options(("usual_care", "team"), cost, effect), "team", "usual_care"), "32 draws")
    assert "a QALY (95% interval of the ratio of means over 32 draws £" in said
    assert said.endswith("; more health, more cost)")


def test_a_spread_over_draws_is_told_where_there_is_one_and_draws_enough() -> None:
    assert spread_of_draws(np.linspace(0, 1_000, 101)) == "£30 to £1,000"  # the lower end has a digit of its own
    assert spread_of_draws(np.ones(19)) == "19 values: too few for a range"
    assert spread_of_draws(np.full(64, 120.0)) == "no spread over draws"
    assert spread_of_draws(np.full(64, 120.0), seen=np.full(64, 120.0)) == "no spread over draws"
    assert spread_of_draws(np.full(64, 120.0), seen=np.linspace(0, 240, 64)) == CANNOT_TELL  # chance took all there was


def test_pounds_for_a_health_gain_that_may_be_nothing_are_no_figure() -> None:
    generator = np.random.Generator(np.random.Philox(2))
    gain = generator.normal(0.0, 1e-3, 32)
    effect = np.column_stack([np.zeros(32), gain - gain.mean() + 1e-9])
    cost = np.column_stack([np.zeros(32), generator.normal(50_000, 5_000, 32)])
    found = icer_of(Options(("usual_care", "team"), cost, effect), "team", "usual_care")
    assert found.ratio > 1e12
    said = ratio(found, "32 draws")
    assert said == "no figure: the difference in health may be nothing (more health, more cost in the mean)"
    assert price_of_step(Options(("usual_care", "team"), cost, effect), "team", "usual_care") == said.split(" (")[0]
    sure = Options(("usual_care", "team"), cost[:1], np.array([[0.0, 2.0]]))
    assert price_of_step(sure, "team", "usual_care").endswith(" a QALY")


def test_a_mean_under_another_price_is_no_finer_than_the_mean_is_known() -> None:
    benefit = np.random.Generator(np.random.Philox(5)).normal(-612_345, 200_000, 40)
    assert as_known(-612_345.67, benefit) == "−£610,000"
    assert as_known(1_234.0, benefit) == "£0"
    assert as_known(1_234.56, np.array([1_234.56])) == "£1,200"  # one pair: no interval
