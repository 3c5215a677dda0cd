"""Constants that are solved rather than given, so that England's pathway gives levels that are published.

Hazards hold what ED attendances of all types, admissions and practice contacts come to (sim/rules/margins.py). Where a
need is taken in between is a matter of the constants of choice, which nobody has measured, while what they come to is
counted every year. So each of these is moved, alike for all the needs that it stands for, until it is met:

- urgent treatment's share of ED attendances of all types, by how mild an emergency that no care prevents is taken there
  (minor injuries);
- calls to 111, by those of choosing 111;
- ambulance incidents that a crew attends, by those of calling 999 for a minor need or a child's: emergencies call as
  often as their own parameters say, and the calls that need no hospital are the rest;
- the share of them conveyed, by the log odds of conveyance of everything but unavoidable emergencies;
- calls closed by telephone, by the share of calls of category 3 and 4 not conveyed that advice answers.

Differences between needs, and what severity, trust, waits and distance do, stay as the registry says. Where everything
is served at once more is taken to 111 and 999 than in a run, whose residents expect waits there and have fewer needs
while they are in hospital: what is wanted is divided by the share that a run meets (``level_met_*``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.registry.reader import Registry
from sim.codes import (
    AMBULANCE,
    CALL_111,
    CHILDHOOD_ACUTE,
    ED,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    UNAVOIDABLE,
    URGENT_TREATMENT,
)
from sim.place.england import Reference
from sim.rules.margins import SOLVED_KINDS, Cells, made_fixed, meet, walked, walks
from sim.rules.maths import exp, log
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.targets import PER_1000
from sim.rules.walk import Y_CONVEYED, Y_HEARD

REPEATS = 3
STEPS_MOST = 12
CLOSE = 0.01  # relative
FURTHEST = 6.0  # a shift beyond this says that the level is out of reach
STRIDE = 1.5  # in one step
SMALL = 1e-9
LEAST, MOST = 0.02, 0.98  # shares
NEEDS = ("minor_acute", "exacerbation", "childhood_acute", "mental_health_crisis")
INJURIES = "unavoidable_treatment_below"
CALL_111_CONSTANTS = tuple(f"choice_call_111_{need}" for need in NEEDS)
MINOR_999_CONSTANTS = ("choice_ambulance_minor_acute", "choice_ambulance_childhood_acute")
CONVEY_LOG_ODDS = (
    "convey_minor_acute", "convey_exacerbation", "convey_frailty_crisis", "convey_end_of_life", "convey_other",
)  # fmt: skip
HEARD_SHARE = "ambulance_hear"
GROUPS = (CALL_111_CONSTANTS, MINOR_999_CONSTANTS, CONVEY_LOG_ODDS)
# How the levels' logarithms answer the shifts at the registry's values, by differences: where the search begins. These
# move how soon it ends and not where.
SLOPES = (
    (1.0, 0.0, 0.0, 0.0, 0.0),
    (-1.0, 0.8, -0.1, 0.0, 0.0),
    (0.0, 0.05, 0.18, 0.0, 0.0),
    (1.5, -0.1, -0.2, 0.9, 0.9),
    (-1.0, 0.0, 0.5, -0.2, 1.0),
)
# Needs that may begin with a call or be taken to hospital at once. The rest is walked once, as the constants hardly
# touch it.
CALLING = (
    MINOR_ACUTE, EXACERBATION, FRAILTY_CRISIS, UNAVOIDABLE, CHILDHOOD_ACUTE, MENTAL_HEALTH_CRISIS, END_OF_LIFE,
)  # fmt: skip
SOLVED = (INJURIES, *CALL_111_CONSTANTS, *MINOR_999_CONSTANTS, *CONVEY_LOG_ODDS, HEARD_SHARE)


@dataclass(frozen=True)
class Levels:
    """What England's pathway gives, a year per 1,000 people.

    unavoidable: ambulance incidents attended that begin as unavoidable emergencies, all of them conveyed.
    """

    ed: float
    urgent_treatment: float
    calls_111: float
    attended: float
    heard: float
    conveyed: float
    unavoidable: float


def levels_of(hazards: np.ndarray, cells: Cells) -> Levels:
    """Return the levels that solved hazards give in the country, everything served at once."""
    base = hazards[:SOLVED_KINDS].mean(axis=2)
    made = np.einsum("kbq,kybq,bq->ky", base, cells.made[:SOLVED_KINDS], cells.weights) * PER_1000 * MONTHS_PER_YEAR
    attended = made[:, AMBULANCE] - made[:, Y_HEARD]
    total = made.sum(axis=0)
    return Levels(
        ed=float(total[ED]),
        urgent_treatment=float(total[URGENT_TREATMENT]),
        calls_111=float(total[CALL_111]),
        attended=float(attended.sum()),
        heard=float(total[Y_HEARD]),
        conveyed=float(total[Y_CONVEYED]),
        unavoidable=float(attended[UNAVOIDABLE]),
    )


def log_ratio(wanted: float, found: float) -> float:
    """Return the log of ``wanted`` over ``found``, both kept from 0."""
    return log(max(wanted, SMALL) / max(found, SMALL))


def log_odds(share: float) -> float:
    """Return the log odds of a share kept within LEAST and MOST."""
    kept = min(max(share, LEAST), MOST)
    return log(kept / (1.0 - kept))


def gaps(found: Levels, values: Mapping[str, float]) -> np.ndarray:
    """Return how far each level is from what is wanted, as a log ratio, or a log odds ratio of a share: (5,)."""
    treated = (1.0 - values["ed_type1_share"]) * (found.ed + found.urgent_treatment)
    incidents = values["ambulance_attended_per_1000"] + values["ambulance_heard_per_1000"]
    incidents = incidents / values["level_met_ambulance"]
    calls = values["calls_111_per_1000"] / values["level_met_111"]
    left = max(found.attended - found.unavoidable, SMALL)
    taken = max(found.conveyed - found.unavoidable, 0.0)
    wanted = max(values["ambulance_conveyed_share"] * found.attended - found.unavoidable, 0.0)
    return np.array(
        [
            log_ratio(treated, found.urgent_treatment),
            log_ratio(calls, found.calls_111),
            log_ratio(incidents, found.attended + found.heard),
            log_odds(wanted / left) - log_odds(taken / left),
            log_ratio(values["ambulance_heard_per_1000"] / values["level_met_ambulance"], found.heard),
        ]
    )


def shifted(given: Mapping[str, float], shifts: np.ndarray) -> dict[str, float]:
    """Return the parameters ``given`` with every group of constants moved by its shift, (5,)."""
    made = dict(given)
    made[INJURIES] = min(max(given[INJURIES] + float(shifts[0]), 0.0), given["unavoidable_999_above"])
    for names, shift in zip(GROUPS, shifts[1:], strict=False):
        made |= {name: given[name] + float(shift) for name in names}
    made[HEARD_SHARE] = min(max(given[HEARD_SHARE] * exp(float(shifts[-1])), LEAST), MOST)
    return made


def half_of(reference: Reference) -> Reference:
    """Return the reference with half of its people, by a bit of their keys."""
    return reference._replace(people=reference.people[reference.people["key"] & np.uint64(1) == 1])


def level_constants(registry: Registry, values: Mapping[str, float], reference: Reference) -> dict[str, float]:
    """Return the solved constants by name, for one set of parameters (``values``: all of them).

    By Broyden's method from the slopes of the central parameters, over half of the reference, as levels are sums over
    all of it. A level out of reach leaves its constants as near as they came.
    """
    given = dict(values)
    fixed = made_fixed(registry, given, half_of(reference))
    yields = walked(fixed, given, walks(REPEATS))
    meet(fixed, given, yields)  # brings unmet need to its balance

    def missed(shifts: np.ndarray) -> np.ndarray:
        moved = shifted(values, shifts)
        if shifts.any():
            yields[list(CALLING)] = walked(fixed, moved, walks(REPEATS, CALLING))[list(CALLING)]
        hazards, cells, _ = meet(fixed, moved, yields, rounds=1)
        return gaps(levels_of(hazards, cells), values)

    at = np.zeros(len(SLOPES))
    gap = missed(at)
    best = (float(np.abs(gap).max()), at)
    inverse = np.linalg.inv(np.array(SLOPES))
    for _ in range(STEPS_MOST):
        if best[0] < CLOSE:
            break
        step = np.clip(inverse @ gap, -STRIDE, STRIDE)
        step = np.clip(at + step, -FURTHEST, FURTHEST) - at
        at, before = at + step, gap
        gap = missed(at)
        if (worst := float(np.abs(gap).max())) < best[0]:
            best = (worst, at)
        moved = inverse @ (before - gap)
        along = float(step @ moved)
        if abs(along) > SMALL:
            inverse = inverse + np.outer(step - moved, step @ inverse) / along
    made = shifted(values, best[1])
    return {name: made[name] for name in SOLVED}
