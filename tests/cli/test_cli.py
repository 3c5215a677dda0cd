"""The command line: help at once, bad input in one line with exit code 2, nothing half-written."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

import intsim
from intsim.cli import COMMANDS, main
from intsim.outputs import claimed, new_folder
from intsim.progress import Progress
from scenarios.errors import InputError


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 2) -> str:
    """Return what the command wrote to standard error, once its exit code is ``code``."""
    assert main(list(words)) == code
    written = capsys.readouterr()
    assert "Traceback" not in written.err
    return written.err.strip()


def test_help_comes_in_under_a_second() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "intsim", "--help"], capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 1.0
    assert all(name in done.stdout for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from intsim.cli import main; main(['--help']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "pandas", "hydra", "numba", "mesa", "simpy", "matplotlib"):
        assert f"'{heavy}'" not in done.stdout


def test_the_version_is_the_packages_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"intsim {intsim.__version__}\n"


def test_bad_input_is_one_line_on_standard_error_with_exit_code_2(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "intsim", "run", "int.workforce.added_fte.gp=-2"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "int.workforce.added_fte.gp: must be at least 0 (you gave -2)\n"
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["runn"], "intsim: no such command 'runn': did you mean 'run'?"),
        (["run", "--config-dr", "x"], "intsim run: no such option '--config-dr': did you mean '--config-dir'?"),
        (["run", "place=toi"], "place: no such option 'toi': did you mean 'toy'?"),
        (["run", "int=frailty,outreach"], "only 'intsim run -m' takes those"),
        (["run", "place.name=${oc.env:HOME}"], "interpolation is not allowed"),
        (["verify", "engine=slow"], "engine: no such option 'slow': allowed: compiled, reference"),
        (["compare", "place=toy"], "int: both arms are 'usual_care': name the design to compare"),
        (["compare", "int=frailty", "baseline=usualcare"], "baseline: no such INT design 'usualcare': did you mean"),
        (["compare", "int=frailty", "baseline=a", "baseline=b"], "baseline: is given 2 times"),
        (["evidence", "find_shar"], "intsim evidence: no such parameter 'find_shar': did you mean 'find_share'?"),
        (["place", "chek", "x"], "intsim place: no such action 'chek': did you mean 'check'?"),
        (["place"], "intsim place: the following arguments are required: ACTION, DIR"),
    ],
)
def test_each_command_refuses_bad_input(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    line = said(capsys, *words)
    assert message in line
    assert "\n" not in line


@pytest.mark.parametrize("command", ["run", "compare"])
def test_a_folder_that_holds_another_run_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    line = said(capsys, command, "place=toy", "int=frailty", f"experiment.output={tmp_path}")
    assert line == f"{tmp_path}: holds another run (manifest.json): choose another folder or remove it"
    (tmp_path / "manifest.json").rename(tmp_path / "notes.txt")
    assert "is not empty" in said(capsys, command, "place=toy", "int=frailty", f"experiment.output={tmp_path}")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_claimed_folder_goes_again_when_nothing_was_written(tmp_path: Path) -> None:
    with pytest.raises(InputError), claimed(tmp_path / "a" / "b", "run"):
        raise InputError("place", "no such place")
    assert not (tmp_path / "a" / "b").exists()
    with claimed(tmp_path / "c", "run") as folder:
        (folder / "panel.parquet").write_text("x")
    assert (tmp_path / "c" / "panel.parquet").exists()


def test_default_folders_of_one_second_do_not_collide() -> None:
    names = {new_folder("run", datetime(2026, 1, 2, 3, 4, 5, at)) for at in range(50)}  # a microsecond apart
    assert len(names) == 50
    assert all(name.name.startswith("run-20260102-030405-") for name in names)
    assert new_folder("run") != new_folder("compare")


def test_settings_can_be_shown_without_running(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--show", "place=toy", "int=frailty", "int.transition.go_live_month=3"]) == 0
    base, other = capsys.readouterr().out.split("---\n")
    assert "name: usual_care" in base
    assert "go_live_month: 0" in base
    assert "name: frailty" in other
    assert "go_live_month: 3" in other
    assert main(["run", "-m", "--show", "int=frailty,outreach", "place=toy"]) == 0
    shown = capsys.readouterr().out
    assert "name: frailty" in shown
    assert "name: outreach" in shown


def test_evidence_as_a_table_in_full_and_as_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["evidence"]) == 0
    table = capsys.readouterr().out
    assert "coordination_handover_rr" in table
    assert "0.85 (0.7 to 1.03)" in table
    assert main(["evidence", "coordination_handover_rr"]) == 0
    assert "I-PASS" in capsys.readouterr().out
    file = tmp_path / "evidence.csv"
    assert main(["evidence", "--csv", str(file)]) == 0
    capsys.readouterr()
    rows = {row["name"]: row for row in csv.DictReader(file.open())}
    assert rows["coordination_handover_rr"]["central"] == "0.85"
    assert "exists already" in said(capsys, "evidence", "--csv", str(file))


def test_progress_is_quiet_for_two_seconds_then_plain_lines_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("intsim.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress(0, 4, "replications")
        now[0] += 1.9
        progress(1, 4, "replications")
        assert stream.getvalue() == ""
        now[0] += 1.0
        progress(2, 4, "replications")
        progress(3, 4, "replications")
        progress(4, 4, "replications")
        progress.say("given up: draw 0, replication 1")
    lines = "2 of 4 replications, about 3 s left\n4 of 4 replications\ngiven up: draw 0, replication 1\n"
    assert stream.getvalue() == lines


def test_a_folder_called_sim_elsewhere_cannot_hide_ours(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "__init__.py").write_text("")
    (tmp_path / "scenarios" / "errors.py").write_text("")
    words = [sys.executable, "-m", "intsim", "evidence"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode != 0
    assert "hides intsim's own" in done.stderr
    assert "Traceback" not in done.stderr
