"""Runs points of the parameters, each with its replications: what is kept already is not run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.fit.simulator import Simulator
from calibration.fit.store import Store, point_key, run_seed
from calibration.likelihood.scales import to_scale
from calibration.space import Space
from scenarios.errors import InputError
from sim.execution.pool import Workers

Progress = Callable[[int, int, str], object]  # (runs done, in all, what is being done)


@dataclass(frozen=True)
class PointJob:
    """One point and the replications to run of it; called in a worker."""

    simulator: Simulator
    store: Store
    seed: int

    def __call__(self, what: tuple[dict[str, float], list[int]]) -> None:
        """Run the replications one after another, each kept as it ends."""
        values, replications = what
        key = point_key(values)
        for replication in replications:
            seed = run_seed(self.seed, key, replication)
            about = {"values": values, "seed": seed}
            self.store.write(key, replication, self.simulator.run(values, seed), about)


@dataclass(frozen=True)
class Runner:
    """Runs points of ``space`` with ``simulator`` and keeps results in ``store``; ``outputs``: names wanted."""

    space: Space
    simulator: Simulator
    store: Store
    outputs: tuple[str, ...]
    seed: int
    workers: Workers
    progress: Progress

    def run(self, latent: np.ndarray, replications: int, what: str) -> np.ndarray:
        """Return outputs float64[points, replications, outputs] at ``latent`` points.

        Raises InputError if the simulator gives no output of a name that is wanted.
        """
        return self.run_points([self.space.point(each) for each in latent], replications, what)

    def run_points(self, points: Sequence[Mapping[str, float]], replications: int, what: str) -> np.ndarray:
        """Return outputs as ``run`` does, of points given by their values; one that is there twice is run once."""
        wanted = {point_key(values): dict(values) for values in points}
        missing = {key: self.store.missing(key, range(replications)) for key in wanted}
        jobs = [(wanted[key], left) for key, left in missing.items() if left]
        total = len(wanted) * replications
        done = total - sum(len(left) for _, left in jobs)
        self.progress(done, total, what)
        for at in self.workers.run(PointJob(self.simulator, self.store, self.seed), jobs):
            done += len(jobs[at][1])
            self.progress(done, total, what)
        return np.array([of_point(self.store, values, replications, self.outputs) for values in points])


def of_point(
    store: Store, values: Mapping[str, float], replications: int, outputs: tuple[str, ...]
) -> list[list[float]]:
    """Return one point's outputs, [replication][output].

    Raises InputError for an output that the simulator did not give.
    """
    key = point_key(values)
    found = []
    for replication in range(replications):
        given = store.read(key, replication) or {}
        missing = [name for name in outputs if name not in given]
        if missing:
            raise InputError("simulator", f"gives no output '{missing[0]}'")
        found.append([given[name] for name in outputs])
    return found


def finite(outputs: np.ndarray, names: Sequence[str], scales: Sequence[str]) -> None:
    """Raise InputError for outputs float64[points, replications, targets] whose mean cannot be put on its scale."""
    allowed = {"natural": "a number", "log": "a number above 0", "logit": "a share from 0 to 1"}
    mean = outputs.mean(axis=1)
    for at, (name, scale) in enumerate(zip(names, scales, strict=True)):
        bad = ~np.isfinite(to_scale(mean[:, at], scale))
        if bad.any():
            found = f"{name} is not {allowed[scale]} at {int(bad.sum())} of {len(bad)} points"
            raise InputError("simulator", f"{found}: is the place too small to tell it?")
