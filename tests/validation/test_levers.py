"""Every lever moves what it is meant to move first, one way at half its effect and the other way at twice it.

On a place this small chance hides some of the moves; ``intsim validate levers`` shows them on a larger one.
"""

from __future__ import annotations

import pandas as pd
import pytest

from intsim.validation.levers import CHECKS, intermediate_effects
from sim.codes import LEVER_NAMES

SMALL = (
    "place=england_average",
    "place.basis=8000",
    "services.background=false",
    "experiment.burn_in_months=1",
    "experiment.horizon_months=6",
)
# Their first outcome is read from few people or few events: a place of 8,000 is too small to tell.
LARGER = "place.basis=20000"
TOO_FEW_HERE = (
    "urgent_response",
    "virtual_ward",
    "care_home_support",
    "social_prescribing",
    "colocation",
    "housing_repair",
)


@pytest.fixture(scope="module")
def moves() -> pd.DataFrame:
    often = [check for check in CHECKS if check.lever not in TOO_FEW_HERE]
    seldom = [check for check in CHECKS if check.lever in TOO_FEW_HERE]
    return pd.concat([intermediate_effects(SMALL, 2, often), intermediate_effects([*SMALL, LARGER], 2, seldom)])


def test_every_lever_has_a_check() -> None:
    assert tuple(sorted(check.lever for check in CHECKS)) == tuple(sorted(LEVER_NAMES))


@pytest.mark.slow
@pytest.mark.parametrize("lever", LEVER_NAMES)
def test_half_and_twice_the_effect_move_the_first_outcome_in_opposite_directions(
    moves: pd.DataFrame, lever: str
) -> None:
    row = moves.set_index("lever").loc[lever]
    assert row["opposite"], row.to_dict()
    assert row["as_expected"], row.to_dict()
