"""Every month of the residents' model: needs are conserved, Little's law is exact, nobody starts above capacity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.codes import (
    COMMUNITY,
    DEAD,
    ED,
    FREE,
    GP,
    IN_SERVICE,
    INT_CORE,
    LEFT,
    MISSED,
    NEVER,
    OUTREACH,
    PRESENT,
    SERVED,
)
from sim.engines.records import CHANGE
from sim.month import Happened, first_course, make_plan, run_month
from sim.outcomes.contacts import contacts_of
from sim.outcomes.little import arisen, conservation, little_check
from sim.task import ENGINES
from tests.residents import CONGESTED, EVERY_LEVER, STAFFED, Run, toy, usual_care

MONTHS = 10
CONTACTS_OF = {
    "gp_contacts": GP,
    "community_contacts": COMMUNITY,
    "core_contacts": INT_CORE,
    "outreach_contacts": OUTREACH,
}
DESIGN = with_settings(EVERY_LEVER, STAFFED)


class Watched:
    """A run with what each month left behind: its rows and its changes of capacity."""

    def __init__(self, words: tuple[str, ...], engine: str, months: int) -> None:
        world = toy(*words)
        plan = replace(make_plan(world, usual_care(world), DESIGN), reuse=False)  # who has gone keeps their row
        self.done = Run(world, first_course(world, 4))
        self.rows: list[np.ndarray] = []
        self.changes: list[np.ndarray] = []
        for _ in range(months):
            changes_before = self.done.course.state.changes
            self.done.months.append(run_month(world, self.done.course, plan, ENGINES[engine]))
            assert self.done.course.state.changes is not changes_before
            self.rows.append(self.done.course.state.rows.copy())
            self.changes.append(self.done.course.state.changes.copy())

    @property
    def months(self) -> list[Happened]:
        """Everything that happened, month by month."""
        return self.done.months


@pytest.fixture(
    scope="module",
    params=[("compiled", ()), ("compiled", CONGESTED), ("reference", CONGESTED)],
    ids=["compiled as is", "compiled congested", "reference congested"],
)
def watched(request: pytest.FixtureRequest) -> Watched:
    """Return a run with every lever."""
    engine, words = request.param
    return Watched(words, engine, MONTHS if engine == "compiled" else 3)


def test_every_need_is_in_exactly_one_place(watched: Watched) -> None:
    created, ends = np.zeros(0, np.uint64), watched.months[0].log[:0]
    for month, rows in zip(watched.months, watched.rows, strict=True):
        created = np.concatenate([created, arisen(month.created, month.closed.exits)])
        ends = np.concatenate([ends, month.log[month.log["service"] < 0]])
        found = conservation(created, ends, rows)
        assert found.holds, found
    assert found.unmet > 0
    assert found.ended > 0
    assert found.still_open > 0


def test_littles_law_is_exact_in_every_month_and_over_all_of_them(watched: Watched) -> None:
    first, last = watched.months[0].collected, watched.months[-1].collected
    for month, rows in zip(watched.months, watched.rows, strict=True):
        before, after = month.collected.services_before, month.collected.services_after
        window = month.collected.outcomes.start_s, month.collected.outcomes.end_s
        found = little_check(month.log, rows, before, after, *window)
        assert found.holds, found
    window = first.outcomes.start_s, last.outcomes.end_s
    found = little_check(watched.done.log, watched.rows[-1], first.services_before, last.services_after, *window)
    assert found.holds
    assert found.engine_waiting_s.sum() > 0


def test_nobody_starts_above_capacity(watched: Watched) -> None:
    rows, end_s = watched.rows[-1], watched.months[-1].collected.outcomes.end_s
    contacts = contacts_of(watched.done.log, rows, 0, end_s)
    changes = np.concatenate(watched.changes) if watched.changes else np.zeros(0, CHANGE)
    pool = watched.done.course.state.services["pool"][contacts.service]
    until = np.where(contacts.left == end_s, NEVER, contacts.left)
    checked = 0
    for number in range(len(watched.done.course.state.pools)):
        mine = (pool == number) & (contacts.started >= 0)
        starts, ends = np.sort(contacts.started[mine]), np.sort(until[mine])
        inside = np.searchsorted(starts, starts, "right") - np.searchsorted(ends, starts, "right")
        levels = changes[changes["pool"] == number]
        at = np.searchsorted(levels["time"], starts, "right") - 1
        assert (at >= 0).all()
        assert (inside <= levels["capacity"][at]).all()
        checked += len(starts)
    assert checked > 1_000


def test_services_and_pools_know_who_is_there(watched: Watched) -> None:
    rows, services = watched.rows[-1], watched.done.course.state.services
    inside = np.bincount(rows["service"][rows["status"] == IN_SERVICE], minlength=len(services))
    inside += np.bincount(rows["held"][rows["held"] >= 0], minlength=len(services))
    assert inside.tolist() == services["inside"].tolist()


def test_nothing_is_left_open_for_those_who_died_or_moved(watched: Watched) -> None:
    people, rows = watched.done.course.state.tables.people, watched.rows[-1]
    still = rows[(rows["status"] != FREE) & (rows["person"] >= 0)]
    assert (people["presence"][still["person"]] == PRESENT).all()
    assert np.isin(people["presence"], (DEAD, LEFT)).sum() > 0
    assert len(np.unique(people["key"])) == len(people)


def test_the_panel_and_the_log_count_the_same(watched: Watched) -> None:
    log = watched.done.log[watched.done.log["person"] >= 0]
    log = log[log["service"] >= 0]
    kind = watched.done.course.state.services["kind"][log["service"]]
    for outcome, of_kind in CONTACTS_OF.items():
        counted = ((kind == of_kind) & (log["how"] == SERVED)).sum()
        assert watched.done.totals(outcome).sum() == counted > 0, outcome
    attended = ((kind == ED) & (log["how"] != MISSED)).sum()  # who left unseen has attended
    assert watched.done.totals("ed_attendances").sum() == attended > 0
    deaths = int((watched.done.course.state.tables.people["presence"] == DEAD).sum())
    assert watched.done.totals("deaths").sum() == deaths
    births_and_arrivals = len(watched.done.course.state.tables.people) - watched.done.world.residents
    assert births_and_arrivals > 0
