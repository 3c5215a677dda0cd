"""Practical needs that come and go, what helps them, and the hardship they leave."""

import numpy as np
import pytest

from sim import codes
from sim.rules import purposes
from sim.rules.keys import uniform
from sim.rules.levers import lever_selection
from sim.rules.month import fold_month
from sim.rules.social import lever_help, may_have, need_prevalence, step_hardship, step_practical, usual_hardship
from sim.rules.steps import month_steps
from sim.rules.tables import age_years
from tests.small_world import ages, small_world

MONTH = 30 * 86400
BITS = range(len(codes.SOCIAL_NAMES))


def at_balance(tables):  # type: ignore[no-untyped-def]
    """Give each person needs at their quintile's prevalence."""
    draws = np.random.default_rng(1).random((len(tables.people), len(codes.SOCIAL_NAMES)))
    quintile = tables.communities["national_quintile"][tables.people["community"]] - 1
    tables.people["carer"] = 1
    for i, person in enumerate(tables.people):
        for bit in BITS:
            share = need_prevalence(tables.params[0], 1 << bit, int(quintile[i]))
            if may_have(person, bit, age_years(person["birth_day"], 0)) and draws[i, bit] < share:
                person["social"] |= 1 << bit
    return tables


def shares(tables):  # type: ignore[no-untyped-def]
    adult = (ages(tables) >= 18) & (ages(tables) < 60)
    return np.array([((tables.people["social"][adult] >> bit) & 1).mean() for bit in BITS])


def step(tables, i, month, now):  # type: ignore[no-untyped-def]
    """Step the practical needs of one person, by their own draws of the month."""
    person, steps = tables.people[i], month_steps(tables)
    draws = [uniform(tables.seed[0], person["key"], purposes.SOCIAL_STEP + bit, month) for bit in BITS]
    age = age_years(person["birth_day"], now)
    step_practical(tables, i, month, age, steps.troubles, steps.resolutions, np.array(draws))


def test_practical_needs_stay_as_common_as_they_were() -> None:
    tables = at_balance(small_world(care_home_share_under_65=0.0))
    before, kept = shares(tables), tables.people["social"].copy()
    levels = []
    for month in range(24):
        fold_month(tables, month, month * MONTH)
        levels.append(shares(tables))
    assert np.mean(levels, axis=0) == pytest.approx(before, abs=0.035)
    assert (kept != tables.people["social"]).mean() > 0.2


def test_needs_are_only_had_by_those_who_can_have_them() -> None:
    names = [f"social_prevalence_{name}_quintile_{q}" for name in codes.SOCIAL_NAMES for q in range(1, 6)]
    tables = small_world(5, **dict.fromkeys(names, 1.0))
    tables.people["care_home"][::7] = codes.NURSING
    for i in range(len(tables.people)):
        step(tables, i, 0, 0)
    social, age = tables.people["social"], ages(tables)
    home = tables.people["care_home"] > 0
    assert (social[home & (age >= 16)] == codes.LONELINESS).all()
    assert (social[home & (age < 16)] == 0).all()
    assert (social[~home & (age < 16)] == codes.POOR_HOUSING).all()
    assert not (social[age >= 65] & codes.WORKLESSNESS).any()
    assert not (social & codes.CARER_STRAIN).any()


TAKEN = {
    codes.HOUSING_REPAIR: "repair_taken",
    codes.WELFARE_ADVICE_LEVER: "advice_taken",
    codes.SOCIAL_PRESCRIBING: "link_taken",
}


def ended(need, contacts, lever=None, effect=1.0, **changes):  # type: ignore[no-untyped-def]
    """Return the share of people whose ``need`` ends in a month; with a ``lever`` all took up its offer of late."""
    still: dict[str, float] = {f"social_{name}_resolved_per_month": 0.0 for name in codes.SOCIAL_NAMES}
    tables = small_world(5, **still, **changes)
    who = np.flatnonzero((ages(tables) >= 18) & (ages(tables) < 65))
    tables.people["social"], tables.people["link_contacts"] = need, contacts
    if lever is not None:
        tables.people[TAKEN[lever]] = 3
        tables.lever_effect[lever] = effect
    for i in who:
        step(tables, i, 4, 4 * MONTH)
    return 1.0 - ((tables.people["social"][who] & need) > 0).mean()


def test_contacts_end_needs_once_there_are_enough_of_them() -> None:
    assert ended(codes.DEBT, 0) == ended(codes.DEBT, 2) == 0.0
    assert ended(codes.DEBT, 3, link_base_share=0.4) == pytest.approx(0.4, abs=0.08)
    tables = small_world()
    tables.people["social"], tables.people["link_contacts"] = codes.DEBT, 3
    at = int(np.argmin(np.abs(ages(tables) - 40)))
    step(tables, at, 0, 0)
    assert tables.people[at]["link_contacts"] == 0


@pytest.mark.parametrize(
    ("need", "lever", "contacts", "parameter"),
    [
        (codes.POOR_HOUSING, codes.HOUSING_REPAIR, 1, "housing_repair_share"),
        (codes.DEBT, codes.WELFARE_ADVICE_LEVER, 3, "welfare_advice_debt_share"),
        (codes.LONELINESS, codes.SOCIAL_PRESCRIBING, 3, "social_prescribing_loneliness_share"),
    ],
)
def test_a_lever_helps_its_own_need_of_those_it_reached(need: int, lever: int, contacts: int, parameter: str) -> None:
    known = {"link_base_share": 0.1, parameter: 0.4}
    usual = 0.1 if contacts >= 3 else 0.0
    assert ended(need, contacts, **known) == pytest.approx(usual, abs=0.05)
    assert ended(need, contacts, lever, 0.0, **known) == ended(need, contacts, **known)
    assert ended(need, contacts, lever, 1.0, **known) == pytest.approx(0.5, abs=0.08)
    assert ended(need, contacts, lever, 0.5, **known) == pytest.approx(0.3, abs=0.08)
    assert ended(need, 0, lever, 1.0, **known) == 0.0
    other = codes.DEBT if need != codes.DEBT else codes.LONELINESS
    assert ended(other, contacts, lever, 1.0, **known) == pytest.approx(usual, abs=0.05)


@pytest.mark.parametrize(
    ("need", "lever", "uptake"),
    [
        (codes.POOR_HOUSING, codes.HOUSING_REPAIR, "repair_uptake"),
        (codes.DEBT, codes.WELFARE_ADVICE_LEVER, "welfare_uptake"),
        (codes.LONELINESS, codes.SOCIAL_PRESCRIBING, "link_uptake"),
    ],
)
def test_only_an_offer_that_is_taken_up_helps_and_a_later_one_declined_takes_nothing_away(
    need: int, lever: int, uptake: str
) -> None:
    tables = small_world(5, help_months=12.0, **{uptake: 0.5})
    people = tables.people
    people["social"], people["known"], people["recent_ed"] = need, 1 << codes.COPD, 9.0
    tables.lever_reach[lever], tables.lever_effect[lever] = 1.0, 1.0
    adults = ages(tables) >= 18
    lever_selection(tables, 0, 0, MONTH)
    first = people[TAKEN[lever]][adults] == 1
    assert 0.3 < first.mean() < 0.7
    lever_selection(tables, 1, MONTH, 2 * MONTH)
    assert (people[TAKEN[lever]][adults][first] > 0).all()
    helped = np.array([lever_help(tables, i, need, 2) != 0.0 for i in np.flatnonzero(adults)])
    assert np.array_equal(helped, people[TAKEN[lever]][adults] > 0)
    assert first.mean() < helped.mean() < 0.9


def test_help_may_do_harm_and_never_below_nothing() -> None:
    known = {"link_base_share": 0.1, "social_prescribing_loneliness_share": -0.3}
    assert ended(codes.LONELINESS, 3, codes.SOCIAL_PRESCRIBING, 1.0, **known) == 0.0


def test_hardship_starts_as_it_is_and_follows_slowly() -> None:
    tables = small_world(hardship_lag_months=10.0)
    tables.people["social"] = codes.POOR_HOUSING | codes.DEBT | codes.WORKLESSNESS
    step_hardship(tables, 0)
    assert tables.people[0]["hardship"] == 3.0
    tables.people["social"] = 0
    step_hardship(tables, 0)
    assert tables.people[0]["hardship"] == pytest.approx(2.8)
    for _ in range(100):
        step_hardship(tables, 0)
    assert tables.people[0]["hardship"] == pytest.approx(1.0, abs=0.01)


def test_usual_hardship_is_more_where_deprivation_is_and_less_for_children() -> None:
    tables = small_world()
    quintile = tables.communities["national_quintile"][tables.people["community"]]
    usual = np.array([usual_hardship(tables, i, 0) for i in range(len(tables.people))])
    adult = ages(tables) >= 18
    assert usual[adult & (quintile == 1)].min() > usual[adult & (quintile == 5)].max()
    assert usual[~adult & (quintile == 3)].max() <= usual[adult & (quintile == 3)].min()


def test_lists_open_to_people_without_a_practice_where_the_design_says_so() -> None:
    for chance in (0.0, 0.3):
        tables = small_world()
        tables.people["registered"][::2] = 0
        tables.teams["open_registration"] = chance
        by_themselves = tables.params[0]["registration_per_month"]
        fold_month(tables, 0, 0)
        assert (tables.people["registered"][1::2] == 1).all()
        expected = 1.0 - (1.0 - by_themselves) * (1.0 - chance)
        assert (tables.people["registered"][::2] == 1).mean() == pytest.approx(expected, abs=0.06)
