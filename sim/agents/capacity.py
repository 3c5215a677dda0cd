"""Staff and places -> capacity over the coming month: whole sessions, the fraction carried to the next.

A session is one member of staff for one slot of the calendar. Weekday services have two slots a day (the halves of
their opening hours), and general practice evenings and Saturdays where a design extends them; services that never shut
have six of four hours. Beds, cubicles and home packages are a whole number for the month. What is left over is carried,
so that +0.3 FTE always matters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.agents.tables import MonthTables
from sim.calendar import DAY_S, HOUR_S, WEEKDAYS, Calendar
from sim.codes import GP, SERVICE_NAMES, STAFFED_KINDS
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


def weekday_slots(calendar: Calendar, month: int, params: Any) -> Slots:
    """Return two slots, the halves of the opening hours, on each weekday of the month, equally staffed."""
    days = days_of(calendar, month)
    days = days[[calendar.weekday(int(day)) < WEEKDAYS for day in days]]
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
    weekday = np.array([calendar.weekday(int(day)) for day in days])
    if round(evening * HOUR_S) > 0:
        start.append(days[weekday < WEEKDAYS] * DAY_S + round(shuts * HOUR_S))
        end.append(start[-1] + round(evening * HOUR_S))
    if round(saturday * HOUR_S) > 0:
        start.append(days[weekday == WEEKDAYS] * DAY_S + round(opens * HOUR_S))
        end.append(start[-1] + round(saturday * HOUR_S))
    starts, ends = np.concatenate(start), np.concatenate(end)
    order = np.argsort(starts, kind="stable")
    return Slots(starts[order], ends[order], np.full(len(starts), 1.0 / len(starts)), core.weeks)


def day_and_night_slots(calendar: Calendar, month: int, params: Any) -> Slots:
    """Return six slots of four hours on every day of the month; nights have ``night_share`` of the staff."""
    days = days_of(calendar, month)
    length = DAY_S // SLOTS_PER_DAY
    start = (days[:, None] * DAY_S + np.arange(SLOTS_PER_DAY) * length).ravel()
    night = np.isin(np.arange(SLOTS_PER_DAY), NIGHT_SLOTS)
    at_night = float(params["night_share"])
    share = np.where(night, at_night / night.sum(), (1.0 - at_night) / (~night).sum()) / len(days)
    return Slots(start, start + length, np.tile(share, len(days)), len(days) / DAYS_PER_WEEK)


def days_of(calendar: Calendar, month: int) -> np.ndarray:
    """Return the days of the month, counted from the start date."""
    first = calendar.month_start_s(month) // DAY_S
    return np.arange(first, first + calendar.days_in_month(month), dtype=np.int64)


def sessions_in_month(fte: float, slots: Slots, facing_share: float, params: Any) -> float:
    """Return how many sessions ``fte`` can staff in the month, a fraction included.

    Paid hours x share of the year worked x share of time facing patients, for the working days (or all days) of the
    month, divided by the mean length of a slot.
    """
    hours = float(params["contract_hours_per_week"]) * float(params["productive_share_of_year"]) * facing_share
    return fte * hours * HOUR_S * slots.weeks / float((slots.end_s - slots.start_s).mean())


def whole_and_rest(amount: float, carry: float) -> tuple[int, float]:
    """Return the whole part of ``amount`` + ``carry``, and what is left to carry (0 to 1)."""
    total = amount + carry
    whole = math.floor(total)
    return int(whole), total - whole


def staff_per_slot(sessions: int, slots: Slots) -> np.ndarray:
    """Return how many of ``sessions`` fall in each slot, int64: in proportion, spread evenly; they add up exactly."""
    upto = np.floor(np.cumsum(slots.share) * sessions + 0.5).astype(np.int64)
    upto[-1] = sessions
    return np.diff(upto, prepend=0)


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
    params = tables.params[0]
    patterns = {False: weekday_slots(calendar, month, params), True: day_and_night_slots(calendar, month, params)}
    start_s = calendar.month_start_s(month)
    steps: list[np.ndarray] = []
    for pool in range(len(pools)):
        members = services[services["pool"] == pool]
        if len(members) == 0:
            continue
        if settings.unlimited:
            steps.append(changes(pool, [start_s], [UNLIMITED]))
            continue
        total = [
            levels(tables, one, slots_of(tables, one, patterns, month, calendar, settings), start_s, settings)
            for one in members
        ]
        steps.append(changes(pool, *together(total)))
    found = np.concatenate(steps) if steps else np.zeros(0, CHANGE)
    found = found[found["time"] < calendar.month_start_s(month + 1)]  # what comes then is the next month's to say
    return found[np.lexsort((found["pool"], found["time"]))]


def slots_of(
    tables: MonthTables,
    service: np.void,
    patterns: Mapping[bool, Slots],
    month: int,
    calendar: Calendar,
    settings: CapacitySettings,
) -> Slots:
    """Return when a service is open: general practice also in the hours a design adds (TEAM open_hours_per_week)."""
    kind, site, params = int(service["kind"]), int(service["site"]), tables.params[0]
    if kind != GP or kind in settings.always:
        return patterns[kind in settings.always]
    core = (float(params["open_to_hour"]) - float(params["open_from_hour"])) * WEEKDAYS
    extra = float(tables.teams[site]["open_hours_per_week"]) - core
    return extended_slots(calendar, month, params, extra) if extra > 0.0 else patterns[False]


def levels(
    tables: MonthTables, service: np.void, slots: Slots, start_s: int, settings: CapacitySettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return (times, capacity from then on) of one service over the month, starting at ``start_s``."""
    kind, site = int(service["kind"]), int(service["site"])
    factor = settings.factor[kind]
    if kind not in FACING:
        whole, tables.carry[kind, site] = whole_and_rest(
            float(tables.supply[kind, site]) * factor, float(tables.carry[kind, site])
        )
        return np.array([start_s]), np.array([whole])
    params = tables.params[0]
    facing, trend = float(params[FACING[kind]]), float(tables.trend[TREND_SUPPLY])
    sessions = sessions_in_month(float(tables.supply[kind, site]) * factor * trend, slots, facing, params)
    whole, tables.carry[kind, site] = whole_and_rest(sessions, float(tables.carry[kind, site]))
    return over_month(staff_per_slot(whole, slots), slots, start_s)


def over_month(staff: np.ndarray, slots: Slots, start_s: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (times, capacity from then on): 0 from ``start_s``, each slot's staff from its start, 0 from its end."""
    times = np.concatenate([[start_s], np.stack([slots.end_s, slots.start_s], axis=1).ravel()])
    capacity = np.concatenate([[0], np.stack([np.zeros_like(staff), staff], axis=1).ravel()])
    order = np.lexsort((capacity > 0, times))  # where a slot ends as the next starts, the start is what holds
    times, capacity = times[order], capacity[order]
    last = np.append(times[1:] != times[:-1], True)
    return times[last], capacity[last]


def together(parts: Iterable[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of several step functions of time (all from the same first second)."""
    every = list(parts)
    times = np.unique(np.concatenate([part[0] for part in every]))
    capacity = np.zeros(len(times), np.int64)
    for when, what in every:
        capacity += what[np.searchsorted(when, times, side="right") - 1]
    return times, capacity


def changes(pool: int, times: Any, capacity: Any) -> np.ndarray:
    """Return records.CHANGE where the capacity of ``pool`` differs from the entry before (the first always told)."""
    when, what = np.asarray(times, np.int64), np.asarray(capacity, np.int64)
    told = np.ones(len(what), bool)
    told[1:] = what[1:] != what[:-1]
    found = np.zeros(int(told.sum()), CHANGE)
    found["time"], found["pool"], found["capacity"] = when[told], pool, what[told]
    return found
