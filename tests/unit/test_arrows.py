"""Packages import what the table in CONTRIBUTING.md says they may, and nothing else of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("calibration", "evaluation", "intsim", "scenarios", "sim")
OURS = (*PACKAGES, "benchmarks", "tests")
MODULE = re.compile(r"`(\w+)`(?: \(((?:`[\w/.]+`(?:, )?)+)\))?")  # a package, or in brackets what of it

Allowed = dict[str, tuple[str, ...]]  # package: paths in it, none for the whole


def allowed_of(package: str) -> Allowed:
    """Return what the table lets a package import."""
    rows = re.findall(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M)
    cell = dict(rows)[package].strip()
    if cell == "nothing of ours":
        return {}
    found = {name: tuple(re.findall(r"`([^`]+)`", paths)) for name, paths in MODULE.findall(cell)}
    assert MODULE.sub("", cell).replace("and", "").strip(", ") == "", f"{package}: '{cell}' cannot be read whole"
    return found


def modules_in(source: str) -> Iterator[str]:
    """Return every module that is imported anywhere in ``source``, by its dotted name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def is_allowed(module: str, allowed: Allowed) -> bool:
    """Return whether a module may be imported, or the one that a name is of (``sim.codes.GP``: sim/codes.py)."""
    top, _, rest = module.partition(".")
    paths = allowed.get(top)
    if paths is None:
        return False
    inside = rest.replace(".", "/") + "/"
    return not paths or any(inside.startswith(path.removesuffix(".py").rstrip("/") + "/") for path in paths)


def wrong_in(source: str, package: str, allowed: Allowed) -> list[str]:
    """Return the modules of ours that ``source``, a file of ``package``, imports and may not."""
    ours = [module for module in modules_in(source) if module.split(".")[0] in OURS]
    return [module for module in ours if module.split(".")[0] != package and not is_allowed(module, allowed)]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_what_the_table_says(package: str) -> None:
    allowed = allowed_of(package)
    files = sorted((ROOT / package).rglob("*.py"))
    wrong = {str(file.relative_to(ROOT)): wrong_in(file.read_text("utf-8"), package, allowed) for file in files}
    assert len(files) > 20
    assert {file: modules for file, modules in wrong.items() if modules} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_the_table_names_is_there_and_is_imported(package: str) -> None:
    imported = {m for file in (ROOT / package).rglob("*.py") for m in modules_in(file.read_text("utf-8"))}
    for other, paths in allowed_of(package).items():
        for path in paths or (".",):
            assert (ROOT / other / path).exists(), f"{package}: there is no {other}/{path}"
            narrow = {other: () if path == "." else (path,)}
            assert any(is_allowed(module, narrow) for module in imported), f"{package} imports nothing of {path}"


def test_an_import_the_wrong_way_is_found() -> None:
    source = "import sim.codes\ndef f():\n    from scenarios.registry import reader\nfrom scenarios import errors"
    allowed: Allowed = {"scenarios": ("errors.py", "schema/block.py")}
    assert wrong_in(source, "evaluation", allowed) == ["sim.codes", "scenarios.registry.reader"]
    assert wrong_in("from scenarios.schema.block import Block", "evaluation", allowed) == []
    assert wrong_in("import scenarios.schema.blocks", "evaluation", allowed) == ["scenarios.schema.blocks"]
    assert wrong_in("from intsim import api", "sim", {"scenarios": ()}) == ["intsim.api"]
