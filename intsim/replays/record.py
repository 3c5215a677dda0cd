"""What happened to each resident in each month of an arm, as the table that studies are carried out on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from evaluation.replays.lives import NEVER, Lives
from sim.calendar import DAY_S
from sim.codes import GP, LEVER_NAMES, PLANNED_REVIEW, PRESENT, PREVENTION, SERVED
from sim.month import Course, Happened
from sim.outcomes.by_events import events_of
from sim.outcomes.events import sums

MONTHS_BEFORE = 12  # of usual care that a study knows of everyone
DAYS_PER_YEAR = 365.25
PANEL = (  # columns of the panel that are kept by person
    "ed_attendances",
    "ed_acuity_4",
    "conveyed_acuity_4",
    "urgent_treatment_attendances",
    "emergency_admissions",
    "acsc_admissions",
    "readmissions",
    "bed_seconds",
    "virtual_ward_admissions",
    "virtual_ward_seconds",
    "gp_contacts",
    "outpatient_new_contacts",
    "outpatient_follow_up_contacts",
    "outpatient_procedure_contacts",
    "core_contacts",
    "urgent_response_contacts",
    "ambulance_category_3",
    "ambulance_category_4",
    "deaths",
)
OWN = ("gp_own_contacts", "gp_unscheduled_contacts", "prevention_contacts")
STATES = ("care_home", "frailty", "conditions", "enrolled")
COLUMNS = (*PANEL, *OWN)


@dataclass
class Recorder:
    """The months of one arm so far: a column for each month and outcome, rows of people in the order they came."""

    months: list[dict[str, np.ndarray]] = field(default_factory=list)
    reach: dict[str, np.ndarray] = field(default_factory=dict)

    def copy(self) -> Recorder:
        """Return another that goes on from here: its months so far are shared and never written again."""
        return Recorder(list(self.months), {name: month.copy() for name, month in self.reach.items()})

    def add(self, happened: Happened, course: Course, month: int) -> None:
        """Add the month just run, counted from the start; rows must never have been given to other people."""
        people, services = course.state.tables.people, course.state.services
        events = events_of(happened.closed, people, services, happened.before)
        each = np.arange(len(people))
        kept: dict[str, np.ndarray] = {
            name: sums(events[name], each, len(people)).astype(kind_of(name)) for name in PANEL
        }
        kept |= by_need(happened, people, services["kind"].astype(np.int64))
        there = people["presence"] == PRESENT
        there[course.state.exits["person"]] = True
        kept["present"] = there
        kept["care_home"], kept["frailty"] = people["care_home"].copy(), people["frailty"].copy()
        kept["conditions"] = np.bitwise_count(people["known"]).astype(np.int8)
        kept["enrolled"] = people["enrolled"].copy()
        self.months.append(kept)
        self.note_reach(course, month)

    def note_reach(self, course: Course, month: int) -> None:
        """Keep the first month from the start in which each lever took a person on."""
        reach = course.state.tables.reach
        for name in LEVER_NAMES:
            first = self.reach.get(name, np.zeros(0, np.int32))
            grown = np.full(len(reach) - len(first), NEVER, np.int32)
            first = np.concatenate([first, grown])
            taken = (reach[name] == course.month) & (first == NEVER)  # course.month: the month just run, and one
            first[taken & (month >= 0)] = month
            self.reach[name] = first

    def lives(self, course: Course, first: int, start_s: int) -> Lives:
        """Return the table of the arm; ``start_s``: the second at which month 0 begins."""
        people, communities = course.state.tables.people, course.state.tables.communities
        counts = {name: self.matrix(name, kind_of(name)) for name in COLUMNS}
        return Lives(
            key=people["key"].copy(),
            community=people["community"].astype(np.int64),
            quintile=communities["local_quintile"][people["community"]].astype(np.int64),
            female=(people["sex"] == 0).astype(np.int64),
            age=(start_s / DAY_S - people["birth_day"]) / DAYS_PER_YEAR,
            first=first,
            present=self.matrix("present", bool),
            states={name: self.matrix(name, np.int8) for name in STATES},
            counts=counts,
            reached={name: self.grown(month, NEVER) for name, month in self.reach.items()},
        )

    def matrix(self, name: str, kind: type) -> np.ndarray:
        """Return (people, months): 0 for the months before a person came."""
        out: np.ndarray = np.zeros((len(self.months[-1]["present"]), len(self.months)), kind)
        for position, month in enumerate(self.months):
            out[: len(month[name]), position] = month[name]
        return out

    def grown(self, column: np.ndarray, missing: int) -> np.ndarray:
        """Return the column with ``missing`` for people who came after it was last written."""
        out = np.full(len(self.months[-1]["present"]), missing, column.dtype)
        out[: len(column)] = column
        return out


def kind_of(name: str) -> type:
    """Return the whole number that a month of an outcome fits in: seconds need more than counts."""
    return np.int32 if name.endswith("_seconds") else np.int16


def by_need(happened: Happened, people: np.ndarray, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """Return contacts by person that the panel does not tell: own clinician, unplanned GP, prevention."""
    log = happened.log
    seen = log[(log["service"] >= 0) & (log["person"] >= 0) & (log["how"] == SERVED)]
    general = kinds[seen["service"]] == GP
    prevention = seen["need_type"] == PREVENTION
    planned = prevention | (seen["need_type"] == PLANNED_REVIEW)

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(seen["person"][which], minlength=len(people)).astype(np.int16)

    return {
        "gp_own_contacts": people["m_own"].astype(np.int16),
        "gp_unscheduled_contacts": count(general & ~planned),
        "prevention_contacts": count(prevention),
    }
