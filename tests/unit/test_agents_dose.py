"""Doses, ramps and settings: what arrives when, and that no effect changes nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.errors import InputError
from scenarios.registry.reader import load_registry
from sim import codes
from sim.agents.design import added_per_head, or_registry, with_settings
from sim.agents.dose import Dose, dose_at, plans_at
from sim.agents.golive import delays, team_plans, urgency
from sim.agents.levers import SETTINGS, dose_of, staffed_reach
from sim.agents.ramps import monthly_share, recruited, s_curve, straight
from sim.place.columns import COMMUNITY, TEAM
from tests.agents_world import design
from tests.residents import without_levers


def test_reach_climbs_slowly_then_fast_then_slowly() -> None:
    curve = [s_curve(month, 24) for month in range(26)]
    steps = [after - before for before, after in itertools.pairwise(curve)]
    assert curve[0] == 0.0
    assert curve[12] == pytest.approx(0.5)
    assert curve[24] == curve[25] == 1.0
    assert steps[0] < steps[6] < steps[11]
    assert steps[12] > steps[18] > steps[23]


def test_without_a_ramp_reach_is_full_at_once() -> None:
    assert s_curve(1, 0.0) == 1.0
    assert s_curve(0, 0.0) == 0.0
    assert straight(1, 0.0) == 1.0
    assert recruited(1, 0.0) == 1.0


def test_posts_fill_at_the_mean_time_to_recruit() -> None:
    assert recruited(0, 6) == 0.0
    assert recruited(6, 6) == pytest.approx(1 - 2.718281828 ** (-1))
    assert recruited(60, 6) == pytest.approx(1.0, abs=1e-4)


@given(share=st.floats(0.0, 12.0))
def test_twelve_months_reach_people_as_often_as_the_years_share_says(share: float) -> None:
    assert 12 * monthly_share(share) == pytest.approx(share, abs=1e-12)
    assert monthly_share(1.0) == pytest.approx(1 / 12), "everyone once a year, and not every month"


def test_a_dose_starts_as_usual_and_ends_as_designed() -> None:
    usual, design = Dose(20.0, 1.0), Dose(150.0, 1.0)
    assert dose_at(usual, design, 0.0) == usual
    assert dose_at(usual, design, 0.5) == Dose(85.0, 1.0)
    assert dose_at(usual, design, 1.0) == design


def test_a_lever_can_also_be_withdrawn() -> None:
    assert dose_at(Dose(20.0, 1.0), Dose(0.0, 1.0), 1.0).amount == 0.0


def test_effect_is_the_mean_of_what_there_was_and_what_is_added() -> None:
    assert dose_at(Dose(20.0, 1.0), Dose(60.0, 0.25), 1.0).effect == pytest.approx((20 * 1.0 + 40 * 0.25) / 60)


def test_an_increment_without_effect_leaves_todays_dose_as_it_is() -> None:
    assert dose_at(Dose(20.0, 1.0), Dose(60.0, 0.0), 1.0) == Dose(20.0, 1.0)


def test_without_a_dose_today_a_lever_without_effect_still_selects_people() -> None:
    assert dose_at(Dose(0.0, 1.0), Dose(60.0, 0.0), 1.0) == Dose(60.0, 0.0)
    assert dose_at(Dose(20.0, 0.0), Dose(60.0, 0.0), 0.5) == Dose(40.0, 0.0)


def test_a_design_goes_live_in_its_own_month_after_the_arms_part() -> None:
    later = with_settings(design(), {"transition.go_live_month": 3})
    assert not plans_at(later, later, 2, 12.0).live
    assert plans_at(later, later, 2, 12.0).ramp == 0.0
    live = plans_at(later, later, 3, 12.0)
    assert live.live
    assert 0.0 < live.ramp < 0.1
    assert not plans_at(later, later, 3, 12.0, delay=1).live


def test_speeds_left_open_come_from_the_evidence_registry() -> None:
    registry = load_registry()
    params = registry.params_record(registry.central())[0]
    assert or_registry(2.0, params, "ramp_months") == 2.0
    assert or_registry(0.0, params, "ramp_months") == 0.0
    assert or_registry(None, params, "ramp_months") == registry.central()["ramp_months"]


def test_every_lever_has_its_settings_and_its_dose() -> None:
    registry = load_registry()
    params = registry.params_record(registry.central())[0]
    assert sorted(SETTINGS) == list(range(codes.LEVERS))
    usual, full = design(), design("full")
    same = [lever for lever in SETTINGS if dose_of(usual, lever, params) == dose_of(full, lever, params)]
    assert same == [codes.OUTREACH_LEVER]  # the number visited follows workers in post
    assert dose_of(full, codes.CASE_FINDING, params).amount == pytest.approx(monthly_share(0.2))


def test_a_setting_is_changed_by_its_name_and_refused_by_it() -> None:
    changed = with_settings(design(), {"relationships.care_coordination.effect": 0.0, "workforce.added_fte.gp": 2.0})
    assert changed.relationships.care_coordination.effect == 0.0
    assert added_per_head(changed, codes.GP) == 2.0 / 10_000
    assert added_per_head(changed, codes.BED) == 0.0
    assert design().relationships.care_coordination.effect == 1.0
    with pytest.raises(InputError, match=r"int\.workforce\.added_fte\.doctor"):
        with_settings(design(), {"workforce.added_fte.doctor": 1.0})
    with pytest.raises(InputError, match=r"int\.workforce\.added_fte\.gp"):
        with_settings(design(), {"workforce.added_fte.gp": -1.0})


def test_a_design_without_levers_reaches_nobody() -> None:
    registry = load_registry()
    params = registry.params_record(registry.central())[0]
    bare = without_levers(design("full"))
    assert all(dose_of(bare, lever, params).amount == 0.0 for lever in SETTINGS)
    assert added_per_head(bare, codes.INT_CORE) == added_per_head(design("full"), codes.INT_CORE)


def test_staffed_levers_fade_as_staff_go() -> None:
    assert staffed_reach(0.5, 2.0, 20.0, 100.0) == 0.4
    assert staffed_reach(0.5, 0.0, 20.0, 100.0) == 0.0
    assert staffed_reach(0.5, 9.0, 20.0, 100.0) == 0.5
    assert staffed_reach(0.5, 0.0, 20.0, 0.0) == 0.5


def test_neighbourhoods_go_live_one_after_another_most_needy_first() -> None:
    assert delays(np.array([0.7, 1.2, 1.0, 0.0]), 3).tolist() == [6, 0, 3, 0]


def test_neighbourhoods_start_by_need_by_deprivation_or_as_they_are_listed() -> None:
    teams, communities = np.zeros(4, TEAM), np.zeros(4, COMMUNITY)
    teams["needs_index"] = [0.7, 1.2, 1.0, 0.0]
    communities["neighbourhood"], communities["imd_decile"] = [0, 1, 2, 2], [2, 9, 1, 10]
    communities["residents"] = [100, 100, 100, 300]
    order = {by: urgency(by, teams, communities) for by in ("need", "deprivation", "listed")}
    assert order["deprivation"].tolist() == [9.0, 2.0, 3.25, 0.0]
    late = {by: delays(found, 3).tolist() for by, found in order.items()}
    assert late == {"need": [6, 0, 3, 0], "deprivation": [0, 6, 3, 0], "listed": [0, 3, 6, 0]}


def test_a_design_for_a_group_leaves_the_neighbourhoods_as_they_are() -> None:
    usual, group = design(), design("community_of_identity")
    needs = np.array([1.0, 1.0, 0.0])
    assert [plans.design is usual for plans in team_plans(usual, group, 0, 24.0, needs)] == [True, True, False]
    both = with_settings(group, {"geography.group.only": False})
    assert [plans.design is both for plans in team_plans(usual, both, 0, 24.0, needs)] == [True, True, True]
    frailty = design("frailty")
    assert [plans.design is usual for plans in team_plans(usual, frailty, 0, 24.0, needs)] == [False, False, True]
