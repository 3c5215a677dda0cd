"""No number about the world is written in a rule: the rules' only literals are -1, 0, 0.5, 1 and 2.

Not looked at: files of numeric method and of definition, and what can only be a place in a list (an index, the
numbering of names, the end of a range). A constant of definition may be named below, with what defines it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

RULES = Path(__file__).resolve().parents[2] / "sim" / "rules"
DEFINITION_FILES = {
    "maths.py": "numeric method: exp, log, power, quantiles",
    "noise.py": "numeric method: a bound on a logarithm",
    "keys.py": "numeric method: the hash that draws are keyed by",
    "tables.py": "shapes of tables, age bands",
    "stages.py": "numbers of stages, seconds per day",
    "purposes.py": "numbers of purposes",
    "network.py": "the queueing pathway of tests, where every number is an input",
    "arrays.py": "names and places of registry rows",
    "counts.py": "numeric method: Poisson counts",
    "ceilings.py": "numeric method: bounds above hazards, on which no result depends",
}
ALLOWED = (0, 0.5, 1, 2)  # and their negatives: a minus sign is not part of a literal
DEFINED = {  # constants in capitals at the top of a module: what defines each
    "AHEAD": "how far ahead memory is asked for: no result depends on it",
    "PEOPLE": "how many people are drawn for at once: no result depends on it",
    "SIEVE": "remainders by which households are told apart at a glance: no result depends on it",
    "AT_ONCE": "how many needs are dated at once: no result depends on it",
    "FLAGS": "how many marks are looked at together: no result depends on it",
    "DIGIT_BITS": "radix sort: how much of a time one pass sorts by",
    "ALTERNATIVES": "how many names stand above it",
    "MEDIATORS": "how many names stand above it",
    "YIELDS": "how many names stand above it",
    "SOLVED_KINDS": "how many names stand above it",
    "HOURS": "in a day",
    "WORKING_DAYS": "in a week",
    "PER_1000": "the unit of published rates",
    "LOWEST_ACUITY": "last of four triage classes, counted from 0",
    "SEVERE": "last of four frailty categories, counted from 0",
    "LEVER_K": "numbering of needs: levers' own begin here",
    "LAST_ILLNESS_K": "numbering of needs: last illnesses have this number",
    "WALK_MONTH": "numbering of months that no run reaches",
    "STEPS_MOST": "guard against an endless loop",
    "STEPS_TYPICAL": "room in an array, which grows if it must",
    "ROUNDS": "solver of the margins: rounds of its fixed point",
    "REPEATS": "solver of the margins: walks of the reference population",
    "PER_CELL": "solver of the margins: people per cell of the reference population",
    "SMALLEST": "solver of the margins: keeps a division from 0",
    "LEAST_YIELD": "solver of the margins: below it there is nothing to solve for",
    "NO_GRADIENT": "solver of the margins: below it there is nothing to share out",
    "CRISIS_FROM": "the first age that names of parameters speak of",
    "MOVE_AGES": "limits of the age bands that names of parameters speak of",
    "EXACERBATION_AGES": "limits of the age bands that names of parameters speak of",
    "CHILDHOOD_AGES": "limits of the age bands that names of parameters speak of",
    "MENTAL_AGES": "limits of the age bands that names of parameters speak of",
    "OLDER_FROM": "the first age of the band of older people",
    "CRISIS_AGES": "limits of the age bands that names of parameters speak of",
    "ADULT_FROM": "the first age of adults",
}


def test_rules_hold_no_number_about_the_world() -> None:
    found = [f"{path.name}:{line}: {value}" for path in rule_files() for line, value in literals(path.read_text())]
    assert not found, "\n" + "\n".join(found)


def rule_files() -> list[Path]:
    """Return the files of the rules that are looked at."""
    return [path for path in sorted(RULES.glob("*.py")) if not DEFINITION_FILES.get(path.name)]


def literals(text: str) -> Iterator[tuple[int, float]]:
    """Yield (line, value) of every literal in a module that is neither allowed, a place in a list nor defined."""
    tree = ast.parse(text)
    skipped = {id(child) for node in ast.walk(tree) for part in places(node) for child in ast.walk(part)}
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and is_number(node.value) and id(node) not in skipped
        if number and node.value not in ALLOWED:  # type: ignore[attr-defined]
            yield node.lineno, node.value  # type: ignore[attr-defined]


def places(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of ``node`` whose literals are places in a list or constants of definition."""
    if isinstance(node, ast.Subscript):
        yield from (each for each in indices(node.slice) if isinstance(each, ast.Constant))
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in DEFINED:
            yield node.value
        if isinstance(target, ast.Tuple) and is_numbering(node.value, len(target.elts)):
            yield node.value


def indices(part: ast.expr) -> list[ast.expr]:
    """Return the indices of a subscript, one or several."""
    return list(part.elts) if isinstance(part, ast.Tuple) else [part]


def is_numbering(value: ast.expr, names: int) -> bool:
    """Return whether ``value`` numbers ``names`` names in order: 0, 1, 2... or a range."""
    if isinstance(value, ast.Tuple):
        return [getattr(each, "value", None) for each in value.elts] == list(range(names))
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "range"


def is_number(value: object) -> bool:
    """Return whether a literal is a number (True and False are not)."""
    return isinstance(value, int | float | complex) and not isinstance(value, bool)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("chance = 0.3", [0.3]),
        ("minutes = -12", [12]),
        ("def wait(days=14.0): return days", [14.0]),
        ("if age >= 65: risk = 1 - 0.5", [65]),
        ("AGES = (16, 25)", [16, 25]),
        ("A, B, C, D = 0, 1, 2, 3", []),
        ("A, B, C, D = range(4)", []),
        ("A, B, C, D = range(LAST, LAST + 4)", []),
        ("A, B, C, D = 0, 1, 2, 7", [7]),
        ("keep = step[5]", []),
        ("rate = table[age + 65]", [65]),
        ("HOURS = 24", []),
        ("done = True", []),
    ],
)
def test_what_counts_as_a_number_about_the_world(text: str, values: list[float]) -> None:
    assert [value for _, value in literals(text)] == values
