"""Stays in hospital and in the virtual ward, and the way home."""

import numpy as np
import pytest

from sim import codes
from sim.rules import acute
from sim.rules.background import background_rows, first_contact, next_contact
from sim.rules.emergency import to_ed
from sim.rules.stages import AT_BED, AT_PACKAGE, READMISSION_DUE
from sim.rules.ward import by_midnight
from sim.services import build_services
from tests.hospital_world import OLD, YOUNG, hospital, sought, walk
from tests.single_steps import row_of, set_lever

DAY = 86400
ALWAYS = {"admit_exacerbation": 50.0, "readmit_fit": 0.0, "readmit_mild": 0.0}
BACK_ONCE = {"readmit_mild": 1.0 - 1e-9, "readmit_again": -50.0}
NO_READMISSION = {f"readmit_{name}": 0.0 for name in ("fit", "mild", "moderate", "severe")}


def episodes(tables, need_type, count, value=0.5, i=OLD, full=()):  # type: ignore[no-untyped-def]
    return [walk(tables, row_of(tables, i, need_type, k, value), full, at_ed=True) for k in range(count)]


def bed_seconds(walked) -> int:  # type: ignore[no-untyped-def]
    return sum(step[2] for steps in walked for step in steps if step[1] == codes.BED)


def test_triage_orders_by_severity_and_only_the_less_urgent_leave_unseen() -> None:
    tables = hospital()
    found = set()
    for k in range(200):
        rows = row_of(tables, YOUNG, codes.UNAVOIDABLE, k, k / 200)
        step = to_ed(tables, rows, 0, 0, 0)
        found.add(int(rows[0]["acuity"]))
        assert step[3] == rows[0]["acuity"]
        assert (step[4] == codes.NEVER) == (rows[0]["acuity"] < 2)
    assert found == {0, 1, 2}
    assert tables.people[YOUNG]["m_ed"] == 200


def test_same_day_stays_are_in_the_assessment_unit_and_longer_ones_end_in_a_bed() -> None:
    tables = hospital(**ALWAYS)
    kinds = [sought(steps)[1:] for steps in episodes(tables, codes.EXACERBATION, 400, i=YOUNG)]
    same_day = [k for k in kinds if codes.BED not in k]
    first = [k for k in kinds if k[:2] == [codes.ASSESSMENT, codes.BED]]
    assert all(k[0] == codes.ASSESSMENT for k in same_day)
    assert len(same_day) / len(kinds) == pytest.approx(float(tables.params[0]["zero_day_1"]), abs=0.08)
    assert 0.01 < len(first) / len(kinds) < 0.1
    assert tables.people[YOUNG]["m_admissions"] == len(kinds)  # once each, though some use both


def test_a_same_day_stay_is_over_by_midnight_unless_it_begins_late() -> None:
    p = hospital(zero_day_days=0.3).params[0]
    evening, late = DAY * 18 // 24, DAY * 23 // 24
    assert by_midnight(p, 0.5, 3 * DAY + evening) == pytest.approx(0.25 - 1 / DAY)
    assert by_midnight(p, 0.2, evening) == 0.2
    assert by_midnight(p, 0.5, late) == 0.5


def test_a_full_assessment_unit_sends_same_day_stays_to_beds() -> None:
    walked = episodes(hospital(**ALWAYS), codes.EXACERBATION, 100, i=YOUNG, full=(codes.ASSESSMENT,))
    both = [sought(s) for s in walked if codes.ASSESSMENT in sought(s)]
    assert len(both) > 20
    assert all(k[:3] == [codes.ED, codes.ASSESSMENT, codes.BED] for k in both)


def test_without_an_assessment_unit_every_stay_is_in_a_bed() -> None:
    kinds = [sought(s) for s in episodes(hospital(assessment=0.0, **ALWAYS), codes.EXACERBATION, 50)]
    assert all(k[:2] == [codes.ED, codes.BED] for k in kinds)


def test_places_are_held_only_up_the_order_of_service_numbers() -> None:
    _, _, service_at = build_services(3, 1)
    tables = hospital(**ALWAYS)
    set_lever(tables, codes.VIRTUAL_WARD_LEVER, 1.0)
    number = service_at[:, 0]
    assert number[codes.ED] < number[codes.ASSESSMENT] < number[codes.BED] < number[codes.HOME_PACKAGE]
    held = 0
    for full in ((), (codes.VIRTUAL_WARD,), (codes.HOME_PACKAGE,)):
        for k in range(200):
            last = -1
            for step in walk(tables, row_of(tables, OLD, codes.EXACERBATION, k, k / 200), full, at_ed=True):
                if step[0] == codes.SEEK:
                    if step[5] == 1:
                        assert number[step[1]] > last
                        held += 1
                    if step[1] not in full:
                        last = number[step[1]]
    assert held > 300


def test_a_care_home_takes_its_residents_back_without_a_package() -> None:
    tables = hospital(package_base=50.0, **ALWAYS)
    alone = [sought(s) for s in episodes(tables, codes.EXACERBATION, 40)]
    tables.people["care_home"] = codes.RESIDENTIAL
    home = [sought(s) for s in episodes(tables, codes.EXACERBATION, 40)]
    assert all((codes.HOME_PACKAGE in k) == (codes.BED in k) for k in alone)
    assert not any(codes.HOME_PACKAGE in k for k in home)


def test_supported_discharges_are_shorter_and_cost_visits_at_home() -> None:
    plain = episodes(hospital(**ALWAYS), codes.EXACERBATION, 200)
    tables = set_lever(hospital(**ALWAYS), codes.DISCHARGE_SUPPORT, 1.0)
    helped = episodes(tables, codes.EXACERBATION, 200)
    assert bed_seconds(helped) < 0.95 * bed_seconds(plain)
    visits = [sum(kind == codes.COMMUNITY for kind in sought(s)) for s in helped]
    assert sum(visits) > 200
    assert not any(codes.COMMUNITY in sought(s) for s in plain)


def test_a_discharge_plan_spares_readmissions_in_its_proportion() -> None:
    def back(reach: float) -> int:
        changes = {**ALWAYS, "readmit_mild": 0.5, "discharge_readmission_rr": 0.6, "package_base": -50.0}
        changes |= {f"zero_day_{band}": 0.05 for band in range(6)}
        tables = set_lever(hospital(**changes), codes.DISCHARGE_SUPPORT, reach)
        return sum(sought(s).count(codes.ED) > 1 for s in episodes(tables, codes.EXACERBATION, 600))

    assert back(1.0) / back(0.0) == pytest.approx(0.6, abs=0.12)  # same-day stays have no plan, nor any to spare


def test_whoever_was_in_hospital_of_late_comes_back_oftener_but_for_the_placebo_need() -> None:
    def share(need_type: int, stays_a_month: float) -> float:
        tables = hospital(**{**ALWAYS, "readmit_fit": 0.1, "readmit_mild": 0.1, "package_base": -50.0})
        tables.people["recent_admissions"] = stays_a_month
        walked = [sought(s) for s in episodes(tables, need_type, 1500)]
        admitted = [k for k in walked if codes.BED in k or codes.ASSESSMENT in k]
        return sum(k.count(codes.ED) > 1 for k in admitted) / len(admitted)

    odds = 0.1 / 0.9 * np.exp(0.12 * 4)  # four stays a year, at PARR-30's coefficient
    assert share(codes.EXACERBATION, 0.0) == pytest.approx(0.1, abs=0.025)
    assert share(codes.EXACERBATION, 4 / 12) == pytest.approx(odds / (1 + odds), abs=0.03)
    assert share(codes.UNAVOIDABLE, 4 / 12) == share(codes.UNAVOIDABLE, 0.0)


def test_whoever_has_come_back_once_comes_back_oftener() -> None:
    changes = {**ALWAYS, "readmit_mild": 0.2, "readmit_per_stay": 0.0, "package_base": -50.0}
    walked = [sought(s).count(codes.ED) for s in episodes(hospital(**changes), codes.EXACERBATION, 2000)]
    once, twice = (sum(k > n for k in walked) for n in (1, 2))
    odds = 0.2 / 0.8 * np.exp(0.53)
    assert once / len(walked) == pytest.approx(0.2, abs=0.03)
    assert twice / once == pytest.approx(odds / (1 + odds), abs=0.06)


def test_a_readmission_follows_the_visits_of_a_supported_discharge() -> None:
    tables = hospital(**{**ALWAYS, **BACK_ONCE, "discharge_readmission_rr": 1.0, "package_base": -50.0})
    set_lever(tables, codes.DISCHARGE_SUPPORT, 1.0)
    walked = [sought(s) for s in episodes(tables, codes.EXACERBATION, 30)]
    assert all(k.count(codes.ED) == 2 for k in walked)
    assert any(codes.COMMUNITY in k[: len(k) - k[::-1].index(codes.ED)] for k in walked)


def test_the_virtual_ward_replaces_some_stays_and_adds_to_others() -> None:
    changes = {**ALWAYS, "virtual_suitable": 50.0, "virtual_back": 0.0, "package_base": -50.0}
    tables = set_lever(hospital(**changes), codes.VIRTUAL_WARD_LEVER, 1.0)
    walked = [sought(s) for s in episodes(tables, codes.EXACERBATION, 500)]
    homed = [k for k in walked if codes.VIRTUAL_WARD in k]
    spared = [k for k in homed if codes.BED not in k]
    assert len(spared) / len(homed) == pytest.approx(0.4, abs=0.07)
    assert not any(codes.ASSESSMENT in k for k in spared)  # decided before any place in hospital is sought
    assert tables.people[OLD]["m_admissions"] == len(walked) - len(spared)
    assert all(k.index(codes.BED) < k.index(codes.VIRTUAL_WARD) for k in homed if codes.BED in k)
    assert (tables.reach["virtual_ward"] > 0).sum() == 1


def test_of_stays_that_spare_no_admission_a_share_end_early_and_the_rest_come_on_top() -> None:
    changes = {**ALWAYS, "virtual_suitable": 50.0, "virtual_back": 0.0, "virtual_substitution": 0.0}
    plain = episodes(hospital(**changes), codes.EXACERBATION, 300)
    tables = set_lever(hospital(virtual_step_down_share=0.5, **changes), codes.VIRTUAL_WARD_LEVER, 1.0)
    homed = [
        (before, after)
        for before, after in zip(plain, episodes(tables, codes.EXACERBATION, 300), strict=True)
        if codes.VIRTUAL_WARD in sought(after) and bed_seconds([before]) > 4 * DAY
    ]
    shorter = [bed_seconds([before]) - bed_seconds([after]) for before, after in homed]
    assert set(shorter) == {0, round(2.5 * DAY)}
    assert np.mean(np.array(shorter) > 0) == pytest.approx(0.5, abs=0.12)


def test_severe_admissions_leave_their_bed_early_for_the_virtual_ward() -> None:
    changes = {**ALWAYS, "virtual_suitable": 50.0, "virtual_back": 0.0, "virtual_substitution": 1.0}
    changes["virtual_step_up_most"] = 0.6
    plain = episodes(hospital(**changes), codes.EXACERBATION, 150, value=0.8)
    tables = set_lever(hospital(**changes), codes.VIRTUAL_WARD_LEVER, 1.0)
    tables.params[0]["acuity_above_0"] = 9.0
    moved = episodes(tables, codes.EXACERBATION, 150, value=0.8)
    assert sum(codes.VIRTUAL_WARD in sought(after) for after in moved) > 10
    for before, after in zip(plain, moved, strict=True):
        shorter = bed_seconds([before]) - bed_seconds([after])
        assert shorter in (0, round(2.5 * DAY))
        assert (shorter > 0) == (codes.VIRTUAL_WARD in sought(after))
        held = [step for step in after if step[1] == codes.VIRTUAL_WARD]
        assert all(step[5] == 1 and step[4] == round(2.5 * DAY) for step in held)


def test_when_the_virtual_ward_is_full_the_stay_is_in_a_bed() -> None:
    changes = {**ALWAYS, "virtual_suitable": 50.0, "virtual_substitution": 1.0}
    tables = set_lever(hospital(**changes), codes.VIRTUAL_WARD_LEVER, 1.0)
    asked = [sought(steps) for steps in episodes(tables, codes.EXACERBATION, 60, full=(codes.VIRTUAL_WARD,))]
    refused = [kinds for kinds in asked if codes.VIRTUAL_WARD in kinds]
    assert len(refused) > 10
    assert all(codes.BED in kinds for kinds in refused)


def test_a_failed_stay_at_home_comes_back_through_ed_holding_nothing() -> None:
    changes = {**ALWAYS, "virtual_suitable": 50.0, "virtual_substitution": 1.0, "virtual_back": 1.0}
    tables = set_lever(hospital(**changes), codes.VIRTUAL_WARD_LEVER, 1.0)
    walked = episodes(tables, codes.EXACERBATION, 80, value=0.59)
    back = [s for s in walked if codes.VIRTUAL_WARD in sought(s) and sought(s).count(codes.ED) == 2]
    assert len(back) > 10
    for steps in back:
        again = max(n for n, step in enumerate(steps) if step[1] == codes.ED)
        assert steps[again][5] == 0
        assert steps[again][6] == codes.OUT_ESCALATED


def test_the_severely_frail_who_live_alone_are_never_offered_the_virtual_ward() -> None:
    tables = set_lever(hospital(virtual_suitable=50.0, **ALWAYS), codes.VIRTUAL_WARD_LEVER, 1.0)
    tables.people["lives_alone"] = 1
    tables.people["frailty"] = 3
    assert not any(codes.VIRTUAL_WARD in sought(s) for s in episodes(tables, codes.EXACERBATION, 60))
    assert (tables.reach["virtual_ward"] == 0).all()


def test_a_mental_health_crisis_holds_a_cubicle_longer_and_goes_on_to_the_right_team() -> None:
    tables = hospital(admit_mental_health_crisis=-50.0)
    walked = episodes(tables, codes.MENTAL_HEALTH_CRISIS, 300, i=YOUNG)
    ends = [steps[-1] for steps in walked]
    assert any(step[0] == codes.END and step[6] == codes.OUT_TRANSFERRED for step in ends)
    assert sum(step[0] == codes.SEEK and step[1] == codes.MENTAL_HEALTH for step in ends) > 90
    mean = np.mean([steps[0][2] for steps in walked])
    usual = hospital(admit_mental_health_crisis=-50.0, ed_minutes_mental_health=1.0)
    shorter = episodes(usual, codes.MENTAL_HEALTH_CRISIS, 300, i=YOUNG)
    assert mean == pytest.approx(2 * np.mean([steps[0][2] for steps in shorter]), rel=1e-3)


def test_a_package_never_found_does_not_cancel_a_readmission() -> None:
    tables = hospital()
    rows = row_of(tables, OLD, codes.FRAILTY_CRISIS)
    rows["stage"] = AT_PACKAGE
    rows["flags"] = READMISSION_DUE
    left = acute.after(tables, rows, 0, DAY, codes.RENEGED, 0)
    assert (left[0], left[6]) == (codes.STAY, codes.OUT_TRANSFERRED)


def test_readmission_waits_while_the_person_is_in_hospital_again() -> None:
    tables = hospital(**BACK_ONCE, package_base=-50.0)
    rows = row_of(tables, OLD, codes.EXACERBATION)
    rows["stage"] = AT_BED
    step = acute.after(tables, rows, 0, DAY, codes.SERVED, 0)
    assert step[0] == codes.STAY
    assert DAY <= step[2] <= 30 * DAY
    assert acute.back_to_hospital(tables, rows.copy(), 0, 9 * DAY, 1)[6] == codes.OUT_ABSORBED
    assert acute.back_to_hospital(tables, rows, 0, 9 * DAY, 0)[1] == codes.ED


def test_leaving_ed_unseen_leaves_the_need_unmet() -> None:
    tables = hospital()
    steps = walk(tables, row_of(tables, YOUNG, codes.MINOR_ACUTE), (codes.ED,), at_ed=True)
    assert steps[-1][6] == codes.OUT_UNMET
    assert (tables.people[YOUNG]["m_unmet"], tables.people[YOUNG]["m_bad"]) == (1, 1)


@pytest.mark.parametrize("assessment", [0.0, 20.0])
def test_background_emergencies_use_the_assessment_unit_like_residents(assessment: float) -> None:
    tables = hospital(assessment=assessment)
    tables.hospitals["background_ed_per_day"] = 100.0
    tables.hospitals["background_emergency_beds_per_day"] = 100.0  # everyone is admitted
    same_day = 0
    for k in range(300):
        rows = row_of(tables, YOUNG, codes.BACKGROUND_ED, k)
        rows["person"] = -1
        kinds = [first_contact(tables, rows, 0)[1]]
        while kinds[-1] >= 0:
            rows["ordinal"] += 1
            kinds.append(next_contact(tables, rows, 0, codes.SERVED)[1])
        same_day += kinds == [codes.ED, codes.ASSESSMENT, -1]
        assert (codes.ASSESSMENT in kinds) <= (assessment > 0)
    assert same_day / 300 == pytest.approx(0.36 if assessment else 0.0, abs=0.09)


def test_the_clinics_backlog_fills_a_share_of_their_capacity_behind_every_resident() -> None:
    tables = hospital()
    tables.teams["clinic_new_fte"] = 10.0
    tables.service_params[codes.OUTPATIENT_NEW, 0] = 30.0
    rows = background_rows(tables, 0, 30)
    clinic = rows[rows["need_type"] == codes.BACKGROUND_CLINIC]
    p = tables.params[0]
    hours = 10 * p["contract_hours_per_week"] * p["productive_share_of_year"] * p["facing_share_outpatient_new"] / 7
    assert len(clinic) == pytest.approx(30 * 2 * hours * p["background_clinic_share"], rel=0.12)
    step = first_contact(tables, clinic[:1].copy(), 0)
    assert (step[1], step[3], step[5]) == (codes.OUTPATIENT_NEW, 7, 0)
    p["switch_refill"] = 0.0
    assert not (background_rows(tables, 0, 30)["need_type"] == codes.BACKGROUND_CLINIC).any()
