"""Which files the cache of compiled code depends on: a stale cache is impossible, and others do not matter."""

from __future__ import annotations

from pathlib import Path

from sim.jit import compiled_sources, sources_digest


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
