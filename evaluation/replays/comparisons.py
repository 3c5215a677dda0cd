"""A study carried out on tables of people, with the estimators of evaluation/causal that any real data would get."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.replays.areas import areas
from evaluation.replays.contrast import Arms, Found
from evaluation.replays.definition import Comparison, Effect, Replay
from evaluation.replays.people import age_cut, continuity, exposed, matched, trial, uncontrolled
from evaluation.replays.selection import YEAR_MONTHS
from scenarios.errors import InputError


@dataclass(frozen=True)
class Result:
    """What a study finds in one run. Figures are on the log where the effect is (see Effect.logged).

    ``se``: sampling error at the study's own size. ``noise``: of the estimate, from the size of the run alone.
    ``treated``, ``untreated``: how many people (or person-years) the run had. ``context``: standard deviation of what
    such a programme does between places, which is no sampling error and which no draw of the evidence holds.
    """

    estimate: float
    se: float
    noise: float
    treated: float
    untreated: float
    reason: str = ""
    context: float = 0.0


def carry_out(replay: Replay, effect: Effect, arms: Arms) -> Result:
    """Return what the study finds of one effect; a study that cannot be carried out says why."""
    try:
        found = KINDS[replay.comparison.kind](replay, effect, arms)
    except InputError as problem:
        return Result(math.nan, math.nan, math.nan, 0.0, 0.0, str(problem))
    if not all(math.isfinite(each) for each in (found.value, found.se, found.paired)):
        return Result(math.nan, math.nan, math.nan, found.treated, found.untreated, "no finite estimate")
    error, apart = at_size(found, effect, replay.comparison), between(found, effect, replay.comparison)
    return Result(found.value, error, found.paired, found.treated, found.untreated, context=apart)


def at_size(found: Found, effect: Effect, comparison: Comparison) -> float:
    """Return the sampling error at the study's own size: of people, and of how areas grow."""
    study = 1 / comparison.treated + 1 / comparison.untreated
    ours = 1 / found.treated + 1 / found.untreated
    variance = found.se**2 * study / ours * comparison.cluster_effect
    if comparison.growth_sd_per_year > 0 and effect.areas_grow:
        years = (effect.months[0] + effect.months[1] + YEAR_MONTHS) / 2 / YEAR_MONTHS  # middle to middle
        spread = 1 / comparison.areas + 1 / comparison.other_areas
        variance += (found.level * comparison.growth_sd_per_year) ** 2 * years * spread
    return math.sqrt(variance)


def between(found: Found, effect: Effect, comparison: Comparison) -> float:
    """Return the standard deviation between places of the mean of as many studies as were pooled (Higgins 2009)."""
    if not comparison.trials:
        return 0.0
    spread = comparison.between_trials_sd if effect.between_trials_sd is None else effect.between_trials_sd
    return found.level * spread / math.sqrt(effect.trials or comparison.trials)


Kind = Callable[[Replay, Effect, Arms], Found]
KINDS: Mapping[str, Kind] = {
    "trial": trial,
    "areas": areas,
    "matched": matched,
    "age_cut": age_cut,
    "before_after": uncontrolled,
    "exposed": exposed,
    "continuity": continuity,
}
