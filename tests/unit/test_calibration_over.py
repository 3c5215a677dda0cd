"""A local fit over a national posterior: what is drawn, what is fitted, and that points are whole sets."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from calibration.fit.fit import calibrate
from calibration.fit.plan import Plan
from calibration.fit.store import run_seed
from calibration.simulators.over import Over, point_of, with_points
from calibration.space import Prior, Space
from calibration.targets.target import Target, TargetSet
from evaluation.draws import generator
from scenarios.registry.points import Points

NATIONAL = Points(("level",), np.array([[10.0], [12.0]]), np.array([0.25, 0.75]))


@dataclass(frozen=True)
class Sum:
    """Gives level + local, with chance of sd 0.05."""

    identity: str = "sum"

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return the one output."""
        return {"seen": values["level"] + values["local"] + generator(seed, "sum").normal(0, 0.05)}


def test_each_run_stands_on_one_point_as_often_as_its_weight_says() -> None:
    chosen = Counter(point_of(NATIONAL, run_seed(1, str(at), 0))["level"] for at in range(4000))
    assert set(chosen) == {10.0, 12.0}
    assert chosen[12.0] / 4000 == pytest.approx(0.75, abs=0.03)
    assert point_of(NATIONAL, 7) == point_of(NATIONAL, 7)


def test_values_of_the_place_stand_and_another_posterior_is_another_simulator() -> None:
    over = Over(Sum(), NATIONAL)
    level = point_of(NATIONAL, 3)["level"]
    assert over.run({"local": 1.0}, 3)["seen"] == pytest.approx(level + 1, abs=0.3)
    assert over.run({"local": 1.0, "level": 0.0}, 3)["seen"] == pytest.approx(1, abs=0.3)
    other = Points(("level",), NATIONAL.values + 1, NATIONAL.weights)
    assert over.identity != Over(Sum(), other).identity != Sum().identity


def test_a_local_fit_leaves_the_national_posterior_as_it_was_and_points_that_were_run(tmp_path: Path) -> None:
    """Levels of 10 and 12 (mean 11.5), seen 12.5 +- 0.4: what is local is 1, whatever the level of a run."""
    space = Space((Prior("local", NormalDist(0.0, 2.0).inv_cdf),))
    seen = Target(
        target="seen", output="seen", unit="units", value=12.5, period="2024/25", likelihood="normal", role="fitted",
        lower_95=11.7, upper_95=13.3,
    )  # fmt: skip
    targets = TargetSet((seen,), "one")
    plan = Plan(waves=1, points=16, replications=8, posterior_replications=1, rounds=1, least_size=50, seed=5)
    found = calibrate(space, targets, ("seen",), Over(Sum(), NATIONAL), tmp_path, plan)
    whole = with_points(found.table(), ("local",), NATIONAL, plan.seed)
    weight = whole["weight"].to_numpy()
    assert weight @ whole["local"] == pytest.approx(1.0, abs=0.35)
    assert weight @ whole["level"] == pytest.approx(11.5, abs=0.2)
    ran = found.of(("seen",))[:, 0, 0]
    assert ran == pytest.approx(
        (whole["local"] + whole["level"]).to_numpy(), abs=0.3
    )  # the very point each run stood on


def test_a_local_fit_is_no_cut_where_the_national_value_is_loosely_known(tmp_path: Path) -> None:
    """What the page says of it: seen = level + local, level of sd 1, seen 0 +- 0.3; a cut has sd 1.02 and r -0.96."""
    level = np.array([NormalDist().inv_cdf((at + 0.5) / 400) for at in range(400)])
    national = Points(("level",), level[:, None], np.full(400, 1 / 400))
    seen = Target(
        target="seen", output="seen", unit="units", value=0.0, period="2024/25", lower_95=-0.588, upper_95=0.588
    )
    space = Space((Prior("local", NormalDist(0.0, 2.0).inv_cdf),))
    plan = Plan(waves=1, points=24, replications=2, posterior=200, posterior_replications=1, rounds=1)
    found = calibrate(space, TargetSet((seen,), "one"), ("seen",), Over(Sum(), national), tmp_path, plan)
    whole = with_points(found.table(), ("local",), national, plan.seed)
    covariance = np.cov(whole[["local", "level"]].to_numpy(), rowvar=False, aweights=whole["weight"])
    assert 0.2 < math.sqrt(covariance[0, 0]) < 0.6  # 0.3, and what emulators leave unsure
    assert abs(covariance[0, 1]) / math.sqrt(covariance[0, 0] * covariance[1, 1]) < 0.3
