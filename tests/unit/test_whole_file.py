"""Files that are whole or absent: whatever happens while one is written, the old one stays and nothing is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from scenarios.whole_file import whole, write_json, write_text

REPO = Path(__file__).resolve().parents[2]
NO_ROOM = """
import resource, sys
from pathlib import Path
import pandas as pd
from evaluation.suppression import export_csv
from evaluation.validation import Finding, write_page
from scenarios.whole_file import write_text

folder, what = Path(sys.argv[1]), sys.argv[2]
long = pd.DataFrame({"figure": [x + 0.5 for x in range(5000)]})
writers = {
    "text": lambda: write_text(folder / "a.txt", "x" * 50_000),
    "page of checks": lambda: write_page([Finding("One", "?", "!", True, long)], [], folder / "validation.html"),
    "export": lambda: export_csv(long, folder / "a.csv", {}),
}
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    writers[what]()
except OSError as problem:
    print(problem.strerror)
"""


def test_a_file_takes_its_place_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert (part.parent, part.name) == (tmp_path, f".a.csv.{os.getpid()}.part")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def cut_short(path: Path, error: BaseException, folder: Path | None = None) -> None:
    """Write half of a file, or a file in a folder, and raise ``error``."""
    with whole(folder or path) as part:
        if folder is not None:
            part.mkdir()
        (part if folder is None else part / path.name).write_text("half")
        raise error


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        cut_short(path, ZeroDivisionError())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_whole_too(tmp_path: Path) -> None:
    with whole(tmp_path / "place") as part:
        (part / "within").mkdir(parents=True)
    assert (tmp_path / "place" / "within").is_dir()
    with pytest.raises(KeyboardInterrupt):
        cut_short(tmp_path / "other" / "within", KeyboardInterrupt(), tmp_path / "other")
    assert [each.name for each in tmp_path.iterdir()] == ["place"]


def test_a_name_that_is_taken_by_a_folder_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json" / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="a\\.json"):
        write_text(tmp_path / "a.json", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_text_and_json_are_written_to_the_byte(tmp_path: Path) -> None:
    assert write_text(tmp_path / "a.txt", "£1\r\n2\n").read_bytes() == "£1\r\n2\n".encode()
    path = write_json(tmp_path / "a.json", {"b": 1, "a": date(2025, 1, 2)})
    assert path.read_text(encoding="utf-8") == '{\n  "b": 1,\n  "a": "2025-01-02"\n}\n'
    loop: dict[str, object] = {}
    loop["itself"] = loop
    with pytest.raises(ValueError, match="Circular"):
        write_json(path, loop)
    assert json.loads(path.read_text(encoding="utf-8")) == {"b": 1, "a": "2025-01-02"}


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
@pytest.mark.parametrize("what", ["text", "page of checks", "export"])
def test_no_room_for_a_file_leaves_nothing_of_it(what: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", NO_ROOM, str(tmp_path), what]
    said = subprocess.run(words, cwd=REPO, capture_output=True, text=True, check=True)
    assert said.stdout == "File too large\n"
    assert list(tmp_path.iterdir()) == []
