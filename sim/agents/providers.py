"""ProviderAgents: the practices of a neighbourhood as one group, and each hospital."""

from __future__ import annotations

import numpy as np

from sim.agents.ramps import within
from sim.agents.staff import absence_share, added_fte, staffing_factor
from sim.agents.teams import GENERAL_PRACTICE
from sim.agents.world import RowAgent
from sim.codes import BED, HOSPITAL_KINDS
from sim.rules.keys import key2

POST_GP = 1  # the post of a neighbourhood's practices in keys of staff draws; published, as purposes are


class PracticesAgent(RowAgent):
    """The practices of one neighbourhood: clinicians available this month."""

    def step(self) -> None:
        """Write the practices' FTE: posts and what the design has added, less more or less absence than usual."""
        model, p = self.model, self.model.params
        usual = float(p["team_absence_start"])
        post = int(key2(np.uint64(model.base_old.teams[self.row]["key"]), POST_GP))  # type: ignore[arg-type]
        absence = absence_share(model, post) if model.feedback else usual
        registered = int(model.base_old.teams[self.row]["registered"])
        if self.row == len(model.new.teams) - 1:
            return
        posts = float(model.base_old.posts[GENERAL_PRACTICE, self.row]) + added_fte(model, GENERAL_PRACTICE, registered)
        model.tables.supply[GENERAL_PRACTICE, self.row] = posts * staffing_factor(absence, usual)


class HospitalAgent(RowAgent):
    """One hospital: opens escalation beds when it is nearly full, and closes them again."""

    def step(self) -> None:
        """Write next month's cubicles and beds from last month's occupancy."""
        model, p = self.model, self.model.params
        supply, base = model.tables.supply, model.base_old.supply
        for kind in HOSPITAL_KINDS:
            supply[kind, self.row] = base[kind, self.row]
        if not model.feedback:
            return
        from_share = float(p["escalation_from_occupancy"])
        if from_share >= 1.0:
            return
        pressure = (float(model.old.hospitals[self.row]["occupancy"]) - from_share) / (1.0 - from_share)
        opened = float(p["escalation_beds_share"]) * within(pressure, 0.0, 1.0)
        supply[BED, self.row] = float(base[BED, self.row]) * (1.0 + opened)
