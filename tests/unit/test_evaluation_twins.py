"""The paired difference: by hand, against Student's own figures, and where it is not defined."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.outcomes import SECONDS_PER_YEAR, chosen
from evaluation.twins import NO_BASE, NO_DIFFERENCE, compare, mean_interval, paired
from scenarios.errors import InputError
from tests.known_answer_files import misses, read_case
from tests.unit.evaluation_synthetic import synthetic_panel

A = [10.0, 12.0, 14.0, 12.0]
B = [9.0, 10.0, 13.0, 10.0]  # differences -1, -2, -1, -2


def test_by_hand() -> None:
    found = paired(A, B)
    assert found.n == 4
    assert found.difference == -1.5
    assert found.se_paired == pytest.approx(math.sqrt((4 * 0.25) / 3) / 2)
    half = 3.182446305284263 * found.se_paired  # Student's t, 3 degrees of freedom, 97.5%
    assert (found.lower, found.upper) == pytest.approx((-1.5 - half, -1.5 + half))
    assert found.percent == pytest.approx(-12.5)
    assert found.verdict == "lower"


def test_interval_is_that_of_the_paired_t_test() -> None:
    limits = stats.ttest_rel(B, A).confidence_interval(0.95)
    found = paired(A, B)
    assert (found.lower, found.upper) == pytest.approx((limits.low, limits.high))


def test_unpaired_error_and_variance_ratio() -> None:
    found = paired(A, B)
    unpaired = np.var(A, ddof=1) / 4 + np.var(B, ddof=1) / 4
    assert found.se_unpaired**2 == pytest.approx(unpaired)
    assert found.variance_ratio == pytest.approx(unpaired / found.se_paired**2)
    assert found.variance_ratio > 5  # these pairs move together


def test_one_replication_has_a_difference_and_no_interval() -> None:
    found = paired([10.0], [8.0])
    assert found.difference == -2
    assert math.isnan(found.lower)
    assert found.verdict == "not tested"
    assert found.reason == "one replication: no interval"


def test_identical_arms_are_exactly_zero() -> None:
    found = paired(A, A)
    assert (found.difference, found.lower, found.upper, found.percent) == (0, 0, 0, 0)
    assert found.verdict == "no difference detected"
    assert found.reason == "identical in every replication"


def test_floating_point_noise_is_no_difference() -> None:
    noisy = [value * (1 + 1e-15) for value in A]
    assert paired(A, noisy).verdict == "no difference detected"


def test_a_constant_shift_says_so() -> None:
    found = paired(A, [value + 1 for value in A])
    assert (found.lower, found.difference, found.upper) == (1, 1, 1)
    assert found.reason == "the same difference in every replication"


def test_an_interval_that_holds_zero_detects_nothing() -> None:
    assert paired([1.0, 2.0, 3.0], [2.0, 1.0, 3.5]).verdict == "no difference detected"


def test_an_undefined_pair_leaves_all_undefined() -> None:
    found = paired([1.0, math.nan, 3.0], [1.0, 2.0, 3.0])
    assert math.isnan(found.difference)
    assert found.reason == "undefined in 1 of 3 replications"


def test_zero_baseline_has_no_percentage() -> None:
    found = paired([0.0, 0.0], [1.0, 2.0])
    assert math.isnan(found.percent)
    assert "no percentage" in found.reason


def test_a_percentage_of_what_one_replication_has_nearly_all_of_has_no_limits() -> None:
    found = paired([0.0, 0.1, 9.0, 0.0], [0.0, 0.0, 2.0, 0.0])  # a residual's own spread would say -89 to -63
    assert found.verdict == NO_DIFFERENCE
    assert found.percent == pytest.approx(100 * (2 - 9.1) / 9.1)
    assert math.isnan(found.percent_lower)
    assert math.isnan(found.percent_upper)
    assert NO_BASE in found.reason


def test_constant_arms_have_a_percentage_of_no_width() -> None:
    found = paired([4.0, 4.0], [3.0, 3.0])
    assert (found.percent_lower, found.percent, found.percent_upper) == (-25, -25, -25)


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        paired([1.0], [1.0, 2.0])


def test_known_t_limits() -> None:
    inputs, expected = read_case("ineq_mean_t_ci")
    groups = {name: mine["values"].to_numpy() for name, mine in inputs.groupby("area")}
    groups["No grouping"] = inputs["values"].to_numpy()
    got = {}
    for name, values in groups.items():
        got[f"{name}_sd"] = values.std(ddof=1)
        for level, label in ((0.95, "95_0"), (0.998, "99_8")):
            got[f"{name}_mean"], got[f"{name}_lower{label}cl"], got[f"{name}_upper{label}cl"] = mean_interval(
                values, level
            )
    assert misses(expected, got) == []


def small_panel(events: dict[tuple[str, int, int], int]) -> pd.DataFrame:
    """One row per (arm, draw, replication) with 1,000 person-years in quintile 1."""
    rows = [(arm, draw, rep, 0, 1, SECONDS_PER_YEAR * 1000, count) for (arm, draw, rep), count in events.items()]
    names = ["arm", "draw", "replication", "month", "quintile", "person_seconds", "ed_attendances"]
    return pd.DataFrame(rows, columns=names)


ED = chosen(["ed_attendances"])


def test_replications_of_a_draw_are_averaged_first() -> None:
    base = {("a", draw, rep): 100 for draw in range(3) for rep in range(2)}
    other = {("b", draw, rep): 100 - 10 * draw + rep for draw in range(3) for rep in range(2)}
    row = compare(small_panel({**base, **other}), "a", "b", ED).iloc[0]
    assert row["pairs"] == "draws"
    assert row["n"] == 3
    assert row["difference"] == pytest.approx(np.mean([0.5, -9.5, -19.5]))


def test_a_replication_without_its_twin_is_refused() -> None:
    panel = small_panel({("a", 0, 0): 1, ("a", 0, 1): 1, ("b", 0, 0): 1})
    with pytest.raises(InputError, match="arm 'b': draw 0, replication 1 is missing; 'a' has it"):
        compare(panel, "a", "b", ED)


def test_unknown_arm_names_the_nearest() -> None:
    with pytest.raises(InputError, match="no arm 'frailtee'; did you mean 'frailty'"):
        compare(synthetic_panel(replications=1, months=range(1)), "usual_care", "frailtee")


def test_months_before_go_live_do_not_count() -> None:
    panel = small_panel({("a", 0, 0): 5, ("b", 0, 0): 4})
    early = panel.assign(month=-1, ed_attendances=1000)
    both = compare(pd.concat([panel, early]), "a", "b", ED).iloc[0]
    assert (both["baseline"], both["design"], both["total_difference"]) == pytest.approx((5, 4, -1))


def test_quintiles_share_one_definition_with_the_total() -> None:
    panel = synthetic_panel(replications=3, months=range(0, 2))
    table = compare(panel, "usual_care", "frailty", ED).set_index("group")
    assert list(table.index) == ["all", "1", "2", "3", "4", "5"]
    quintiles = table.loc[["1", "2", "3", "4", "5"], "difference"]  # equal people in each quintile here
    assert quintiles.mean() == pytest.approx(table.loc["all", "difference"])


def test_equal_counts_over_lives_that_end_at_other_times_are_no_difference() -> None:
    usual = synthetic_panel(replications=3, months=range(0, 2)).query("arm == 'usual_care'")
    design = usual.assign(
        arm="frailty", person_seconds=usual["person_seconds"] * (1 + 1e-4 * usual["replication"] + 1e-4)
    )

    def told(panel: pd.DataFrame) -> pd.Series:
        table = compare(pd.concat([usual, panel], ignore_index=True), "usual_care", "frailty")
        return table.set_index(["outcome", "group"]).loc[("ed_attendances", "all")]

    same = told(design)
    assert (same["difference"], same["total_difference"], same["verdict"]) == (0.0, 0.0, NO_DIFFERENCE)
    more = told(design.assign(ed_attendances=design["ed_attendances"] + 1))
    assert more["verdict"] == "higher"
    assert more["total_difference"] > 0


@pytest.mark.parametrize(("more", "verdict"), [(1, NO_DIFFERENCE), (30, "higher")])
def test_one_event_more_in_each_of_two_runs_is_no_proof(more: int, verdict: str) -> None:
    usual = synthetic_panel(replications=2, months=range(0, 2)).query("arm == 'usual_care'")
    lives = usual["person_seconds"] * (1 + 1e-4 * usual["replication"] + 1e-4)  # the rates differ, the counts do not
    design = usual.assign(arm="frailty", person_seconds=lives.astype(int))
    first = design.groupby("replication").head(1).index
    design.loc[first, "ed_attendances"] += more
    table = compare(pd.concat([usual, design], ignore_index=True), "usual_care", "frailty")
    found = table.set_index(["outcome", "group"]).loc[("ed_attendances", "all")]
    assert found["total_difference"] == more
    assert found["verdict"] == verdict
    assert (found["percent_lower"] < 0) == (found["lower"] < 0)


def test_a_spread_below_rounding_is_not_known_and_one_above_is_as_it_was() -> None:
    design = [value + more for value, more in zip(A, (3.0, 5.0, 4.0, 6.0)[: len(A)], strict=False)]
    base = A[: len(design)]
    assert paired(base, design, least_sd=0.5) == paired(base, design)
    held = paired([10.0, 12.0], [11.0, 13.0], least_sd=12**-0.5)
    assert held.upper - held.difference == pytest.approx(12.706 * 12**-0.5 / 2**0.5, rel=1e-4)
    assert held.verdict == NO_DIFFERENCE
    assert paired(A, A, least_sd=0.5).se_paired == 0.0  # no difference at all is known to be none
