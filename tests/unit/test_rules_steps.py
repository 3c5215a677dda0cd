"""Single steps of the residents' pathway."""

import numpy as np
import pytest

from sim import codes
from sim.rules.residents import begin_episode, next_step
from sim.rules.stages import AT_SERVICE
from tests.pathway_world import small_world
from tests.single_steps import row_of

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
