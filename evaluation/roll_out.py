"""When the INTs of each design start, in words: what is counted holds the months before they do."""

from __future__ import annotations

from evaluation.figures.style import words
from evaluation.rounding import number
from evaluation.run_folder import RunFolder

LATE = 3  # a design at work nowhere in this part of the months that count is told first: a third
NEARLY_ALL = 0.995  # of residents: shares are told in whole per cent


def roll_out(run: RunFolder) -> str:
    """Return when each design of a run starts, and how much of the time that counts its INTs are at work.

    ``run``'s manifest tells, for each design, [month, share of residents] of its starts; none for one for a group, and
    nothing in runs of before that was told.
    """
    said = []
    for name in run.designs:
        told = (run.manifest.get("designs") or {}).get(name)
        if told:
            starts = [(int(month), float(share)) for month, share in told["starts"]]
            alone = f"{words(name)}: for its group, in month {told['live']}"
            said.append(starts_told(name, starts, run.horizon_months) if starts else alone)
    return "; ".join(said) or "not recorded in this run"


def late_starts(run: RunFolder, months: int) -> list[str]:
    """Return a sentence for each arm of ``run`` that is not at work anywhere in the first third of ``months``.

    ``months``: that count, from month 0 on. Designs of which the run tells nothing are passed over.
    """
    said = []
    for name in run.arms:
        first = first_start(run, name)
        if first is None or first * LATE < months:
            continue
        start = f"{words(name)[:1].upper()}{words(name)[1:]} starts only in month {first}, counted from 0"
        if first >= months:
            said.append(f"{start}, after the {months} months that count: nothing of it is in these figures.")
        else:
            rest = f"it is at work in {months - first} of the {months} months that these figures are of"
            said.append(f"{start}: {rest}. A longer run (experiment.horizon_months) shows more of it.")
    return said


def first_start(run: RunFolder, name: str) -> int | None:
    """Return the first month in which an INT of a design is at work by it; None where the run does not tell."""
    told = (run.manifest.get("designs") or {}).get(name)
    if not told:
        return None
    starts = [int(month) for month, _ in told["starts"]]
    group = ((run.settings.get(name) or {}).get("geography") or {}).get("group") or {}
    if not starts or group.get("by", "none") != "none":
        starts.append(int(told["live"]))
    return min(starts)


def starts_told(name: str, starts: list[tuple[int, float]], months: int) -> str:
    """Return the words of one design: reach grows only from each start on."""
    whole = sum(share for _, share in starts)
    part = "" if whole > NEARLY_ALL else f", for {number(100 * whole, 0)}% of residents"
    if len(starts) == 1:
        return f"{words(name)}: all at once in month {starts[0][0]}{part}"
    first, last = starts[0][0], starts[-1][0]
    live = sum(share * max(months - max(month, 0), 0) for month, share in starts) / (whole * months)
    told = f"{words(name)}: one neighbourhood after another, months {first} to {last}{part}"
    told += (
        f"; over the {months} months counted, INTs are at work for {number(100 * live, 0)}% of their residents' time"
    )
    never = sum(share for month, share in starts if month >= months) / whole
    return told + (f", and for {number(100 * never, 0)}% of residents not at all" if never > 0 else "")
