"""The posterior by chains on emulators: standard normal prior, likelihood with the emulators' own uncertainty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.likelihood.build import Likelihood
from calibration.likelihood.uncertain import uncertain_log_likelihood
from calibration.posterior.sampler import Allowed, Chains, sample
from evaluation.emulators.bundle import Bundle

LONGER = 3  # times the chains may be made twice as long until they have met


@dataclass(frozen=True)
class Emulated:
    """A posterior of latent parameters by emulators of the targets on their working scales."""

    bundle: Bundle
    likelihood: Likelihood

    def log_likelihood(self, latent: np.ndarray) -> np.ndarray:
        """Return log likelihoods float64[points]."""
        mean, covariance = self.bundle.covariance(latent)
        return uncertain_log_likelihood(self.likelihood, mean, covariance)

    def log_density(self, latent: np.ndarray) -> np.ndarray:
        """Return log posterior densities up to a constant, float64[points]."""
        return self.log_likelihood(latent) - 0.5 * (latent**2).sum(axis=1)


def draw_until_met(
    density: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    draws: int,
    warm_up: int,
    rng: np.random.Generator,
    thin: int = 1,
    allowed: Allowed | None = None,
) -> Chains:
    """Return chains that have met; each time they have not, steps are doubled and warm-up starts from where they are.

    The last attempt is returned even if they have not met: its diagnostics say so.
    """
    names = [str(at) for at in range(start.shape[1])]
    for attempt in range(LONGER):
        found = sample(density, start, draws, warm_up, rng, thin * 2**attempt, allowed)
        if found.diagnostics(names)["good"].all():
            break
        start = found.draws[:, -1]
    return found
