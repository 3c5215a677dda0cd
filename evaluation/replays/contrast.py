"""Two arms of people set against each other on the scale of an effect, and what error twins leave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.causal.adjustment import Counts, crude_difference, rate_ratio
from evaluation.causal.cohort import read_cohort
from evaluation.replays.definition import Effect
from evaluation.replays.lives import Lives
from scenarios.errors import InputError

PERCENT = 100.0
FEWEST = 10  # people or areas in an arm below which a study is not carried out


@dataclass(frozen=True)
class Arms:
    """The two tables a study sees: of the programme and of usual care, the same people but for those who came later.

    ``prices``: GBP by column, for costs.
    """

    programme: Lives
    usual: Lives
    prices: Mapping[str, float]


@dataclass(frozen=True)
class Found:
    """An estimate with its error at the run's size, and the error that is left where both arms hold the same people.

    ``treated``, ``untreated``: people or person-years; ``level``: of the outcome without the programme, for errors that
    are shares of it (1 on the log).
    """

    value: float
    se: float
    paired: float
    treated: float
    untreated: float
    level: float = 1.0


def contrast(table: pd.DataFrame, effect: Effect) -> Found:
    """Return the contrast of two arms of a table that is ``ready``; pairs are rows of the same person."""
    enough(table)
    sizes = arm_sizes(table)
    if effect.logged:
        some_events(table)
        made = rate_ratio(table, Counts("y", "time", "treated"))
        return Found(math.log(made.estimate), made.se, paired_log(table), *sizes)
    cohort = read_cohort(table, treated="treated", outcome="y")
    made = crude_difference(cohort)
    level = float(table.loc[table["treated"] == 0, "y"].mean())
    return Found(made.estimate, made.se, paired_difference(table), *sizes, level=level)


def ready(table: pd.DataFrame, effect: Effect) -> pd.DataFrame:
    """Return the table with ``y`` on the scale of the effect, without those it cannot tell of."""
    table = table[table["y"].notna() & (table["time"] > 0)].reset_index(drop=True)
    months = effect.months[1] - effect.months[0]
    if effect.scale == "risk":
        table["y"] = PERCENT * (table["y"] > 0)
    elif effect.scale == "risk_ratio":
        table["y"], table["time"] = (table["y"] > 0).astype(float), 1.0
    elif effect.scale == "share":
        table["y"] = table["y"].astype(float)
    elif effect.scale == "per_event":
        table = table[table["events"] > 0].reset_index(drop=True)
        table["y"] = table["y"] / table["events"]
    elif effect.scale == "difference":
        table["y"] = table["y"] * effect.per_months / months
        table["before"] = table["before"] * effect.per_months / effect.before
    elif effect.measure in ("care_home", "at_home"):
        table["time"] = 1.0
    return table


def enough(table: pd.DataFrame) -> None:
    """Raise InputError for an arm too small to be a study at all."""
    for flag, words in ((1, "with the programme"), (0, "without")):
        count = int((table["treated"] == flag).sum())
        if count < FEWEST:
            raise InputError("replay", f"{count} people {words}; at least {FEWEST} are needed: use a larger place")


def some_events(table: pd.DataFrame) -> None:
    """Raise InputError for an arm in which nothing happened, of which no ratio can be formed."""
    for flag, words in ((1, "with the programme"), (0, "without")):
        mine = table.loc[table["treated"] == flag, "y"]
        if mine.sum() == 0:
            raise InputError("replay", f"it happened to none of {len(mine)} people {words}: use a larger place")


def arm_sizes(table: pd.DataFrame) -> tuple[float, float]:
    """Return how many people each arm has."""
    on = table["treated"] == 1
    return float(on.sum()), float((~on).sum())


def paired_log(table: pd.DataFrame) -> float:
    """Return the error of a log rate ratio that is left where rows of one person are twins."""
    influence = np.zeros(len(table))
    for flag, sign in ((1, 1.0), (0, -1.0)):
        mine = (table["treated"] == flag).to_numpy()
        events, time = table["y"].to_numpy()[mine], table["time"].to_numpy()[mine]
        influence[mine] = sign * (events - events.sum() / time.sum() * time) / events.sum()
    return root_of_squares(influence, table["person"])


def paired_difference(table: pd.DataFrame) -> float:
    """Return the error of a difference in means that is left where rows of one person are twins."""
    influence = np.zeros(len(table))
    for flag, sign in ((1, 1.0), (0, -1.0)):
        mine = (table["treated"] == flag).to_numpy()
        y = table["y"].to_numpy(dtype=float)[mine]
        influence[mine] = sign * (y - y.mean()) / len(y)
    return root_of_squares(influence, table["person"])


def root_of_squares(influence: np.ndarray, person: pd.Series) -> float:
    """Return the root of the sum of squares of what each person adds."""
    return math.sqrt(float(np.square(pd.Series(influence).groupby(person.to_numpy()).sum().to_numpy()).sum()))
