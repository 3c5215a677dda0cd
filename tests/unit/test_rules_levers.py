"""Whom each lever selects, what it offers them, and what it leaves alone."""

import numpy as np
import pytest

from sim import codes
from sim.rules.case_finding import ALL, BY_AGE, BY_RISK, CORE20PLUS
from sim.rules.draws import PEOPLE, draw_selection, draw_standing, room_for_draws
from sim.rules.keys import key2
from sim.rules.levers import lever_selection, mark_asked, offered_by, select_person
from sim.rules.stages import AT_SERVICE
from sim.rules.uptake import uptake_chance
from tests.small_world import ages, small_world

MONTH = 30 * 86400
STANDING = (
    codes.PARTICIPATION,
    codes.COLOCATION,
    codes.SHARED_RECORDS,
    codes.CONTINUITY,
    codes.EXTENDED_ACCESS,
)
BY_EPISODE = (codes.DISCHARGE_SUPPORT, codes.URGENT_RESPONSE_LEVER, codes.VIRTUAL_WARD_LEVER)


def pulled(lever, reach=1.0, effect=1.0, **changes):  # type: ignore[no-untyped-def]
    tables = small_world(**changes)
    tables.lever_reach[lever], tables.lever_effect[lever] = reach, effect
    return tables


def select(tables, month=0):  # type: ignore[no-untyped-def]
    return lever_selection(tables, month, month * MONTH, (month + 1) * MONTH)


def reached(tables, lever):  # type: ignore[no-untyped-def]
    return tables.reach[codes.LEVER_NAMES[lever]] > 0


def test_without_effect_every_lever_records_people_and_does_nothing_else() -> None:
    tables = small_world()
    tables.people["social"][::2], tables.people["care_home"][:40] = 31, codes.NURSING
    tables.reach["social_prescribing"][::3] = -1  # referred by a GP
    tables.lever_reach[:] = 0.8
    before = tables.people.copy()
    assert len(select(tables)) == 0
    assert np.array_equal(before, tables.people)
    elsewhere = (codes.WORKFORCE_WELLBEING, codes.NEEDS_ALLOCATION, *BY_EPISODE)
    for lever in set(range(codes.LEVERS)) - set(elsewhere):
        assert reached(tables, lever).any(), codes.LEVER_NAMES[lever]
    for lever in BY_EPISODE:  # nobody has been offered anything: no need has arisen
        assert not reached(tables, lever).any(), codes.LEVER_NAMES[lever]


def test_without_reach_nobody_is_recorded() -> None:
    tables = small_world()
    tables.people["social"], tables.people["care_home"][:40] = 31, codes.NURSING
    tables.lever_effect[:] = 1.0
    assert len(select(tables)) == 0
    assert not any(tables.reach[name].any() for name in codes.LEVER_NAMES)


def test_case_finding_searches_only_those_on_a_list_whom_it_aims_at() -> None:
    for target in (ALL, BY_AGE, BY_RISK, CORE20PLUS):
        tables = pulled(codes.CASE_FINDING, effect=0.0)
        people = tables.people
        tables.teams["finding_target"], tables.teams["finding_age_from"] = target, 65
        people["registered"][::3] = 0
        people["recent_ed"][::4] = 1.0
        select(tables)
        listed = people["registered"] == 1
        first = tables.communities["national_quintile"][people["community"]] == 1
        known = people["known"] & (1 << codes.COPD | 1 << codes.HYPERTENSION | 1 << codes.LEARNING_DISABILITY)
        known = known + (people["known"] & (1 << codes.SEVERE_MENTAL_ILLNESS))
        core = first | (people["inclusion"] > 0) | (known > 0)
        risky = tables.reach["case_finding"] > 0
        expected = {ALL: listed, BY_AGE: listed & (ages(tables) >= 65), BY_RISK: risky, CORE20PLUS: listed & core}
        assert np.array_equal(risky, expected[target])
        assert not risky[~listed].any()
        if target == BY_RISK:
            assert risky[listed & (people["recent_ed"] == 1.0)].all()
            assert not risky[listed & (people["recent_ed"] == 0.0) & (people["frailty"] < 2) & (known == 0)].all()


def test_todays_search_goes_on_beside_what_a_design_adds() -> None:
    looked = np.zeros(2)
    for month in range(40):
        tables = pulled(codes.CASE_FINDING, effect=0.0)
        people = tables.people
        people["registered"], people["frailty"], people["known"] = 1, 0, 0
        people["recent_ed"], people["recent_admissions"] = 0.0, 0.0
        people["recent_ed"][::2] = 1.0
        tables.lever_reach[codes.CASE_FINDING] = 0.5
        tables.teams["finding_today"], tables.teams["finding_target_today"] = 0.2, ALL
        tables.teams["finding_target"] = BY_RISK
        lever_selection(tables, month, 0, MONTH)
        found = tables.reach["case_finding"] > 0
        looked += [found[1::2].mean() / 40, found[::2].mean() / 40]
    assert looked == pytest.approx([0.2, 0.5], abs=0.03)  # nobody is looked at less for a search that is added


def test_search_by_risk_is_blind_to_hidden_need() -> None:
    one, two = (pulled(codes.CASE_FINDING, effect=0.0) for _ in range(2))
    for tables in (one, two):
        tables.teams["finding_target"] = BY_RISK
    two.people["conditions"] = 2**15 - 1
    select(one)
    select(two)
    assert np.array_equal(one.reach, two.reach)
    assert 0 < reached(one, codes.CASE_FINDING).sum() < len(one.people)


def test_what_is_found_becomes_known_and_is_added_work() -> None:
    everyone = {"find_share": 1.0, "find_never_share": 0.0}
    tables = pulled(codes.CASE_FINDING, **everyone, find_contacts=2.5, find_referral_share=0.5)
    tables.people["conditions"], tables.people["known"] = 5, 1
    rows = select(tables)
    found = (tables.people["known"] == 5).sum()
    assert found == len(tables.people)
    reviews = (rows["need_type"] == codes.PLANNED_REVIEW).sum()
    referrals = (rows["need_type"] == codes.ELECTIVE_REFERRAL).sum()
    assert reviews == pytest.approx(2.5 * found, rel=0.05)
    assert referrals == pytest.approx(0.5 * found, rel=0.15)


def searched(months, trust=0.5, **changes):  # type: ignore[no-untyped-def]
    """Return the share of people whose only condition has become known after searches in ``months`` months."""
    tables = pulled(codes.CASE_FINDING, **changes)
    tables.people["conditions"], tables.people["known"] = 1, 0
    tables.people["trust"], tables.people["language"], tables.people["digital"] = trust, 0, 1
    tables.people["registered"] = 1
    for month in range(months):
        select(tables, month)
    return float((tables.people["known"] == 1).mean())


def test_some_people_come_to_no_search_and_a_first_one_finds_as_many_as_before() -> None:
    all_come, some_never = {"find_share": 0.4, "find_never_share": 0.0}, {"find_share": 0.4, "find_never_share": 0.3}
    assert searched(1, **all_come) == pytest.approx(0.4, abs=0.05)
    assert searched(1, **some_never) == pytest.approx(0.4, abs=0.05)
    assert searched(40, **all_come) == 1.0
    assert searched(40, **some_never) == pytest.approx(0.7, abs=0.05)
    assert searched(40, 0.1, **some_never) < searched(40, **some_never) - 0.03  # fewer where trust is low


def test_an_offer_is_taken_up_less_with_little_trust_another_language_or_no_digital_access() -> None:
    tables = small_world()
    people = tables.people
    people["trust"][:4], people["language"][:4], people["digital"][:4] = 0.5, 0, 1
    people["trust"][1], people["language"][2], people["digital"][3] = 0.1, 6, 0
    usual, wary, other, offline = (uptake_chance(tables, i, 0.5, 1) for i in range(4))
    assert usual == pytest.approx(0.5)
    assert max(wary, other, offline) < 0.5
    assert uptake_chance(tables, 3, 0.5, 0) == pytest.approx(0.5)
    tables.params["switch_trust"] = 0.0
    assert uptake_chance(tables, 1, 0.5, 1) == pytest.approx(0.5)


def test_rounds_are_for_reached_residents_of_care_homes() -> None:
    tables = pulled(codes.CARE_HOME_SUPPORT, reach=0.5, care_home_rounds_per_month=2.0)
    tables.people["care_home"][:200] = codes.RESIDENTIAL
    rows = select(tables)
    of = np.unique(rows["person"])
    assert set(of) == set(np.flatnonzero(reached(tables, codes.CARE_HOME_SUPPORT)))
    assert 60 < len(of) < 140
    assert len(rows) == 2 * len(of)
    assert (of < 200).all()


def test_link_workers_are_offered_to_those_a_gp_referred_and_to_frequent_users() -> None:
    tables = pulled(codes.SOCIAL_PRESCRIBING)
    tables.people["social"][::5] = codes.LONELINESS
    tables.reach["social_prescribing"][::10] = -1
    tables.people["recent_ed"][1::5] = 1.0
    rows = select(tables)
    place = np.arange(len(tables.people))
    asked = (place % 10 == 0) | (place % 5 == 1)
    assert np.array_equal(reached(tables, codes.SOCIAL_PRESCRIBING), (ages(tables) >= 18) & asked)
    assert set(rows["need_type"]) == {codes.LINK_VISIT}
    assert 0.3 < len(rows) / reached(tables, codes.SOCIAL_PRESCRIBING).sum() < 0.8


def test_advice_and_repairs_are_practical_needs_that_say_which_service_they_are_for() -> None:
    tables = small_world(welfare_uptake=1.0, repair_uptake=1.0)
    for lever in (codes.WELFARE_ADVICE_LEVER, codes.HOUSING_REPAIR):
        tables.lever_reach[lever], tables.lever_effect[lever] = 1.0, 1.0
    tables.people["social"][:300] = codes.DEBT
    tables.people["social"][200:500] |= codes.POOR_HOUSING
    tables.people["known"][:] = 1 << codes.COPD
    tables.people["known"][400:] = 1 << codes.DIABETES
    rows = select(tables)
    assert set(rows["need_type"]) == {codes.PRACTICAL_NEED}
    advice = rows["person"][rows["stage"] == AT_SERVICE + codes.WELFARE_ADVICE]
    repair = rows["person"][rows["stage"] == AT_SERVICE + codes.HOUSING]
    assert sorted(advice) == list(range(300))
    assert sorted(repair) == list(range(200, 400))
    assert len(np.unique(rows["need"])) == len(rows) == 500


def test_falls_classes_are_for_older_people_at_risk_who_are_not_protected() -> None:
    tables = pulled(codes.FALLS_PREVENTION)
    people = tables.people
    people["frailty"] = np.arange(len(people)) % 4
    people["falls_months"][::3] = 4
    rows = select(tables)
    eligible = (ages(tables) >= 65) & (people["frailty"] > 0) & (people["frailty"] < 3) & (people["falls_months"] == 0)
    assert np.array_equal(reached(tables, codes.FALLS_PREVENTION), eligible)
    assert set(rows["need_type"]) == {codes.FALLS_CLASS}
    assert 0 < len(rows) < eligible.sum()


@pytest.mark.parametrize("lever", STANDING)
def test_a_standing_lever_is_recorded_when_it_first_reaches_a_person(lever: int) -> None:
    tables = pulled(lever, reach=0.3)
    name = codes.LEVER_NAMES[lever]
    assert len(select(tables, 2)) == 0
    first = tables.reach[name].copy()
    assert set(first) == {0, 3}
    tables.lever_reach[lever] = 0.6
    select(tables, 7)
    assert (tables.reach[name][first == 3] == 3).all()
    assert set(tables.reach[name][first == 0]) == {0, 8}


def test_levers_have_nothing_for_those_they_do_not_look_at() -> None:
    tables = small_world()
    people = tables.people
    people["social"][::2], people["care_home"][:40], people["frailty"][::5] = 31, codes.NURSING, 2
    people["recent_ed"][::7], people["enrolled"][::11] = 3.0, 1
    tables.reach["social_prescribing"][::3] = -1
    tables.lever_reach[:], tables.lever_effect[:] = 0.4, 1.0
    offered, draws = offered_by(np.zeros(len(people), np.uint8)), room_for_draws()
    looked_at = 0
    for first in range(0, len(people), PEOPLE):
        drawn = min(PEOPLE, len(people) - first)
        draws.who[:drawn] = np.arange(first, first + drawn)
        draws.own[:drawn] = [key2(tables.seed[0], key) for key in people["key"][first : first + drawn]]
        draw_standing(tables, draws, drawn)
        draw_selection(draws, drawn, 3)
        mark_asked(tables, draws, drawn, offered.active)
        looked_at += int(draws.asked[:drawn].sum())
        before, reach = people.copy(), tables.reach.copy()
        for k in np.flatnonzero(draws.asked[:drawn] == 0):
            select_person(tables, draws, k, 3, 3 * MONTH, offered)
        assert not offered.counts.any()
        assert np.array_equal(before, people)
        assert np.array_equal(reach, tables.reach)
    assert 0 < looked_at < len(people)


def test_more_reach_only_adds_people() -> None:
    few, many = small_world(), small_world()
    for tables, reach in ((few, 0.2), (many, 0.5)):
        tables.people["social"], tables.people["care_home"][:40] = 31, codes.NURSING
        tables.lever_reach[:], tables.teams["caseload"] = reach, len(tables.people)
        select(tables)
    added = 0
    for name in codes.LEVER_NAMES:
        assert not ((few.reach[name] > 0) & (many.reach[name] == 0)).any(), name
        added += int((many.reach[name] > 0).sum() - (few.reach[name] > 0).sum())
    assert added > 100
