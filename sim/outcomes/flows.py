"""Flow through the tiers: how residents went from one contact of an episode to the next, and how episodes ended."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.codes import (
    FREE,
    OUT_DIED,
    OUT_DISCHARGED,
    OUT_LOST,
    OUT_MOVED,
    OUT_UNMET,
    OUTCOME_NAMES,
    RENEGED,
    SERVICE_NAMES,
)
from sim.outcomes.contacts import by_need_and_step, count_by

Flows = np.ndarray  # int64 [source, target] over NODES

NAMES_OF_ENDS = {OUT_UNMET: "unmet", OUT_LOST: "unmet", OUT_DIED: "died", OUT_MOVED: "moved", OUT_DISCHARGED: "home"}
END_OF_OUTCOME = tuple(NAMES_OF_ENDS.get(code, name) for code, name in enumerate(OUTCOME_NAMES))
ENDS = tuple(dict.fromkeys(END_OF_OUTCOME))
NODES = ("need", *SERVICE_NAMES, *ENDS)
NODE_OF_OUTCOME = np.array([1 + len(SERVICE_NAMES) + ENDS.index(name) for name in END_OF_OUTCOME])
FROM_NEED = 0
AFTER_ALL = 2**16 - 1  # the end of an episode comes after its contacts, whose ordinals are below 2**15


@dataclass(frozen=True)
class LastContacts:
    """The last contact of each episode still open: ``need`` (uint64, sorted) and its ``node``, an index of NODES."""

    need: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))
    node: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, needs: np.ndarray) -> np.ndarray:
        """Return the last node of each of ``needs``, FROM_NEED for an episode without a contact so far."""
        if len(self.need) == 0:
            return np.full(len(needs), FROM_NEED, np.int64)
        at = np.minimum(np.searchsorted(self.need, needs), len(self.need) - 1)
        return np.where(self.need[at] == needs, self.node[at], FROM_NEED)


def fold_flows(
    log: np.ndarray, open_rows: np.ndarray, kinds: np.ndarray, last: LastContacts, start_s: int, end_s: int
) -> tuple[Flows, LastContacts]:
    """Return the month's transitions of residents, counts [source, target] over NODES, and what to carry on.

    A transition counts when the later contact closes in [start_s, end_s). Contacts that never started count only when
    the person gave up waiting: a missed call, or a list left by death or moving, is no step of the journey.
    ``kinds``: the kind of each service; ``last``: carried from the month before.
    """
    wanted = (log["person"] >= 0) & (log["left"] >= start_s) & (log["left"] < end_s)
    wanted &= (log["service"] < 0) | (log["started"] >= 0) | (log["how"] == RENEGED)
    need, service, ordinal, outcome = (log[name][wanted] for name in ("need", "service", "ordinal", "outcome"))
    order = by_need_and_step(need, np.where(service < 0, AFTER_ALL, ordinal.astype(np.int64)))
    need, service, outcome = need[order], service[order], outcome[order]
    is_end = service < 0
    target = np.where(is_end, NODE_OF_OUTCOME[outcome], 1 + kinds[service])
    source = last.of(need)
    same = np.zeros(len(need), bool)
    same[1:] = need[1:] == need[:-1]
    source[same] = target[:-1][same[1:]]
    size = len(NODES)
    flows = count_by(source * size + target, size * size).reshape(size, size)
    return flows, carried(need[~is_end], target[~is_end], last, open_rows)


def carried(needs: np.ndarray, nodes: np.ndarray, last: LastContacts, open_rows: np.ndarray) -> LastContacts:
    """Return the last node of every resident's episode still open; ``needs`` sorted, an episode's steps in order."""
    rows = open_rows[(open_rows["status"] != FREE) & (open_rows["person"] >= 0)]
    still = np.unique(rows["need"])
    node = last.of(still)
    if len(needs):
        at = np.searchsorted(needs, still, side="right") - 1
        node = np.where((at >= 0) & (needs[at] == still), nodes[at], node)
    kept = node != FROM_NEED
    return LastContacts(need=still[kept], node=node[kept])
