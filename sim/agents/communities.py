"""CommunityAgent: what its residents went through, what neighbours say, and what the community can do for itself.

Trust is latent and every number here is an assumption; the switch ``switch_trust`` turns all of it off.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.base import NO_NEWS
from sim.agents.ramps import within
from sim.agents.world import RowAgent
from sim.codes import OUTREACH_LEVER


class CommunityAgent(RowAgent):
    """One community: moves every resident's trust a little (``trust_shift``), and its own assets."""

    def step(self) -> None:
        """Write next month's trust, trust_shift and assets."""
        new = self.model.new.communities[self.row]
        base = self.model.base.communities[self.row]
        trust = float(self.model.residents.trust[self.row])
        if not math.isnan(trust):
            new["trust"] = trust
            if base["trust"] == NO_NEWS:
                base["trust"] = trust
        new["trust_shift"] = 0.0
        new["distance_hub_km"] = self.hub_km()
        if not self.model.feedback:
            return
        if self.model.params["switch_trust"] != 0.0:
            new["trust_shift"] = self.from_experience() + self.from_word_of_mouth() + self.from_assets()
        new["assets"] = self.next_assets()

    def hub_km(self) -> float:
        """Return the distance to the hub: today's, or as near as the design puts it."""
        own = self.model.old.communities[self.row]
        plans = self.model.team_plans[int(own["neighbourhood"])]
        start = float(self.model.base_old.communities[self.row]["hub_km"])
        if own["outside_design"] == 1 or not plans.live:
            return start * plans.usual.geography.hub_distance_ratio
        return start * plans.design.geography.hub_distance_ratio

    def from_experience(self) -> float:
        """Return the change of trust from more or fewer bad experiences than people have come to expect."""
        p = self.model.params
        neighbourhood = int(self.model.old.communities[self.row]["neighbourhood"])
        expected = float(self.model.base_old.teams[neighbourhood]["bad_usual"])
        bad = bad_share(self.model.old.teams[neighbourhood])
        if expected == NO_NEWS or bad == NO_NEWS:
            return 0.0
        worse = bad - expected
        return -worse * float(p["trust_loss_experience"] if worse > 0 else p["trust_gain_experience"])

    def from_word_of_mouth(self) -> float:
        """Return the change of trust from how far neighbouring communities have moved since the start, against us."""
        heard = float(self.model.heard[self.row])
        if math.isnan(heard) or not self.model.trust_known[self.row]:
            return 0.0
        return float(self.model.params["word_of_mouth_share"]) * (heard - float(self.model.trust_moved[self.row]))

    def from_assets(self) -> float:
        """Return the change of trust from community assets above or below those at the start."""
        above = self.model.old.communities[self.row]["assets"] - self.model.base_old.communities[self.row]["assets"]
        return float(self.model.params["trust_gain_assets"]) * float(above)

    def next_assets(self) -> float:
        """Return next month's assets: they grow towards what outreach can build, and fade when it goes.

        Today's outreach is already in the assets at the start: burn-in notes it, and only what is added builds more.
        """
        p = self.model.params
        own = self.model.old.communities[self.row]
        base = self.model.base.communities[self.row]
        row = int(own["neighbourhood"])
        team, lever = self.model.old.teams[row], self.model.old_levers
        visited = own["local_quintile"] <= team["outreach_worst_quintile"]
        column = row + len(self.model.old.teams) * int(own["outside_design"])
        worked = float(lever.reach[OUTREACH_LEVER, column] * lever.effect[OUTREACH_LEVER, column]) if visited else 0.0
        if self.model.plans.since_parting < 0:
            base["outreach"] = worked
        aim = float(base["assets"]) + float(p["assets_gain_outreach"]) * (worked - float(base["outreach"]))
        now = float(own["assets"])
        return now + (within(aim, 0.0, 1.0) - now) / max(float(p["assets_months"]), 1.0)


def bad_share(team: np.void) -> float:
    """Return unmet needs (lost hand-overs among them) and waits given up, per need; NO_NEWS without needs."""
    needs = int(team["t_needs"])
    if needs == 0:
        return NO_NEWS
    return int(team["t_unmet"] + team["t_reneged"]) / needs
