"""Checks of a user's own evidence that one row or value cannot show by itself."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.errors import InputError
from scenarios.registry.row import Parameter

SWITCH, LOCAL_FACTOR = "switch_", "local_factor_"
STRUCTURE = ("trust", "hidden_need", "spikes", "refill", "dying")  # the settings under structure with a parameter each
MORTALITY_PATH = "mortality_path"
OPENS, SHUTS = "open_from_hour", "open_to_hour"


def check_not_set_elsewhere(name: str, where: str) -> None:
    """Raise InputError if ``name`` is one that the scenario or the place sets, so that evidence would be ignored."""
    if name.startswith(SWITCH) and name.removeprefix(SWITCH) in STRUCTURE:
        setting = f"structure.{name.removeprefix(SWITCH)}"
        raise InputError(where, f"'{name}' is not evidence: set {setting} instead (true or false)")
    if name == MORTALITY_PATH:
        raise InputError(where, f"'{name}' is not evidence: set structure.{name} instead (treatment or unmet)")
    if name.startswith(LOCAL_FACTOR):
        raise InputError(where, f"'{name}' belongs to the place: set it in the place's place.csv")


def check_unit(own: Parameter, ours: Parameter) -> None:
    """Raise InputError unless a user's row is measured as ours is: the model takes the number alone."""
    if own.unit != ours.unit:
        raise InputError(f"{own.where} column unit", f"must be '{ours.unit}' for '{own.name}' (found '{own.unit}')")


def check_hours(parameters: Mapping[str, Parameter], ours: Mapping[str, Parameter]) -> None:
    """Raise InputError if offices would shut before they open, percentiles included; one without them passes."""
    if OPENS not in parameters or SHUTS not in parameters:
        return
    opens, shuts = parameters[OPENS], parameters[SHUTS]
    if shuts.low > opens.high:
        return
    changed = shuts if shuts is not ours.get(SHUTS) else opens
    found = f"{OPENS} {opens.high:g}, {SHUTS} {shuts.low:g}"
    raise InputError(changed.where, f"'{SHUTS}' must be later than '{OPENS}' (found {found}); unit: hour of day")
