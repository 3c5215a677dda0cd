"""TeamAgent: an INT fills its posts, tires and recovers, grows together, and reaches people as its design says."""

from __future__ import annotations

from functools import cached_property

from sim.agents.base import NO_NEWS
from sim.agents.burnout import against_start, next_burnout, pressure_of
from sim.agents.communities import bad_share
from sim.agents.design import PER
from sim.agents.dose import Dose, dose_at, stays_usual
from sim.agents.frictions import write_frictions
from sim.agents.levers import COUNTED, SETTINGS, STAFFED, dose_of, month_dose, staffed_reach
from sim.agents.ramps import MONTHS_PER_YEAR, within
from sim.agents.released import note_bed_days, reinvested
from sim.agents.staff import (
    absence_share,
    added_posts,
    covered,
    filled,
    leavers_share,
    leaving_usually,
    newcomer_ratio,
    next_newcomers,
    protected_hours,
    skill_mixed,
    time_left,
    usual_newcomers,
)
from sim.agents.targeting import local_aim, outreach_quintile
from sim.agents.world import Boundary, RowAgent
from sim.codes import (
    CARE_COORDINATION,
    CASE_FINDING,
    COMMUNITY,
    CONSISTENT,
    GP,
    HOME_PACKAGE,
    HYPER_LOCAL,
    INT_CORE,
    OUTREACH,
    OUTREACH_LEVER,
    SERVICE_NAMES,
    STAFFED_KINDS,
    TAILORED_TIER,
    TEAM_KINDS,
    TIER_OF_SERVICE,
    VCFSE,
    VIRTUAL_WARD,
    WORKFORCE_WELLBEING,
)

GENERAL_PRACTICE = GP  # practices staff themselves: sim/agents/providers.py
INT_TIERS = (HYPER_LOCAL, CONSISTENT, TAILORED_TIER)
INT_KINDS = tuple(kind for kind in STAFFED_KINDS if TIER_OF_SERVICE[kind] in INT_TIERS)  # the INT's own staff


class TeamAgent(RowAgent):
    """One INT, of a neighbourhood or of a group wherever it lives."""

    def __init__(self, model: Boundary, row: int) -> None:
        super().__init__(model, row)
        self.plans = model.team_plans[row]
        self.share = float(model.design_share[row])  # of its residents: those the design is for

    def step(self) -> None:
        """Write next month's columns of the INT."""
        self.tire()
        self.leave_and_join()
        self.staff()
        self.places()
        self.mature()
        self.reach_people()
        self.coordinate()
        self.visit()
        write_frictions(self.model, self.row, self.plans)
        self.expect()
        note_bed_days(self.model, self.row, self.plans)

    def tire(self) -> None:
        """Write burnout, from last month's pressure and protected time; until the arms part, learn what is usual."""
        model, base = self.model, self.model.base.teams[self.row]
        old, start = model.old.teams[self.row], float(model.params["burnout_start"])
        busy = float(old["t_busy_share"])
        if self.plans.since_parting < 0 and busy > 0.0:
            usual = float(base["busy_usual"])
            months = max(float(model.params["expectation_months"]), 1.0)
            base["busy_usual"] = busy if usual == NO_NEWS else usual + (busy - usual) / months
        new = model.new.teams[self.row]
        if not model.feedback:
            new["burnout"] = start
            return
        rested = month_dose(self.plans, WORKFORCE_WELLBEING, model.params)
        climate = float(old["maturity"]) - float(model.params["team_maturity_start"])
        pressure = pressure_of(busy, float(model.base_old.teams[self.row]["busy_usual"]))
        now = float(old["burnout"]) if model.base_old.teams[self.row]["newcomers"] != NO_NEWS else start
        new["burnout"] = next_burnout(now, pressure, rested.amount * rested.effect, climate, model.params)

    def leave_and_join(self) -> None:
        """Write absence, vacancies, turnover and work done per hour."""
        model, p = self.model, self.model.params
        new, base = model.new.teams[self.row], model.base.teams[self.row]
        new["absence"], new["vacancy"] = float(p["team_absence_start"]), float(p["team_vacancy_start"])
        new["turnover_per_year"], new["productivity"] = float(p["team_turnover_per_year"]), 1.0
        if base["newcomers"] == NO_NEWS:
            base["newcomers"] = usual_newcomers(p)
        if not model.feedback:
            return
        tired, start = float(new["burnout"]), float(p["burnout_start"])
        leaving = against_start(tired, start, float(p["turnover_burnout_rr"]))
        new["turnover_per_year"] = float(p["team_turnover_per_year"]) * leaving
        new["absence"] = absence_share(model, self.key, against_start(tired, start, float(p["absence_burnout_rr"])))
        left = leavers_share(model, self.key, leaving)
        now = float(model.old.teams[self.row]["vacancy"])
        hired = self.hired_share() * now
        new["vacancy"] = within(now + left * (1.0 - now) - hired, 0.0, 1.0)
        base["newcomers"] = next_newcomers(float(base["newcomers"]), hired + self.newly_added(), p)
        work = against_start(tired, start, float(p["productivity_burnout_ratio"]))
        new["productivity"] = work * newcomer_ratio(float(base["newcomers"]), p)

    def hired_share(self) -> float:
        """Return the share of vacancies filled in a month.

        At today's speed of recruitment it is what holds vacancy at its usual level at the usual turnover.
        """
        usual = float(self.model.params["team_vacancy_start"])
        filling = leaving_usually(self.model.params) * (1.0 - usual) / usual if usual > 0.0 else 1.0
        usual_speed = self.plans.usual.governance.recruitment_speed_ratio
        speed = self.plans.now.governance.recruitment_speed_ratio
        return within(filling * (speed / usual_speed if usual_speed > 0.0 else 1.0), 0.0, 1.0)

    def newly_added(self) -> float:
        """Return staff who took up added posts this month, as a share of the INT's posts."""
        posts = sum(self.place_posts(kind) for kind in INT_KINDS)
        added = sum(self.added(kind) for kind in INT_KINDS)
        before = self.plans._replace(months_live=self.plans.months_live - 1)
        earlier = filled(before, self.model.params)
        now = self.filled
        new = added * (1.0 - earlier / now) if now > 0.0 else 0.0
        return new / (posts + added) if posts + added > 0.0 else 0.0

    def added(self, kind: int) -> float:
        """Return the FTE of ``kind`` that the design has added here so far."""
        return added_posts(self.plans, kind, self.registered * self.share, self.added_share, self.filled)

    @cached_property
    def added_share(self) -> float:
        """Return how many of the design's added posts per head this INT has: a review may give it more or fewer."""
        return float(self.model.base_old.teams[self.row]["added_share"])

    @cached_property
    def filled(self) -> float:
        """Return the share of the design's added posts filled so far."""
        return filled(self.plans, self.model.params)

    def staff(self) -> None:
        """Write the FTE at work in each service this month, practices' clinicians apart."""
        model = self.model
        new = model.new.teams[self.row]
        factor = covered(float(new["absence"]), float(new["vacancy"]), self.plans, model.params)
        factor *= float(new["productivity"])
        for kind in STAFFED_KINDS:
            if kind == GENERAL_PRACTICE or (self.is_group and kind not in TEAM_KINDS):
                continue
            model.planned[kind, self.row] = self.posts(kind)
            at_work = factor if kind in INT_KINDS else 1.0  # of others it is not known how many are away or new
            model.tables.supply[kind, self.row] = model.planned[kind, self.row] * at_work * self.with_patients(kind)

    def posts(self, kind: int) -> float:
        """Return the posts of ``kind`` this month: the place's after moves, and what the design has added."""
        model = self.model
        own = self.place_posts(kind)
        own += skill_mixed(self.plans, kind, float(model.base_old.posts[GENERAL_PRACTICE, self.row]), model.params)
        if kind == VCFSE:
            grants, before = self.plans.design.participation, self.plans.usual.participation
            more = grants.vcfse_grants_ratio - before.vcfse_grants_ratio
            own *= 1.0 + more * filled(self.plans, model.params, "package_contract_months") * self.share
        if kind == COMMUNITY:
            own += reinvested(model, self.row, self.plans)
        return max(own + self.added(kind), 0.0)

    def place_posts(self, kind: int) -> float:
        """Return the place's posts of ``kind``; of those who serve an INT's people a group's members take their share.

        Per head of the neighbourhoods they live in: a design adds to what they have today, and takes nothing away.
        """
        base, members = self.model.base_old, self.model.residents.members
        if self.is_group and kind in TEAM_KINDS:
            posts = base.posts[kind, : len(members)] + base.moved[kind, : len(members)]
            return float((posts * members).sum())
        own = float(base.posts[kind, self.row]) + float(base.moved[kind, self.row])
        return own * self.own_share(kind)

    def own_share(self, kind: int) -> float:
        """Return the share of a neighbourhood's people whom its staff of ``kind`` serve: no group's members."""
        return 1.0 - float(self.model.residents.members[self.row]) if kind in TEAM_KINDS else 1.0

    def with_patients(self, kind: int) -> float:
        """Return the share of usual time with patients left after meetings and protected time that the design adds."""
        if kind not in INT_KINDS or not self.plans.live:
            return 1.0
        hours = protected_hours(self.plans)
        if kind == INT_CORE:
            hours += self.mdt_hours_added()
        return time_left(hours, self.model.params, float(self.model.params[f"facing_share_{SERVICE_NAMES[kind]}"]))

    def mdt_hours_added(self) -> float:
        """Return the hours a week of the core's meeting beyond usual care's."""
        design, usual = self.plans.design.relationships, self.plans.usual.relationships
        return (design.mdt_hours_per_week - usual.mdt_hours_per_week) if self.plans.live else 0.0

    def places(self) -> None:
        """Write home packages and virtual ward places: the place's, and those the design has contracted."""
        if self.is_group:
            return
        model, added = self.model, self.plans.design.workforce
        share = filled(self.plans, model.params, "package_contract_months") * self.registered * self.share / PER
        for kind, per in (
            (HOME_PACKAGE, added.added_home_packages_per_10000),
            (VIRTUAL_WARD, added.added_virtual_ward_places_per_10000),
        ):
            model.tables.supply[kind, self.row] = float(model.base_old.supply[kind, self.row]) + per * share

    def mature(self) -> None:
        """Write how well the team's members know one another, and what share of hand-overs it loses.

        Maturity grows as an S-curve and falls as people leave; at usual care the two balance. Added co-ordination and
        meetings add growth; the maturity gained so lowers the loss, and each step of a ladder of roles raises it.
        """
        new, p = self.model.new.teams[self.row], self.model.params
        start = float(p["team_maturity_start"])
        now = float(self.model.old.teams[self.row]["maturity"])
        leaving = leaving_usually(p)
        usual_growth = leaving / (1.0 - start) if start < 1.0 else 0.0
        met = float(p["mdt_maturity_growth_per_hour"]) * self.mdt_hours_added()
        growth = usual_growth + float(p["maturity_growth_per_month"]) * self.coordination_added() + met
        left = leaving
        if self.model.feedback and leaving > 0.0:
            left = leavers_share(self.model, self.key, float(new["turnover_per_year"]) / (leaving * MONTHS_PER_YEAR))
        new["maturity"] = within(now + growth * now * (1.0 - now) - left * now, 0.0, 1.0)
        gained = (float(new["maturity"]) - start) / (1.0 - start) if start < 1.0 else 0.0
        effect = 1.0 if self.mdt_hours_added() > 0.0 else self.coordination_added()
        change = effect * within(gained, -1.0, 1.0) * (float(p["maturity_handover_rr"]) - 1.0)
        loss = float(p["handover_loss_start"]) * (1.0 + change) * self.ladder()
        new["handover_loss"] = within(loss, 0.0, 1.0)

    def ladder(self) -> float:
        """Return the chance of a lost hand-over against usual, as the ladder of roles is shorter or longer."""
        usual, design = self.plans.usual.relationships.role_hierarchy, self.plans.design.relationships.role_hierarchy
        return against_start(self.plans.eased(usual, design), usual, float(self.model.params["hierarchy_handover_rr"]))

    def coordination_added(self) -> float:
        """Return the effect of the co-ordination that the design has added so far, by its share of all of it."""
        usual = dose_of(self.plans.usual, CARE_COORDINATION, self.model.params)
        design = dose_of(self.plans.design, CARE_COORDINATION, self.model.params)
        more = design.amount - usual.amount
        if not self.plans.live or more <= 0.0:
            return 0.0
        return design.effect * self.plans.ramp * more / design.amount

    def reach_people(self) -> None:
        """Write the reach and effect of every lever whose reach a design sets, as far as staff in post can give it."""
        p = self.model.params
        for lever in SETTINGS:
            if lever in COUNTED:
                continue
            aim = local_aim(self.model, self.row, self.plans) if lever == CASE_FINDING else 1.0
            dose, usual = month_dose(self.plans, lever, p, aim), dose_of(self.plans.usual, lever, p)
            if lever in STAFFED:
                kind, people = STAFFED[lever]
                limit = self.at_work(kind), float(p[people]), self.eligible(lever, kind)
                dose = dose._replace(amount=staffed_reach(dose.amount, *limit))
                usual = usual._replace(amount=staffed_reach(usual.amount, *limit))
            self.set_lever(lever, dose, usual)

    def elsewhere(self, kind: int) -> bool:
        """Return whether neighbourhoods' staff of ``kind`` serve this INT's people: a group's has a core alone."""
        return self.is_group and kind not in TEAM_KINDS

    def at_work(self, kind: int) -> float:
        """Return the FTE of ``kind`` who offer a lever here: a group's members share all neighbourhoods'."""
        supply = self.model.tables.supply[kind]
        return float(supply[: self.row].sum() if self.elsewhere(kind) else supply[self.row])

    def eligible(self, lever: int, kind: int) -> float:
        """Return how many people a lever could be offered to by the staff of ``kind`` who offer it here.

        Those at the start, so that nobody's offer depends on who else has come or gone since; those present where they
        were not counted then, as in a group's INT. Where neighbourhoods' staff serve a group, all whom they could.
        """
        if self.elsewhere(kind):
            return float(self.model.base_old.eligible[lever].sum())
        at_start = float(self.model.base_old.eligible[lever, self.row]) * self.own_share(kind)
        return at_start if at_start > 0.0 else float(self.model.residents.eligible[lever, self.row])

    def set_lever(self, lever: int, dose: Dose, usual: Dose) -> None:
        """Write the reach and effect of a lever, and those where the design is not meant: today's."""
        tables, outside = self.model.tables, self.row + len(self.model.new.teams)
        tables.lever_reach[lever, self.row], tables.lever_effect[lever, self.row] = dose
        tables.lever_reach[lever, outside], tables.lever_effect[lever, outside] = usual

    def coordinate(self) -> None:
        """Write the caseload's places, and how readily those who qualify are put to the team's meeting."""
        new, plans, p = self.model.new.teams[self.row], self.plans, self.model.params
        usual, design = dose_of(plans.usual, CARE_COORDINATION, p), dose_of(plans.design, CARE_COORDINATION, p)
        caseload = dose_at(usual, design, plans.ramp)
        per_head = (caseload.amount * self.share + usual.amount * (1.0 - self.share)) / PER
        new["caseload"] = int(per_head * self.registered * self.own_share(INT_CORE) + 0.5)
        new["enrolled"] = self.model.residents.enrolled[self.row]
        chosen = plans.design if plans.live and not stays_usual(usual, design) else plans.usual
        self.set_lever(
            CARE_COORDINATION,
            Dose(chosen.relationships.care_coordination.enrol_share_per_month, caseload.effect),
            Dose(plans.usual.relationships.care_coordination.enrol_share_per_month, usual.effect),
        )

    def visit(self) -> None:
        """Write whom outreach visits: the share of doors in the chosen communities that workers knock on in a month."""
        new, plans, p = self.model.new.teams[self.row], self.plans, self.model.params
        workers, added = float(self.model.tables.supply[OUTREACH, self.row]), self.added(OUTREACH)
        posts = float(self.model.planned[OUTREACH, self.row])
        own = workers * (posts - added) / posts if posts > 0.0 else 0.0
        usual, design = dose_of(plans.usual, OUTREACH_LEVER, p), dose_of(plans.design, OUTREACH_LEVER, p)
        usual = usual._replace(amount=own * usual.amount)
        design = design._replace(amount=workers * design.amount)
        dose = dose_at(usual, design, plans.ramp)
        before = plans.usual.participation.outreach.worst_quintile
        changed = plans.live and not stays_usual(usual, design)
        worst = outreach_quintile(self.model, self.row, plans) if changed else before
        new["outreach_worst_quintile"] = worst
        self.set_lever(OUTREACH_LEVER, self.at_doors(dose, worst), self.at_doors(usual, before))

    def at_doors(self, dose: Dose, worst_quintile: int) -> Dose:
        """Return a dose of households visited in a month as a share of the doors there are."""
        doors = self.doors(worst_quintile)
        return Dose(within(dose.amount / doors, 0.0, 1.0) if doors else 0.0, dose.effect)

    def doors(self, worst_quintile: int) -> float:
        """Return the households in this neighbourhood's communities of local quintile 1 to ``worst_quintile``.

        Those on the list made at the start, so that nobody's visit depends on who else has come or gone since; those
        present where no list was made. A group's INT has the doors of its members, wherever they are.
        """
        communities = self.model.old.communities
        if self.is_group:
            return float(self.model.residents.team_doors[self.row])
        here = (communities["neighbourhood"] == self.row) & (communities["local_quintile"] <= worst_quintile)
        listed = self.model.base_old.communities["doors"][here]
        all_of = float((listed if (listed >= 0).all() else self.model.residents.doors[here]).sum())
        return all_of * self.own_share(OUTREACH)

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
