"""What a case refuses before a run: budgets too large, costs that would count for nothing, claims on nothing."""

from __future__ import annotations

import math
from functools import cache

import pytest

from intsim.cases.arms import arms_of
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.schema import Scenario
from scenarios.schema.case import OptionCosts
from scenarios.schema.modules.workforce import MOST_FTE

KEYS = "(allowed: " + ", ".join(OptionCosts.model_fields) + ")"


@cache
def scenario(*words: str) -> Scenario:
    """Return the default case on the toy place, with single settings changed."""
    return compose(["case=default", "place=toy", *words])


def refused(*words: str) -> str:
    """Return the one line that refuses a case."""
    with pytest.raises(InputError) as problem:
        arms_of(scenario(*words))
    assert "\n" not in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize("options", ["", "case.options=[frailty]", "case.options=[needs_based,consistent_core]"])
def test_a_budget_beyond_what_a_design_can_have_is_refused_with_the_largest_allowed(options: str) -> None:
    words = [options] if options else []
    said = refused("case.budget_gbp_per_10000=1e10", *words)
    assert said.startswith("case.budget_gbp_per_10000: 10,000,000,000 GBP a year is too much: it would buy '")
    assert "full-time posts for every 10,000 residents" in said
    largest = int(said.rpartition(" ")[2].replace(",", ""))
    arms = arms_of(scenario(f"case.budget_gbp_per_10000={largest}", *words))
    posts = [max(arm.int_design.workforce.added_fte.model_dump().values()) for arm in arms]
    assert max(posts) == pytest.approx(MOST_FTE, rel=1e-6)
    assert f"at most {largest:,}" in refused(f"case.budget_gbp_per_10000={math.ceil(largest * 1.001)}", *words)


def test_posts_that_no_design_can_have_are_refused_without_a_budget() -> None:
    words = ("case.options=[needs_based]", "case.budget_gbp_per_10000=null")
    said = refused(*words, "case.posts={needs_based:{gp:6000}}")
    assert said.startswith("case.posts.needs_based.gp: 6,000 full-time posts")
    assert said.endswith("give at most 5,000")
    assert len(arms_of(scenario(*words, "case.posts={needs_based:{gp:5000}}"))) == 2


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "case.costs.frailty.recurrent=5",
            "case.costs.frailty.recurrent: no such setting: did you mean 'recurr",
        ),
        ("case.costs={frailty:{recurrent:5}}", f"did you mean 'recurrent_gbp_per_10000'? {KEYS}"),
        ("case.costs={frailty:{set_up_gbp_per_1000:5}}", f"did you mean 'set_up_gbp_per_10000'? {KEYS}"),
        (
            "case.costs={frailty:{licences:5}}",
            "case.costs.frailty.licences: no such setting: allowed: double",
        ),
        (
            "case.costs={frailty:{estates_gbp_per_10000:-5}}",
            "case.costs.frailty.estates_gbp_per_10000: must be at",
        ),
        ("case.costs={frailty:5}", "case.costs.frailty: must be a group of settings (you gave 5)"),
        (
            "case.costs={frailt:{training_gbp_per_10000:5}}",
            "case.costs.frailt: no such INT design 'frailt': did",
        ),
        ("case.costs={usual_care:{training_gbp_per_10000:5}}", "case.costs.usual_care: is the comparator"),
        ("case.costs={colocation:{training_gbp_per_10000:5}}", "case.costs.colocation: no such option in this case"),
        ("case.posts={needs_based:{gp:-3}}", "case.posts.needs_based.gp: must be at least 0 (you gave -3)"),
        (
            "case.claims={ed_attendanes:-0.1}",
            "case.claims: no such outcome 'ed_attendanes': did you mean",
        ),
        ("case.claims={ed_attendances:-5}", "case.claims: ed_attendances is -5; allowed: -1 and above"),
        ("case.budget=5", "case.budget: no such setting: did you mean 'budget_gbp_per_10000'?"),
    ],
)
def test_costs_and_claims_that_cannot_be_used_are_refused_with_what_can(word: str, message: str) -> None:
    assert message in refused(word)


def test_costs_of_an_option_are_taken_key_by_key() -> None:
    arms = arms_of(scenario("case.costs.frailty.recurrent_gbp_per_10000=20000.0"))
    plain = arms_of(scenario())
    posts, before = (
        next(arm.int_design.workforce.added_fte.model_dump() for arm in each if arm.int_design.name == "frailty")
        for each in (arms, plain)
    )
    assert sum(posts.values()) < sum(before.values())
