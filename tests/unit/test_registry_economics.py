"""Economic tables: what the reader takes and refuses, and that every row has a reader."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from intsim.cases.opened import ADDED_UP
from intsim.cases.valuation import CONVEYANCES, book_of, gradients_of, price_lines, rates_of, threshold_of
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.registry.economics import FOLDER, TABLES, Economics, load_economics
from scenarios.service_names import STAFFED_SERVICES
from sim.outcomes.panel import OUTCOMES
from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def economics() -> Economics:
    """Return our own tables."""
    return load_economics()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the tables that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "economics"))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Change a text of one file, once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_price_is_of_a_column_of_the_panel_and_every_post_of_a_staffed_service(economics: Economics) -> None:
    assert {price.quantity for price in economics.prices.values()} <= {*OUTCOMES, *ADDED_UP}
    staff = economics.table("staff")
    assert sorted(staff["service"]) == sorted(STAFFED_SERVICES)
    assert set(staff["grade"]) == set(economics.table("pay")["grade"])


def test_every_staffed_service_is_valued_once(economics: Economics) -> None:
    lines = price_lines(book_of(compose(["case=default"]).case))
    served = lines[lines["service"].isin(STAFFED_SERVICES)]["service"]
    twice = [CONVEYANCES]  # an incident, and what taking somebody along costs beyond it
    assert sorted(served[~lines["column"].isin(twice)]) == sorted(STAFFED_SERVICES)
    assert (lines["pence"] > 0).all()
    assert set(lines["column"]) <= {*OUTCOMES, *ADDED_UP}


def test_every_number_is_read_by_the_code_its_row_names(economics: Economics) -> None:
    for name, value in economics.values.items():
        path = ROOT / value.parameter.used_by
        words = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        assert name in words, f"{name} says it is used by {value.parameter.used_by}"
    for price in economics.prices.values():
        assert (ROOT / price.parameter.used_by).is_file()


def test_every_table_has_a_reader(economics: Economics) -> None:
    text = "".join(path.read_text() for path in (ROOT / "intsim").rglob("*.py"))
    assert not [name for name in TABLES if f'table("{name}")' not in text]
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == sorted([*TABLES, "prices", "values"])


def test_every_row_says_where_it_is_from(economics: Economics) -> None:
    for name in TABLES:
        table = economics.table(name)
        assert (table["source"] != "").all()
    assumed = [each for each in economics.values.values() if each.parameter.basis == "assumption"]
    assert assumed
    assert all(each.parameter.certainty == "very low" for each in assumed)
    assert all(each.parameter.low < each.parameter.central < each.parameter.high for each in assumed)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "prices.csv",
            "318,lognormal,277,366",
            "-5,fixed,,",
            "row 2 column low: a price must be at least 0 (found -5)",
        ),
        ("prices.csv", ",emergency_bed_day,\n", ",bed_day,\n", "column less: no such price 'bed_day'"),
        (
            "prices.csv",
            ",NHS,,emergency_bed_day\n",
            ",NHS,,assessment_unit_day\n",
            "column drawn_with: 'assessment_unit_day' needs a price that stands by itself",
        ),
        ("prices.csv", "ed_attendances,count", "ed_attendances,minute", "column per: must be one of count, day, hour"),
        ("prices.csv", "acute trust,NHS", "acute trust,army", "column sector: must be one of NHS, social care, other"),
        ("prices.csv", "318,lognormal", "318,normal", "'normal' may be drawn below 0"),
        ("prices.csv", "call_111,call", "ed_attendance,call", "'ed_attendance' is already in prices.csv row 2"),
        ("values.csv", "on_cost_ratio", "gp_contact", "column name: 'gp_contact' is already a price"),
        ("values.csv", "GBP per post,4000", "people,4000", "column price_year: goes with money alone"),
        ("prices.csv", ",quantity,", ",quantitty,", "prices.csv: column 'quantity' is missing"),
    ],
)
def test_what_cannot_be_used_is_refused(copy: Path, file: str, old: str, new: str, message: str) -> None:
    spoil(copy, file, old, new)
    with pytest.raises(InputError) as problem:
        load_economics(copy)
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_plain_tables_are_checked_as_well_and_names_are_helped_with(copy: Path) -> None:
    spoil(copy, "pay.csv", ",high,derived,", ",high,guessed,")
    with pytest.raises(InputError, match=r"pay\.csv row 2 column basis: must be one of found, recalled"):
        load_economics(copy)
    with pytest.raises(InputError, match="no such table: did you mean 'pay'"):
        load_economics().table("pays")
    with pytest.raises(InputError, match="no such number 'vacancy': did you mean 'vacancy_share'"):
        load_economics().value("vacancy")


def test_presets_have_the_rates_they_are_named_for() -> None:
    def rates(*words: str) -> list[float]:
        book = book_of(compose(["case=default", *words]).case)
        found = []
        for what in ("cost", "health"):
            table = rates_of(book, what)
            found.append(table if isinstance(table, float) else float(table["rate"].iloc[0]))
        return found

    assert rates() == [0.035, 0.035]
    assert rates("case.discounting=green_book") == [0.035, 0.015]
    assert rates("case.discounting=local") == [0.0, 0.0]
    assert rates("case.health_rate=0.0") == [0.035, 0.0]


def test_thresholds_and_gradients_are_there() -> None:
    book = book_of(compose(["case=default"]).case)
    assert threshold_of(book, "opportunity_cost") == 15_000
    assert threshold_of(book, "nice_lower") == 25_000  # a rule in pounds of the day
    assert threshold_of(book, "green_book") == pytest.approx(70_000 * 1.0258 * 1.0732 * 1.0247 * 1.0402)  # of 2020/21
    older = book_of(compose(["case=default", "case.price_year=2020/21"]).case)
    assert threshold_of(older, "green_book") == pytest.approx(70_000)
    assert {name: round(float(shares.sum()), 9) for name, shares in gradients_of(book).items()} == {
        "flat": 1.0,
        "moderate": 1.0,
        "steep": 1.0,
    }


def test_a_schedule_is_the_one_in_force_on_a_day() -> None:
    from datetime import date

    book = book_of(compose(["case=default", "case.discounting=green_book"]).case)
    assert not isinstance(rates_of(book, "cost", date(2020, 1, 1)), float)
    with pytest.raises(InputError, match="'green_book' has no rates for health on 2001-01-01"):
        rates_of(book, "health", date(2001, 1, 1))
