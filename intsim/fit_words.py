"""Words of a fit as users type them beside a scenario's settings: what is fitted, to what, and by which plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from intsim.fitting import (
    SELF_TEST,
    Wanted,
    list_for,
    number_of,
    parameters_of,
    plan_of,
    registry_of,
    scenario_of,
    targets_for,
)
from scenarios.errors import InputError

OWN = ("targets", "parameters", "self_test", "spreadsheets", "national")  # words of a fit, beside those of a scenario
PLAN = "plan."
PLACE = {"waves": "2", "points": "64", "posterior_replications": "1"}  # of a plan: at most 656 runs
CARRIED = {"posterior_replications": "2"}


def split(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return words of a fit by name, and the words that are settings of a scenario.

    Raises InputError for a word of a fit without a value, or given twice.
    """
    own: dict[str, str] = {}
    others = []
    for word in words:
        name, equals, value = word.partition("=")
        if name in OWN or name.startswith(PLAN):
            if not equals:
                raise InputError(f"override '{word}'", "write it as name=value")
            if name in own:
                raise InputError(name, "is given twice")
            own[name] = value
        else:
            others.append(word)
    return own, others


def plan_words(own: Mapping[str, str]) -> dict[str, str]:
    """Return the numbers of the plan by name."""
    return {name.removeprefix(PLAN): value for name, value in own.items() if name.startswith(PLAN)}


def self_test_of(own: Mapping[str, str]) -> int:
    """Return how many data sets the fit's check of itself takes; raise InputError for too few."""
    from calibration.fit.summed_up import LEAST_SETS

    found = int(number_of(own.get("self_test", str(SELF_TEST)), "self_test", int))
    if found and found < LEAST_SETS:
        raise InputError("self_test", f"must be 0 or at least {LEAST_SETS} data sets (you gave {found})")
    return found


def wanted_of(own: Mapping[str, str], others: Sequence[str], config_dir: Path | None, looking: bool = False) -> Wanted:
    """Return what is wanted of a fit. looking: points are only run, and no parameters are fitted.

    Raises InputError for settings, parameters or a plan that cannot be used.
    """
    one = scenario_of(others, config_dir)
    national = bool(own.get("national"))
    names = () if looking else parameters_of(own.get("parameters", ""), registry_of(one), list_for(one, national))
    targets = targets_for(own.get("targets", ""), one)
    plan = plan_of((CARRIED if looking else PLACE) | plan_words(own), one)
    return Wanted(one, targets, names, plan, self_test_of(own), own.get("spreadsheets", ""), own.get("national", ""))
