"""The reference engine: SimPy, one process per open row, meant to be read in one sitting.

It is the specification of what time, queues and capacity mean. SimPy owns the clock and the processes; the waiting
lists are ours (SimPy's PriorityResource sorts its whole queue at every request).

The order within an instant is the order of SimPy's event queue. An event's priority there is a whole number:
  a change of a row or a person    (person key << 64 | need id) + 2     phase 1
  serving                          SERVE                               phase 2
  letting go whose patience ended  LET_GO                              phase 3
so changes run by (person key, need id), then services start whom they can, then the impatient leave, and whatever
that sets off at the same second starts again from phase 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from sim.codes import (
    ARRIVED,
    DIED,
    END,
    ENDED,
    FREE,
    IN_SERVICE,
    MISSED,
    NEVER,
    OUT_DIED,
    OUT_MOVED,
    OUT_NONE,
    PRIORITIES,
    RENEGED,
    SCHEDULED,
    SEEK,
    SERVED,
    STAY,
    STAYED,
    STAYING,
    SUSPENDED,
    WAITING,
)
from sim.engines.records import LOG, MOST_CONTACTS, in_log_order
from sim.engines.state import State, open_rows
from sim.rules.pathway import BEGIN, NEXT

FIRST = 1
SERVE = 1 << 130
LET_GO = 1 << 131
HAPPENED = {SCHEDULED: ARRIVED, IN_SERVICE: SERVED, STAYING: STAYED}
SHOWN = ("service", "ordinal", "joined", "started", "priority")  # engine columns a pathway may read
COLUMNS = (
    "service", "held", "status", "priority", "ordinal", "joined", "started", "due", "deadline", "duration",
    "patience", "held_joined", "held_started", "held_finished", "held_ordinal", "held_outcome", "held_priority",
)  # fmt: skip
Step = tuple[int, int, int, int, int, int, int]


class Contact:
    """One open row while its month runs: the engine's own columns as plain Python numbers."""

    __slots__ = (*COLUMNS, "arose", "event", "index", "need", "need_type", "person", "person_key", "urgency")

    service: int
    held: int
    status: int
    priority: int
    ordinal: int
    joined: int
    started: int
    due: int
    deadline: int
    duration: int
    patience: int
    held_joined: int
    held_started: int
    held_finished: int
    held_ordinal: int
    held_outcome: int
    held_priority: int
    need: int
    person_key: int
    person: int
    need_type: int
    arose: int
    event: simpy.Event

    def __init__(self, index: int, row: np.void) -> None:
        self.index = index
        for name in (*COLUMNS, "need", "person_key", "person", "need_type", "arose"):
            setattr(self, name, int(row[name]))
        self.urgency = (self.person_key << 64 | self.need) + 2

    def store(self, row: np.void) -> None:
        """Write the engine's columns back to the row."""
        for name in COLUMNS:
            row[name] = getattr(self, name)


class Place:
    """One service: its waiting list and the people inside."""

    __slots__ = (
        "acute", "area_inside", "area_waiting", "changed", "inside", "list", "number", "pool", "starts", "waiting",
    )  # fmt: skip

    def __init__(self, number: int, column: np.void, pool: Pool) -> None:
        self.number = number
        self.pool = pool
        self.acute = bool(column["acute"])
        self.list: list[tuple[int, int, int, Contact]] = []
        self.waiting, self.inside = int(column["waiting"]), int(column["inside"])
        self.changed, self.starts = int(column["changed"]), int(column["starts"])
        self.area_waiting, self.area_inside = int(column["waiting_area_s"]), int(column["inside_area_s"])
        pool.places.append(self)

    def touch(self, now: int) -> None:
        """Bring the person-seconds up to ``now``."""
        self.area_waiting += self.waiting * (now - self.changed)
        self.area_inside += self.inside * (now - self.changed)
        self.changed = now

    def first(self) -> Contact | None:
        """Return whom to call next; entries left behind by those who went are dropped here."""
        while self.list:
            _, joined, _, contact = self.list[0]
            if contact.status == WAITING and contact.service == self.number and contact.joined == joined:
                return contact
            heapq.heappop(self.list)
        return None


class Pool:
    """Capacity that limits starts, shared by one or more services."""

    __slots__ = ("area_busy", "area_capacity", "area_over", "busy", "capacity", "changed", "places")

    def __init__(self, column: np.void) -> None:
        self.capacity, self.busy, self.changed = int(column["capacity"]), int(column["busy"]), int(column["changed"])
        self.area_busy, self.area_capacity = int(column["busy_area_s"]), int(column["capacity_area_s"])
        self.area_over = int(column["over_area_s"])
        self.places: list[Place] = []

    def touch(self, now: int) -> None:
        """Bring the seconds of use up to ``now``."""
        span = now - self.changed
        self.area_busy += self.busy * span
        self.area_capacity += self.capacity * span
        self.area_over += max(self.busy - self.capacity, 0) * span
        self.changed = now


class Month:
    """One window of simulated time: SimPy's environment, one process per open row, dropped at the end."""

    def __init__(self, state: State) -> None:
        self.tables = state.tables
        pathway = type(state.tables).__name__
        self.begin, self.next = BEGIN[pathway], NEXT[pathway]
        self.env = simpy.Environment(initial_time=state.now)
        self.rows = state.rows
        self.pools = [Pool(column) for column in state.pools]
        self.places = [Place(n, column, self.pools[column["pool"]]) for n, column in enumerate(state.services)]
        self.log: list[tuple[int, ...]] = []
        self.acute: dict[int, int] = {}  # person: ED cubicles and beds held
        self.people: dict[int, list[Contact]] = {}
        self.ready: set[int] = set()  # services that may be able to start somebody
        self.freed: list[Contact] = []
        self.giving_up: set[Contact] = set()
        self.serving = self.letting_go = False
        self.contacts = [Contact(i, row) for i, row in enumerate(self.rows)]
        for contact in sorted(self.contacts, key=lambda c: c.need):
            self.take_up(contact)
        self.env.process(self.capacities(state.changes))
        for entry in state.exits:
            urgency = (int(entry["person_key"]) << 64) + 2
            self.call(int(entry["time"]), urgency, self.leave_place, int(entry["person"]), int(entry["how"]))

    # ---- time -------------------------------------------------------------------------------------------------

    def set_off(self, event: simpy.Event, time: int, urgency: int, value: int) -> None:
        """Let ``event`` happen at ``time``, ordered within its instant by ``urgency``."""
        event._ok = True
        event._value = value
        self.env.schedule(event, urgency, time - self.env.now)  # type: ignore[arg-type]

    def call(self, time: int, urgency: int, function: Any, *arguments: Any) -> None:
        """Call ``function`` at ``time``, ordered within its instant by ``urgency``."""
        event = simpy.Event(self.env)
        event.callbacks.append(lambda _: function(*arguments))  # type: ignore[union-attr]
        self.set_off(event, time, urgency, STAYED)

    def capacities(self, changes: np.ndarray) -> Generator[simpy.Event, None, None]:
        """Follow the calendar of capacity."""
        for entry in changes:
            due = simpy.Event(self.env)
            self.set_off(due, int(entry["time"]), FIRST, STAYED)
            yield due
            pool = self.pools[entry["pool"]]
            pool.touch(int(self.env.now))
            pool.capacity = int(entry["capacity"])
            self.may_start(pool.places)

    # ---- one contact after another ----------------------------------------------------------------------------

    def take_up(self, contact: Contact) -> None:
        """Take up a row where the window before left it."""
        if contact.person >= 0:
            self.people.setdefault(contact.person, []).append(contact)
            for service in (contact.held, contact.service if contact.status == IN_SERVICE else -1):
                if service >= 0 and self.places[service].acute:
                    self.acute[contact.person] = self.acute.get(contact.person, 0) + 1
        contact.event = simpy.Event(self.env)
        if contact.status in HAPPENED:
            self.set_off(contact.event, contact.due, contact.urgency, HAPPENED[contact.status])
        elif contact.status == WAITING:
            self.line_up(contact)
        self.env.process(self.episode(contact))

    def episode(self, contact: Contact) -> Generator[simpy.Event, int, None]:
        """Wait for what happens, ask the pathway what comes next, do it, and again, until the episode ends."""
        while contact.status != FREE:
            happened = yield contact.event
            if contact.status != FREE:  # else: died or moved away meanwhile
                contact.event = simpy.Event(self.env)
                self.go_on(contact, happened)

    def go_on(self, contact: Contact, happened: int) -> None:
        """Ask the pathway for the step after what happened, and take it."""
        now = int(self.env.now)
        if happened == SERVED:
            contact.held, contact.held_joined, contact.held_started = contact.service, contact.joined, contact.started
            contact.held_finished, contact.held_ordinal = now, contact.ordinal
            contact.held_priority = contact.priority
            contact.ordinal += 1
        elif happened == RENEGED:
            self.leave_list(contact)
            contact.ordinal += 1  # what is decided now is of the next contact, as after one that was served
        row = self.rows[contact.index]
        for name in SHOWN:
            row[name] = getattr(contact, name)
        if happened == ARRIVED:
            step = self.begin(self.tables, self.rows, contact.index, now, self.others_acute(contact))
        else:
            step = self.next(self.tables, self.rows, contact.index, now, happened, self.others_acute(contact))
        if happened == SERVED:
            contact.held_outcome = step[6]
        elif happened == RENEGED:
            contact.ordinal -= 1
            self.write(contact, RENEGED, step[6])
            contact.ordinal += 1
        self.take(contact, step)

    def take(self, contact: Contact, step: Step) -> None:
        """Do what the pathway asked for."""
        kind, service, duration, priority, patience, keep, outcome = step
        if contact.held >= 0 and (keep == 0 or kind == END):
            self.release(contact)
        if kind == END:
            self.end(contact, outcome)
            return
        if duration < 1 or kind not in (SEEK, STAY) or contact.ordinal > MOST_CONTACTS:
            raise RuntimeError(f"impossible step {step} in the episode {self.rows[contact.index]}")
        contact.duration = duration
        if kind == STAY:
            contact.service, contact.status, contact.due = -1, STAYING, int(self.env.now) + duration
            self.set_off(contact.event, contact.due, contact.urgency, STAYED)
            return
        wrong = not 0 <= service < len(self.places) or not 0 <= priority < PRIORITIES or patience < 0
        if wrong or (contact.held >= 0 and service <= contact.held):
            raise RuntimeError(f"impossible step {step} in the episode {self.rows[contact.index]}")
        contact.service, contact.priority, contact.patience = service, priority, patience
        self.join(contact)

    def end(self, contact: Contact, outcome: int) -> None:
        """Close the episode."""
        now = int(self.env.now)
        self.record(contact, -1, contact.ordinal, ENDED, outcome, 0, contact.arose, -1, now)
        contact.status, contact.service = FREE, -1

    # ---- waiting lists ----------------------------------------------------------------------------------------

    def line_up(self, contact: Contact) -> None:
        """Put the contact in its service's list, and its patience in the calendar."""
        place = self.places[contact.service]
        heapq.heappush(place.list, (contact.priority, contact.joined, contact.need, contact))
        if contact.deadline < NEVER:
            self.call(contact.deadline, FIRST, self.may_leave, contact)

    def join(self, contact: Contact) -> None:
        """Join the list of the contact's service now."""
        now = int(self.env.now)
        place = self.places[contact.service]
        place.touch(now)
        place.waiting += 1
        contact.status, contact.joined = WAITING, now
        contact.deadline = now + contact.patience if contact.patience < NEVER else NEVER
        self.line_up(contact)
        self.may_start([place])

    def leave_list(self, contact: Contact) -> None:
        """Take the contact out of the list it waits in (its entry there is dropped when it comes up)."""
        place = self.places[contact.service]
        place.touch(int(self.env.now))
        place.waiting -= 1
        contact.status, contact.deadline = STAYING, NEVER

    def may_leave(self, contact: Contact) -> None:
        """Let those whose patience ends now go, once the services have served."""
        if contact.status == WAITING and contact.deadline == self.env.now:
            self.giving_up.add(contact)
            if not self.letting_go:
                self.letting_go = True
                self.call(int(self.env.now), LET_GO, self.let_go)

    def let_go(self) -> None:
        """Phase 3: those still waiting whose patience has ended leave."""
        self.letting_go = False
        leaving, self.giving_up = self.giving_up, set()
        for contact in leaving:
            if contact.status == WAITING and contact.deadline == self.env.now:
                self.set_off(contact.event, int(self.env.now), contact.urgency, RENEGED)

    # ---- capacity ---------------------------------------------------------------------------------------------

    def may_start(self, places: list[Place]) -> None:
        """Let these services serve, once every change of this instant has been applied."""
        self.ready.update(place.number for place in places)
        if not self.serving:
            self.serving = True
            self.call(int(self.env.now), SERVE, self.serve)

    def serve(self) -> None:
        """Phase 2: services in number order start whom they can; what a pass frees counts in the next pass."""
        while self.ready:
            ready, self.ready = sorted(self.ready), set()
            for number in ready:
                self.serve_one(self.places[number])
            freed, self.freed = self.freed, []
            for contact in freed:
                self.release(contact)
        self.serving = False

    def serve_one(self, place: Place) -> None:
        """Start whom one service can start."""
        while place.pool.busy < place.pool.capacity:
            contact = place.first()
            if contact is None:
                return
            heapq.heappop(place.list)
            if self.others_acute(contact):
                self.leave_list(contact)
                self.write(contact, MISSED, OUT_NONE)
                contact.ordinal += 1
                contact.status = SUSPENDED
            else:
                self.start(contact, place)

    def start(self, contact: Contact, place: Place) -> None:
        """Start a service; what the contact held before is given up at the end of the pass."""
        now = int(self.env.now)
        self.leave_list(contact)
        place.pool.touch(now)
        place.pool.busy += 1
        place.inside += 1
        place.starts += 1
        contact.status, contact.started, contact.due = IN_SERVICE, now, now + contact.duration
        self.set_off(contact.event, contact.due, contact.urgency, SERVED)
        if place.acute and contact.person >= 0:
            self.acute[contact.person] = self.acute.get(contact.person, 0) + 1
        if contact.held >= 0:
            self.freed.append(contact)

    def release(self, contact: Contact) -> None:
        """Give up the place held: its contact is closed."""
        place = self.places[contact.held]
        self.record(
            contact, contact.held, contact.held_ordinal, SERVED, contact.held_outcome, contact.held_priority,
            contact.held_joined, contact.held_started, contact.held_finished,
        )  # fmt: skip
        contact.held = -1
        self.free(contact, place)

    def free(self, contact: Contact, place: Place) -> None:
        """Free one place; a person who leaves the hospital rejoins the lists that called them."""
        now = int(self.env.now)
        place.touch(now)
        place.inside -= 1
        place.pool.touch(now)
        place.pool.busy -= 1
        self.may_start(place.pool.places)
        if place.acute and contact.person >= 0:
            self.acute[contact.person] -= 1
            if self.acute[contact.person] == 0:
                for other in self.people[contact.person]:
                    if other.status == SUSPENDED:
                        self.join(other)

    def others_acute(self, contact: Contact) -> int:
        """Return 1 if the person holds an ED cubicle or bed in another episode."""
        own = 1 if contact.held >= 0 and self.places[contact.held].acute else 0
        return 1 if self.acute.get(contact.person, 0) > own else 0

    # ---- leaving and the log ----------------------------------------------------------------------------------

    def leave_place(self, person: int, how: int) -> None:
        """Close every contact of a person who dies or moves away; free what they hold."""
        outcome = OUT_DIED if how == DIED else OUT_MOVED
        mine = [contact for contact in self.people.get(person, []) if contact.status != FREE]
        for contact in mine:
            if contact.status == SUSPENDED:
                contact.status = STAYING  # nobody who leaves rejoins a list
        for contact in mine:
            if contact.status == SCHEDULED:  # a need that would have arisen later never was one
                contact.status, contact.service = FREE, -1
                continue
            if contact.status == WAITING:
                self.leave_list(contact)
                self.write(contact, how, outcome)
                contact.ordinal += 1
            elif contact.status == IN_SERVICE:
                self.write(contact, how, outcome, contact.started)
                contact.ordinal += 1
                contact.status = FREE
                self.free(contact, self.places[contact.service])
            contact.status = FREE
            if contact.held >= 0:
                self.release(contact)
            self.end(contact, outcome)

    def write(self, contact: Contact, how: int, outcome: int, started: int = -1) -> None:
        """Write the record of the contact that waits or is in service."""
        self.record(
            contact, contact.service, contact.ordinal, how, outcome, contact.priority, contact.joined, started, -1
        )  # fmt: skip

    def record(
        self, contact: Contact, service: int, ordinal: int, how: int, outcome: int, priority: int,
        joined: int, started: int, finished: int,
    ) -> None:  # fmt: skip
        """Write one record of the log (records.LOG)."""
        now = int(self.env.now)
        acuity = int(self.rows[contact.index]["acuity"])
        finished = now if how == ENDED else finished
        self.log.append(
            (contact.need, contact.person_key, contact.person, service, ordinal, contact.need_type, how, outcome,
             priority, acuity, joined, started, finished, now)
        )  # fmt: skip

    def store(self, state: State, until: int) -> None:
        """Write everything back to the columns of ``state``."""
        for contact in self.contacts:
            contact.store(self.rows[contact.index])
        for place, column in zip(self.places, state.services, strict=True):
            place.touch(until)
            column["waiting"], column["inside"], column["starts"] = place.waiting, place.inside, place.starts
            column["waiting_area_s"], column["inside_area_s"] = place.area_waiting, place.area_inside
            column["changed"] = until
        for pool, column in zip(self.pools, state.pools, strict=True):
            pool.touch(until)
            column["capacity"], column["busy"], column["changed"] = pool.capacity, pool.busy, until
            column["busy_area_s"], column["capacity_area_s"] = pool.area_busy, pool.area_capacity
            column["over_area_s"] = pool.area_over


def advance(state: State, until: int) -> np.ndarray:
    """Move ``state`` to second ``until`` and return the log (records.LOG) of contacts closed on the way.

    Raises RuntimeError when the pathway asks for something impossible (an unknown service, a hold downwards,
    an episode that goes in circles for ever).
    """
    month = Month(state)
    month.env.run(until=until)
    month.store(state, until)
    state.now = until
    state.rows = open_rows(state.rows)
    return in_log_order(np.array(month.log, LOG))
