"""ProviderAgents: the practices of a neighbourhood as one group, and each hospital."""

from __future__ import annotations

import numpy as np

from sim.agents.burnout import against_start
from sim.agents.ramps import within
from sim.agents.released import closed_beds
from sim.agents.staff import absence_share, added_fte, covered, protected_hours, skill_mixed, time_left
from sim.agents.teams import GENERAL_PRACTICE
from sim.agents.world import RowAgent
from sim.codes import BED, HOSPITAL_KINDS, SERVICE_NAMES
from sim.rules.keys import key2

POST_GP = 1  # the post of a neighbourhood's practices in keys of staff draws; published, as purposes are


class PracticesAgent(RowAgent):
    """The practices of one neighbourhood: clinicians available this month."""

    def step(self) -> None:
        """Write the practices' FTE: posts and what the design has added or exchanged, as absence, burnout and
        protected time leave it.

        Practices keep their vacancies: what is vacant there today is not in the place's figures.
        """
        if self.is_group:
            return
        model, p, plans = self.model, self.model.params, self.model.team_plans[self.row]
        usual = float(p["team_absence_start"])
        post = int(key2(np.uint64(model.base_old.teams[self.row]["key"]), POST_GP))  # type: ignore[arg-type]
        tired = float(model.new.teams[self.row]["burnout"])
        ratio = against_start(tired, float(p["burnout_start"]), float(p["absence_burnout_rr"]))
        absence = absence_share(model, post, ratio) if model.feedback else usual
        own = float(model.base_old.posts[GENERAL_PRACTICE, self.row])
        registered = self.registered * float(model.design_share[self.row])
        posts = own + skill_mixed(plans, GENERAL_PRACTICE, own, p)
        posts += added_fte(model, plans, self.row, GENERAL_PRACTICE, registered)
        work = float(model.new.teams[self.row]["productivity"])
        staffed = covered(absence, float(p["team_vacancy_start"]), plans, p)
        model.planned[GENERAL_PRACTICE, self.row] = posts
        left = time_left(protected_hours(plans), p, float(p[f"facing_share_{SERVICE_NAMES[GENERAL_PRACTICE]}"]))
        model.tables.supply[GENERAL_PRACTICE, self.row] = posts * staffed * work * left


class HospitalAgent(RowAgent):
    """One hospital: opens escalation beds when it is nearly full, closes them again, and closes what is released."""

    def step(self) -> None:
        """Write next month's cubicles and beds from last month's occupancy."""
        model, p = self.model, self.model.params
        supply, base = model.tables.supply, model.base_old.supply
        for kind in HOSPITAL_KINDS:
            supply[kind, self.row] = base[kind, self.row]
        if not model.feedback:
            return
        beds = max(float(base[BED, self.row]) - closed_beds(model, self.row), 0.0)
        from_share = float(p["escalation_from_occupancy"])
        opened = 0.0
        if from_share < 1.0:
            pressure = (float(model.old.hospitals[self.row]["occupancy"]) - from_share) / (1.0 - from_share)
            opened = float(p["escalation_beds_share"]) * within(pressure, 0.0, 1.0)
        supply[BED, self.row] = beds * (1.0 + opened)
