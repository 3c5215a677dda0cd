"""What treatment benefit is usual at each age, solved for every set of parameters so that the life table holds.

Treatable deaths are measured against it (sim/rules/mortality.py). It hangs on how much is known of whom, and so on
parameters that are drawn and on whether need may be hidden at all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scenarios.registry.reader import Registry
from sim.codes import NO_CARE_HOME
from sim.place.england import Reference
from sim.place.rates import QUINTILES
from sim.rules.cells import cell_of
from sim.rules.margins import mortality_by_state
from sim.rules.mortality import BENEFIT_MEAN_NAMES, TREATED_START_NAMES
from sim.rules.tables import adult_group, age_years

SMALLEST = 1e-9


def usual_benefits(registry: Registry, values: Mapping[str, float], reference: Reference) -> dict[str, float]:
    """Return benefit_mean_ratio_* by name: the mean benefit of the reference people over treated_start of their age.

    Each counts as their cell does in England, times the mortality of their frailty and home: deaths are what it is for.
    """
    people = reference.people
    params = registry.params_record(dict(values))[0]
    homes = (people["care_home"] != NO_CARE_HOME).astype(int)
    weights = weights_of(reference) * mortality_by_state(params, len(reference.states))[people["frailty"], homes]
    benefit = people["benefit"] * np.where(people["conditions"] == 0, 1.0, people["covered"])  # mortality.benefit_had
    groups = np.array([adult_group(age_years(day, 0)) for day in people["birth_day"]])
    found = {}
    for group, (name, start) in enumerate(zip(BENEFIT_MEAN_NAMES, TREATED_START_NAMES, strict=True)):
        mine = groups == group
        mean = float((weights[mine] * benefit[mine]).sum() / max(weights[mine].sum(), SMALLEST))
        found[name] = mean / max(float(values[start]), SMALLEST)
    return found


def weights_of(reference: Reference) -> np.ndarray:
    """Return the share of England's persons that each of the reference people stands for, float64[person]."""
    bands, quintiles = cell_of(reference.people, reference.communities)
    cell = bands * QUINTILES + quintiles
    return (reference.weights.ravel() / np.maximum(np.bincount(cell, minlength=reference.weights.size), 1))[cell]
