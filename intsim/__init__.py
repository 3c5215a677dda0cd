"""intsim: residents of an English place flowing through Integrated Neighbourhood Teams, ED and hospital beds.

    import intsim
    folder = intsim.compare("place=toy", "int=frailty", "experiment=quick")

Each function is what the command of the same name calls. Nothing heavy is imported until one is used.
"""

from intsim.api import compare, evidence, run, scenario, verify

__version__ = "0.1.0"
__all__ = ["compare", "evidence", "run", "scenario", "verify"]
