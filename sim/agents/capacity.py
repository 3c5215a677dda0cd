"""Staff and places -> capacity over the coming month: whole sessions, the fraction carried to the next.

A session is one member of staff for one slot of the calendar. Weekday services have two slots a day (the halves of
their opening hours), and general practice evenings and Saturdays where a design extends them; services that never shut
have six of four hours. Beds, cubicles and home packages are a whole number for the month. What is left over is carried,
so that +0.3 FTE always matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.agents.tables import MonthTables
from sim.calendar import DAY_S, HOUR_S, WEEKDAYS, Calendar
from sim.codes import GP, SERVICE_NAMES, SHARED_KINDS, STAFFED_KINDS
from sim.engines.records import CHANGE
from sim.rules.tables import TREND_SUPPLY

UNLIMITED = 10**9  # more than anyone could fill, and small enough for years of it in seconds to fit an int64
DAYS_PER_WEEK = 7
SLOTS_PER_DAY = 6  # of a service that never shuts
NIGHT_SLOTS = (0, 1, 5)  # 00:00-08:00 and 20:00-24:00
FACING = {kind: f"facing_share_{SERVICE_NAMES[kind]}" for kind in STAFFED_KINDS}  # share of time with patients


@dataclass(frozen=True)
class CapacitySettings:
    """What a scenario says of capacity, by kind of service (sim/codes.py).

    factor: multiplier of each kind, in that order. always: staffed kinds that never shut. unlimited: nobody waits.
    """

    factor: tuple[float, ...] = (1.0,) * len(SERVICE_NAMES)
    always: frozenset[int] = frozenset()
    unlimited: bool = False


def from_scenario(services: Any, open_patterns: Mapping[str, str]) -> CapacitySettings:
    """Return the settings of a scenario's ``services`` (scenarios.schema.Services).

    ``open_patterns``: 'weekday_8_1830' or 'always' by service name, from the place's services.csv.
    """
    factor = tuple(float(getattr(services.capacity_factor, name)) for name in SERVICE_NAMES)
    always = frozenset(kind for kind in STAFFED_KINDS if open_patterns.get(SERVICE_NAMES[kind]) == "always")
    return CapacitySettings(factor, always, services.unlimited)


class Slots(NamedTuple):
    """The slots of one month: when each starts and ends (seconds since the start date) and its share of the staff."""

    start_s: np.ndarray
    end_s: np.ndarray
    share: np.ndarray  # sums to 1
    weeks: float  # of opening in the month


class Pattern(NamedTuple):
    """Slots, and the steps they make of the month: at each time the slot that is open from then on, -1 for none."""

    slots: Slots
    times_s: np.ndarray
    slot_at: np.ndarray
    upto: np.ndarray  # share of the staff up to the end of each slot
    per_fte: float  # sessions of one FTE


def pattern_of(slots: Slots, start_s: int, params: Any) -> Pattern:
    """Return the steps of ``slots`` over a month that starts at ``start_s``, shut until the first."""
    count = len(slots.start_s)
    times = np.concatenate([[start_s], np.stack([slots.end_s, slots.start_s], axis=1).ravel()])
    opens = np.concatenate([[-1], np.stack([np.full(count, -1), np.arange(count)], axis=1).ravel()])
    order = np.lexsort((opens >= 0, times))  # where a slot ends as the next starts, the start is what holds
    times, opens = times[order], opens[order]
    last = np.append(times[1:] != times[:-1], True)
    return Pattern(slots, times[last], opens[last], np.cumsum(slots.share), sessions_per_fte(slots, params))


def weekday_slots(calendar: Calendar, month: int, params: Any) -> Slots:
    """Return two slots, the halves of the opening hours, on each weekday of the month, equally staffed."""
    days = days_of(calendar, month)
    days = days[weekdays_of(calendar, days) < WEEKDAYS]
    opens = round(float(params["open_from_hour"]) * HOUR_S)
    length = round((float(params["open_to_hour"]) - float(params["open_from_hour"])) * HOUR_S) // 2
    start = (days[:, None] * DAY_S + opens + np.array([0, length])).ravel()
    return Slots(start, start + length, np.full(len(start), 1.0 / len(start)), len(days) / WEEKDAYS)


def extended_slots(calendar: Calendar, month: int, params: Any, extra_hours: float) -> Slots:
    """Return the weekday slots and, from the same staff, ``extra_hours`` a week more: evenings first, then Saturdays.

    Every slot has the same staff, so what evenings and Saturdays take is missing in core hours.
    """
    core = weekday_slots(calendar, month, params)
    opens, shuts = (float(params[f"open_{end}_hour"]) for end in ("from", "to"))
    evening = min(extra_hours / WEEKDAYS, max(float(params["evening_to_hour"]) - shuts, 0.0))
    saturday = min(extra_hours - evening * WEEKDAYS, shuts - opens)
    start, end = [core.start_s], [core.end_s]
    days = days_of(calendar, month)
    weekday = weekdays_of(calendar, days)
    if round(evening * HOUR_S) > 0:
        start.append(days[weekday < WEEKDAYS] * DAY_S + round(shuts * HOUR_S))
        end.append(start[-1] + round(evening * HOUR_S))
    if round(saturday * HOUR_S) > 0:
        start.append(days[weekday == WEEKDAYS] * DAY_S + round(opens * HOUR_S))
        end.append(start[-1] + round(saturday * HOUR_S))
    starts, ends = np.concatenate(start), np.concatenate(end)
    order = np.argsort(starts, kind="stable")
    return Slots(starts[order], ends[order], np.full(len(starts), 1.0 / len(starts)), core.weeks)


def day_and_night_slots(calendar: Calendar, month: int, at_night: float) -> Slots:
    """Return six slots of four hours on every day of the month; nights have ``at_night`` of the staff."""
    days = days_of(calendar, month)
    length = DAY_S // SLOTS_PER_DAY
    start = (days[:, None] * DAY_S + np.arange(SLOTS_PER_DAY) * length).ravel()
    night = np.isin(np.arange(SLOTS_PER_DAY), NIGHT_SLOTS)
    share = np.where(night, at_night / night.sum(), (1.0 - at_night) / (~night).sum()) / len(days)
    return Slots(start, start + length, np.tile(share, len(days)), len(days) / DAYS_PER_WEEK)


def days_of(calendar: Calendar, month: int) -> np.ndarray:
    """Return the days of the month, counted from the start date."""
    first = calendar.month_start_s(month) // DAY_S
    return np.arange(first, first + calendar.days_in_month(month), dtype=np.int64)


def weekdays_of(calendar: Calendar, days: np.ndarray) -> np.ndarray:
    """Return 0 (Monday) to 6 for each of ``days``, which follow one another."""
    return (calendar.weekday(int(days[0])) + np.arange(len(days))) % DAYS_PER_WEEK


def sessions_per_fte(slots: Slots, params: Any) -> float:
    """Return how many sessions one FTE could staff in the month if all of its time were with patients.

    Paid hours x share of the year worked, for the working days (or all days) of the month, divided by the mean length
    of a slot.
    """
    hours = float(params["contract_hours_per_week"]) * float(params["productive_share_of_year"])
    return hours * HOUR_S * slots.weeks / float((slots.end_s - slots.start_s).mean())


def whole_and_rest(amount: np.ndarray, carry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole part of ``amount`` + ``carry``, int64[service], and what is left to carry (0 to 1)."""
    total = amount + carry
    whole = np.floor(total)
    return whole.astype(np.int64), total - whole


def staff_per_slot(sessions: np.ndarray, upto: np.ndarray) -> np.ndarray:
    """Return how many of ``sessions`` fall in each slot, and a 0 behind them for when the service is shut.

    In proportion, spread evenly; they add up exactly. sessions: int64[service]. upto: share of the staff up to the end
    of each slot, float64[slot]. Returns int64[service, slot + 1].
    """
    whole = np.zeros((len(sessions), len(upto) + 2), np.int64)
    whole[:, 1:-1] = np.floor(upto * sessions[:, None] + 0.5)
    whole[:, -2:] = sessions[:, None]
    return whole[:, 1:] - whole[:, :-1]


class Steps(NamedTuple):
    """Services whose capacity changes at the same times, the first of them the month's first second."""

    services: np.ndarray  # int64[service]: their numbers
    times_s: np.ndarray  # int64[time]
    capacity: np.ndarray  # int64[service, time]: from each time on


def month_changes(
    tables: MonthTables,
    services: np.ndarray,
    pools: np.ndarray,
    month: int,
    calendar: Calendar,
    settings: CapacitySettings,
) -> np.ndarray:
    """Return the changes of capacity of ``month``, records.CHANGE sorted by (time, pool).

    Reads ``tables.supply``, writes ``tables.carry``. A pool shared by several services
    has the capacity of all of them together. Pools of no service are left alone.
    """
    start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
    members = np.bincount(services["pool"], minlength=len(pools))
    if settings.unlimited:
        used = np.flatnonzero(members)
        return changes(used, np.array([start_s]), np.full((len(used), 1), UNLIMITED))
    every = steps_of(tables, services, Patterns(tables, month, calendar, settings), settings)
    told = []
    for one in every:
        pool = services["pool"][one.services].astype(np.int64)
        alone = members[pool] == 1
        told.append(changes(pool[alone], one.times_s, one.capacity[alone]))
    for pool in np.flatnonzero(members > 1).tolist():
        times, capacity = together(parts_of(pool, services, every))
        told.append(changes(np.array([pool]), times, capacity[None, :]))
    found = np.concatenate([np.zeros(0, CHANGE), *told])
    found = found[found["time"] < end_s]  # what comes then is the next month's to say
    return found[np.lexsort((found["pool"], found["time"]))]


class Patterns:
    """When services are open in one month: general practice also in the hours that a design adds to it."""

    def __init__(self, tables: MonthTables, month: int, calendar: Calendar, settings: CapacitySettings) -> None:
        self.tables, self.month, self.calendar, self.always = tables, month, calendar, settings.always
        self.start_s = calendar.month_start_s(month)
        self.core_hours = (
            float(tables.params[0]["open_to_hour"]) - float(tables.params[0]["open_from_hour"])
        ) * WEEKDAYS
        self.facing = {kind: float(tables.params[0][name]) for kind, name in FACING.items()}
        self.day_and_night = self.never_shut("night_share")
        self.urgent = self.never_shut("night_share_urgent")

    def never_shut(self, share: str) -> Pattern:
        """Return the pattern of services that never shut, ``share`` naming what part of the staff nights have."""
        params = self.tables.params[0]
        slots = day_and_night_slots(self.calendar, self.month, float(params[share]))
        return pattern_of(slots, self.start_s, params)

    def of_services(self, kind: np.ndarray, site: np.ndarray, staffed: np.ndarray) -> list[tuple[Pattern, np.ndarray]]:
        """Return every pattern and which of the services go by it (general practice: TEAM open_hours_per_week)."""
        always = np.isin(kind, list(self.always)) & staffed
        urgent = always & np.isin(kind, SHARED_KINDS)
        extra = np.zeros(len(kind))
        practice = (kind == GP) & staffed & ~always
        open_hours = self.tables.teams["open_hours_per_week"][site[practice]]
        extra[practice] = np.maximum(open_hours - self.core_hours, 0.0)
        found = [(self.urgent, np.flatnonzero(urgent)), (self.day_and_night, np.flatnonzero(always & ~urgent))]
        for hours in np.unique(extra).tolist():
            found.append((self.weekdays(hours), np.flatnonzero(staffed & ~always & (extra == hours))))
        return found

    def weekdays(self, extra_hours: float) -> Pattern:
        """Return the pattern of weekdays with ``extra_hours`` a week more."""
        params = self.tables.params[0]
        slots = weekday_slots(self.calendar, self.month, params)
        if extra_hours > 0.0:
            slots = extended_slots(self.calendar, self.month, params, extra_hours)
        return pattern_of(slots, self.start_s, params)


def steps_of(tables: MonthTables, services: np.ndarray, patterns: Patterns, settings: CapacitySettings) -> list[Steps]:
    """Return the capacity of every service over the month; what is left over of each is carried to the next."""
    kind, site = services["kind"].astype(np.int64), services["site"].astype(np.int64)
    amount = tables.supply[kind, site] * np.asarray(settings.factor)[kind]
    staffed = np.isin(kind, list(FACING))
    start = np.array([patterns.start_s])
    found = []
    for pattern, those in patterns.of_services(kind, site, staffed):
        facing = np.array([patterns.facing[one] for one in kind[those].tolist()])
        sessions = amount[those] * float(tables.trend[TREND_SUPPLY]) * facing * pattern.per_fte
        whole = carried(tables, kind[those], site[those], sessions)
        found.append(Steps(those, pattern.times_s, staff_per_slot(whole, pattern.upto)[:, pattern.slot_at]))
    those = np.flatnonzero(~staffed)
    found.append(Steps(those, start, carried(tables, kind[those], site[those], amount[those])[:, None]))
    return found


def carried(tables: MonthTables, kind: np.ndarray, site: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Return the whole part of ``amount`` of each service and what was carried to it; carry the rest, int64."""
    whole, tables.carry[kind, site] = whole_and_rest(amount, tables.carry[kind, site])
    return whole


def parts_of(pool: int, services: np.ndarray, every: Sequence[Steps]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (times, capacity) of each service that draws on ``pool``."""
    return [
        (one.times_s, one.capacity[at])
        for one in every
        for at in np.flatnonzero(services["pool"][one.services] == pool).tolist()
    ]


def together(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of several step functions of time (all from the same first second)."""
    if len(parts) == 1:
        return parts[0]
    times = np.unique(np.concatenate([part[0] for part in parts]))
    capacity = np.zeros(len(times), np.int64)
    for when, what in parts:
        capacity += what[np.searchsorted(when, times, side="right") - 1]
    return times, capacity


def changes(pools: np.ndarray, times_s: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Return records.CHANGE of pools whose capacity, int64[pool, time], differs from that at the time before.

    The first of each pool is always told.
    """
    told = np.ones(capacity.shape, bool)
    told[:, 1:] = capacity[:, 1:] != capacity[:, :-1]
    which, when = np.nonzero(told)
    found = np.zeros(len(which), CHANGE)
    found["time"], found["capacity"], found["pool"] = times_s[when], capacity[told], pools[which]
    return found
