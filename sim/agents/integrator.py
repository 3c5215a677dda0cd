"""IntegratorAgent: moves a fixed pool of posts between neighbourhoods in proportion to need.

Need is measured against the whole place's mean, so a place simulated in part moves the same posts there as in whole.
Donors lose quickly and recipients gain slowly: between the two, posts stand empty. At the end the pool is the same.
It first decides when the design is live; teams feel it from the month after.
"""

from __future__ import annotations

from sim.agents.ramps import straight
from sim.agents.world import RowAgent
from sim.codes import STAFFED_KINDS


class IntegratorAgent(RowAgent):
    """The place's integrator: decides each team's posts, which the teams fill from the month after."""

    def step(self) -> None:
        """Write the posts of every team and role for next month."""
        for team in range(len(self.model.new.teams) - 1):
            for kind in STAFFED_KINDS:
                self.model.base.posts[kind, team] = self.posts(team, kind)

    def posts(self, team: int, kind: int) -> float:
        """Return the FTE of services of ``kind`` in ``team`` next month."""
        plans = self.model.plans
        own = float(self.model.base_old.supply[kind, team])
        if not plans.design.needs_weight or not plans.live:
            return own
        move = plans.design.needs_weight * (self.fair_share(team, kind) - own)
        donor, recipient = plans.design.donor_speed_months or 0.0, plans.design.recipient_speed_months or 0.0
        return own + move * straight(plans.months_live + 1, donor if move < 0.0 else recipient)

    def fair_share(self, team: int, kind: int) -> float:
        """Return the FTE the team would have if the place's pool were shared in proportion to need."""
        means = self.model.base.means
        need = float(self.model.old.teams[team]["needs_index"])
        relative_need = need / means.needs_index if means.needs_index > 0.0 else 1.0
        registered = int(self.model.base_old.teams[team]["registered"])
        return float(means.fte_per_head[kind]) * registered * relative_need
