"""The model's held-out predictions against a spreadsheet's, target by target and on average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from calibration.comparison.spreadsheets import Said
from calibration.diagnostics.scores import crps_sample, skill
from calibration.likelihood.build import likelihood_of
from calibration.targets.columns import HELD_OUT
from calibration.targets.target import TargetSet
from evaluation.draws import generator

DRAWS = 4_000  # of a spreadsheet's figure with the error of observing
ALL = "all"


def against(predicted: pd.DataFrame, targets: TargetSet, said: Sequence[Said], seed: int = 1) -> pd.DataFrame:
    """Return one row per held-out target and spreadsheet that says something of it.

    predicted: the model's, as ``coverage.predictions`` returns it. Columns: target, group, predictor, observed,
    model_crps, spreadsheet (as the target is bridged), crps (of its figure alone: its error), crps_with_error (of its
    figure with the target's error of observing about it), how. Scores are in the target's unit.
    """
    crps = predicted.set_index("target")["crps"]
    known = {each.target: each for each in targets if each.role == HELD_OUT and each.target in crps.index}
    rows = []
    for one in said:
        if one.target not in known:
            continue
        target = known[one.target]
        value, observed = one.value * target.bridge_factor, target.bridged_value
        draws = with_error(TargetSet((target,)), value, seed)
        rows.append(
            {
                "target": target.target,
                "group": target.group or target.output,
                "predictor": one.predictor,
                "observed": observed,
                "model_crps": float(crps[target.target]),
                "spreadsheet": value,
                "crps": abs(value - observed),
                "crps_with_error": crps_sample(observed, draws),
                "how": one.how,
            }
        )
    return pd.DataFrame(rows)


def with_error(targets: TargetSet, value: float, seed: int) -> np.ndarray:
    """Return draws float64[draws] of what would be observed of one target were ``value`` the truth."""
    likelihood = likelihood_of(targets)
    rng = generator(seed, "spreadsheet", *likelihood.names)
    mean = np.full((DRAWS, 1), value)
    return likelihood.draw(mean, np.zeros((DRAWS, 1)), rng)[:, 0]


def skill_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean scores by group of targets and spreadsheet, and over all of them.

    Scores are over the observed value, so that targets of different units can be averaged. Columns: group, predictor,
    targets, model_score, score (of the spreadsheet's figure alone), score_with_error, skill (1 - model_score over the
    lower of the two).
    """
    if rows.empty:
        return pd.DataFrame()
    scaled = rows.assign(
        **{name: rows[name] / rows["observed"].abs() for name in ("model_crps", "crps", "crps_with_error")}
    )
    found = []
    for group, mine in [*scaled.groupby("group", sort=False), (ALL, scaled)]:
        for predictor, each in mine.groupby("predictor", sort=False):
            model, alone, dressed = (float(each[name].mean()) for name in ("model_crps", "crps", "crps_with_error"))
            found.append(
                {
                    "group": group,
                    "predictor": predictor,
                    "targets": len(each),
                    "model_score": model,
                    "score": alone,
                    "score_with_error": dressed,
                    "skill": skill(model, min(alone, dressed)),
                }
            )
    return pd.DataFrame(found)
