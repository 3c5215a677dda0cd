"""A piece of work in a fresh process of its own, and the memory it took."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple

STATUS = Path("/proc/self/status")
KIB_PER_MIB = 1024


class Apart(NamedTuple):
    """What a piece of work returned, and its memory in MiB: peak, and what was taken before it began."""

    value: Any
    peak_mib: float
    before_mib: float


def apart(work: Callable[..., Any], *arguments: Any) -> Apart:
    """Return what ``work(*arguments)`` gives in a process started for it alone.

    Raises RuntimeError when that process is killed, as it is when memory runs out.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(with_memory, work, arguments).result()
        except BrokenProcessPool:
            name = getattr(work, "__name__", "the work")
            raise RuntimeError(f"the process of {name}{arguments} was killed: not enough memory?") from None


def with_memory(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Apart:
    """Return what ``work`` gives, with this process's memory around it."""
    before = memory_mib("VmRSS")
    value = work(*arguments)
    return Apart(value, memory_mib("VmHWM"), before)


def memory_mib(name: str) -> float:
    """Return a line of Linux's account of this process: VmRSS (now) or VmHWM (the most so far).

    Not ``resource.getrusage``: its peak counts the parent's memory at the moment of starting this process. Where there
    is no such account it is used all the same.
    """
    if STATUS.exists():
        for line in STATUS.read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / KIB_PER_MIB
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
