"""Published answers for inequality and standardisation, through the public functions, each within its own tolerance."""

from __future__ import annotations

import math

import pandas as pd

from evaluation.estimate import Estimate
from evaluation.inequality.concentration import ConcentrationMethod, concentration_grouped, concentration_index
from evaluation.inequality.dispersion import gini, mean_log_deviation, theil
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from evaluation.inequality.welfare import equivalent, inequality
from evaluation.standardisation.crude import crude_rate, mean, proportion
from evaluation.standardisation.direct import DirectMethod, direct_rate
from evaluation.standardisation.indirect import indirect_rate, indirect_ratio
from evaluation.standardisation.limits import byars_limits
from tests.known_answer_files import misses, read_case

LEVELS = {"95_0cl": 0.95, "99_8cl": 0.998}


def _all_right(expected: pd.DataFrame, got: dict[str, float]) -> None:
    """Fail on a quantity outside its tolerance, or a figure where the case has none and the other way round."""
    empty = expected["expected"].isna()
    assert misses(expected[~empty], got) == []
    for name in expected[empty]["quantity"]:
        assert math.isnan(got[name]), f"{name} should be undefined, is {got[name]}"


def _limits(name: str, found: dict[str, Estimate]) -> dict[str, float]:
    got = {}
    for suffix, estimate in found.items():
        got |= {f"{name}_lower{suffix}": estimate.lower, f"{name}_upper{suffix}": estimate.upper}
    return got


def test_slope_and_relative_index_by_the_ohid_method() -> None:
    inputs, expected = read_case("ineq_sii_rii_ohid_open")
    got: dict[str, float] = {}
    for name, mine in inputs.groupby("set", sort=False):
        first = mine.iloc[0]
        table = mine.rename(columns=str.lower)
        if first["error_from"] == "StandardError":
            table = table.rename(columns={"standarderror": "se"})
        else:
            table = table.rename(columns={"lowercl": "lower", "uppercl": "upper"})
        method = SlopeMethod(
            str(first["value_type"]), bool(first["transform"]), float(first["multiplier"]), float(first["conf"])
        )
        found = slope_ohid(table, method)
        for index, estimate in (("sii", found.sii), ("rii", found.rii)):
            got[f"{name}_{index}"] = estimate.estimate
            got |= {f"{name}_{index}_lower": estimate.lower, f"{name}_{index}_upper": estimate.upper}
        got[f"{name}_intercept"] = found.intercept
    _all_right(expected, got)


def test_concentration_index_of_groups() -> None:
    inputs, expected = read_case("ineq_concentration_grouped")
    columns = inputs["estimate"], inputs["subgroup_order"], inputs["population"]
    absolute = concentration_index(*columns, ConcentrationMethod("generalised"))
    relative = concentration_index(*columns)
    got = {"aci": absolute.estimate, "aci_se": absolute.se, "rci": relative.estimate, "rci_se": relative.se}
    _all_right(expected, got)


def test_concentration_index_of_child_mortality_in_india() -> None:
    inputs, expected = read_case("ineq_concentration_grouped_worldbank")
    rate, births = inputs["u5mr_per_1000"], inputs["births"]
    found = concentration_grouped(rate, births)
    everyone = equivalent(rate, births, aversion=0.0).estimate  # without aversion: the mean
    _all_right(expected, {"concentration_index": found.estimate, "mean_u5mr": everyone})


def test_equally_distributed_equivalents_of_three_people() -> None:
    inputs, expected = read_case("ineq_ede_three_individuals")
    names = {"atkinson": "atkinson", "kolm": "kolm", "xgini": "extended_gini"}
    got: dict[str, float] = {}
    for quantity in expected["quantity"]:
        column, what = quantity.split("|")
        health, people = inputs[column], inputs["POPULATION"]
        if what == "mean":
            got[quantity] = equivalent(health, people, aversion=0.0).estimate
        else:
            measure, aversion = what.split("_")
            got[quantity] = equivalent(health, people, names[measure], float(aversion)).estimate
    _all_right(expected, got)


def test_gini_atkinson_and_theil_of_ten_incomes() -> None:
    inputs, expected = read_case("ineq_ten_incomes")
    got = {
        "gini": gini(inputs["x"]).estimate,
        "gini_bias_corrected": gini(inputs["x"], corrected=True).estimate,
        "theil_T": theil(inputs["x"]).estimate,
        "theil_L": mean_log_deviation(inputs["x"]).estimate,
    }
    for name, aversion in (("0_5", 0.5), ("1", 1.0)):
        got[f"atkinson_index_{name}"] = inequality(inputs["x"], aversion=aversion).estimate
    _all_right(expected, got)


def test_byars_limits() -> None:
    inputs, expected = read_case("ineq_byars_ci")
    got: dict[str, float] = {}
    for row in inputs.itertuples():
        lower, upper = byars_limits([row.x], float(row.confidence.rstrip("%")) / 100)
        got |= {f"row{row.row}_lower": float(lower[0]), f"row{row.row}_upper": float(upper[0])}
    _all_right(expected, got)


def test_crude_rates() -> None:
    inputs, expected = read_case("ineq_crude_rate_ci")
    got: dict[str, float] = {}
    for row in inputs.itertuples():
        found = {s: crude_rate(row.Numerator, row.Denominator, row.multiplier, v) for s, v in LEVELS.items()}
        got |= _limits(f"row{row.row}", found)
        got[f"row{row.row}_value"] = found["95_0cl"].estimate
    _all_right(expected, got)


def test_proportions() -> None:
    inputs, expected = read_case("ineq_proportion_wilson_table")
    got: dict[str, float] = {}
    for row in inputs.itertuples():
        found = {s: proportion(row.Numerator, row.Denominator, row.multiplier, v) for s, v in LEVELS.items()}
        got |= _limits(f"row{row.row}", found)
    _all_right(expected, got)


def test_means() -> None:
    inputs, expected = read_case("ineq_mean_t_ci")
    got: dict[str, float] = {}
    for area, mine in [*inputs.groupby("area"), ("No grouping", inputs)]:
        found = {s: mean(mine["values"], v) for s, v in LEVELS.items()}
        got |= _limits(str(area), found)
        one = found["95_0cl"]
        got |= {f"{area}_mean": one.estimate, f"{area}_sd": one.se * math.sqrt(one.n)}
    _all_right(expected, got)


def test_directly_standardised_rates() -> None:
    inputs, expected = read_case("ineq_dsr_dobson_esp2013")
    inputs = inputs.rename(columns={"pop": "population", "stdpop": "weight"})
    got: dict[str, float] = {}
    for per in (10_000, 100_000):
        for area, mine in inputs.groupby("area"):
            found = {s: direct_rate(mine, DirectMethod(per, v)) for s, v in LEVELS.items()}
            got |= _limits(f"{area}_per{per}", found)
            got[f"{area}_per{per}_value"] = found["95_0cl"].estimate
    _all_right(expected, got)


def test_directly_standardised_rate_with_another_standard() -> None:
    inputs, expected = read_case("ineq_dsr_dobson_esp1976")
    found = direct_rate(inputs.rename(columns={"pop": "population", "stdpop": "weight"}))
    _all_right(expected, {"value": found.estimate, "lower95": found.lower, "upper95": found.upper})


def test_indirectly_standardised_rates_and_ratios() -> None:
    inputs, expected = read_case("ineq_indirect_standardisation")
    names = {"pop": "population", "refcount": "reference_count", "refpop": "reference_population"}
    inputs = inputs.rename(columns=names)
    got: dict[str, float] = {}
    for quantity in expected["quantity"]:
        area, what, figure = quantity.split("|")
        mine, level = inputs[inputs["area"] == area], LEVELS.get(figure[5:], 0.95)
        if what.startswith("rate"):
            found = indirect_rate(mine, float(what.removeprefix("rate per ")), level)
        else:
            found = indirect_ratio(mine, float(what.removeprefix("ratio x ")), level)
        one = found.estimate
        figures = {"value": one.estimate, "lower": one.lower, "upper": one.upper, "expec": found.expected}
        got[quantity] = figures[figure[:5]]
    _all_right(expected, got)
