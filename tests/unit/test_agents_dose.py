"""Doses, ramps and settings: what arrives when, and that no effect changes nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.compose import compose
from scenarios.registry.reader import load_registry
from sim.agents.design import LeverSettings, from_scenario
from sim.agents.dose import Dose, dose_at, plans_at
from sim.agents.ramps import monthly_share, recruited, s_curve, straight


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


@given(share=st.floats(0.0, 0.999))
def test_twelve_months_reach_the_years_share(share: float) -> None:
    assert 1 - (1 - monthly_share(share)) ** 12 == pytest.approx(share, abs=1e-12)


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
    design = LeverSettings(go_live_month=3, ramp_months=12.0)
    assert not plans_at(design, design, 2).live
    assert plans_at(design, design, 2).ramp == 0.0
    live = plans_at(design, design, 3)
    assert live.live
    assert 0.0 < live.ramp < 0.1


def test_speeds_left_open_come_from_the_evidence_registry() -> None:
    registry = load_registry()
    params = registry.params_record(registry.central())[0]
    settings = LeverSettings(donor_speed_months=2.0).resolved(params)
    assert settings.donor_speed_months == 2.0
    assert settings.recipient_speed_months == registry.central()["recruitment_months_recipient"]
    assert settings.ramp_months == registry.central()["ramp_months"]


def test_a_scenarios_design_becomes_plain_numbers() -> None:
    settings = from_scenario(compose(["int=outreach"]).int_design)
    assert settings.added_outreach_fte_per_10000 == 6.0
    assert settings.outreach_worst_quintile == 2
    assert settings.coordination_caseload_per_10000 == 60.0
    assert settings.ramp_months is None
    assert settings.added_fte("outreach", 20_000) == 12.0
