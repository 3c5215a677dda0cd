"""What the tuned studies say of the levers' parameters: draws of the evidence weighted by how well each gives them.

Importance weights: a draw counts in proportion to how likely the published figures of tuned studies are under what
the draw predicts, with the study's sampling error and the noise of the run (a synthetic likelihood, normal on the
scale of each effect). Few draws carry all of the weight unless there are very many, so a posterior is given only where
its effective size is large enough to say something, and none is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from calibration.diagnostics.weights import from_logs, kish_size
from evaluation.replays.definition import Replay
from evaluation.replays.published import Finding
from evaluation.replays.scoring import on_scale
from scenarios.registry.reader import Registry
from scenarios.schema import Scenario
from sim.task import drawn_values
from sim.world import scenario_registry

LEAST_SIZE = 30.0  # Kish's effective number of draws below which a posterior says nothing
TUNED = "tuned"


def draw_weights(
    results: pd.DataFrame, replays: Mapping[str, Replay], published: Mapping[str, Mapping[str, Finding]]
) -> pd.Series:
    """Return the weight of each draw (adding to 1) from the tuned studies alone; no predicted one is looked at."""
    logs = pd.Series(0.0, index=sorted(results["draw"].unique()))
    for name, replay in replays.items():
        if replay.use != TUNED:
            continue
        for effect, finding in published[name].items():
            if finding.estimate is None:
                continue
            mine = results[(results["replay"] == name) & (results["effect"] == effect)].dropna(subset=["estimate"])
            gap = mine["estimate"] - on_scale(replay.effects[effect], finding.estimate)
            variance = mine["se"] ** 2 + mine["noise"] ** 2
            likely = (-0.5 * gap**2 / variance).groupby(mine["draw"]).mean()
            logs = logs.add(likely, fill_value=float(likely.min()) if len(likely) else 0.0)
    return pd.Series(from_logs(logs.to_numpy()), index=logs.index)


def lever_posteriors(scenario: Scenario, weights: pd.Series, levers: set[str]) -> tuple[pd.DataFrame, float]:
    """Return prior and weighted mean and standard deviation of each lever's parameters, and the effective size."""
    registry = scenario_registry(scenario)
    names = parameters_of(registry, levers)
    values = pd.DataFrame({draw: pd.Series(drawn_values(scenario, int(draw)))[names] for draw in weights.index}).T
    rows = []
    for name in names:
        x, w = values[name].to_numpy(dtype=float), weights.to_numpy()
        mean = float(np.average(x, weights=w))
        rows.append(
            {
                "parameter": name,
                "prior_mean": float(x.mean()),
                "prior_sd": float(x.std()),
                "posterior_mean": mean,
                "posterior_sd": float(np.sqrt(np.average((x - mean) ** 2, weights=w))),
            }
        )
    return pd.DataFrame(rows), kish_size(weights.to_numpy())


def parameters_of(registry: Registry, levers: set[str]) -> list[str]:
    """Return the uncertain parameters that belong to any of ``levers``, by the registry's own column."""
    found = [
        one.name
        for one in registry.parameters.values()
        if one.distribution != "fixed" and any(lever in one.used_by for lever in levers)
    ]
    return sorted(found)


def posterior_words(size: float, draws: int) -> str:
    """Return what a reader may take from the posterior."""
    words = f"effective size {size:.0f} of {draws} draws"
    if size < LEAST_SIZE:
        return f"{words}: too few to say anything ({LEAST_SIZE:.0f} are needed), so none is written"
    return f"{words}: lever_posteriors.csv; not used by any run"
