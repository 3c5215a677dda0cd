"""Where each draw stands in the priors of the levers' parameters, as standard normal numbers."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from scipy.special import ndtri

from evaluation.draws import generator
from intsim.replays.fidelity import PARAMETER
from scenarios.registry.reader import Registry
from scenarios.registry.row import Parameter
from scenarios.schema import Scenario
from sim.task import evidence_uniforms

CALLED = {  # settings whose lever has another name
    "engagement": "participation",
    "wellbeing": "workforce_wellbeing",
    "needs_weight": "needs_allocation",
}
STRENGTH = "fidelity "  # and the arm: how strongly it was carried out in the draw


def parameters_of(registry: Registry, levers: Iterable[str]) -> list[str]:
    """Return the uncertain parameters that belong to any of ``levers``, by the registry's own column."""
    mine = set(levers)
    return sorted(
        one.name for one in registry.parameters.values() if one.distribution != "fixed" and lever_of(one) in mine
    )


def lever_of(parameter: Parameter) -> str:
    """Return the lever to which a row of the registry says that it belongs; '' for none.

    Rows name a setting, such as 'lever participation.outreach': the last part is the lever, but for CALLED.
    """
    kind, _, setting = parameter.used_by.partition(" ")
    if kind != "lever":
        return ""
    name = setting.rpartition(".")[2]
    return CALLED.get(name, name)


def latent_draws(scenario: Scenario, draws: Iterable[int], names: list[str], arms: Iterable[str]) -> pd.DataFrame:
    """Return a row for each draw: the normal number of each parameter in ``names``, and of each arm's strength.

    A parameter's value in a draw is its row of the registry at the normal probability of its number.
    """
    experiment = scenario.experiment
    rows = {}
    for draw in draws:
        at = evidence_uniforms(scenario, draw)
        row = {name: at[name] for name in names}
        row |= {STRENGTH + arm: float(generator(experiment.seed, PARAMETER, draw, arm).random()) for arm in arms}
        rows[draw] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    return pd.DataFrame(ndtri(table.to_numpy()), index=table.index, columns=table.columns)
