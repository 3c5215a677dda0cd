"""A roll-out made of a simulated comparison: what is moved is the effect since go-live, whatever came before it."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.causal.plasmode import rolled_out
from scenarios.errors import InputError

ARMS = ("usual_care", "ours")


def lived(first: int, last: int) -> pd.DataFrame:
    """Return two units under usual care (100 a month) and a design that adds 10, 20... from month 0 on."""
    rows = [
        {"arm": arm, "neighbourhood": unit, "month": month, "attendances": 100.0 + gain, "population": 1.0}
        for arm in ARMS
        for unit in ("a", "b")
        for month in range(first, last + 1)
        for gain in (10.0 * max(month + 1, 0) if arm == "ours" else 0.0,)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("first", [0, -3])  # arms part at go-live, or three months before
def test_a_unit_has_the_effect_at_the_same_time_since_its_start(first: int) -> None:
    made = rolled_out(lived(first, 5), ARMS, "neighbourhood", "attendances", {"a": 2})
    mine = made[made["neighbourhood"] == "a"].set_index("month")["effect"]
    assert mine.loc[2:].tolist() == [10.0, 20.0, 30.0, 40.0]
    assert (mine.loc[:1] == 0.0).all()
    assert (made.loc[made["neighbourhood"] == "b", "effect"] == 0.0).all()


def test_a_design_that_was_live_before_the_tables_month_0_is_taken_from_there() -> None:
    early = lived(-3, 5).assign(month=lambda table: table["month"] - 2)  # live in month -2
    made = rolled_out(early, ARMS, "neighbourhood", "attendances", {"a": 1}, live=-2)
    assert made[made["neighbourhood"] == "a"].set_index("month")["effect"].loc[1:].tolist() == [10.0, 20.0, 30.0]
    with pytest.raises(InputError, match="-1 to 3 are allowed"):
        rolled_out(early, ARMS, "neighbourhood", "attendances", {"a": -2}, live=-2)
