"""intsim: residents of an English place flowing through Integrated Neighbourhood Teams, ED and hospital beds.

    import intsim
    folder = intsim.compare("place=toy", "int=frailty", "experiment=quick")

Each function is what the command of the same name calls. Nothing heavy is imported until one is used.
"""

from typing import Any

from intsim.api import (
    bank,
    calibrate,
    compare,
    evidence,
    margins,
    mediators,
    report,
    rerun,
    run,
    scenario,
    structure,
    verify,
)

__all__ = [
    "bank",
    "calibrate",
    "compare",
    "evidence",
    "margins",
    "mediators",
    "report",
    "rerun",
    "run",
    "scenario",
    "structure",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Return ``__version__`` from the installed package when it is asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("intsim")
    raise AttributeError(f"module 'intsim' has no attribute '{name}'")
