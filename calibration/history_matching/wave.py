"""A wave: emulators of the points run so far, and how implausible they make any other point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.history_matching.implausibility import CUT, implausibility, judged_by, nth_largest
from evaluation.emulators.bundle import Bundle

BATCH = 2_000  # points predicted at a time, for memory


@dataclass(frozen=True)
class Wave:
    """Emulators of targets on their working scales, with what was observed and its variance on the same scales.

    left_out: targets (by position) whose emulator failed its checks and is not used to rule anything out.
    """

    number: int
    bundle: Bundle
    observed: np.ndarray
    variance: np.ndarray
    left_out: tuple[int, ...] = ()

    def implausibilities(self, latent: np.ndarray) -> np.ndarray:
        """Return float64[points, targets]; 0 for targets left out."""
        parts = []
        for start in range(0, len(latent), BATCH):
            mean, spread = self.bundle.predict(latent[start : start + BATCH])
            parts.append(implausibility(mean, spread, self.observed, self.variance))
        found = np.concatenate(parts)
        found[:, list(self.left_out)] = 0.0
        return found

    @property
    def used(self) -> int:
        """How many targets it judges by."""
        return len(self.observed) - len(self.left_out)


def worst(waves: Sequence[Wave], latent: np.ndarray) -> np.ndarray:
    """Return each point's implausibility over all ``waves``, float64[points]: the largest of each wave's own.

    A wave judges by its largest of few targets, its second largest of more than ten.
    """
    found = np.zeros(len(latent))
    for wave in waves:
        order = min(judged_by(wave.used), max(wave.used, 1))
        found = np.maximum(found, nth_largest(wave.implausibilities(latent), order))
    return found


def plausible(waves: Sequence[Wave], latent: np.ndarray, cut: float = CUT) -> np.ndarray:
    """Return which points no wave rules out."""
    return worst(waves, latent) < cut
