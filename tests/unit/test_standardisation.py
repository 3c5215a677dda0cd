"""Rates, proportions and standardised rates: hand-worked figures, limits that hold, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from evaluation.estimate import Estimate, estimates_table, undefined
from evaluation.inequality.pairs import absolute_gap, core20_gap, relative_gap
from evaluation.standardisation.crude import crude_rate, mean, proportion
from evaluation.standardisation.direct import (
    DirectMethod,
    direct_rate,
    direct_rate_repeats,
    direct_rates,
    esp2013_weights,
)
from evaluation.standardisation.indirect import indirect_rate, indirect_ratio
from evaluation.standardisation.limits import byars_limits, count_limits, exact_poisson_limits, wilson_limits
from scenarios.errors import InputError


def strata(**columns: object) -> pd.DataFrame:
    """Return two strata: 30 events in 1,000 young people, 80 in 500 old ones; the standard has as many of each."""
    table = {"stratum": ["young", "old"], "count": [30.0, 80.0], "population": [1000.0, 500.0], "weight": [1.0, 1.0]}
    return pd.DataFrame({**table, **columns})


def test_an_estimate_cannot_be_undefined_without_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Estimate(math.nan, 0.0, 1.0, "method")
    row = estimates_table([undefined("method", "nobody", 0, "nobody lives there").with_notes("one", "", "two")]).iloc[0]
    assert (row["reason"], row["notes"]) == ("nobody lives there", "one; two")


def test_exact_limits_are_the_tails_of_the_poisson() -> None:
    lower, upper = exact_poisson_limits([0, 4, 9])
    assert lower[0] == 0
    for count, low, high in zip((4, 9), lower[1:], upper[1:], strict=True):
        assert poisson.sf(count - 1, low) == pytest.approx(0.025)
        assert poisson.cdf(count, high) == pytest.approx(0.025)
    assert poisson.cdf(0, upper[0]) == pytest.approx(0.025)


def test_limits_change_from_exact_to_byars_at_ten_events() -> None:
    lower, upper = count_limits([9, 10])
    assert (lower[0], upper[0]) == (exact_poisson_limits([9])[0][0], exact_poisson_limits([9])[1][0])
    assert (lower[1], upper[1]) == (byars_limits([10])[0][0], byars_limits([10])[1][0])


def test_wilson_limits_stay_within_zero_and_one() -> None:
    lower, upper = wilson_limits([0, 5, 10], [10, 10, 10])
    assert lower[0] == pytest.approx(0.0, abs=1e-12)
    assert upper[2] == pytest.approx(1.0)
    assert lower[1] == pytest.approx(1 - upper[1])
    with pytest.raises(InputError, match="row 0"):
        wilson_limits([11], [10])


def test_undefined_rates_say_why() -> None:
    for count, people, says in ((math.nan, 10, "count is missing"), (1, math.nan, "denominator"), (1, 0, "nobody")):
        assert says in crude_rate(count, people).reason
        assert says in proportion(count, people).reason
    assert "one value" in mean([3.0]).reason
    with pytest.raises(InputError, match="0 or above"):
        crude_rate(-1, 10)


def test_a_directly_standardised_rate_by_hand() -> None:
    found = direct_rate(strata(), DirectMethod(1000))
    assert found.estimate == pytest.approx((30.0 + 160.0) / 2)
    assert found.se == pytest.approx(1000 * math.sqrt(30 / 1000**2 + 80 / 500**2) / 2)
    assert found.n == 110
    assert found.lower < 95.0 < found.upper


def test_the_standard_population_is_eurostats() -> None:
    weights = esp2013_weights()
    assert weights.sum() == 100_000
    assert (weights["0-4"], weights["90+"], len(weights)) == (5000, 1000, 19)


def test_dobsons_limits_cover_as_they_promise() -> None:
    random = np.random.Generator(np.random.Philox(key=21))
    rates, people = np.array([0.01, 0.05]), np.array([1500.0, 400.0])
    truth = 1000 * rates.mean()
    hits = 0
    for counts in random.poisson(rates * people, size=(2000, 2)):
        found = direct_rate(strata(count=counts, population=people), DirectMethod(1000))
        hits += found.lower <= truth <= found.upper
    assert hits / 2000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2000))


def test_repeat_attenders_widen_the_limits_and_once_only_ones_do_not() -> None:
    once = pd.DataFrame({"stratum": ["young", "old"], "events": [1, 1], "people": [30, 80]})
    plain, same = direct_rate(strata()), direct_rate_repeats(strata().drop(columns="count"), once)
    assert (same.estimate, same.lower, same.upper) == (plain.estimate, plain.lower, plain.upper)
    often = pd.DataFrame({"stratum": ["young", "young", "old"], "events": [1, 5, 4], "people": [10, 4, 20]})
    found = direct_rate_repeats(strata(), often)
    assert found.estimate == pytest.approx(plain.estimate)
    by_hand = 100_000 * math.sqrt((10 + 25 * 4) / 1000**2 + 16 * 20 / 500**2) / 2
    assert found.se == pytest.approx(by_hand)
    assert found.upper - found.lower > plain.upper - plain.lower


def test_limits_for_repeat_attenders_cover_where_poisson_ones_do_not() -> None:
    random = np.random.Generator(np.random.Philox(key=22))
    table = strata(population=[3000.0, 3000.0])
    truth = 100_000 * (0.05 * (1 * 0.7 + 6 * 0.3))
    hits = naive = 0
    repeats = 600
    for _ in range(repeats):
        people = random.poisson(3000 * 0.05 * np.array([[0.7, 0.3], [0.7, 0.3]]))
        long = pd.DataFrame(
            {"stratum": np.repeat(["young", "old"], 2), "events": [1, 6, 1, 6], "people": people.ravel()}
        )
        found = direct_rate_repeats(table, long)
        plain = direct_rate(table.assign(count=people @ [1, 6]))
        hits += found.lower <= truth <= found.upper
        naive += plain.lower <= truth <= plain.upper
    assert hits / repeats == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / repeats))
    assert naive / repeats < 0.8


def test_too_few_events_are_not_standardised() -> None:
    found = direct_rate(strata(count=[4.0, 5.0]))
    assert math.isnan(found.estimate)
    assert "at least 10" in found.reason
    assert direct_rate(strata(count=[4.0, 5.0]), DirectMethod(least_events=1)).estimate > 0
    assert "0 events" in direct_rate(strata(count=[0.0, 0.0]), DirectMethod(least_events=0)).reason


def test_a_missing_count_is_read_as_none_and_noted() -> None:
    found = direct_rate(strata(count=[math.nan, 80.0]))
    assert found.n == 80
    assert "1 missing" in found.notes[0]


def test_standardisation_refuses_bad_input() -> None:
    for bad in (strata(population=[0.0, 1.0]), strata(weight=[1.0, -1.0]), strata(count=[-1.0, 2.0])):
        with pytest.raises(InputError):
            direct_rate(bad)
    with pytest.raises(InputError, match="'weight' is missing"):
        direct_rate(strata().drop(columns="weight"))
    odd = pd.DataFrame({"stratum": ["middle"], "events": [1], "people": [1]})
    with pytest.raises(InputError, match="'middle'"):
        direct_rate_repeats(strata(), odd)


def test_groups_are_standardised_to_the_same_strata() -> None:
    both = pd.concat([strata(area="a"), strata(area="b", count=[60.0, 160.0])])
    found = direct_rates(both, ["area"]).set_index("area")
    assert found.loc["b", "estimate"] == pytest.approx(2 * found.loc["a", "estimate"])
    with pytest.raises(InputError, match="area b"):
        direct_rates(pd.concat([strata(area="a"), strata(area="b").head(1)]), ["area"])


def test_an_indirect_ratio_by_hand() -> None:
    table = strata(reference_count=[2000.0, 9000.0], reference_population=[100_000.0, 50_000.0])
    found = indirect_ratio(table, 100)
    assert found.expected == pytest.approx(20 + 90)
    assert found.estimate.estimate == pytest.approx(100.0)
    assert indirect_rate(table, 1000).estimate.estimate == pytest.approx(1000 * 11_000 / 150_000)
    assert "no ratio" in indirect_ratio(table.assign(reference_count=0.0)).estimate.reason
    lost = indirect_ratio(table.assign(population=[math.nan, 500.0], count=[math.nan, 80.0])).estimate
    assert lost.notes == ("1 missing counts read as 0", "1 missing populations read as 0")
    assert "lowers what is expected" in lost.cautions[0]
    assert lost.estimate == pytest.approx(80 / 90)
    known = indirect_ratio(table.drop(columns="count"), 100, observed=55)
    assert known.estimate.estimate == pytest.approx(50.0)
    with pytest.raises(InputError, match="population row 0"):
        indirect_ratio(table.assign(population=[-1.0, 500.0]))


def test_a_gap_and_its_limits_from_those_of_both_groups() -> None:
    most, least = crude_rate(400, 10_000, 1000), crude_rate(250, 10_000, 1000)
    absolute, relative = absolute_gap(most, least), relative_gap(most, least)
    assert absolute.estimate == pytest.approx(15.0)
    wald = 1.96 * math.sqrt(400 + 250) / 10
    assert absolute.upper - absolute.estimate == pytest.approx(wald, rel=0.05)
    assert relative.estimate == pytest.approx(1.6)
    assert math.log(relative.upper / 1.6) == pytest.approx(1.96 * math.sqrt(1 / 400 + 1 / 250), rel=0.05)
    none = crude_rate(0, 10_000, 1000)
    assert "no ratio" in relative_gap(most, none).reason
    assert relative_gap(none, least).estimate == 0
    assert "nobody" in absolute_gap(most, crude_rate(0, 0)).reason
    with pytest.raises(InputError, match="level"):
        absolute_gap(most, crude_rate(1, 10, level=0.9))


def test_core20_against_the_rest() -> None:
    table = pd.DataFrame({"core20": [True, False, False], "count": [50, 30, 30], "population": [1000, 1000, 1000]})
    absolute, relative = core20_gap(table)
    assert (absolute.estimate, relative.estimate) == (pytest.approx(20.0), pytest.approx(50 / 30))
    nobody = core20_gap(table[~table["core20"]])[0]
    assert "nobody lives" in nobody.reason
    aged = pd.concat([strata(core20=True), strata(core20=False, population=[500.0, 1000.0], count=[15.0, 160.0])])
    assert core20_gap(aged)[0].estimate == pytest.approx(0.0)
    with pytest.raises(InputError, match="core20"):
        core20_gap(table.assign(core20=["yes", "no", "no"]))


def test_core20_and_the_rest_need_the_same_standard() -> None:
    table = pd.DataFrame({"core20": [True, True, False, False], "stratum": ["a", "b", "a", "b"]})
    table = table.assign(count=[30, 40, 20, 50], population=[100, 200, 300, 400], weight=[0.6, 0.4, 0.6, 0.4])
    assert core20_gap(table)[0].estimate == pytest.approx(1000 * (0.6 * 0.3 + 0.4 * 0.2 - 0.6 / 15 - 0.4 / 8))
    for spoilt, words in (
        (table.drop(index=1), "'b' is there on one side only"),
        (table.assign(weight=[0.9, 0.4, 0.6, 0.4]), "of stratum 'a' is not the same"),
        (table.assign(count=[np.nan, 40, 20, 50]), "count row 0"),
    ):
        with pytest.raises(InputError, match=words):
            core20_gap(spoilt)
