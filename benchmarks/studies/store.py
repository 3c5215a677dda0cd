"""What is kept of a study: figures, seed, commit, and a hash of the code that gave them."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.studies.case import Case
from benchmarks.studies.run import SEED, Score, as_rows
from scenarios.whole_file import write_text

REPO = Path(__file__).resolve().parents[2]
RESULTS = REPO / "benchmarks" / "results"
OURS = ("benchmarks.studies", "evaluation.")
NOT_RESULTS = {"benchmarks/studies/store.py", "benchmarks/studies/picture.py", "benchmarks/studies/__main__.py"}
FIGURES = "evaluation/figures/"


def results_file(name: str) -> Path:
    """Return where the figures of the study ``name`` are kept."""
    return RESULTS / f"study_{name}.json"


def code_hash(case: Case) -> str:
    """Return the hash of the code that decides the study's figures: its estimators', its generator's and the runner's.

    Modules are those that the runner and the module of the study import, through all of ours; what is hashed is the
    syntax tree without docstrings, so that words may change and figures stay valid.
    """
    digest = hashlib.sha256(case.name.encode())
    defined = REPO / f"{case.module.replace('.', '/')}.py"
    for path in sorted(_reached(REPO / "benchmarks" / "studies" / "run.py") | _reached(defined)):
        digest.update(path.encode())
        digest.update(_bare(REPO / path).encode())
    return digest.hexdigest()


def stamp(case: Case) -> dict[str, str]:
    """Return the commit and code hash to be taken before a study starts: files may change while it runs."""
    return {"commit": commit(), "code_hash": code_hash(case)}


def write(case: Case, scores: list[Score], stamped: dict[str, str]) -> Path:
    """Write the figures of a study with its ``stamp``, whole or not at all, and return the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = results_file(case.name)
    content = {
        "study": case.name,
        "seed": SEED,
        "repeats": scores[0].repeats,
        **stamped,
        "scores": as_rows(scores),
    }
    return write_text(path, json.dumps(content, indent=1) + "\n")


def read(name: str) -> dict[str, Any]:
    """Return the stored figures of the study ``name``."""
    return dict(json.loads(results_file(name).read_text(encoding="utf-8")))


def commit() -> str:
    """Return the commit of the working copy, "-changed" if files differ from it, or 'unknown'."""
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPO, capture_output=True, text=True, check=True)
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--", "evaluation", "benchmarks/studies"],
            cwd=REPO,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("-changed" if changed.stdout.strip() else "")


@cache
def _reached(start: Path) -> frozenset[str]:
    """Return the files of ours that ``start`` imports, directly or through others, and itself."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(REPO).as_posix()
        if name in found or name in NOT_RESULTS:
            continue
        found.add(name)
        waiting += _imported(path)
    return frozenset(name for name in found if not name.startswith(FIGURES))


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """Return the files of ours that one file imports."""
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(OURS):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found += [file for each in names if (file := REPO / f"{each.replace('.', '/')}.py").is_file()]
    return tuple(found)


@cache
def _bare(path: Path) -> str:
    """Return the syntax tree of a file as text, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
