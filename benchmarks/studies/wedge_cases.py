"""Studies on stepped wedges. Apart from the other panels: they rest on the mixed model, and those do not."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.studies import generators
from benchmarks.studies.case import COVERS, PRINTED, Attempt, Case
from evaluation.causal.few_clusters import randomisation_test
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import Study, read_study
from evaluation.estimate import Estimate

MORE_SD = 11.6  # of noise beside the generator's own: areas then differ by a fifth of the variance, not four fifths
CLUSTERS, CLUSTER_SD = 12, 3.0


def moderate(rng: np.random.Generator) -> generators.Panel:
    """As wedge, with so much noise that two periods of an area have a correlation of 0.2."""
    frame = generators.wedge(rng).frame
    return generators.Panel(frame.assign(outcome=frame["outcome"] + rng.normal(0, MORE_SD, len(frame))))


def ar1(rng: np.random.Generator) -> generators.Panel:
    """Twelve areas in random order over 25 months, whose errors follow an AR(1) of 0.5. No effect."""
    months, rho = 2 * CLUSTERS + 1, generators.AR1
    first = rng.permutation(np.arange(1, months, 2))
    errors = rng.normal(0, 1, (CLUSTERS, months))
    for month in range(1, months):
        errors[:, month] = rho * errors[:, month - 1] + np.sqrt(1 - rho**2) * errors[:, month]
    level = generators.MEAN + rng.normal(0, CLUSTER_SD, (CLUSTERS, 1)) + rng.normal(0, generators.MONTH_SD, months)
    unit = np.repeat(np.arange(CLUSTERS), months)
    outcome = (level + generators.NOISE_SD * errors).ravel()
    columns = {"unit": unit, "month": np.tile(np.arange(months), CLUSTERS), "outcome": outcome, "cluster": unit}
    return generators.Panel(pd.DataFrame(columns).assign(first_treated=np.repeat(first, months), effect=0.0))


@lru_cache(maxsize=1)
def _study(world: generators.Panel) -> Study:
    names = {"unit": "unit", "time": "month", "outcome": "outcome", "first_treated": "first_treated"}
    return read_study(world.frame, cluster="cluster", **names)


def _wedge(estimate: Callable[[Study], Estimate]) -> Callable[[generators.Panel], Estimate]:
    return lambda world: estimate(_study(world))


_DEALT = Attempt(
    "randomisation test", _wedge(lambda study: randomisation_test(study, permutations=99)), COVERS, by_test=True
)
WEDGE_CASES: tuple[Case, ...] = (
    Case("wedge", __name__, generators.wedge, (Attempt("mixed model", _wedge(mixed_model), COVERS),)),
    Case("wedge_moderate", __name__, moderate, (Attempt("mixed model", _wedge(mixed_model), COVERS),)),
    Case("wedge_ar1", __name__, ar1, (Attempt("mixed model", _wedge(mixed_model), PRINTED), _DEALT)),
)
