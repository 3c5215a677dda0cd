"""``calibrate``: from targets, priors and a simulator to a weighted set of plausible parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.fit.plan import Plan
from calibration.fit.runs import Progress, Runner, finite
from calibration.fit.simulator import Simulator
from calibration.fit.store import Store
from calibration.fit.waves import Matched, Say, emulate, fitted_columns, match_in_waves, working_means
from calibration.history_matching.wave import Wave, plausible
from calibration.likelihood.build import Likelihood, likelihood_of
from calibration.likelihood.uncertain import uncertain_log_likelihood
from calibration.posterior.emulated import Emulated, draw_until_met
from calibration.posterior.importance import Weighted, pooled, reweighted
from calibration.posterior.sampler import Chains
from calibration.space import Space
from calibration.targets.target import TargetSet
from evaluation.draws import generator
from scenarios.errors import InputError
from sim.execution.pool import Workers

Training = list[tuple[np.ndarray, np.ndarray]]  # latent points, and outputs of their runs


@dataclass(frozen=True)
class Fit:
    """A fit. latent and outputs of the posterior points: float64[points, parameters], [points, replications, outputs].

    outputs: names of what the simulator gave, those held out among them. stopped: why waves and rounds ended.
    """

    space: Space
    likelihood: Likelihood
    names: tuple[str, ...]
    latent: np.ndarray
    outputs: np.ndarray
    weighted: Weighted
    chains: Chains
    diagnostics: pd.DataFrame
    matched: Matched
    rounds: int
    stopped: str
    plan: Plan

    @property
    def weights(self) -> np.ndarray:
        """Weights of the posterior points, adding to 1."""
        return self.weighted.weights

    def table(self) -> pd.DataFrame:
        """Return the posterior: one row per point, weight and a column for each parameter in its own unit."""
        found = self.space.frame(self.latent)
        found.insert(0, "weight", self.weights)
        return found

    def of(self, names: Sequence[str]) -> np.ndarray:
        """Return outputs of the posterior points, float64[points, replications, names]."""
        return self.outputs[..., [self.names.index(name) for name in names]]


def calibrate(
    space: Space,
    targets: TargetSet,
    outputs: Sequence[str],
    simulator: Simulator,
    folder: Path,
    plan: Plan,
    progress: Progress = lambda done, total, what: None,
    say: Say = lambda words: None,
    resume: bool = False,
) -> Fit:
    """Return the fit of ``simulator`` to the fitted ones of ``targets``.

    outputs: names the simulator gives, of targets to be predicted too; the values of those are not read here. Results
    of runs are kept in ``folder``, and found again with ``resume``. Raises NoPlausibleParameters if the targets
    conflict, InputError for a folder, targets or outputs that cannot be used, or points too few for the parameters.
    """
    plan.check_points(len(space))
    likelihood = likelihood_of(targets.fitted)
    if not likelihood.components:
        raise InputError(targets.name, "holds no target to fit (role fitted, weight above 0)")
    unknown = [name for name in likelihood.names if name not in outputs]
    if unknown:
        raise InputError(targets.name, f"the simulator gives no output '{unknown[0]}'")
    store = Store(folder, simulator.identity)
    store.claim(resume)
    say(plan.words())
    with Workers(plan.workers) as workers:
        runner = Runner(space, simulator, store, tuple(outputs), plan.seed, workers, progress)
        matched = match_in_waves(runner, likelihood, plan, say)
        return finished(runner, likelihood, matched, plan, say)


def within(waves: Sequence[Wave], cut: float) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return what tells points that no wave finds more implausible than ``cut``; None without waves.

    Emulators of a late wave have learnt only from what earlier waves left, and must not be asked beyond it.
    """
    return (lambda latent: plausible(waves, latent, cut)) if waves else None


def real_log_likelihood(
    runner: Runner, likelihood: Likelihood, points: np.ndarray, outputs: np.ndarray, training: Training, plan: Plan
) -> np.ndarray:
    """Return the log likelihood of what was observed at ``points``, by their real runs' ``outputs``: float64[points].

    Of several replications the mean counts, the chance left in it allowed for. One replication by itself is mostly
    chance: emulators learn from it together with all other runs (``training``), and theirs is the likelihood.
    """
    if plan.posterior_replications == 1:
        learned, _ = emulate([*training, (points, outputs)], runner, likelihood)
        return Emulated(learned, likelihood).log_likelihood(points)
    fitted = fitted_columns(outputs, runner.outputs, likelihood)
    mean, chance = working_means(fitted, likelihood)
    return uncertain_log_likelihood(likelihood, mean, chance / plan.posterior_replications)


def finished(runner: Runner, likelihood: Likelihood, matched: Matched, plan: Plan, say: Say) -> Fit:
    """Return the fit: chains on the emulators, real runs of some of their draws, weights; again if worth too little."""
    region = matched.region
    if region is None:
        raise ValueError("history matching has left no region to start from")
    keep = plausible(matched.waves[:-1], matched.latent, 2 * plan.cut) | (matched.wave_of == matched.waves[-1].number)
    training: Training = [(matched.latent[keep], matched.outputs[keep])]
    bundle = matched.waves[-1].bundle
    kept: list[tuple[np.ndarray, np.ndarray, Weighted]] = []
    for number in range(1, plan.rounds + 1):
        posterior = Emulated(bundle, likelihood)
        rng = generator(plan.seed, "chains", number)
        start = region.latent[np.linspace(0, len(region.latent) - 1, plan.chains).astype(int)]
        allowed = within(matched.waves[:-1], 2 * plan.cut)
        chains = draw_until_met(posterior.log_density, start, plan.draws, plan.warm_up, rng, plan.thin, allowed)
        points = chains.flat[np.linspace(0, len(chains.flat) - 1, plan.posterior).astype(int)]
        outputs = runner.run(points, plan.posterior_replications, f"posterior, round {number}")
        fitted = fitted_columns(outputs, runner.outputs, likelihood)
        finite(fitted, likelihood.names, likelihood.scales)
        real = real_log_likelihood(runner, likelihood, points, outputs, training, plan)
        kept.append((points, outputs, reweighted(real, posterior.log_likelihood(points))))
        weighted = pooled([one for _, _, one in kept])
        say(f"round {number}: {len(weighted.weights)} real runs are worth {weighted.kish_size:.0f} draws (Kish)")
        enough = weighted.kish_size >= plan.least_size and bool(weighted.reliable)
        if enough or number == plan.rounds:
            break
        training.append((points, outputs))
        bundle, _ = emulate(training, runner, likelihood)
    stopped = f"waves: {matched.why}; rounds: " + ("worth enough" if enough else f"all {plan.rounds} were used")
    return Fit(
        runner.space,
        likelihood,
        runner.outputs,
        np.concatenate([points for points, _, _ in kept]),
        np.concatenate([outputs for _, outputs, _ in kept]),
        weighted,
        chains,
        chains.diagnostics(runner.space.names),
        matched,
        number,
        stopped,
        plan,
    )
