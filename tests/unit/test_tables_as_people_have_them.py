"""Tables and settings with the slips that spreadsheets and hurry bring: read, told, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.causal.by_quintile import together
from evaluation.causal.designs import Table
from evaluation.causal.study import read_study
from evaluation.observed.files import read_csv
from evaluation.scorecard import text
from evaluation.sentences import levels
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.overrides import read
from tests.unit.test_causal_input import panel
from tests.unit.test_observed import attendances, observe


def study(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return what is noted of a panel."""
    return read_study(frame, unit="unit", time="month", outcome="y", first_treated="first_treated").notes


def frame() -> pd.DataFrame:
    """Return a plain panel with an outcome above 0."""
    return panel().rename(columns={"outcome": "y"}).assign(y=lambda made: made["y"] + 100)


def test_blank_rows_and_blanks_about_names_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text("unit, visits\n E01 , 4\n,\nE01,5 \n", encoding="utf-8-sig")
    read_back = read_csv(path)
    assert list(read_back.columns) == ["unit", "visits"]
    assert read_back.to_dict("list") == {"unit": ["E01", "E01"], "visits": ["4", "5"]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("areas.xlsx", b"PK\x03\x04", "is a spreadsheet; save it as CSV UTF-8"),
        ("areas.csv", "unit,y\nCaf\xe9,1\n".encode("latin-1"), "not UTF-8; save it as CSV UTF-8"),
    ],
)
def test_other_files_are_told_how_to_be_saved(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_csv(tmp_path / name)


def test_a_count_below_zero_is_told_and_an_outcome_that_is_often_below_is_not() -> None:
    plain = frame()
    assert study(plain) == ()
    slip = plain.assign(y=plain["y"].where(plain.index != 3, -400.0))
    assert study(slip) == (f"column 'y' is below 0 in 1 of {len(plain)} rows: is that right?",)
    assert study(plain.assign(y=plain["y"] - 100)) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"month": 0.5}, "column 'month' holds '0.5'; whole numbers in order"),
        ({"month": "2024-01"}, "column 'month' holds '2024-01'; whole numbers in order are needed, such as"),
        ({"y": "*"}, r"column 'y' is '\*' for unit '.*', month .*; a number .* or nothing where it is suppressed"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_place(change: dict[str, object], said: str) -> None:
    made = frame().astype(object)
    for name, value in change.items():
        made[name] = made[name].where(made.index != 0, value)
    with pytest.raises(InputError, match=said):
        study(made.infer_objects())


def test_a_row_that_is_there_twice_is_not_taken_for_a_fifth() -> None:
    table = Table(frame(), outcome="y", unit="unit", time="month", first_treated="first_treated")
    twice = Table(pd.concat([table.frame, table.frame.head(1)]), outcome="y", unit="unit", time="month")
    with pytest.raises(InputError, match="unit 0, month 0 is there twice; each is allowed once"):
        together(twice)
    with pytest.raises(InputError, match="has period 0 twice"):
        study(twice.frame)
    counts = Table(twice.frame.assign(y=4), outcome="y", unit="unit", time="month")
    with pytest.raises(InputError, match="is there twice"):  # whole numbers are not added up either
        together(counts)
    nameless = Table(table.frame.rename(columns={"unit": "area"}), outcome="y", unit="unit", time="month")
    with pytest.raises(InputError, match=r"month 0 is there twice; .* need a column 'unit'"):
        together(nameless)
    fifths = Table(twice.frame.assign(quintile=1), outcome="y", unit="unit", time="month", quintile="quintile")
    with pytest.raises(InputError, match="quintile 1 is there twice"):
        together(fifths)


def test_records_of_which_none_counts_say_which_codes_they_hold() -> None:
    records = attendances().assign(**{"Emergency Care Department Type": "Type 1"})
    with pytest.raises(InputError, match=r"none of 5 is counted: .*Department Type' holds Type 1\)"):
        observe(records, "ecds", "place")


def test_metrics_that_begin_alike_are_told_apart() -> None:
    long = "specific acute non-elective spells in the period with a length of stay of "
    rows = [("O2", f"Number of {long}{days}", "all", 0, 1.0) for days in ("zero days", "one day or more")]
    told = text(pd.DataFrame(rows, columns=["metric_id", "metric", "arm", "month", "value"]))
    assert "zero days" in told
    assert "one day or more" in told


def test_levels_are_no_finer_than_it_takes_not_to_contradict_their_difference() -> None:
    row = {"baseline": 156.8, "baseline_se": 1.2, "design": 155.8, "design_se": 1.2}
    assert levels({**row, "difference": -1.0, "lower": -1.02, "upper": -0.98}) == ("156.8", "155.8")
    far = {**row, "baseline_se": 12.0, "design_se": 12.0}
    assert levels({**far, "difference": -1.0, "lower": -14.0, "upper": 12.0}) == ("157", "156")
    close = {**far, "baseline": 154.9, "design": 155.2, "difference": 0.3, "lower": 0.1, "upper": 0.5}
    assert levels(close) == ("154.9", "155.2")  # rounded to whole numbers they would not differ at all
    assert levels({**row, "difference": -1.0, "lower": float("nan"), "upper": float("nan")}) == ("156.8", "155.8")


@pytest.mark.parametrize("value", ["results/with space", "~/results", r"C:\Users\me\One Drive\results"])
def test_folders_may_be_named_as_people_name_them(value: str) -> None:
    assert read(f"experiment.output={value}").value() == value
    shown = compose(["place=toy", f"experiment.output={value}"]).experiment.output
    assert shown == Path(value).expanduser()


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("services.capacity_factor.gp=80", "services.capacity_factor.gp: must be at most 50 (you gave 80)"),
        ("int.workforce.added_fte.int_core=100000", "must be at most 5000 (you gave 100000)"),
        ("experiment.replications=5 6", "experiment.replications: must be a whole number"),
    ],
)
def test_a_slip_of_size_is_refused(override: str, said: str) -> None:
    with pytest.raises(InputError) as problem:
        compose(["place=toy", override])
    assert said in str(problem.value)
