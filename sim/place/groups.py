"""Which INT serves each resident: their neighbourhood's, a merged one's, their practice's, or that of a group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scenarios.errors import InputError, nearest
from scenarios.schema.modules.geography import Geography, Group
from sim import codes
from sim.jit import jit
from sim.place import purposes
from sim.rules.keys import uniform
from sim.rules.stages import DAYS_PER_YEAR

NOBODY, LANGUAGE, CONDITION, INCLUSION, CARE_HOME, AGE = range(6)
BY = {"none": NOBODY, "language": LANGUAGE, "condition": CONDITION, "inclusion": INCLUSION, "care_home": CARE_HOME}
BY["age"] = AGE
NAMES = {
    LANGUAGE: codes.LANGUAGE_NAMES,
    CONDITION: codes.CONDITION_NAMES,
    INCLUSION: codes.INCLUSION_NAMES,
    CARE_HOME: codes.CARE_HOME_NAMES,
}
ANY = -1  # any value but the first: every inclusion group, every care home


class Membership(NamedTuple):
    """A design's rule of who is served by whom, in numbers."""

    by: int  # NOBODY, LANGUAGE, ...
    value: int  # position of the name, or ANY
    age_from: float
    age_to: float
    share: float  # of the group that joins
    merge: int  # this many neighbourhoods, in file order, share one INT
    elsewhere: float  # share registered with the neighbouring neighbourhood's practice; 0: served by residence


def membership(geography: Geography, values: dict[str, float]) -> Membership:
    """Return the rule of a design's ``geography``. Raises InputError for a value that is no such group."""
    group = geography.group
    if group.by == "none" and geography.merge_neighbourhoods == 1 and geography.served_by == "residence":
        return USUAL
    return Membership(
        by=BY[group.by],
        value=value_of(group),
        age_from=float(group.age_from),
        age_to=float(group.age_to),
        share=group.share,
        merge=geography.merge_neighbourhoods,
        elsewhere=values["registered_elsewhere_share"] if geography.served_by == "registration" else 0.0,
    )


def value_of(group: Group) -> int:
    """Return the position of the group's value among its names; ANY where it is left empty or 'any'.

    Raises InputError for a name that the group does not have.
    """
    by = BY[group.by]
    if by not in NAMES:
        return 0
    names = NAMES[by]
    if group.value in ("", "any") and by in (INCLUSION, CARE_HOME):
        return ANY
    if group.value not in names:
        problem = f"no such {group.by} '{group.value}': {nearest(group.value, names)}"
        raise InputError("int.geography.group.value", problem)
    return names.index(group.value)


USUAL = Membership(NOBODY, 0, 0.0, 0.0, 0.0, 1, 0.0)


def neighbours(
    lat: np.ndarray, lon: np.ndarray, neighbourhood: np.ndarray, people: np.ndarray, size: int
) -> np.ndarray:
    """Return the nearest other neighbourhood of each, by the middle of its residents: int64 (size,).

    Degrees by community. With a single neighbourhood each is its own neighbour.
    """
    heads = np.maximum(np.bincount(neighbourhood, weights=people, minlength=size), 1e-9)
    north = np.bincount(neighbourhood, weights=people * lat, minlength=size) / heads
    east = np.bincount(neighbourhood, weights=people * lon, minlength=size) / heads
    narrow = np.cos(np.radians(lat.mean()))
    apart = (north[:, None] - north) ** 2 + ((east[:, None] - east) * narrow) ** 2
    np.fill_diagonal(apart, np.inf)
    return np.where(size > 1, apart.argmin(axis=1), np.arange(size)).astype(np.int64)


def set_teams(people: np.ndarray, rule: Membership, near: np.ndarray, seed: int, today: int) -> None:
    """Write ``team`` of everyone in ``people`` (columns.PERSON) at day ``today``.

    The last row of TEAM (its number is the length of ``near``) for members of the rule's group; everyone else their
    neighbourhood's, or their practice's, and of merged neighbourhoods the first. ``near``: each neighbourhood's
    neighbour. ``seed`` is the population's: who joins and who is registered elsewhere never changes.
    """
    if rule == USUAL:
        people["team"] = people["neighbourhood"]
        return
    fill_teams(people, rule, near, np.uint64(seed), today)  # type: ignore[arg-type]


@jit
def fill_teams(people: np.ndarray, rule: Membership, near: np.ndarray, seed: int, today: int) -> None:
    """Do what ``set_teams`` says, person by person."""
    for i in range(len(people)):
        key = people[i]["key"]
        team = int(people[i]["neighbourhood"])
        if rule.elsewhere > 0.0 and uniform(seed, key, purposes.REGISTERED_ELSEWHERE, 0) < rule.elsewhere:
            team = int(near[team])
        team = team // rule.merge * rule.merge
        if is_member(people, i, rule, today) and uniform(seed, key, purposes.GROUP_MEMBER, 0) < rule.share:
            team = len(near)
        people[i]["team"] = team


@jit
def is_member(people: np.ndarray, i: int, rule: Membership, today: int) -> bool:
    """Return whether a person is in the group of the rule."""
    member = False
    if rule.by == LANGUAGE:
        member = bool(people[i]["language"] == rule.value)
    elif rule.by == CONDITION:
        member = ((int(people[i]["known"]) >> rule.value) & 1) == 1
    elif rule.by == INCLUSION:
        group = int(people[i]["inclusion"])
        member = group > 0 if rule.value == ANY else group == rule.value
    elif rule.by == CARE_HOME:
        home = int(people[i]["care_home"])
        member = home > 0 if rule.value == ANY else home == rule.value
    elif rule.by == AGE:
        age = (today - int(people[i]["birth_day"])) / DAYS_PER_YEAR
        member = rule.age_from <= age < rule.age_to
    return member
