"""Where a design goes live, and when: one neighbourhood after another, most needy first, and only where it is meant."""

from __future__ import annotations

import numpy as np

from scenarios.schema import IntDesign
from sim.agents.dose import Plans, plans_at


def delays(needs_index: np.ndarray, stagger_months: int) -> np.ndarray:
    """Return the months by which each neighbourhood follows the first, int64: most needy first (ties in file order).

    The last row, the INT of a group, begins with the first.
    """
    order = np.argsort(-needs_index[:-1], kind="stable")
    late = np.zeros(len(needs_index), np.int64)
    late[order] = np.arange(len(order)) * stagger_months
    return late


def outside(design: IntDesign, codes_of: np.ndarray, live: bool, communities: int) -> np.ndarray:
    """Return 1 for every community that the live design is not for, int8[community].

    ``codes_of``: the communities' codes (empty: unknown, so that none can be named).
    """
    listed = design.geography.communities
    if not listed or not live or len(codes_of) == 0:
        return np.zeros(communities, np.int8)
    return (~np.isin(codes_of, listed)).astype(np.int8)


def design_share(communities: np.ndarray, rows: int) -> np.ndarray:
    """Return the share of each neighbourhood's residents whose community the design is for, float64[team].

    1 for a neighbourhood without residents, and for the INT of a group (the last row).
    """
    where = communities["neighbourhood"].astype(np.int64)
    all_of = np.bincount(where, weights=communities["residents"], minlength=rows)
    out = np.bincount(where, weights=communities["residents"] * communities["outside_design"], minlength=rows)
    share = 1.0 - np.divide(out, all_of, out=np.zeros(rows), where=all_of > 0)
    share[rows - 1] = 1.0
    return share


def team_plans(
    usual: IntDesign, design: IntDesign, since_parting: int, ramp_months: float, needs_index: np.ndarray
) -> list[Plans]:
    """Return each INT's plans: usual care wherever the design is for a group alone and this is not it (and without)."""
    group = design.geography.group
    late = delays(needs_index, design.transition.stagger_months)
    found = []
    for row, delay in enumerate(late):
        own = row == len(late) - 1
        meant = group.by != "none" if own else group.by == "none" or not group.only
        found.append(plans_at(usual, design if meant else usual, since_parting, ramp_months, int(delay)))
    return found
