"""IntegratorAgent: moves a fixed pool of posts between neighbourhoods and services, holds reviews, lends staff.

Need is measured against the whole place's mean, so a place simulated in part moves the same posts there as in whole.
Donors lose quickly and recipients gain slowly: between the two, posts stand empty. At the end the pool is the same.
It first decides when the design is live; teams feel it from the month after. Staff lent help in the month itself.
"""

from __future__ import annotations

from sim.agents.allocation import NEIGHBOURHOOD_KINDS, fair_share, lend_staff, move_between_services, relative_need
from sim.agents.levers import effect_of
from sim.agents.merging import merge_ints
from sim.agents.ramps import within
from sim.agents.reviews import review
from sim.agents.staff import moved_share
from sim.agents.teams import INT_KINDS
from sim.agents.world import RowAgent
from sim.codes import NEEDS_ALLOCATION


class IntegratorAgent(RowAgent):
    """The place's integrator: decides each team's posts, which the teams fill from the month after."""

    def step(self) -> None:
        """Write the posts of every team and service for next month, and lend staff this month."""
        self.share_posts()
        for team in range(len(self.model.new.teams) - 1):
            move_between_services(self.model, team)
        review(self.model)
        lend_staff(self.model, INT_KINDS)
        merge_ints(self.model)

    def share_posts(self) -> None:
        """Write every team's posts: today's, moved towards need as far as the design's lever goes."""
        model, design = self.model, self.model.plans.design
        weight = within(design.resource_allocation.needs_weight * effect_of(design, NEEDS_ALLOCATION), 0.0, 1.0)
        model.base.posts[:] = model.base_old.supply
        if weight <= 0.0 or not model.plans.live:
            return
        need = relative_need(model)
        for team in range(len(model.new.teams) - 1):
            for kind in NEIGHBOURHOOD_KINDS:
                own = float(model.base_old.supply[kind, team])
                move = weight * (fair_share(model, need, team, kind) - own)
                model.base.posts[kind, team] = own + move * moved_share(model.plans, model.params, move > 0.0)
