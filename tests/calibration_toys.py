"""Toy fits for tests: a linear model with normal noise whose posterior is known, and a slow one to interrupt.

``python -m tests.calibration_toys FOLDER`` runs a slow fit into FOLDER: what a test kills.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from calibration.fit.fit import Fit, calibrate
from calibration.fit.plan import Plan
from calibration.posterior.conjugate import Gaussian, linear_gaussian
from calibration.simulators.toys import Linear
from calibration.space import Space, of_laws
from calibration.targets.target import Z_95, Target, TargetSet

SLOPES = ((1.0, 0.5, 0.0), (0.3, -1.0, 0.4), (0.0, 0.7, 1.0), (0.8, 0.2, -0.6))
OBSERVED_SD = 0.5
SMALL = Plan(
    waves=2, points=32, replications=2, posterior=64, posterior_replications=2, least_size=20, chains=48, draws=100,
    warm_up=150, thin=4,
)  # fmt: skip


@dataclass(frozen=True)
class Slow(Linear):
    """The same, at a pace at which it can be interrupted."""

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Wait, then run."""
        time.sleep(0.03)
        return Linear.run(self, values, seed)


def toy(noise: float = 0.1, kind: type[Linear] = Linear) -> Linear:
    """Return the simulator: three parameters, four outputs."""
    return kind(("a", "b", "c"), ("t0", "t1", "t2", "t3"), SLOPES, (0.0,) * 4, (noise,) * 4)


def space() -> Space:
    """Return the prior: normal, mean 1, sd 2."""
    return of_laws({name: stats.norm(1, 2) for name in "abc"})


def targets(observed: np.ndarray, roles: tuple[str, ...] = ("fitted",) * 4, sd: float = OBSERVED_SD) -> TargetSet:
    """Return targets with a known standard deviation."""
    return TargetSet(
        tuple(
            Target(
                target=f"t{at}", output="made", unit="made", value=float(value), period="2024/25", role=role,
                lower_95=float(value) - Z_95 * sd, upper_95=float(value) + Z_95 * sd, where=f"t{at}",
            )
            for at, (value, role) in enumerate(zip(observed, roles, strict=True))
        ),
        "toy",
    )  # fmt: skip


def data(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return (parameters, observed): one draw of the prior, and what would be observed of it."""
    rng = np.random.Generator(np.random.Philox(key=seed))
    truth = 1 + 2 * rng.standard_normal(3)
    return truth, toy().mean(truth)[0] + OBSERVED_SD * rng.standard_normal(4)


def known(observed: np.ndarray, sd: float = OBSERVED_SD) -> Gaussian:
    """Return the exact posterior."""
    return linear_gaussian(np.array(SLOPES), observed, np.full(4, sd**2), np.ones(3), np.full(3, 4.0))


def fitted(folder: Path, simulator: Linear | None = None, plan: Plan = SMALL, resume: bool = False) -> Fit:
    """Return the fit of the toy."""
    made = simulator or toy()
    return calibrate(space(), targets(data()[1]), made.outputs, made, folder, plan, resume=resume)


if __name__ == "__main__":
    fitted(Path(sys.argv[1]), toy(kind=Slow))
