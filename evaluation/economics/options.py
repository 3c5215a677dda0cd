"""Options to choose from: what each costs and gains in every draw, and their net benefit.

Draws are samples of the uncertain parameters, the same ones for every option. Net monetary benefit is effect times
threshold less cost (pounds), net health benefit effect less cost over threshold (QALYs). Source: Stinnett and Mullahy
1998.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import need_columns, numbers
from evaluation.economics.shares import Shares, is_best, shares
from scenarios.errors import InputError, nearest


@dataclass(frozen=True)
class Options:
    """``cost`` (pounds) and ``effect`` (QALYs, or another unit), both float64[draw, option], of the options ``names``.

    Raises InputError for shapes that differ, a value that is not finite, no draw, or a name there twice.
    """

    names: tuple[str, ...]
    cost: np.ndarray
    effect: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        for what, values in (("cost", self.cost), ("effect", self.effect)):
            if values.ndim != 2 or values.shape[1] != len(self.names) or not len(values):
                raise InputError(
                    what, f"has shape {values.shape}; allowed: one or more draws x {len(self.names)} options"
                )
            numbers(values, what)
        if self.cost.shape != self.effect.shape:
            raise InputError("effect", f"has {len(self.effect)} draws where cost has {len(self.cost)}")
        if len(set(self.names)) != len(self.names):
            raise InputError("options", f"{', '.join(self.names)}: each name is allowed once")

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.cost)

    def at(self, name: str) -> int:
        """Return the position of an option. Raises InputError, with the nearest name, if there is none."""
        if name not in self.names:
            raise InputError("option", f"no option '{name}'; {nearest(name, self.names)}")
        return self.names.index(name)

    def net_benefit(self, threshold: float) -> np.ndarray:
        """Return net monetary benefit at ``threshold`` pounds per unit of effect, float64[draw, option]."""
        return self.effect * check_threshold(threshold) - self.cost

    def best(self, threshold: float) -> Shares:
        """Return by option the share of draws in which it is best, draws taken as they are: they hold no chance."""
        share, error = shares(self.net_benefit(threshold), is_best)
        return Shares(share, error, np.ones(len(share), dtype=bool))

    def net_health_benefit(self, threshold: float) -> np.ndarray:
        """Return net health benefit, float64[draw, option], in the unit of the effect. Raises InputError at 0."""
        if check_threshold(threshold) == 0:
            raise InputError("threshold", "is 0; net health benefit needs one above 0")
        return self.effect - self.cost / threshold

    def means(self) -> pd.DataFrame:
        """Return one row an option: option, cost, effect (means over draws)."""
        rows = {"option": list(self.names), "cost": self.cost.mean(axis=0), "effect": self.effect.mean(axis=0)}
        return pd.DataFrame(rows)


def options_from_table(table: pd.DataFrame, option: str = "option", draw: str = "draw") -> Options:
    """Return the options of a long table with columns option, draw, cost and effect, in order of appearance.

    Raises InputError for a draw that an option lacks or has twice.
    """
    need_columns(table, (option, draw, "cost", "effect"), "options")
    names = tuple(str(name) for name in table[option].drop_duplicates())
    if table.duplicated([option, draw]).any():
        row = int(np.flatnonzero(table.duplicated([option, draw]).to_numpy())[0])
        raise InputError(f"options row {row}", "repeats an option and draw; each is allowed once")
    wide = table.assign(**{option: table[option].astype(str)}).pivot(index=draw, columns=option)
    for name in names:
        missing = wide["cost"][name].isna() | wide["effect"][name].isna()
        if missing.any():
            raise InputError(f"option '{name}'", f"has no cost or effect in draw {missing.index[missing][0]}")
    return Options(names, wide["cost"][list(names)].to_numpy(float), wide["effect"][list(names)].to_numpy(float))


def options_from_arrays(names: Sequence[str], cost: np.ndarray, effect: np.ndarray) -> Options:
    """Return options from arrays of any real type, float64[draw, option]."""
    return Options(tuple(names), np.asarray(cost, float), np.asarray(effect, float))


def check_threshold(threshold: float) -> float:
    """Return ``threshold``, or raise InputError unless it is 0 or above."""
    return float(numbers([threshold], "threshold", 0.0)[0])
