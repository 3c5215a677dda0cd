"""Targets made for tests, and tables of them on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calibration.matching.catalogue import catalogue
from calibration.targets.target import Target, TargetSet
from calibration.targets.writer import write_targets


def made(target: str, output: str, value: float, **others: Any) -> Target:
    """Return a target of 2024/25 with limits 10% either side, unless ``others`` say differently."""
    settings: dict[str, Any] = {
        "unit": catalogue()[output].unit,
        "period": "2024/25",
        "indicator": "made",
        "definition": "made for a test",
        "source": "a test",
        "basis": "assumption",
        "lower_95": round(0.9 * value, 6),
        "upper_95": round(1.1 * value, 6),
        "limits": "judgement",
        "where": f"{target}",
    }
    return Target(target=target, output=output, value=value, **(settings | others))


def kept(folder: Path, *targets: Target, name: str = "mine.csv") -> Path:
    """Write targets into ``folder`` and return the file."""
    return write_targets(folder / name, targets)


def together(*targets: Target) -> TargetSet:
    """Return targets as a set."""
    return TargetSet(targets, "made")
