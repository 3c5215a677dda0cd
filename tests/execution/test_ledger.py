"""What is finished is known from files alone, and nothing else counts as finished."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from scenarios.compose import compose
from scenarios.errors import InputError
from sim.execution.claim import claim, locked
from sim.execution.ledger import Ledger
from sim.execution.plan import make_plan_of, read_plan
from sim.execution.tables import join_parts
from sim.experiment import usual_care
from sim.task import Task

TASK = Task(0, 3)
WORDS = ("place=toy", "experiment=quick", "int=frailty")


def begun(folder: Path) -> Ledger:
    """Return a ledger with a task that has written two tables."""
    ledger = Ledger(folder)
    ledger.begin(TASK)
    for table in ("panel", "waits"):
        pd.DataFrame({"count": [1, 2, 3]}).to_parquet(folder / f"{table}-{TASK.name}-arm0.parquet", index=False)
    return ledger


def test_a_task_is_finished_when_it_is_marked_and_not_before(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    assert not ledger.finished(TASK)
    ledger.finish(TASK, 1.5)
    assert ledger.finished(TASK)
    assert ledger.seconds(TASK) == 1.5
    assert not ledger.finished(Task(0, 4))


@pytest.mark.parametrize("harm", ["missing", "cut", "changed", "empty marker", "half a marker"])
def test_a_harmed_file_makes_the_task_undone(tmp_path: Path, harm: str) -> None:
    ledger = begun(tmp_path)
    ledger.finish(TASK, 1.0)
    part, marker = tmp_path / f"waits-{TASK.name}-arm0.parquet", ledger.path(TASK, "done")
    whole, said = part.read_bytes(), marker.read_bytes()
    if harm == "missing":
        part.unlink()
    elif harm == "cut":
        part.write_bytes(whole[:-1])
    elif harm == "changed":
        part.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    else:
        marker.write_bytes(b"" if harm == "empty marker" else said[: len(said) // 2])
    assert not ledger.finished(TASK)


def test_starting_again_forgets_what_was_there_and_counts(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.tick(TASK)
    ledger.tick(TASK)
    ledger.finish(TASK, 1.0)
    assert ledger.months(TASK) == 2
    ledger.begin(TASK)
    assert not ledger.finished(TASK)
    assert ledger.tables(TASK) == []
    assert ledger.months(TASK) == 0
    assert ledger.starts(TASK) == 2


def test_half_written_files_of_killed_processes_are_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".panel-x.parquet.123.part").write_bytes(b"half")
    Ledger(tmp_path).sweep()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_read_back_is_the_same_plan(tmp_path: Path) -> None:
    plan = make_plan_of([compose(WORDS), compose([*WORDS, "int=outreach"])], usual_care())
    plan.write(tmp_path)
    assert read_plan(tmp_path) == plan
    assert [arm.name for arm in plan.arms.arms] == ["frailty", "outreach"]


def test_a_folder_is_refused_unless_it_is_this_experiment(tmp_path: Path) -> None:
    plan = make_plan_of([compose(WORDS)], usual_care())
    assert not claim(plan, tmp_path / "new", resume=False)
    begun_there = tmp_path / "run" / "tasks"
    begun_there.mkdir(parents=True)
    plan.write(begun_there)
    with pytest.raises(InputError, match="holds an unfinished run: go on with --resume"):
        claim(plan, tmp_path / "run", resume=False)
    assert not claim(plan, tmp_path / "run", resume=True)
    same = make_plan_of([compose([*WORDS, "experiment.workers=3", "experiment.executor=serial"])], usual_care())
    assert not claim(same, tmp_path / "run", resume=True)  # who does the work changes no result
    for word, said in (
        ("experiment.seed=2", r"experiment\.seed is 1 there and 2 here"),
        ("int.workforce.added_fte.gp=2.5", r"int\.workforce\.added_fte\.gp"),
        ("structure.trust=false", r"structure\.trust is true there and false here"),
        ("evidence.overrides.find_share=0.1", r"evidence\.overrides\.find_share is null there and 0\.1 here"),
    ):
        other = make_plan_of([compose([*WORDS, word])], usual_care())
        with pytest.raises(InputError, match=said):
            claim(other, tmp_path / "run", resume=True)


def test_other_code_or_inputs_are_refused(tmp_path: Path) -> None:
    plan = make_plan_of([compose(WORDS)], usual_care())
    begun_there = tmp_path / "tasks"
    begun_there.mkdir()
    plan.write(begun_there)
    for part, said in (("code", "code of intsim"), ("inputs", "files of the place or evidence")):
        changed = type(plan)(plan.scenarios, plan.usual, {**plan.identity, part: "0"})
        with pytest.raises(InputError, match=f"begun with other {said}"):
            claim(changed, tmp_path, resume=True)


def test_a_folder_of_other_files_is_refused_even_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files but no run to go on with"):
        claim(make_plan_of([compose(WORDS)], usual_care()), tmp_path, resume=True)


def test_a_run_that_wrote_no_plan_can_be_begun_again(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / ".lock").touch()  # as left when the disk was full before anything else was written
    assert claim(make_plan_of([compose(WORDS)], usual_care()), tmp_path, resume=True) is False


def test_two_processes_cannot_run_one_experiment(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="this system has no such locks")
    with (
        locked(tmp_path),
        pytest.raises(InputError, match="another process is running this experiment"),
        locked(tmp_path),
    ):
        raise AssertionError("the folder was held twice")
    with locked(tmp_path):
        pass


def test_parts_are_joined_in_order_and_empty_ones_do_no_harm(tmp_path: Path) -> None:
    frames = [
        pd.DataFrame(columns=["arm", "count"]),
        pd.DataFrame({"arm": ["a", "b"], "count": [1, 2]}),
        pd.DataFrame({"arm": ["c"], "count": [3]}),
    ]
    parts = []
    for number, frame in enumerate(frames):
        parts.append(tmp_path / f"part{number}.parquet")
        frame.to_parquet(parts[-1], index=False)
    join_parts(parts, tmp_path / "whole.parquet")
    whole = pd.read_parquet(tmp_path / "whole.parquet")
    pd.testing.assert_frame_equal(whole, pd.concat(frames[1:], ignore_index=True))
    assert pq.ParquetFile(tmp_path / "whole.parquet").num_row_groups >= 2
    assert not list(tmp_path.glob(".*.part"))


def test_what_is_applied_to_results_alone_does_not_stand_in_the_way_of_going_on(tmp_path: Path) -> None:
    from intsim.cases.arms import arms_of
    from sim.execution.identity import simulated_from

    case = ("place=toy", "experiment=quick", "case=default", "case.options=[frailty]")
    begun_there = tmp_path / "tasks"
    begun_there.mkdir()
    make_plan_of(arms_of(compose(case)), usual_care()).write(begun_there)
    for word in ("case.discounting=green_book", "case.gradient=steep", "case.prices={ed_attendance:250}"):
        changed = compose([*case, word])
        assert not claim(make_plan_of(arms_of(changed), usual_care()), tmp_path, resume=True)
    dearer = arms_of(compose([*case, "case.budget_gbp_per_10000=600000"]))
    with pytest.raises(InputError, match=r"int\.workforce\.added_fte"):
        claim(make_plan_of(dearer, usual_care()), tmp_path, resume=True)
    hashes = {"evidence/economics/prices.csv": "1", "evidence/claims.csv": "2", "evidence/parameters/levers.csv": "3"}
    assert simulated_from(hashes) == {"evidence/parameters/levers.csv": "3"}
