"""Capacity: whole sessions that add up to the staff there is, fractions carried, shut when shut."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.compose import compose
from sim import codes
from sim.agents.capacity import (
    UNLIMITED,
    CapacitySettings,
    from_scenario,
    month_changes,
    staff_per_slot,
    weekday_slots,
    weekdays_of,
    whole_and_rest,
)
from sim.calendar import DAY_S, HOUR_S, Calendar
from sim.engines.records import POOL
from sim.services import build_services
from tests.agents_world import Tables, some_tables

CALENDAR = Calendar(date(2024, 4, 1))
SERVICES, POOLS, SERVICE_AT = build_services(3, 1)
TABLES = some_tables()


def fresh() -> Tables:
    return TABLES._replace(teams=TABLES.teams.copy(), supply=TABLES.supply.copy(), carry=TABLES.carry.copy())


def staff_seconds(changes: np.ndarray, pool: int, month: int) -> int:
    """Return the seconds of capacity of ``pool`` over the month."""
    own = changes[changes["pool"] == pool]
    ends = np.append(own["time"][1:], CALENDAR.month_start_s(month + 1))
    return int((own["capacity"] * (ends - own["time"])).sum())


def gp_sessions_per_fte(month: int) -> float:
    params = TABLES.params[0]
    days = sum(
        CALENDAR.weekday(CALENDAR.month_start_s(month) // DAY_S + day) < 5
        for day in range(CALENDAR.days_in_month(month))
    )
    hours = params["contract_hours_per_week"] * params["productive_share_of_year"] * params["facing_share_gp"]
    return float(hours * (days / 5) / 5.25)


@given(first=st.integers(0, 4000), count=st.integers(1, 31))
def test_days_of_the_week_follow_one_another(first: int, count: int) -> None:
    days = np.arange(first, first + count)
    assert weekdays_of(CALENDAR, days).tolist() == [CALENDAR.weekday(int(day)) for day in days]


@settings(max_examples=40, deadline=None)
@given(fte=st.floats(0.0, 60.0), months=st.integers(1, 8))
def test_sessions_worked_are_the_staffs_within_one_session(fte: float, months: int) -> None:
    tables = fresh()
    tables.supply[codes.GP, 0] = fte
    pool = int(SERVICES[SERVICE_AT[codes.GP, 0]]["pool"])
    session_s = round(5.25 * HOUR_S)
    worked, due = 0, 0.0
    for month in range(months):
        changes = month_changes(tables, SERVICES, POOLS, month, CALENDAR, CapacitySettings())
        seconds = staff_seconds(changes, pool, month)
        assert seconds % session_s == 0
        worked += seconds // session_s
        due += fte * gp_sessions_per_fte(month)
        assert abs(worked - due) < 1 + 1e-6


def test_a_third_of_a_post_always_matters_in_the_end() -> None:
    def sessions_in_a_year(fte: float) -> int:
        tables = fresh()
        tables.supply[codes.INT_CORE, 0] = fte
        pool = int(SERVICES[SERVICE_AT[codes.INT_CORE, 0]]["pool"])
        changes = [month_changes(tables, SERVICES, POOLS, m, CALENDAR, CapacitySettings()) for m in range(12)]
        return sum(staff_seconds(one, pool, month) for month, one in enumerate(changes))

    assert sessions_in_a_year(1.3) > sessions_in_a_year(1.0)


def test_weekday_services_are_shut_at_night_and_at_weekends() -> None:
    changes = month_changes(fresh(), SERVICES, POOLS, 0, CALENDAR, CapacitySettings())
    pool = int(SERVICES[SERVICE_AT[codes.GP, 1]]["pool"])
    own = changes[changes["pool"] == pool]
    opened = own[own["capacity"] > 0]
    days, seconds = opened["time"] // DAY_S, opened["time"] % DAY_S
    assert {CALENDAR.weekday(int(day)) for day in days} == {0, 1, 2, 3, 4}
    assert seconds.min() == 8 * HOUR_S
    shut = own[own["capacity"] == 0]
    assert set(shut["time"] % DAY_S) == {0, 18 * HOUR_S + HOUR_S // 2}
    assert own["time"][0] == 0


def test_services_that_never_shut_keep_a_few_staff_at_night() -> None:
    settings_ = CapacitySettings(always=frozenset({codes.COMMUNITY}))
    tables = fresh()
    tables.supply[codes.COMMUNITY, 0] = 60.0
    changes = month_changes(tables, SERVICES, POOLS, 0, CALENDAR, settings_)
    pool = int(SERVICES[SERVICE_AT[codes.COMMUNITY, 0]]["pool"])
    own = changes[changes["pool"] == pool]
    at_3, at_12 = (
        own["capacity"][np.searchsorted(own["time"], 6 * DAY_S + hour * HOUR_S, side="right") - 1] for hour in (3, 12)
    )
    assert 0 < at_3 < at_12
    assert (own["capacity"] > 0).all()


def test_urgent_services_are_staffed_at_night_as_needs_arise() -> None:
    tables = fresh()
    kinds = frozenset({codes.COMMUNITY, codes.AMBULANCE})
    night_share = {}
    for kind in (codes.COMMUNITY, codes.AMBULANCE):
        tables.supply[kind, 0] = 60.0
    changes = month_changes(tables, SERVICES, POOLS, 0, CALENDAR, CapacitySettings(always=kinds))
    for kind in (codes.COMMUNITY, codes.AMBULANCE):
        pool = int(SERVICES[SERVICE_AT[kind, 0]]["pool"])
        own = changes[changes["pool"] == pool]
        hours = np.arange(7 * DAY_S, 14 * DAY_S, HOUR_S)
        staff = own["capacity"][np.searchsorted(own["time"], hours, side="right") - 1]
        night = np.isin(hours % DAY_S // HOUR_S, [*range(8), *range(20, 24)])
        night_share[kind] = staff[night].sum() / staff.sum()
    params = tables.params[0]
    assert night_share[codes.COMMUNITY] == pytest.approx(float(params["night_share"]), abs=0.02)
    assert night_share[codes.AMBULANCE] == pytest.approx(float(params["night_share_urgent"]), abs=0.02)


def test_extended_hours_take_evenings_and_saturdays_from_the_same_staff() -> None:
    usual = month_changes(fresh(), SERVICES, POOLS, 0, CALENDAR, CapacitySettings())
    tables = fresh()
    tables.teams["open_hours_per_week"][0] = 52.5 + 10.0
    longer = month_changes(tables, SERVICES, POOLS, 0, CALENDAR, CapacitySettings())
    pool = int(SERVICES[SERVICE_AT[codes.GP, 0]]["pool"])
    own = longer[(longer["pool"] == pool) & (longer["capacity"] > 0)]
    shut = longer[(longer["pool"] == pool) & (longer["capacity"] == 0)]
    assert set(shut["time"] % DAY_S) == {0, 20 * HOUR_S, 8 * HOUR_S + HOUR_S * 5 // 2}
    assert {CALENDAR.weekday(int(day)) for day in own["time"] // DAY_S} == {0, 1, 2, 3, 4, 5}
    session_s = 5.25 * HOUR_S
    assert abs(staff_seconds(longer, pool, 0) - staff_seconds(usual, pool, 0)) < 2 * session_s
    others = longer["pool"] != pool
    np.testing.assert_array_equal(usual[usual["pool"] != pool], longer[others])


def test_the_calendar_of_sessions_is_spread_evenly() -> None:
    slots = weekday_slots(CALENDAR, 0, TABLES.params[0])
    sessions = np.array([2 * len(slots.start_s) + 10, 0])
    staff, nobody = staff_per_slot(sessions, np.cumsum(slots.share))
    assert staff[-1] == 0
    assert not nobody.any()
    staff = staff[:-1]
    assert staff.sum() == 2 * len(slots.start_s) + 10
    assert set(staff.tolist()) == {2, 3}
    extra = np.flatnonzero(staff == 3)
    assert np.diff(extra).max() - np.diff(extra).min() <= 1


def test_beds_are_whole_each_month_and_the_fraction_is_carried() -> None:
    tables = fresh()
    pool = int(SERVICES[SERVICE_AT[codes.BED, 0]]["pool"])
    beds = []
    for month in range(4):
        changes = month_changes(tables, SERVICES, POOLS, month, CALENDAR, CapacitySettings())
        own = changes[changes["pool"] == pool]
        assert own["time"].tolist() == [CALENDAR.month_start_s(month)]
        beds += own["capacity"].tolist()
    assert beds == [400, 400, 400, 401]


def test_a_capacity_factor_multiplies_its_own_kind_alone() -> None:
    factor = [1.0] * codes.SERVICE_KINDS
    factor[codes.BED] = 0.5
    usual = month_changes(fresh(), SERVICES, POOLS, 0, CALENDAR, CapacitySettings())
    halved = month_changes(fresh(), SERVICES, POOLS, 0, CALENDAR, CapacitySettings(factor=tuple(factor)))
    pool = int(SERVICES[SERVICE_AT[codes.BED, 0]]["pool"])
    assert halved["capacity"][halved["pool"] == pool].tolist() == [200]
    np.testing.assert_array_equal(usual[usual["pool"] != pool], halved[halved["pool"] != pool])


def test_unlimited_opens_everything_for_good() -> None:
    changes = month_changes(fresh(), SERVICES, POOLS, 1, CALENDAR, CapacitySettings(unlimited=True))
    assert len(changes) == len(POOLS)
    assert (changes["capacity"] == UNLIMITED).all()
    assert (changes["time"] == CALENDAR.month_start_s(1)).all()


def test_changes_come_in_order_of_time_then_pool() -> None:
    changes = month_changes(fresh(), SERVICES, POOLS, 0, CALENDAR, CapacitySettings())
    order = np.lexsort((changes["pool"], changes["time"]))
    np.testing.assert_array_equal(order, np.arange(len(changes)))
    assert len(np.unique(changes[["time", "pool"]])) == len(changes)


def test_services_that_share_a_pool_bring_their_staff_together() -> None:
    services = SERVICES.copy()
    gp, core = int(SERVICE_AT[codes.GP, 0]), int(SERVICE_AT[codes.INT_CORE, 0])
    apart = month_changes(fresh(), services, POOLS, 0, CALENDAR, CapacitySettings())
    services["pool"][core] = services["pool"][gp]
    shared = month_changes(fresh(), services, np.zeros(len(POOLS), POOL), 0, CALENDAR, CapacitySettings())
    both = staff_seconds(apart, gp, 0) + staff_seconds(apart, core, 0)
    assert staff_seconds(shared, gp, 0) == both
    assert not (shared["pool"] == core).any()


@given(amount=st.floats(0, 1e6), carry=st.floats(0, 1, exclude_max=True))
def test_nothing_is_lost_by_rounding(amount: float, carry: float) -> None:
    whole, rest = whole_and_rest(np.array([amount]), np.array([carry]))
    assert 0 <= rest[0] < 1
    assert whole[0] + rest[0] == pytest.approx(amount + carry)


def test_a_scenarios_services_become_plain_numbers() -> None:
    scenario = compose(["services.capacity_factor.gp=0.8", "services.unlimited=true"])
    read = from_scenario(scenario.services, {"gp": "weekday_8_1830", "community": "always", "bed": "always"})
    assert read.factor[codes.GP] == 0.8
    assert read.always == {codes.COMMUNITY}
    assert read.unlimited
