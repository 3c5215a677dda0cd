"""Replays on disk: a folder for each, whose YAML is data and never makes an object of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evaluation.replays.definition import Replay
from scenarios.errors import InputError, nearest, raise_all
from scenarios.schema.block import Block
from scenarios.schema.problems import problems_of
from scenarios.user_files import once_loaded

STUDIES = Path(__file__).parent / "studies"
FILE = "replay.yaml"
Read = TypeVar("Read", bound=Block)


def names_in(folder: Path = STUDIES) -> list[str]:
    """Return the replays in a folder of folders, sorted. Raises InputError if there are none."""
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder of replays")
    found = sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))
    if not found:
        raise InputError(str(folder), f"holds no replays: a folder for each is needed, with a {FILE}")
    return found


def chosen(words: Sequence[str], folder: Path = STUDIES) -> list[str]:
    """Return the names asked for ('all': every one). Raises InputError for one that is not there, or none."""
    known = names_in(folder)
    if not words:
        raise InputError("intsim replay", "name replays, or all; --list shows them")
    if "all" in words:
        return known
    for word in words:
        if word not in known:
            raise InputError("intsim replay", f"no such replay '{word}': {nearest(word, [*known, 'all'])}")
    return sorted(set(words))


def read_replay(folder: Path) -> Replay:
    """Return the replay in ``folder``. Raises InputError naming file, key, value and what is allowed."""
    return read_block(Path(folder) / FILE, Replay)


def read_block(path: Path, model: type[Read]) -> Read:
    """Return the settings in a YAML file. Raises InputError, a line for each problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise InputError(str(path), f"cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(str(path), "is not text in UTF-8") from None
    settings = once_loaded(text, str(path))
    if not isinstance(settings, dict):
        raise InputError(str(path), "must be a group of names and values")
    try:
        return model.model_validate(settings)
    except ValidationError as failure:
        raise_all([InputError(f"{path} {one.where}".rstrip(), one.problem) for one in problems_of(failure, model)])
        raise
