"""Findings in plain English, made from figures: with unit, interval and population, no more digits than earned."""

from __future__ import annotations

import math

from evaluation.figures.style import words
from evaluation.findings import Row
from evaluation.outcomes import outcome
from evaluation.rounding import change, decimals, limits, number
from evaluation.twins import CONSTANT, IDENTICAL, NO_BASE, NO_DIFFERENCE, ONE_REPLICATION

HOLDS_ZERO = "the interval includes zero"
LEAST_SHARE = 0.001  # of a standard: smaller is told as less


def in_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence: 'Hospital bed days' -> 'hospital bed days', 'ED ...' as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def levels(row: Row, minus: str = "-") -> tuple[str, str]:
    """Return the baseline's and the design's level at one precision; '–' if undefined.

    That of the less certain, and no finer than it takes for the two as they are printed to differ by no more and no
    less than the interval of their difference allows: arms share chance, and the difference is known better than they.
    """
    if math.isnan(row["baseline"]) or math.isnan(row["design"]):
        return "–", "–"
    pairs = ((row["baseline"], row["baseline_se"]), (row["design"], row["design_se"]))
    places = min((_level_places(value, se) for value, se in pairs if value != 0), default=0)
    finest = decimals(row["difference"], row["lower"], row["upper"]) if not math.isnan(row["lower"]) else places
    while places < finest and not row["lower"] <= _printed_apart(row, places) <= row["upper"]:
        places += 1
    return number(row["baseline"], places, minus=minus), number(row["design"], places, minus=minus)


def _printed_apart(row: Row, places: int) -> float:
    """Return by how much the two levels differ when each is rounded to ``places``."""
    return float(round(row["design"], places) - round(row["baseline"], places))


def difference(row: Row, minus: str = "-") -> str:
    """Return a row's difference and interval, or in words why there is none."""
    if math.isnan(row["difference"]):
        return f"not defined ({row['reason']})"
    if _is_same(row):
        return NO_DIFFERENCE
    text = change(row["difference"], row["lower"], row["upper"], minus=minus)
    if CONSTANT in row["reason"]:
        return f"{text.split(' (')[0]} in every replication"
    return f"{text} ({ONE_REPLICATION})" if math.isnan(row["lower"]) else text


def percent(row: Row, minus: str = "-") -> str:
    """Return the change in per cent and its interval, without the sign; '–' where there is none, or no limits."""
    if math.isnan(row["percent"]) or _is_same(row) or NO_BASE in row["reason"]:
        return "–"
    return change(row["percent"], row["percent_lower"], row["percent_upper"], minus=minus)


def verdict(row: Row) -> str:
    """Return what a row says in a few words: 'lower', 'higher', 'no difference detected', 'one replication: ...'."""
    return {"not tested": ONE_REPLICATION, "undefined": "not defined"}.get(row["verdict"], str(row["verdict"]))


def headline(row: Row, baseline: str, design: str, population: str) -> str:
    """Return one sentence on an outcome; ``population`` says who and how long ('44,980 residents over 12 months')."""
    label, unit = row["label"], row["unit"]
    if math.isnan(row["difference"]):
        return f"{label}: not defined ({row['reason']})."
    if _is_same(row):
        same = f"{words(design)} and {words(baseline)} are identical" + (
            " in every replication" if row["n"] > 1 else ""
        )
        return f"{label}: {NO_DIFFERENCE}; {same}."
    before, after = levels(row, "−")
    if row["verdict"] == NO_DIFFERENCE:
        amount = change(row["difference"], row["lower"], row["upper"], "−")
        return (
            f"{label}: {NO_DIFFERENCE} between {words(design)} and {words(baseline)}; "
            f"difference {amount} {unit} (95% interval in brackets), from {before} to {after}."
        )
    way = "lower" if row["difference"] < 0 else "higher"
    verb = "was" if str(label).startswith("Mean ") else "were"
    amount, between = _size(row)
    return (
        f"{label} {verb} {amount} {unit} {way} with {words(design)} than with {words(baseline)} ({between}), "
        f"{after} against {before}{_total(row, population)}."
    )


def gap_sentence(row: Row, baseline: str, design: str, whose: str) -> str:
    """Return one sentence on the absolute standardised gap; ``whose`` describes the quintiles."""
    what = outcome(row["outcome"])
    how = f"{whose}; age-sex standardised{left_out(row)}"
    head = f"Gap in {in_sentence(what.label)} between the most and least deprived fifth ({how})"
    if math.isnan(row["difference"]):
        return f"{head}: not defined ({row['reason']})."
    if _is_same(row):
        return f"{head}: {NO_DIFFERENCE}; {words(design)} and {words(baseline)} are identical."
    before, after = levels(row, "−")
    amount = change(row["difference"], row["lower"], row["upper"], "−")
    tail = f"change {amount} {what.unit}, {before} with {words(baseline)} and {after} with {words(design)}"
    if row["verdict"] == NO_DIFFERENCE:
        return f"{head}: {NO_DIFFERENCE}; {tail}."
    if row["verdict"] == "not tested":
        return f"{head}: {tail}; {ONE_REPLICATION}."
    return f"{head} {_way(row)}: {tail}."


def left_out(row: Row) -> str:
    """Return which share of the standard a gap leaves out, to stand after 'age-sex standardised'; '' for none."""
    lost = float(row["standard_lost"])
    told = f"{100 * lost:.2g}%" if lost >= LEAST_SHARE else f"less than {100 * LEAST_SHARE:g}%"
    return f", without {told} of the standard population: age and sex groups missing from a fifth" if lost > 0 else ""


def ratio_sentence(row: Row, baseline: str, design: str) -> str:
    """Return one sentence on the relative standardised gap, to stand after the absolute one."""
    what = in_sentence(outcome(row["outcome"]).label)
    if math.isnan(row["difference"]):
        return f"Ratio of the most to the least deprived fifth in {what}: not defined ({row['reason']})."
    before, after = levels(row, "−")
    moved = difference(row, "−")
    found = f"{before} with {words(baseline)} and {after} with {words(design)}"
    found += f", {moved}" if moved == NO_DIFFERENCE else f", change {moved}"
    said = {NO_DIFFERENCE: f"; {NO_DIFFERENCE}", "lower": "; it fell", "higher": "; it rose"}.get(row["verdict"], "")
    return f"Ratio of the most to the least deprived fifth in {what}: {found}{'' if _is_same(row) else said}."


def paired_sentence(what: str, row: Row, baseline: str, design: str, unit: str) -> str:
    """Return '<what>: 91.2 with usual care and 93.3 with frailty, <unit>; change ...' for any paired figures."""
    if math.isnan(row["difference"]):
        return f"{what}: not defined ({row['reason']})."
    before, after = levels(row, "−")
    return f"{what}: {before} with {words(baseline)} and {after} with {words(design)}, {unit}; {_change_in_words(row)}."


def _change_in_words(row: Row) -> str:
    text = difference(row, "−")
    if text == NO_DIFFERENCE:
        return text
    return f"change {text}" + (f", {NO_DIFFERENCE}" if row["verdict"] == NO_DIFFERENCE else "")


def _way(row: Row) -> str:
    if row["baseline"] * row["design"] < 0:
        return "changed direction"
    return "narrowed" if abs(row["design"]) < abs(row["baseline"]) else "widened"


def _is_same(row: Row) -> bool:
    return bool(row["difference"] == 0 and (IDENTICAL in row["reason"] or ONE_REPLICATION in row["reason"]))


def _level_places(value: float, se: float) -> int:
    """Return the decimals a level's standard error supports; without one, as many as three significant digits take."""
    return decimals(value, value - 2 * se, value + 2 * se) if not math.isnan(se) else decimals(value, value, value)


def _size(row: Row) -> tuple[str, str]:
    """Return the size of the difference without sign, and its interval in words."""
    size, lower, upper = abs(row["difference"]), row["lower"], row["upper"]
    places = decimals(row["difference"], lower, upper)
    if math.isnan(lower):
        return number(size, places), f"{ONE_REPLICATION}, so chance is not ruled out"
    near, far = sorted((abs(lower), abs(upper)))
    least, most = limits(near, far, places)
    return number(size, places), f"95% interval {least} to {most}"


def _total(row: Row, population: str) -> str:
    """Return the difference in events over the whole horizon, rounded as the rate is."""
    total = row["total_difference"]
    if math.isnan(total) or total == 0 or row["difference"] * total < 0:
        return ""
    factor = total / row["difference"]
    places = decimals(total, row["lower"] * factor, row["upper"] * factor)
    way = "fewer" if total < 0 else "more"
    return f": about {number(abs(total), places)} {way} {outcome(row['outcome']).counted} among {population}"
