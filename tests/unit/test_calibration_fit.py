"""A fit recovers what is known, keeps what is finished, never reads what is held out, and says what conflicts."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from calibration.diagnostics.ranks import uniformity
from calibration.diagnostics.weights import weighted_mean, weighted_sd
from calibration.fit.assessment import assess, met_table
from calibration.fit.beside import beside
from calibration.fit.fit import calibrate
from calibration.fit.plan import Plan
from calibration.fit.self_test import calibration_ranks
from calibration.fit.store import Store, point_key, run_seed
from calibration.history_matching.conflict import HEADING, NoPlausibleParameters
from calibration.posterior.importance import Weighted, pooled
from calibration.posterior.sampler import rooted
from calibration.simulators.toys import Linear
from intsim.apps.calibrate import _apart
from scenarios.errors import InputError
from sim.execution import pool
from sim.execution.pool import Workers
from sim.execution.unfinished import LostWorker
from tests.calibration_toys import SMALL, Slow, data, fitted, known, space, targets, toy

ROOT = Path(__file__).resolve().parents[2]


def test_the_posterior_is_the_known_one(tmp_path: Path) -> None:
    plan = replace(SMALL, points=64, posterior=256, draws=200, least_size=100)
    fit = fitted(tmp_path / "fit", toy(0.05), plan)
    exact, values = known(data()[1]), fit.space.values(fit.latent)
    chains = fit.space.values(fit.chains.flat)
    assert (np.abs(chains.mean(axis=0) - exact.mean) / exact.sd).max() < 0.1
    assert chains.std(axis=0) == pytest.approx(exact.sd, rel=0.08)
    assert (np.abs(weighted_mean(values, fit.weights) - exact.mean) / exact.sd).max() < 0.2
    assert weighted_sd(values, fit.weights) == pytest.approx(exact.sd, rel=0.15)
    assert fit.diagnostics["good"].all()
    assert 100 < fit.weighted.kish_size <= 256
    assert fit.stopped.startswith("waves: emulators know the targets better")
    assert fit.table()["weight"].sum() == pytest.approx(1.0)


def test_one_noisy_run_a_point_finds_the_known_posterior_too(tmp_path: Path) -> None:
    """Chance as large as the error of observing: a single run's own likelihood would be worth next to nothing."""
    plan = replace(SMALL, points=64, posterior=256, posterior_replications=1, draws=200, least_size=128)
    fit = fitted(tmp_path / "fit", toy(0.5), plan)
    exact, values = known(data()[1]), fit.space.values(fit.latent)
    assert (np.abs(weighted_mean(values, fit.weights) - exact.mean) / exact.sd).max() < 0.3
    assert weighted_sd(values, fit.weights) == pytest.approx(exact.sd, rel=0.25)
    assert fit.weighted.kish_size > 128


def test_points_of_all_rounds_count_by_what_they_are_worth(tmp_path: Path) -> None:
    plan = replace(SMALL, points=64, posterior=128, rounds=2, least_size=10_000)  # never enough
    fit = fitted(tmp_path / "fit", toy(0.05), plan)
    exact, values = known(data()[1]), fit.space.values(fit.latent)
    assert len(values) == len(fit.outputs) == 2 * 128
    assert fit.weighted.kish_size > 128
    assert fit.stopped.endswith("all 2 were used")
    assert (np.abs(weighted_mean(values, fit.weights) - exact.mean) / exact.sd).max() < 0.25


def test_pooled_weights_are_worth_the_sum_of_the_parts() -> None:
    one = Weighted(np.full(8, 1 / 8), 8.0, math.nan, 8.0)
    other = Weighted(np.array([0.5, 0.5, 0.0, 0.0]), 2.0, 0.4, 1.0)
    both = pooled([one, other])
    assert both.weights.sum() == pytest.approx(1.0)
    assert both.weights[:8].sum() == pytest.approx(0.8)
    assert both.kish_size == pytest.approx(10.0)
    assert both.tail_shape == 0.4
    assert both.tail_draws == 4  # those of the part whose tail is the worst, not all 12
    assert both.raw_kish_size == 9.0


def test_the_same_plan_gives_the_same_fit_whoever_runs_it(tmp_path: Path) -> None:
    one = fitted(tmp_path / "one")
    two = fitted(tmp_path / "two", plan=replace(SMALL, workers=2))
    assert (one.latent == two.latent).all()
    assert (one.weights == two.weights).all()
    other = fitted(tmp_path / "three", plan=replace(SMALL, seed=2))
    assert (one.latent != other.latent).any()


def test_a_killed_fit_goes_on_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    started = subprocess.Popen([sys.executable, "-m", "tests.calibration_toys", str(folder)], cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while len(list((folder / "runs").glob("*.json"))) < 25 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        os.kill(started.pid, signal.SIGKILL)
        started.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in (folder / "runs").glob("*.json")}
    assert 25 <= len(kept) < 128
    (folder / "runs" / ".half-000.json.1.part").write_text("{")
    torn = sorted(kept)[3]
    (folder / "runs" / torn).write_text('{"identity": "x')
    with pytest.raises(InputError, match="holds files already: go on with --resume"):
        fitted(folder, toy(kind=Slow))
    again = fitted(folder, replace_pace(), resume=True)
    now = {path.name: path.stat().st_mtime_ns for path in (folder / "runs").glob("*.json")}
    assert all(now[name] == kept[name] for name in kept if name != torn)
    assert now[torn] != kept[torn]
    assert not list((folder / "runs").glob(".*.part"))
    whole = fitted(tmp_path / "whole", replace_pace())
    assert (again.latent == whole.latent).all()
    assert (again.weights == whole.weights).all()


@dataclass(frozen=True)
class Quick(Slow):
    """As the slow one, and of its identity, without the wait."""

    @property
    def identity(self) -> str:
        """That of the slow one."""
        return toy(kind=Slow).identity

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Run at once."""
        return Linear.run(self, values, seed)


def replace_pace() -> Linear:
    return toy(kind=Quick)


@dataclass(frozen=True)
class AsItStands(Linear):
    """The toy with values of its own, as the model has those of the registry."""

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Run at 1, 1, 1 unless told otherwise."""
        return Linear.run(self, {"a": 1.0, "b": 1.0, "c": 1.0} | dict(values), seed)


def test_a_first_look_puts_targets_beside_the_model_as_it_stands() -> None:
    simulator = toy(0.1, AsItStands)
    expected = simulator.mean(np.ones(3))[0]
    made = targets(expected + np.array([0.0, 0.5, -2.0, 0.0]), ("fitted", "fitted", "held_out", "fitted"))
    found = beside(made, simulator, 40).set_index("target")
    assert found["simulated"].to_numpy() == pytest.approx(expected, abs=0.06)
    assert found["chance_sd"].to_numpy() == pytest.approx(np.full(4, 0.1), rel=0.4)
    assert found["observed_less_model_sd"].to_numpy() == pytest.approx(np.array([0.0, 1.0, -4.0, 0.0]), abs=0.15)
    assert found["inside"].tolist() == [True, True, False, True]
    assert np.isnan(beside(made, simulator, 1)["chance_sd"]).all()


def test_both_tables_beside_the_model_tell_a_gap_with_one_sign(tmp_path: Path) -> None:
    fit = fitted(tmp_path / "fit")
    mean = {name: float(weighted_mean(fit.outputs[:, :, at].mean(axis=1), fit.weights)) for at, name in
            enumerate(fit.names)}  # fmt: skip
    made = targets(np.array([mean[f"t{at}"] for at in range(4)]) + np.array([1.0, -1.0, 2.0, -2.0]))
    after = met_table(fit, made).set_index("target")
    assert after["observed_less_model_sd"].to_numpy() == pytest.approx(np.array([2.0, -2.0, 4.0, -4.0]))
    first = beside(made, AsGiven(tuple(mean), tuple(mean.values())), 1).set_index("target")
    assert first["observed_less_model_sd"].to_numpy() == pytest.approx(after["observed_less_model_sd"].to_numpy())
    shared = [name for name in first if name in after]
    assert {"observed", "low", "high", "simulated", "inside", "within_tolerance"} < set(shared)
    assert [_apart(gap) for gap in first["observed_less_model_sd"]] == [
        "observed 2.0 sd above the model", "observed 2.0 sd below the model",
        "observed 4.0 sd above the model", "observed 4.0 sd below the model",
    ]  # fmt: skip
    assert _apart(math.nan) == ""


@dataclass(frozen=True)
class AsGiven:
    """A simulator whose every run gives the same values."""

    outputs: tuple[str, ...]
    values: tuple[float, ...]
    identity: str = "as given"

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return the values."""
        return dict(zip(self.outputs, self.values, strict=True))


def test_results_of_another_simulator_are_refused(tmp_path: Path) -> None:
    Store(tmp_path / "fit", toy().identity).claim(resume=False)
    with pytest.raises(InputError, match="holds another fit"):
        fitted(tmp_path / "fit", toy(0.2), resume=True)


def test_what_is_held_out_is_never_read_by_a_fit(tmp_path: Path) -> None:
    """A fit beside the value of a held-out target, no number at all, or no such target, is the same to the last bit."""
    roles = ("fitted", "fitted", "fitted", "held_out")
    observed, simulator = data()[1], toy()
    found = []
    for at, value in enumerate((observed[3], np.nan)):
        mine = targets(np.array([*observed[:3], value]), roles)
        found.append(calibrate(space(), mine, simulator.outputs, simulator, tmp_path / str(at), SMALL))
    assert (found[1].latent == found[0].latent).all()
    assert (found[1].weights == found[0].weights).all()
    assert found[0].likelihood.names == ["t0", "t1", "t2"]
    without = calibrate(space(), targets(observed[:3], roles[:3]), simulator.outputs, simulator, tmp_path / "w", SMALL)
    assert (without.weights == found[0].weights).all()
    assessed = assess(found[0], targets(observed, roles))
    assert assessed.held_out["target"].tolist() == ["t3"]
    assert assessed.held_out["inside_95"].all()
    assert len(assessed.coverage_fitted) == len(assessed.coverage_held_out) == 4


def test_targets_that_conflict_end_with_the_table(tmp_path: Path) -> None:
    simulator = Linear(
        ("a", "b", "c"), ("t0", "t1", "t2", "t3"), ((1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1)), (0,) * 4, (0.1,) * 4
    )
    with pytest.raises(NoPlausibleParameters) as problem:
        calibrate(
            space(),
            targets(np.array([3.0, -6.0, 1.0, 1.0]), sd=0.2),
            simulator.outputs,
            simulator,
            tmp_path / "fit",
            SMALL,
        )
    said = str(problem.value).splitlines()
    assert said[0] == HEADING
    assert "t0 with t1: each can be met, not both" in said[1]
    conflict = problem.value.conflict
    assert conflict.table.set_index("target")["alone"].all()
    assert conflict.least > 3


def test_bad_input_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    simulator = toy()
    with pytest.raises(InputError, match="gives no output 't3'"):
        calibrate(space(), targets(data()[1]), ("t0", "t1", "t2"), simulator, tmp_path / "a", SMALL)
    held = targets(data()[1], ("held_out",) * 4)
    with pytest.raises(InputError, match="holds no target to fit"):
        calibrate(space(), held, simulator.outputs, simulator, tmp_path / "b", SMALL)
    assert not any(tmp_path.iterdir())
    with pytest.raises(InputError, match="plan replications"):
        Plan(replications=1)
    with pytest.raises(InputError, match="plan points"):
        Plan(points=0)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cut", float("nan"), "plan cut: must be at least 0"),
        ("settled", float("inf"), "plan settled: must be at least 0"),
        ("least_size", float("nan"), "plan least_size: must be at least 0"),
        ("cut", 0.0, "plan cut: must be above 0"),
        ("cut", -1.0, "plan cut: must be at least 0"),
        ("posterior", 1, "plan posterior: must be at least 2: the spread of a single point is none (you gave 1)"),
        ("chains", 3, "plan chains: must be at least 4"),
    ],
)
def test_numbers_of_a_plan_that_mean_nothing_are_refused(name: str, value: float, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        replace(SMALL, **{name: value})


def test_whole_numbers_may_stand_for_others() -> None:
    assert replace(SMALL, enough=0, least_size=0, settled=1).enough == 0


def test_points_too_few_for_the_parameters_are_refused_before_the_first_run(tmp_path: Path) -> None:
    said = "plan points: must be at least 7: 3 parameters and 4 more (you gave 6)"
    with pytest.raises(InputError, match=re.escape(said)):
        fitted(tmp_path / "fit", plan=replace(SMALL, points=6))
    assert not (tmp_path / "fit").exists()
    assert fitted(tmp_path / "fit", plan=replace(SMALL, points=7)).names == ("t0", "t1", "t2", "t3")


@dataclass(frozen=True)
class Broken(Linear):
    """Gives one output that is no number."""

    def run(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Run, and break one output."""
        return Linear.run(self, values, seed) | {"t1": float("nan")}


def test_an_output_that_is_no_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="t1 is not a number at 32 of 32 points"):
        fitted(tmp_path / "fit", toy(kind=Broken))


def test_seeds_depend_on_the_point_and_never_repeat() -> None:
    keys = [point_key({"a": value, "b": 1.0}) for value in (0.1, 0.1 + 1e-16, 0.2)]
    assert len(set(keys)) == 3  # to the last bit
    assert point_key({"b": 1.0, "a": 0.1}) == keys[0]
    seeds = {run_seed(1, key, one) for key in (keys[0], keys[2]) for one in range(50)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_store_gives_back_what_it_was_given(tmp_path: Path) -> None:
    store = Store(tmp_path, "mine")
    store.claim(resume=False)
    store.write("k", 0, {"t": 1.5, "none": float("nan")}, {"seed": 3})
    found = store.read("k", 0)
    assert found is not None
    assert found["t"] == 1.5
    assert np.isnan(found["none"])
    assert store.missing("k", range(3)) == [1, 2]
    assert Store(tmp_path, "other").read("k", 0) is None
    assert json.loads(store.path("k", 0).read_text())["seed"] == 3


def once(path: str) -> None:
    """End the process the first time; do nothing the second."""
    mark = Path(path)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def always(path: str) -> None:
    """End the process."""
    os.kill(os.getpid(), signal.SIGKILL)


def fails(path: str) -> None:
    """Fail."""
    raise ValueError(path)


@pytest.mark.slow
def test_a_lost_worker_has_its_job_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [str(tmp_path / name) for name in "ab"]
    with Workers(2) as workers:
        assert sorted(workers.run(once, names)) == [0, 1]
        with pytest.raises(ValueError, match="bad"):
            list(workers.run(fails, ["bad", "bad"]))
        monkeypatch.setattr(pool, "TRIES", 1)
        with pytest.raises(LostWorker, match="lost its worker 1 times"):
            list(workers.run(always, names[:1]))
    assert workers.pool is None
    with pytest.raises(InputError, match="at least 1"):
        Workers(0)


def test_the_self_test_passes_and_fails_when_the_likelihood_is_wrong(tmp_path: Path) -> None:
    fit = fitted(tmp_path / "fit", toy(0.02))
    bundle, variance = fit.matched.waves[-1].bundle, fit.likelihood.working()[1]
    root = 2.38 / np.sqrt(3) * rooted(fit.chains.flat)
    right = calibration_ranks(bundle, variance, 200, 19, 1, root, 10)
    wrong = calibration_ranks(bundle, variance, 200, 19, 1, root, 10, stated=0.25)
    assert all(uniformity(right[:, at], 19, 10).p_value > 0.001 for at in range(3))
    assert all(uniformity(wrong[:, at], 19, 10).p_value < 0.001 for at in range(3))
    assert uniformity(wrong[:, 0], 19, 10).shape.startswith("U")
