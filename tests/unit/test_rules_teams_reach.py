"""What teams, care-home rounds, risk scores and visits change beyond who is seen: both ways, and nothing at 0."""

import numpy as np
import pytest

from sim import codes
from sim.rules import acute
from sim.rules.care_homes import after_stays, entry_weight
from sim.rules.case_finding import BY_RISK
from sim.rules.clinic import procedures_ratio
from sim.rules.conditions import known_share
from sim.rules.enrolment import enrol
from sim.rules.health import fold_tie, fold_treatment
from sim.rules.home_plan import acts_on_plan
from sim.rules.levers import lever_selection
from sim.rules.mediators import BY_TIE, by_benefit, by_falls_class, mediator
from sim.rules.practice import first_review
from sim.rules.referral import again, is_escalated, referred_to, score_shown, seen_here
from sim.rules.residents import begin_episode
from sim.rules.stages import FOLLOWED_UP
from sim.rules.tables import adult_group
from sim.rules.team import after_review
from sim.rules.urgent import settle
from sim.rules.visiting import thinks_of_link_worker
from tests.hospital_world import OLD, hospital
from tests.pathway_world import MONDAY_NOON_S, kind_of, walk
from tests.pathway_world import small_world as pathway_world
from tests.single_steps import row_of, set_lever
from tests.small_world import small_world

MANY = 1500
MONTH = 30 * 86400


def enrolled(effect: float = 1.0, **changes: float):  # type: ignore[no-untyped-def]
    tables = set_lever(pathway_world(**changes), codes.CARE_COORDINATION, 1.0, effect)
    tables.people["enrolled"] = tables.people["plan"] = 1
    tables.people["care_home"] = 0
    return tables


def supported(home: int, effect: float = 1.0, **changes: float):  # type: ignore[no-untyped-def]
    tables = set_lever(hospital(**changes), codes.CARE_HOME_SUPPORT, 1.0, effect)
    tables.people["care_home"], tables.people["plan"] = home, 1
    return tables


def share_acted(tables) -> float:  # type: ignore[no-untyped-def]
    return float(np.mean([acts_on_plan(tables, row_of(tables, OLD, codes.EXACERBATION, k), 0) for k in range(MANY)]))


def test_reviews_at_part_of_the_effect_make_as_many_fewer_plans() -> None:
    for effect, share in ((1.0, 1.0), (0.25, 0.25), (0.0, 0.0)):
        tables = enrolled(effect)
        made = 0
        for k in range(MANY):
            tables.people["plan"] = 0
            after_review(tables, row_of(tables, 150, codes.TEAM_REVIEW, k, 0.0), 0, MONTH)
            made += int(tables.people[150]["plan"])
        assert made / MANY == pytest.approx(share, abs=0.04)
        assert tables.people[150]["m_reviews"] == made


def test_a_home_with_a_plan_meets_needs_itself_mostly_where_no_nurse_would_have() -> None:
    assert share_acted(supported(codes.RESIDENTIAL)) == pytest.approx(0.47 * 0.55, abs=0.03)
    assert share_acted(supported(codes.NURSING)) == pytest.approx(0.47 * 0.1, abs=0.02)
    assert share_acted(supported(codes.RESIDENTIAL, 2.0)) == pytest.approx(0.94 * 0.55, abs=0.04)


def test_what_a_home_acts_on_at_once_is_milder_and_ends_in_hospital_less_often() -> None:
    certain = {"home_plan_avoidable_share": 1.0, "home_plan_acted_residential": 1.0}
    at_hospital = []
    for effect, ratio in ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0)):
        tables = set_lever(
            pathway_world(home_plan_severity_ratio=ratio, **certain), codes.CARE_HOME_SUPPORT, 1.0, effect
        )
        tables.people["care_home"], tables.people["plan"] = codes.RESIDENTIAL, 1
        tables.people["enrolled"] = 0
        every = [walk(tables, OLD, codes.EXACERBATION, k) for k in range(300)]
        at_hospital.append(sum(any(kind_of(tables, step) == codes.ED for step in steps) for steps in every))
    assert at_hospital[1] < at_hospital[2]
    assert at_hospital[1] < 0.8 * at_hospital[0]


def test_a_home_without_plan_support_or_effect_meets_none_of_them() -> None:
    unplanned = supported(codes.RESIDENTIAL)
    unplanned.people["plan"] = 0
    for tables in (unplanned, supported(codes.RESIDENTIAL, 0.0), supported(codes.NO_CARE_HOME)):
        assert share_acted(tables) == 0.0


@pytest.mark.parametrize("need_type", [codes.EXACERBATION, codes.FRAILTY_CRISIS])
def test_what_a_home_meets_by_plan_goes_to_the_gp_and_not_to_hospital(need_type: int) -> None:
    tables = set_lever(pathway_world(home_plan_avoidable_share=1.0, home_plan_acted_residential=1.0), 0, 0.0)
    set_lever(tables, codes.CARE_HOME_SUPPORT, 1.0)
    tables.people["care_home"], tables.people["plan"] = codes.RESIDENTIAL, 1
    for k in range(40):
        step = begin_episode(tables, row_of(tables, OLD, need_type, k), 0, MONDAY_NOON_S, 0)
        assert kind_of(tables, step) == codes.GP


def test_unavoidable_emergencies_in_a_home_are_left_alone() -> None:
    tables = supported(codes.RESIDENTIAL, home_plan_avoidable_share=1.0, home_plan_acted_residential=1.0)
    first = [acute.first_contact(tables, row_of(tables, OLD, codes.UNAVOIDABLE, k), 0, 0)[1] for k in range(30)]
    assert set(first) <= {codes.AMBULANCE, codes.ED}


def test_plans_change_falls_of_people_on_a_caseload_and_in_homes() -> None:
    tables = enrolled(coordination_falls_rr=0.8, crisis_falls_share=0.5)
    assert by_falls_class(tables, OLD) == pytest.approx(0.9)
    tables.people["plan"] = 0
    assert by_falls_class(tables, OLD) == 1.0
    worse = supported(codes.NURSING, home_plan_falls_rr=1.2, crisis_falls_share=0.5)
    assert by_falls_class(worse, OLD) == pytest.approx(1.1)
    assert by_falls_class(supported(codes.NURSING, 0.0), OLD) == 1.0


def test_a_plan_and_fewer_stays_put_off_moving_into_a_care_home() -> None:
    tables = enrolled(coordination_home_entry_rr=0.9)
    planned = entry_weight(tables, OLD)
    tables.people["plan"] = 0
    assert planned == pytest.approx(0.9 * entry_weight(tables, OLD))
    group = adult_group(87.0)
    usual = float(tables.params[0]["care_home_stays_85_plus"])
    factors = []
    for recent in (0.0, usual, 0.15):
        tables.people["recent_admissions"] = recent
        factors.append(after_stays(tables, OLD, group))
    assert factors[0] < 1.0 == pytest.approx(factors[1])
    assert factors[2] == pytest.approx((1 + 20 * 0.15) / (1 + 20 * usual))
    assert after_stays(tables, OLD, adult_group(10.0)) > 0.0


@pytest.mark.parametrize(("again", "ratio"), [(0.35, 0.35), (1.0, 1.0), (0.0, 0.0)])
def test_reviews_after_the_one_that_made_the_plan_send_fewer_people_on(again: float, ratio: float) -> None:
    def sent(plan: int) -> float:
        tables = enrolled(detection_base=0.5, detection_again_ratio=again, core_find=0.0)
        outcomes = []
        for k in range(MANY):
            tables.people["plan"], tables.people["spike_months"] = plan, 3
            rows = row_of(tables, OLD, codes.TEAM_REVIEW, k, 0.9)
            outcomes.append(after_review(tables, rows, 0, 0)[6] == codes.OUT_FOUND)
        return float(np.mean(outcomes))

    assert sent(0) == pytest.approx(0.5 * 1.08 * 0.9, abs=0.04)
    assert sent(1) == pytest.approx(ratio * sent(0), abs=0.04)


@pytest.mark.parametrize(("well", "kept"), [(0.35, 0.5), (0.0, 0.0), (1.0, 1.0)])
def test_reviews_see_most_in_people_who_are_unwell_and_may_shorten_their_bad_spell(well: float, kept: float) -> None:
    def reviewed(months: int) -> tuple[float, float]:
        tables = enrolled(
            detection_base=0.5,
            core_find=0.0,
            detection_well_ratio=well,
            detected_spell_kept=kept,
            core_severity_to_ed=0.0,
        )
        sent, left = [], []
        for k in range(MANY):
            tables.people["plan"], tables.people["spike_months"] = 0, months
            step = after_review(tables, row_of(tables, OLD, codes.TEAM_REVIEW, k, 0.9), 0, 0)
            sent.append(step[6] == codes.OUT_FOUND)
            left.append(int(tables.people["spike_months"][OLD]))
        return float(np.mean(sent)), float(np.mean(np.array(left)[np.array(sent)])) if any(sent) else 0.0

    unwell, left = reviewed(3)
    assert unwell == pytest.approx(0.5 * 1.08 * 0.9, abs=0.04)
    assert left == pytest.approx(3 * kept, abs=0.05)
    assert reviewed(0)[0] == pytest.approx(well * unwell, abs=0.04)


def test_only_reviews_by_the_team_bring_what_a_team_adds_to_treatment() -> None:
    def treated(mine: int, every: int) -> float:
        tables = enrolled(coordination_treated_gain=0.1, review_treated_gain=0.05, treated_kept=1.0)
        tables.people["treated"], tables.people["m_reviews"], tables.people["m_team_reviews"] = 0.5, every, mine
        fold_treatment(tables, OLD)
        return float(tables.people["treated"][OLD])

    assert treated(0, 2) == pytest.approx(0.5 + 0.5 * 0.1), "other people's reviews count as everyone's do"
    assert treated(1, 2) == pytest.approx(0.5 + 0.5 * 0.2)


def test_what_is_found_comes_under_treatment_with_a_lag_and_not_at_once() -> None:
    tables = enrolled(benefit_lag_months=9.0, benefit_effect=0.4)
    both = (1 << 0) | (1 << 1)
    tables.people["conditions"], tables.people["known"], tables.people["benefit"] = both, 1, 1.0
    share = known_share(tables, 1, both)
    tables.people["covered"] = share
    before = by_benefit(tables, OLD)
    assert 0.0 < share < 1.0
    assert before == pytest.approx(1.0 - 0.4 * share)
    tables.people["known"] = both
    assert by_benefit(tables, OLD) == before, "found is not treated"
    tables.people["treated"] = 1.0
    fold_treatment(tables, OLD)
    assert float(tables.people["covered"][OLD]) == pytest.approx(share + (1.0 - share) / 9.0)
    for _ in range(120):
        fold_treatment(tables, OLD)
    assert float(tables.people["covered"][OLD]) == pytest.approx(1.0, abs=1e-4)
    assert known_share(tables, 0, 0) == 0.0


def test_ties_fade_with_those_who_leave_the_team() -> None:
    tables = pathway_world()
    usual = float(tables.params[0]["team_turnover_per_year"])
    loss = float(tables.params[0]["tie_loss"])

    def kept(turnover: float) -> float:
        tables.people["tie"], tables.people["m_gp"], tables.people["m_own"] = 0.5, 0, 0
        tables.people["enrolled"] = 0
        tables.teams["turnover_per_year"] = turnover
        fold_tie(tables, OLD, 1.0)
        return float(tables.people["tie"][OLD]) / 0.5

    assert kept(usual) == kept(0.0) == pytest.approx(1.0 - loss)
    assert kept(usual + 0.24) == pytest.approx(1.0 - loss - 0.02)
    assert kept(1e-9) == pytest.approx(1.0 - max(loss - usual / 12, 0.0))


def test_ties_move_exacerbations_either_way() -> None:
    for gain, less in ((-0.1, True), (0.1, False)):
        tables = enrolled(exacerbation_gain_tie=gain)
        factors = []
        for tie in (0.0, 0.5, 1.0):
            tables.people["tie"] = tie
            factors.append(mediator(tables, OLD, codes.EXACERBATION, BY_TIE))
        assert factors == pytest.approx([1.0 - gain / 2, 1.0, 1.0 + gain / 2])
        assert (factors[2] < factors[0]) == less


@pytest.mark.parametrize("kept", [0.5, 1.0])
def test_what_was_treated_at_home_is_milder_when_it_is_seen_again(kept: float) -> None:
    tables = enrolled(settled_ratio=kept)
    for need, expected in ((codes.FRAILTY_CRISIS, 0.8 * kept), (codes.UNAVOIDABLE, 0.8)):
        rows = row_of(tables, OLD, need, 1, 0.8)
        settle(tables, rows, 0)
        assert rows[0]["value"] == pytest.approx(expected)
    settled = []
    for k in range(200):
        rows = row_of(tables, OLD, codes.FRAILTY_CRISIS, k, 0.8)
        step = again(tables, rows, 0, codes.COMMUNITY, 1.0, 1.0)
        followed = bool(rows[0]["flags"] & FOLLOWED_UP)
        settled.append(followed)
        assert rows[0]["value"] == pytest.approx(0.8 * kept if followed else 0.8), step
    assert any(settled)


def test_a_plan_stays_when_a_place_on_the_caseload_ends() -> None:
    tables = set_lever(small_world(), codes.CARE_COORDINATION, 0.0)
    tables.people["enrolled"], tables.people["plan"], tables.people["enrolled_months"] = 1, 1, 12
    lever_selection(tables, 0, 0, MONTH)
    assert not tables.people["enrolled"].any()
    assert tables.people["plan"].all()


def test_a_team_lets_people_leave_clinics_and_goes_through_options_first() -> None:
    tables = enrolled(follow_up_replaceable_share=0.4, coordination_follow_up_rr=0.5, coordination_procedure_rr=0.9)
    assert seen_here(tables, OLD) == pytest.approx(0.8)
    assert procedures_ratio(tables, OLD) == pytest.approx(0.9)
    tables.people["enrolled"] = 0
    assert seen_here(tables, OLD) == procedures_ratio(tables, OLD) == 1.0
    idle = enrolled(0.0)
    assert seen_here(idle, OLD) == procedures_ratio(idle, OLD) == 1.0


def test_reviews_of_people_on_a_caseload_move_from_the_clinic_to_the_practice() -> None:
    every = {"review_clinic_share": 1.0, "follow_up_replaceable_share": 1.0, "coordination_follow_up_rr": 0.5}
    tables = enrolled(**every)
    tables.people["frailty"] = 0
    kinds = [kind_of(tables, first_review(tables, row_of(tables, OLD, codes.PLANNED_REVIEW, k), 0)) for k in range(600)]
    assert kinds.count(codes.NURSE) / 600 == pytest.approx(0.5, abs=0.06)
    assert set(kinds) == {codes.NURSE, codes.OUTPATIENT_FOLLOW_UP}


def test_a_score_that_staff_have_seen_changes_what_gps_do_for_some_months() -> None:
    tables = set_lever(pathway_world(find_shown_months=12.0), codes.CASE_FINDING, 1.0)
    tables.reach["case_finding"][OLD] = 3
    month_s = 2629800
    assert score_shown(tables, OLD, 5 * month_s, codes.GP) == 0.0  # a search of everybody: there is no score
    tables.teams["finding_target"] = BY_RISK
    assert score_shown(tables, OLD, 5 * month_s, codes.GP) == 1.0
    assert score_shown(tables, OLD, 5 * month_s, codes.COMMUNITY) == 0.0
    assert score_shown(tables, OLD, 20 * month_s, codes.GP) == 0.0
    assert score_shown(set_lever(tables, codes.CASE_FINDING, 1.0, 0.0), OLD, 5 * month_s, codes.GP) == 0.0


def test_less_risk_is_borne_where_a_score_is_seen() -> None:
    tables = pathway_world(find_escalate_rr=1.5, find_refer_rr=1.5)

    def sent(shown: float) -> int:
        return sum(
            is_escalated(tables, row_of(tables, OLD, codes.EXACERBATION, k, 1.0), 0, codes.GP, shown)
            for k in range(MANY)
        )

    def referred(shown: float) -> int:
        rows = (row_of(tables, OLD, codes.ELECTIVE_REFERRAL, k) for k in range(MANY))
        return sum(referred_to(tables, row, 0, codes.GP, shown) == codes.OUTPATIENT_NEW for row in rows)

    assert sent(1.0) / sent(0.0) == pytest.approx(1.5, rel=0.25)
    assert referred(1.0) > referred(0.0) > 0


def test_people_at_risk_are_asked_in_whatever_is_hidden() -> None:
    tables = set_lever(small_world(find_review_share=0.5), codes.CASE_FINDING, 1.0)
    tables.people["conditions"] = tables.people["known"] = 0
    tables.people["frailty"], tables.people["recent_ed"] = 0, 0.0
    tables.people["recent_ed"][::2] = 1.0
    rows = lever_selection(tables, 0, 0, MONTH)
    assert set(rows["need_type"]) == {codes.PLANNED_REVIEW}
    assert (rows["person"] % 2 == 0).all()
    assert 0.3 < len(rows) / (len(tables.people) / 2) < 0.7


@pytest.mark.parametrize(("door", "due_per_year", "booked"), [(0.5, 3.0, 0.25), (0.1, 12.0, 0.1)])
def test_visits_book_what_is_due_and_no_more_than_doors_open(door: float, due_per_year: float, booked: float) -> None:
    world = small_world(outreach_open_door_base=door, outreach_due_per_year=due_per_year)
    tables = set_lever(world, codes.OUTREACH_LEVER, 1.0)
    tables.people["visited_home"], tables.people["trust"] = 1, 0.5
    rows = lever_selection(tables, 0, 0, MONTH)
    due = (rows["need_type"] == codes.PREVENTION).sum() / len(tables.people)
    assert due == pytest.approx(booked, abs=0.05)
    assert (rows["need_type"] == codes.OUTREACH_VISIT).sum() == len(tables.people)


def test_who_refers_sees_that_somebody_is_unwell_and_the_risk_score_does_not() -> None:
    tables = set_lever(small_world(score_unwell=5.0), codes.CARE_COORDINATION, 1.0)
    people = tables.people
    people["conditions"] = people["known"] = 0
    people["frailty"], people["recent_ed"], people["recent_admissions"] = 0, 0.0, 0.0
    people["spike_months"] = 0
    people["spike_months"][5:15] = 2
    chosen = enrol(tables, 0)
    assert np.array_equal(np.flatnonzero(chosen), np.arange(5, 15))
    lever_selection(set_lever(tables, codes.CASE_FINDING, 0.0), 0, 0, MONTH)
    assert not tables.reach["case_finding"].any()


def test_a_gp_refers_adults_with_a_practical_need_to_a_link_worker_and_not_again_while_help_counts() -> None:
    tables = set_lever(pathway_world(link_contacts_per_month=0.5), codes.SOCIAL_PRESCRIBING, 0.25)
    tables.people["social"] = codes.LONELINESS
    marks = []
    for k in range(400):
        tables.reach["social_prescribing"] = 0
        thinks_of_link_worker(tables, row_of(tables, OLD, codes.MINOR_ACUTE, k), 0, MONDAY_NOON_S)
        marks.append(int(tables.reach["social_prescribing"][OLD]))
    assert set(marks) == {0, -1}
    assert np.mean([mark < 0 for mark in marks]) == pytest.approx(0.5, abs=0.08)
    for column, value in (("reach", 1), ("social", 0)):
        tables.reach["social_prescribing"] = value if column == "reach" else 0
        tables.people["social"] = 0 if column == "social" else codes.LONELINESS
        before = tables.reach.copy()
        for k in range(60):
            thinks_of_link_worker(tables, row_of(tables, OLD, codes.MINOR_ACUTE, k), 0, MONDAY_NOON_S)
        assert np.array_equal(tables.reach, before)
