"""Single steps of the residents' pathway."""

import numpy as np
import pytest

from sim import codes
from sim.rules.residents import begin_episode, next_step
from sim.rules.stages import AT_BED, AT_ED, AT_SERVICE, READMISSION_DUE
from tests.pathway_world import row_of, small_world

DAY = 86400


def test_step_is_seven_plain_integers() -> None:
    tables = small_world()
    step = begin_episode(tables, row_of(tables, 0, codes.UNAVOIDABLE), 0, 0, 0)
    assert len(step) == 7
    assert all(isinstance(part, int) for part in step)


@pytest.mark.parametrize("need_type", codes.HAZARD_KINDS + codes.OFFERED_KINDS)
def test_a_need_of_someone_in_hospital_is_absorbed(need_type: int) -> None:
    tables = small_world()
    step = begin_episode(tables, row_of(tables, 0, need_type), 0, 0, 1)
    assert step[0] == codes.END
    assert step[6] == codes.OUT_ABSORBED


def test_unavoidable_emergency_joins_ed_and_counts_an_attendance() -> None:
    tables = small_world()
    step = begin_episode(tables, row_of(tables, 5, codes.UNAVOIDABLE), 0, 0, 0)
    assert (step[0], step[1]) == (codes.SEEK, tables.service_at[codes.ED, 0])
    assert tables.people[5]["m_ed"] == 1


def test_triage_orders_by_severity() -> None:
    tables = small_world()
    found = set()
    for k in range(200):
        rows = row_of(tables, 5, codes.UNAVOIDABLE, k)
        step = begin_episode(tables, rows, 0, 0, 0)
        found.add((int(rows[0]["acuity"]), step[3]))
        if rows[0]["acuity"] < 2:
            assert step[4] == codes.NEVER
    assert {acuity for acuity, _ in found} == {0, 1, 2}
    assert all(acuity == priority for acuity, priority in found)


def test_admission_holds_the_cubicle_and_package_holds_the_bed() -> None:
    tables = small_world()
    old = int(np.argmin(tables.people["birth_day"]))
    tables.people[old]["frailty"] = 3
    admitted = packaged = going_back = 0
    for k in range(300):
        rows = row_of(tables, old, codes.FRAILTY_CRISIS, k, 0.9)
        rows["stage"] = AT_ED
        step = next_step(tables, rows, 0, DAY, codes.SERVED, 0)
        if step[1] != tables.service_at[codes.BED, 0]:
            continue
        admitted += 1
        assert (step[5], step[4], step[6]) == (1, codes.NEVER, codes.OUT_ADMITTED)
        after = next_step(tables, rows, 0, 9 * DAY, codes.SERVED, 0)
        if after[1] == tables.service_at[codes.HOME_PACKAGE, 0]:
            packaged += 1
            assert after[5] == 1
            left = next_step(tables, rows.copy(), 0, 60 * DAY, codes.RENEGED, 0)
            due = bool(rows[0]["flags"] & READMISSION_DUE)  # a package never found does not cancel a readmission
            assert (left[0], left[6]) == (codes.STAY if due else codes.END, codes.OUT_TRANSFERRED)
            going_back += due
    assert 0 < going_back < packaged
    assert admitted > 100
    assert packaged > 20


def test_readmission_waits_while_the_person_is_in_hospital_again() -> None:
    tables = small_world(
        readmit_fit=1.0, readmit_mild=1.0, readmit_moderate=1.0, readmit_severe=1.0, package_under_65=0.0
    )
    rows = row_of(tables, 5, codes.EXACERBATION)
    rows["stage"] = AT_BED
    step = next_step(tables, rows, 0, DAY, codes.SERVED, 0)
    assert step[0] == codes.STAY
    assert DAY <= step[2] <= 30 * DAY
    assert next_step(tables, rows.copy(), 0, 9 * DAY, codes.STAYED, 1)[6] == codes.OUT_ABSORBED
    back = next_step(tables, rows, 0, 9 * DAY, codes.STAYED, 0)
    assert back[1] == tables.service_at[codes.ED, 0]
    bed = next_step(tables, rows, 0, 10 * DAY, codes.SERVED, 0)
    assert bed[1] == tables.service_at[codes.BED, 0]
    assert next_step(tables, rows, 0, 20 * DAY, codes.SERVED, 0)[0] == codes.END  # once only


def test_giving_up_the_gp_wait_is_a_bad_experience_and_sends_the_sick_to_ed() -> None:
    tables = small_world()
    to_ed = {0.05: 0, 0.95: 0}
    for severity in to_ed:
        for k in range(300):
            rows = row_of(tables, 7, codes.EXACERBATION, k, severity)
            rows["stage"] = AT_SERVICE + codes.GP
            step = next_step(tables, rows, 0, DAY, codes.RENEGED, 0)
            assert step[6] == codes.OUT_UNMET
            to_ed[severity] += step[0] == codes.SEEK
    assert tables.people[7]["m_bad"] == 600
    assert to_ed[0.95] > 150 > 50 > to_ed[0.05]


def test_leaving_ed_unseen_leaves_the_need_unmet() -> None:
    tables = small_world()
    rows = row_of(tables, 7, codes.MINOR_ACUTE)
    rows["stage"] = AT_ED
    step = next_step(tables, rows, 0, DAY, codes.RENEGED, 0)
    assert (step[0], step[6]) == (codes.END, codes.OUT_UNMET)
    assert (tables.people[7]["m_unmet"], tables.people[7]["m_bad"]) == (1, 1)


def test_an_outreach_round_that_ends_touches_nobody() -> None:
    tables = small_world()
    before = tables.people.copy()
    rows = row_of(tables, 7, codes.OUTREACH_VISIT)
    rows["stage"] = AT_SERVICE + codes.OUTREACH
    assert next_step(tables, rows, 0, DAY, codes.RENEGED, 0)[6] == codes.OUT_NOT_HOME
    assert np.array_equal(tables.people, before)


def test_a_place_without_a_service_never_sends_anyone_there() -> None:
    tables = small_world()
    tables.service_at[codes.COMMUNITY] = -1
    tables.service_at[codes.SOCIAL_CARE] = -1
    tables.service_at[codes.GP] = -1
    for need_type in codes.HAZARD_KINDS:
        for k in range(30):
            step = begin_episode(tables, row_of(tables, 90, need_type, k), 0, 0, 0)
            assert step[0] != codes.SEEK or step[1] >= 0


def test_a_longer_gp_wait_moves_people_only_out_of_gp() -> None:
    near, far = small_world(), small_world()
    far.waits[codes.GP] = 30.0
    moved = 0
    for k in range(400):
        step = begin_episode(near, row_of(near, 11, codes.MINOR_ACUTE, k), 0, 0, 0)
        other = begin_episode(far, row_of(far, 11, codes.MINOR_ACUTE, k), 0, 0, 0)
        if step[:2] != other[:2]:
            moved += 1
            assert step[1] == near.service_at[codes.GP, 0]
    assert moved > 10


def test_episode_depends_on_seed_and_need_alone() -> None:
    one, two = small_world(seed=3), small_world(seed=4)
    rows = row_of(one, 11, codes.MINOR_ACUTE)
    first = begin_episode(one, rows.copy(), 0, 0, 0)
    assert begin_episode(one, rows.copy(), 0, 0, 0) == first
    others = [begin_episode(two, row_of(two, 11, codes.MINOR_ACUTE, k), 0, 0, 0) for k in range(5)]
    mine = [begin_episode(one, row_of(one, 11, codes.MINOR_ACUTE, k), 0, 0, 0) for k in range(5)]
    assert others != mine
