"""What the agents must remember beside the columns of teams, communities and hospitals: today's level of each.

The columns say how things are this month; these say what they are measured against. They travel with the state of a
run: saved, loaded and copied for each arm with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

KM_PER_DEGREE = 111.195  # of latitude: a geometric constant (mean Earth radius 6,371 km)
RADIANS_PER_DEGREE = 0.017453292519943295
GROUP_TEAM = "group"  # the id of the INT that serves a group wherever it lives
NO_NEWS = -1.0  # a share not yet observed

TEAM_BASE = np.dtype(
    [
        ("key", "u8"),  # hash of the neighbourhood's id: what staff draws are keyed by
        ("registered", "i8"),  # at the start: what doses and added posts per 10,000 are counted by
        ("bad_usual", "f8"),  # share of bad experiences residents have come to expect; NO_NEWS at first
    ],
    align=True,
)
COMMUNITY_BASE = np.dtype(
    [
        ("trust", "f8"),  # mean trust at the start; NO_NEWS until first seen
        ("assets", "f8"),
        ("doors", "i8"),  # households on the outreach workers' lists, as at the start; -1: not listed
        ("outreach", "f8"),  # reach x effect of usual care's outreach, as last seen in burn-in
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
    closeness: np.ndarray
    means: PlaceMeans

    def copy(self) -> Base:
        """Return an independent copy: the memory of another arm."""
        arrays = self.teams.copy(), self.communities.copy(), self.supply.copy(), self.posts.copy()
        return Base(*arrays, self.closeness, self.means)


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
    teams: np.ndarray, communities: np.ndarray, supply: np.ndarray, ids: Sequence[str], closeness: np.ndarray
) -> Base:
    """Return the memory of agents who start from these columns (TEAM, COMMUNITY) and ``supply`` as usual care.

    ids: the neighbourhoods' ids. closeness: see ``closeness_by_distance``.
    """
    own = np.zeros(len(teams), TEAM_BASE)
    own["key"] = [text_key(name) for name in (*ids, GROUP_TEAM)]
    own["registered"] = teams["registered"]
    own["bad_usual"] = NO_NEWS
    around = np.zeros(len(communities), COMMUNITY_BASE)
    around["trust"] = NO_NEWS
    around["assets"] = communities["assets"]
    around["doors"] = -1
    return Base(own, around, supply.copy(), supply.copy(), closeness, place_means(teams, supply))


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
