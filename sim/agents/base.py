"""What the agents must remember beside the columns of teams, communities and hospitals: today's level of each.

The columns say how things are this month; these say what they are measured against. They travel with the state of a
run: saved, loaded and copied for each arm with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.agents.ramps import MONTHS_PER_YEAR
from sim.codes import LEVERS

KM_PER_DEGREE = 111.195  # of latitude: a geometric constant (mean Earth radius 6,371 km)
RADIANS_PER_DEGREE = 0.017453292519943295
GROUP_TEAM = "group"  # the id of the INT that serves a group wherever it lives
NO_NEWS = -1.0  # a share not yet observed

TEAM_BASE = np.dtype(
    [
        ("key", "u8"),  # hash of the neighbourhood's id: what staff draws are keyed by
        ("registered", "i8"),  # at the start: what doses and added posts per 10,000 are counted by
        ("bad_usual", "f8"),  # share of bad experiences residents have come to expect; NO_NEWS at first
        ("busy_usual", "f8"),  # share of staff time in use before the arms parted; NO_NEWS at first
        ("newcomers", "f8"),  # share of staff who are new in post; NO_NEWS at first
        ("bed_days_usual", "f8"),  # residents' bed days a month before the arms parted; NO_NEWS at first
        ("bed_months", "i8"),  # months that mean is of
        ("review_aim", "f8"),  # what the last review found: measure per head against the place's mean (1: no review)
        ("review_wait", "f8"),  # months until staff move on it; below 0: nothing is decided
        ("added_share", "f8"),  # of the design's added posts per head that this team has (1: alike)
    ],
    align=True,
)
COMMUNITY_BASE = np.dtype(
    [
        ("trust", "f8"),  # mean trust at the start; NO_NEWS until first seen
        ("assets", "f8"),
        ("doors", "i8"),  # households on the outreach workers' lists, as at the start; -1: not listed
        ("outreach", "f8"),  # reach x effect of usual care's outreach, as last seen in burn-in
        ("hub_km", "f8"),  # distance to the hub before any design
    ],
    align=True,
)


class PlaceMeans(NamedTuple):
    """What needs-based allocation compares with: the whole place, also when part of it is simulated."""

    fte_per_head: np.ndarray  # float64[kind]
    needs_index: float  # mean per registered resident


class Base(NamedTuple):
    """The agents' memory. ``closeness``: float64 [community, community], rows sum to 1 (or 0: no neighbours)."""

    teams: np.ndarray  # TEAM_BASE[]
    communities: np.ndarray  # COMMUNITY_BASE[]
    supply: np.ndarray  # float64[kind, site]: staff and places at usual vacancy and absence, before any design
    posts: np.ndarray  # float64[kind, site]: the same after the integrator's moves
    moved: np.ndarray  # float64[kind, site]: FTE moved between services so far (sums to 0 at a site)
    released: np.ndarray  # float64[month of a year, team]: residents' bed days released, against before
    eligible: np.ndarray  # float64[lever, team]: at the start, people a lever that needs staff could be offered to
    closeness: np.ndarray
    codes: np.ndarray  # text[community]: their codes, by which a design names them; empty if unknown
    means: PlaceMeans

    def copy(self) -> Base:
        """Return an independent copy: the memory of another arm."""
        moving = ("teams", "communities", "supply", "posts", "moved", "released")
        return self._replace(**{name: getattr(self, name).copy() for name in moving})


def place_means(teams: np.ndarray, supply: np.ndarray) -> PlaceMeans:
    """Return staff and need per registered resident over ``teams`` (columns.TEAM) and their ``supply`` [kind, site].

    A team without registered residents is not simulated: the needs index, which is against the whole place's mean, is
    then taken to have mean 1. When all are simulated the mean is worked out, so that the pool is fixed exactly. The
    last team is a group's: it has no residents of its own.
    """
    own = teams[:-1]
    heads = max(int(own["registered"].sum()), 1)
    whole = bool((own["registered"] > 0).all())
    need = float((own["registered"] * own["needs_index"]).sum()) / heads if whole else 1.0
    return PlaceMeans(supply[:, : len(own)].sum(axis=1) / heads, need)


def build_base(
    teams: np.ndarray,
    communities: np.ndarray,
    supply: np.ndarray,
    ids: Sequence[str],
    closeness: np.ndarray,
    codes: Sequence[str] = (),
) -> Base:
    """Return the memory of agents who start from these columns (TEAM, COMMUNITY) and ``supply`` as usual care.

    ids: the neighbourhoods' ids. closeness: see ``closeness_by_distance``. codes: the communities' codes.
    """
    own = np.zeros(len(teams), TEAM_BASE)
    own["key"] = [text_key(name) for name in (*ids, GROUP_TEAM)]
    own["registered"] = teams["registered"]
    for name in ("bad_usual", "busy_usual", "newcomers", "bed_days_usual", "review_wait"):
        own[name] = NO_NEWS
    own["review_aim"] = own["added_share"] = 1.0
    around = np.zeros(len(communities), COMMUNITY_BASE)
    around["trust"] = NO_NEWS
    around["assets"] = communities["assets"]
    around["doors"] = -1
    around["hub_km"] = communities["distance_hub_km"]
    moved, released = np.zeros_like(supply), np.zeros((MONTHS_PER_YEAR, len(teams)))
    means = place_means(teams, supply)
    named = np.array(list(codes), dtype=np.str_)
    eligible = np.zeros((LEVERS, len(teams)))
    return Base(own, around, supply.copy(), supply.copy(), moved, released, eligible, closeness, named, means)


def text_key(text: str) -> int:
    """Return a 64-bit key of ``text``, the same on every machine and in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def cosine(x: float) -> float:
    """Return the cosine of ``x`` radians, |x| below 1.6, within 0.00005: plain arithmetic, the same everywhere."""
    y = x * x
    return 1.0 - y / 2.0 * (1.0 - y / 12.0 * (1.0 - y / 30.0 * (1.0 - y / 56.0)))


def closeness_by_distance(lat: np.ndarray, lon: np.ndarray, half_km: float) -> np.ndarray:
    """Return how much each community hears from each other, float64 [n, n], rows summing to 1.

    Weight 1 / (1 + (distance / half_km)^2), none to itself; lat, lon in degrees.
    """
    narrowing = cosine(float(lat.mean()) * RADIANS_PER_DEGREE) if len(lat) else 1.0
    north = (lat[:, None] - lat[None, :]) * KM_PER_DEGREE
    east = (lon[:, None] - lon[None, :]) * KM_PER_DEGREE * narrowing
    return by_row(1.0 / (1.0 + (north * north + east * east) / (half_km * half_km)))


def closeness_by_neighbourhood(neighbourhood: np.ndarray) -> np.ndarray:
    """Return how much each community hears from each other when no map is known: alike within a neighbourhood."""
    return by_row((neighbourhood[:, None] == neighbourhood[None, :]).astype(np.float64))


def by_row(weights: np.ndarray) -> np.ndarray:
    """Return ``weights`` with none to oneself and rows summing to 1 (all 0 where there is nobody else)."""
    np.fill_diagonal(weights, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
