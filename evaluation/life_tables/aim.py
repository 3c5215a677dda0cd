"""An aim for the life-expectancy gap as a line from its baseline, and where a model's change would leave the gap.

A model, not a forecast. The baseline gap is itself uncertain, so the line is a band, and the chance of meeting the aim
is given in words no finer than the method: 'below 5%', 'about 40%', 'above 95%'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, numbers
from evaluation.draws import generator
from evaluation.estimate import Estimate, z_value
from scenarios.errors import InputError, nearest

STATUS = "a model, not a forecast"
LEAST_PERCENT, MOST_PERCENT, STEP_PERCENT = 5, 95, 5  # no chance is stated outside or finer than these
_SIMULATIONS = 100_000


@dataclass(frozen=True)
class Aim:
    """Leave ``left_share`` of the gap by ``target_year``; ``source`` and ``basis`` say whose aim it is."""

    name: str
    left_share: float
    target_year: int
    source: str
    basis: str

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 <= self.left_share < 1:
            raise InputError("left_share", f"is {self.left_share:g}; allowed: 0 to below 1 (0.5 halves the gap)")


@dataclass(frozen=True)
class AimLine:
    """The aim drawn out.

    ``line``, one row per year from the baseline's to the target's: year, aim, aim_lower, aim_upper (years of life; the
    band is the baseline's uncertainty), and gap, gap_lower, gap_upper (baseline plus the model's change; NaN in years
    the model does not reach, and ``reason`` says so). ``chance``: in words, of the gap being at or below the aim in the
    target year. ``status``: what the line is, and is not.
    """

    aim: Aim
    line: pd.DataFrame
    chance: str
    status: str = STATUS


def read_aim(name: str) -> Aim:
    """Return the aim ``name`` of evaluation/life_tables/aims.csv. Raises InputError for a name not there."""
    table = pd.read_csv(str(files("evaluation.life_tables").joinpath("aims.csv")))
    rows = {str(row["name"]): row for row in table.to_dict("records")}
    if name not in rows:
        raise InputError("aim", f"no such aim '{name}'; {nearest(name, rows)}")
    row = rows[name]
    return Aim(name, float(row["left_share"]), int(row["target_year"]), str(row["source"]), str(row["basis"]))


def aim_line(
    aim: Aim, baseline: Estimate, baseline_year: int, changes: Mapping[int, Numbers] | None = None, seed: int = 1
) -> AimLine:
    """Return ``aim`` as a line from ``baseline`` and, with ``changes``, the model's gap beside it.

    ``baseline``: the gap in years of life, positive, with limits; read as normal. ``changes``: year to the model's
    changes of the gap against usual care in that year (shape: draws or replications; negative narrows it). A change
    holds until the next year given, and the last one is not carried beyond its year. Raises InputError for a baseline
    that is undefined or not above 0, a target not after the baseline, or a change outside those years.
    """
    if math.isnan(baseline.estimate) or baseline.estimate <= 0:
        why = baseline.reason or f"{baseline.estimate:g} years"
        raise InputError("baseline", f"is not a gap above 0 ({why}); an aim to narrow it needs one")
    if aim.target_year <= baseline_year:
        raise InputError("baseline_year", f"is {baseline_year}; allowed: before the target, {aim.target_year}")
    se = _se(baseline)
    drawn = _drawn(changes or {}, baseline_year, aim.target_year)
    rows = [_row(year, aim, baseline, (baseline_year, se), drawn) for year in range(baseline_year, aim.target_year + 1)]
    return AimLine(aim, pd.DataFrame(rows), _chance(aim, baseline, se, drawn, seed))


def chance_in_words(share: float) -> str:
    """Return a chance (0 to 1) in words: 'below 5%', 'about 40%' (to the nearest 5), 'above 95%'.

    Raises InputError for a share that is missing.
    """
    if math.isnan(share):
        raise InputError("share", "is missing; a chance has a number from 0 to 1")
    percent = 100 * share
    if percent < LEAST_PERCENT:
        return f"below {LEAST_PERCENT}%"
    if percent > MOST_PERCENT:
        return f"above {MOST_PERCENT}%"
    return f"about {STEP_PERCENT * round(percent / STEP_PERCENT)}%"


def _se(baseline: Estimate) -> float:
    if not math.isnan(baseline.se):
        return baseline.se
    if math.isnan(baseline.lower) or math.isnan(baseline.upper):
        raise InputError("baseline", "has no limits; an aim without its baseline's uncertainty is not drawn")
    return (baseline.upper - baseline.lower) / (2 * z_value(baseline.level))


def _drawn(changes: Mapping[int, Numbers], first: int, last: int) -> dict[int, np.ndarray]:
    drawn = {}
    for year in sorted(changes):
        if not first <= year <= last:
            raise InputError("changes", f"year {year} is outside {first} to {last}")
        drawn[int(year)] = numbers(changes[year], f"changes of {year}")
    return drawn


def _row(
    year: int, aim: Aim, baseline: Estimate, start: tuple[int, float], drawn: Mapping[int, np.ndarray]
) -> dict[str, float | str]:
    since = (year - start[0]) / (aim.target_year - start[0])
    left = 1 - (1 - aim.left_share) * since
    half = z_value(baseline.level) * start[1]
    row: dict[str, float | str] = {"year": year, "aim": baseline.estimate * left}
    row |= {"aim_lower": (baseline.estimate - half) * left, "aim_upper": (baseline.estimate + half) * left}
    known = [each for each in drawn if each <= year]
    if not known or year > max(drawn):
        return row | {"gap": math.nan, "gap_lower": math.nan, "gap_upper": math.nan, "reason": "the model ends before"}
    change = drawn[max(known)]
    spread = math.hypot(start[1], float(change.std(ddof=1)) if len(change) > 1 else 0.0)
    gap = baseline.estimate + float(change.mean())
    reach = z_value(baseline.level) * spread
    return row | {"gap": gap, "gap_lower": gap - reach, "gap_upper": gap + reach, "reason": ""}


def _chance(aim: Aim, baseline: Estimate, se: float, drawn: Mapping[int, np.ndarray], seed: int) -> str:
    if aim.target_year not in drawn:
        return "not stated: the model does not reach the target year"
    change = drawn[aim.target_year]
    if len(change) < 2:
        return "not stated: one draw"
    keyed = generator(seed, "aim_line")
    start = baseline.estimate + se * keyed.standard_normal(_SIMULATIONS)
    met = start + keyed.choice(change, _SIMULATIONS) <= aim.left_share * start
    return chance_in_words(float(met[start > 0].mean()))
