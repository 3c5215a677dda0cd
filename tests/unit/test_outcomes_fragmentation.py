"""Continuity over a year: the indices of a person whose contacts can be counted by hand."""

from __future__ import annotations

import numpy as np

from sim import codes
from sim.engines.records import LOG, SERVICE
from sim.outcomes.fragmentation import COLUMNS, YearOfCare, fragmentation_frame, fragmentation_of
from sim.outcomes.frames import Label, Names
from tests.unit.test_outcomes_reducer import communities, people

KINDS = (codes.GP, codes.COMMUNITY, codes.ED)


def year_of(contacts: tuple[tuple[int, int], ...], own: int) -> tuple[YearOfCare, np.ndarray]:
    """Return a year with ``contacts`` (person, service) and ``own`` contacts of person 0 with their own clinician."""
    services = np.zeros(len(KINDS), SERVICE)
    services["kind"] = KINDS
    log = np.zeros(len(contacts), LOG)
    log["person"], log["service"] = np.array(contacts).T
    persons = people()
    persons["m_own"][0] = own
    year = YearOfCare()
    year.add(log, services, persons)
    return year, persons


def found(year: YearOfCare, persons: np.ndarray) -> dict[str, int]:
    sums = fragmentation_of(year, persons, communities(), 2, 0)
    return dict(zip(COLUMNS, sums.sum(axis=(0, 1, 2)).tolist(), strict=True))


def test_indices_follow_their_definitions() -> None:
    year, persons = year_of(((0, 0), (0, 0), (0, 0), (0, 1), (0, 2)), own=2)
    sums = found(year, persons)  # 4 contacts: 2 with the own clinician, 1 with another, 1 with a nurse; ED is none
    assert (sums["people"], sums["people_indexed"], sums["contacts"], sums["providers"]) == (3, 1, 4, 3)
    assert sums["bice_boxerman_thousandths"] == round(1000 * (4 + 1 + 1 - 4) / (4 * 3))
    assert sums["usual_provider_thousandths"] == 500
    assert (sums["gp_contacts"], sums["gp_own_contacts"]) == (3, 2)


def test_two_contacts_say_nothing_of_continuity() -> None:
    sums = found(*year_of(((0, 0), (0, 1)), own=0))
    assert (sums["contacts"], sums["people_indexed"], sums["bice_boxerman_thousandths"]) == (2, 0, 0)


def test_people_who_come_during_the_year_are_added() -> None:
    year, persons = year_of(((0, 0),), own=0)
    more = np.concatenate([persons, persons[:1]])
    services = np.zeros(1, SERVICE)
    log = np.zeros(1, LOG)
    log["person"] = 3
    year.add(log, services, more)
    assert year.counts[3, codes.GP] == 1
    assert year.months == 2


def test_the_table_names_year_and_place() -> None:
    year, persons = year_of(((0, 0),), own=0)
    sums = fragmentation_of(year, persons, communities(), 2, 0)
    frame = fragmentation_frame([(0, 12, sums)], Names(("North", "South"), ()), Label("a", 0, 0))
    assert frame["neighbourhood"].tolist() == ["North", "South"]
    assert frame["people"].tolist() == [2, 1]
    assert frame["year"].tolist() == [0, 0]
