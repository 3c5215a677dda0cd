"""Costs in whole pence, budget impact and posts for pounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.economics.budget_impact import break_even_offset, budget_impact, shares_impact
from evaluation.economics.ledger import differences, price_use, reconcile, spend, totals
from evaluation.economics.money import pence, pounds, split, whole_pence
from evaluation.economics.staffing import Supplement, cost_of_post, funded_posts
from scenarios.errors import InputError
from tests.unit.evaluation_synthetic import synthetic_panel

SPLITS = (["sector"], ["organisation"], ["financial_year"], ["quintile"], ["line"], ["year", "sector", "quintile"])
PRICES = pd.DataFrame(
    {
        "line": ["ED attendances", "bed days"],
        "column": ["ed_attendances", "bed_seconds"],
        "units_per_count": [1.0, 1 / 86_400],
        "pence": [28_017, 39_547],
        "organisation": ["acute trust", "acute trust"],
        "sector": ["NHS", "NHS"],
    }
)
LINES = pd.DataFrame(
    {
        "arm": ["frailty", "frailty"],
        "year": [0, 0],
        "financial_year": ["2024/25", "2024/25"],
        "organisation": ["community provider", "council"],
        "sector": ["NHS", "social care"],
        "line": ["INT core staff", "home care packages"],
        "recurrence": ["recurrent", "recurrent"],
        "pence": [10_000_001, 333],
    }
)


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    """Return a ledger of care used in two arms and of what one of them spends."""
    panel = synthetic_panel(replications=2)
    used = price_use(panel, PRICES, 0.035)
    live = panel[panel["month"] >= 0]
    people = live.groupby(["arm", "draw", "replication", "quintile"])["person_seconds"].sum().rename("people")
    return pd.concat([used, spend(LINES, people.reset_index(), 0.035)], ignore_index=True)


def test_pence_are_split_exactly() -> None:
    assert split(100, [1, 1, 1]).tolist() == [34, 33, 33]
    assert split(-100, [1, 1, 1]).tolist() == [-34, -33, -33]
    assert split(0, [1, 2]).tolist() == [0, 0]
    assert (pence(1.25), pence(-2.5), pence(0.005), pounds(250)) == (125, -250, 1, 2.5)
    assert whole_pence(np.array([0.5, 1.5, -0.5])).tolist() == [1, 2, -1]
    with pytest.raises(InputError, match="all 0"):
        split(5, [0, 0])


def test_every_table_adds_up_to_the_total_to_the_penny(ledger: pd.DataFrame) -> None:
    reconcile(ledger, SPLITS)
    whole = int(ledger["pence"].sum())
    for by in SPLITS:
        assert int(totals(ledger, by)["pence"].sum()) == whole
    mine = ledger[(ledger["arm"] == "frailty") & (ledger["replication"] == 0) & (ledger["nature"] == "case")]
    assert int(mine["pence"].sum()) == 10_000_334


def test_care_is_priced_by_the_whole_penny(ledger: pd.DataFrame) -> None:
    panel = synthetic_panel(replications=2)
    mine = panel[(panel["month"] >= 0) & (panel["arm"] == "frailty") & (panel["replication"] == 1)]
    row = ledger[(ledger["arm"] == "frailty") & (ledger["replication"] == 1)]
    attended = row.loc[row["line"] == "ED attendances", "pence"].sum()
    assert attended == mine["ed_attendances"].sum() * 28_017
    beds = row.loc[row["line"] == "bed days", "pence"].sum()
    assert beds == pytest.approx(mine["bed_seconds"].sum() / 86_400 * 39_547, abs=3)


def test_a_lost_penny_is_found(ledger: pd.DataFrame) -> None:
    broken = ledger.copy()
    broken.loc[0, "sector"] = None
    with pytest.raises(InputError, match=r"pence by sector is -?\d+ pence from the total"):
        reconcile(broken, SPLITS)


def test_differences_are_taken_run_by_run(ledger: pd.DataFrame) -> None:
    found = differences(ledger, "usual_care", "frailty", ["sector"])
    care = found[found["sector"] == "social care"]
    assert care["pence"].tolist() == [333, 333]
    whole = differences(ledger, "usual_care", "frailty")
    assert int(whole["pence"].sum()) == int(found["pence"].sum())
    with pytest.raises(InputError, match="no arm 'outreach'"):
        differences(ledger, "usual_care", "outreach")
    with pytest.raises(InputError, match="only one of"):
        differences(ledger[~((ledger["arm"] == "frailty") & (ledger["replication"] == 1))], "usual_care", "frailty")


def test_prices_that_cannot_be_are_refused() -> None:
    panel = synthetic_panel(replications=1, months=range(0, 1))
    for change, message in (
        ({"pence": [-1, 5]}, "price of 'ED attendances': is -0.01 GBP; a price is 0 or above"),
        ({"pence": [1.5, 5]}, "is 1.5 pence; whole pence are needed"),
        ({"line": ["x", "x"]}, "line 'x' is there twice"),
        ({"column": ["ed_atendances", "bed_seconds"]}, "column 'ed_atendances' is missing; did you mean"),
    ):
        with pytest.raises(InputError) as problem:
            price_use(panel, PRICES.assign(**change), 0.0)
        assert message in str(problem.value)


def test_later_years_are_discounted_and_still_reconcile() -> None:
    panel = synthetic_panel(replications=1, months=range(0, 15))
    found = price_use(panel, PRICES, 0.035)
    by_year = totals(found, ["year"]).set_index("year")
    assert by_year.loc[0, "pence"] == by_year.loc[0, "discounted_pence"]
    assert by_year.loc[1, "discounted_pence"] == pytest.approx(
        by_year.loc[1, "pence"] / 1.035, abs=10
    )  # rounded in 20 rows
    reconcile(found, SPLITS)


def test_people_who_stay_on_treatment_add_up_over_the_years() -> None:
    table = pd.DataFrame({"year": [1, 2, 3], "eligible": 100, "uptake": [0.1, 0.2, 0.0]})
    found = budget_impact(table, {"cost_new": 10.0}, persistence=(1.0, 0.5))
    assert found["people"].tolist() == [10, 25, 10]
    assert found["net"].tolist() == [100, 250, 100]
    assert np.isnan(break_even_offset(budget_impact(table.assign(offset_realised=0.0), {"cost_new": 10.0})))


def test_costs_may_differ_from_year_to_year() -> None:
    table = pd.DataFrame(
        {"year": [1, 2], "eligible": 10, "uptake": 1.0, "cost_new": [5.0, 6.0], "fixed_cost": [100, 0]}
    )
    assert budget_impact(table, {"cost_displaced": 1.0})["gross"].tolist() == [140, 50]
    for change, costs, message in (
        ({}, {"cost_new": 1.0}, "give one of them"),
        ({"uptake": 1.2}, {}, "uptake: is 1.2; allowed: 0 to 1"),
        ({}, {"price": 1.0}, "no such cost 'price'"),
    ):
        with pytest.raises(InputError, match=message):
            budget_impact(table.assign(**change), costs)


def test_a_change_of_market_shares() -> None:
    eligible = pd.Series([100, 200], index=[1, 2])
    before = pd.DataFrame({"old": [1.0, 1.0], "new": [0.0, 0.0]})
    after = pd.DataFrame({"old": [0.8, 0.5], "new": [0.2, 0.5]})
    found = shares_impact(eligible, before, after, {"old": 10.0, "new": 15.0})
    assert found["net"].tolist() == pytest.approx([100.0, 500.0])
    with pytest.raises(InputError, match="add up to 1"):
        shares_impact(eligible, before, after * 0.9, {"old": 10.0, "new": 15.0})
    with pytest.raises(InputError, match="none for 'new'"):
        shares_impact(eligible, before, after, {"old": 10.0})


def test_a_post_costs_pay_with_the_supplement_and_on_costs() -> None:
    inner_london = Supplement(0.2, 5_609, 8_466)
    assert cost_of_post(30_000, 1.3, inner_london) == pytest.approx(36_000 * 1.3)
    assert cost_of_post(20_000, 1.3, inner_london) == pytest.approx(25_609 * 1.3)
    assert cost_of_post(60_000, 1.0, inner_london) == pytest.approx(68_466)
    assert cost_of_post(30_000, 1.25) == pytest.approx(37_500)
    with pytest.raises(InputError, match="pay: is -5"):
        cost_of_post(-5, 1.3)
    with pytest.raises(InputError, match=r"on-costs: are 0\.3"):
        cost_of_post(30_000, 0.3)


def test_pounds_become_posts_and_every_pound_is_accounted_for() -> None:
    found = funded_posts({"nurse": 2.0, "worker": 4.0}, {"nurse": 50_000, "worker": 25_000}, 300_000, 100_000, 0.1)
    assert found.scale == pytest.approx(1.0)
    assert found.fte == pytest.approx({"nurse": 1.8, "worker": 3.6})
    assert (found.staff, found.vacant, found.unspent) == pytest.approx((180_000, 20_000, 0))
    assert found.budget == pytest.approx(found.fixed + found.staff + found.vacant + found.unspent)


def test_money_left_over_buys_more_or_is_shown_unspent() -> None:
    wanted, costs = {"nurse": 1.0}, {"nurse": 50_000.0}
    assert funded_posts(wanted, costs, 100_000).fte == {"nurse": 2.0}
    capped = funded_posts(wanted, costs, 100_000, grow=False)
    assert (capped.fte, capped.unspent) == ({"nurse": 1.0}, 50_000)
    nothing = funded_posts({}, costs, 100_000)
    assert (nothing.fte, nothing.unspent) == ({}, 100_000)
    with pytest.raises(InputError) as problem:
        funded_posts(wanted, costs, 100, fixed=200)
    assert str(problem.value) == "budget: 100 GBP a year is below what the design costs before any staff, 200"
    with pytest.raises(InputError, match="post 'nurse': has no cost"):
        funded_posts(wanted, {}, 100)


def test_posts_taken_away_save_their_pay_and_only_additions_are_scaled() -> None:
    costs = {"gp": 100_000.0, "nurse": 50_000.0}
    swap = funded_posts({"gp": -1.0, "nurse": 2.01}, costs, 250_000)
    assert swap.fte == pytest.approx({"gp": -1.0, "nurse": 7.0})  # 250,000 and the pay of a GP
    assert swap.unspent == pytest.approx(0)
    fewer = funded_posts({"gp": -2.0}, costs, 300_000, fixed=50_000)
    assert fewer.fte == {"gp": -2.0}
    assert (fewer.staff, fewer.unspent) == (-200_000, 450_000)
    part = funded_posts({"gp": -1.0, "nurse": 8.0}, costs, 100_000, vacancy=0.5, grow=False)
    assert part.fte == pytest.approx({"gp": -1.0, "nurse": 2.0})  # people in post go; half of those bought stay empty
    assert (part.staff, part.vacant) == (0, 100_000)
    for each in (swap, fewer, part):
        assert each.budget == pytest.approx(each.fixed + each.staff + each.vacant + each.unspent)
    with pytest.raises(InputError, match=r"budget: -300,000 GBP a year is below .* -200,000"):
        funded_posts({"gp": -2.0}, costs, -300_000)


def test_without_a_budget_every_post_is_funded_as_wanted() -> None:
    found = funded_posts({"gp": -1.0, "nurse": 1.0}, {"gp": 100_000.0, "nurse": 50_000.0}, None, 10_000, 0.2)
    assert found.scale == 1
    assert found.fte == pytest.approx({"gp": -1.0, "nurse": 0.8})
    assert found.budget == pytest.approx(10_000 - 100_000 + 50_000)
    assert (found.staff, found.vacant, found.unspent) == pytest.approx((-60_000, 10_000, 0))
