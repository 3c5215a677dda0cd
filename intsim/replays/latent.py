"""Where each draw stands in the priors of the levers' parameters, as standard normal numbers."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from scipy.special import ndtri

from evaluation.draws import generator
from intsim.replays.fidelity import PARAMETER
from scenarios.registry.reader import Registry
from scenarios.schema import Scenario
from sim.execution.draws import uniforms
from sim.task import EVIDENCE
from sim.world import scenario_registry

STRENGTH = "fidelity "  # and the arm: how strongly it was carried out in the draw


def parameters_of(registry: Registry, levers: Iterable[str]) -> list[str]:
    """Return the uncertain parameters that belong to any of ``levers``, by the registry's own column."""
    mine = tuple(levers)
    found = [
        one.name
        for one in registry.parameters.values()
        if one.distribution != "fixed" and any(lever in one.used_by for lever in mine)
    ]
    return sorted(found)


def latent_draws(scenario: Scenario, draws: Iterable[int], names: list[str], arms: Iterable[str]) -> pd.DataFrame:
    """Return a row for each draw: the normal number of each parameter in ``names``, and of each arm's strength.

    A parameter's value in a draw is its row of the registry at the normal probability of its number.
    """
    experiment, every = scenario.experiment, list(scenario_registry(scenario).parameters)
    rows = {}
    for draw in draws:
        at = uniforms(every, experiment.draws, draw, experiment.seed, EVIDENCE)
        row = {name: at[name] for name in names}
        row |= {STRENGTH + arm: float(generator(experiment.seed, PARAMETER, draw, arm).random()) for arm in arms}
        rows[draw] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    return pd.DataFrame(ndtri(table.to_numpy()), index=table.index, columns=table.columns)
