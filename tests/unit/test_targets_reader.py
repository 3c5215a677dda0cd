"""Tables of targets are read as written, and what is wrong is said in one line with file, row and column."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from calibration.targets.columns import COLUMNS
from calibration.targets.period import PANDEMIC, parse
from calibration.targets.reader import built_in, read_targets
from calibration.targets.writer import to_csv
from scenarios.errors import InputError
from tests.calibration_targets import kept, made


def edited(path: Path, target: str, cells: dict[str, str]) -> Path:
    """Change cells of one row of a table and return it."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["target"] == target:
            row.update(cells)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_table_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    one = made("ed", "ed_attendance_rate", 467.6, headline=True, tolerance=23.4, weight=0.25)
    other = made("beds", "bed_occupancy", 0.9, lower_95=0.88, upper_95=0.92, role="held_out", sex="male", age="65+")
    found = read_targets(kept(tmp_path, one, other))
    assert to_csv(found) == to_csv((one, other))
    assert found["ed"].headline
    assert found["beds"].value == 0.9
    assert found.names == ["ed", "beds"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"value": "many"}, "row 2 column value: must be a number (found 'many')"),
        ({"value": ""}, "row 2 column value: is empty"),
        ({"value": "inf"}, "row 2 column value: must be a finite number (found 'inf')"),
        ({"role": "fited"}, "row 2 column role: 'fited': did you mean 'fitted'?"),
        ({"likelihood": "gaussian"}, "row 2 column likelihood: 'gaussian'"),
        ({"period": "last year"}, "row 2 column period: 'last year' is no period"),
        ({"period": "2024/26"}, "row 2 column period: '2024/26' is no financial year"),
        ({"headline": "true"}, "row 2 column headline: must be yes or no (found 'true')"),
        ({"target": "My target"}, "row 2 column target: must be small letters"),
        ({"source": ""}, "row 2 column source: is empty"),
        ({"basis": "guess"}, "row 2 column basis: 'guess'"),
    ],
)
def test_bad_cells_are_refused_in_one_line(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    path = edited(kept(tmp_path, made("ed", "ed_attendance_rate", 467.6)), "ed", cells)
    with pytest.raises(InputError) as problem:
        read_targets(path)
    assert str(problem.value).startswith(f"mine.csv {said}")
    assert "\n" not in str(problem.value)


def test_headers_that_are_wrong_are_named(tmp_path: Path) -> None:
    path = kept(tmp_path, made("ed", "ed_attendance_rate", 467.6))
    path.write_text(path.read_text().replace("likelihood", "likelyhood", 1))
    with pytest.raises(InputError, match=r"column 'likelihood' is missing"):
        read_targets(path)
    path.write_text(path.read_text().replace("likelyhood", "likelihood", 1).replace("weight", "wieght", 1))
    with pytest.raises(InputError, match=r"no such column 'wieght': did you mean 'weight'"):
        read_targets(path)
    with pytest.raises(InputError, match="no such file of targets"):
        read_targets(tmp_path / "none.csv")


def test_held_out_rows_are_not_read_when_a_fit_asks(tmp_path: Path) -> None:
    path = kept(
        tmp_path, made("ed", "ed_attendance_rate", 467.6), made("zero", "zero_day_share", 0.33, role="held_out")
    )
    edited(path, "zero", {"value": "nobody may look", "lower_95": "x", "unit": "", "period": "never"})
    found = read_targets(path, roles=("fitted",))
    assert found.names == ["ed"]
    with pytest.raises(InputError, match="nobody may look"):
        read_targets(path)


def test_built_in_tables_say_where_everything_comes_from() -> None:
    assert built_in() == ["bi_borough", "bi_borough_forward", "england_average"]
    for name in built_in():
        for each in read_targets(name):
            assert each.source, each.target
            assert each.definition, each.target
            assert each.basis != "assumption", each.target


def test_what_is_held_out_is_what_was_promised() -> None:
    held = read_targets("england_average").held_out
    assert {"stay_85", "readmission", "readmission_q1", "readmission_q5"} <= set(held.names)
    assert sum(each.group == "devon" for each in held) == 20
    months = [each for each in read_targets("england_average") if each.group == "england_months"]
    assert all((each.role == "held_out") == (int(each.period[-2:]) % 2 == 0) for each in months)
    local = read_targets("bi_borough")
    deciles = [each for each in local if each.category_type == "local_decile"]
    assert len(deciles) == 40
    assert all(each.role == "held_out" for each in deciles)
    forward = read_targets("bi_borough_forward")
    assert {each.period for each in forward.fitted} == {
        *(f"2023-{month:02d}" for month in range(4, 13)),
        *(f"2024-{month:02d}" for month in range(1, 4)),
    }
    assert "2025-02" not in {each.period for each in forward}  # a copy of February 2024 in the file


@pytest.mark.parametrize(
    ("text", "months", "first"),
    [
        ("2024/25", 12, "2024-04"),
        ("2015/16-2019/20", 60, "2015-04"),
        ("2015/16 - 2019/20", 60, "2015-04"),
        ("2015/16 - 19/20", 60, "2015-04"),
        ("2024-05", 1, "2024-05"),
        ("2019", 12, "2019-01"),
        ("2018-20", 36, "2018-01"),
        ("2018 - 20", 36, "2018-01"),
        ("2010 - 12", 36, "2010-01"),
        ("2010-12", 1, "2010-12"),
        ("2015-2019", 60, "2015-01"),
        ("1999/00", 12, "1999-04"),
    ],
)
def test_periods_are_read_as_sources_write_them(text: str, months: int, first: str) -> None:
    found = parse(text)
    assert found.months == months
    assert found.words().startswith(first)


@pytest.mark.parametrize("text", ["", "2024-13", "24/25", "2020-18", "2019-2015", "spring"])
def test_other_words_are_no_period(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


def test_the_pandemic_is_march_2020_to_march_2022() -> None:
    assert PANDEMIC.words() == "2020-03 to 2022-03"
    assert parse("2019/20").shared(PANDEMIC) == 1
    assert parse("2021").shared(PANDEMIC) == 12
    assert parse("2023").shared(PANDEMIC) == 0
