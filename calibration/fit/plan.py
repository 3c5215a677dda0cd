"""How a fit is carried out: how many points, replications and steps, and when it stops."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from calibration.history_matching.implausibility import CUT
from scenarios.errors import InputError

LEAST = {"seed": 0, "replications": 2, "posterior": 2, "chains": 4}  # of whole numbers; 1 of all others
WHY = {
    "replications": ": chance is told apart within a point",
    "posterior": ": the spread of a single point is none",
}
NO_LESS = 0.0  # of numbers that are not whole
SPARE_POINTS = 4  # beyond one a parameter: with fewer, emulators have no straight line (evaluation.emulators.process)


@dataclass(frozen=True)
class Plan:
    """Numbers of a fit.

    Waves of history matching: at most ``waves`` of ``points`` points x ``replications``. They stop early when the
    variance of the emulators is below ``enough`` of the targets' own for nine targets of ten (median over points) and
    no emulator fails its checks, or when a wave leaves more than ``settled`` of what the one before left. Then chains
    on the emulators, ``posterior`` points run ``posterior_replications`` times each, and weights; up to ``rounds``
    times, with emulators that have learnt from the round before, until the weights are worth ``least_size`` (Kish).
    """

    waves: int = 3
    points: int = 200
    replications: int = 2
    posterior: int = 200
    posterior_replications: int = 4
    rounds: int = 2
    least_size: float = 100.0
    cut: float = CUT
    enough: float = 0.1
    settled: float = 0.9
    chains: int = 32
    draws: int = 1_000
    warm_up: int = 1_000
    thin: int = 1
    seed: int = 1
    workers: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing. Raises InputError."""
        for field in fields(self):
            name, value = field.name, getattr(self, field.name)
            least = LEAST.get(name, 1) if isinstance(field.default, int) else NO_LESS
            if not math.isfinite(value) or value < least:
                raise InputError(f"plan {name}", f"must be at least {least:g}{WHY.get(name, '')} (you gave {value:g})")
        if self.cut <= 0:
            raise InputError("plan cut", f"must be above 0: nothing lies nearer than that (you gave {self.cut:g})")

    def check_points(self, parameters: int) -> None:
        """Raise InputError for waves of too few points to emulate what ``parameters`` of them do."""
        least = parameters + SPARE_POINTS
        if self.points < least:
            words = f"must be at least {least}: {parameters} parameters and {SPARE_POINTS} more"
            raise InputError("plan points", f"{words} (you gave {self.points})")

    @property
    def most_runs(self) -> int:
        """The most runs it can ask for."""
        return self.waves * self.points * self.replications + self.rounds * self.posterior * self.posterior_replications

    def words(self) -> str:
        """Return the plan, and its rule for stopping, in words."""
        return (
            f"at most {self.waves} waves of {self.points} points x {self.replications} replications, then "
            f"{self.posterior} points x {self.posterior_replications}, at most {self.rounds} times: {self.most_runs:,} "
            f"runs at most. Waves stop when emulators' variance is below {self.enough:.0%} of the targets' own, "
            f"or leave more than {self.settled:.0%} of what the wave before left; the fit stops when its weights are "
            f"worth {self.least_size:.0f} draws (Kish)"
        )
