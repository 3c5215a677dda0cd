"""TeamAgent: staffing, maturity, hand-overs, and the reach of each lever in its neighbourhood this month."""

from __future__ import annotations

from sim.agents.base import NO_NEWS
from sim.agents.communities import bad_share
from sim.agents.design import PER, LeverSettings
from sim.agents.dose import Dose, dose_at, stays_usual
from sim.agents.ramps import monthly_share, recruited, within
from sim.agents.staff import absence_share, added_fte, leavers_share, leaving_usually, staffing_factor
from sim.agents.world import Boundary, Residents, RowAgent
from sim.codes import (
    CARE_COORDINATION,
    CASE_FINDING,
    DISCHARGE_SUPPORT,
    GP,
    HOME_PACKAGE,
    OUTREACH,
    OUTREACH_LEVER,
    STAFFED_KINDS,
    TEAM_KINDS,
)

GENERAL_PRACTICE = GP  # practices staff themselves: sim/agents/providers.py


class TeamAgent(RowAgent):
    """One neighbourhood team: fills its posts, grows together, and reaches people as its design says."""

    def __init__(self, model: Boundary, row: int, residents: Residents) -> None:
        super().__init__(model, row)
        self.residents = residents

    def step(self) -> None:
        """Write next month's columns of the team."""
        self.staff()
        self.mature()
        self.reach_people()
        self.visit()
        self.expect()

    def staff(self) -> None:
        """Draw absence and leavers, fill vacancies, and write the FTE available in each role, and home packages."""
        new, registered = self.model.new.teams[self.row], int(self.model.base_old.teams[self.row]["registered"])
        p = self.model.params
        new["absence"], new["vacancy"] = float(p["team_absence_start"]), float(p["team_vacancy_start"])
        if self.model.feedback:
            new["absence"] = absence_share(self.model, self.key)
            new["vacancy"] = self.vacancy()
        factor = staffing_factor(float(new["absence"]), float(p["team_absence_start"]))
        factor *= staffing_factor(float(new["vacancy"]), float(p["team_vacancy_start"]))
        supply, posts = self.model.tables.supply, self.model.base_old.posts
        group = self.row == len(self.model.new.teams) - 1
        for kind in STAFFED_KINDS:
            if kind != GENERAL_PRACTICE and not (group and kind not in TEAM_KINDS):
                added = added_fte(self.model, kind, registered)
                supply[kind, self.row] = (float(posts[kind, self.row]) + added) * factor
        if group:
            return
        share = recruited(self.model.plans.months_live + 1, float(p["package_contract_months"]))
        added = self.model.plans.design.added_home_packages_per_10000 * registered / PER
        supply[HOME_PACKAGE, self.row] = float(self.model.base_old.supply[HOME_PACKAGE, self.row]) + added * share

    def vacancy(self) -> float:
        """Return next month's share of posts vacant: leavers open posts, recruitment fills them.

        The share of vacancies filled in a month is what holds vacancy at its usual level at the usual turnover.
        """
        p = self.model.params
        usual = float(p["team_vacancy_start"])
        leaving = leaving_usually(self.model)
        filled = leaving * (1.0 - usual) / usual if usual > 0.0 else 1.0
        now = float(self.model.old.teams[self.row]["vacancy"])
        return within(now + leavers_share(self.model, self.key) * (1.0 - now) - filled * now, 0.0, 1.0)

    def mature(self) -> None:
        """Write how well the team's members know one another, and what share of hand-overs it loses.

        Maturity grows as an S-curve and falls as people leave; at usual care the two balance. Added co-ordination
        adds growth; only where it has an effect does the maturity gained lower the loss.
        """
        new, p = self.model.new.teams[self.row], self.model.params
        start = float(p["team_maturity_start"])
        now = float(self.model.old.teams[self.row]["maturity"])
        leaving = leaving_usually(self.model)
        usual_growth = leaving / (1.0 - start) if start < 1.0 else 0.0
        growth = usual_growth + float(p["maturity_growth_per_month"]) * self.coordination_added()
        left = leavers_share(self.model, self.key) if self.model.feedback else leaving
        new["maturity"] = within(now + growth * now * (1.0 - now) - left * now, 0.0, 1.0)
        gained = (float(new["maturity"]) - start) / (1.0 - start) if start < 1.0 else 0.0
        effect = self.coordination_added()
        change = effect * within(gained, -1.0, 1.0) * (float(p["maturity_handover_rr"]) - 1.0)
        new["handover_loss"] = within(float(p["handover_loss_start"]) * (1.0 + change), 0.0, 1.0)

    def coordination_added(self) -> float:
        """Return the effect of the co-ordination that the design has added so far, by its share of all of it."""
        plans = self.model.plans
        more = plans.design.coordination_caseload_per_10000 - plans.usual.coordination_caseload_per_10000
        if not plans.live or more <= 0.0:
            return 0.0
        share = more / plans.design.coordination_caseload_per_10000
        return plans.design.coordination_effect * plans.ramp * share

    def reach_people(self) -> None:
        """Write the reach and effect of case finding, care co-ordination and discharge support."""
        new, plans = self.model.new.teams[self.row], self.model.plans
        finding = dose_at(finding_of(plans.usual), finding_of(plans.design), plans.ramp)
        self.set_lever(CASE_FINDING, finding)
        support = dose_at(support_of(plans.usual), support_of(plans.design), plans.ramp)
        self.set_lever(DISCHARGE_SUPPORT, support)
        usual, design = caseload_of(plans.usual), caseload_of(plans.design)
        caseload = dose_at(usual, design, plans.ramp)
        registered = int(self.model.base_old.teams[self.row]["registered"])
        new["caseload"] = int(caseload.amount * registered / PER + 0.5)
        new["enrolled"] = self.residents.enrolled[self.row]
        chosen = plans.design if plans.live and not stays_usual(usual, design) else plans.usual
        self.set_lever(CARE_COORDINATION, Dose(chosen.coordination_enrol_share_per_month, caseload.effect))

    def set_lever(self, lever: int, dose: Dose) -> None:
        """Write the reach and effect of one lever (sim/codes.py)."""
        self.model.tables.lever_reach[lever, self.row] = dose.amount
        self.model.tables.lever_effect[lever, self.row] = dose.effect

    def visit(self) -> None:
        """Write whom outreach visits: the share of doors in the chosen communities that workers knock on in a month."""
        new, plans = self.model.new.teams[self.row], self.model.plans
        workers = float(self.model.tables.supply[OUTREACH, self.row])
        posts = float(self.model.base_old.posts[OUTREACH, self.row])
        added = added_fte(self.model, OUTREACH, int(self.model.base_old.teams[self.row]["registered"]))
        own = workers * posts / (posts + added) if posts + added > 0.0 else 0.0
        usual = Dose(own * plans.usual.outreach_households_per_worker, plans.usual.outreach_effect)
        design = Dose(workers * plans.design.outreach_households_per_worker, plans.design.outreach_effect)
        dose = dose_at(usual, design, plans.ramp)
        chosen = plans.design if plans.live and not stays_usual(usual, design) else plans.usual
        doors = self.doors(chosen.outreach_worst_quintile)
        new["outreach_worst_quintile"] = chosen.outreach_worst_quintile
        reach = within(dose.amount / doors, 0.0, 1.0) if doors else 0.0
        self.set_lever(OUTREACH_LEVER, Dose(reach, dose.effect))

    def doors(self, worst_quintile: int) -> int:
        """Return the households in this neighbourhood's communities of local quintile 1 to ``worst_quintile``.

        Those on the list made at the start, so that nobody's visit depends on who else has come or gone since; those
        present where no list was made.
        """
        communities = self.model.old.communities
        here = (communities["neighbourhood"] == self.row) & (communities["local_quintile"] <= worst_quintile)
        listed = self.model.base_old.communities["doors"][here]
        return int((listed if (listed >= 0).all() else self.residents.doors[here]).sum())

    def expect(self) -> None:
        """Move what residents have come to expect towards what they went through last month."""
        bad = bad_share(self.model.old.teams[self.row])
        base = self.model.base.teams[self.row]
        if bad == NO_NEWS:
            return
        expected = float(base["bad_usual"])
        months = max(float(self.model.params["expectation_months"]), 1.0)
        base["bad_usual"] = bad if expected == NO_NEWS else expected + (bad - expected) / months

    @property
    def key(self) -> int:
        """What the team's draws are keyed by."""
        return int(self.model.base_old.teams[self.row]["key"])


def finding_of(settings: LeverSettings) -> Dose:
    """Return case finding's dose: the share of residents searched in a month."""
    return Dose(monthly_share(settings.case_finding_reach_share_per_year), settings.case_finding_effect)


def support_of(settings: LeverSettings) -> Dose:
    """Return discharge support's dose: the share of eligible inpatients given it."""
    return Dose(settings.discharge_reach_share, settings.discharge_effect)


def caseload_of(settings: LeverSettings) -> Dose:
    """Return care co-ordination's dose: places per 10,000 registered residents."""
    return Dose(settings.coordination_caseload_per_10000, settings.coordination_effect)
