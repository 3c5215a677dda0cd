"""Going on with a run from the command line, presets, and how long is left."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from intsim.cli import main
from intsim.progress import Progress, in_words
from scenarios.compose import compose
from sim.execution.unfinished import Unfinished

SHORT = ("place=toy", "experiment=quick", "experiment.horizon_months=1", "experiment.burn_in_months=0")


def test_a_finished_run_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", *SHORT, f"experiment.output={tmp_path / 'run'}", "--resume"]
    assert main(words) == 0
    first = capsys.readouterr()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}
    assert main(words) == 0
    second = capsys.readouterr()
    assert first.out == second.out
    assert f"{tmp_path / 'run'} is complete already" in second.err
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()} == before
    assert main([*words, "experiment.seed=5"]) == 2
    assert "holds another run, which is complete: give a new folder" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run"], ["run", "-m"], ["compare", "int=frailty"]])
def test_to_go_on_needs_the_folder(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, *SHORT, "--resume"]) == 2
    assert capsys.readouterr().err == "--resume: needs the folder to go on with: experiment.output=DIR\n"


@pytest.mark.parametrize(
    ("preset", "months", "draws", "replications"),
    [("quick", 12, 1, 2), ("standard", 36, 8, 2), ("overnight", 36, 64, 2)],
)
def test_presets_set_the_size_of_an_experiment(preset: str, months: int, draws: int, replications: int) -> None:
    experiment = compose([f"preset={preset}"]).experiment
    assert (experiment.horizon_months, experiment.draws, experiment.replications) == (months, draws, replications)
    assert compose([f"preset={preset}", "experiment.draws=4"]).experiment.draws == 4


def test_a_comparison_is_of_the_whole_default_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "int=frailty", "--show"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("name: bi_borough") == 2
    assert shown.count("neighbourhoods: all") == 2


def test_an_unknown_preset_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "int=frailty", "preset=overnigt"]) == 2
    assert capsys.readouterr().err == "preset: no such option 'overnigt': did you mean 'overnight'?\n"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("experiment.draws=6", "experiment.draws: must be a power of two, such as 4 or 8 (you gave 6)"),
        ("experiment.draws=4", "experiment.draws: needs experiment.replications of at least 2"),
        ("experiment.stop.half_width=1", "experiment.stop.half_width: goes with experiment.stop.outcome"),
        ("experiment.stop.outcome=deaths", "experiment.stop.half_width: goes with experiment.stop.outcome"),
        ("experiment.executor=cloud", "experiment.executor: must be one of serial, local, dask, slurm"),
        (
            "experiment.slurm.options=[short]",
            "must be a list of options for sbatch that begin with --; 'short' does not",
        ),
    ],
)
def test_settings_of_an_experiment_are_checked(word: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *SHORT, word]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_an_unfinished_experiment_has_an_exit_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unfinished(words: list[str]) -> int:
        raise Unfinished("results", "1 of 4 tasks could not be finished", ("draw 0, replication 1 (seed 5): killed",))

    monkeypatch.setattr("intsim.apps.run.main", unfinished)
    assert main(["run"]) == 3
    said = capsys.readouterr().err
    assert said == "results: 1 of 4 tasks could not be finished\ndraw 0, replication 1 (seed 5): killed\n"


def test_time_left_counts_from_where_this_run_began(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("intsim.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress(600, 1_000, "months")  # done before, and gone on from
        now[0] = 100.0
        progress(700, 1_000, "months")
    assert stream.getvalue() == "700 of 1000 months, about 5 min left\n"


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (59, "59 s"), (90, "2 min"), (7_300, "2 h 02 min")])
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
