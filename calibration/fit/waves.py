"""Waves of history matching: run, emulate, rule out, look again only where something is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from calibration.design.points import latent_points, spread_subset
from calibration.fit.plan import Plan
from calibration.fit.runs import Runner, finite
from calibration.history_matching.conflict import NoPlausibleParameters, explain, reach
from calibration.history_matching.sampling import Region, sample_region
from calibration.history_matching.wave import Wave, plausible, worst
from calibration.likelihood.build import Likelihood
from calibration.likelihood.scales import from_scale, slope
from evaluation.draws import generator
from evaluation.emulators.bundle import Bundle, fit_bundle
from evaluation.emulators.checks import Verdict, check_held_back, check_left_out
from evaluation.emulators.noise import pooled_covariance

MOST_TARGETS = 0.9  # share of targets that emulators must know well enough
LOOKED_AT = 4_000  # points of a search among which the values nearest to each target are sought
Say = Callable[[str], object]


@dataclass
class Matched:
    """What the waves found. latent float64[points, parameters] and outputs float64[points, replications, all outputs]
    of every run so far; wave_of: each point's wave; waves, and the region left after the last."""  # fmt: skip

    latent: np.ndarray
    outputs: np.ndarray
    wave_of: np.ndarray
    waves: list[Wave] = field(default_factory=list)
    region: Region | None = None
    table: list[dict[str, object]] = field(default_factory=list)
    checks: list[pd.DataFrame] = field(default_factory=list)
    why: str = ""


def match_in_waves(runner: Runner, likelihood: Likelihood, plan: Plan, say: Say) -> Matched:
    """Return what history matching leaves of the prior.

    Raises NoPlausibleParameters if nothing is left, InputError for outputs that cannot be used.
    """
    inputs = len(runner.space)
    latent = latent_points(plan.points, inputs, plan.seed)
    found = Matched(np.zeros((0, inputs)), np.zeros((0, plan.replications, len(runner.outputs))), np.zeros(0, int))
    for number in range(1, plan.waves + 1):
        outputs = runner.run(latent, plan.replications, f"wave {number}")
        fitted = fitted_columns(outputs, runner.outputs, likelihood)
        finite(fitted, likelihood.names, likelihood.scales)
        if found.waves:
            found.checks.append(held_back(found.waves[-1].bundle, latent, fitted, likelihood, number))
        found.latent = np.concatenate([found.latent, latent])
        found.outputs = np.concatenate([found.outputs, outputs])
        found.wave_of = np.concatenate([found.wave_of, np.full(len(latent), number)])
        add_wave(found, runner, likelihood, plan, number)
        region = found.region
        assert_left(found, region, likelihood, plan)  # raises where nothing is
        say(f"wave {number}: {found.table[-1]['words']}")
        found.why = why_stop(found, plan)
        if found.why or region is None:
            break
        latent = region.latent[spread_subset(region.latent, plan.points)]
    found.why = found.why or f"all {plan.waves} waves were run"
    return found


def add_wave(found: Matched, runner: Runner, likelihood: Likelihood, plan: Plan, number: int) -> None:
    """Emulate what has been run, and find what is left of the prior."""
    usable = plausible(found.waves, found.latent, 2 * plan.cut) if found.waves else np.ones(len(found.latent), bool)
    usable |= found.wave_of == number
    bundle, verdict = emulate([(found.latent[usable], found.outputs[usable])], runner, likelihood)
    found.checks.append(verdict.table.assign(wave=number, kind="left out"))
    failing = tuple(likelihood.names.index(name) for name in verdict.failing)
    observed, variance = likelihood.working()
    found.waves.append(Wave(number, bundle, observed, variance, failing))
    rng = generator(plan.seed, "region", number)
    found.region = sample_region(lambda z: worst(found.waves, z), len(runner.space), rng, plan.cut)
    found.table.append(row_of(found, number, int(usable.sum()), verdict))


def emulate(
    parts: Sequence[tuple[np.ndarray, np.ndarray]], runner: Runner, likelihood: Likelihood
) -> tuple[Bundle, Verdict]:
    """Return emulators of the fitted targets on their working scales, and checks of points left out.

    parts: (latent, outputs) of points with the same number of replications; chance is pooled over all of them.
    """
    means, chances, repeats = [], [], []
    for _, outputs in parts:
        mean, chance = working_means(fitted_columns(outputs, runner.outputs, likelihood), likelihood)
        means.append(mean)
        chances.append(chance * len(outputs) * (outputs.shape[1] - 1))
        repeats.append(np.full(len(outputs), float(outputs.shape[1])))
    freedom = sum(len(outputs) * (outputs.shape[1] - 1) for _, outputs in parts)
    latent, mean = np.concatenate([each for each, _ in parts]), np.concatenate(means)
    pooled = np.sum(chances, axis=0) / freedom
    counts = np.concatenate(repeats)
    bundle = fit_bundle(latent, mean, pooled, likelihood.names, runner.space.names, repeats=counts)
    return bundle, check_left_out(bundle, mean, likelihood.names)


def fitted_columns(outputs: np.ndarray, names: Sequence[str], likelihood: Likelihood) -> np.ndarray:
    """Return the columns of the fitted targets, in the likelihood's order."""
    return outputs[..., [list(names).index(name) for name in likelihood.names]]


def working_means(fitted: np.ndarray, likelihood: Likelihood) -> tuple[np.ndarray, np.ndarray]:
    """Return means over replications on the working scales, and the covariance by chance of one replication.

    float64[points, targets], float64[targets, targets]. Chance is taken as alike at all points on those scales.
    """
    mean = fitted.mean(axis=1)
    there = likelihood.to_working(mean)
    steep = np.stack([slope(mean[:, at], scale) for at, scale in enumerate(likelihood.scales)], axis=1)
    scaled = (fitted - mean[:, None, :]) * steep[:, None, :]
    return there, pooled_covariance(scaled)


def held_back(
    bundle: Bundle, latent: np.ndarray, fitted: np.ndarray, likelihood: Likelihood, number: int
) -> pd.DataFrame:
    """Return checks of a wave's new points by the emulators of the wave before, which never saw them."""
    mean, chance = working_means(fitted, likelihood)
    return check_held_back(bundle, latent, mean, chance / fitted.shape[1]).table.assign(wave=number, kind="held back")


def row_of(found: Matched, number: int, used: int, verdict: Verdict) -> dict[str, object]:
    """Return what one wave did, for the table of waves."""
    region, wave = found.region, found.waves[-1]
    share = 0.0 if region is None else region.share
    surer = float("nan")
    if region is not None and not region.empty:
        _, spread = wave.bundle.predict(region.latent[:300])
        surer = float(np.quantile(np.median(spread / wave.variance, axis=0), MOST_TARGETS))
    words = (
        f"{share:.3g} of the prior is left; emulators' variance is below {surer:.2f} of the targets' own for 9 of 10"
    )
    if verdict.failing:
        words += f"; not emulated well, and not used to rule out: {', '.join(verdict.failing)}"
    return {
        "wave": number,
        "points": int((found.wave_of == number).sum()),
        "points_used": used,
        "share_left": share,
        "emulator_variance_share": surer,
        "targets_not_used": len(verdict.failing),
        "words": words,
    }


def why_stop(found: Matched, plan: Plan) -> str:
    """Return why no further wave is needed, '' if one is."""
    last = found.table[-1]
    if float(str(last["emulator_variance_share"])) < plan.enough and not last["targets_not_used"]:
        return "emulators know the targets better than they were measured"
    shares = [float(str(row["share_left"])) for row in found.table]
    if len(shares) > 1 and shares[-1] > plan.settled * shares[-2]:
        return "the last wave ruled out little more"
    return ""


def assert_left(found: Matched, region: Region | None, likelihood: Likelihood, plan: Plan) -> None:
    """Raise NoPlausibleParameters, with the table of what conflicts, if nothing is left of the prior."""
    if region is None or not region.empty:
        return
    judge, predict = judges(found, likelihood)
    conflict = explain(judge, predict, some(region.looked_at), likelihood.names, likelihood.observed, plan.cut)
    raise NoPlausibleParameters(conflict)


def reached(found: Matched, likelihood: Likelihood, cut: float) -> pd.DataFrame:
    """Return how near the model comes to each fitted target alone (see conflict.reach), over all that was looked at."""
    if found.region is None:
        raise ValueError("no wave has been run")
    judge, predict = judges(found, likelihood)
    return reach(judge, predict, some(found.region.looked_at), likelihood.names, likelihood.observed, cut)


def some(points: np.ndarray) -> np.ndarray:
    """Return ``LOOKED_AT`` of many points, from first to last: from the whole prior to the least implausible."""
    return points[np.linspace(0, len(points) - 1, min(LOOKED_AT, len(points))).astype(int)]


def judges(
    found: Matched, likelihood: Likelihood
) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """Return implausibilities over all waves, and what the last wave's emulators give in the targets' units."""
    wave, scales = found.waves[-1], likelihood.scales

    def predict(latent: np.ndarray) -> np.ndarray:
        mean, _ = wave.bundle.predict(latent)
        return np.stack([from_scale(mean[:, at], scale) for at, scale in enumerate(scales)], axis=1)

    def implausibilities(latent: np.ndarray) -> np.ndarray:
        return np.maximum.reduce([each.implausibilities(latent) for each in found.waves])

    return implausibilities, predict
