"""How scattered each person's care is over a year: by how many providers, and how much of it by the usual one.

A provider is a kind of staffed service outside the ambulance and telephone services; general practice is two: the
person's own clinician, and anyone else there. Indices are those of continuity research: with n contacts, n_j of them
with provider j, the Bice-Boxerman index is (sum of n_j squared - n) / (n (n - 1)), 1 if all are with one provider; the
usual provider index is the largest n_j / n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.codes import AMBULANCE, CALL_111, GP, PANEL_AGE_NAMES, PRESENT, SERVED, SERVICE_KINDS, STAFFED_KINDS
from sim.jit import jit
from sim.outcomes.contacts import count_by, total_by
from sim.outcomes.frames import Label, Names, labelled, named
from sim.outcomes.panel import AGE_BANDS, QUINTILES, bands_of

if TYPE_CHECKING:
    import pandas as pd

OWN_GP = SERVICE_KINDS  # the column of contacts with the person's own clinician in general practice
PROVIDERS = SERVICE_KINDS + 1
COUNTED = tuple(kind for kind in STAFFED_KINDS if kind not in (AMBULANCE, CALL_111))
NOT_COUNTED = -1
FEWEST = 3  # contacts in a year below which an index says nothing: the usual rule of continuity research
THOUSAND = 1_000
COLUMNS = (
    "people",
    "people_indexed",
    "contacts",
    "providers",
    "bice_boxerman_thousandths",
    "usual_provider_thousandths",
    "gp_contacts",
    "gp_own_contacts",
)


@dataclass
class YearOfCare:
    """Contacts of each person with each provider so far this year, int16 [person, PROVIDERS]."""

    months: int = 0
    counts: np.ndarray = field(default_factory=lambda: np.zeros((0, PROVIDERS), np.int16))

    def add(
        self, log: np.ndarray, services: np.ndarray, people: np.ndarray, moved_in: np.ndarray | None = None
    ) -> None:
        """Add one month's log (records.LOG); ``people`` with the month's counters still in them (``m_own``).

        moved_in: rows of people new this month, whose counts begin.
        """
        grown = len(people) - len(self.counts)
        if grown > 0:
            self.counts = np.concatenate([self.counts, np.zeros((grown, PROVIDERS), np.int16)])
        if moved_in is not None:
            self.counts[moved_in] = 0
        kinds = services["kind"].astype(np.int64)
        add_contacts(self.counts, log, np.where(np.isin(kinds, COUNTED), kinds, NOT_COUNTED))
        count_own(self.counts, people)
        self.months += 1


@jit
def add_contacts(counts: np.ndarray, log: np.ndarray, provider: np.ndarray) -> int:
    """Add residents' contacts served to ``counts``, and return how many; provider: int64[service], or NOT_COUNTED."""
    added = 0
    for k in range(len(log)):
        one = log[k]
        if one["service"] >= 0 and one["person"] >= 0 and one["how"] == SERVED:
            column = provider[one["service"]]
            if column != NOT_COUNTED:
                counts[one["person"], column] += 1
                added += 1
    return added


@jit
def count_own(counts: np.ndarray, people: np.ndarray) -> int:
    """Tell contacts with the person's own clinician from others in general practice; return how many they were."""
    moved = 0
    for i in range(len(people)):
        own = min(int(people[i]["m_own"]), int(counts[i, GP]))
        counts[i, OWN_GP] += own
        counts[i, GP] -= own
        moved += own
    return moved


def fragmentation_of(
    year: YearOfCare, people: np.ndarray, communities: np.ndarray, neighbourhoods: int, now_s: int
) -> np.ndarray:
    """Return sums over those present now, int64 [neighbourhood, quintile, age band, COLUMNS].

    Indices, of people with FEWEST contacts or more, are rounded to thousandths each: divide by ``people_indexed``.
    """
    here = np.flatnonzero(people["presence"] == PRESENT)
    counts = year.counts[here].astype(np.int64)
    contacts = counts.sum(axis=1)
    indexed = contacts >= FEWEST
    pairs = np.where(indexed, contacts * (contacts - 1), 1)
    bice = np.where(indexed, (np.square(counts).sum(axis=1) - contacts) / pairs, 0.0)
    usual = np.where(indexed, counts.max(axis=1, initial=0) / np.maximum(contacts, 1), 0.0)
    quintile = communities["local_quintile"].astype(np.int64)[people["community"][here]] - 1
    place = people["neighbourhood"][here].astype(np.int64) * QUINTILES + quintile
    cell = place * AGE_BANDS + bands_of(people[here], now_s)
    size = neighbourhoods * QUINTILES * AGE_BANDS
    amounts = (
        indexed,
        contacts,
        (counts > 0).sum(axis=1),
        np.rint(bice * THOUSAND),
        np.rint(usual * THOUSAND),
        counts[:, GP] + counts[:, OWN_GP],
        counts[:, OWN_GP],
    )
    columns = [count_by(cell, size), *(total_by(cell, amount.astype(np.int64), size) for amount in amounts)]
    return np.stack(columns, axis=-1).reshape(neighbourhoods, QUINTILES, AGE_BANDS, len(COLUMNS))


def fragmentation_frame(years: Sequence[tuple[int, int, np.ndarray]], names: Names, label: Label) -> pd.DataFrame:
    """Return the yearly table: year (0 from go-live), months in it, neighbourhood, quintile, age_band, COLUMNS.

    ``years``: (year, months, sums of ``fragmentation_of``) each.
    """
    import pandas as pd

    axes = {"neighbourhood": names.neighbourhoods, "quintile": (1, 2, 3, 4, 5), "age_band": PANEL_AGE_NAMES}
    frames = []
    for year, months, counts in years:
        where = np.nonzero(counts.any(axis=-1))
        columns = {"year": np.full(len(where[0]), year, np.int64), "months": np.full(len(where[0]), months, np.int64)}
        columns |= {name: named(labels, index) for (name, labels), index in zip(axes.items(), where, strict=True)}
        frames.append(pd.DataFrame(columns | {name: counts[where][:, i] for i, name in enumerate(COLUMNS)}))
    return labelled(frames, label, ["year", "months", *axes, *COLUMNS])
