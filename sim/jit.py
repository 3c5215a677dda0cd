"""The one place that owns Numba: the decorator, and where compiled code is kept.

Numba does not notice when a helper in another file changes: it would hand back the old result.
The cache folder is therefore named by a hash of every source file of the model together with the
versions of Numba, NumPy and Python and the processor, so a stale cache cannot be found again.
Setting that folder is the one thing intsim does at import time.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

MODEL_ROOT = Path(__file__).resolve().parent


def sources_digest(root: Path = MODEL_ROOT) -> str:
    """Return a short hash of every Python source under ``root`` and of what compiles it."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    import llvmlite
    import numba

    for part in (
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        platform.python_version(),
        platform.machine(),
        os.environ.get("NUMBA_BOUNDSCHECK", "0"),
    ):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder that holds compiled code for exactly these sources and versions."""
    base = os.environ.get("INTSIM_CACHE_DIR")
    root = Path(base) if base else Path.home() / ".cache" / "intsim"
    folder = root / f"numba-{sources_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"intsim-numba-{sources_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
    return folder


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))

import numba  # noqa: E402  (the cache folder must be set before Numba reads it)


def jit(function: Function) -> Function:
    """Compile ``function``: cached, strict arithmetic (no fastmath), no parallel threads."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def jit_borrowing(function: Function) -> Function:
    """Compile ``function`` without reference counting: it may read and write arrays but never make one.

    The engine passes two dozen arrays through many small functions; counting references to each of them at every
    call took most of its time.
    """
    return cast(Function, numba.njit(cache=True, nogil=True, _nrt=False)(function))
