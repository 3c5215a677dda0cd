"""A named place's own factors against England, as its files give them and a fit has adjusted them."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.place_files import Place


def local_factors(place: Place, values: Mapping[str, float]) -> dict[str, float]:
    """Return a place's own factors on emergency need and mortality, with what a draw or a fit has adjusted them by.

    A place at England's own level is England: there is nothing local to adjust.
    """
    adjusted = {"emergency": "local_need_adjustment", "mortality": "local_death_adjustment"}
    given = {name: place.factor(name) for name in adjusted}
    return {name: one if one == 1.0 else one * values[adjusted[name]] for name, one in given.items()}
