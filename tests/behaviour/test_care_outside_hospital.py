"""What residents do and meet outside hospital: choices, referrals, levers on the way, and that all of it ends."""

import numpy as np
import pytest

from scenarios.compose import compose
from sim import codes
from sim.calendar import DAY_S
from sim.rules.access import choose
from sim.rules.arrays import refer_array
from sim.rules.choice import BY_ED, BY_GP, BY_PHARMACY, BY_VCFSE, is_open
from sim.rules.contacts import consents, handover_lost
from sim.rules.practice import uptake
from sim.rules.referral import NOBODY, completion_chance, duplicate_ratio, onward, referred_to
from sim.rules.residents import begin_episode, next_step
from sim.rules.stages import AT_SERVICE, BOOKED_BY_OUTREACH, STAY_BEFORE_SERVICE
from sim.world import build_world
from tests.pathway_world import MONDAY_NOON_S, kind_of, registry, small_world, walk
from tests.single_steps import row_of, set_lever

DAY = 86400
SUNDAY_NIGHT_S = 6 * DAY + 2 * 3600
STANDING = (
    codes.CONTINUITY,
    codes.PARTICIPATION,
    codes.COLOCATION,
    codes.SHARED_RECORDS,
    codes.EXTENDED_ACCESS,
)
RESIDENTS_NEEDS = codes.HAZARD_KINDS + codes.OFFERED_KINDS
CHOSEN = (codes.MINOR_ACUTE, codes.EXACERBATION, codes.CHILDHOOD_ACUTE, codes.MENTAL_HEALTH_CRISIS)
MANY = 250


def choices(tables, i: int, need_type: int, now: int = MONDAY_NOON_S) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.array([choose(tables, row_of(tables, i, need_type, k), 0, now) for k in range(MANY)])


@pytest.mark.parametrize("need_type", RESIDENTS_NEEDS)
def test_every_episode_ends_with_every_lever_on(need_type: int) -> None:
    tables = small_world()
    tables.lever_reach[:] = 0.9
    tables.people["enrolled"] = tables.people["plan"] = tables.people["consents"] = 1
    tables.people["social"] = 31
    for name in ("record_opened", "record_acted", "drop_in", "named_consultant", "digital_route"):
        tables.teams[name] = 0.6
    people = len(tables.people)
    for k in range(60):
        steps = walk(tables, (k * 37) % people, need_type, k)
        assert steps[-1][0] == codes.END
        assert all(step[2] >= 1 and all(isinstance(part, int) for part in step) for step in steps)


def test_standing_levers_without_effect_change_no_step() -> None:
    absent, idle = small_world(), small_world()
    for tables in (absent, idle):
        tables.people["consents"] = 1
        for name in ("record_opened", "record_acted", "drop_in"):
            tables.teams[name] = 1.0
    for lever in STANDING:
        set_lever(idle, lever, 1.0, 0.0)
    for need_type in (*CHOSEN, codes.PLANNED_REVIEW, codes.ELECTIVE_REFERRAL, codes.PREVENTION, codes.PRACTICAL_NEED):
        for k in range(25):
            i = (k * 53) % len(idle.people)
            assert walk(idle, i, need_type, k) == walk(absent, i, need_type, k)
    assert np.array_equal(idle.people, absent.people)


def test_somebody_without_a_practice_does_not_choose_general_practice() -> None:
    tables = small_world()
    tables.people["registered"] = 0
    for need_type in CHOSEN:
        assert BY_GP not in choices(tables, 150, need_type)


def test_nobody_chooses_a_service_in_which_nobody_works() -> None:
    tables = small_world()
    tables.supply[codes.PHARMACY] = tables.supply[codes.VCFSE] = 0.0
    found = choices(tables, 150, codes.MINOR_ACUTE)
    assert BY_PHARMACY not in found
    assert BY_VCFSE not in found


def test_every_kind_of_place_is_chosen_by_someone() -> None:
    tables = small_world()
    tables.people["enrolled"] = 1
    found = np.concatenate([choices(tables, i, need) for i in (10, 150, 300) for need in CHOSEN])
    assert set(found) == set(range(10))


def test_a_shut_practice_loses_patients_and_longer_hours_bring_some_back() -> None:
    shut, longer = small_world(), set_lever(small_world(), codes.EXTENDED_ACCESS, 1.0, 1.0)
    assert is_open(shut, MONDAY_NOON_S)
    assert not is_open(shut, SUNDAY_NIGHT_S)
    by_day = (choices(shut, 150, codes.MINOR_ACUTE) == BY_GP).sum()
    at_night = (choices(shut, 150, codes.MINOR_ACUTE, SUNDAY_NIGHT_S) == BY_GP).sum()
    with_hours = (choices(longer, 150, codes.MINOR_ACUTE, SUNDAY_NIGHT_S) == BY_GP).sum()
    assert by_day > with_hours > at_night


@pytest.mark.parametrize("start", ["2024-04-01", "2024-06-01", "2025-01-01"])
def test_residents_keep_the_calendars_week_whatever_day_a_run_starts_on(start: str) -> None:
    world = build_world(compose(["place=toy", f"place.start_date={start}", "experiment.burn_in_months=2"]))
    noons = {day: day * DAY_S + DAY_S // 2 for day in range(14)}
    believed = {day: is_open(world.template, noon) for day, noon in noons.items()}
    assert believed == {day: world.calendar.weekday(day) < 5 for day in noons}


def test_participation_moves_people_only_to_care_close_to_home() -> None:
    before = choices(small_world(), 150, codes.MINOR_ACUTE)
    after = choices(set_lever(small_world(), codes.PARTICIPATION, 1.0, 4.0), 150, codes.MINOR_ACUTE)
    moved = before != after
    assert moved.sum() > 5
    assert set(after[moved]) <= {BY_PHARMACY, BY_GP, BY_VCFSE}


def test_another_main_language_costs_general_practice_and_participation_lowers_the_cost() -> None:
    tables = small_world(choice_language=2.0)
    english = (choices(tables, 150, codes.MINOR_ACUTE) == BY_GP).sum()
    tables.people["language"] = 1
    other = (choices(tables, 150, codes.MINOR_ACUTE) == BY_GP).sum()
    set_lever(tables, codes.PARTICIPATION, 1.0, 1.0)
    engaged = (choices(tables, 150, codes.MINOR_ACUTE) == BY_GP).sum()
    assert english > engaged > other


def test_the_sicker_choose_hospital() -> None:
    tables = small_world()
    mild = [choose(tables, row_of(tables, 150, codes.EXACERBATION, k, 0.1), 0, 0) for k in range(MANY)]
    severe = [choose(tables, row_of(tables, 150, codes.EXACERBATION, k, 0.9), 0, 0) for k in range(MANY)]
    assert severe.count(BY_ED) > 1.5 * mild.count(BY_ED)


def lost(tables, kind: int) -> int:  # type: ignore[no-untyped-def]
    return sum(handover_lost(tables, row_of(tables, 150, codes.PLANNED_REVIEW, k), 0, kind) for k in range(1000))


def test_a_shared_record_keeps_handovers_only_if_it_exists_is_opened_and_acted_on() -> None:
    tables = small_world()
    tables.teams["handover_loss"] = 0.5
    tables.people["consents"] = 1
    tables.teams["record_opened"] = tables.teams["record_acted"] = 1.0
    without = lost(tables, codes.COMMUNITY)
    set_lever(tables, codes.SHARED_RECORDS, 1.0, 2.0)
    assert lost(tables, codes.COMMUNITY) < 0.85 * without
    tables.people["consents"] = 0
    assert lost(tables, codes.COMMUNITY) == without
    tables.people["consents"] = 1
    tables.teams["record_acted"] = 0.0
    assert lost(tables, codes.COMMUNITY) == without


def test_asking_wins_consent_and_having_to_ask_loses_it() -> None:
    tables = small_world()
    people = range(len(tables.people))
    for would, change, agree in (
        (0, 0.0, 0.0), (0, 0.5, 0.5), (0, 1.0, 1.0), (0, -1.0, 0.0), (1, 1.0, 1.0), (1, -0.25, 0.75), (1, -1.0, 0.0)
    ):  # fmt: skip
        tables.people["consents"], tables.teams["consent_change"] = would, change
        assert np.mean([consents(tables, i) for i in people]) == pytest.approx(agree, abs=0.08 if agree % 1 else 0.0)
    tables.people["consents"], tables.teams["consent_change"] = 0, 0.4
    once = [i for i in people if consents(tables, i)]
    tables.teams["consent_change"] = 0.6
    assert {*once} < {i for i in people if consents(tables, i)}  # whoever agreed still does


def test_colocation_completes_more_referrals_but_none_to_services_elsewhere() -> None:
    tables = small_world()
    rows = row_of(tables, 150, codes.MENTAL_HEALTH_CRISIS)
    apart = [completion_chance(tables, rows, 0, kind) for kind in (codes.MENTAL_HEALTH, codes.COMMUNITY)]
    set_lever(tables, codes.COLOCATION, 1.0, 1.0)
    together = [completion_chance(tables, rows, 0, kind) for kind in (codes.MENTAL_HEALTH, codes.COMMUNITY)]
    odds = [share / (1 - share) for share in (together[0], apart[0])]
    assert odds[0] / odds[1] == pytest.approx(1.4)
    assert together[1] == apart[1] == 1.0


def test_dropping_in_loses_no_handover_to_a_colocated_service() -> None:
    tables = small_world()
    tables.teams["handover_loss"] = 0.5
    tables.teams["drop_in"] = 1.0
    assert lost(tables, codes.MENTAL_HEALTH) > 300
    set_lever(tables, codes.COLOCATION, 1.0, 1.0)
    assert lost(tables, codes.MENTAL_HEALTH) == 0


def test_coordination_spares_duplicate_clinics() -> None:
    tables = small_world()
    rows = row_of(tables, 150, codes.ELECTIVE_REFERRAL)
    assert duplicate_ratio(tables, rows, 0) == 1.0
    tables.people["enrolled"] = 1
    assert 0.9 < duplicate_ratio(tables, rows, 0) < 1.0
    adverse = small_world(coordination_duplicate_rr=1.5)
    adverse.people["enrolled"] = 1
    assert duplicate_ratio(adverse, rows, 0) > 1.0


def test_one_draw_refers_to_each_service_as_often_as_its_row_says() -> None:
    tables = small_world()
    tables.people["frailty"] = 2
    found = [referred_to(tables, row_of(tables, 150, codes.FRAILTY_CRISIS, k), 0, codes.GP, 0.0) for k in range(3000)]
    for kind in (codes.COMMUNITY, codes.SOCIAL_CARE):
        assert found.count(kind) / 3000 == pytest.approx(tables.refer[codes.GP, codes.FRAILTY_CRISIS, kind], abs=0.025)
    assert set(found) == {codes.COMMUNITY, codes.SOCIAL_CARE, NOBODY}


def test_referrals_of_one_contact_stay_below_one_in_every_draw_of_the_evidence() -> None:
    rows = {name: row for name, row in registry().parameters.items() if name.startswith("refer_")}
    uniforms = np.random.default_rng(1).uniform(1e-4, 1 - 1e-4, (100, len(rows)))
    for drawn in uniforms:
        values = {name: rows[name].at(float(u)) for name, u in zip(rows, drawn, strict=True)}
        assert refer_array(values).sum(axis=2).max() <= 1.0


def test_the_own_clinician_sees_people_again_less_often() -> None:
    repeats = []
    for tie in (0.0, 1.0):
        tables = small_world()
        tables.people["tie"] = tie
        again = 0
        for k in range(1500):
            rows = row_of(tables, 150, codes.PLANNED_REVIEW, k)
            rows["stage"] = AT_SERVICE + codes.GP
            rows["ordinal"] = 1
            again += next_step(tables, rows, 0, DAY, codes.SERVED, 0)[0] == codes.STAY
        repeats.append(again)
        assert tables.people[150]["m_own"] == (1500 if tie else 0)
        assert tables.people[150]["m_gp"] == tables.people[150]["m_reviews"] == 1500
    assert repeats[1] < 0.95 * repeats[0]


def test_continuity_raises_the_share_seen_by_the_own_clinician() -> None:
    shares = []
    for effect in (0.0, 1.0):
        tables = set_lever(small_world(own_clinician_urgent_or=1.0), codes.CONTINUITY, 1.0, effect)
        tables.people["tie"] = 0.4
        for k in range(800):
            rows = row_of(tables, 150, codes.MINOR_ACUTE, k)
            rows["stage"] = AT_SERVICE + codes.GP
            next_step(tables, rows, 0, DAY, codes.SERVED, 0)
        shares.append(tables.people[150]["m_own"] / 800)
    assert shares[0] == pytest.approx(0.4, abs=0.05)
    assert shares[1] > shares[0] + 0.05


def test_what_comes_up_is_seen_by_the_own_clinician_less_often_than_what_was_planned() -> None:
    shares = {}
    for need in (codes.MINOR_ACUTE, codes.EXACERBATION, codes.PLANNED_REVIEW):
        tables = small_world(own_clinician_urgent_or=0.5)
        tables.people["tie"] = 0.5
        for k in range(1500):
            rows = row_of(tables, 150, need, k)
            rows["stage"] = AT_SERVICE + codes.GP
            next_step(tables, rows, 0, DAY, codes.SERVED, 0)
        shares[need] = tables.people[150]["m_own"] / 1500
    odds = {need: share / (1 - share) for need, share in shares.items()}
    assert odds[codes.MINOR_ACUTE] / odds[codes.PLANNED_REVIEW] == pytest.approx(0.5, abs=0.1)
    assert odds[codes.EXACERBATION] / odds[codes.PLANNED_REVIEW] == pytest.approx(0.5, abs=0.1)


def test_in_extended_hours_fewer_contacts_are_with_the_own_clinician() -> None:
    core, evening, saturday = 10 * 3600, 19 * 3600, 5 * DAY + 10 * 3600  # second 0 is a Monday's

    def share(started: int, hours_per_week: float) -> float:
        tables = small_world(own_clinician_urgent_or=1.0, own_clinician_late_or=0.25)
        tables.people["tie"], tables.teams["open_hours_per_week"] = 0.5, hours_per_week
        tables.first_weekday[0] = 0
        for k in range(1500):
            rows = row_of(tables, 150, codes.MINOR_ACUTE, k)
            rows["stage"], rows["started"] = AT_SERVICE + codes.GP, started
            next_step(tables, rows, 0, started, codes.SERVED, 0)
        return float(tables.people[150]["m_own"]) / 1500

    assert share(core, 70.0) == share(core, 52.5) == share(evening, 52.5) == pytest.approx(0.5, abs=0.05)
    assert share(evening, 70.0) == share(saturday, 70.0) == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize(
    ("bit", "kinds"),
    [
        (codes.POOR_HOUSING, {codes.HOUSING}),
        (codes.DEBT, {codes.WELFARE_ADVICE}),
        (codes.WORKLESSNESS, {codes.EMPLOYMENT}),
        (codes.LONELINESS, {codes.LINK_WORKER}),
        (codes.CARER_STRAIN, {codes.SOCIAL_CARE, codes.VCFSE}),
    ],
)
def test_a_practical_need_goes_to_the_service_for_it_and_counts(bit: int, kinds: set[int]) -> None:
    tables = small_world()
    tables.people["social"] = bit
    found = {kind_of(tables, walk(tables, 150, codes.PRACTICAL_NEED, k)[0]) for k in range(40)}
    assert found == kinds
    assert tables.people[150]["link_contacts"] > 0


def test_lonely_people_end_with_a_voluntary_organisation() -> None:
    tables = small_world(link_onward_share=1.0)
    tables.teams["handover_loss"] = 0.0
    tables.people["social"] = codes.LONELINESS
    steps = [walk(tables, 150, codes.LINK_VISIT, k) for k in range(30)]
    last = [[kind_of(tables, step) for step in one if step[0] == codes.SEEK][-1] for one in steps]
    assert last.count(codes.VCFSE) > 10


def test_a_declined_invitation_harms_nobody() -> None:
    tables = small_world(prevention_uptake_base=0.0)
    before = tables.people.copy()
    step = begin_episode(tables, row_of(tables, 150, codes.PREVENTION), 0, 0, 0)
    assert (step[0], step[6]) == (codes.END, codes.OUT_NOT_HOME)
    assert np.array_equal(tables.people, before)


def test_what_an_outreach_worker_books_is_kept_whoever_declines_letters() -> None:
    tables = small_world(prevention_uptake_base=0.0)
    rows = row_of(tables, 150, codes.PREVENTION)
    rows["stage"] = BOOKED_BY_OUTREACH
    assert begin_episode(tables, rows, 0, 0, 0)[0] == codes.SEEK


def test_trust_and_language_set_the_uptake_of_prevention() -> None:
    tables = small_world()
    tables.people["trust"] = 0.2
    low = uptake(tables, 150)
    tables.people["trust"] = 0.8
    high = uptake(tables, 150)
    tables.people["language"] = 3
    assert high > low
    assert uptake(tables, 150) < high


def test_a_care_home_round_makes_a_plan_at_part_of_its_effect() -> None:
    plans = []
    for effect in (0.5, 1.0):
        tables = set_lever(small_world(), codes.CARE_HOME_SUPPORT, 1.0, effect)
        for k in range(200):
            walk(tables, 150, codes.CARE_HOME_ROUND, k)
        plans.append(int(tables.people[150]["m_reviews"]))
        assert tables.people[150]["plan"] == 1
    assert plans[1] > 1.6 * plans[0]


def test_a_falls_class_protects_only_with_an_effect() -> None:
    for effect, months in ((0.0, 0), (1.0, 12)):
        tables = set_lever(small_world(), codes.FALLS_PREVENTION, 1.0, effect)
        walk(tables, 150, codes.FALLS_CLASS, 0)
        assert tables.people[150]["falls_months"] == months


def test_a_falls_class_takes_the_staff_time_of_all_its_sessions() -> None:
    tables = set_lever(small_world(falls_class_minutes=140.0), codes.FALLS_PREVENTION, 1.0)
    seconds = []
    for k in range(300):
        rows = row_of(tables, 150, codes.FALLS_CLASS, k)
        status, service, length = begin_episode(tables, rows, 0, MONDAY_NOON_S, 0)[:3]
        assert status == codes.SEEK
        assert service >= 0
        seconds.append(length)
    assert np.mean(seconds) / 60 == pytest.approx(140.0, rel=0.08)


def test_care_outside_hospital_leaves_the_placebo_need_alone() -> None:
    tables = small_world()
    tables.service_params[:] = 1.0
    for k in range(50):
        rows = row_of(tables, 150, codes.UNAVOIDABLE, k)
        assert onward(tables, rows, 0, DAY, codes.GP, 1.0, 1.0)[0] == codes.END


def test_a_repeat_contact_is_with_the_same_service() -> None:
    tables = small_world(service_mental_health_more=0.99)
    rows = row_of(tables, 150, codes.MENTAL_HEALTH_CRISIS, 1, 0.0)
    tables.refer[:] = 0.0
    rows["stage"] = AT_SERVICE + codes.MENTAL_HEALTH
    rows["ordinal"] = 1
    step = next_step(tables, rows, 0, DAY, codes.SERVED, 0)
    assert step[0] == codes.STAY
    assert rows[0]["stage"] == STAY_BEFORE_SERVICE + codes.MENTAL_HEALTH
    assert kind_of(tables, next_step(tables, rows, 0, 2 * DAY, codes.STAYED, 0)) == codes.MENTAL_HEALTH
