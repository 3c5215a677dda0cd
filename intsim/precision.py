"""How well a comparison knows an outcome so far: what decides whether it may stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    from scenarios.schema.scenario import Experiment


def judge_of(experiment: Experiment) -> Callable[[Sequence[Path]], float] | None:
    """Return the judge of the outcome named by ``experiment.stop``; None if nothing is to be judged.

    Raises InputError for an outcome that reports do not have.
    """
    name = experiment.stop.outcome
    if name is None:
        return None
    from evaluation.outcomes import OUTCOMES

    names = [each.name for each in OUTCOMES]
    if name not in names:
        raise InputError("experiment.stop.outcome", f"no outcome '{name}': {nearest(name, names)}")
    return lambda panels: half_width(panels, name)


def half_width(panels: Sequence[Path], name: str) -> float:
    """Return half the width of the 95% interval of an outcome's paired difference, in its own unit.

    panels: the panel of each task and arm in the order of the task table, the baseline's first. NaN where undefined.
    """
    import pandas as pd

    from evaluation.outcomes import outcome
    from evaluation.panel import KEYS
    from evaluation.twins import compare

    measured = outcome(name)
    columns = [*KEYS, *dict.fromkeys([measured.numerator, measured.denominator])]
    panel = pd.concat([pd.read_parquet(path, columns=columns) for path in panels], ignore_index=True)
    arms = [str(arm) for arm in panel["arm"].unique()]
    table = compare(panel, arms[0], arms[-1], [measured])
    row = table[table["group"] == "all"].iloc[0]
    return float(row["upper"] - row["lower"]) / 2
