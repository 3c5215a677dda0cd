"""A piece of work in a fresh process of its own, and the memory it took."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple

STATUS = Path("/proc/self/status")
FORGET_PEAK = Path("/proc/self/clear_refs")
PEAK = "5"  # what Linux is told to forget: this process's VmHWM
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
    return in_process(whole_work, work, arguments)


def apart_when_ready(prepare: Callable[..., Callable[[], Any]], *arguments: Any) -> Apart:
    """Return what the function that ``prepare(*arguments)`` returns gives; memory is counted from when it is ready.

    Raises RuntimeError as ``apart`` does.
    """
    return in_process(prepared_work, prepare, arguments)


def in_process(how: Callable[..., Apart], work: Callable[..., Any], arguments: tuple[Any, ...]) -> Apart:
    """Return ``how(work, arguments)`` of a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(how, work, arguments).result()
        except BrokenProcessPool:
            name = getattr(work, "__name__", "the work")
            raise RuntimeError(f"the process of {name}{arguments} was killed: not enough memory?") from None


def whole_work(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Apart:
    """Return what ``work`` gives, with this process's memory around it."""
    before = memory_mib("VmRSS")
    value = work(*arguments)
    return Apart(value, memory_mib("VmHWM"), before)


def prepared_work(prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> Apart:
    """Return what the prepared function gives, with memory counted from when it was ready."""
    work = prepare(*arguments)
    gc.collect()
    if FORGET_PEAK.exists():
        FORGET_PEAK.write_text(PEAK, encoding="ascii")
    return whole_work(work, ())


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
