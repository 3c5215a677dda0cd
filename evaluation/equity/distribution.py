"""Distributional cost-effectiveness: health gained by group, less the health that the money would have made elsewhere.

Groups are deprivation fifths (1 most deprived) or any others. Money spent on one thing is not spent on the rest of the
service, where it makes health at the rate of one QALY per ``threshold`` pounds; by whom that health is lost is not
known well, so gradients (flat, moderate, steep) are shown side by side. Sources: Asaria, Griffin and Cookson 2016;
Cookson et al. 2020 (handbook); Love-Koh et al. 2020 (who bears the opportunity cost).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, need_columns, numbers, same_length
from evaluation.inequality.slope_variants import slope_york
from scenarios.errors import InputError

FLAT = "flat"
NICE, FULL = "nice", "full"  # without and with aversion to inequality
ROUNDING = 1e-9  # of the values themselves: a difference this small is floating-point noise
_ONE = 1e-6


@dataclass(frozen=True)
class Baseline:
    """Health a head (such as quality-adjusted life expectancy) and ``people`` by group, most deprived first."""

    groups: tuple[str, ...]
    health: np.ndarray
    people: np.ndarray

    def __post_init__(self) -> None:
        """Refuse groups that do not fit together."""
        health, people = numbers(self.health, "health"), numbers(self.people, "people", 0.0, above=True)
        same_length(groups=np.array(self.groups), health=health, people=people)
        if len(set(self.groups)) != len(self.groups):
            raise InputError("groups", f"{', '.join(self.groups)}: each is allowed once")

    def after(self, change: np.ndarray) -> np.ndarray:
        """Return health a head once ``change`` (for everybody in a group together) has happened."""
        return self.health + np.asarray(change, float) / self.people


def baseline_from_table(table: pd.DataFrame, group: str = "group") -> Baseline:
    """Return the baseline of a table with columns ``group``, health and people, most deprived first."""
    need_columns(table, (group, "health", "people"), "baseline health")
    health, people = (table[name].to_numpy(float) for name in ("health", "people"))
    return Baseline(tuple(table[group].astype(str)), health, people)


def staircase(table: pd.DataFrame, steps: Sequence[str], effect: str) -> pd.DataFrame:
    """Return how many people of each group are left after each step, and their health gain in all.

    ``table``: one row a group with group, people, each of ``steps`` (0 to 1: in need, offered, taking it up, staying)
    and ``effect``, the gain of one who gets to the end. Adds reached_<step> and benefit. Inequality can enter at any
    step, which is what the staircase is for. Raises InputError for a share outside 0 to 1.
    """
    need_columns(table, ("group", "people", *steps, effect), "staircase")
    found = table.copy()
    left = numbers(table["people"], "people", 0.0)
    for step in steps:
        share = numbers(table[step], step, 0.0)
        if (share > 1).any():
            raise InputError(step, f"is {share.max():g}; allowed: 0 to 1")
        left = left * share
        found[f"reached_{step}"] = left
    return found.assign(benefit=left * numbers(table[effect], effect))


def check_shares(shares: Numbers, groups: int, where: str = "opportunity cost shares") -> np.ndarray:
    """Return ``shares``, or raise InputError unless there is one a group, of 0 or above, adding up to 1."""
    found = numbers(shares, where, 0.0)
    if len(found) != groups:
        raise InputError(where, f"are {len(found)}; one for each of {groups} groups is needed")
    if abs(found.sum() - 1) > _ONE:
        raise InputError(where, f"add up to {found.sum():g}; allowed: 1")
    return found


def net_health(
    benefit: np.ndarray, cost: np.ndarray | float, shares: Numbers, threshold: float, indirect: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return health gained net of opportunity cost by group: benefit + indirect - shares x cost / threshold.

    ``benefit`` and ``indirect`` (such as gains of carers, or losses of those whose staff moved): QALYs of everybody in
    a group, float64[group] or float64[draw, group]. ``cost``: pounds in all, a number or one a draw; or pounds by
    group, shaped as ``benefit``, whose sum is then what is borne by ``shares``. ``threshold``: pounds per QALY. Raises
    InputError for a threshold that is not above 0, or shares that cannot be used.
    """
    gain = np.asarray(benefit, float)
    if not threshold > 0:
        raise InputError("threshold", f"is {threshold:g}; allowed: above 0, pounds per QALY")
    bear = check_shares(shares, gain.shape[-1])
    spent = np.asarray(cost, float)
    if spent.ndim and spent.shape == gain.shape:
        spent = spent.sum(axis=-1)
    lost = spent / threshold
    return gain + np.asarray(indirect, float) - np.multiply.outer(lost, bear)


def distribution_table(
    baseline: Baseline,
    benefit: np.ndarray,
    cost: float,
    gradients: Mapping[str, Numbers],
    threshold: float,
    indirect: np.ndarray | float = 0.0,
) -> pd.DataFrame:
    """Return one row per gradient and group: gradient, group, benefit, indirect, opportunity_cost, net, net_a_head.

    NICE's modular update asks for exactly this: benefit, opportunity cost and net benefit by group, equal opportunity
    cost first, gradients as scenarios. Sources: NICE PMG36 support document on distributional cost-effectiveness.
    """
    gain = np.asarray(benefit, float)
    side = np.broadcast_to(np.asarray(indirect, float), gain.shape)
    rows = []
    for name, shares in gradients.items():
        net = net_health(gain, cost, shares, threshold, side)
        lost = gain + side - net
        for at, group in enumerate(baseline.groups):
            rows.append((name, group, gain[at], side[at], lost[at], net[at], net[at] / baseline.people[at]))
    columns = ["gradient", "group", "benefit", "indirect", "opportunity_cost", "net", "net_a_head"]
    return pd.DataFrame(rows, columns=columns)


def slope_change(baseline: Baseline, net: np.ndarray) -> float:
    """Return the change in York's slope index (least less most deprived, health a head): below 0, the gap narrows."""
    # on the changes alone: the slope is linear, and a change of 1e-4 years a head would drown in rounding
    change = np.asarray(net, float) / baseline.people
    slope, _ = slope_york(change, baseline.people)
    # the same change for everybody has no slope: what is left is rounding, and its sign means nothing
    return 0.0 if abs(slope.estimate) <= ROUNDING * float(np.abs(change).max()) else slope.estimate
