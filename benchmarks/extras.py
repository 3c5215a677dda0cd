"""Libraries that only benchmarks use."""

from __future__ import annotations

from importlib.util import find_spec

from scenarios.errors import InputError


def need(*names: str) -> None:
    """Raise InputError unless every library of ``names`` is installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise InputError(
            "benchmarks", f"{', '.join(missing)} not installed: pip install -e '.[bench]' -c constraints.txt"
        )
