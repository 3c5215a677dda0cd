"""Emergency spells: stays in an assessment unit and in beds that follow one another without going home.

A spell begins with the first stay of the chain: that is the emergency admission. It is over when its last stay is
left: that is the discharge, by which spells of zero days and of one day or more are counted (dates, as in hospital
statistics). A stay follows another directly if its place was sought before the one before it was left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.calendar import DAY_S
from sim.codes import ASSESSMENT, BED, CHILDHOOD_ACUTE, EXACERBATION, NEVER
from sim.outcomes.contacts import OPEN, Contacts, by_need_and_step, pick, same_as_before, take
from sim.outcomes.events import Event, Events

AMBULATORY_CARE_SENSITIVE = (EXACERBATION,)


@dataclass(frozen=True)
class OpenSpells:
    """Spells under way: need (uint64, sorted), when the spell began, and until when a next stay belongs to it."""

    need: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))
    began_s: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    until_s: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, needs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (began_s, until_s) of each of ``needs``: -1 where there is no spell."""
        if len(self.need) == 0:
            return np.full(len(needs), -1, np.int64), np.full(len(needs), -1, np.int64)
        at = np.minimum(np.searchsorted(self.need, needs), len(self.need) - 1)
        found = self.need[at] == needs
        return np.where(found, self.began_s[at], -1), np.where(found, self.until_s[at], -1)


def hospital_stays(of_kind: list[Contacts]) -> tuple[Contacts, np.ndarray]:
    """Return contacts with assessment units and beds, in order of need and step, and which are with units.

    Those that never started are among them: people who wait for a bed go on with a spell they are in.
    """
    units, beds = of_kind[ASSESSMENT], of_kind[BED]
    both = Contacts(*(np.concatenate(pair) for pair in zip(units, beds, strict=True)))
    order = by_need_and_step(both.need, both.ordinal.astype(np.int64))
    return take(both, order), (order < len(units.need))


def fold_spells(
    of_kind: list[Contacts], known: OpenSpells, admitted: np.ndarray, start_s: int, end_s: int
) -> tuple[Events, OpenSpells, np.ndarray]:
    """Return admissions and discharges of residents in [start_s, end_s), spells still open, and needs admitted.

    ``known``: from the month before. ``admitted``: sorted ids of open needs that have had an admission; those of this
    month are added to what is returned.
    """
    stays, is_unit = hospital_stays(of_kind)
    same = same_as_before(stays.need)
    known_began, known_until = known.of(stays.need)
    goes_on = stays.joined <= np.where(same, np.roll(stays.left, 1), known_until)
    began, is_first = beginnings(stays.started, goes_on, same, known_began)
    first = is_first & (stays.started >= start_s) & (stays.started < end_s)
    events, needs = admission_events(pick(stays, first), is_unit[first], admitted)
    last = np.ones(len(same), bool)
    last[:-1] = ~(same[1:] & goes_on[1:])
    last &= began >= 0
    over = last & (stays.how != OPEN)
    events |= discharge_events(pick(stays, over), began[over])
    still = last & (stays.how == OPEN)
    until = np.where(stays.started >= 0, NEVER, stays.joined)
    return events, OpenSpells(stays.need[still], began[still], until[still]), np.union1d(admitted, needs)


def beginnings(
    started: np.ndarray, goes_on: np.ndarray, same: np.ndarray, known_began: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return when each contact's spell began (-1: not yet), and whether the contact is the stay that began it."""
    count = len(started)
    if count == 0:
        return np.zeros(0, np.int64), np.zeros(0, bool)
    roots = np.flatnonzero(~goes_on | ~same)
    spell = np.cumsum(~goes_on | ~same) - 1
    first = np.minimum.reduceat(np.where(started >= 0, np.arange(count), count), roots)
    from_before = goes_on[roots] & (known_began[roots] >= 0)
    here = np.where(first < count, started[np.minimum(first, count - 1)], -1)
    began = np.where(from_before, known_began[roots], here)
    is_first = np.zeros(count, bool)
    is_first[first[~from_before & (first < count)]] = True
    return began[spell], is_first


def admission_events(first: Contacts, is_unit: np.ndarray, admitted: np.ndarray) -> tuple[Events, np.ndarray]:
    """Return admissions, in order of need and step, and their needs; a readmission's need was admitted before."""
    again = np.isin(first.need, admitted) | same_as_before(first.need)
    sensitive = np.isin(first.need_type, AMBULATORY_CARE_SENSITIVE)
    events = {
        "emergency_admissions": Event(first.person, None, first.need_type),
        "assessment_admissions": Event(first.person[is_unit]),
        "acsc_admissions": Event(first.person[sensitive]),
        "childhood_acute_admissions": Event(first.person[first.need_type == CHILDHOOD_ACUTE]),
        "readmissions": Event(first.person[again]),
    }
    return events, first.need


def discharge_events(gone: Contacts, began_s: np.ndarray) -> Events:
    """Return completed spells by length: dates of leaving less dates of admission."""
    nights = gone.left // DAY_S - began_s // DAY_S
    return {
        "zero_day_spells": Event(gone.person[nights == 0]),
        "longer_spells": Event(gone.person[nights > 0]),
        "spell_days": Event(gone.person, nights),
    }
