"""Urgent care before the hospital's door: 111, ambulances, the two-hour team, care homes, the end of life."""

import numpy as np
import pytest

from sim import codes
from sim.rules import acute, urgent
from sim.rules.stages import AT_111, AT_AMBULANCE, AT_URGENT_TREATMENT, CONVEYED
from tests.hospital_world import OLD, YOUNG, hospital, sought, walk
from tests.single_steps import row_of, set_lever

URGENT_LEVERS = (
    codes.URGENT_RESPONSE_LEVER,
    codes.VIRTUAL_WARD_LEVER,
    codes.DISCHARGE_SUPPORT,
    codes.CARE_HOME_SUPPORT,
    codes.SHARED_RECORDS,
)
CRISES = (codes.FRAILTY_CRISIS, codes.END_OF_LIFE, codes.UNAVOIDABLE)


def crises(tables, need_type, count, value=None, i=OLD, full=()):  # type: ignore[no-untyped-def]
    values = [(k + 0.5) / count if value is None else value for k in range(count)]
    return [walk(tables, row_of(tables, i, need_type, k, v), full) for k, v in enumerate(values)]


def share_at(walked, kind) -> float:  # type: ignore[no-untyped-def]
    return float(np.mean([kind in sought(steps) for steps in walked]))


def call_111(tables, need_type, k, value):  # type: ignore[no-untyped-def]
    rows = row_of(tables, YOUNG, need_type, k, value)
    urgent.to_111(tables, rows, 0, 0)
    assert rows[0]["stage"] == AT_111
    rows["ordinal"] += 1
    return acute.after(tables, rows, 0, 600, codes.SERVED, 0)


def test_111_sends_callers_about_where_it_did_and_the_sicker_to_hospital() -> None:
    tables = hospital()
    where = [call_111(tables, codes.EXACERBATION, k, 0.05)[1] for k in range(600)]  # at middling urgency
    assert where.count(codes.GP) / 600 == pytest.approx(0.52, abs=0.07)
    assert where.count(codes.AMBULANCE) / 600 == pytest.approx(0.10, abs=0.04)
    assert where.count(codes.ED) / 600 == pytest.approx(0.08, abs=0.04)
    sick = [call_111(tables, codes.EXACERBATION, k, 0.95)[1] for k in range(300)]
    assert sick.count(codes.AMBULANCE) > 200
    assert sick.count(-1) < 10


def test_hanging_up_on_111_sends_the_sick_to_ed_and_leaves_others_unmet() -> None:
    tables = hospital()
    for value, most in ((0.02, 8), (0.98, 999)):
        to_ed = 0
        for k in range(200):
            rows = row_of(tables, YOUNG, codes.MINOR_ACUTE, k, value)
            rows["stage"] = AT_111
            step = acute.after(tables, rows, 0, 600, codes.RENEGED, 0)
            assert step[6] == codes.OUT_UNMET
            to_ed += step[1] == codes.ED
        assert to_ed < most
    assert to_ed > 60


def test_where_there_is_no_111_or_centre_nobody_is_sent_there() -> None:
    tables = hospital()
    tables.service_at[[codes.CALL_111, codes.URGENT_TREATMENT, codes.PHARMACY]] = -1
    assert urgent.to_111(tables, row_of(tables, YOUNG, 0), 0, 0)[6] == codes.OUT_UNMET
    assert urgent.to_urgent_treatment(tables, row_of(tables, YOUNG, 0), 0, 0, 0)[1] == codes.ED
    for k in range(100):
        rows = row_of(tables, YOUNG, codes.MINOR_ACUTE, k)
        assert urgent.disposition(tables, rows, 0) not in (urgent.TO_PHARMACY, urgent.TO_CENTRE)


def test_the_treatment_centre_sends_the_sick_on() -> None:
    tables = hospital(utc_escalate=1.0)
    for value, kind in ((1.0, codes.ED), (0.0, -1)):
        rows = row_of(tables, YOUNG, codes.MINOR_ACUTE, 0, value)
        assert urgent.to_urgent_treatment(tables, rows, 0, 0, 0)[1] == codes.URGENT_TREATMENT
        assert acute.after(tables, rows, 0, 600, codes.SERVED, 0)[1] == kind


def test_ambulances_come_by_category_and_some_people_are_left_at_home() -> None:
    tables = hospital()
    walked = crises(tables, codes.FRAILTY_CRISIS, 600)
    by_999 = [steps for steps in walked if sought(steps)[:1] == [codes.AMBULANCE]]
    assert {steps[0][3] for steps in by_999} == {0, 1, 2}
    conveyed = [steps for steps in by_999 if steps[1][1] == codes.ED and steps[1][6] == codes.OUT_ESCALATED]
    assert 0.35 < len(conveyed) / len(by_999) < 0.8
    left = [steps for steps in by_999 if steps not in conveyed]
    rebound = [steps for steps in left if codes.ED in sought(steps)]
    assert 0.12 < len(rebound) / len(left) < 0.35  # 0.22 at mean severity
    convey_s, treat_s = (np.mean([s[0][2] for s in group]) for group in (conveyed, left))
    assert convey_s > 1.2 * treat_s


def test_no_crew_in_time_means_hospital_by_other_ways_for_those_who_need_it() -> None:
    tables = hospital()
    rows = row_of(tables, OLD, codes.UNAVOIDABLE, 0, 0.9)
    rows["stage"] = AT_AMBULANCE
    rows["flags"] = CONVEYED
    assert acute.after(tables, rows, 0, 600, codes.RENEGED, 0)[1] == codes.ED
    walked = crises(tables, codes.FRAILTY_CRISIS, 200, 0.9, full=(codes.AMBULANCE,))
    p = tables.params[0]
    rows = row_of(tables, OLD, codes.FRAILTY_CRISIS, 0, 0.9)
    by_999 = p["crisis_999"] * urgent.conveyance_chance(tables, rows, 0) * p["ambulance_gave_up_ed"]
    assert share_at(walked, codes.ED) == pytest.approx(1.0 - p["crisis_999"] + by_999, abs=0.1)


def test_someone_in_hospital_by_then_is_absorbed() -> None:
    tables = hospital()
    for stage in (AT_111, AT_AMBULANCE):
        rows = row_of(tables, OLD, codes.EXACERBATION)
        rows["stage"] = stage
        assert acute.after(tables, rows, 0, 600, codes.RENEGED, 1)[6] == codes.OUT_ABSORBED


def test_the_crisis_team_spares_conveyances_and_is_followed_up() -> None:
    plain = crises(hospital(), codes.FRAILTY_CRISIS, 500, 0.5)
    tables = set_lever(hospital(), codes.URGENT_RESPONSE_LEVER, 1.0)
    helped = crises(tables, codes.FRAILTY_CRISIS, 500, 0.5)
    seen = [n for n, steps in enumerate(helped) if codes.URGENT_RESPONSE in sought(steps)]
    assert len(seen) > 300
    before = np.mean([plain[n][1][1] == codes.ED for n in seen])
    after = np.mean([codes.AMBULANCE in sought(helped[n]) for n in seen])
    assert after / before == pytest.approx(0.8, abs=0.05)
    assert any(helped[n][-1][1] == codes.COMMUNITY for n in seen)
    for n, steps in enumerate(helped):  # those who go to ED by themselves are as they were
        if n not in seen:
            assert steps == plain[n]


@pytest.mark.parametrize(("i", "from_age", "seen"), [(OLD, 60.0, True), (YOUNG, 60.0, False), (OLD, 120.0, False)])
def test_the_crisis_team_sees_minor_calls_of_older_people_alone(i: int, from_age: float, seen: bool) -> None:
    tables = set_lever(hospital(response_minor_age_from=from_age), codes.URGENT_RESPONSE_LEVER, 1.0)
    calls = [row_of(tables, i, codes.MINOR_ACUTE, k, 0.4) for k in range(40)]
    sent = {urgent.to_ambulance(tables, rows, 0, 0, codes.OUT_NONE)[1] for rows in calls}
    assert sent == {codes.URGENT_RESPONSE if seen else codes.AMBULANCE}


def test_when_no_crisis_team_comes_an_ambulance_does_and_decides_as_it_would_have() -> None:
    plain = crises(hospital(), codes.FRAILTY_CRISIS, 150, 0.5)
    tables = set_lever(hospital(), codes.URGENT_RESPONSE_LEVER, 1.0)
    late = crises(tables, codes.FRAILTY_CRISIS, 150, 0.5, full=(codes.URGENT_RESPONSE,))
    both = [(a, b[1:]) for a, b in zip(plain, late, strict=True) if b[0][1] == codes.URGENT_RESPONSE]
    assert len(both) > 80
    for alone, after in both:
        assert (alone[1][1] == codes.ED) == (after[1][1] == codes.ED)
        assert after[0][1] == codes.AMBULANCE


def test_the_crisis_team_draws_new_demand_from_mild_crises() -> None:
    tables = set_lever(hospital(), codes.URGENT_RESPONSE_LEVER, 1.0)
    plain, more = (crises(t, codes.FRAILTY_CRISIS, 1000) for t in (hospital(), tables))
    responses = [n for n, steps in enumerate(more) if codes.URGENT_RESPONSE in sought(steps)]
    new = [n for n in responses if sought(plain[n])[0] in (codes.GP, codes.COMMUNITY)]
    assert 0.05 < len(new) / len(responses) < 0.25


def test_the_sickest_are_not_for_the_crisis_team() -> None:
    tables = set_lever(hospital(), codes.URGENT_RESPONSE_LEVER, 1.0)
    assert share_at(crises(tables, codes.FRAILTY_CRISIS, 60, 0.95), codes.URGENT_RESPONSE) == 0.0


def test_a_supported_residential_home_calls_less_and_a_nursing_home_hardly() -> None:
    calls = {}
    for home in (codes.RESIDENTIAL, codes.NURSING):
        for reach in (0.0, 1.0):
            tables = set_lever(hospital(), codes.CARE_HOME_SUPPORT, reach)
            tables.people["care_home"] = home
            walked = crises(tables, codes.FRAILTY_CRISIS, 1000, 0.5)
            calls[home, reach] = share_at(walked, codes.AMBULANCE) + np.mean(
                [sought(s)[:1] == [codes.CALL_111] and codes.AMBULANCE not in sought(s) for s in walked]
            )
    assert calls[codes.RESIDENTIAL, 1.0] / calls[codes.RESIDENTIAL, 0.0] == pytest.approx(0.8, abs=0.03)
    assert calls[codes.NURSING, 1.0] / calls[codes.NURSING, 0.0] == pytest.approx(0.98, abs=0.02)
    assert calls[codes.NURSING, 0.0] < calls[codes.RESIDENTIAL, 0.0]


def test_known_wishes_keep_people_at_home_when_the_plan_is_opened() -> None:
    def conveyed(opened: float) -> float:
        tables = set_lever(hospital(), codes.SHARED_RECORDS, 1.0)
        tables.people["plan"] = 1
        tables.teams["record_opened"] = opened
        tables.teams["record_acted"] = 1.0
        walked = [s for s in crises(tables, codes.END_OF_LIFE, 600, 0.7) if sought(s)[:1] == [codes.AMBULANCE]]
        return float(np.mean([s[1][6] == codes.OUT_ESCALATED for s in walked]))

    assert conveyed(1.0) / conveyed(0.0) == pytest.approx(0.7, abs=0.07)


def test_at_the_end_of_life_a_plan_and_a_mild_need_keep_care_at_home() -> None:
    tables = hospital()
    planned = hospital()
    planned.people["plan"] = 1
    hospital_share = {}
    for name, world, value in (("mild", tables, 0.1), ("severe", tables, 0.9), ("planned", planned, 0.9)):
        first = [sought(s)[0] for s in crises(world, codes.END_OF_LIFE, 300, value)]
        hospital_share[name] = np.mean([kind in (codes.AMBULANCE, codes.ED) for kind in first])
    assert hospital_share["mild"] < hospital_share["planned"] < hospital_share["severe"]


@pytest.mark.parametrize("need_type", CRISES)
@pytest.mark.parametrize("home", [codes.NO_CARE_HOME, codes.RESIDENTIAL])
def test_levers_without_effect_change_no_step(need_type: int, home: int) -> None:
    plain, idle = hospital(), hospital()
    for tables in (plain, idle):
        tables.people["care_home"] = home
        tables.people["plan"] = 1
        tables.teams["record_opened"] = tables.teams["record_acted"] = 1.0
    for lever in URGENT_LEVERS:
        set_lever(idle, lever, 1.0, 0.0)
    assert crises(plain, need_type, 150) == crises(idle, need_type, 150)
    assert np.array_equal(plain.people, idle.people)
    if need_type == codes.FRAILTY_CRISIS:
        assert (idle.reach["urgent_response"] > 0).any()


@pytest.mark.parametrize("effect", [1.0, 4.0])
def test_no_lever_or_mediator_touches_the_unavoidable(effect: float) -> None:
    plain, pulled = hospital(), hospital()
    for lever in URGENT_LEVERS:
        set_lever(pulled, lever, 1.0, effect)
    pulled.people["plan"] = pulled.people["lives_alone"] = 1
    pulled.people["frailty"] = 1
    pulled.people["social"] = codes.POOR_HOUSING
    pulled.params[0]["package_alone"] = 0.0
    assert crises(plain, codes.UNAVOIDABLE, 200) == crises(pulled, codes.UNAVOIDABLE, 200)
    assert not pulled.reach["urgent_response"].any()


def test_a_sprain_goes_to_urgent_treatment_and_a_fracture_to_ed_or_999() -> None:
    tables = hospital()
    p = tables.params[0]
    mild, middling, severe = (
        p["unavoidable_treatment_below"] / 2,
        (p["unavoidable_treatment_below"] + p["unavoidable_999_above"]) / 2,
        (1.0 + p["unavoidable_999_above"]) / 2,
    )
    for value, service in ((mild, codes.URGENT_TREATMENT), (middling, codes.ED), (severe, codes.AMBULANCE)):
        walked = crises(tables, codes.UNAVOIDABLE, 20, value)
        assert {sought(steps)[0] for steps in walked} == {service}
    waited = row_of(tables, OLD, codes.UNAVOIDABLE, 0, mild)
    waited["stage"] = AT_URGENT_TREATMENT
    assert acute.after(tables, waited, 0, 600, codes.RENEGED, 0)[1] == codes.ED  # not left without care
