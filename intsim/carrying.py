"""A posterior carried to a place: its points run there, beside what was observed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
    from calibration.space import Space
    from scenarios.registry.posteriors import Posterior

LEAST_REPLICATIONS = 2  # chance is told apart within a point


def points_of(posterior: Posterior, count: int) -> list[dict[str, float]]:
    """Return ``count`` equal draws of a posterior: as often as its weights say, evenly over its table."""
    return [posterior.points.at((at + 0.5) / count) for at in range(count)]


def checked(wanted: Wanted) -> tuple[Path, Posterior]:
    """Return the file of the targets and the posterior that stands for the place.

    Raises InputError if there is none, for targets that cannot be used, or for single runs of the points.
    """
    from calibration.targets.reader import path_of
    from sim.world import posterior_of

    posterior = posterior_of(wanted.scenario)
    if posterior is None:
        raise InputError("evidence.posterior", f"no posterior stands for {wanted.scenario.place.name}: name one")
    if wanted.plan.posterior_replications < LEAST_REPLICATIONS:
        words = f"must be at least {LEAST_REPLICATIONS}: chance is told apart within a point"
        raise InputError("plan.posterior_replications", words)
    path = path_of(wanted.targets)
    check_targets(wanted)
    return path, posterior


def predict_place(wanted: Wanted, count: int, folder: Path, progress: Progress, resume: bool, say: Say) -> Results:
    """Run ``count`` points of the posterior that stands for the scenario's place; leave tables, manifest and page.

    Raises InputError if there is none, or for targets that cannot be used.
    """
    from calibration.fit.carried import carried_results, carry
    from calibration.fit.runs import Runner
    from calibration.fit.store import Store
    from calibration.page.page import write_page
    from sim.execution.pool import Workers
    from sim.warm import ensure_compiled

    path, posterior = checked(wanted)
    simulator, started = simulator_of(wanted), datetime.now(UTC)
    with held(folder):
        ensure_compiled()
        store, space = Store(folder, simulator.identity), space_of(wanted, posterior)
        store.claim(resume)
        with Workers(wanted.plan.workers) as workers:
            outputs, seed = tuple(simulator.targets.names), wanted.plan.seed
            runner = Runner(space, simulator, store, outputs, seed, workers, progress)
            found = carry(points_of(posterior, count), targets_at(path), runner, wanted.plan, say)
        made = {
            "start": posterior.words_under(wanted.scenario.structure.model_dump()),
            **about(wanted, path, space),
            "simulator_sha256": simulator.identity,
            **about_now(started),
        }
        results = carried_results(found, targets_at(path), made, said_of(wanted, path))
        results.write(folder)
        write_page(results, folder)
    return results


def space_of(wanted: Wanted, posterior: Posterior) -> Space:
    """Return the space of the posterior's parameters, as the registry has them."""
    from calibration.space import of_registry
    from intsim.fitting import registry_of

    return of_registry(registry_of(wanted.scenario), list(posterior.points.names))
