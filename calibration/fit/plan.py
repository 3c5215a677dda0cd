"""How a fit is carried out: how many points, replications and steps, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, fields

from calibration.history_matching.implausibility import CUT
from scenarios.errors import InputError


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
        """Refuse numbers that mean nothing."""
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name in ("seed", "enough", "least_size") else 1 if isinstance(value, int) else 0
            if value < least or (field.name == "chains" and value < 4):
                raise InputError(f"plan {field.name}", f"must be at least {4 if field.name == 'chains' else least}")
        if self.replications < 2:
            raise InputError("plan replications", "must be at least 2: chance is told apart within a point")

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
