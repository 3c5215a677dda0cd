"""A local fit over a national posterior: what holds for the whole country is drawn, and only what is local is fitted.

Every run takes one point of the posterior, chosen by its seed. What is not known of the country is so part of chance in
what the place shows, which emulators average out: local values are fitted to the mean over the country's points, and
drawn independently of the point that a run stood on. The place's own figures say nothing back about the country.

This is no cut (Plummer, Cuts in Bayesian graphical models, Statistics and Computing 2015;25:37-43), which fits local
values anew given each national point. Where an output hangs on a loosely known national parameter, local values come
out too narrow and untied: of y = local + national, national of sd 1 and y observed with sd 0.3, local had an sd of 0.25
and a correlation with national of 0.13 (an sd of 0.25 to 0.5 over seeds: emulators' own doubt), where the cut has 1.02
and -0.96; y itself then spreads by 1.0 and not by 0.3. It does no harm to local targets that the country's spread moves
by little beside their errors, as admissions and deaths in the Bi-Borough. Delays there hang on England's home care,
which is known to some 8%: the local ratio of home care comes out too narrow, and not tied to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from calibration.fit.simulator import Simulator
from calibration.fit.store import point_key, run_seed
from scenarios.registry.points import Points

BITS = 64


@dataclass(frozen=True)
class Over:
    """Runs ``simulator`` at local values over a point of ``points``, which its seed chooses."""

    simulator: Simulator
    points: Points

    @property
    def identity(self) -> str:
        """A hash of the simulator's own and the points."""
        points = [list(self.points.names), self.points.values.tolist(), self.points.weights.tolist()]
        return hashlib.sha256(json.dumps([self.simulator.identity, points]).encode()).hexdigest()

    def run(self, values: Mapping[str, float], seed: int) -> Mapping[str, float]:
        """Return the simulator's outputs at ``values`` over the point of ``seed``."""
        return self.simulator.run({**point_of(self.points, seed), **values}, seed)


def point_of(points: Points, seed: int) -> dict[str, float]:
    """Return the point that a run's seed chooses, each as often as its weight says."""
    digest = hashlib.blake2b(f"national:{seed}".encode(), digest_size=BITS // 8).digest()
    return points.at(int.from_bytes(digest, "little") / 2**BITS)


def with_points(table: pd.DataFrame, local: Sequence[str], points: Points, seed: int) -> pd.DataFrame:
    """Return a fit's posterior with the national point that each of its runs (one a point) stood on.

    table: a row for each point with the columns ``local``; seed: of the fit.
    """
    keys = [point_key(dict(zip(local, row, strict=True))) for row in table[list(local)].itertuples(index=False)]
    under = pd.DataFrame([point_of(points, run_seed(seed, key, 0)) for key in keys], index=table.index)
    return pd.concat([table, under], axis=1)
