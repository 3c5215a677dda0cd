"""Which parameters the model's code reads, found by walking its source: names that live functions look up.

A function is live when a name in live code is its own; what runs on import and everything under intsim/ is live to
begin with. A look-up is a string that is a parameter's whole name, or one with holes that fits it.
Reading the source finds rare branches that no short run enters; it does not show that a branch is ever taken.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("sim", "scenarios", "evaluation", "calibration", "intsim")
NOT_READERS = ("scenarios/registry/",)  # the registry itself: it names rows to check and print them
HOLE = "[a-z0-9]+(?:_[a-z0-9]+)*"
LEAST_FIXED = 4  # letters an f-string must fix: f"{a}_{b}" alone could be any name


@dataclass
class Part:
    """A function, or what a module does on import: names it mentions, and patterns of the strings it makes."""

    file: str
    name: str
    mentions: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)


def unread(names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that no live code looks up, in order."""
    found = re.compile("|".join(f"(?:{pattern})" for pattern in sorted(live_patterns())))
    return sorted(name for name in names if not found.fullmatch(name))


def live_mentions() -> set[str]:
    """Return every name that live code mentions."""
    return set().union(*(part.mentions for part in live_parts()))


def live_patterns() -> set[str]:
    """Return the patterns of every string that live code makes."""
    return set().union(*(part.patterns for part in live_parts()))


@lru_cache(maxsize=1)
def live_parts() -> tuple[Part, ...]:
    """Return the parts that can run: those that start live, and those that live ones mention."""
    parts = [part for file, tree in trees().items() for part in parts_of(file, tree)]
    named: dict[str, list[Part]] = {}
    for part in parts:
        named.setdefault(part.name, []).append(part)
    todo = [part for part in parts if not part.name or part.file.startswith("intsim/") or part.name.startswith("__")]
    live: dict[int, Part] = {}
    while todo:
        part = todo.pop()
        if id(part) in live:
            continue
        live[id(part)] = part
        todo += [other for name in part.mentions for other in named.get(name, ())]
    return tuple(live.values())


@lru_cache(maxsize=1)
def trees() -> dict[str, ast.Module]:
    """Return the syntax trees of the product's files, by path."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    named = {path.relative_to(ROOT).as_posix(): path for path in files}
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in named.items()
        if not name.startswith(NOT_READERS)
    }


def parts_of(file: str, tree: ast.Module) -> Iterator[Part]:
    """Yield the parts of one module: functions, methods and what ``one_of`` makes one by one, and the rest together."""
    fixed = constants()
    rest = Part(file, "")
    made = [node for node in tree.body if isinstance(node, ast.Assign) and called(node.value) == "one_of"]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(child) for each in functions for statement in each.body for child in ast.walk(statement)}
    for each in functions:
        part = Part(file, each.name)
        for statement in each.body:
            for node in ast.walk(statement):
                note(part, node, fixed, each)
        yield part
    for assigned in made:  # live where its name is mentioned, as a function is
        inside |= {id(child) for child in ast.walk(assigned)}
        for target in assigned.targets:
            part = Part(file, ast.unparse(target))
            for node in ast.walk(assigned.value):
                note(part, node, fixed, None)
            yield part
    for node in ast.walk(tree):
        if id(node) not in inside:
            note(rest, node, fixed, None)
    yield rest


def called(node: ast.AST) -> str:
    """Return the name of the function that a call is of, "" if it is something else."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def note(part: Part, node: ast.AST, fixed: dict[str, str], function: ast.AST | None) -> None:
    """Add to ``part`` what one node mentions or makes. Imports mention nothing: an unused import keeps nothing live."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        part.mentions.add(node.id)
    elif isinstance(node, ast.Attribute):
        part.mentions.add(node.attr)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch("[a-z0-9_{}]+", node.value):
        add(part, re.escape(node.value).replace(re.escape("{}"), HOLE))
    elif isinstance(node, ast.JoinedStr):
        for pattern in joined_patterns(node, fixed, function):
            add(part, pattern)


def add(part: Part, pattern: str) -> None:
    """Add a pattern to ``part`` unless it fixes too little of a name."""
    if sum(map(str.isalpha, pattern.replace(HOLE, ""))) >= LEAST_FIXED:
        part.patterns.add(pattern)


def joined_patterns(node: ast.JoinedStr, fixed: dict[str, str], function: ast.AST | None) -> list[str]:
    """Return patterns of an f-string: holes filled by constants, and by the words callers pass to ``function``."""
    found = [""]
    for piece in node.values:
        options = [HOLE]
        if isinstance(piece, ast.Constant):
            options = [re.escape(str(piece.value))]
        elif isinstance(piece, ast.FormattedValue) and isinstance(piece.value, ast.Name):
            name = piece.value.id
            if name in fixed:
                options = [re.escape(fixed[name])]
            elif isinstance(function, ast.FunctionDef):
                options = [
                    re.escape(word) for word in passed(function.name).get(place_of(function, name), ())
                ] or options
        found = [start + option for start in found for option in options]
    return found


def place_of(function: ast.FunctionDef, name: str) -> int:
    """Return the place of a parameter among the function's own, -1 if it is none of them."""
    names = [each.arg for each in function.args.args]
    return names.index(name) if name in names else -1


@lru_cache(maxsize=1)
def constants() -> dict[str, str]:
    """Return the strings that modules give a name in capitals."""
    found: dict[str, str] = {}
    for tree in trees().values():
        for node in tree.body:
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for one, value in pairs:
                    if isinstance(one, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found[one.id] = value.value
    return found


@lru_cache(maxsize=1)
def calls() -> dict[str, dict[int, set[str]]]:
    """Return the words that calls pass, by name of the function called and place of the argument."""
    found: dict[str, dict[int, set[str]]] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                for place, given in enumerate(node.args):
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        found.setdefault(called, {}).setdefault(place, set()).add(given.value)
    return found


def passed(name: str) -> dict[int, set[str]]:
    """Return the words passed to the function called ``name``, by place of the argument."""
    return calls().get(name, {})
