"""Tables of cells as people save them: what is read, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.csv_rows import need_columns, rows_of
from scenarios.errors import InputError


def written(folder: Path, text: str | bytes) -> Path:
    """Return a file with ``text``."""
    path = folder / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_cells_are_read_as_they_stand_and_rows_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeffname , value\n a ,1\n\n"two\nlines, and a comma",2\n')
    header, rows = rows_of(path)
    assert header == ["name", "value"]
    assert rows == [(2, {"name": "a", "value": "1"}), (5, {"name": "two\nlines, and a comma", "value": "2"})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2,3\n", "table.csv row 2: has 3 cells, the header 2"),
        ("a,b\n1,2\n1\n", "table.csv row 3: has 1 cells, the header 2"),
        ("a,b,a\n", "table.csv: column 'a' is there twice"),
        (b"a,b\n1,\xe9\n", "table.csv: is not a text file in UTF-8"),
        ('a,b\n1,"2\n', "cannot be read as CSV"),
    ],
)
def test_ragged_and_broken_tables_are_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as refused:
        rows_of(written(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_may_end_early_where_that_is_allowed(tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, "a,b\n1\n"), short=True)[1] == [(2, {"a": "1", "b": ""})]
    with pytest.raises(InputError, match="cannot be read as CSV"):
        rows_of(tmp_path / "missing.csv")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"column 'c' is missing \(found: a, b\)"):
        need_columns(tmp_path / "table.csv", ["a", "b"], ("a", "c"))
    with pytest.raises(InputError, match="column 'c' is missing: is it one"):
        need_columns(tmp_path / "table.csv", ["a"], ("c",), ": is it one?")
