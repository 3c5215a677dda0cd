"""An INT design as the agents read it: the typed settings of its eleven modules, changed one at a time where asked.

Doses are totals (today's dose included); added staff come on top of the place's. Effects: 0 changes nothing, 1 is as
the evidence says. A setting left open (None) is taken from the evidence registry by ``or_registry``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from scenarios.errors import InputError
from scenarios.schema import IntDesign
from sim.codes import SERVICE_NAMES, STAFFED_KINDS

PER = 10_000  # doses and added posts are stated per 10,000 registered residents
FINDING_TARGETS = ("all", "age", "risk", "core20plus")  # codes of TEAM["finding_target"], by number
HOSTS = ("trust", "council", "gp_federation", "joint")


def with_settings(design: IntDesign, changes: Mapping[str, Any]) -> IntDesign:
    """Return ``design`` with single settings changed, by dotted name: {"workforce.added_fte.gp": 1.0}.

    Raises InputError, naming the setting, for one that does not exist or a value that is not allowed.
    """
    settings = design.model_dump()
    for name, value in changes.items():
        *path, last = name.split(".")
        block = settings
        for part in path:
            block = block.get(part) if isinstance(block, dict) else None  # type: ignore[assignment]
        if not isinstance(block, dict) or last not in block:
            raise InputError(f"int.{name}", "no such setting")
        block[last] = value
    try:
        return IntDesign.model_validate(settings)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise InputError("int." + ".".join(str(part) for part in first["loc"]), first["msg"]) from None


def or_registry(value: float | None, params: Any, name: str) -> float:
    """Return a speed that a design sets, or what row ``name`` of the evidence registry says where it does not."""
    return float(params[name]) if value is None else value


def added_per_head(design: IntDesign, kind: int) -> float:
    """Return the FTE a design adds to services of ``kind`` (sim/codes.py) per registered resident."""
    if kind not in STAFFED_KINDS:
        return 0.0
    return float(getattr(design.workforce.added_fte, SERVICE_NAMES[kind])) / PER
