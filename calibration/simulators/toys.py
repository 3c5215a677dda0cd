"""Toys with a known posterior: a linear model with normal noise, and a queue run through the model's own engine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.draws import generator


@dataclass(frozen=True)
class Linear:
    """outputs = intercept + slopes x parameters + normal noise of standard deviation ``noise``.

    parameters and outputs: names; slopes: [output][parameter]; intercept and noise: [output].
    """

    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    slopes: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    noise: tuple[float, ...]

    @property
    def identity(self) -> str:
        """A hash of all of it."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return the outputs' means at float64[points, parameters]."""
        return np.asarray(self.intercept) + np.atleast_2d(values) @ np.asarray(self.slopes).T

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return the outputs of one run."""
        point = np.array([values[name] for name in self.parameters])
        drawn = generator(seed, "linear toy").standard_normal(len(self.outputs)) * np.asarray(self.noise)
        return dict(zip(self.outputs, map(float, self.mean(point)[0] + drawn), strict=True))


@dataclass(frozen=True)
class Queue:
    """A queue of ``servers`` with Poisson arrivals and exponential service, for ``days`` after ``warm_up_days``.

    Parameters: arrivals_per_day and service_days (mean). Outputs, by name: ``occupancy`` (servers busy over servers),
    ``wait`` (mean days until served), ``arrivals`` (a day). Run on the engine that moves residents.
    """

    servers: int = 3
    days: float = 400.0
    warm_up_days: float = 50.0
    names: tuple[str, str, str] = ("occupancy", "wait", "arrivals")

    @property
    def identity(self) -> str:
        """A hash of all of it."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return the outputs of one run."""
        from sim.networks import DAY_S, Node, Source, network_state, run_network

        nodes, sources = [Node(values["service_days"])], [Source(0, values["arrivals_per_day"])]
        state = network_state(nodes, sources, capacity=[self.servers], seed=seed)
        log = run_network(state, self.warm_up_days + self.days)
        start, end = self.warm_up_days * DAY_S, (self.warm_up_days + self.days) * DAY_S
        mine = log[(log["service"] == 0) & (log["joined"] >= start)]
        inside = np.clip(np.minimum(log["left"], end) - np.maximum(log["started"], start), 0, None)
        busy = float(inside[(log["service"] == 0) & (log["started"] >= 0)].sum())
        waits = (mine["started"] - mine["joined"])[mine["started"] >= 0] / DAY_S
        found = (
            busy / (end - start) / self.servers,
            float(waits.mean()) if len(waits) else math.nan,
            len(mine) / self.days,
        )
        return dict(zip(self.names, map(float, found), strict=True))

    def expected(self, arrivals_per_day: np.ndarray, service_days: np.ndarray) -> np.ndarray:
        """Return the outputs in equilibrium by Erlang's C formula, float64[..., 3]; NaN waits where there is none."""
        load = np.asarray(arrivals_per_day, float) * np.asarray(service_days, float)
        use = load / self.servers
        terms = [load**k / math.factorial(k) for k in range(self.servers)]
        last = load**self.servers / math.factorial(self.servers) / np.where(use < 1, 1 - use, np.nan)
        waiting = last / (sum(terms) + last)
        wait = waiting * service_days / (self.servers * np.where(use < 1, 1 - use, np.nan))
        return np.stack([use, wait, np.broadcast_to(arrivals_per_day, use.shape)], axis=-1)
