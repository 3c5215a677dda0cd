"""What is wrong with a row of a table of targets, or with two rows that clash: a line each, before anything is run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from calibration.matching.ages import ages_of
from calibration.matching.catalogue import Output, output_called
from calibration.targets.columns import CATEGORIES, COUNTED, FITTED
from calibration.targets.period import PANDEMIC, Period
from calibration.targets.target import Target, TargetSet
from scenarios.errors import InputError

MOST_PANDEMIC = 0.1  # of a period's months: 2019/20 has one of its twelve
ROUNDING = 0.01  # of itself: a value may differ from its own count over denominator by this much
BY_DEPRIVATION = tuple(CATEGORIES)
Check = Callable[[Target, Output], Iterator[InputError]]


def problems_of(targets: TargetSet, run: Period) -> list[InputError]:
    """Return every problem of the rows, each by itself and between them; ``run``: the months a run observes."""
    found: list[InputError] = []
    for target in targets:
        try:
            output = output_called(target.output, f"{target.where} column output")
        except InputError as problem:
            found.append(problem)
            continue
        for check in ROW_CHECKS:
            found.extend(check(target, output))
        found.extend(period_problems(target, output, run))
    return found + list(between(targets))


def at(target: Target, column: str, words: str) -> InputError:
    """Return a problem of one column of a row."""
    return InputError(f"{target.where} column {column}", f"{words} ({target.target})")


def unit_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse a unit other than the output's."""
    if target.unit != output.unit:
        words = f"is '{target.unit}', but {output.name} is in '{output.unit}': convert value and limits"
        yield at(target, "unit", words)


def value_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse a value or limit that the unit cannot take, and limits that leave the value out."""
    for column in ("value", "lower_95", "upper_95"):
        value = getattr(target, column)
        if output.unit == "share" and not (math.isnan(value) or 0 <= value <= 1):
            yield at(target, column, f"a share must lie within 0 and 1 (found {value:g})")
        elif value < 0:
            yield at(target, column, f"must be 0 or more (found {value:g})")
    low, high = target.lower_95, target.upper_95
    if math.isnan(low) != math.isnan(high):
        yield at(target, "lower_95", "give both limits or neither")
    elif not math.isnan(low):
        if not low <= target.value <= high:
            yield at(target, "value", f"the interval {low:g} to {high:g} excludes its value {target.value:g}")
        elif low == high:
            yield at(target, "lower_95", f"the interval has no width (found {low:g} to {high:g})")
        if not target.limits:
            yield at(target, "limits", "is empty: say whether limits are published, derived or judgement")


def likelihood_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse a likelihood without what it needs."""
    kind = target.likelihood
    if kind in ("normal", "log_normal"):
        if math.isnan(target.stated_sd):
            yield at(target, "lower_95", f"is empty: {kind} needs 95% limits")
        elif kind == "log_normal" and target.lower_95 <= 0:
            yield at(target, "lower_95", f"must be above 0 for log_normal (found {target.lower_95:g})")
    if kind in COUNTED:
        yield from count_problems(target, output)
    if kind == "gamma_poisson" and not target.dispersion > 0:
        yield at(target, "dispersion", "gamma_poisson needs a squared coefficient of variation above 0")
    if kind in ("binomial", "multinomial") and output.unit != "share":
        yield at(target, "likelihood", f"{kind} is for shares, and {output.name} is in '{output.unit}'")
    if kind == "multinomial" and not target.group:
        yield at(target, "group", "is empty: rows of one multinomial share a word")
    if kind == "multinomial" and target.bridge_factor != 1.0:
        words = "must be 1 for multinomial: its shares add to 1, and a factor on one of them is not used"
        yield at(target, "bridge_factor", f"{words} (found {target.bridge_factor:g})")


def count_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse a count that is missing, or that is not the value."""
    count, out_of = target.count, target.denominator
    if not count >= 0:
        yield at(target, "count", f"{target.likelihood} needs a count of 0 or more (found {count:g})")
        return
    if target.likelihood != "multinomial" and output.kind != "total" and not out_of > 0:
        yield at(target, "denominator", f"{target.likelihood} needs what the count is out of (found {out_of:g})")
        return
    if target.likelihood == "binomial" and count > out_of:
        yield at(target, "count", f"is {count:g} of {out_of:g}: more than all")
    elif not math.isnan(out_of):
        scale = out_of / count if count else math.nan
        per = {"per 1,000 per year": 1000.0, "England = 100": 100.0}.get(output.unit, 1.0)
        if not math.isnan(scale) and abs(target.value * scale / per - 1) > ROUNDING:
            words = f"is {target.value:g}, but count over denominator is {per * count / out_of:.4g}"
            yield at(target, "value", words)
    elif output.kind == "total" and abs(count - target.value) > ROUNDING * max(count, 1.0):
        yield at(target, "value", f"is {target.value:g}, but the count is {count:g}")


def group_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse ages and categories that do not exist, and a fitted gradient that nobody has observed."""
    try:
        ages_of(target.age, f"{target.where} column age")
    except InputError as problem:
        yield problem
    if bool(target.category) != bool(target.category_type):
        yield at(target, "category", "category and category_type go together: give both or neither")
    elif target.category_type:
        most = len(output.numerator) if target.category_type == "part" else CATEGORIES[target.category_type]
        if not (target.category.isdigit() and 1 <= int(target.category) <= most):
            yield at(target, "category", f"must be 1 to {most} for {target.category_type} (found '{target.category}')")
    if target.role == FITTED and target.category_type in BY_DEPRIVATION and not output.gradient:
        words = f"{output.name} has no published gradient by deprivation: it is a prediction and cannot be fitted"
        yield at(target, "role", words)
    if output.kind == "over_least_deprived" and target.category_type not in BY_DEPRIVATION:
        yield at(target, "category_type", f"{output.name} compares fifths or tenths: give which")
    if output.kind == "share_of_set" and target.category_type != "part":
        yield at(target, "category_type", f"{output.name} has parts: give 'part' and its place from 1")


def number_problems(target: Target, output: Output) -> Iterator[InputError]:
    """Refuse weights, discrepancies and bridges that mean nothing."""
    for column in ("weight", "discrepancy", "bridge_error"):
        value = getattr(target, column)
        if value < 0:
            yield at(target, column, f"must be 0 or more (found {value:g})")
    if not target.bridge_factor > 0:
        yield at(target, "bridge_factor", f"must be above 0 (found {target.bridge_factor:g})")
    stated = target.bridge_factor != 1.0 or target.bridge_error > 0
    if stated and not target.bridge_why:
        yield at(target, "bridge_why", "is empty: say why the value is bridged by that factor")
    if target.bridge_why and not target.bridge_error > 0:
        yield at(target, "bridge_error", "a bridged value is less certain: give a relative error above 0")
    if target.headline and not target.tolerance > 0:
        yield at(target, "tolerance", "a headline needs how far the model may lie from it")


def period_problems(target: Target, output: Output, run: Period) -> Iterator[InputError]:
    """Refuse another period that is not bridged, and levels of activity from the pandemic."""
    months = target.months
    if not months.inside(run) and not target.bridged:
        words = f"{target.period} lies outside the run ({run.words()}): bridge it by a factor with its error"
        yield at(target, "period", words)
    if output.activity and not output.relative and months.shared(PANDEMIC) > MOST_PANDEMIC * months.months:
        words = f"{target.period} is of the pandemic ({PANDEMIC.words()}): levels of activity then inform ratios only"
        yield at(target, "period", words)


def between(targets: TargetSet) -> Iterator[InputError]:
    """Yield rows that are there twice, and weights that are all zero."""
    names: dict[str, Target] = {}
    keys: dict[tuple[str, ...], Target] = {}
    for target in targets:
        if target.target in names:
            yield at(target, "target", f"the name is already in {names[target.target].where}")
        elif target.key in keys:
            yield InputError(target.where, f"duplicate row: {target.words()} is already in {keys[target.key].where}")
        names.setdefault(target.target, target)
        keys.setdefault(target.key, target)
    fitted = targets.fitted
    if len(fitted) and all(each.weight == 0 for each in fitted):
        yield InputError(f"{targets.name} column weight", "all weights are zero: nothing would be fitted")


ROW_CHECKS: tuple[Check, ...] = (
    unit_problems,
    value_problems,
    likelihood_problems,
    group_problems,
    number_problems,
)
