"""A user's YAML is data: checked here before anything reads it, and never instantiated or interpolated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from scenarios.errors import InputError, one_line, raise_all

MOST_BYTES = 1_000_000
MOST_DEPTH = 30
PLAIN_TAGS = ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
INSTANTIATING = ("_target_", "_partial_", "_recursive_", "_args_", "_convert_")


def check_folder(folder: Path) -> list[Path]:
    """Return the YAML files of a user's settings folder once each of them has been checked.

    Raises InputError naming file, line and key for what a settings file may not hold.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder of settings")
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    problems: list[InputError] = []
    for path in files:
        where = path.relative_to(folder).as_posix()
        try:
            problems.extend(problems_in(path, where))
        except InputError as problem:
            problems.append(problem)
    raise_all(problems)
    return files


def problems_in(path: Path, where: str) -> list[InputError]:
    """Return what one YAML file holds that a user's settings may not; ``where`` names it in messages."""
    if path.suffix == ".yml":
        raise InputError(where, "settings files end in .yaml: rename it")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(where, f"is larger than {MOST_BYTES:,} bytes")
    try:
        text = path.read_text(encoding="utf-8")
        check_shape(text, where)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise InputError(where, "is not a text file in UTF-8") from None
    except yaml.YAMLError as problem:
        raise InputError(where, f"is not valid YAML: {yaml_words(problem)}") from None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise InputError(where, "must hold settings, one 'name: value' on a line")
    return list(walk(root, where, ()))


def check_shape(text: str, where: str) -> None:
    """Raise InputError if YAML nests deeper than MOST_DEPTH or uses aliases, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise InputError(where, "YAML anchors and aliases (& and *) are not allowed: write the values out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise InputError(where, f"is nested more than {MOST_DEPTH} deep")


def walk(node: yaml.Node, where: str, keys: tuple[str, ...]) -> Iterator[InputError]:
    """Yield each problem in ``node`` and below it."""
    here = f"{where} line {node.start_mark.line + 1} key {'.'.join(keys) or '(top)'}"
    if node.tag.removeprefix("tag:yaml.org,2002:") not in (*PLAIN_TAGS, "merge"):
        yield InputError(here, f"the YAML tag '{node.tag}' is not allowed")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            problem = refused_key(name) or refused_text(name)
            if problem:
                yield InputError(f"{where} line {key.start_mark.line + 1} key {'.'.join((*keys, name))}", problem)
            yield from walk(value, where, (*keys, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from walk(value, where, (*keys, str(index)))
    else:
        problem = refused_text(str(node.value))
        if problem:
            yield InputError(here, problem)


def refused_key(key: str) -> str | None:
    """Return why a key may not be used, or None."""
    if key in INSTANTIATING:
        return f"'{key}' is not allowed: settings are data and are never instantiated"
    return None


def refused_text(text: str) -> str | None:
    """Return why a text may not be used, or None."""
    if "${" in text:
        return f"interpolation is not allowed (found '{one_line(text)[:60]}'): write the value"
    return None


def check_value(value: Any, where: str) -> None:
    """Raise InputError if ``value`` (plain containers and values) holds a refused key or text anywhere."""
    if isinstance(value, dict):
        for key, inner in value.items():
            problem = refused_key(str(key)) or refused_text(str(key))
            if problem:
                raise InputError(f"{where}.{key}", problem)
            check_value(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            check_value(inner, f"{where}.{index}")
    elif isinstance(value, str):
        problem = refused_text(value)
        if problem:
            raise InputError(where, problem)


def yaml_words(problem: yaml.YAMLError) -> str:
    """Return what the YAML reader complained of, with the line, on one line."""
    mark = getattr(problem, "problem_mark", None)
    reason = getattr(problem, "problem", None) or str(problem)
    return one_line(f"{reason} (line {mark.line + 1})" if mark else reason)
