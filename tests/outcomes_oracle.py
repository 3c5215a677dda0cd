"""The sums of a closed month made column by column in NumPy: what the compiled pass must give."""

from __future__ import annotations

import numpy as np

from sim.outcomes.by_events import (
    composition_of,
    ends_of,
    events_of,
    known_of,
    needs_of,
    panel_of,
    tally,
)
from sim.outcomes.composition import mortality_of
from sim.outcomes.contacts import contacts_of, inside_s, pick, total_by, waited_s
from sim.outcomes.events import by_kind
from sim.outcomes.flows import fold_flows
from sim.outcomes.journeys import fold_journeys
from sim.outcomes.panel import cells_of
from sim.outcomes.reducer import ClosedMonth, Memory, MonthOutcomes, when_gone
from sim.outcomes.spells import fold_spells
from sim.outcomes.stocks import stocks_of
from sim.outcomes.waits import fold_waits


def differences(
    found: MonthOutcomes,
    month: ClosedMonth,
    people: np.ndarray,
    communities: np.ndarray,
    services: np.ndarray,
    teams: int,
    memory: Memory,
) -> list[str]:
    """Return which sums of ``found`` are not those of the month."""
    start_s, end_s = month.start_s, month.end_s
    contacts = contacts_of(month.log, month.open_rows, start_s, end_s)
    residents = pick(contacts, contacts.person >= 0)
    events = events_of(month, people, services, memory)
    cells, width = cells_of(people, communities, start_s), len(services)
    kinds = services["kind"].astype(np.int64)
    flows, last = fold_flows(month.log, month.open_rows, kinds, known_of(memory).last, start_s, end_s)
    expected = {
        "panel": panel_of(events, cells, teams - 1),
        "tallies": tally(events, residents, people, teams),
        "waiting_s": total_by(contacts.service, waited_s(contacts, start_s, end_s), width),
        "inside_s": total_by(contacts.service, inside_s(contacts, start_s, end_s), width),
        "flows": flows,
        "needs": needs_of(events, people, communities, teams - 1),
        "stocks": stocks_of(people, when_gone(month, people) >= end_s, cells, teams - 1),
        "composition": composition_of(events, people, communities),
        "mortality": mortality_of(people, communities, events, start_s),
    }
    wrong = [name for name, value in expected.items() if not np.array_equal(getattr(found, name), value)]
    waits = fold_waits(contacts, width, start_s, end_s)
    wrong += [f"waits.{name}" for name, value in waits._asdict().items() if (getattr(found.waits, name) != value).any()]
    for name, event in (("attended", "ed_attendances"), ("admitted", "emergency_admissions")):
        if sorted(getattr(found, name)) != sorted(events[event].person):
            wrong.append(name)
    return wrong + memory_differences(found.memory, month, residents, kinds, memory, last)


def memory_differences(found, month, residents, kinds, memory, last) -> list[str]:  # type: ignore[no-untyped-def]
    """Return which parts of what goes on are not those of the month."""
    known = known_of(found)
    before = known_of(memory)
    of_kind = by_kind(residents, kinds)
    _, spells, admitted = fold_spells(of_kind, before.spells, before.admitted, month.start_s, month.end_s)
    _, journeys = fold_journeys(residents, kinds, before.journeys, ends_of(month), month.open_rows)
    admitted = np.intersect1d(admitted, month.open_rows["need"])
    pairs = {
        "admitted": (known.admitted, admitted),
        "last": (known.last.need, last.need),
        "last.node": (known.last.node, last.node),
        "spells": (known.spells.need, spells.need),
        "spells.began_s": (known.spells.began_s, spells.began_s),
        "spells.until_s": (known.spells.until_s, spells.until_s),
        "journeys": (known.journeys.need, journeys.need),
        "journeys.seen": (known.journeys.seen, journeys.seen),
        "journeys.kind": (known.journeys.kind, journeys.kind),
    }
    return [f"memory.{name}" for name, (one, other) in pairs.items() if not np.array_equal(one, other)]
