"""The dose of one lever in one month: today's dose, and the increment a design adds to it as it ramps up."""

from __future__ import annotations

from typing import NamedTuple

from scenarios.schema import IntDesign
from sim.agents.ramps import s_curve


class Dose(NamedTuple):
    """How much of a lever there is (in the lever's own unit), and how well it works on each person reached."""

    amount: float
    effect: float


class Plans(NamedTuple):
    """Usual care, the arm's design, and how long it has been live (0 in its first month; negative: not yet).

    ``since_parting``: months since the arms parted, negative in burn-in. ``ramp``: share of the design's increment of
    reach that has arrived, 0 to 1. ``ramp_months``: until it has arrived in full.
    """

    usual: IntDesign
    design: IntDesign
    since_parting: int
    months_live: int
    ramp: float
    ramp_months: float

    @property
    def live(self) -> bool:
        """Whether the design has gone live."""
        return self.months_live >= 0

    @property
    def now(self) -> IntDesign:
        """What settings that are either one thing or another are today."""
        return self.design if self.live else self.usual

    def arrived_before(self, months: float) -> float:
        """Return the share of the design's increment of reach that had arrived ``months`` ago."""
        return s_curve(self.months_live + 1 - months, self.ramp_months)

    def eased(self, usual: float, design: float) -> float:
        """Return a setting on its way from usual care's to the design's, as far as reach has come."""
        return usual + (design - usual) * self.ramp


def plans_at(usual: IntDesign, design: IntDesign, since_parting: int, ramp_months: float, delay: int = 0) -> Plans:
    """Return the plans ``since_parting`` months after the arms part (negative in burn-in).

    ``ramp_months``: until reach is full. ``delay``: months by which this INT follows the first.
    """
    months_live = since_parting - design.transition.go_live_month - delay
    return Plans(usual, design, since_parting, months_live, s_curve(months_live + 1, ramp_months), ramp_months)


def stays_usual(usual: Dose, design: Dose) -> bool:
    """Return whether a design with no effect leaves today's working lever as it is.

    Effect 0 means: change nothing. Where today's dose works, that is today's dose; where there is none (or it has no
    effect either) the design's people are selected and recorded, and nothing happens to them.
    """
    return design.effect == 0.0 and usual.effect != 0.0 and usual.amount > 0.0


def dose_at(usual: Dose, design: Dose, ramp: float) -> Dose:
    """Return the dose when ``ramp`` of the increment has arrived.

    Reach ramps and the effect on a person reached does not: what is added works as the design says, what there was as
    it did, and the effect is their mean weighted by amount.
    """
    if ramp <= 0.0 or stays_usual(usual, design):
        return usual
    amount = usual.amount + (design.amount - usual.amount) * ramp
    kept = min(usual.amount, amount)
    added = amount - kept
    if amount <= 0.0:
        return Dose(amount, design.effect)
    if usual.effect == design.effect:
        return Dose(amount, design.effect)
    return Dose(amount, (kept * usual.effect + added * design.effect) / amount)
