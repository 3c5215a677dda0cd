"""Tables of other people's data that are wrong: each is refused in a line that says where, or counted with a note."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.causal.sources import FromFile, from_csv, parse_starts, read_people
from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import read_records
from scenarios.errors import InputError

PANEL = "practice,month,ed\n" + "".join(f"{unit},{month},{3 + month}\n" for unit in ("A", "B") for month in range(6))
RECORDS = "Pseudo NHS Number,place,ARRIVAL DATE,Emergency Care Department Type\n"


def written(folder: Path, text: str, name: str = "table.csv") -> Path:
    """Return a file that holds ``text``."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def said(problem: pytest.ExceptionInfo[InputError]) -> str:
    """Return what the error says, which has to be one line."""
    assert "\n" not in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,treated,died\np1,0,1,\n", "row 2: has 4 cells where the header has 3"),
        ("id,treated,died\np1,0,1\np2,0\n", "row 3: has 2 cells where the header has 3"),
        ("ed,ed \n1,2\n", "column 'ed' is there 2 times"),
        ('ed,gp\n"1,2\n', "row 2: has 1 cells"),
    ],
)
def test_a_file_whose_columns_would_move_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as problem:
        read_csv(written(tmp_path, text))
    assert words in said(problem)
    assert "table.csv" in said(problem)


def test_blank_lines_and_quoted_commas_are_no_fault(tmp_path: Path) -> None:
    found = read_csv(written(tmp_path, 'unit,words\nA,"one, two"\n\n B ,x\n'))
    assert found.to_dict("list") == {"unit": ["A", "B"], "words": ["one, two", "x"]}


def test_codes_that_begin_with_a_nought_stay_codes() -> None:
    frame = pd.DataFrame({"unit": ["01", "02"], "month": ["01", "02"]})
    assert numbers(frame, codes=("unit",)).to_dict("list") == {"unit": ["01", "02"], "month": [1, 2]}


def test_a_start_beside_another_column_is_not_lost(tmp_path: Path) -> None:
    starts = parse_starts(str(written(tmp_path, "unit,start,note\nW1,6,\nW2,7,pilot\nW3,,never\n")))
    assert starts == {"W1": "6", "W2": "7"}


@pytest.mark.parametrize(
    ("text", "words"), [("unit,start\n,6\n", "'unit' is empty beside the start '6'"), ("unit,start\nA,6\nA,7\n", "'A'")]
)
def test_starts_that_name_no_unit_or_one_twice_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as problem:
        parse_starts(str(written(tmp_path, text)))
    assert words in said(problem)


def test_a_start_after_the_last_month_is_no_control(tmp_path: Path) -> None:
    path = written(tmp_path, PANEL)
    with pytest.raises(InputError, match=r"'A' starts in month 9; allowed: up to 5, the last month"):
        from_csv(path, {"A": "9"}, "ed", FromFile(unit="practice"))
    found = from_csv(path, {"A": "5"}, "ed", FromFile(unit="practice")).frame
    assert found["treated"].sum() == 1


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("unit,population\nA,100\nB,*\n", "people.csv row 3: population is '*'"),
        ("unit,population\nA,100\nB,inf\n", "people.csv row 3: population is 'inf'"),
        ("unit,population\nA,100\nB,-1\n", "row 3: population is '-1'"),
        ("unit,quintile\nA,1\n", "column 'population' is missing"),
        ("place,population\nA,100\n", "column 'unit' is missing"),
        ("unit,month,population\nA,2024-04,9\n", "column 'month' holds '2024-04'"),
    ],
)
def test_populations_are_numbers_or_are_refused_with_their_row(tmp_path: Path, people: str, words: str) -> None:
    path = written(tmp_path, people, "people.csv")
    with pytest.raises(InputError) as problem:
        from_csv(written(tmp_path, PANEL), {}, "ed", FromFile(unit="practice", population=path))
    assert words in said(problem)


def test_populations_by_fifth_are_added_and_not_joined(tmp_path: Path) -> None:
    people = written(tmp_path, "unit,quintile,population\nA,1,100\nA,2,300\nB,1,500\n", "people.csv")
    assert read_people(people)["population"].tolist() == [100.0, 300.0, 500.0]
    found = from_csv(written(tmp_path, PANEL), {}, "ed", FromFile(unit="practice", population=people)).frame
    assert found.groupby("unit")["population"].first().to_dict() == {"A": 400.0, "B": 500.0}


def test_units_with_a_leading_nought_find_their_population(tmp_path: Path) -> None:
    people = written(tmp_path, "unit,population\n01,100\n02,200\n", "people.csv")
    panel = written(tmp_path, "practice,month,ed\n01,0,3\n02,0,4\n")
    found = from_csv(panel, {}, "ed", FromFile(unit="practice", population=people)).frame
    assert found["ed"].tolist() == pytest.approx([30.0, 20.0])  # per 1,000


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("practice,unit,month,ed\nA,x,0,3\n", "has a column 'unit' beside 'practice'"),
        ("practice,month,ed,population\nA,0,3,9\n", "has a column 'population' of its own"),
        ("surgery,month,ed\nA,0,3\n", "no column 'practice'"),
    ],
)
def test_columns_that_would_meet_are_named(tmp_path: Path, panel: str, words: str) -> None:
    people = written(tmp_path, "unit,population\nA,100\n", "people.csv")
    with pytest.raises(InputError) as problem:
        from_csv(written(tmp_path, panel), {}, "ed", FromFile(unit="practice", population=people))
    assert words in said(problem)


def records(rows: str, folder: Path) -> pd.DataFrame:
    """Return an extract of attendances."""
    return read_csv(written(folder, RECORDS + rows))


@pytest.mark.parametrize("odd", ["1900-01-01", "2094-05-01"])
def test_a_date_that_means_not_known_makes_no_century_of_noughts(tmp_path: Path, odd: str) -> None:
    rows = f"a,N1,2024-04-02,01\nb,N1,2024-05-02,01\nc,N1,{odd},01\n"
    with pytest.raises(InputError, match=f"column 'ARRIVAL DATE' holds a date in {odd[:7]}"):
        read_records(records(rows, tmp_path), "ecds", "place")


def test_months_without_any_record_are_told(tmp_path: Path) -> None:
    found = read_records(records("a,N1,2024-04-02,01\nb,N1,2024-07-02,01\n", tmp_path), "ecds", "place")
    assert any("no place has a record in 2024-05, 2024-06" in note for note in found.notes)
    whole = read_records(records("a,N1,2024-04-02,01\nb,N1,2024-05-02,01\n", tmp_path), "ecds", "place")
    assert not any("no place has a record" in note for note in whole.notes)


def test_units_that_differ_in_case_are_refused_and_blank_ones_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column 'place' holds 'N1' and 'n1'"):
        read_records(records("a,N1,2024-04-02,01\nb,n1,2024-04-02,01\n", tmp_path), "ecds", "place")
    found = read_records(records("a,N1,2024-04-02,01\nb,,2024-04-02,01\n", tmp_path), "ecds", "place")
    assert found.units == ("N1",)
    assert any("1 records have no 'place'" in note for note in found.notes)
