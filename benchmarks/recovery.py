"""python -m benchmarks.recovery linear|queue: does a whole fit find what it drew itself, over many repeats?

Each repeat draws parameters from the prior and data from them, fits with ``calibration.fit.calibrate`` (waves,
emulators, chains, weights from real runs), and compares with the exact posterior: in closed form for the linear toy, on
a grid of Erlang's formula for the queue, whose runs go through the engine that moves residents. Kept in
benchmarks/results/recovery_<name>.json with the hash of the code that gave it. Repeats that are finished are kept in
outputs/recovery/ and not done again: a study that was stopped goes on (some 4 s of CPU a repeat).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.studies.store import REPO, RESULTS, commit
from calibration.diagnostics.ranks import rank_of, uniformity
from calibration.diagnostics.weights import (
    from_logs,
    resampled,
    weighted_mean,
    weighted_quantile,
    weighted_sd,
)
from calibration.fit.fit import Fit, calibrate
from calibration.fit.plan import Plan
from calibration.history_matching.conflict import NoPlausibleParameters
from calibration.posterior.conjugate import linear_gaussian
from calibration.simulators.toys import Linear, Queue
from calibration.space import Space, of_laws
from calibration.targets.target import Z_95, Target, TargetSet
from evaluation.draws import generator
from scenarios.whole_file import write_text

SEED, REPEATS, RANKS, BINS = 20261127, 200, 99, 20
LEVEL = 0.9
UNFINISHED = REPO / "outputs" / "recovery"
WRONG = 0.5  # factor on the stated errors where the likelihood is made wrong
PLAN = Plan(
    waves=2, points=48, replications=2, posterior=256, posterior_replications=2, rounds=1, least_size=50,
    chains=48, draws=150, warm_up=200, thin=4,
)  # fmt: skip
CODE = (
    "calibration/space.py", "calibration/design/points.py", "calibration/fit/fit.py", "calibration/fit/plan.py",
    "calibration/fit/runs.py", "calibration/fit/waves.py", "calibration/history_matching/*.py",
    "calibration/likelihood/*.py", "calibration/posterior/*.py", "calibration/diagnostics/*.py",
    "calibration/simulators/toys.py", "evaluation/emulators/*.py", "benchmarks/recovery.py",
)  # fmt: skip


@dataclass(frozen=True)
class Toy:
    """A toy with its prior, targets' errors and exact posterior.

    exact: observed float64[targets] -> (mean, sd) float64[parameters]. expected: values -> outputs without chance.
    errors: standard deviation of each target, relative for those in ``logs``.
    """

    simulator: Any
    space: Space
    errors: np.ndarray
    logs: tuple[bool, ...]
    expected: Callable[[np.ndarray], np.ndarray]
    exact: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    usable: Callable[[np.ndarray], bool] = lambda values: True


@dataclass(frozen=True)
class Kept:
    """A simulator that remembers what it has run: repeats share the points of their first wave."""

    simulator: Any
    memory: dict[Any, Mapping[str, float]] = field(default_factory=dict, compare=False)

    @property
    def identity(self) -> str:
        """That of the simulator."""
        return str(self.simulator.identity)

    def run(self, values: Mapping[str, float], seed: int) -> Mapping[str, float]:
        """Return the outputs, run once."""
        key = (*values.values(), seed)
        if key not in self.memory:
            self.memory[key] = self.simulator.run(values, seed)
        return self.memory[key]


def linear() -> Toy:
    """Four parameters, six outputs, all normal."""
    slopes = generator(SEED, "slopes").standard_normal((6, 4))
    names = tuple("abcd")
    made = Linear(names, tuple(f"t{at}" for at in range(6)), tuple(map(tuple, slopes.tolist())), (0.0,) * 6, (0.1,) * 6)
    errors = np.full(6, 0.5)

    def exact(observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = linear_gaussian(slopes, observed, errors**2, np.ones(4), np.full(4, 4.0))
        return found.mean, found.sd

    space = of_laws({name: stats.norm(1, 2) for name in names})
    return Toy(made, space, errors, (False,) * 6, made.mean, exact)


def queue() -> Toy:
    """Three servers: how many come and how long each takes, from occupancy, wait and arrivals."""
    made = Queue(servers=3, days=600.0, warm_up_days=60.0)
    laws = {
        "arrivals_per_day": stats.lognorm(0.09, scale=6.8),
        "service_days": stats.lognorm(0.09, scale=0.28),
    }
    space, errors, logs = of_laws(laws), np.array([0.03, 0.25, 0.4]), (False, True, False)
    grid = np.linspace(-4.5, 4.5, 181)
    latent = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2)
    values = np.stack([law.ppf(stats.norm.cdf(latent[:, at])) for at, law in enumerate(laws.values())], axis=1)
    outputs = made.expected(values[:, 0], values[:, 1])
    prior = -0.5 * (latent**2).sum(axis=1)

    def exact(observed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gaps = (outputs - observed) / errors
        gaps[:, 1] = (np.log(outputs[:, 1]) - np.log(observed[1])) / errors[1]
        logs_ = np.where(np.isfinite(gaps).all(axis=1), prior - 0.5 * (gaps**2).sum(axis=1), -np.inf)
        weights = from_logs(logs_)
        return weighted_mean(values, weights), weighted_sd(values, weights)

    def expected(at: np.ndarray) -> np.ndarray:
        return made.expected(np.atleast_2d(at)[:, 0], np.atleast_2d(at)[:, 1])

    return Toy(made, space, errors, logs, expected, exact, lambda v: float(v[0] * v[1] / made.servers) < 1.0)


TOYS: dict[str, Callable[[], Toy]] = {"linear": linear, "queue": queue}
PLANS = {"linear": PLAN, "queue": replace(PLAN, points=32, posterior=128)}


def targets_of(toy: Toy, observed: np.ndarray, factor: float = 1.0) -> TargetSet:
    """Return targets with the toy's errors times ``factor``."""
    found = []
    for name, value, error, log in zip(outputs_of(toy), observed, factor * toy.errors, toy.logs, strict=True):
        half = Z_95 * error
        low, high = (value * np.exp(-half), value * np.exp(half)) if log else (value - half, value + half)
        found.append(
            Target(
                target=name, output="toy", unit="toy", value=float(value), period="2024/25", lower_95=float(low),
                upper_95=float(high), likelihood="log_normal" if log else "normal", where=name,
            )
        )  # fmt: skip
    return TargetSet(tuple(found), "toy")


def outputs_of(toy: Toy) -> tuple[str, ...]:
    """Return the names of the toy's outputs."""
    return tuple(getattr(toy.simulator, "outputs", None) or toy.simulator.names)


def drawn(toy: Toy, repeat: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (parameters, observed) of one repeat: the first draw of the prior that the toy can be asked about."""
    rng = generator(SEED, "repeat", repeat)
    while True:
        values = toy.space.values(rng.standard_normal((1, len(toy.space))))[0]
        if toy.usable(values):
            break
    mean = toy.expected(values)[0]
    noise = toy.errors * rng.standard_normal(len(mean))
    return values, np.where(toy.logs, mean * np.exp(np.where(toy.logs, noise, 0.0)), mean + noise)


def fitted(toy: Toy, simulator: Kept, observed: np.ndarray, factor: float, plan: Plan) -> Fit | None:
    """Return the fit of one repeat; None where the data are so far out that no parameters are plausible."""
    with tempfile.TemporaryDirectory() as folder:
        made = targets_of(toy, observed, factor)
        try:
            return calibrate(toy.space, made, outputs_of(toy), simulator, Path(folder) / "fit", plan)
        except NoPlausibleParameters:
            return None


def one(toy: Toy, simulator: Kept, repeat: int, plan: Plan) -> dict[str, Any]:
    """Return what one repeat gave."""
    truth, observed = drawn(toy, repeat)
    mean, sd = toy.exact(observed)
    right = fitted(toy, simulator, observed, 1.0, plan)
    wrong = fitted(toy, simulator, observed, WRONG, plan)
    if right is None:
        return {"ruled_out": True}
    values, chains = toy.space.values(right.latent), toy.space.values(right.chains.flat[::4])
    ends = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    inside = []
    for at in range(len(toy.space)):
        low, high = weighted_quantile(values[:, at], ends, right.weights)
        inside.append(bool(low <= truth[at] <= high))
    return {
        "weighted_gap": ((weighted_mean(values, right.weights) - mean) / sd).tolist(),
        "chains_gap": ((chains.mean(axis=0) - mean) / sd).tolist(),
        "sd_ratio": (weighted_sd(values, right.weights) / sd).tolist(),
        "inside": inside,
        "rank": rank(right, values, truth, repeat).tolist(),
        "wrong_rank": None if wrong is None else rank(wrong, toy.space.values(wrong.latent), truth, repeat).tolist(),
        "kish_size": right.weighted.kish_size,
        "rhat": float(right.diagnostics["rhat"].max()),
    }


def rank(fit: Fit, values: np.ndarray, truth: np.ndarray, repeat: int) -> np.ndarray:
    """Return the rank of the truth among as many equal draws of the weighted posterior as there are ranks less one."""
    chosen = resampled(fit.weights, RANKS, generator(SEED, "rank", repeat))
    return rank_of(truth, values[chosen])


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of a study, over all repeats and parameters; a repeat ruled out is an interval that misses."""
    told = [row for row in rows if not row.get("ruled_out")]
    ranks = np.array([row["rank"] for row in told])
    wrong = np.array([row["wrong_rank"] for row in told if row["wrong_rank"] is not None])
    inside = np.zeros((len(rows), ranks.shape[1]))
    inside[: len(told)] = [row["inside"] for row in told]
    gaps = np.array([row["weighted_gap"] for row in told])
    chains = np.array([row["chains_gap"] for row in told])
    bins = BINS if len(rows) >= 5 * BINS else max(len(rows) // 5, 2)
    uniform = [uniformity(ranks[:, at], RANKS, bins) for at in range(ranks.shape[1])]
    bad = [uniformity(wrong[:, at], RANKS, bins) for at in range(ranks.shape[1])]
    return {
        "repeats": len(rows),
        "ruled_out": len(rows) - len(told),
        "wrong_ruled_out": len(told) - len(wrong),
        "mean_gap_sd": float(gaps.mean()),
        "mean_absolute_gap_sd": float(np.abs(gaps).mean()),
        "chains_mean_gap_sd": float(chains.mean()),
        "chains_mean_absolute_gap_sd": float(np.abs(chains).mean()),
        "sd_ratio": float(np.mean([row["sd_ratio"] for row in told])),
        "coverage_90": float(inside.mean()),
        "coverage_90_by_parameter": inside.mean(axis=0).tolist(),
        "rank_p_values": [each.p_value for each in uniform],
        "rank_shapes": [each.shape for each in uniform],
        "wrong_rank_p_values": [each.p_value for each in bad],
        "wrong_rank_shapes": [each.shape for each in bad],
        "kish_size_median": float(np.median([row["kish_size"] for row in told])),
        "rhat_worst": float(max(row["rhat"] for row in told)),
    }


def code_hash() -> str:
    """Return the hash of the code that decides the figures."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(REPO.glob(pattern)):
            digest.update(path.relative_to(REPO).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def results_file(name: str) -> Path:
    """Return where the figures of a study are kept."""
    return RESULTS / f"recovery_{name}.json"


def study(name: str, repeats: int, folder: Path | None = None) -> dict[str, Any]:
    """Return the figures of a study over ``repeats``; those that ``folder`` holds by this code are not done again."""
    toy = TOYS[name]()
    simulator = Kept(toy.simulator)
    file = (UNFINISHED if folder is None else folder) / f"{name}_{code_hash()[:16]}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = finished_rows(file)[:repeats]
    for repeat in range(len(rows), repeats):
        rows.append(one(toy, simulator, repeat, PLANS[name]))
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(rows[-1]) + "\n")
        if (repeat + 1) % 10 == 0:
            print(f"{name}: {repeat + 1} of {repeats}", file=sys.stderr, flush=True)
    return summary(rows)


def finished_rows(file: Path) -> list[dict[str, Any]]:
    """Return the repeats in ``file``, in order; a last line cut short by a kill is taken away."""
    if not file.is_file():
        return []
    whole = [line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    file.write_text("".join(whole), encoding="utf-8")
    return [json.loads(line) for line in whole]


def table() -> str:
    """Return the stored figures as the table of the page."""
    heads = (
        "toy", "gap of the mean, posterior sd (mean, mean size)", "posterior sd over the exact", "90% intervals hold",
        "ranks, p", "ranks with a wrong likelihood, p",
    )  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join(["---"] * len(heads)) + " |"]
    for name in TOYS:
        if not results_file(name).is_file():
            lines.append(f"| {name} | not run yet | | | | |")
            continue
        found = json.loads(results_file(name).read_text(encoding="utf-8"))
        least, most = min(found["rank_p_values"]), max(found["wrong_rank_p_values"])
        cells = (
            name, f"{found['mean_gap_sd']:+.3f}, {found['mean_absolute_gap_sd']:.3f}", f"{found['sd_ratio']:.3f}",
            f"{100 * found['coverage_90']:.1f}%", f"{least:.2f} at least", f"{most:.1g} at most",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Run a study, print it, and keep it if it was run in full."""
    made = argparse.ArgumentParser(prog="benchmarks.recovery", description=__doc__)
    made.add_argument("name", choices=[*TOYS, "all"])
    made.add_argument("--repeats", type=int, default=REPEATS, help=f"only {REPEATS} are kept")
    given = made.parse_args()
    for name in TOYS if given.name == "all" else [given.name]:
        stamped = {"commit": commit(), "code_hash": code_hash()}
        found = study(name, given.repeats)
        print(json.dumps(found, indent=1))
        if given.repeats == REPEATS:
            content = {"study": name, "seed": SEED, **stamped}
            path = results_file(name)
            write_text(path, json.dumps(content | found, indent=1) + "\n")
            print(f"kept: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
