"""A posterior carried to a place: its points run there, beside what was observed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intsim.fitting import (
    Progress,
    Say,
    Wanted,
    about,
    about_now,
    check_targets,
    held,
    said_of,
    simulator_of,
    targets_at,
)
from scenarios.errors import InputError

if TYPE_CHECKING:
    from calibration.fit.results import Results
    from scenarios.registry.posteriors import Posterior

LEAST_REPLICATIONS = 2  # chance is told apart within a point


def points_of(posterior: Posterior, count: int) -> list[dict[str, float]]:
    """Return ``count`` equal draws of a posterior: as often as its weights say, evenly over its table."""
    return [posterior.points.at((at + 0.5) / count) for at in range(count)]


def predict_place(wanted: Wanted, count: int, folder: Path, progress: Progress, resume: bool, say: Say) -> Results:
    """Run ``count`` points of the posterior that stands for the scenario's place; leave tables, manifest and page.

    Raises InputError if there is none, or for targets that cannot be used.
    """
    from calibration.fit.carried import carried_results, carry
    from calibration.page.page import write_page
    from calibration.targets.reader import path_of
    from sim.warm import ensure_compiled
    from sim.world import posterior_of

    posterior = posterior_of(wanted.scenario)
    if posterior is None:
        raise InputError("evidence.posterior", f"no posterior stands for {wanted.scenario.place.name}: name one")
    if wanted.plan.posterior_replications < LEAST_REPLICATIONS:
        words = f"must be at least {LEAST_REPLICATIONS}: chance is told apart within a point"
        raise InputError("plan.posterior_replications", words)
    path = path_of(wanted.targets)
    check_targets(wanted)
    simulator, started = simulator_of(wanted), datetime.now(UTC)
    with held(folder):
        ensure_compiled()
        points = points_of(posterior, count)
        outputs = tuple(simulator.targets.names)
        found = carry(points, targets_at(path), outputs, simulator, folder, wanted.plan, progress, say, resume)
        made = {**told(wanted, path, posterior), "simulator_sha256": simulator.identity, **about_now(started)}
        results = carried_results(found, targets_at(path), made, said_of(wanted, path))
        results.write(folder)
        write_page(results, folder)
    return results


def told(wanted: Wanted, path: Path, posterior: Posterior) -> dict[str, Any]:
    """Return what the manifest says of how a posterior was carried."""
    from calibration.space import of_registry
    from intsim.fitting import registry_of

    space = of_registry(registry_of(wanted.scenario), list(posterior.points.names))
    return {"start": posterior.words(), **about(wanted, path, space)}
