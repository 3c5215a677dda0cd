"""Libraries that only the estimators need, imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scenarios.errors import InputError

INSTALL = 'python -m pip install -c constraints.txt ".[causal]"'


def library(name: str) -> Any:
    """Return the module ``name``. Raises InputError that says how to install it where it is absent."""
    try:
        return import_module(name)
    except ImportError:
        raise InputError(name.split(".")[0], f"is not installed, and this estimator needs it: {INSTALL}") from None
