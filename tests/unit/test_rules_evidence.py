"""Every number a rule reads is a row of the registry, and nothing in the code is a number about the world."""

import ast
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim.codes import NEED_NAMES
from sim.rules import margins, purposes
from tests import rules_world

RULES = Path(margins.__file__).parent
RULES_FILES = sorted(path.stem for path in RULES.glob("*.py") if path.stem != "__init__")
# Coefficients of functions, sizes of tables and codes of the state: none of them is about the world.
WITH_OTHER_NUMBERS = {"arrays", "ceilings", "margins", "maths", "stages", "targets", "walk"}


def parameters_read() -> set[str]:
    found: set[str] = set()
    for name in RULES_FILES:
        text = (RULES / f"{name}.py").read_text()
        found |= set(re.findall(r'(?:\bp|params\[0\])\["([a-z0-9_]+)"\]', text))
        for value in vars(importlib.import_module(f"sim.rules.{name}")).values():
            found |= set(getattr(value, "names", ())) if callable(value) else set()
    return found


def test_every_parameter_read_is_registered() -> None:
    known = set(load_registry().parameters)
    assert parameters_read() - known == set()


def test_every_parameter_of_the_rules_files_is_read() -> None:
    registry = load_registry()
    read = parameters_read()
    places = ("place/england.py", "place/local.py", "place/rates.py")
    others = [RULES.parent / name for name in (*places, "levels.py", "world.py")]
    text = "".join(path.read_text() for path in [*RULES.glob("*.py"), *others])
    for name, parameter in registry.parameters.items():
        if parameter.where.split(".csv")[0] in ("needs", "access", "care", "acute", "health", "mortality"):
            stem = re.sub(r"_\d+$", "", name)
            assert name in read or f'"{name}"' in text or f'"{stem}"' in text, name


@pytest.mark.parametrize("name", sorted(set(RULES_FILES) - WITH_OTHER_NUMBERS))
def test_rules_hold_no_numbers_about_the_world(name: str) -> None:
    tree = ast.parse((RULES / f"{name}.py").read_text())
    allowed = {0, 1, 2, 0.5}
    named = {
        id(node) for top in tree.body if isinstance(top, ast.Assign) for node in ast.walk(top)
    }  # module constants carry a name and a reason
    named |= {  # a place in a list is no number about the world
        id(place)
        for at in ast.walk(tree)
        if isinstance(at, ast.Subscript)
        for place in (at.slice.elts if isinstance(at.slice, ast.Tuple) else [at.slice])
    }
    numbers = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and id(node) not in named
    ]
    assert [x for x in numbers if not isinstance(x, bool) and x not in allowed] == []


def test_purposes_are_unique_and_within_their_blocks() -> None:
    numbers = {k: v for k, v in vars(purposes).items() if k.isupper()}
    ranges = {
        "NEED_COUNT": 21,
        "REACHED": 18,
        "HANDOVER_TO": 31,
        "ONSET_WHICH": 12,
        "CHOOSE": 4,
        "GP_REFER": 3,
        "HANDOVER": 5,
        "CRISIS_PLACE": 3,
    }
    taken: dict[int, str] = {}
    for name, first in numbers.items():
        for number in range(first, first + ranges.get(name, 1)):
            assert number not in taken, (name, taken.get(number))
            taken[number] = name
    assert all(n < 100 or 300 <= n < 400 or 500 <= n < 800 for n in taken)
    assert {303, 636, 44} <= retired()
    assert [taken[number] for number in retired() & set(taken)] == []


def retired() -> set[int]:
    """Return the numbers of purposes that comments say are never to be given again."""
    found: set[int] = set()
    for line in re.findall(r"# Retired, never to be given again: (.+)\.", Path(purposes.__file__).read_text("utf-8")):
        for first, _, last in (part.partition("-") for part in line.split(", ")):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def test_profiles_and_seasons_are_normalised() -> None:
    grids = rules_world.grids()
    assert grids.profiles.shape == (len(NEED_NAMES), 24)
    np.testing.assert_allclose(grids.profiles.sum(axis=1), 1.0)
    np.testing.assert_allclose(grids.seasons.mean(axis=1), 1.0, atol=0.002)
