"""What a run must be watched for, resident by resident, that its tables do not tell: who comes again, and when.

Filled month by month while a run goes on; ``tables`` then gives the tables that matching adds to a run's own
(calibration/matching/tables.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from calibration.simulators import last_year
from calibration.simulators.watched import watched_events
from sim.calendar import DAY_S
from sim.codes import AMBULANCE, ASSESSMENT, BACKGROUND_ED, BED, DIED, ED, OUT_SELF_CARE, PRESENT, SERVED, SEX_NAMES
from sim.month import Course, Happened
from sim.outcomes.composition import AGE_NAMES
from sim.outcomes.events import Events, sums
from sim.outcomes.panel import age_years
from sim.outcomes.reducer import first_exits
from sim.place.supply import type_1_shares
from sim.world import World

AGES = 101  # single years; the last is 100 and over
OLDER = 65  # years of age of those whose repeat admissions are followed
OFTEN = 2  # admissions in a year
SOON_DAYS = 30  # a readmission
YEAR = 12  # months
FRAIL = 1  # category from which somebody is frail
BY_AGE = (
    "person_seconds",
    "ed_attendances",
    "urgent_treatment_attendances",
    "emergency_admissions",
    "zero_day_spells",
    "longer_spells",
    "spell_days",
    "bed_seconds",
    "deaths",
    "hospital_deaths",
)
STAY = np.dtype([("person", "u8"), ("need", "u8"), ("joined", "i8"), ("started", "i8"), ("left", "i8"), ("died", "i1"),
                 ("age", "i2"), ("quintile", "i1")])  # fmt: skip


@dataclass
class Watch:
    """One run as it goes on. areas: names of the place's boroughs; area_of and tenth_of: by community."""

    world: World
    areas: list[str]
    area_of: np.ndarray
    tenth_of: np.ndarray
    by_age: list[pd.DataFrame] = field(default_factory=list)
    mortality: np.ndarray | None = None
    hospitals: list[pd.DataFrame] = field(default_factory=list)
    attended: list[np.ndarray] = field(default_factory=list)
    in_mental_health: list[np.ndarray] = field(default_factory=list)
    older: list[np.ndarray] = field(default_factory=list)  # keys of admissions at 65 and over, in the year observed
    older_before: list[np.ndarray] = field(default_factory=list)  # and in the year before
    stays: list[np.ndarray] = field(default_factory=list)  # of the year before too
    deaths: list[np.ndarray] = field(default_factory=list)
    live_s: int = 0  # the second from which the year is observed
    crews_sent: int = 0  # calls to 999 that a crew attended: those closed by telephone left out

    def add(self, happened: Happened, course: Course) -> None:
        """Add a month just run; those before the year that leads up to go-live are not looked at."""
        month = happened.collected.month
        if month < -YEAR:
            return
        people = course.state.tables.people
        counted = happened.collected.outcomes
        age = age_years(people["birth_day"], counted.start_s // DAY_S)
        admitted = counted.admitted
        older = people["key"][admitted[age[admitted] >= OLDER]]
        (self.older if month >= 0 else self.older_before).append(older)
        self.keep_stays(happened, course, age)
        if month < 0:
            return
        if month == 0:
            self.live_s = counted.start_s
        events = watched_events(happened, course)
        self.attended.append(people["key"][counted.attended])
        self.in_mental_health.append(np.unique(people["key"][events["mental_health_contacts"].person]))
        self.count(events, people, course, age, happened.collected.month_start)
        self.keep_deaths(happened, course, age)
        self.crews_sent += crews_sent(happened, course)
        self.hospitals.append(hospital_month(happened, events, course, self.world))

    def count(self, events: Events, people: np.ndarray, course: Course, age: np.ndarray, label: str) -> None:
        """Add the month's counts by single year of age, and deaths by local tenth."""
        communities = course.state.tables.communities
        where = people["community"]
        quintile = communities["national_quintile"].astype(np.int64)[where] - 1
        shape = (len(self.areas), 5, len(SEX_NAMES), AGES)
        cell = (self.area_of[where] * 5 + quintile) * len(SEX_NAMES) + people["sex"]
        cell = cell * AGES + np.minimum(age, AGES - 1)
        counts = np.stack([sums(events[name], cell, int(np.prod(shape))) for name in BY_AGE], axis=-1)
        self.by_age.append(cells(counts.reshape(*shape, len(BY_AGE)), self.areas, label))
        band = np.where(age < 1, 0, np.minimum(1 + age // 5, len(AGE_NAMES) - 1))
        size = (len(self.areas), 10, len(SEX_NAMES), len(AGE_NAMES))
        place = (self.area_of[where] * 10 + self.tenth_of[where]) * len(SEX_NAMES) + people["sex"]
        place = place * len(AGE_NAMES) + band
        found = np.stack([sums(events[name], place, int(np.prod(size))) for name in ("person_seconds", "deaths")], -1)
        found = found.reshape(*size, 2)
        self.mortality = found if self.mortality is None else self.mortality + found

    def keep_stays(self, happened: Happened, course: Course, age: np.ndarray) -> None:
        """Keep residents' stays in beds and assessment units that were left this month."""
        log, tables = happened.log, course.state.tables
        kinds = course.state.services["kind"]
        mine = log[(log["person"] >= 0) & (log["service"] >= 0) & (log["started"] >= 0)]
        mine = mine[np.isin(kinds[mine["service"]], (BED, ASSESSMENT))]
        found = np.zeros(len(mine), STAY)
        found["person"] = mine["person_key"]
        for name in ("need", "joined", "started", "left"):
            found[name] = mine[name]
        found["died"] = mine["how"] == DIED
        found["age"] = age[mine["person"]]
        found["quintile"] = tables.communities["national_quintile"][tables.people["community"][mine["person"]]]
        self.stays.append(found)

    def keep_deaths(self, happened: Happened, course: Course, age: np.ndarray) -> None:
        """Keep who died this month, when, and at what age."""
        exits, tables = happened.closed.exits[first_exits(happened.closed)], course.state.tables
        dead = exits[exits["how"] == DIED]
        found = np.zeros(len(dead), last_year.DEATH)
        found["person"], found["time"], found["age"] = dead["person_key"], dead["time"], age[dead["person"]]
        found["quintile"] = tables.communities["national_quintile"][tables.people["community"][dead["person"]]]
        self.deaths.append(found)

    def tables(self, course: Course) -> dict[str, pd.DataFrame]:
        """Return the tables of the whole run; ``course`` as it stands at its end."""
        by_age = pd.concat(self.by_age, ignore_index=True)
        years = float(by_age["person_seconds"].sum()) / (DAY_S * 365.25 * len(self.by_age) / YEAR)
        counts = [("residents", 0, 0, years), *self.attenders(), *self.older_counts(), *self.of_spells()]
        counts += [("ambulance_attended", 0, 0, float(self.crews_sent)), *people_now(course)]
        return {
            "by_age": by_age,
            "local_mortality": local_mortality(self.mortality, self.areas),
            "hospital_months": pd.concat(self.hospitals, ignore_index=True),
            "counts": pd.DataFrame(counts, columns=["name", "age", "quintile", "value"]),
        }

    def attenders(self) -> list[tuple[str, int, int, float]]:
        """Return people by attendances at type 1 in the year, and those in contact with mental health services."""
        _, times = np.unique(np.concatenate(self.attended), return_counts=True)
        groups = {
            "ed_attenders": times >= 1,
            "ed_attenders_once": times == 1,
            "ed_attenders_twice": times == 2,
            "ed_attenders_3_to_5": (times >= 3) & (times <= 5),
            "ed_attenders_6_or_more": times >= 6,
        }
        found = [(name, 0, 0, float(chosen.sum())) for name, chosen in groups.items()]
        return [*found, ("mental_health_people", 0, 0, float(len(np.unique(np.concatenate(self.in_mental_health)))))]

    def older_counts(self) -> list[tuple[str, int, int, float]]:
        """Return admissions of older people, and of those admitted often the year before; none without such a year."""
        if not self.older_before:
            return []
        before, after = np.concatenate(self.older_before), np.concatenate(self.older)
        keys, times = np.unique(before, return_counts=True)
        often = keys[times >= OFTEN]
        values = {
            "older_admissions": len(before),
            "older_admissions_of_often": int(np.isin(before, often).sum()),
            "older_admissions_next_year": len(after),
            "older_admissions_next_year_of_often": int(np.isin(after, often).sum()),
        }
        return [(name, OLDER, 0, float(value)) for name, value in values.items()]

    def of_spells(self) -> list[tuple[str, int, int, float]]:
        """Return readmissions, and spells before deaths; of the latter none without a year before."""
        spells = merged(np.concatenate(self.stays))
        found = self.readmissions(spells)
        return [*found, *last_year.counts(np.concatenate(self.deaths), spells)] if self.older_before else found

    def readmissions(self, spells: np.ndarray) -> list[tuple[str, int, int, float]]:
        """Return discharges alive from emergency spells, and those followed by another within thirty days.

        By age and national fifth. Discharges of the last thirty days are left out: what follows is not seen.
        """
        until = int(spells["left"].max()) - SOON_DAYS * DAY_S if len(spells) else 0
        same = np.zeros(len(spells), bool)
        same[:-1] = spells["person"][1:] == spells["person"][:-1]
        gap = np.full(len(spells), np.iinfo(np.int64).max)
        gap[:-1] = spells["started"][1:] - spells["left"][:-1]
        counted = (spells["died"] == 0) & (spells["left"] >= self.live_s) & (spells["left"] <= until)
        again = counted & same & (gap <= SOON_DAYS * DAY_S)
        found = []
        for name, chosen in (("discharges", counted), ("readmissions_30_days", again)):
            cell, number = np.unique(
                np.stack([spells["age"][chosen], spells["quintile"][chosen]]), axis=1, return_counts=True
            )
            found += [(name, int(a), int(q), float(n)) for a, q, n in zip(*cell, number, strict=True)]
        return found


def watch(world: World) -> Watch:
    """Return a watch on a run of ``world``."""
    table = world.place.communities
    names = [str(name) for name in dict.fromkeys(table["borough"])]
    area_of = np.array([names.index(str(name)) for name in table["borough"]], np.int64)
    edition = world.scenario.place.imd_edition
    return Watch(world, names, area_of, local_tenths(table, area_of, f"imd_{edition}_rank"))


def local_tenths(table: pd.DataFrame, area_of: np.ndarray, rank: str) -> np.ndarray:
    """Return each community's tenth within its area, 0 the most deprived: by rank, as equal in residents as can be."""
    found = np.zeros(len(table), np.int64)
    for area in np.unique(area_of):
        mine = np.flatnonzero(area_of == area)
        mine = mine[np.argsort(table[rank].to_numpy(float)[mine], kind="stable")]
        people = table["population"].to_numpy(float)[mine]
        middle = (np.cumsum(people) - people / 2) / people.sum()
        found[mine] = np.minimum((10 * middle).astype(int), 9)
    return found


def cells(counts: np.ndarray, areas: list[str], label: str) -> pd.DataFrame:
    """Return counts [area, fifth, sex, age, BY_AGE] as rows; cells in which nobody lived are left out."""
    where = np.nonzero(counts.any(axis=-1))
    frame = pd.DataFrame(counts[where], columns=list(BY_AGE))
    keys: dict[str, Any] = {
        "month_start": label,
        "area": np.array(areas, object)[where[0]],
        "quintile": where[1] + 1,
        "sex": np.array(SEX_NAMES, object)[where[2]],
        "age": where[3],
    }
    for at, (name, values) in enumerate(keys.items()):
        frame.insert(at, name, values)
    return frame


def local_mortality(counts: np.ndarray | None, areas: list[str]) -> pd.DataFrame:
    """Return deaths and time lived by area, local tenth, sex and twenty age bands."""
    if counts is None:
        return pd.DataFrame(columns=["area", "local_decile", "sex", "age_band", "person_seconds", "deaths"])
    grid = np.indices(counts.shape[:-1]).reshape(4, -1)
    return pd.DataFrame(
        {
            "area": np.array(areas, object)[grid[0]],
            "local_decile": grid[1] + 1,
            "sex": np.array(SEX_NAMES, object)[grid[2]],
            "age_band": np.array(AGE_NAMES, object)[grid[3]],
            "person_seconds": counts[..., 0].ravel(),
            "deaths": counts[..., 1].ravel(),
        }
    )


def merged(stays: np.ndarray) -> np.ndarray:
    """Return spells, sorted by person and start: stays of a need that follow each other without going home are one."""
    ordered = stays[np.lexsort((stays["started"], stays["need"]))]
    goes_on = np.zeros(len(ordered), bool)
    goes_on[1:] = (ordered["need"][1:] == ordered["need"][:-1]) & (ordered["joined"][1:] <= ordered["left"][:-1])
    first = np.flatnonzero(~goes_on)
    spells = ordered[first]
    last = np.append(first[1:], len(ordered)) - 1
    spells["left"], spells["died"] = ordered["left"][last], ordered["died"][last]
    return spells[np.lexsort((spells["started"], spells["person"]))]


def hospital_month(happened: Happened, events: Events, course: Course, world: World) -> pd.DataFrame:
    """Return one month of each trust: ED attendances of all types, emergency admissions, beds, and residents' of those.

    Attendances of all types are those at its emergency department over its share of type 1: a trust's other
    types are at places of the neighbourhoods here. Anonymous patients' admissions are counted when they leave. Beds
    available are those of hospitals.csv: the model opens those that were occupied on the mean day, and its own share
    of open beds in use is no occupancy as published. Beds that residents' care occupies hold elective patients too, in
    England's share: nobody tells an anonymous patient's days ready to leave, so that residents' are the share's.
    """
    log, state = happened.log, course.state
    services, people = state.services, state.tables.people
    trusts = len(world.names.hospitals)
    mine = log[log["service"] >= 0]
    kind, site = services["kind"][mine["service"]], services["site"][mine["service"]].astype(np.int64)
    attended = np.bincount(site[kind == ED], minlength=trusts)[:trusts]
    attended = attended / type_1_shares(world.place, world.values)
    of_residents = np.bincount(people["hospital"][events["emergency_admissions"].person], minlength=trusts)[:trusts]
    stay = (mine["person"] < 0) & (mine["need_type"] == BACKGROUND_ED) & (mine["started"] >= 0)
    stay &= np.isin(kind, (BED, ASSESSMENT))
    needs, at = np.unique(mine["need"][stay], return_index=True)
    others = np.bincount(site[stay][at], minlength=trusts)[:trusts] if len(needs) else np.zeros(trusts)
    counted = happened.collected.outcomes
    used = state.tables.supply[BED, :trusts] > 0
    beds = services["kind"] == BED
    occupied = np.bincount(services["site"][beds], counted.inside_s[beds], minlength=trusts)[:trusts]
    available = world.place.hospitals["beds_available"].to_numpy(float) * (counted.end_s - counted.start_s) * used
    return pd.DataFrame(
        {
            "month_start": happened.collected.month_start,
            "area": world.names.hospitals,
            "ed_attendances": attended,
            "emergency_admissions": of_residents + others,
            "emergency_admissions_of_residents": of_residents,
            "bed_occupied_seconds": occupied,
            "bed_available_seconds": available,
            "delayed_seconds_of_residents": sums(events["delayed_seconds"], people["hospital"], trusts),
            "bed_occupied_seconds_of_residents": sums(events["bed_seconds"], people["hospital"], trusts)
            / (1.0 - world.values["elective_bed_share"]),
        }
    )


def crews_sent(happened: Happened, course: Course) -> int:
    """Return the residents' calls to 999 left this month that a crew attended."""
    log = happened.log
    mine = log[(log["person"] >= 0) & (log["service"] >= 0) & (log["how"] == SERVED)]
    mine = mine[course.state.services["kind"][mine["service"]] == AMBULANCE]
    return int((mine["outcome"] != OUT_SELF_CARE).sum())


def people_now(course: Course) -> list[tuple[str, int, int, float]]:
    """Return residents, and those frail or with two known conditions or more, by age and national fifth, at the end."""
    tables, now = course.state.tables, course.state.now
    people = tables.people[tables.people["presence"] == PRESENT]
    age = np.minimum(age_years(people["birth_day"], now // DAY_S), AGES - 1)
    quintile = tables.communities["national_quintile"].astype(np.int64)[people["community"]]
    groups = {
        "residents_now": np.ones(len(people), bool),
        "two_or_more_conditions": np.bitwise_count(people["known"]) >= 2,
        "frail": people["frailty"] >= FRAIL,
    }
    found = []
    for name, chosen in groups.items():
        number = np.bincount(age[chosen] * 6 + quintile[chosen], minlength=6 * AGES)
        found += [(name, int(at // 6), int(at % 6), float(number[at])) for at in np.flatnonzero(number)]
    return found
