"""Cases kept in the project are the shared ones, file by file, and each says whose it is."""

from __future__ import annotations

import pytest

from tests.known_answer_files import RETYPED, folder

CASES = sorted(path.name for path in RETYPED.iterdir() if path.is_dir())


def test_every_copy_has_a_line_that_names_source_and_licence() -> None:
    text = (RETYPED / "README.md").read_text(encoding="utf-8")
    assert CASES
    assert all(f"| {case} |" in text for case in CASES)


@pytest.mark.parametrize("case", CASES)
def test_a_copy_is_what_it_was_copied_from(case: str) -> None:
    if not (folder() / case).is_dir():
        pytest.skip(f"known-answer case {case} is not at {folder()} (set INTSIM_KNOWN_ANSWERS)")
    for name in ("inputs.csv", "expected.csv"):
        assert (RETYPED / case / name).read_bytes() == (folder() / case / name).read_bytes()
