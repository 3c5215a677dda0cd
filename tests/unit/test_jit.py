"""Which files the cache of compiled code depends on: a stale cache is impossible, and others do not matter."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from sim.jit import MODEL_ROOT, compiled_sources, imports_of, sources_digest


def some_package(folder: Path) -> Path:
    """Write a package in which ``rule`` compiles, ``helper`` is used by it, and ``other`` only asks for the digest."""
    root = folder / "model"
    root.mkdir()
    (root / "jit.py").write_text("def jit(f):\n    return f\n")
    (root / "helper.py").write_text("NUMBER = 1\n")
    (root / "rule.py").write_text("from model.jit import jit\nfrom model.helper import NUMBER\n")
    (root / "other.py").write_text("from model.jit import sources_digest\n")
    return root


def test_files_that_compiled_code_imports_count_and_others_do_not(tmp_path: Path) -> None:
    root = some_package(tmp_path)
    assert {path.name for path in compiled_sources(root)} == {"jit.py", "helper.py", "rule.py"}


def test_changing_a_helper_in_another_file_changes_the_folder_of_compiled_code(tmp_path: Path) -> None:
    root = some_package(tmp_path)
    before = sources_digest(root)
    (root / "other.py").write_text("from model.jit import sources_digest\n# a word more\n")
    assert sources_digest(root) == before
    (root / "helper.py").write_text("NUMBER = 2\n")
    assert sources_digest(root) != before


def test_imports_are_found_as_python_finds_them() -> None:
    for path in sorted(MODEL_ROOT.rglob("*.py")):
        parsed: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                parsed |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
            elif isinstance(node, ast.Import):
                parsed |= {each.name for each in node.names}
        assert parsed <= imports_of(path), path


def test_shapes_of_imports(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import a.b as c, d\nfrom e import (  # all (of) these\n    f as g,  # and\n    h,\n)\n"
        "from i import j, \\\n    k\n"
        "def late():\n    from l import m\n",
        encoding="utf-8",
    )
    assert imports_of(module) == {"a.b", "d", "e", "e.f", "e.h", "i", "i.j", "i.k", "l", "l.m"}


def test_only_the_numba_that_is_changed_inside_may_be_installed() -> None:
    """Private parts of Numba are replaced: any version but the one that tests run with may break them in silence."""
    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    allowed = next(one for one in map(Requirement, project["dependencies"]) if one.name == "numba").specifier
    pinned = re.search(r"^numba==(\d+)\.(\d+)\.\d+$", (root / "constraints.txt").read_text("utf-8"), re.M)
    assert pinned is not None
    major, minor = int(pinned[1]), int(pinned[2])
    assert allowed.contains(pinned[0].removeprefix("numba=="))
    assert not any(allowed.contains(f"{major}.{other}.0") for other in (minor - 1, minor + 1))
