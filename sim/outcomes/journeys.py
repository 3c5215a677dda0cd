"""Journeys within an episode: changes of service, and stories told again to a service that is new to the episode."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.codes import FREE, SERVED, SERVICE_KINDS
from sim.outcomes.contacts import Contacts, by_need_and_step, pick, same_as_before
from sim.outcomes.events import Event, Events

NO_SERVICE = -1


@dataclass(frozen=True)
class Journeys:
    """Residents' episodes still open that have been served: need (uint64, sorted), services seen, the last of them.

    ``seen``: int64 mask, bit k for a kind of service (codes.GP ...).
    """

    need: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))
    seen: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    kind: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, needs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (seen, kind) of each of ``needs``: 0 and NO_SERVICE for an episode not served so far."""
        if len(self.need) == 0:
            return np.zeros(len(needs), np.int64), np.full(len(needs), NO_SERVICE, np.int64)
        at = np.minimum(np.searchsorted(self.need, needs), len(self.need) - 1)
        found = self.need[at] == needs
        return np.where(found, self.seen[at], 0), np.where(found, self.kind[at], NO_SERVICE)


def fold_journeys(
    contacts: Contacts, kinds: np.ndarray, known: Journeys, ends: np.ndarray, open_rows: np.ndarray
) -> tuple[Events, Journeys]:
    """Return episodes that ended after being served, changes of service and stories repeated; and what goes on.

    ``contacts``: residents' of the month. ``ends``: records.LOG of ends of episodes in the month.
    """
    served = pick(contacts, contacts.how == SERVED)
    order = by_need_and_step(served.need, served.ordinal.astype(np.int64))
    need, person, kind = served.need[order], served.person[order], kinds[served.service][order]
    same = same_as_before(need)
    seen, last = known.of(need)
    before = np.where(same, np.roll(kind, 1), last)
    changed = (before != NO_SERVICE) & (kind != before)
    again = (before != NO_SERVICE) & first_in_month(same, kind) & ((seen >> kind) & 1 == 0)
    after = together(need, same, seen, kind, known)
    residents = ends[ends["person"] >= 0]
    was_seen = after.of(residents["need"])[1] != NO_SERVICE
    events = {
        "episodes": Event(residents["person"][was_seen]),
        "service_changes": Event(person[changed]),
        "stories_repeated": Event(person[again]),
    }
    still = np.unique(open_rows["need"][open_rows["status"] != FREE])
    seen, last = after.of(still)
    kept = last != NO_SERVICE
    return events, Journeys(still[kept], seen[kept], last[kept])


def first_in_month(same: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return whether each contact is its need's first of the month with that kind (contacts in order of need)."""
    episode = np.cumsum(~same)
    first = np.zeros(len(kind), bool)
    key = episode * SERVICE_KINDS + kind
    order = np.argsort(key, kind="stable")
    first[order[~same_as_before(key[order])]] = True
    return first


def together(need: np.ndarray, same: np.ndarray, seen: np.ndarray, kind: np.ndarray, known: Journeys) -> Journeys:
    """Return the known journeys with the month's contacts (in order of need) added."""
    if len(need) == 0:
        return known
    starts = np.flatnonzero(~same)
    mask = np.bitwise_or.reduceat(np.int64(1) << kind, starts) | seen[starts]
    last = kind[np.append(starts[1:], len(kind)) - 1]
    here = need[starts]
    at = np.minimum(np.searchsorted(here, known.need), len(here) - 1)
    untouched = here[at] != known.need
    needs = np.concatenate([known.need[untouched], here])
    order = np.argsort(needs)
    return Journeys(
        needs[order],
        np.concatenate([known.seen[untouched], mask])[order],
        np.concatenate([known.kind[untouched], last])[order],
    )
