"""Studies on panels of areas."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from benchmarks.studies import generators
from benchmarks.studies.case import COVERS, FAILS, PRINTED, Attempt, Case
from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.few_clusters import randomisation_test, wild_bootstrap
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.study import Study, read_study
from evaluation.causal.sun_abraham import sun_abraham
from evaluation.causal.synthetic import synthetic_control
from evaluation.causal.twfe import two_way_fixed_effects
from evaluation.estimate import Estimate


@lru_cache(maxsize=1)
def _study(world: generators.Panel) -> Study:
    """Return the world as a study, read once for all that is tried on it."""
    return read_study(
        world.frame, unit="unit", time="month", outcome="outcome", first_treated="first_treated", cluster="cluster"
    )


def _panel(estimate: Callable[[Study], Estimate]) -> Callable[[generators.Panel], Estimate]:
    return lambda world: estimate(_study(world))


def _without_neighbours(world: generators.Panel) -> Estimate:
    """Leave out those the service may have reached: controls have to be out of its reach."""
    kept = generators.Panel(world.frame[~world.frame["neighbour"]])
    return callaway_santanna(_study(kept), Choice(shares="fixed"))


def _differences(promise_twfe: str) -> tuple[Attempt, ...]:
    """Return the attempts on staggered panels. The generators' cohorts are the same each time: shares are fixed."""
    fixed, not_yet = Choice(shares="fixed"), Choice("not_yet", shares="fixed")
    by_time = _panel(lambda study: callaway_santanna(study, fixed, "dynamic"))
    return (
        Attempt("two-way fixed effects", _panel(two_way_fixed_effects), promise_twfe),
        Attempt("Callaway-Sant'Anna, never treated", _panel(lambda study: callaway_santanna(study, fixed)), COVERS),
        Attempt("Callaway-Sant'Anna, not yet treated", _panel(lambda study: callaway_santanna(study, not_yet)), COVERS),
        Attempt("Callaway-Sant'Anna, by time since", by_time, COVERS, "dynamic"),
        Attempt("Callaway-Sant'Anna, shares as sampled", _panel(callaway_santanna), PRINTED),
        Attempt("Sun-Abraham", _panel(sun_abraham), COVERS),
    )


# Half of the controls change by SPILL x EFFECT at the first start: only the first cohort is compared with before it.
_MONTHS_TREATED = [generators.MONTHS - start for start in generators.STARTS]
SPILL_BIAS = -0.5 * generators.SPILL * generators.EFFECT * _MONTHS_TREATED[0] / sum(_MONTHS_TREATED)
PANEL_CASES: tuple[Case, ...] = (
    Case("null", __name__, generators.null, _differences(COVERS)),
    Case("constant", __name__, generators.constant, _differences(COVERS)),
    Case("staggered", __name__, generators.staggered, _differences(FAILS)),
    Case("ar1", __name__, generators.ar1, _differences(COVERS)),
    Case(
        "few_clusters",
        __name__,
        generators.few_clusters,
        (
            Attempt("clustered, eight clusters", _panel(two_way_fixed_effects), PRINTED),
            Attempt("wild bootstrap", _panel(lambda s: wild_bootstrap(s, 399)), PRINTED),
            Attempt(
                "randomisation test", _panel(lambda s: randomisation_test(s, permutations=99)), COVERS, by_test=True
            ),
        ),
    ),
    Case(
        "spillover",
        __name__,
        generators.spillover,
        (
            Attempt("Callaway-Sant'Anna, never treated", _panel(callaway_santanna), PRINTED, bias=SPILL_BIAS),
            Attempt("Callaway-Sant'Anna, neighbours left out", _without_neighbours, COVERS),
            Attempt("two-way fixed effects", _panel(two_way_fixed_effects), FAILS),
        ),
    ),
    Case(
        "factors",
        __name__,
        generators.factors,
        (
            Attempt("two-way fixed effects", _panel(two_way_fixed_effects), FAILS),
            Attempt("synthetic control", _panel(synthetic_control), PRINTED),
            Attempt("synthetic DiD", _panel(lambda s: synthetic_did(s, 50)), PRINTED),
            Attempt(
                "generalised synthetic control",
                _panel(lambda s: generalised_synthetic_control(s, bootstraps=50)),
                PRINTED,
            ),
        ),
    ),
)
