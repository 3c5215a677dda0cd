"""Inner functions: compiled into those that call them, and never on their own.

Numba optimises and translates every function together with all that it calls, each on its own and again within each
caller. For a pathway of some three hundred small functions that is quadratic: minutes, and gigabytes. Functions marked
here are only read and typed; their code is linked, once, into the functions that Python calls. Python itself runs
them as they are written, which is what tests of single rules do.

This reaches into Numba, which constraints.txt pins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import codegen
from numba.core.registry import CPUDispatcher
from numba.core.types import unliteral

PREFIX = "intsim_inner"


class OnceDispatcher(CPUDispatcher):
    """A dispatcher that compiles a function once for all whole numbers, and not once for each constant."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Return how compiled code calls it."""
        return super().get_call_template(tuple(unliteral(each) for each in args), kws)


class InnerDispatcher(OnceDispatcher):
    """A dispatcher that compiled code calls compiled, and Python calls as written."""

    def __call__(self, *arguments: Any) -> Any:
        """Run the function as Python."""
        return self.py_func(*arguments)


def named_inner(function: Any) -> Any:
    """Give a function that is to be inner a qualified name no other function has, and return it."""
    function.__qualname__ = f"{PREFIX}.{function.__module__}.{function.__name__}"
    return function


def compiled_once(dispatcher: Any) -> Any:
    """Return the Numba function, compiled once for all constants; as it is where compilation is switched off."""
    if isinstance(dispatcher, CPUDispatcher):
        dispatcher.__class__ = OnceDispatcher
    return dispatcher


def as_inner(dispatcher: Any) -> Any:
    """Return the Numba function as an inner one; as it is where compilation is switched off."""
    if isinstance(dispatcher, CPUDispatcher):
        dispatcher.__class__ = InnerDispatcher
    return dispatcher


def is_inner(library: Any) -> bool:
    """Return whether a library of code is of an inner function: Numba names it by the qualified name."""
    return str(library.name).startswith(f"{PREFIX}.")


def reachable(libraries: list[Any]) -> list[Any]:
    """Return ``libraries`` and all that inner ones among them link to, each once and after all that call it.

    The order matters: a linker drops what nothing linked before it asks for.
    """
    found: list[Any] = []
    seen: set[int] = set()

    def visit(library: Any) -> None:
        if id(library) in seen:
            return
        seen.add(id(library))
        if is_inner(library):
            for called in library._linking_libraries:
                visit(called)
        found.append(library)

    for library in libraries:
        visit(library)
    return found[::-1]


def finalize_with(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a ``finalize`` that leaves inner libraries as they are, and links all of them into the others."""

    def finalize(self: Any) -> None:
        if is_inner(self):
            self._raise_if_finalized()
            self._finalize_dynamic_globals()
            self._finalized = True
            return
        self._linking_libraries = reachable(self._linking_libraries)
        original(self)

    return finalize


def environment_with(original: Callable[[Any, str, Any], None]) -> Callable[[Any, str, Any], None]:
    """Return a ``set_env`` that passes over inner functions: they have no machine code of their own to write it to."""

    def set_env(self: Any, env_name: str, env: Any) -> None:
        if self._engine.is_symbol_defined(env_name):
            original(self, env_name, env)

    return set_env


def link_once() -> None:
    """Make Numba treat inner functions so; doing it twice changes nothing."""
    library, generator = codegen.JITCodeLibrary, codegen.JITCPUCodegen
    if not hasattr(library, "_intsim_links_once"):
        library.finalize = finalize_with(library.finalize)  # type: ignore[method-assign]
        generator.set_env = environment_with(generator.set_env)  # type: ignore[method-assign]
        library._intsim_links_once = True  # type: ignore[attr-defined]
