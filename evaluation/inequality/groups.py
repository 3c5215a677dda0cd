"""Distances between groups, as WHO's health inequality monitoring reports them: from the mean, the best, a reference.

Values of groups with their populations and standard errors. A missing value is left out, and noted, where at most 15%
of groups lack one; where more do there is no figure. Limits of distances are percentiles of the measure over simulated
values (normal, within the outcome's bounds): a distance is never below 0, so where groups hardly differ both limits lie
above the truth, and a caution says so. Sources: Schlotheuber and Hosseinpoor, Int J Environ Res Public Health
2022;19:3697 (definitions); Ahn and others, PLoS One 2019;14(7) (simulation); Walter, Int J Epidemiol 1978;7:175-82
(attributable fraction).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from evaluation.arrays import Numbers, numbers, perhaps_numbers, same_length
from evaluation.draws import generator
from evaluation.estimate import LEVEL, Estimate, check_level, normal_limits, undefined
from scenarios.errors import InputError, nearest

MOST_MISSING = 0.15  # share of groups without a value beyond which there is no figure
LEAST_GROUPS = 3
POINTS = ("mean", "best", "reference")
_UPWARD = "groups may hardly differ: limits of a distance, which cannot be below 0, lie too high there"


@dataclass(frozen=True)
class GroupMethod:
    """How limits are simulated: ``simulations`` draws under ``seed``, values kept from ``lowest`` to ``highest``.

    ``highest``: 1 for a proportion, 100 for a percentage, infinite for a rate. Raises InputError for bounds out of
    order, a level outside 0.5 to 1, or fewer than 100 simulations.
    """

    level: float = LEVEL
    simulations: int = 10_000
    seed: int = 1
    lowest: float = 0.0
    highest: float = math.inf

    def __post_init__(self) -> None:
        """Refuse settings that have no meaning."""
        check_level(self.level)
        if not self.lowest < self.highest:
            raise InputError("lowest", f"is {self.lowest:g}, not below highest {self.highest:g}")
        if self.simulations < 100:
            raise InputError("simulations", f"is {self.simulations}; allowed: 100 and more")


@dataclass(frozen=True)
class Groups:
    """Values of groups: ``values``, ``people`` and ``errors`` (None: none given), shape (groups,), missing left out.

    ``missing``: how many groups lacked a value; ``of``: how many there were.
    """

    values: np.ndarray
    people: np.ndarray
    errors: np.ndarray | None
    missing: int
    of: int

    @property
    def share(self) -> np.ndarray:
        """Each group's share of the people."""
        return self.people / self.people.sum()

    @property
    def mean(self) -> float:
        """The mean over people."""
        return float(self.share @ self.values)

    @property
    def reason(self) -> str:
        """Why there is no figure, or nothing."""
        if self.missing > MOST_MISSING * self.of:
            return f"{self.missing} of {self.of} groups lack a value; at most {MOST_MISSING:.0%} may"
        if len(self.values) < LEAST_GROUPS:
            return f"{len(self.values)} groups with a value; at least {LEAST_GROUPS} are needed"
        return ""

    @property
    def note(self) -> str:
        """What was left out, or nothing."""
        return f"{self.missing} of {self.of} groups lack a value and were left out" if self.missing else ""


def read_groups(values: Numbers, people: Numbers | None = None, errors: Numbers | None = None) -> Groups:
    """Return the groups that have a value. Everybody counts alike without ``people``.

    Raises InputError for a value that is infinite or no number, lists of unequal length, or people of 0 or below.
    """
    found = perhaps_numbers(values, "values")
    there = ~np.isnan(found)
    if not there.any():
        raise InputError("values", "are all missing; at least one is needed")
    counted = np.ones(len(found)) if people is None else perhaps_numbers(people, "people")
    same_length(values=found, people=counted)
    size = numbers(counted[there], "people", 0.0, above=True)
    kept = None
    if errors is not None:
        given = perhaps_numbers(errors, "errors")
        same_length(values=found, errors=given)
        kept = numbers(given[there], "errors", 0.0)
    return Groups(found[there], size, kept, int((~there).sum()), len(found))


def between_group_sd(
    values: Numbers,
    people: Numbers,
    errors: Numbers | None = None,
    method: GroupMethod | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the standard deviation of group values about their mean over people, in their unit."""
    groups = read_groups(values, people, errors)
    return _simulated("between_group_sd", groups, lambda y: _sd(y, groups.share), method, population)


def coefficient_of_variation(
    values: Numbers,
    people: Numbers,
    errors: Numbers | None = None,
    method: GroupMethod | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the between-group standard deviation as per cent of the mean. Undefined for a mean of 0 or below."""
    groups = read_groups(values, people, errors)

    def measure(y: np.ndarray) -> np.ndarray:
        return 100 * _sd(y, groups.share) / (y @ groups.share)

    return _simulated("coefficient_of_variation", groups, measure, method, population, relative=True)


def disparity_index(
    values: Numbers,
    people: Numbers | None = None,
    errors: Numbers | None = None,
    weighted: bool = True,
    average: float | None = None,
    method: GroupMethod | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the mean distance of groups from the average, as per cent of it.

    ``weighted``: groups count by their people, else alike. ``average``: the setting's own; else the mean over
    ``people``, and over groups where neither is given. Undefined for an average of 0 or below.
    """
    groups = read_groups(values, people, errors)
    weight = groups.share if weighted else np.full(len(groups.values), 1 / len(groups.values))

    def measure(y: np.ndarray) -> np.ndarray:
        middle = (y @ groups.share)[:, None] if average is None else np.full((len(y), 1), average)
        return 100 * (np.abs(y - middle) @ weight) / middle[:, 0]

    name = f"disparity_index_{'weighted' if weighted else 'unweighted'}"
    return _simulated(name, groups, measure, method, population, relative=True, average=average)


@dataclass(frozen=True)
class Distance:
    """From where distances are measured, and how groups count.

    ``point``: 'mean' (over people, or ``average``), 'best' (the highest of a ``favourable`` value, else the lowest) or
    'reference' (the group at position ``reference``, from 0). ``weighted``: groups count by their people, else alike.
    Raises InputError for another point.
    """

    point: str = "mean"
    weighted: bool = True
    favourable: bool = True
    reference: int | None = None
    average: float | None = None

    def __post_init__(self) -> None:
        """Refuse a point that is none."""
        if self.point not in POINTS:
            raise InputError("point", f"no such point '{self.point}'; {nearest(self.point, POINTS)}")


def mean_difference(
    values: Numbers,
    people: Numbers | None = None,
    errors: Numbers | None = None,
    distance: Distance | None = None,
    method: GroupMethod | None = None,
    population: str = "not stated",
) -> Estimate:
    """Return the mean ``distance`` of groups from a point, in the unit of the values.

    Raises InputError as ``read_groups``, and for a reference that is not one of the groups with a value.
    """
    by = distance or Distance()
    groups = read_groups(values, people, errors)
    weight = groups.share if by.weighted else np.full(len(groups.values), 1 / len(groups.values))
    at = _reference(values, by.reference) if by.point == "reference" else 0

    def measure(y: np.ndarray) -> np.ndarray:
        if by.point == "mean":
            middle = y @ groups.share if by.average is None else np.full(len(y), by.average)
        elif by.point == "best":
            middle = y.max(axis=1) if by.favourable else y.min(axis=1)
        else:
            middle = y[:, at]
        return np.asarray(np.abs(y - middle[:, None]) @ weight)

    name = f"mean_difference_{by.point}_{'weighted' if by.weighted else 'unweighted'}"
    return _simulated(name, groups, measure, method, population)


@dataclass(frozen=True)
class Attributable:
    """Whose value could be everybody's.

    ``favourable``: more is better; ``ordered``: the last group (the least deprived) is the reference, else the one with
    the best value; ``scale``: what a value of everybody affected would be (100 for a percentage, 1,000 for a rate per
    thousand); ``average``: the setting's own, in place of the mean over people.
    """

    favourable: bool = False
    ordered: bool = True
    scale: float = 100.0
    average: float | None = None


def attributable_risk(
    values: Numbers,
    people: Numbers | None = None,
    about: Attributable | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return what the average would change by if every group were as the reference, in the unit of the values.

    ``values`` run from the most (first) to the least deprived. Below 0 for something unfavourable; 0 where the
    reference is no better than the average. Without ``people``, or where values do not fit the scale, no limits.
    """
    return _attributable(values, people, about or Attributable(), level, ("attributable_risk", population))


def attributable_fraction(
    values: Numbers,
    people: Numbers | None = None,
    about: Attributable | None = None,
    level: float = LEVEL,
    population: str = "not stated",
) -> Estimate:
    """Return ``attributable_risk`` as per cent of the average, with Walter's standard error (on the same scale)."""
    return _attributable(values, people, about or Attributable(), level, ("attributable_fraction", population))


def _attributable(
    values: Numbers, people: Numbers | None, about: Attributable, level: float, what: tuple[str, str]
) -> Estimate:
    name, population = what
    groups = read_groups(values, people)
    n = len(groups.values)
    average = groups.mean if about.average is None else about.average
    reason = groups.reason or ("the average is 0 or below" if average <= 0 else "")
    if reason:
        return undefined(name, population, n, reason, level=level)
    if about.ordered:
        at = n - 1
    else:
        at = int(np.argmax(groups.values) if about.favourable else np.argmin(groups.values))
    gain = float(groups.values[at]) - average
    if (gain < 0) == about.favourable:
        gain = 0.0
    per = 100 / average if name == "attributable_fraction" else 1.0
    se, why = _walter(groups, at, average, about.scale), ""
    if people is None or math.isnan(se):
        why = "no people given" if people is None else "values beyond their scale"
        return Estimate(gain * per, math.nan, math.nan, name, population, n, level=level, reason=f"{why}: no interval")
    se *= average * per
    lower, upper = normal_limits(gain * per, se, level)
    return Estimate(gain * per, lower, upper, name, population, n, "groups", level, se).with_notes(groups.note)


def _walter(groups: Groups, at: int, average: float, scale: float) -> float:
    """Return the standard error of the attributable fraction (0 to 1) from the two by two table it stands for."""
    people = float(groups.people[at])
    c = float(groups.values[at]) / scale * people
    d = people - c
    a = average / scale * float(groups.people.sum()) - c
    b = float(groups.people.sum()) - a - people
    if min(a, b, c, d) < 0 or a + c <= 0:
        return math.nan
    n = a + b + c + d
    return math.sqrt(c * n * (a * d * (n - c) + b * c**2) / ((a + c) ** 3 * (c + d) ** 3))


def _reference(values: Numbers, reference: int | None) -> int:
    """Return the reference's position among the groups with a value."""
    there = ~np.isnan(perhaps_numbers(values, "values"))
    if reference is None or not 0 <= reference < len(there) or not there[reference]:
        raise InputError("reference", f"is {reference}; allowed: the position, from 0, of a group with a value")
    return int(there[:reference].sum())


def _sd(y: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.sqrt(((y - (y @ share)[:, None]) ** 2) @ share)


def _simulated(
    name: str,
    groups: Groups,
    measure: Callable[[np.ndarray], np.ndarray],
    method: GroupMethod | None,
    population: str,
    relative: bool = False,
    average: float | None = None,
) -> Estimate:
    """Return ``measure`` (of values, shape sets x groups) of the groups with limits by simulation."""
    used, n = method or GroupMethod(), len(groups.values)
    middle = groups.mean if average is None else average
    reason = groups.reason or ("the average is 0 or below: no relative measure" if relative and middle <= 0 else "")
    if reason:
        return undefined(name, population, n, reason, level=used.level)
    value = float(measure(groups.values[None])[0])
    if groups.errors is None:
        silent = "no standard errors given: no interval"
        plain = Estimate(value, math.nan, math.nan, name, population, n, "groups", used.level, reason=silent)
        return plain.with_notes(groups.note)
    drawn = measure(_values(groups, used))
    tail = (1 - used.level) / 2
    lower, upper = (float(each) for each in np.quantile(drawn, [tail, 1 - tail]))
    note = f"limits by {used.simulations:,} simulations, seed {used.seed}"
    made = Estimate(value, lower, upper, name, population, n, "groups", used.level).with_notes(note, groups.note)
    return replace(made, cautions=(_UPWARD,)) if value < float(np.mean(drawn)) - 0.25 * float(np.std(drawn)) else made


def _values(groups: Groups, method: GroupMethod) -> np.ndarray:
    """Return simulated values, shape (simulations, groups): normal, truncated at the bounds."""
    share = generator(method.seed, "distances between groups").random((method.simulations, len(groups.values)))
    se = np.zeros_like(groups.values) if groups.errors is None else groups.errors
    drawn = np.broadcast_to(groups.values, share.shape).copy()
    for at in np.flatnonzero(se > 0):
        low, high = ((edge - groups.values[at]) / se[at] for edge in (method.lowest, method.highest))
        drawn[:, at] += se[at] * stats.truncnorm.ppf(share[:, at], low, high)
    return drawn
