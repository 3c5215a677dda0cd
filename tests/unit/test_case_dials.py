"""The tornado of an option: every price that it hangs on has a bar, and what is drawn as one number moves as one."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from evaluation.economics.ledger import USE
from evaluation.economics.money import PENCE
from intsim.cases.dials import Health, gbp_by_line, moving, price_tornado
from intsim.cases.ledgers import Place
from intsim.cases.spending import Added, spending_lines
from intsim.cases.valuation import Book, book_of
from scenarios.compose import compose

TOWN = Place(registered=20_000.0, months=12, first_month="2024-04")
NO_HEALTH = Health(0.0, 0.0, 0.0)
NOTHING = Added({}, 0.0, 0.0, 0.0, differs=False)
DAY, UNIT, ADMISSION, VIRTUAL = "emergency_bed_day", "assessment_unit_day", "emergency_admission", "virtual_ward_day"


@cache
def book(*words: str) -> Book:
    """Return the book of the default case with single settings changed."""
    return book_of(compose(["case=default", "place=toy", *words]).case)


def used(own: Book, **quantities: float) -> pd.DataFrame:
    """Return mean increments of one option: so many units of each line of care."""
    gbp = gbp_by_line(own)
    rows = [("team", USE, line, many * gbp[line] * PENCE) for line, many in quantities.items()]
    return pd.DataFrame(rows, columns=["option", "nature", "line", "discounted_pence"])


def bars(own: Book, added: Added = NOTHING, **quantities: float) -> pd.DataFrame:
    """Return the tornado of an option by name of its bars."""
    return price_tornado(own, used(own, **quantities), added, NO_HEALTH, TOWN, 20_000.0).set_index("name")


@pytest.mark.parametrize("places", [3.0, -3.0])
def test_places_on_virtual_wards_that_are_bought_or_saved_have_a_bar_of_their_price(places: float) -> None:
    own, added = book(), Added({}, 0.0, places, 0.0)
    found = bars(own, added, ed_attendance=-10.0).loc[VIRTUAL]
    row = own.economics.prices[VIRTUAL].parameter
    spent = spending_lines(own, "team", added, TOWN.registered, TOWN.months, TOWN.first_month)
    central = float(spent.loc[spent["line"] == "virtual ward places", "pence"].sum()) / PENCE
    assert central * places > 0
    assert (found["low"], found["high"]) == (row.low, row.high)
    assert found["swing"] == pytest.approx(abs(central) * (row.high - row.low) / row.central, rel=1e-4)
    assert (found["at_low"] > found["at_high"]) == (places > 0)  # dear places are bad news for who buys them
    assert VIRTUAL not in bars(own, ed_attendance=-10.0).index
    assert VIRTUAL in bars(own, virtual_ward_day=-10.0).index  # used less, where none are bought


def test_prices_that_are_drawn_as_one_number_move_as_one() -> None:
    own = book()
    found = bars(own, assessment_unit_day=-100.0, emergency_bed_day=-300.0)
    assert UNIT not in found.index
    gbp = gbp_by_line(own)
    rise = gbp[DAY] / own.prices[DAY]  # to prices of the case's year
    low, high = found.loc[DAY, "low"], found.loc[DAY, "high"]
    assert found.loc[DAY, "swing"] == pytest.approx(400 * rise * (high - low), rel=1e-9)
    alone = bars(own, assessment_unit_day=-100.0)
    assert alone.loc[DAY, "swing"] == pytest.approx(100 * rise * (high - low), rel=1e-9)


def test_a_price_whose_leader_the_user_fixed_moves_by_itself() -> None:
    own = book("case.prices={emergency_bed_day: 400}")
    found = bars(own, assessment_unit_day=-100.0, emergency_bed_day=-300.0)
    assert DAY not in found.index
    assert found.loc[UNIT, "swing"] > 0
    fixed = book("case.prices={assessment_unit_day: 400}")
    both = bars(fixed, assessment_unit_day=-100.0, emergency_bed_day=-300.0)
    assert UNIT not in both.index
    rise = gbp_by_line(fixed)[DAY] / fixed.prices[DAY]
    width = both.loc[DAY, "high"] - both.loc[DAY, "low"]
    assert both.loc[DAY, "swing"] == pytest.approx(300 * rise * width, rel=1e-9)


def test_a_price_that_is_taken_off_another_has_a_bar_although_its_own_use_is_the_same() -> None:
    own = book()
    assert moving(own, [ADMISSION], NOTHING) == [DAY, ADMISSION]
    found = bars(own, emergency_admission=-10.0)
    assert found.loc[DAY, "at_high"] < found.loc[DAY, "at_low"]  # a dearer day leaves less for the rest of a stay
