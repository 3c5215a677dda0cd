"""intsim: residents of an English place flowing through Integrated Neighbourhood Teams, ED and hospital beds.

    import intsim
    folder = intsim.compare("place=toy", "int=frailty", "experiment=quick")

`run`, `compare`, `bank`, `report`, `structure`, `rerun` and `verify` are what the commands of these names call, and
take their words. `calibrate` fits as the command does, without its other jobs (--look, --screen, --predict).
`scenario` is what --show prints; `evidence`, `mediators` and `margins` are the tables of `intsim evidence`,
`intsim evidence --mediators` and `intsim place margins`; `build_place` is `intsim place build`. Other commands have no
function here.

What cannot be used raises `InputError`, an experiment that ended early `Unfinished`, and a fit whose targets conflict
`NoPlausibleParameters`. Nothing heavy is imported until it is used.
"""

from typing import TYPE_CHECKING, Any

from intsim.api import (
    bank,
    build_place,
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

if TYPE_CHECKING:
    from calibration.history_matching.conflict import NoPlausibleParameters
    from scenarios.errors import InputError
    from sim.execution.unfinished import Unfinished

ERRORS = {
    "InputError": "scenarios.errors",
    "NoPlausibleParameters": "calibration.history_matching.conflict",
    "Unfinished": "sim.execution.unfinished",
}

__all__ = [
    "InputError",
    "NoPlausibleParameters",
    "Unfinished",
    "bank",
    "build_place",
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
    """Return an error's class, or ``__version__`` from the installed package, when it is asked for."""
    if name in ERRORS:
        from importlib import import_module

        return getattr(import_module(ERRORS[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("intsim")
    raise AttributeError(f"module 'intsim' has no attribute '{name}'")
