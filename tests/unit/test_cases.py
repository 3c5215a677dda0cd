"""Cases: budgets become posts, money is accounted for, and what cannot be is refused in one line."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from evaluation.economics.ledger import CASE, KEYS, USE
from intsim.cases.arms import arms_of, plain
from intsim.cases.ledgers import cash_of, increments
from intsim.cases.spending import Added, added_by, buy, posts_wanted, recurrent_a_year, spending_lines
from intsim.cases.uncosted import SETTINGS, at, uncosted
from intsim.cases.valuation import book_of, drawn_book, post_cost, price_lines, quality_of
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.schema import IntDesign, Scenario
from scenarios.service_names import OF_A_GROUP, STAFFED_SERVICES

YEARS = 3


@cache
def scenario(*words: str) -> Scenario:
    """Return the default case on the toy place over three years, with single settings changed."""
    return compose(["case=default", "place=toy", "experiment.horizon_months=36", *words])


@cache
def composed(name: str) -> IntDesign:
    """Return a built-in design."""
    return compose([f"int={name}"]).int_design


def design(name: str) -> dict:
    """Return a built-in design's settings as they are saved."""
    return plain(composed(name))


def test_the_default_case_has_six_arms_that_differ_in_the_design_alone() -> None:
    arms = arms_of(scenario())
    assert [arm.int_design.name for arm in arms] == [
        "usual_care",
        "consistent_core",
        "frailty",
        "outreach",
        "needs_based",
        "full",
    ]
    assert len({arm.model_copy(update={"int_design": arms[0].int_design}).model_dump_json() for arm in arms}) == 1


def test_every_option_spends_the_same_budget_to_the_penny() -> None:
    one = scenario()
    book, usual = book_of(one.case), design("usual_care")
    for name in one.case.options:
        added = posts_wanted(one.case, name, added_by(design(name), usual))
        bought = buy(book, name, added, YEARS)
        accounted = bought.fixed + bought.staff + bought.vacant + bought.unspent
        assert accounted == pytest.approx(300_000)
        held = replace(added, posts=dict(bought.fte))
        lines = spending_lines(book, name, held, 10_000, 12 * YEARS, "2024-04")
        spent = lines["pence"].sum() / 100 / YEARS
        assert spent + bought.vacant + bought.unspent == pytest.approx(300_000, abs=1)
        assert set(lines["financial_year"]) == {"2024/25", "2025/26", "2026/27"}


def test_posts_of_an_arm_are_those_the_money_buys() -> None:
    one = scenario()
    arm = next(each for each in arms_of(one) if each.int_design.name == "frailty")
    bought = buy(book_of(one.case), "frailty", added_by(design("frailty"), design("usual_care")), YEARS)
    assert arm.int_design.workforce.added_fte.int_core == pytest.approx(bought.fte["int_core"], abs=1e-4)
    assert 0 < bought.fte["int_core"] < 1.5


def test_without_a_budget_a_design_is_as_it_is() -> None:
    one = scenario("case.budget_gbp_per_10000=null")
    for arm in arms_of(one)[1:]:
        name = arm.int_design.name
        if name != "needs_based":
            posts = arm.int_design.workforce.added_fte
            assert plain(arm.int_design)["workforce"]["added_fte"] == pytest.approx(
                design(name)["workforce"]["added_fte"], abs=1e-4
            ), posts


def test_a_design_that_takes_posts_away_is_costed_with_their_pay_saved() -> None:
    words = ("case.comparator=frailty", "case.options=[usual_care]", "case.budget_gbp_per_10000=null")
    one = scenario(*words)
    arm = arms_of(one)[1]
    posts = arm.int_design.workforce.added_fte
    assert plain(arm.int_design)["workforce"]["added_fte"] == design("usual_care")["workforce"]["added_fte"], posts
    book, added = book_of(one.case), added_by(design("usual_care"), design("frailty"))
    bought = buy(book, "usual_care", added, YEARS)
    assert (bought.scale, bought.vacant) == (0, 0)  # none are added
    assert bought.fte == added.posts
    assert bought.staff < 0
    lines = spending_lines(book, "usual_care", added, 10_000, 12 * YEARS, "2024-04")
    assert lines["pence"].sum() / 100 / YEARS == pytest.approx(bought.fixed + bought.staff, abs=1)
    assert "set-up of posts" not in set(lines["line"])  # spent before: it does not come back


def test_pay_saved_buys_posts_of_another_kind() -> None:
    one = scenario()
    book = book_of(one.case)
    added = added_by(design("frailty"), design("usual_care"))
    swap = replace(added, posts={**added.posts, "gp": -1.0})
    more, plainly = (buy(book, "frailty", each, YEARS) for each in (swap, added))
    assert more.fte["gp"] == -1.0
    assert more.fte["int_core"] > plainly.fte["int_core"]
    assert more.budget == pytest.approx(more.fixed + more.staff + more.vacant + more.unspent)


def test_money_left_over_stays_unspent_if_the_case_says_so() -> None:
    one = scenario("case.buy_more=false", "case.budget_gbp_per_10000=5000000")
    book = book_of(one.case)
    bought = buy(book, "frailty", added_by(design("frailty"), design("usual_care")), YEARS)
    assert bought.scale == 1
    assert bought.unspent > 4_000_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["case.budget_gbp_per_10000=100"],
            "100 GBP a year is below the cheapest case, consistent_core, which costs 5,000",
        ),
        (["case.budget_gbp_per_10000=6000"], "6,000 GBP a year does not pay for frailty"),
        (["case.prices={ed_attendance:-3}"], "case.prices.ed_attendance: a price must be at least 0 (you gave -3)"),
        (["case.prices={ed_atendance:3}"], "no such price 'ed_atendance': did you mean 'ed_attendance'"),
        (
            ["case.price_year=2030/31"],
            "case.price_year: 2030/31 has no deflator; the index runs from 2014/15 to 2024/25",
        ),
        (["case.prices={vacancy_share:1.2}"], "case.prices.vacancy_share: is 1.2 (share); allowed: 0 to below 1"),
        (["case.prices={vacancy_share:1}"], "case.prices.vacancy_share: is 1 (share); allowed: 0 to below 1"),
        (["case.prices={remaining_share:1.5}"], "case.prices.remaining_share: is 1.5 (share); allowed: 0 to 1"),
        (["case.prices={remaining_share:-0.1}"], "case.prices.remaining_share: is -0.1 (share); allowed: 0 to 1"),
        (["case.prices={overhead_ratio:-1}"], "case.prices.overhead_ratio: is -1 (ratio); allowed: 0 or above"),
        (["case.prices={utility_per_condition:2}"], "utility_per_condition: is 2 (utility); allowed: -1 to 0"),
        (["case.options=[frailt]"], "case.options: no such INT design 'frailt': did you mean 'frailty'"),
        (["case.comparator=usual"], "case.comparator: no such INT design 'usual': did you mean 'usual_care'"),
        (["case.threshold=nice"], "case.threshold: no such threshold 'nice'"),
        (["case.posts={frailty:{int_core:1.0}}"], "'frailty' adds posts of its own"),
        (["case.options=[]"], "case: 'default' compares nothing"),
        (["case.cost_rate=3.5"], "case.cost_rate: must be at most 1 (you gave 3.5)"),
        (["case.comparator=null"], "case.options: need something to be compared with: give case.comparator"),
        (["case.price_year=2024"], "case.price_year: must be a financial year such as 2024/25"),
        (["case.options=[frailty,frailty]"], "'frailty' is there twice"),
        (["case.options=[usual_care]"], "none of them the comparator: 'usual_care' is there twice"),
        (["case.posts={needs_based:{bed:1.0}}"], "'bed' (of needs_based) is none"),
        (["case.costs={full:{funded_by:{council:0.4}}}"], "must add up to 1; these add up to 0.4"),
        (["case.equity=both"], "case.equity: must be one of nice, dcea, green_book"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: list[str], message: str) -> None:
    with pytest.raises(InputError) as problem:
        arms_of(scenario(*words))
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_own_costs_are_paid_by_those_named_and_once_costs_once() -> None:
    costs = "{set_up_gbp_per_10000:9000,recurrent_gbp_per_10000:1200,funded_by:{council:0.25,charity:0.75}}"
    one = scenario(f"case.costs={{outreach:{costs}}}")
    book = book_of(one.case)
    added = added_by(design("outreach"), design("usual_care"))
    lines = spending_lines(book, "outreach", added, 20_000, 24, "2024-04")
    table = lines.set_index(["line", "organisation", "year"])["pence"]
    assert table["set-up", "charity", 0] == 1_350_000
    assert ("set-up", "charity", 1) not in table.index
    assert table["contracts and licences", "council", 1] == 60_000
    assert lines[lines["line"] == "set-up"]["recurrence"].tolist() == ["once", "once"]


def test_recurrent_spending_is_that_of_a_whole_year_however_long_the_run_and_the_learning() -> None:
    book, added = book_of(scenario().case), added_by(design("full"), design("usual_care"))
    assert added.double_months > 0
    a_year = recurrent_a_year(book, "full", added, 10_000)
    lines = spending_lines(book, "full", added, 10_000, 36, "2024-04")
    last = lines[(lines["year"] == 2) & (lines["recurrence"] == "recurrent")]["pence"].sum() / 100
    assert a_year == pytest.approx(last, abs=1)
    part = spending_lines(book, "full", added, 10_000, 15, "2024-04")
    short = part[(part["year"] == 1) & (part["recurrence"] == "recurrent")]["pence"].sum() / 100
    assert a_year == pytest.approx(4 * short, rel=1e-3)
    later = replace(added, starts=((9, 1.0),))
    assert recurrent_a_year(book, "full", later, 20_000) == pytest.approx(2 * a_year, abs=1)


def test_double_running_is_told_apart_and_not_paid_twice() -> None:
    book, added = book_of(scenario().case), added_by(design("full"), design("usual_care"))
    lines = spending_lines(book, "full", added, 10_000, 12, "2024-04")
    core = lines[lines["line"].isin(["posts: int_core", "double running: int_core"])].set_index("line")["pence"]
    assert core.sum() == pytest.approx(1.5 * post_cost(book, "int_core") * 100, abs=2)
    assert core["double running: int_core"] == pytest.approx(core.sum() * 2 / 12, abs=1)


def spent(added: Added, months: int = 24) -> pd.Series:
    """Return pounds by year and recurrence."""
    lines = spending_lines(book_of(scenario().case), "f", added, 10_000, months, "2024-04")
    return lines.groupby(["year", "recurrence"])["pence"].sum() / 100


def test_what_goes_live_later_spends_later_and_what_did_before_still_costs_once() -> None:
    added = added_by(design("frailty"), design("usual_care"))
    now, later, before = (spent(replace(added, starts=((start, 1.0),))) for start in (0, 12, -12))
    assert now.loc[0].to_dict() == pytest.approx(later.loc[1].to_dict(), abs=1)
    assert 0 not in later.index.get_level_values("year")
    learnt = spent(replace(added, double_months=0.0))
    assert before.to_dict() == pytest.approx(learnt.to_dict(), abs=1)


def test_parts_of_a_place_cost_from_when_they_start_on() -> None:
    added = replace(added_by(design("full"), design("usual_care")), double_months=0.0)
    whole = spent(added).xs("recurrent", level="recurrence")
    parts = spent(replace(added, starts=tuple((month, 0.25) for month in (0, 6, 12, 18)))).xs(
        "recurrent", level="recurrence"
    )
    assert parts[0] == pytest.approx(whole[0] * (1 + 0.5) / 4, rel=1e-3)
    assert parts[1] == pytest.approx(whole[1] * (2 + 1 + 0.5) / 4, rel=1e-3)
    thirds = ((0, 1 / 3), (6, 1 / 3), (12, 1 / 3))
    once = [spent(replace(added, starts=each)).xs("once", level="recurrence").sum() for each in (added.starts, thirds)]
    assert once[0] == pytest.approx(once[1], abs=3)


def test_a_design_costs_for_those_it_is_for_and_a_group_for_the_staff_it_can_have() -> None:
    added = added_by(design("frailty"), design("usual_care"))
    quarter = replace(added, starts=((0, 0.25),))
    assert spent(quarter).sum() == pytest.approx(spent(added).sum() / 4, abs=3)
    assert added.packages > 0 < added.posts["int_core"]
    assert set(added.posts) - set(OF_A_GROUP)
    group = replace(added, starts=(), members=0.25)
    lines = spending_lines(book_of(scenario().case), "f", group, 10_000, 24, "2024-04")
    paid = set(lines["line"])
    assert "home care places" not in paid
    assert {line.split(": ")[1] for line in paid if line.startswith("posts")} == set(added.posts) & set(OF_A_GROUP)
    core = lines.loc[lines["line"] == "posts: int_core", "pence"].sum()
    all_of = spending_lines(book_of(scenario().case), "f", quarter, 10_000, 24, "2024-04")
    assert core == pytest.approx(all_of.loc[all_of["line"] == "posts: int_core", "pence"].sum(), abs=1)


def test_a_budget_is_for_designs_for_everyone() -> None:
    words = ("case.options=[community_of_identity]", "case.posts={}")
    with pytest.raises(InputError, match=r"case\.budget_gbp_per_10000: 'community_of_identity' is for a part of the"):
        arms_of(scenario(*words))
    assert len(arms_of(scenario(*words, "case.budget_gbp_per_10000=null"))) == 2


@pytest.mark.parametrize("word", ["added_fte.gp=1.0", "added_home_packages_per_10000=2.0"])
def test_an_int_for_a_group_alone_is_not_given_what_it_cannot_have(word: str) -> None:
    with pytest.raises(InputError, match=word.split("=")[0]):
        compose(["int=community_of_identity", f"int.workforce.{word}"])
    compose(["int=community_of_identity", f"int.workforce.{word}", "int.geography.group.only=false"])


def test_prices_are_moved_to_the_price_year_and_own_prices_are_not() -> None:
    then = price_lines(book_of(scenario("case.price_year=2023/24").case)).set_index("line")["gbp"]
    now = price_lines(book_of(scenario().case)).set_index("line")["gbp"]
    assert now["ed_attendance"] == pytest.approx(318)
    assert then["ed_attendance"] == pytest.approx(318 / 1.0402)
    own = price_lines(book_of(scenario("case.price_year=2023/24", "case.prices={ed_attendance:250}").case))
    assert own.set_index("line")["gbp"]["ed_attendance"] == 250


def test_inner_london_pays_more() -> None:
    here, elsewhere = (book_of(scenario(f"case.area_supplement={area}").case) for area in ("inner_london", "none"))
    for service in STAFFED_SERVICES:
        assert post_cost(here, service) >= post_cost(elsewhere, service)
    ratio = here.values["overhead_ratio"]  # overheads do not grow with the supplement
    assert post_cost(here, "int_core") == pytest.approx((1 + 0.2 / ratio) * post_cost(elsewhere, "int_core"))


def test_a_draw_of_prices_is_keyed_by_name_and_draw() -> None:
    book = book_of(scenario().case)
    one, same, other = (drawn_book(book, draw, 1).prices for draw in (0, 0, 1))
    assert one == same
    assert one["ed_attendance"] != other["ed_attendance"]
    assert all(value >= 0 for value in one.values())
    assert one["assessment_unit_day"] == one["emergency_bed_day"]  # the same thing: drawn together


def test_an_admission_costs_a_short_stay_less_the_day_in_bed_that_is_counted_apart() -> None:
    book = book_of(scenario().case)
    for each in (book, drawn_book(book, 0, 1), drawn_book(book, 1, 1)):
        gbp = price_lines(each).set_index("line")["gbp"]
        assert gbp["emergency_admission"] > 0
        short_stay = gbp["emergency_admission"] + gbp["emergency_bed_day"]
        assert short_stay == pytest.approx(each.prices["emergency_admission"])
    dear = price_lines(book_of(scenario("case.prices={emergency_bed_day:2000}").case)).set_index("line")["gbp"]
    assert dear["emergency_admission"] == 0


def test_a_conveyance_costs_what_it_does_beyond_an_incident_without() -> None:
    lines = price_lines(book_of(scenario().case)).set_index("line")
    gbp = lines["gbp"]
    assert gbp["ambulance_contact"] + gbp["conveyance"] == pytest.approx(489.39)  # seen and conveyed, in the source
    assert lines["service"]["conveyance"] == lines["service"]["ambulance_contact"] == "ambulance"  # posts pay for both


def test_quality_of_life_holds_published_expectancy_and_falls_with_deprivation_and_age() -> None:
    quality = quality_of(book_of(scenario("case.beyond_run=remaining_life").case))
    table = quality.utility.pivot_table(index="age_band", columns="quintile", values="utility")
    assert (table.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert ((quality.utility["utility"] > 0.5) & (quality.utility["utility"] <= 1)).all()
    assert quality.remaining is not None
    ahead = quality.remaining.set_index(["age_band", "sex", "quintile"])["years"]
    assert ahead["18-39", "female", 5] > ahead["85+", "female", 5] > 1
    assert isinstance(quality.utility, pd.DataFrame)


def test_gps_swapped_for_others_at_equal_pay_set_nothing_free() -> None:
    usual = design("usual_care")
    swapped = {**usual, "workforce": {**usual["workforce"], "skill_mix_to_nurse_share": 0.2}}
    book, added = book_of(scenario().case), added_by(swapped, usual)
    assert added.swaps
    assert not added_by(design("frailty"), usual).swaps
    lines = ("gp_contact", "nurse_hour", "pharmacist_hour", "ed_attendance")
    rows = [
        {name: "x" for name in KEYS}
        | {"arm": arm, "draw": 0, "replication": 0, "line": line, "sector": "NHS", "nature": USE, "year": 0}
        | {"pence": pence, "discounted_pence": pence}
        for arm, pence in (("usual", 100), ("swapped", 60))
        for line in lines
    ]
    assert set(lines) <= set(price_lines(book)["line"])
    found = increments(pd.DataFrame(rows), "usual", "swapped", added, book)
    assert found[["line", "pence"]].to_numpy().tolist() == [["ed_attendance", -40]]
    plain_one = increments(pd.DataFrame(rows), "usual", "swapped", replace(added, swaps=False), book)
    assert sorted(plain_one["line"]) == sorted(lines)


def test_cash_is_what_a_run_sets_free_and_a_year_of_more_care_takes_from_it() -> None:
    def cash(first: int, second: int) -> list[float]:
        rows = [("2024/25", USE, -first * 100), ("2025/26", USE, -second * 100), ("2024/25", CASE, 500_000)]
        return cash_of(pd.DataFrame(rows, columns=["financial_year", "nature", "pence"]), "team", 0.5)["cash"].tolist()

    assert cash(1_000, 600) == [500.0, 300.0]
    assert cash(1_000, -600) == [500.0, -300.0]
    assert cash(1_000, -1_600) == [0.0, 0.0]  # more care is used over the run


def test_what_a_design_does_for_nothing_is_named() -> None:
    usual = design("usual_care")
    assert uncosted(usual, usual) == []
    told = uncosted(design("full"), usual)
    assert "bank staff who cover absence and vacancies" in told
    assert "grants to voluntary groups" in told
    assert all(at(usual, key) is not None for key, _ in SETTINGS)
    assert at(usual, "workforce.nothing") is None
