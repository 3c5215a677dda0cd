"""A course on disk: nothing is lost on the way, and a file that is not whole, or not ours, is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenarios.errors import InputError
from sim.month import Course, first_course, make_plan, run_month
from sim.store import load_course, save_course
from sim.task import ENGINES
from tests.residents import assert_same_course, built, toy, usual_care


@pytest.fixture(scope="module")
def course() -> Course:
    """Return a course two months old."""
    world = toy()
    plan = make_plan(world, usual_care(world), usual_care(world))
    course = first_course(world, 1)
    for _ in range(2):
        run_month(world, course, plan, ENGINES["compiled"])
    return course


def test_a_course_comes_back_as_it_was(course: Course, tmp_path: Path) -> None:
    save_course(course, tmp_path / "course.npz")
    back = load_course(tmp_path / "course.npz", toy())
    assert_same_course(course, back)
    assert back.state.tables.people.dtype == course.state.tables.people.dtype
    assert len(course.memory.episodes) > 0
    assert np.array_equal(back.memory.episodes, course.memory.episodes)
    assert back.last is not None
    assert course.last is not None
    assert np.array_equal(back.last.panel, course.last.panel)
    for one, other in zip(back.last.waits, course.last.waits, strict=True):
        assert np.array_equal(one, other)
    assert (back.last.start_s, back.last.end_s) == (course.last.start_s, course.last.end_s)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course.npz"]


def test_a_course_that_has_not_begun_comes_back(tmp_path: Path) -> None:
    save_course(first_course(toy(), 1), tmp_path / "course.npz")
    back = load_course(tmp_path / "course.npz", toy())
    assert back.last is None
    assert_same_course(back, first_course(toy(), 1))


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(course: Course, tmp_path: Path, kept: float) -> None:
    file = tmp_path / "course.npz"
    save_course(course, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError, match=r"course\.npz: not a saved course"):
        load_course(file, toy())


def test_a_missing_file_another_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "words.npz").write_text("not an archive")
    np.savez(tmp_path / "other.npz", numbers=np.array([1, 2, 3]))
    for name in ("absent.npz", "words.npz", "other.npz", "."):
        with pytest.raises(InputError, match="not a saved course"):
            load_course(tmp_path / name, toy())


def test_a_course_of_another_world_is_refused(course: Course, tmp_path: Path) -> None:
    save_course(course, tmp_path / "course.npz")
    other = built("evidence.overrides={service_gp_minutes: 20}")
    with pytest.raises(InputError, match="another place or other evidence"):
        load_course(tmp_path / "course.npz", other)


def test_a_failed_write_leaves_the_old_file(course: Course, tmp_path: Path) -> None:
    file = tmp_path / "course.npz"
    save_course(course, file)
    before = file.read_bytes()
    broken = course.copy()
    broken.state.rows = np.array([object()])
    with pytest.raises(ValueError, match="allow_pickle"):
        save_course(broken, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["course.npz"]
