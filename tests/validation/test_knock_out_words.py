"""What a knock-out says of published figures: with which mechanism off they leave their bands."""

from __future__ import annotations

import pandas as pd

from intsim.validation.knock_out import SWITCHES, told_of_bands


def test_only_what_leaves_a_band_is_said_to() -> None:
    rows = [("trust off", "a", 1.0, 2.0, True), ("queues off", "a", 1.0, 1.1, False)]
    told = told_of_bands(pd.DataFrame(rows, columns=["switched_off", "figure", "on", "off", "leaves_its_band"]))
    first, rest = told.split(" None does with: ")
    assert first == "A published figure leaves its band with: trust off."
    assert set(rest.rstrip(".").split(", ")) == {name for name, more in SWITCHES.items() if more} - {"trust off"}
