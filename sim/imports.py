"""The model's imports, with Python's collector of garbage at rest.

Importing makes some hundred thousand objects and no garbage, and the collector looks through all of them again and
again: left at rest, a command comes to its first events a fifth of a second earlier.
"""

from __future__ import annotations

import gc
from importlib import import_module

MODEL = (
    "mesa",  # first: it looks through all modules there are, a sixth of a second among them all
    "scenarios.compose",
    "sim.world",
    "sim.engines.compiled",
    "sim.month",
    "sim.agents.communities",
)


def load_model() -> None:
    """Import what every run needs; what has been imported costs nothing. The collector is left as it was."""
    at_work = gc.isenabled()
    gc.disable()
    try:
        for name in MODEL:
            import_module(name)
    finally:
        if at_work:
            gc.enable()
