"""Predictions set against what was published: inside or not, too wide to say anything, and signs."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from evaluation.estimate import critical
from evaluation.replays.definition import Effect, Replay
from evaluation.replays.prediction import LEVEL, Prediction
from evaluation.replays.published import Finding

TOO_WIDE = 3.0  # times the published interval, or the study's own sampling interval where none was published
INSIDE, OUTSIDE, WIDE, UNSCORED = "inside", "outside", "too wide", "not scored"
RATIOS = ("ratio", "risk_ratio")
COLUMNS = (
    "replay",
    "programme",
    "use",
    "effect",
    "words",
    "scale",
    "year",
    "published",
    "published_low",
    "published_high",
    "basis",
    "predicted",
    "low",
    "high",
    "half_width",
    "off_by_sd",
    "published_half_width",
    "allowed_half_width",
    "evidence_sd",
    "study_se",
    "context_sd",
    "runs",
    "tried",
    "verdict",
    "no_effect_verdict",
    "nearer",
    "published_sign",
    "predicted_sign",
    "sign_agrees",
    "misses_by",
    "reason",
)


def score(replay_name: str, replay: Replay, name: str, prediction: Prediction, finding: Finding) -> dict[str, object]:
    """Return the row of COLUMNS of one effect: widths and misses on the scale of the comparison (log of ratios)."""
    effect = replay.effects[name]
    at = {key: on_scale(effect, value) for key, value in published_values(finding).items()}
    published_half = at_level(at, finding)
    allowed = TOO_WIDE * (published_half if math.isfinite(published_half) else prediction.sampling_half_width)
    inside = prediction.low <= at["estimate"] <= prediction.high
    gap = 0.0 if inside else min(abs(at["estimate"] - prediction.low), abs(at["estimate"] - prediction.high))
    signs = sign_of(at, finding), predicted_sign(prediction)
    shown = {key: back(effect, value) for key, value in limits_of(prediction).items()}
    return {
        "replay": replay_name,
        "programme": replay.programme,
        "use": replay.use,
        "effect": name,
        "words": effect.words or name.replace("_", " "),
        "scale": effect.scale,
        "year": finding.year,
        "published": finding.estimate,
        "published_low": finding.low,
        "published_high": finding.high,
        "basis": finding.basis,
        "predicted": shown["middle"],
        "low": shown["low"],
        "high": shown["high"],
        "half_width": prediction.half_width,
        "off_by_sd": (at["estimate"] - prediction.middle) / prediction.sd if prediction.sd > 0 else math.nan,
        "published_half_width": published_half,
        "allowed_half_width": allowed,
        "evidence_sd": prediction.evidence_sd,
        "study_se": prediction.study_se,
        "context_sd": prediction.context_sd,
        "runs": prediction.runs,
        "tried": prediction.tried,
        "verdict": verdict(finding, prediction, inside, allowed),
        "no_effect_verdict": verdict_of_no_effect(at["estimate"], finding, prediction, allowed),
        "nearer": nearer(at["estimate"], prediction),
        "published_sign": signs[0],
        "predicted_sign": signs[1],
        "sign_agrees": agrees(at, finding, prediction),
        "misses_by": gap / prediction.study_se
        if prediction.study_se > 0 and finding.estimate is not None
        else math.nan,
        "reason": prediction.reason,
    }


def verdict(finding: Finding, prediction: Prediction, inside: bool, allowed: float) -> str:
    """Return how a prediction did; one that cannot be made is outside, for silence is no success."""
    if finding.estimate is None:
        return UNSCORED
    if not math.isfinite(prediction.middle) or not inside:
        return OUTSIDE
    return WIDE if prediction.half_width > allowed else INSIDE


def verdict_of_no_effect(estimate: float, finding: Finding, prediction: Prediction, allowed: float) -> str:
    """Return how the guess that nothing changes would have done, with the study's own errors and nothing of the model.

    What no run could carry out has no study error to guess with, and counts as outside here too.
    """
    half = critical(LEVEL) * math.hypot(prediction.study_se, prediction.context_sd)
    if finding.estimate is None:
        return UNSCORED
    if not abs(estimate) <= half:
        return OUTSIDE
    return WIDE if half > allowed else INSIDE


def nearer(estimate: float, prediction: Prediction) -> bool | None:
    """Return whether the prediction's middle lies nearer to the published figure than no effect does; None without."""
    if not (math.isfinite(estimate) and math.isfinite(prediction.middle)):
        return None
    return abs(estimate - prediction.middle) < abs(estimate)


def published_values(finding: Finding) -> dict[str, float]:
    """Return the published figure and its limits, NaN where there are none."""
    values = {"estimate": finding.estimate, "low": finding.low, "high": finding.high}
    return {key: math.nan if value is None else value for key, value in values.items()}


def limits_of(prediction: Prediction) -> dict[str, float]:
    """Return the middle and limits of a prediction."""
    return {"middle": prediction.middle, "low": prediction.low, "high": prediction.high}


def on_scale(effect: Effect, value: float) -> float:
    """Return a published figure on the scale of the comparison: the log of a ratio or of one and a change."""
    if effect.scale in RATIOS:
        return math.log(value) if value > 0 else math.nan
    if effect.scale == "percent":
        return math.log1p(value / 100) if value > -100 else math.nan
    return value


def back(effect: Effect, value: float) -> float:
    """Return a figure on the scale of the comparison as it would be printed."""
    if effect.scale in RATIOS:
        return math.exp(value)
    return 100 * math.expm1(value) if effect.scale == "percent" else value


def at_level(at: Mapping[str, float], finding: Finding) -> float:
    """Return half of the published interval, made to the level of predictions; NaN without an interval."""
    return (at["high"] - at["low"]) / 2 * critical(LEVEL) / critical(finding.level)


def printed_se(effect: Effect, finding: Finding) -> float:
    """Return the standard error that a study printed, by its interval, on the scale of the comparison; NaN without."""
    at = {key: on_scale(effect, value) for key, value in published_values(finding).items()}
    return (at["high"] - at["low"]) / 2 / critical(finding.level)


def sign_of(at: Mapping[str, float], finding: Finding) -> str:
    """Return what a study said: 'up', 'down' or 'none' (its interval holds no effect, or it said so)."""
    if finding.direction is not None:
        return finding.direction
    if math.isfinite(at["low"]) and at["low"] <= 0.0 <= at["high"]:
        return "none"
    return "up" if at["estimate"] > 0 else "down"


def predicted_sign(prediction: Prediction) -> str:
    """Return the sign of a prediction: 'none' where its interval holds no effect."""
    if not math.isfinite(prediction.middle):
        return ""
    if prediction.low <= 0.0 <= prediction.high:
        return "none"
    return "up" if prediction.middle > 0 else "down"


def agrees(at: Mapping[str, float], finding: Finding, prediction: Prediction) -> bool | None:
    """Return whether the middle of the prediction has the published sign; None where the study saw no effect."""
    if not math.isfinite(prediction.middle):
        return None
    said = sign_of(at, finding)
    if said == "none":
        return None
    return (prediction.middle > 0) == (said == "up")


def coverage(scores: pd.DataFrame) -> pd.DataFrame:
    """Return, for tuned and predicted apart: effects, programmes, how many are inside, and median half-widths.

    Brackets and effects without a published figure are not counted. Half-widths on the log are of effects whose study
    printed an interval; of the others in ``median_half_width_log_unprinted``. Over what is allowed, all scales count.
    """
    rows = []
    for use in ("tuned", "predicted"):
        mine = scores[(scores["use"] == use) & (scores["verdict"] != UNSCORED)]
        held = int((mine["verdict"] == INSIDE).sum())
        ratios = mine[mine["scale"].isin((*RATIOS, "log", "percent"))]
        printed = ratios["published_half_width"].notna()
        rows.append(
            {
                "use": use,
                "programmes": int(mine["programme"].nunique()),
                "effects": len(mine),
                "inside": held,
                "outside": int((mine["verdict"] == OUTSIDE).sum()),
                "too_wide": int((mine["verdict"] == WIDE).sum()),
                "share_inside": held / len(mine) if len(mine) else math.nan,
                "median_half_width_log": float(ratios.loc[printed, "half_width"].median()),
                "median_published_half_width_log": float(ratios["published_half_width"].median()),
                "median_half_width_log_unprinted": float(ratios.loc[~printed, "half_width"].median()),
                "median_width_over_allowed": float((mine["half_width"] / mine["allowed_half_width"]).median()),
            }
        )
    return pd.DataFrame(rows)


def by_year(scores: pd.DataFrame) -> pd.DataFrame:
    """Return agreement of signs by use and year since go-live, of effects whose study saw one."""
    told = scores[scores["sign_agrees"].notna() & (scores["use"] != "bracket")].copy()
    told["since"] = told["year"].map(lambda year: "not told apart" if pd.isna(year) else f"year {int(year)}")
    rows = []
    for (use, since), mine in told.groupby(["use", "since"], sort=True):
        same = int(mine["sign_agrees"].astype(bool).sum())
        rows.append({"use": use, "since go-live": since, "effects": len(mine), "same sign": same})
    return pd.DataFrame(rows, columns=["use", "since go-live", "effects", "same sign"])


def worst(scores: pd.DataFrame, count: int = 8) -> pd.DataFrame:
    """Return the effects that miss by most, in the study's own standard errors."""
    missed = scores[(scores["verdict"] == OUTSIDE) & (scores["use"] != "bracket")]
    return missed.sort_values("misses_by", ascending=False, na_position="first").head(count)
