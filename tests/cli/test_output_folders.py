"""Where results cannot be kept is said before anything is run, and so is what a long run would trip over at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from intsim.cli import main

TABLE = "unit,month,first_treated,y\na,0,1,2\na,1,1,3\nb,0,,2\nb,1,,2\n"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what is printed on standard error, of which there is a line; the exit code is 2."""
    assert main(list(words)) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1, said
    return said


@pytest.mark.parametrize("below", ["", "/deeper/still"])
def test_a_file_in_the_place_of_a_folder_of_results(
    below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken, table = tmp_path / "taken", tmp_path / "table.csv"
    taken.write_text("mine", encoding="utf-8")
    table.write_text(TABLE, encoding="utf-8")
    output = f"{taken}{below}"
    for words in (
        ["evaluate", str(table), "--outcome", "y", "--output", output],
        ["replay", "named_gp", "place=toy", "experiment.burn_in_months=13", f"experiment.output={output}"],
        ["report", str(tmp_path), "--output", output],
        ["run", "place=toy", f"experiment.output={output}"],
        ["validate", "levels", "--output", output],
    ):
        assert refused(capsys, *words) == f"{taken}: is a file: results need a folder\n"
    assert taken.read_text(encoding="utf-8") == "mine"


def test_another_run_to_show_beside_is_read_before_replays_are_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["replay", "named_gp", "place=toy", "experiment.burn_in_months=13", f"experiment.output={out}"]
    said = refused(capsys, *words, "--beside", str(tmp_path / "nowhere"))
    assert said == f"{tmp_path / 'nowhere'}: holds no scoreboard of replays (coverage.csv, facts.csv)\n"
    assert not out.exists()


def test_a_file_that_is_no_text_and_one_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names.txt"
    names.write_bytes(b"find_share\xff\xfe")
    assert refused(capsys, "calibrate", "place=toy", f"parameters={names}") == f"{names}: is not a text file in UTF-8\n"
    to = tmp_path / "missing" / "x.csv"
    said = refused(capsys, "targets", "tidy", "england_average", "--output", str(to))
    assert said == f"{to}: cannot be written: No such file or directory\n"
