"""Files that are whole or absent: written under a name of their own, which only then becomes theirs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a name beside ``path`` for a file, or a folder, that takes its place when the block ends well.

    After an error what there is of it is removed, and ``path`` is as it was. The name is of this process alone, begins
    with a dot and ends in ``.part``: what a killed process leaves can be told. Raises OSError where it cannot be given.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` in UTF-8, whole or not at all, and return ``path``. Ends of lines stay as they are."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_json(path: Path, data: Mapping[str, Any]) -> Path:
    """Write ``data`` as indented JSON, whole or not at all, and return ``path``; what JSON has no form for as text."""
    return write_text(path, json.dumps(data, indent=2, sort_keys=False, default=str) + "\n")
