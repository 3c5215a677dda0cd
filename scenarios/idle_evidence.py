"""Parameters that do nothing in a place, so that setting one there is a mistake and not a what-if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scenarios.errors import InputError

if TYPE_CHECKING:
    from scenarios.place_files import Place

HOME_CARE = ("home_package_per_10000", "local_home_care_adjustment")


def check_idle(place: Place, overrides: Mapping[str, float]) -> None:
    """Raise InputError for the first of ``overrides``, parameters of the evidence, that ``place`` never reads."""
    idle = idle_in(place)
    for name in overrides:
        if name in idle:
            raise InputError(f"evidence.overrides.{name}", f"does nothing in {place.name}: {idle[name]}")


def idle_in(place: Place) -> dict[str, str]:
    """Return why each parameter that does nothing in ``place`` does not."""
    idle = {}
    for kind, name in (("emergency", "local_need_adjustment"), ("mortality", "local_death_adjustment")):
        if place.factor(kind) == 1.0:
            idle[name] = f"its place.csv sets local_factor_{kind} to 1, England's level"
    if place.is_england:
        idle[HOME_CARE[1]] = (
            "its place.csv sets local_factor_emergency and local_factor_mortality to 1, England's level"
        )
    if len(place.services) and "home_package" in set(place.services["service"]):
        idle |= dict.fromkeys(HOME_CARE, "its services.csv has a row for home_package, which stands before it")
    return idle
