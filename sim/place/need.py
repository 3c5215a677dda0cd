"""What residents of an age, sex and quintile need, which staff and home care are shared out by."""

from __future__ import annotations

import numpy as np

from scenarios.place_schema import AGE_LOWER_YEARS
from scenarios.registry.reader import Registry
from sim.place.life import shares_below
from sim.place.rates import Rates


def england_weights(registry: Registry) -> np.ndarray:
    """Return England's population shares by age band and national quintile: (20, 5), sum 1."""
    table = registry.table("england_population")
    grid = table.pivot(index="age_from", columns="national_quintile", values="persons")
    counts = grid.loc[list(AGE_LOWER_YEARS)].to_numpy(dtype=float)
    return counts / counts.sum()


def need_per_person(rates: Rates) -> np.ndarray:
    """Return a person's need by age band, sex and quintile: (20, 2, 5).

    Expected number of conditions + expected frailty category (0 to 3), both from the model's own prevalences.
    """
    conditions = shares_below(rates.liability[0]).sum(axis=0)
    return conditions + shares_below(rates.frailty).sum(axis=0)[:, None, :]


def needs_index(rates: Rates, counts: np.ndarray, teams: int) -> np.ndarray:
    """Return need per resident of each neighbourhood over the place's mean: (teams,). ``counts``: (c, 20, 2)."""
    by_community = need_by_community(rates, counts)
    people = np.bincount(rates.neighbourhood, weights=counts.sum(axis=(1, 2)), minlength=teams)
    per_head = np.bincount(rates.neighbourhood, weights=by_community, minlength=teams) / np.maximum(people, 1.0)
    return per_head / (by_community.sum() / counts.sum())


def need_over_england(rates: Rates, counts: np.ndarray, weights: np.ndarray) -> float:
    """Return the place's need per resident over England's. counts: (c, 20, 2); weights: as of ``england_weights``."""
    england = float((need_per_person(rates).mean(axis=1) * weights).sum())
    return float(need_by_community(rates, counts).sum() / counts.sum()) / england


def need_by_community(rates: Rates, counts: np.ndarray) -> np.ndarray:
    """Return the need of all residents of each community: (c,)."""
    need = need_per_person(rates)
    return np.array([(counts[c] * need[:, :, q]).sum() for c, q in enumerate(rates.quintile)])
