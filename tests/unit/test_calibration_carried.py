"""A posterior carried to a place: what it was fitted to weighs it no second time, and what it is worth is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from calibration.diagnostics.weights import weighted_sd
from calibration.fit import carried
from calibration.fit.assessment import chance_of, met_table, predictive_draws, without_chance
from calibration.fit.before import BESIDE, unread
from calibration.fit.carried import Carried, carried_results, carry, equal, result_of
from calibration.fit.plan import Plan
from calibration.page.words import promises
from calibration.targets.reader import read_targets
from calibration.targets.target import Z_95, Target, TargetSet
from evaluation.draws import generator
from scenarios.registry.points import Points
from scenarios.registry.posteriors import FOLDER, Posterior, read_posterior
from scenarios.registry.reader import load_registry

PLAN = Plan(posterior_replications=2)
SIZE = 2000


@dataclass(frozen=True)
class Theta:
    """Runs points whose one parameter is the one output, next to exactly."""

    outputs: tuple[str, ...] = ("y",)
    simulator: Any = None

    def run_points(self, points: Sequence[Mapping[str, float]], replications: int, what: str) -> np.ndarray:
        """Return float64[points, replications, 1]."""
        theta = np.array([each["theta"] for each in points])
        return np.repeat(theta[:, None, None], replications, axis=1) + 1e-6 * np.arange(replications)[:, None]


def seen(value: float = 0.0, name: str = "y", role: str = "fitted") -> Target:
    """Return a target whose error has a standard deviation of 1."""
    return Target(name, "made", "x", value, "2024/25", role=role, lower_95=value - Z_95, upper_95=value + Z_95)


def posterior(folder: Path, observed: float, table: str = "mine.csv", **about: Any) -> Posterior:
    """Return a posterior fitted to a target y of that value."""
    pd.DataFrame({"target": ["y"], "role": ["fitted"], "observed": [observed]}).to_csv(folder / BESIDE, index=False)
    points = Points(("theta",), np.zeros((2, 1)), np.full(2, 0.5))
    return Posterior("made", folder, points, {"targets": {"name": table}, **about})


def carried_by(monkeypatch: pytest.MonkeyPatch, targets: TargetSet, of: Posterior | None) -> tuple[Carried, list[str]]:
    """Return points of a standard normal posterior carried to ``targets``, and what was said."""
    monkeypatch.setattr(carried, "posterior_of", lambda simulator: of)
    theta = stats.norm.ppf((np.arange(SIZE) + 0.5) / SIZE)
    said: list[str] = []
    return carry([{"theta": one} for one in theta], targets, Theta(), PLAN, said.append), said  # type: ignore[arg-type]


def test_what_a_posterior_was_fitted_to_weighs_it_no_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A posterior N(0, 1) of y = 0 stays what it is; weighed by it again its sd would be 1 / sqrt(2)."""
    found, said = carried_by(monkeypatch, TargetSet((seen(),), "mine"), posterior(tmp_path, 0.0))
    assert weighted_sd(found.points.to_numpy(), found.weights)[0] == pytest.approx(1.0, abs=0.01)
    assert said == [f"{SIZE} points of the posterior, which count alike: worth {SIZE} draws (Kish)"]
    assert found.weighed_by == 0
    assert result_of(found)["weights_reliable"] is True


def test_figures_of_another_place_weigh_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for of in (posterior(tmp_path, 3.0), None):  # a target of the same name and another value, or no posterior
        found, said = carried_by(monkeypatch, TargetSet((seen(),), "mine"), of)
        assert weighted_sd(found.points.to_numpy(), found.weights)[0] == pytest.approx(1 / np.sqrt(2), abs=0.01)
        assert found.weighed_by == 1
        assert "weighed by 1 targets that it was not fitted to" in said[0]


def test_rows_that_were_read_are_left_out_one_by_one(tmp_path: Path) -> None:
    both = TargetSet((seen(), seen(2.0, "z"), seen(1.0, "held", "held_out")), "more")
    assert unread(both, posterior(tmp_path, 0.0)).names == ["z"]
    assert unread(both, None).names == ["y", "z"]
    parts = TargetSet((replace(seen(), group="g"), replace(seen(2.0, "z"), group="g"), seen(1.0, "w")), "parts")
    assert unread(parts, posterior(tmp_path, 0.0)).names == ["w"]  # a part left out takes the others with it


def test_our_tables_are_known_by_their_name_though_rows_were_revised(tmp_path: Path) -> None:
    england = read_targets("england_average")
    for name in ("england_average", "bi_borough"):
        of = read_posterior(FOLDER / name, load_registry())
        assert len(unread(england, of)) == 0  # the local one stands on England's
        assert len(unread(read_targets("bi_borough"), of)) == (0 if name == "bi_borough" else 29)
    assert len(unread(england, posterior(tmp_path, 0.0))) == 35


def test_what_few_points_are_worth_stands_beside_the_claims() -> None:
    outputs = np.zeros((8, 2, 1)) + np.linspace(-1, 1, 8)[:, None, None]
    points = pd.DataFrame({"theta": np.linspace(-1, 1, 8)})
    few = Carried(points, ("y",), outputs, equal(8), PLAN, 0)
    told = carried_results(few, TargetSet((seen(),), "mine"), {"start": "a posterior", "plan": {}})
    assert told.about["result"]["weights_reliable"] is False  # eight draws are too few, equal as they are
    first = promises(told)[0]
    assert first.name == "fitted targets"
    assert "by 8 points worth 8 equal draws (Kish)" in first.text


def noisy(replications: int, chance: float = 1.0, spread: float = 0.5) -> Carried:
    """Return 4,000 points whose mean has sd ``spread``, each run so often with chance of sd ``chance``."""
    rng = generator(3, "noisy", replications)
    theta = spread * rng.standard_normal(4000)
    outputs = theta[:, None] + chance * rng.standard_normal((4000, replications))
    return Carried(pd.DataFrame({"theta": theta}), ("y",), outputs[:, :, None], equal(4000), PLAN)


@pytest.mark.parametrize("replications", [1, 2, 4, 16])
def test_predictive_spread_is_that_of_parameters_and_of_one_run_however_many_there_were(replications: int) -> None:
    near = TargetSet((Target("y", "made", "x", 0.0, "2024/25", lower_95=-0.0196, upper_95=0.0196),), "near")
    _, drawn = predictive_draws(noisy(replications), near)
    assert drawn.var() == pytest.approx(0.5**2 + 1.0, rel=0.06)


def test_means_that_only_chance_spreads_are_moved_together() -> None:
    found = noisy(4, spread=0.0)
    means = found.outputs.mean(axis=1)
    moved = without_chance(means, found.weights, chance_of(found.outputs))
    assert moved.std() < 0.3 * means.std()
    assert moved.mean() == pytest.approx(means.mean())
    one = np.array([[2.0]])
    assert without_chance(one, np.ones(1), np.array([0.1])) == pytest.approx(one)  # a point alone has no spread
    gone = np.array([[np.nan], [1.0]])
    np.testing.assert_array_equal(without_chance(gone, np.full(2, 0.5), np.array([0.1])), gone)


def test_chance_that_one_replication_does_not_tell_is_not_told() -> None:
    y = TargetSet((seen(),), "y")
    assert np.isnan(met_table(noisy(1), y)["chance_se"]).all()
    assert met_table(noisy(4), y)["chance_se"][0] == pytest.approx(0.5, rel=0.05)
