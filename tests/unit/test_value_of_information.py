"""Perfect, partial and sample information: closed forms, order, and what is said in words."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest

from evaluation.economics.options import Options
from evaluation.value_of_information.partial import CONSTANT, Method, evppi, evppi_by_threshold
from evaluation.value_of_information.perfect import evpi, evpi_curve, evpi_two_normal, population_value
from evaluation.value_of_information.regression import smooth
from evaluation.value_of_information.sample import (
    Study,
    evsi_by_regression,
    evsi_by_shrinkage,
    evsi_two_normal,
    net_benefit_of_sampling,
    trial_summaries,
)
from evaluation.value_of_information.sentences import NOTHING, worth_measuring
from scenarios.errors import InputError

MEAN, SD = 1.0, 2.0


def numbers(count: int, columns: int, key: int = 5) -> np.ndarray:
    """Return standard normal numbers of a keyed generator."""
    return np.random.Generator(np.random.Philox(key)).standard_normal((count, columns))


@pytest.fixture(scope="module")
def inputs() -> pd.DataFrame:
    """Return 4,000 draws of four parameters and one that never changes."""
    table = pd.DataFrame(numbers(4_000, 4), columns=["effect", "cost", "reach", "idle"])
    return table.assign(fixed=1.0)


@pytest.fixture(scope="module")
def benefit(inputs: pd.DataFrame) -> np.ndarray:
    """Return net benefit of three options: two parameters matter by themselves, two in product, one not at all."""
    one = MEAN + SD * inputs["effect"]
    other = 0.5 + inputs["cost"] * inputs["reach"]
    return np.column_stack([np.zeros(len(inputs)), one, other])


def test_perfect_information_of_a_normal_difference() -> None:
    draws = MEAN + SD * numbers(40_000, 1)
    found = evpi(np.column_stack([np.zeros(len(draws)), draws]))
    exact = evpi_two_normal(MEAN, SD)
    assert found.lower < exact < found.upper
    assert evpi_two_normal(MEAN, 0.0) == 0
    assert evpi_two_normal(-MEAN, SD) == pytest.approx(exact)


def test_one_draw_has_no_interval_and_bad_shapes_are_refused() -> None:
    assert evpi(np.array([[0.0, 1.0]])).reason == "one draw: no interval"
    with pytest.raises(InputError, match="two options or more"):
        evpi(np.zeros((5, 1)))
    with pytest.raises(InputError, match="thresholds row 0: is -5"):
        evpi_curve(Options(("a", "b"), np.zeros((3, 2)), np.zeros((3, 2))), [-5])


def test_the_value_for_everybody_is_discounted_by_year() -> None:
    assert population_value(2.0, [100, 100], 0.10) == pytest.approx(200 + 200 / 1.1)


def test_partial_values_are_close_to_the_closed_form(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    two = benefit[:, :2]
    found = evppi(two, inputs[["effect", "idle"]]).set_index("group")
    assert found.loc["effect", "evppi"] == pytest.approx(evpi(two).estimate, rel=1e-6)
    assert found.loc["effect", "explained"] > 0.999
    assert found.loc["idle", "evppi"] < 0.02
    assert found.loc["idle", "se"] < 0.05


def test_a_product_is_worth_knowing_only_together(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    pair = benefit[:, [0, 2]]
    groups = {"cost": ["cost"], "reach": ["reach"], "both": ["cost", "reach"]}
    found = evppi(pair, inputs, groups).set_index("group")["evppi"]
    assert found["both"] == pytest.approx(evpi(pair).estimate, rel=0.01)
    assert max(found["cost"], found["reach"]) < 0.05 * found["both"]


def test_values_are_monotone_and_never_above_perfect_information(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    groups = {
        "effect": ["effect"],
        "with_idle": ["effect", "idle"],
        "with_cost": ["effect", "idle", "cost"],
        "all": list(inputs.columns),
        "fixed": ["fixed"],
    }
    found = evppi(benefit, inputs, groups).set_index("group")
    order = found.loc[["fixed", "effect", "with_idle", "with_cost", "all"], "evppi"].to_numpy()
    assert (np.diff(order) >= 0).all()
    assert order[0] == 0
    assert found.loc["fixed", "note"] == CONSTANT
    assert order[-1] <= evpi(benefit).estimate
    assert found.loc["all", "share"] > 0.99


def test_noise_of_the_simulation_is_regressed_away(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    noisy = benefit + 3.0 * numbers(len(benefit), 3, key=9)
    true = evpi(benefit).estimate
    assert evpi(noisy).estimate > 2 * true
    found = evppi(noisy, inputs, {"all": ["effect", "cost", "reach"]})["evppi"].iloc[0]
    assert found == pytest.approx(true, rel=0.1)


def test_blocks_and_a_regression_of_ones_own_agree_with_splines(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    two = benefit[:, :2]
    splines = evppi(two, inputs, ["effect"])["evppi"].iloc[0]
    blocks = evppi(two, inputs, ["effect"], Method("blocks", 40))["evppi"].iloc[0]
    own = evppi(two, inputs, ["effect"], Method(regressor=lambda x, y: np.polyval(np.polyfit(x[:, 0], y, 1), x[:, 0])))
    segments = evppi(two, inputs, ["effect"], Method("segments"))["evppi"].iloc[0]
    assert blocks == pytest.approx(splines, rel=0.05)
    assert segments == pytest.approx(splines, rel=0.01)
    assert own["evppi"].iloc[0] == pytest.approx(splines, rel=1e-6)


def test_several_thresholds_from_one_regression(inputs: pd.DataFrame) -> None:
    effect = np.column_stack([np.zeros(4_000), 0.01 + 0.02 * inputs["effect"]])
    cost = np.column_stack([np.zeros(4_000), 300 + 50 * inputs["cost"]])
    options = Options(("usual", "new"), cost, effect)
    found = evppi_by_threshold(options, inputs, [20_000, 30_000], {"effect": ["effect"], "both": ["effect", "cost"]})
    for threshold, mine in found.groupby("threshold"):
        assert mine.set_index("group").loc["both", "evppi"] == pytest.approx(
            evpi(options.net_benefit(float(threshold))).estimate, rel=0.01
        )
        alone = evppi(options.net_benefit(float(threshold)), inputs, ["effect"])["evppi"].iloc[0]
        assert mine.set_index("group").loc["effect", "evppi"] == pytest.approx(alone, rel=0.02)


@pytest.mark.parametrize(
    ("groups", "how", "message"),
    [
        ({"none": []}, None, "group 'none': has no parameters"),
        (["efect"], None, "column 'efect' is missing; did you mean 'effect'"),
        ({"two": ["effect", "cost"]}, Method("blocks"), "blocks take one"),
        ({"two": ["effect", "cost"]}, Method("segments"), "segments take one"),
        (["effect"], Method("blocks", 7), "7 for 4000 draws; allowed: a divisor"),
        (["effect"], Method("gam"), "no such method 'gam'"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    inputs: pd.DataFrame, benefit: np.ndarray, groups: object, how: Method | None, message: str
) -> None:
    with pytest.raises(InputError) as problem:
        evppi(benefit, inputs, groups, how)  # type: ignore[arg-type]
    assert message in str(problem.value)


def test_draws_must_match_and_be_enough(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    with pytest.raises(InputError, match="have 3999 draws where net benefit has 4000"):
        evppi(benefit, inputs.iloc[1:])
    with pytest.raises(InputError, match="are 99; fewer draws"):
        evppi(benefit[:99], inputs.iloc[:99])


def test_a_parameter_of_few_values_is_no_trouble(benefit: np.ndarray, inputs: pd.DataFrame) -> None:
    switch = pd.DataFrame({"switch": (inputs["effect"] > 0).astype(float)})
    found = evppi(benefit[:, :2], switch)["evppi"].iloc[0]
    means = [benefit[switch["switch"] == on][:, 1].mean() for on in (0, 1)]
    share = switch["switch"].mean()
    assert found == pytest.approx((1 - share) * max(means[0], 0) + share * means[1] - benefit[:, 1].mean(), rel=0.01)


def test_twenty_parameters_of_five_thousand_draws_take_under_thirty_seconds() -> None:
    data = numbers(5_000, 20)
    table = pd.DataFrame(data, columns=[f"p{number}" for number in range(20)])
    options = np.column_stack([np.zeros(5_000), data[:, 0] + data[:, 1] ** 2, data[:, 2] * data[:, 3], data[:, 4]])
    began = time.perf_counter()
    found = evppi(options, table)
    assert time.perf_counter() - began < 30
    assert set(found["group"][:3]) == {"p0", "p1", "p4"}


def test_a_fit_can_be_read_at_other_inputs() -> None:
    x = numbers(500, 2)
    fit = smooth(x, np.column_stack([x[:, 0] ** 2, x[:, 0] * x[:, 1]]))
    assert fit.at(x) == pytest.approx(fit.fitted, abs=1e-6)
    assert fit.at(np.array([[0.5, -0.5]]))[0] == pytest.approx([0.25, -0.25], abs=0.02)
    assert fit.explained > 0.99


def test_sample_information_rises_to_that_of_perfect_information() -> None:
    sizes = [0, 1, 10, 100, 10_000, 10**9]
    values = [evsi_two_normal(MEAN, SD, 10.0, size) for size in sizes]
    assert values[0] == 0
    assert (np.diff(values) > 0).all()
    assert values[-1] == pytest.approx(evpi_two_normal(MEAN, SD), rel=1e-6)


def test_three_ways_to_value_a_study_agree() -> None:
    theta = MEAN + SD * numbers(20_000, 1)[:, 0]
    benefit = np.column_stack([np.zeros(len(theta)), theta])
    exact = evsi_two_normal(MEAN, SD, 10.0, 40)
    seen = trial_summaries(theta, 40, "mean", sampling_sd=10.0)
    assert evsi_by_regression(benefit, seen) == pytest.approx(exact, rel=0.05)
    table = pd.DataFrame({"theta": theta})
    shrunk = evsi_by_shrinkage(benefit, table, {"theta": (10.0 / SD) ** 2}, 40)
    assert shrunk == pytest.approx(exact, rel=0.05)
    assert evsi_by_shrinkage(benefit, table, {"theta": 25.0}, 0) == 0


def test_studies_report_counts_over_their_size() -> None:
    share = trial_summaries([0.0, 0.5, 1.0], 8, "proportion")["study"]
    assert share.tolist()[0] == 0
    assert share.tolist()[2] == 1
    assert (share * 8).tolist() == [round(each) for each in share * 8]
    again = trial_summaries([0.0, 0.5, 1.0], 8, "proportion")["study"]
    assert share.tolist() == again.tolist()
    for kind, values, message in (
        ("proportion", [1.5], "within 0 and 1"),
        ("guess", [1.0], "no such kind 'guess'"),
        ("rate", [-1.0], "parameter row 0: is -1"),
    ):
        with pytest.raises(InputError, match=message):
            trial_summaries(values, 8, kind)
    with pytest.raises(InputError, match="sample_size: is 0"):
        trial_summaries([0.5], 0, "mean", sampling_sd=1.0)


def test_a_study_pays_where_its_value_exceeds_its_cost() -> None:
    values = {size: evsi_two_normal(MEAN, SD, 10.0, size) for size in (0, 50, 200, 1_000)}
    study = Study(50_000, 500, [1_000_000] * 5, years_to_report=2, rates=0.035)
    found = net_benefit_of_sampling(values, study).set_index("sample_size")
    served = sum(1_000_000 / 1.035**year for year in (2, 3, 4))
    assert found.loc[50, "population_evsi"] == pytest.approx(values[50] * served)
    assert found.loc[50, "cost"] == 75_000
    assert found.loc[0, "enbs"] == 0
    assert found["best"].sum() == 1
    late = net_benefit_of_sampling(values, Study(50_000, 500, [1_000_000] * 5, years_to_report=5))
    assert late["population_evsi"].tolist() == [0, 0, 0, 0]
    assert not late["best"].any()


def test_which_number_is_worth_measuring_in_words(inputs: pd.DataFrame, benefit: np.ndarray) -> None:
    said = worth_measuring(evppi(benefit[:, :2] * 1_000, inputs, ["effect", "idle"]), meaning={"effect": "its effect"})
    assert said.startswith("The number most worth measuring before deciding is its effect: to know it exactly")
    assert "100% of what knowing everything would be worth" in said
    sure = np.column_stack([np.zeros(4_000), np.ones(4_000)])
    assert worth_measuring(evppi(sure, inputs, ["effect"])) == NOTHING
    spread = worth_measuring(evppi(benefit[:, [0, 2]], inputs, ["idle", "fixed"]).assign(evppi=0.0))
    assert "no single number" in spread


def test_nothing_to_learn_has_no_share(inputs: pd.DataFrame) -> None:
    found = evppi(np.zeros((4_000, 2)), inputs, ["effect"])
    assert found["evppi"].tolist() == [0]
    assert math.isnan(found["share"].iloc[0])
