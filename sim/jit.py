"""The one place that owns Numba: the decorator, and where compiled code is kept.

Numba does not notice when a helper in another file changes: it would hand back the old result.
The cache folder is therefore named by a hash of every source file that compiled code can depend on, together with the
versions of Numba, NumPy and Python and the processor, so a stale cache cannot be found again.
Setting that folder and the level of optimisation is the one thing intsim does at import time.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import tempfile
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

MODEL_ROOT = Path(__file__).resolve().parent
COMMENT = re.compile(r"#[^\n]*")
FROM_IMPORT = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n]*)", re.MULTILINE)
IMPORTED = re.compile(r"(?:^|[(,;])\s*([\w.]+)")  # the name, and not what it is called here
DECORATORS = ("jit", "jit_borrowing", "jit_small", "jit_entry")


def imports_of(path: Path) -> set[str]:
    """Return what the module at ``path`` imports by its import statements: modules, and names within them.

    Found by their shape, as every start of Python waits for it and parsing takes ten times as long. What only looks
    like an import, in a docstring, is counted too: one file more is hashed.
    """
    text = COMMENT.sub("", path.read_text(encoding="utf-8")).replace("\\\n", " ")
    names: set[str] = set()
    for module, imported in FROM_IMPORT.findall(text):
        names.add(module)
        names.update(f"{module}.{name}" for name in IMPORTED.findall(imported))
    for line in IMPORT.findall(text):
        names.update(IMPORTED.findall(line))
    return names


def file_of(name: str, top: Path) -> Path | None:
    """Return the file under ``top`` of the module called ``name``; None if it is not ours."""
    path = top / (name.replace(".", "/") + ".py")
    return path if path.is_file() else None


def compiled_sources(root: Path = MODEL_ROOT) -> list[Path]:
    """Return every file that compiled code can depend on: those that compile anything, and all of ours they import."""
    imports = {path: imports_of(path) for path in sorted(root.rglob("*.py"))}
    compile_names = {f"{root.name}.jit.{name}" for name in DECORATORS}
    found = {path for path, names in imports.items() if names & compile_names}
    found.add(root / "jit.py")
    waiting = list(found)
    while waiting:
        path = waiting.pop()
        names = imports[path] if path in imports else imports_of(path)
        new = {file for name in names if (file := file_of(name, root.parent)) is not None} - found
        found |= new
        waiting.extend(new)
    return sorted(found)


def sources_digest(root: Path = MODEL_ROOT) -> str:
    """Return a short hash of every source that compiled code depends on, and of what compiles it."""
    digest = hashlib.sha256()
    for path in compiled_sources(root):
        digest.update(path.relative_to(root.parent).as_posix().encode())
        digest.update(path.read_bytes())
    for part in (
        version("numba"),
        version("llvmlite"),
        version("numpy"),
        platform.python_version(),
        platform.machine(),
        os.environ.get("NUMBA_BOUNDSCHECK", "0"),
    ):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def model_digest() -> str:
    """Return ``sources_digest`` of the model: its sources do not change while a process runs."""
    return sources_digest()


def cache_folder() -> Path:
    """Return the folder that holds compiled code for exactly these sources and versions."""
    base = os.environ.get("INTSIM_CACHE_DIR")
    root = Path(base) if base else Path.home() / ".cache" / "intsim"
    folder = root / f"numba-{model_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"intsim-numba-{model_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
    return folder


os.environ.setdefault("NUMBA_OPT", "1")  # compiles faster than the default and runs as fast

import numba  # noqa: E402

# Read at every decoration; set here, and not in the environment, in case Numba was imported before.
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]

from sim import indexing, inlining  # noqa: E402

inlining.link_once()
indexing.count_from_the_front()


def jit(function: Function) -> Function:
    """Compile ``function``: cached, strict arithmetic (no fastmath), no parallel threads."""
    return cast(Function, inlining.compiled_once(numba.njit(cache=True, nogil=True, forceinline=False)(function)))


def jit_borrowing(function: Function) -> Function:
    """Compile ``function`` without reference counting: it may read and write arrays but never make one.

    Such a function is compiled into those that Python calls, once; short code is written out where it is called, as
    the compiler judges. A function that Python calls is ``jit_entry``.
    """
    return cast(Function, borrowing(function, forceinline=False))


def jit_small(function: Function) -> Function:
    """Compile as ``jit_borrowing`` does, and write the code out wherever it is called: for what every event does.

    Not where indexes are checked: written out, the checks take four times as long to compile.
    """
    return cast(Function, borrowing(function, forceinline=not numba.config.BOUNDSCHECK))  # type: ignore[attr-defined]


def borrowing(function: Callable[..., Any], forceinline: bool) -> Any:
    """Return the inner function compiled without reference counting.

    ``forceinline`` is always said: where it is not, Numba takes it over from the function that calls.
    """
    inner = numba.njit(  # type: ignore[call-overload]
        nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=forceinline
    )
    return inlining.as_inner(inner(inlining.named_inner(function)))


def jit_entry(function: Function) -> Function:
    """Compile as ``jit_borrowing`` does, and keep the result: for the functions that Python calls."""
    compiled = numba.njit(cache=True, nogil=True, _nrt=False, forceinline=False)(function)  # type: ignore[call-overload]
    return cast(Function, inlining.compiled_once(compiled))
