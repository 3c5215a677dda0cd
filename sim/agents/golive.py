"""Where a design goes live, and when: one neighbourhood after another, in the order asked for, where it is meant."""

from __future__ import annotations

import numpy as np

from scenarios.schema import IntDesign
from sim.agents.dose import Plans, plans_at

DECILES = 10  # national, 1 the most deprived


def urgency(stagger_by: str, teams: np.ndarray, communities: np.ndarray) -> np.ndarray:
    """Return what neighbourhoods start by, the highest first, float64[team].

    ``stagger_by``: 'need', their needs index; 'deprivation', how deprived their residents are on average (11 less the
    national decile, 1 most deprived; 0 without residents); 'listed', nothing, so that they start as the file has them.
    """
    if stagger_by == "need":
        return teams["needs_index"].astype(float)
    found = np.zeros(len(teams))
    if stagger_by == "deprivation":
        where = communities["neighbourhood"].astype(np.int64)
        heads = communities["residents"].astype(float)
        all_of = np.bincount(where, weights=heads, minlength=len(teams))
        sums = np.bincount(where, weights=heads * (DECILES + 1 - communities["imd_decile"]), minlength=len(teams))
        np.divide(sums, all_of, out=found, where=all_of > 0)
    return found


def delays(urgent: np.ndarray, stagger_months: int) -> np.ndarray:
    """Return the months by which each neighbourhood follows the first, int64: most urgent first (ties in file order).

    The last row, the INT of a group, begins with the first.
    """
    order = np.argsort(-urgent[:-1], kind="stable")
    late = np.zeros(len(urgent), np.int64)
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
    usual: IntDesign, design: IntDesign, since_parting: int, ramp_months: float, urgent: np.ndarray
) -> list[Plans]:
    """Return each INT's plans: usual care wherever the design is for a group alone and this is not it (and without).

    ``urgent``: what neighbourhoods start by (``urgency``), float64[team].
    """
    group = design.geography.group
    late = delays(urgent, design.transition.stagger_months)
    found = []
    for row, delay in enumerate(late):
        own = row == len(late) - 1
        meant = group.by != "none" if own else group.by == "none" or not group.only
        found.append(plans_at(usual, design if meant else usual, since_parting, ramp_months, int(delay)))
    return found
