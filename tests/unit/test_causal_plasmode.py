"""A roll-out made of a simulated comparison: what is moved is the effect since go-live, whatever came before it."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.causal.plasmode import known_ratio, monthly_counts, rolled_out
from evaluation.outcomes import chosen
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


def test_a_run_of_one_month_says_that_none_can_start_in_it() -> None:
    with pytest.raises(InputError, match=r"'a' starts in month 0; no unit can start within the run, .* month 0"):
        rolled_out(lived(0, 0), ARMS, "neighbourhood", "attendances", {"a": 0})


def test_a_series_counts_events_of_a_month_and_knows_its_ratio() -> None:
    made = rolled_out(lived(0, 5), ARMS, "neighbourhood", "attendances", {"a": 2}).assign(population=24_000.0)
    made = made.rename(columns={"attendances": "ed_attendances", "effect": "ed_attendances_effect"})
    series = monthly_counts(made, chosen(["ed_attendances"])).set_index(["neighbourhood", "month"])
    assert series.loc[("a", 1), "ed_attendances_count"] == 200  # 100 a year of 1,000, of 24,000 in a month
    assert series.loc[("a", 3), ["ed_attendances_count", "treated"]].tolist() == [240, 1]
    assert not series.loc["b", "treated"].any()
    on = made[made["month"] >= made["first_treated"]]
    assert known_ratio(on, "ed_attendances") == pytest.approx(1 + (10 + 20 + 30 + 40) / 400)
