"""The month boundary: what communities, teams, providers and the integrator do to the columns."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest

from scenarios.schema import IntDesign
from sim import codes
from sim.agents.base import Base, closeness_by_distance, closeness_by_neighbourhood, place_means, text_key
from sim.agents.design import with_settings
from sim.agents.month import step_month
from sim.codes import COMMUNITY, GP, INT_CORE, STAFFED_KINDS
from sim.outcomes.reducer import TALLIES
from tests.agents_world import Tables, design, some_base, some_tables

USUAL = with_settings(design(), {"participation.outreach.households_per_worker": 2.0})
CORE = with_settings(
    USUAL,
    {
        "population_health.case_finding.reach_share_per_year": 0.15,
        "relationships.care_coordination.caseload_per_10000": 150.0,
        "relationships.care_coordination.enrol_share_per_month": 0.15,
        "relationships.discharge_support.reach_share": 0.4,
        "participation.outreach.worst_quintile": 2,
        "workforce.added_fte.int_core": 1.5,
        "workforce.added_fte.gp": 1.0,
        "workforce.added_home_packages_per_10000": 4.0,
        "transition.ramp_months": 24.0,
    },
)


def lived(
    months: range, design: IntDesign = USUAL, feedback: bool = True, seed: int = 1, **params: float
) -> tuple[Tables, Base]:
    """Return the place after the given months since the arms parted, with usual care before."""
    tables = some_tables(seed, **params)
    base = some_base(tables)
    for since in months:
        step_month(tables, base, USUAL, design, since + 100, since, feedback)
    return tables, base


def snapshot(tables: Tables, base: Base) -> list[list[tuple[float, ...]]]:
    """Return every number the agents write, for exact comparison."""
    parts = (tables.communities, tables.teams, tables.hospitals, base.teams, base.communities, base.posts, base.moved)
    return [part.tolist() for part in (*parts, tables.supply, tables.lever_reach, tables.lever_effect)]


def test_agents_made_anew_from_saved_columns_go_on_the_same() -> None:
    tables, base = lived(range(6), CORE)
    saved = Tables(*(part.copy() for part in tables))
    kept = base.copy()
    for since in range(6, 9):
        step_month(tables, base, USUAL, CORE, since + 100, since)
        step_month(saved, kept, USUAL, CORE, since + 100, since)
        assert snapshot(tables, base) == snapshot(saved, kept)


def test_the_same_seed_gives_the_same_months_and_another_does_not() -> None:
    assert snapshot(*lived(range(4), CORE)) == snapshot(*lived(range(4), CORE))
    assert snapshot(*lived(range(4), CORE)) != snapshot(*lived(range(4), CORE, seed=2))


def test_before_going_live_a_design_is_usual_care() -> None:
    assert snapshot(*lived(range(-6, 0), CORE)) == snapshot(*lived(range(-6, 0), USUAL))


def test_usual_care_keeps_its_doses_for_years() -> None:
    tables, _ = lived(range(36))
    assert tables.teams["caseload"].tolist() == [40, 60, 0]
    assert tables.lever_effect[codes.CARE_COORDINATION, :2].tolist() == [1.0, 1.0]
    assert tables.lever_reach[codes.DISCHARGE_SUPPORT, :2].tolist() == [0.2, 0.2]
    assert tables.teams["handover_loss"][:2].tolist() == [tables.params[0]["handover_loss_start"]] * 2


def test_the_caseload_in_use_is_counted_from_residents_present() -> None:
    tables = some_tables()
    tables.people["enrolled"][[0, 1, 35]] = 1
    tables.people["presence"][1] = codes.DEAD
    step_month(tables, some_base(tables), USUAL, USUAL, 0, -1)
    assert tables.teams["enrolled"].tolist() == [1, 1, 0]


def test_usual_staff_stay_near_their_level_over_the_years() -> None:
    tables, base = lived(range(0))
    means = np.zeros(2)
    for since in range(120):
        step_month(tables, base, USUAL, USUAL, since, since)
        means += tables.supply[COMMUNITY, :2] / 120
    np.testing.assert_allclose(means, base.supply[COMMUNITY, :2], rtol=0.03)
    assert tables.supply[COMMUNITY, 0] != base.supply[COMMUNITY, 0]


def test_reach_climbs_from_usual_care_to_the_design() -> None:
    first, _ = lived(range(1), CORE)
    half, _ = lived(range(12), CORE)
    full, _ = lived(range(24), CORE)
    caseloads = [int(tables.teams["caseload"][0]) for tables in (first, half, full)]
    assert caseloads == [41, 170, 300]
    assert full.lever_reach[codes.DISCHARGE_SUPPORT, :2].tolist() == [0.4, 0.4]
    assert first.lever_reach[codes.CARE_COORDINATION, :2].tolist() == [0.15, 0.15]


def test_added_posts_fill_over_time_and_packages_too() -> None:
    early, base = lived(range(1), CORE, feedback=False)
    late, _ = lived(range(60), CORE, feedback=False)
    added = late.supply[:, :2] - base.supply[:, :2]
    np.testing.assert_allclose(added[INT_CORE], [3.0, 4.5], rtol=1e-3)
    assert 0 < early.supply[INT_CORE, 0] - base.supply[INT_CORE, 0] < 1.0
    np.testing.assert_allclose(added[GP], [2.0, 3.0], rtol=1e-3)
    np.testing.assert_allclose(added[codes.HOME_PACKAGE], [8.0, 12.0], rtol=1e-3)


def test_maturity_grows_only_where_co_ordination_is_added_and_lowers_the_loss() -> None:
    usual, _ = lived(range(36))
    mature, _ = lived(range(36), CORE)
    assert (mature.teams["maturity"] > usual.teams["maturity"] + 0.2)[:2].all()
    assert (mature.teams["handover_loss"] < usual.teams["handover_loss"])[:2].all()


def test_higher_turnover_holds_maturity_back() -> None:
    calm, _ = lived(range(36), CORE)
    restless, _ = lived(range(36), CORE, team_turnover_per_year=0.6)
    assert (restless.teams["maturity"] < calm.teams["maturity"])[:2].all()


def test_a_design_without_effect_leaves_the_levers_of_today_as_they_are() -> None:
    from sim.agents.levers import SETTINGS

    changes = {f"{block}.effect": 0.0 for block, _ in SETTINGS.values()}
    changes |= {f"{block}.{amount}": 0.9 for block, amount in SETTINGS.values()}
    changes["information_sharing.shared_records.opened_share"] = 0.9
    idle = with_settings(USUAL, changes)
    without, usual = lived(range(12), idle), lived(range(12), USUAL)
    new = [lever for lever in SETTINGS if usual[0].lever_reach[lever, :2].max() == 0.0]
    for pair in (without, usual):
        pair[0].lever_reach[new] = pair[0].lever_effect[new] = 0.0  # those nobody has today are recorded, and idle
    assert snapshot(*without) == snapshot(*usual)


def test_outreach_reaches_the_doors_its_workers_can_knock_on() -> None:
    tables, _ = lived(range(30), CORE, feedback=False)
    # North: 0.5 workers x 2 households of 5 doors in its only community of quintile 2 or worse.
    assert tables.lever_reach[codes.OUTREACH_LEVER, 0] == pytest.approx(1.0 / 5.0)
    assert tables.teams["outreach_worst_quintile"][:2].tolist() == [2, 2]
    usual, _ = lived(range(30), USUAL, feedback=False)
    assert usual.lever_reach[codes.OUTREACH_LEVER, :2].tolist() == pytest.approx([0.0, 1.0 / 5.0])


def allocation(weight: float, donor: float = 1.0, recipient: float = 12.0, effect: float = 1.0) -> IntDesign:
    changes = {"needs_weight": weight, "donor_speed_months": donor, "recipient_speed_months": recipient}
    named = {f"resource_allocation.{name}": value for name, value in changes.items()}
    return with_settings(USUAL, {**named, "resource_allocation.effect": effect})


def posts(base: Base, kind: int = GP) -> np.ndarray:
    return base.posts[kind, :2]


def test_the_pool_of_posts_is_fixed_once_moves_are_done() -> None:
    for weight in (0.25, 1.0):
        _, base = lived(range(13), allocation(weight), feedback=False)
        for kind in STAFFED_KINDS:
            assert posts(base, kind).sum() == pytest.approx(base.supply[kind, :2].sum())
        assert posts(base)[0] < base.supply[GP, 0]
        assert posts(base)[1] > base.supply[GP, 1]


def test_crews_calls_and_clinics_of_a_larger_area_stay_where_they_are() -> None:
    wide = (codes.AMBULANCE, codes.CALL_111, codes.URGENT_TREATMENT, codes.URGENT_RESPONSE, codes.OUTPATIENT_NEW)
    local = (codes.COMMUNITY, codes.NURSE, codes.MENTAL_HEALTH)
    tables = some_tables()
    tables.supply[[*wide, *local], :2] = 10.0
    base = some_base(tables)
    for since in range(13):
        step_month(tables, base, USUAL, allocation(1.0), since + 100, since, False)
    for kind in wide:
        assert posts(base, kind).tolist() == [10.0, 10.0]
    for kind in local:
        assert posts(base, kind)[1] > 10.0


def test_an_allocation_without_effect_moves_no_posts() -> None:
    _, base = lived(range(13), allocation(1.0, effect=0.0), feedback=False)
    np.testing.assert_array_equal(base.posts, base.supply)


def test_full_needs_weight_gives_equal_staff_per_need() -> None:
    tables, base = lived(range(13), allocation(1.0), feedback=False)
    per_need = posts(base) / (tables.teams["registered"] * tables.teams["needs_index"])[:2]
    assert per_need[0] == pytest.approx(per_need[1])


def test_donors_lose_before_recipients_gain() -> None:
    _, base = lived(range(1), allocation(1.0), feedback=False)
    lost, gained = base.supply[GP, 0] - posts(base)[0], posts(base)[1] - base.supply[GP, 1]
    assert gained == pytest.approx(lost / 12)
    assert posts(base).sum() < base.supply[GP, :2].sum()


def test_moved_posts_are_felt_the_month_after() -> None:
    first, base = lived(range(1), allocation(1.0), feedback=False)
    np.testing.assert_allclose(first.supply[GP], base.supply[GP])
    second, _ = lived(range(2), allocation(1.0), feedback=False)
    assert second.supply[GP, 0] == pytest.approx(posts(base)[0])


def test_where_only_some_teams_are_simulated_need_is_against_the_whole_places_mean() -> None:
    tables = some_tables()
    tables.teams["registered"][1] = 0
    tables.supply[:, 1] = 0
    base = some_base(tables)
    assert base.means.needs_index == 1.0
    for since in range(13):
        step_month(tables, base, USUAL, allocation(1.0), since + 100, since, False)
    np.testing.assert_allclose(posts(base), [0.7 * base.supply[GP, 0], 0.0])


def test_the_means_of_a_place_weigh_by_registered_residents() -> None:
    tables = some_tables()
    means = place_means(tables.teams, tables.supply)
    assert means.fte_per_head[GP] == pytest.approx(50.0 / 50_000)
    assert means.needs_index == pytest.approx((20_000 * 0.7 + 30_000 * 1.2) / 50_000)


def tell(tables: Tables, bad: tuple[int, int]) -> None:
    """Write tallies: 1,000 needs in each neighbourhood, ``bad`` of them unmet."""
    for name in TALLIES:
        tables.teams[name] = 0
    tables.teams["t_needs"][:2] = 1000
    tables.teams["t_unmet"][:2] = bad


def after_news(bad: tuple[int, int], feedback: bool = True, **params: float) -> np.ndarray:
    """Return trust_shift after three ordinary months (100 of 1,000 needs unmet) and one with ``bad``."""
    tables = some_tables(**params)
    base = some_base(tables)
    for since, news in enumerate([(100, 100)] * 3 + [bad]):
        tell(tables, news)
        step_month(tables, base, USUAL, USUAL, since, since - 12, feedback)
    return tables.communities["trust_shift"]


def test_what_people_are_used_to_moves_no_trust() -> None:
    np.testing.assert_allclose(after_news((100, 100)), 0.0, atol=1e-15)


def test_trust_is_lost_faster_than_it_is_built() -> None:
    worse, better = after_news((200, 100)), after_news((0, 100))
    assert (worse[:2] < 0).all()
    assert (better[:2] > 0).all()
    assert -worse[0] > 2 * better[0]
    np.testing.assert_allclose(worse[2:], 0.0, atol=1e-15)


def test_the_trust_switch_and_feedback_off_hold_trust_still() -> None:
    assert (after_news((500, 500), switch_trust=0.0) == 0.0).all()
    assert (after_news((500, 500), feedback=False) == 0.0).all()


def test_word_of_mouth_carries_a_change_of_trust_to_the_neighbours() -> None:
    tables = some_tables()
    base = some_base(tables)
    step_month(tables, base, USUAL, USUAL, 0, -3)
    tables.people["trust"][tables.people["community"] == 0] = 0.8
    step_month(tables, base, USUAL, USUAL, 1, -2)  # seen: the column is last month's mean
    step_month(tables, base, USUAL, USUAL, 2, -1)
    shift = tables.communities["trust_shift"]
    assert tables.communities["trust"][0] == pytest.approx(0.8)
    assert shift[1] > 0 > shift[0]
    assert shift[1] == pytest.approx(-shift[0])
    assert shift[2] == pytest.approx(0.0)


def test_added_outreach_builds_assets_where_it_visits() -> None:
    strong = with_settings(CORE, {"workforce.added_fte.outreach": 20.0})
    tables = some_tables()
    base = some_base(tables)
    for since in range(-3, 48):
        step_month(tables, base, USUAL, strong, since + 100, since)
    assets = tables.communities["assets"]
    assert assets[0] > 0.51  # quintile 2, newly visited
    assert assets[1] == 0.5  # quintile 5, never visited
    assert (tables.communities["trust_shift"][0]) > 0


def test_a_full_hospital_opens_a_few_beds_and_closes_them_again() -> None:
    tables = some_tables()
    base = some_base(tables)
    tables.hospitals["occupancy"] = 1.0
    step_month(tables, base, USUAL, USUAL, 0, 0)
    assert tables.supply[codes.BED, 0] == pytest.approx(400.25 * (1 + tables.params[0]["escalation_beds_share"]))
    tables.hospitals["occupancy"] = 0.9
    step_month(tables, base, USUAL, USUAL, 1, 1)
    assert tables.supply[codes.BED, 0] == 400.25


def test_without_feedback_capacities_stay_as_they_start() -> None:
    tables, base = lived(range(6), feedback=False)
    np.testing.assert_allclose(tables.supply, base.supply)
    assert tables.supply[codes.BED, 0] == 400.25


def test_a_finished_model_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.agents import world

    made: list[weakref.ref[world.Boundary]] = []
    before = world.Boundary.__init__

    def noted(self: world.Boundary, *arguments: object) -> None:
        made.append(weakref.ref(self))
        before(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.Boundary, "__init__", noted)
    lived(range(3), CORE)
    gc.collect()
    assert len(made) == 3
    assert all(model() is None for model in made)


def test_people_of_a_month_gone_by_are_freed_without_a_garbage_collection() -> None:
    tables = some_tables()
    base, people = some_base(tables), tables.people.copy()
    seen = weakref.ref(people)
    gc.disable()
    try:
        step_month(tables._replace(people=people), base, USUAL, CORE, 100, 0)
        del people
        assert seen() is None
    finally:
        gc.enable()


def test_mesa_is_not_imported_until_a_month_is_stepped() -> None:
    code = "import sim.agents.month, sim.agents.capacity, sim.agents.base, sys; sys.exit('mesa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_keys_of_neighbourhoods_are_the_same_in_every_process() -> None:
    assert text_key("north") != text_key("south")
    code = "from sim.agents.base import text_key; print(text_key('north'))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(told) == text_key("north")


def test_near_communities_are_heard_more_than_far_ones() -> None:
    lat, lon = np.array([51.50, 51.51, 51.60]), np.array([-0.2, -0.2, -0.2])
    closeness = closeness_by_distance(lat, lon, 1.0)
    np.testing.assert_allclose(closeness.sum(axis=1), 1.0)
    assert closeness[0, 0] == 0.0
    assert closeness[0, 1] > 10 * closeness[0, 2]
    assert closeness_by_neighbourhood(np.array([0, 1])).sum() == 0.0
