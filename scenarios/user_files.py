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
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".yaml", ".yml") and not path.name.startswith(".") and not path.is_dir()
    )
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
    """Return what one YAML file holds that a user's settings may not; ``where`` names it in messages.

    Raises InputError for a file that cannot be read at all, as YAML or otherwise.
    """
    if path.suffix == ".yml":
        raise InputError(where, "settings files end in .yaml: rename it")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(where, f"is larger than {MOST_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8")
        check_shape(text, where)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as problem:
        raise InputError(where, f"cannot be read: {problem.strerror}") from None
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
        seen: set[str] = set()
        for key, value in node.value:
            line = f"{where} line {key.start_mark.line + 1} key"
            if not isinstance(key, yaml.ScalarNode):
                yield InputError(f"{line} {'.'.join(keys) or '(top)'}", "keys must be words")
                continue
            name = str(key.value)
            problem = refused_key(name) or refused_text(name) or (f"'{name}' is given twice" if name in seen else None)
            if problem:
                yield InputError(f"{line} {'.'.join((*keys, name))}", problem)
            seen.add(name)
            if name == "defaults" and not keys:
                yield from defaults_problems(value, line)
            yield from walk(value, where, (*keys, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from walk(value, where, (*keys, str(index)))
    else:
        problem = refused_text(str(node.value))
        if problem:
            yield InputError(here, problem)


def defaults_problems(node: yaml.Node, where: str) -> Iterator[InputError]:
    """Yield what is wrong with a list of what a settings file starts from: names, or 'group: name'."""
    allowed = "must be a list of names, each on a line of its own after '- '"
    if not isinstance(node, yaml.SequenceNode):
        yield InputError(f"{where} defaults", allowed)
        return
    for entry in node.value:
        pairs = entry.value if isinstance(entry, yaml.MappingNode) else [(entry, entry)]
        if not all(isinstance(each, yaml.ScalarNode) for pair in pairs for each in pair):
            yield InputError(f"{where} defaults", allowed)


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


def once_loaded(text: str, where: str) -> Any:
    """Return YAML as plain data; raise InputError for a key given twice, an alias, or what cannot be read."""
    try:
        check_shape(text, where)
        return yaml.load(text, Loader=OnceLoader)
    except yaml.YAMLError as problem:
        raise InputError(where, f"not valid YAML: {one_line(str(problem))}") from None
    except ValueError as problem:  # such as the date 2024-02-30
        if isinstance(problem, InputError):
            raise
        raise InputError(where, f"holds a value that cannot be read: {one_line(str(problem))}") from None


class OnceLoader(yaml.SafeLoader):
    """YAML as plain data, in which a key given twice is an error and no alias is followed."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias: it could make a small file very large."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is given twice."""
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.YAMLError("keys must be words")
            if key in seen:
                raise yaml.YAMLError(f"'{key}' is given twice")
            seen.add(key)
        return super().construct_mapping(node, deep)
