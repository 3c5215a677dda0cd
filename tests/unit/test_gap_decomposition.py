"""What a change in the gap is made of: parts that add up exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from evaluation.inequality.decomposition import crude_gap_parts, gap_change_parts
from evaluation.standardisation.direct import DirectMethod, direct_rate
from scenarios.errors import InputError


def cells() -> pd.DataFrame:
    """Return counts by two ages, two causes, both sides and both times."""
    random = np.random.Generator(np.random.Philox(key=41))
    keys = itertools.product(("0-64", "65+"), ("heart", "other"), ("most", "least"), ("before", "after"))
    table = pd.DataFrame(keys, columns=["age_band", "cause", "side", "time"])
    table["population"] = table.groupby(["age_band", "side", "time"]).ngroup() * 100.0 + 1000
    table["count"] = random.poisson(60, len(table)).astype(float)
    table["weight"] = np.where(table["age_band"] == "65+", 19_500.0, 80_500.0)
    return table


def test_parts_add_up_to_the_change_in_the_standardised_gap() -> None:
    table = cells()

    def rate(side: str, time: str) -> float:
        mine = table[(table["side"] == side) & (table["time"] == time)]
        mine = mine.groupby("age_band").agg({"count": "sum", "population": "first", "weight": "first"})
        return direct_rate(mine, DirectMethod(1000)).estimate

    before, after = (rate("most", time) - rate("least", time) for time in ("before", "after"))
    for by in (("age_band", "cause"), ("cause",), ("age_band",)):
        parts = gap_change_parts(table, by=by)
        assert parts["gap_before"].sum() == pytest.approx(before)
        assert parts["gap_after"].sum() == pytest.approx(after)
        assert parts["change"].sum() == pytest.approx(after - before)
        assert (parts["lower"] < parts["change"]).all()


def test_a_cause_that_did_not_change_has_no_share() -> None:
    table = cells().sort_values(["cause", "age_band", "side", "time"], ignore_index=True)
    heart = table["cause"] == "heart"
    table["population"] = 1000.0
    table.loc[heart, "count"] = table[heart].groupby(["age_band", "side"])["count"].transform("first")
    parts = gap_change_parts(table, by=["cause"]).set_index("cause")["change"]
    assert parts["heart"] == pytest.approx(0.0, abs=1e-9)
    assert abs(parts["other"]) > 0.1


def test_kitagawa_tells_other_rates_from_other_ages() -> None:
    table = pd.DataFrame(
        {
            "age_band": ["young", "old"] * 2,
            "side": ["most", "most", "least", "least"],
            "count": [10.0, 90.0, 45.0, 5.0],
            "population": [100.0, 900.0, 900.0, 100.0],
        }
    )
    found = crude_gap_parts(table)
    assert found["gap"] == pytest.approx(100 - 50)
    assert found["rates"] == pytest.approx(50.0)
    assert found["ages"] == pytest.approx(0.0)
    with pytest.raises(InputError, match="one side only"):
        crude_gap_parts(table.head(3))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.head(15), "15 rows of 16"),
        (lambda t: pd.concat([t, t.head(1)]), "is there twice"),
        (lambda t: t.assign(side="most"), "'least' is missing"),
        (lambda t: t.replace({"time": {"after": "later"}}), "'later'"),
        (lambda t: t.assign(population=0.0), "population row 0"),
        (lambda t: t.assign(weight=range(1, 17)), "weight"),
        (lambda t: t.assign(population=range(1, 17)), "differs between causes"),
        (lambda t: t.drop(columns="cause"), "'cause' is missing"),
    ],
)
def test_bad_tables_are_refused(spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=says):
        gap_change_parts(spoil(cells()))
