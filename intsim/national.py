"""A place's own fit over a national posterior: ``intsim calibrate place=... national=...``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scenarios.errors import InputError

if TYPE_CHECKING:
    from calibration.fit.results import Results
    from intsim.fitting import Fitting, Wanted
    from scenarios.registry.posteriors import Posterior


def national_of(wanted: Wanted) -> Posterior:
    """Return the posterior that ``national`` names.

    Raises InputError if there is none, if it holds what is to be fitted, or for a plan of several runs a point.
    """
    from intsim.fitting import registry_of
    from scenarios.registry.posteriors import picked, place_of

    try:
        structure = wanted.scenario.structure.model_dump()
        registry = registry_of(wanted.scenario)
        found = picked(wanted.national, place_of(wanted.scenario.place), registry, structure=structure)
    except InputError as problem:
        raise InputError("national", problem.problem) from None
    if found is None:
        raise InputError("national", f"names no posterior (you gave '{wanted.national}')")
    both = sorted(set(found.points.names) & set(wanted.parameters))
    if both:
        raise InputError("parameters", f"'{both[0]}' is of the posterior '{found.name}': it is drawn, not fitted")
    if wanted.plan.posterior_replications != 1:
        raise InputError(
            "plan.posterior_replications", "must be 1 over a national posterior: each run has its own point"
        )
    return found


def over_national(fitting: Fitting, posterior: Posterior, structure: Mapping[str, object]) -> Fitting:
    """Return a fit whose every run, with those switches, stands on a point of ``posterior``; its manifest says so."""
    from calibration.simulators.over import Over

    known = {one["name"] for one in fitting.about["priors"]}
    priors = [*fitting.about["priors"], *(one for one in posterior.about["priors"] if one["name"] not in known)]
    words = posterior.words_under(structure)
    about = {**fitting.about, "priors": priors, "national": words}
    return replace(fitting, simulator=Over(fitting.simulator, posterior.points), about=about)


def told_whole(results: Results, fitting: Fitting) -> Results:
    """Return results whose points are whole sets: of a fit over a national posterior, with what each run stood on."""
    from calibration.simulators.over import Over, with_points

    simulator: Any = fitting.simulator
    if not isinstance(simulator, Over):
        return results
    table = with_points(results["posterior"], fitting.space.names, simulator.points, fitting.plan.seed)
    return replace(results, tables={**results.tables, "posterior": table})
