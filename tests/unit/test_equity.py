"""Distributional cost-effectiveness, the plane, the dial, weights and gaps for money."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.case_report.risk_sections import gap_in_health
from evaluation.equity.distribution import (
    Baseline,
    baseline_from_table,
    check_shares,
    distribution_table,
    net_health,
    slope_change,
    staircase,
)
from evaluation.equity.gap_for_money import gap_closed_for_money
from evaluation.equity.income_weights import income_weights, weighted_benefits
from evaluation.equity.welfare import (
    LOSE_LOSE,
    LOSE_WIN,
    NEUTRAL,
    WIN_LOSE,
    WIN_WIN,
    aversion_dial,
    aversion_where_equal,
    dominates,
    ede_gain,
    equity_impact,
)
from evaluation.findings import STANDARDISED, Findings
from evaluation.outcomes import MAIN
from evaluation.run_folder import RunFolder
from intsim.cases.fairness import GAP, gaps_for_money
from scenarios.errors import InputError

FIFTHS = Baseline(tuple("12345"), np.array([62.0, 66.0, 69.0, 71.0, 74.0]), np.full(5, 1e5))
FLAT, STEEP = [0.2] * 5, [0.26, 0.22, 0.22, 0.16, 0.14]


def test_health_is_net_of_what_the_money_would_have_made() -> None:
    benefit = np.array([30.0, 20.0, 10.0, 0.0, 0.0])
    net = net_health(benefit, 600_000, FLAT, 15_000)
    assert net.tolist() == [22, 12, 2, -8, -8]
    steep = net_health(benefit, 600_000, STEEP, 15_000)
    assert steep.sum() == pytest.approx(net.sum())
    assert steep[0] < net[0]
    by_group = net_health(benefit, np.full(5, 120_000.0), FLAT, 15_000)
    assert by_group == pytest.approx(net)


def test_indirect_effects_and_draws_are_added_and_summed_over() -> None:
    benefit = np.ones((3, 5))
    indirect = np.array([0.5, 0, 0, 0, -1.0])
    net = net_health(benefit, np.array([0.0, 15_000.0, 75_000.0]), FLAT, 15_000, indirect)
    assert net.shape == (3, 5)
    assert net[0].tolist() == [1.5, 1, 1, 1, 0]
    assert net[2] == pytest.approx(np.array([0.5, 0, 0, 0, -1.0]))
    table = distribution_table(FIFTHS, benefit[1], 15_000.0, {"flat": FLAT, "steep": STEEP}, 15_000, indirect)
    assert table.query("gradient == 'steep'")["opportunity_cost"].tolist() == pytest.approx(STEEP)
    recomputed = table["benefit"] + table["indirect"] - table["opportunity_cost"]
    assert table["net"].tolist() == pytest.approx(recomputed.tolist())


@pytest.mark.parametrize(
    ("net", "found"),
    [
        ([200, 100, 0, -50, -50], WIN_WIN),
        ([-50, -50, 0, 100, 200], WIN_LOSE),
        ([50, 0, 0, -50, -100], LOSE_WIN),
        ([-100, -50, 0, 0, 50], LOSE_LOSE),
        ([0, 0, 0, 0, 0], NEUTRAL),
    ],
)
def test_where_a_case_lies_on_the_plane(net: list[float], found: str) -> None:
    row = equity_impact(FIFTHS, {"case": np.array(net, float)}, aversion=10.95).iloc[0]
    assert row["quadrant"] == found
    assert row["equity"] == pytest.approx(row["ede_gain"] - row["total_net"])


def test_nice_mode_puts_no_weight_on_who_gains() -> None:
    table = equity_impact(FIFTHS, {"case": np.array([100.0, 0, 0, 0, 0])}, aversion=10.95, mode="nice")
    assert list(table.columns) == ["name", "total_net", "slope_change", "slope_lower", "slope_upper"]
    assert table["slope_change"].iloc[0] < 0
    with pytest.raises(InputError, match="no such mode 'york'"):
        equity_impact(FIFTHS, {}, mode="york")


def test_a_gap_gets_wider_or_narrower_by_its_interval_over_pairs() -> None:
    noise = np.random.Generator(np.random.Philox(7)).normal(0, 10, (30, 5))
    poor_first = np.array([20.0, 0, 0, 0, 0])
    nets = {"chance": noise - noise.mean(axis=0) + [0.01, 0, 0, 0, 0], "fair": noise + poor_first, "one": poor_first}
    table = equity_impact(FIFTHS, nets, aversion=10.95).set_index("name")
    chance = table.loc["chance"]
    assert chance["slope_lower"] < chance["slope_change"] < 0 < chance["slope_upper"]
    assert table.loc["fair", "slope_upper"] < 0
    assert math.isnan(table.loc["one", "slope_lower"])
    told = {name: gap_in_health(row) for name, row in zip(table.index, table.to_dict("records"), strict=True)}
    assert told == {
        "chance": "no difference detected",
        "fair": "narrower",
        "one": "narrower, one run: chance is not ruled out",
    }
    assert table["quadrant"].tolist()[0] == NEUTRAL
    means = equity_impact(FIFTHS, {"fair": nets["fair"].mean(axis=0)}, aversion=10.95).iloc[0]
    assert table.loc["fair", "slope_change"] == pytest.approx(means["slope_change"])
    assert table.loc["fair", "ede_gain"] == pytest.approx(means["ede_gain"])


def test_cost_borne_a_head_does_not_move_the_gap_whatever_it_varies_by() -> None:
    people = np.array([9_170.0, 8_030.0, 10_490.0, 7_711.0, 9_579.0])
    uneven = Baseline(tuple("12345"), FIFTHS.health, people)
    costs = np.random.Generator(np.random.Philox(8)).normal(1e6, 1e4, 40)
    net = net_health(np.zeros((40, 5)), costs, people / people.sum(), 15_000)
    row = equity_impact(uneven, {"dear": net}, aversion=10.95).to_dict("records")[0]
    assert gap_in_health(row) == "no difference detected"


def test_no_aversion_gives_the_plain_sum_and_the_dial_turns_the_choice() -> None:
    fair, efficient = np.array([60.0, 20, 0, 0, 0]), np.array([0.0, 0, 0, 40, 60])
    assert ede_gain(FIFTHS, fair, 0.0) == pytest.approx(80)
    dial = aversion_dial(FIFTHS, {"fair": fair, "efficient": efficient}, [0, 1, 5, 10])
    best = dial[dial["best"]].set_index("aversion")["name"]
    assert (best[0.0], best[10.0]) == ("efficient", "fair")
    turn = aversion_where_equal(FIFTHS, fair, efficient)
    assert 0 < turn < 10
    assert ede_gain(FIFTHS, fair, turn) == pytest.approx(ede_gain(FIFTHS, efficient, turn))
    assert math.isnan(aversion_where_equal(FIFTHS, fair + 1, fair))


@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5), st.floats(0, 15))
def test_more_health_for_every_group_is_worth_more_at_any_aversion(net: list[float], aversion: float) -> None:
    gain = ede_gain(FIFTHS, np.array(net) + 2e3, aversion)
    assert gain > 0
    more = ede_gain(FIFTHS, np.array(net) + 3e3, aversion)
    assert more > gain


def test_a_level_gain_does_not_move_the_slope_and_poor_first_narrows_it() -> None:
    assert slope_change(FIFTHS, np.full(5, 500.0)) == 0
    people = np.array([9_170.0, 8_030.0, 10_490.0, 7_711.0, 9_579.0])
    uneven = Baseline(tuple("12345"), FIFTHS.health, people)
    borne = people / people.sum()
    assert {slope_change(uneven, -share * borne) for share in (0.1, 1 / 3, 7.3)} == {0.0}  # a head the same for all
    assert slope_change(FIFTHS, np.array([500.0, 0, 0, 0, 0])) == pytest.approx(-0.005)


def test_dominance() -> None:
    none = np.zeros(5)
    assert dominates(FIFTHS, np.ones(5), none)["pareto"]
    transfer = dominates(FIFTHS, np.array([50.0, 0, 0, 0, -50]), none)
    assert transfer == {"pareto": False, "lorenz": True, "generalised_lorenz": True}
    assert dominates(FIFTHS, none, none) == {"pareto": False, "lorenz": False, "generalised_lorenz": False}


def test_a_staircase_shows_where_people_are_lost() -> None:
    table = pd.DataFrame(
        {"group": ["1", "5"], "people": [1_000, 1_000], "need": [0.4, 0.2], "taken_up": [0.5, 0.9], "gain": [0.1, 0.1]}
    )
    found = staircase(table, ["need", "taken_up"], "gain")
    assert found["reached_need"].tolist() == [400, 200]
    assert found["benefit"].tolist() == pytest.approx([20, 18])
    with pytest.raises(InputError, match=r"need: is 1\.4; allowed: 0 to 1"):
        staircase(table.assign(need=1.4), ["need"], "gain")


def test_shares_and_baselines_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r"add up to 0\.8"):
        check_shares([0.2] * 4, 4)
    with pytest.raises(InputError, match="are 4; one for each of 5"):
        check_shares([0.25] * 4, 5)
    with pytest.raises(InputError, match="threshold: is 0"):
        net_health(np.ones(5), 1.0, FLAT, 0)
    with pytest.raises(InputError, match="groups: 1, 1: each is allowed once"):
        Baseline(("1", "1"), np.ones(2), np.ones(2))
    table = pd.DataFrame({"group": [1, 2], "health": [60.0, 70.0], "people": [5, 5]})
    assert baseline_from_table(table).groups == ("1", "2")


def test_weights_of_income_and_never_on_top_of_equity_weights() -> None:
    assert income_weights([13_000, 26_000], 26_000, 1.3).tolist() == pytest.approx([2**1.3, 1])
    assert income_weights([13_000], 26_000, 0.0).tolist() == [1]
    with pytest.raises(InputError, match="equivalised_income row 0: is 0"):
        income_weights([0], 26_000, 1.3)
    table = pd.DataFrame({"group": [1], "equivalised_income": [20_000], "benefit": [5.0], "ede_gain": [3.0]})
    with pytest.raises(InputError) as problem:
        weighted_benefits(table, 26_000, 1.3)
    assert "Green Book weights are never put on top" in str(problem.value)


def test_gap_closed_for_money() -> None:
    found = gap_closed_for_money(np.array([10.0, 11.0, 12.0]), np.array([9.0, 9.9, 11.1]), np.full(3, 2e6), 1e6)
    assert found.estimate == pytest.approx(0.5)
    assert found.lower < 0.5 < found.upper
    assert gap_closed_for_money(np.ones(2), np.ones(2), np.full(2, 1e6), 1e6).reason == "no difference"
    assert gap_closed_for_money(np.array([1.0, 1.0]), np.array([2.0, 2.5]), np.full(2, 1e6), 1e6).estimate < 0
    assert "no money" in gap_closed_for_money(np.ones(2), np.zeros(2), np.zeros(2), 1e6).reason
    assert "not defined" in gap_closed_for_money(np.array([np.nan]), np.zeros(1), np.ones(1), 1e6).reason


def test_twice_the_years_or_the_people_at_the_same_money_a_head_and_year_close_as_much() -> None:
    table = pd.DataFrame(
        [
            (arm, 0, replication, outcome, STANDARDISED, GAP, gap + replication)
            for arm, gap in (("usual_care", 10.0), ("team", 8.0))
            for replication in range(3)
            for outcome in MAIN
        ],
        columns=["arm", "draw", "replication", "outcome", "basis", "measure", "value"],
    )
    run = RunFolder(Path(), ("usual_care", "team"), {}, pd.DataFrame(), None, None, None, None, {})
    findings = Findings(run, {}, {}, table)
    one_year, three, twice = (
        gaps_for_money(findings, {"team": np.full(3, 5.0 * people * months / 12)}, months, people)
        for months, people in ((12, 1e5), (36, 1e5), (12, 2e5))
    )
    pd.testing.assert_frame_equal(one_year, three)
    pd.testing.assert_frame_equal(one_year, twice)
    assert three["estimate"].tolist() == pytest.approx([4.0] * len(MAIN))  # 2 for 5 pounds a head
    assert set(three["unit"].str.endswith(", for each £10 a resident and year")) == {True}
