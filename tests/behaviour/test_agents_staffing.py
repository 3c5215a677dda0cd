"""What a design does to staff: burnout, cover, skill mix, loans, reviews, pooled posts, released beds."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.schema import IntDesign
from sim import codes
from sim.agents.base import Base
from sim.agents.burnout import against_start, next_burnout
from sim.agents.design import with_settings
from sim.agents.month import step_month
from sim.agents.ramps import s_curve
from sim.codes import BED, COMMUNITY, GP, INT_CORE, LINK_WORKER, NURSE, PHARMACIST, SOCIAL_CARE, VCFSE
from tests.agents_world import GROUP, STAFF, Tables, design, some_base, some_tables

USUAL = design()
AT_ONCE = {"transition.ramp_months": 0.0, "governance.recruitment_speed_ratio": 1e6}


def changed(**settings: object) -> IntDesign:
    """Return usual care with settings changed (two underlines for each dot), without ramp or recruitment."""
    return with_settings(USUAL, {**AT_ONCE, **{name.replace("__", "."): value for name, value in settings.items()}})


def lived(
    live: IntDesign, months: int = 1, feedback: bool = False, busy: float = 0.0, **columns: list[float]
) -> tuple[Tables, Base]:
    """Return the place after a year of usual care and ``months`` of a design; ``columns`` of TEAM hold throughout."""
    tables = some_tables()
    base = some_base(tables)
    for since in range(-12, months):
        tables.teams["t_busy_share"] = 0.8 if since <= 0 else 0.8 + busy
        for name, values in columns.items():
            tables.teams[name][: len(values)] = values
        step_month(tables, base, USUAL, live, since + 12, since, feedback)
    return tables, base


def test_months_busier_than_usual_tire_a_team_and_quiet_ones_rest_it() -> None:
    tired, _ = lived(USUAL, 24, True, busy=0.15)
    rested, _ = lived(USUAL, 24, True, busy=-0.15)
    usual, _ = lived(USUAL, 24, True)
    assert usual.teams["burnout"][0] == pytest.approx(usual.params[0]["burnout_start"], abs=1e-3)
    assert (tired.teams["burnout"] > usual.teams["burnout"]).all()
    assert (rested.teams["burnout"] < usual.teams["burnout"]).all()
    assert (tired.teams["turnover_per_year"] > rested.teams["turnover_per_year"]).all()
    assert (tired.teams["productivity"] < rested.teams["productivity"]).all()
    assert (tired.teams["absence"] > rested.teams["absence"]).all()  # the same draws, another mean


def test_protected_time_costs_time_with_patients_and_drains_burnout() -> None:
    protected, _ = lived(changed(workforce__wellbeing__reflection_hours_per_month=4.0), 24, True)
    usual, _ = lived(changed(), 24, True)
    assert (protected.teams["burnout"] < usual.teams["burnout"])[:2].all()
    at_once, _ = lived(changed(workforce__wellbeing__reflection_hours_per_month=4.0))
    assert at_once.supply[INT_CORE, 0] < 1.0
    assert at_once.supply[SOCIAL_CARE, 0] == pytest.approx(5.0)  # not the INT's own staff
    for kind in (GP, COMMUNITY, NURSE):  # every contact's hours, the practices' among them
        assert 0.9 * STAFF[kind][0] < at_once.supply[kind, 0] < 0.99 * STAFF[kind][0]
    idle = changed(workforce__wellbeing__reflection_hours_per_month=4.0, workforce__wellbeing__effect=0.0)
    assert lived(idle)[0].supply.tolist() == lived(changed())[0].supply.tolist()
    slow = changed(workforce__wellbeing__reflection_hours_per_month=4.0, transition__ramp_months=24.0)
    assert at_once.supply[INT_CORE, 0] < lived(slow)[0].supply[INT_CORE, 0] < 1.0, "hours go as their effect comes"
    others, _ = lived(changed(workforce__added_fte__outreach=5.0), 24, True)
    assert others.supply[COMMUNITY, 0] < usual.supply[COMMUNITY, 0], "newcomers make a team slower"
    assert others.supply[SOCIAL_CARE, 0] == usual.supply[SOCIAL_CARE, 0], "and nobody else"


def test_burnout_at_its_start_changes_no_rate() -> None:
    assert against_start(0.35, 0.35, 1.8) == 1.0
    assert against_start(1.0, 0.35, 1.8) > 1.0 > against_start(0.0, 0.35, 1.8)
    params = some_tables().params[0]
    start = float(params["burnout_start"])
    assert next_burnout(start, 0.0, 0.0, 0.0, params) == start


def test_bank_staff_cover_part_of_what_is_missing() -> None:
    short, _ = lived(changed(), 1, vacancy=[0.3])
    covered, _ = lived(changed(workforce__bank_cover_share=0.5))
    assert covered.supply[COMMUNITY, 0] > 10.0
    assert covered.supply[GP, 0] > 20.0
    assert short.supply[COMMUNITY, 0] == pytest.approx(10.0)


def test_cover_that_a_design_adds_grows_as_its_posts_do() -> None:
    slow = {"workforce.bank_cover_share": 0.5, "governance.recruitment_speed_ratio": 1.0}
    live = with_settings(USUAL, slow)
    added = [lived(live, months)[0].supply[COMMUNITY, 0] - 10.0 for months in (1, 3, 24)]
    at_once = lived(changed(workforce__bank_cover_share=0.5))[0].supply[COMMUNITY, 0] - 10.0
    assert 0.0 < added[0] < added[1] < added[2]
    assert added[0] < 0.5 * at_once
    assert added[2] == pytest.approx(at_once, rel=0.05)  # an S-curve is never quite done


def test_posts_of_general_practice_become_more_nurses_and_pharmacists_at_equal_pay() -> None:
    mixed, _ = lived(changed(workforce__skill_mix_to_nurse_share=0.1))
    pay = float(mixed.params[0]["nurse_per_gp_pay"])
    assert mixed.supply[GP, 0] == pytest.approx(18.0)
    gained = mixed.supply[NURSE, 0] + mixed.supply[PHARMACIST, 0] - 6.0
    assert gained == pytest.approx(2.0 * pay)


def test_the_cores_meeting_takes_its_time_with_patients_alone() -> None:
    met, _ = lived(changed(relationships__mdt_hours_per_week=2.0))
    assert 0.8 < met.supply[INT_CORE, 0] < 0.95
    assert met.supply[COMMUNITY, 0] == pytest.approx(10.0)
    later, _ = lived(changed(relationships__mdt_hours_per_week=2.0), 24)
    assert later.teams["maturity"][0] > later.params[0]["team_maturity_start"] + 0.05
    assert later.teams["handover_loss"][0] < later.params[0]["handover_loss_start"]


def test_a_flatter_ladder_of_roles_loses_fewer_hand_overs() -> None:
    flat, _ = lived(changed(relationships__role_hierarchy=0.0))
    steep, _ = lived(changed(relationships__role_hierarchy=1.0))
    assert flat.teams["handover_loss"][0] < steep.teams["handover_loss"][0]


def test_grants_enlarge_the_voluntary_sector() -> None:
    assert lived(changed(participation__vcfse_grants_ratio=1.5))[0].supply[VCFSE, 0] == pytest.approx(6.0)


def test_added_staff_see_nobody_while_they_learn_beside_the_old_service() -> None:
    settings = {"workforce__added_fte__int_core": 1.0, "transition__double_running_months": 3.0}
    assert lived(changed(**settings), 3)[0].supply[INT_CORE, 0] == pytest.approx(1.0)
    assert lived(changed(**settings), 4)[0].supply[INT_CORE, 0] == pytest.approx(3.0)


def test_staff_lent_between_ints_even_out_who_is_short() -> None:
    aid, _ = lived(changed(workforce__mutual_aid_share=1.0), 6, True)
    alone, _ = lived(changed(), 6, True)
    rate = aid.supply[COMMUNITY, :2] / np.array([10.0, 15.0])
    assert rate[0] == pytest.approx(rate[1])
    assert aid.supply[COMMUNITY, :2].sum() == pytest.approx(alone.supply[COMMUNITY, :2].sum())


def test_a_review_moves_added_posts_to_where_its_measure_is_worst() -> None:
    live = changed(
        workforce__added_fte__int_core=1.0,
        metrics__review="unmet_need",
        metrics__review_every_months=3.0,
        metrics__response_share=0.5,
        governance__joint_decision_months=2.0,
    )
    before, _ = lived(live, 6, True, t_unmet=[10, 60])
    after, base = lived(live, 9, True, t_unmet=[10, 60])
    share = base.teams["added_share"][:2]
    assert before.teams["t_unmet"].tolist() == after.teams["t_unmet"].tolist()
    assert share[1] > 1.0 > share[0]
    assert (share * [20_000, 30_000]).sum() == pytest.approx(50_000)


@pytest.mark.parametrize(("every", "decision"), [(3.0, 3.0), (3.0, 4.0), (6.0, 6.0), (6.0, 0.0)])
def test_a_review_is_acted_on_however_long_its_decision_takes(every: float, decision: float) -> None:
    live = changed(
        workforce__added_fte__int_core=1.0,
        metrics__review="unmet_need",
        metrics__review_every_months=every,
        metrics__response_share=0.5,
        governance__joint_decision_months=decision,
    )
    _, base = lived(live, int(every + decision), True, t_unmet=[10, 60])
    assert base.teams["added_share"][:2].tolist() == [1.0, 1.0]
    _, base = lived(live, int(every + decision) + 1, True, t_unmet=[10, 60])
    assert base.teams["added_share"][1] > 1.0 > base.teams["added_share"][0]


def test_a_pooled_budget_moves_posts_to_the_longest_waits_and_keeps_their_sum() -> None:
    tables = some_tables()
    base = some_base(tables)
    tables.waits[SOCIAL_CARE] = 30.0
    pooled = changed(resource_allocation__pooled_budget_share=0.5)
    for since in range(24):
        step_month(tables, base, USUAL, pooled, since, since)
    assert base.moved[SOCIAL_CARE, 0] > 0.0 > base.moved[COMMUNITY, 0]
    assert base.moved[:, 0].sum() == pytest.approx(0.0, abs=1e-12)


def test_released_bed_days_pay_for_community_posts_a_year_later() -> None:
    tables = some_tables()
    base = some_base(tables)
    live = changed(resource_allocation__reinvest_share=1.0, resource_allocation__close_released_beds_share=0.5)
    for since in range(-6, 14):
        tables.teams["t_bed_days"][:2] = 1000.0 if since <= 0 else 900.0
        step_month(tables, base, USUAL, live, since + 6, since, since > 0)
        if since == 11:
            assert base.teams["bed_days_usual"][0] == pytest.approx(1000.0)
    released = base.released[:, 0].sum()
    assert released == pytest.approx(1200.0)
    assert tables.supply[BED, 0] == pytest.approx(400.25 - 0.5 * 2400.0 / 365.25, rel=0.01)
    posts = released * float(tables.params[0]["posts_per_bed_day"])
    tables, base = lived(live, 12)
    base.released[:, :2] = [100.0, -101.0]  # here less and there more, by chance: nothing is released
    step_month(tables, base, USUAL, live, 24, 12, False)
    assert tables.supply[COMMUNITY, :2].tolist() == pytest.approx([10.0, 15.0])
    tables, base = lived(live, 12)
    base.released[:, 0] = 100.0
    for since, more in ((11, 0.0), (12, posts)):
        step_month(tables, base, USUAL, live, since + 12, since, False)
        assert tables.supply[COMMUNITY, 0] == pytest.approx(10.0 + more)


def test_a_formula_weighs_what_it_is_told_to() -> None:
    tables = some_tables()
    tables.people["lives_alone"][20:] = 1  # everyone in the south
    base = some_base(tables)
    weights = {"resource_allocation.formula.living_alone": 1.0, "resource_allocation.needs_weight": 0.5}
    speeds = {"resource_allocation.donor_speed_months": 0.0, "resource_allocation.recipient_speed_months": 0.0}
    step_month(tables, base, USUAL, with_settings(changed(), weights | speeds), 0, 0, False)
    assert base.posts[GP, 0] == pytest.approx(10.0)  # half of the way to none
    assert base.posts[GP].sum() == pytest.approx(50.0)


def test_teams_with_autonomy_search_more_where_need_went_unmet() -> None:
    settings = {"population_health__case_finding__reach_share_per_year": 0.5, "governance__local_autonomy": 1.0}
    tables, _ = lived(changed(**settings), 2, True, t_unmet=[10, 60])
    reach = tables.lever_reach[codes.CASE_FINDING]
    assert reach[1] > reach[0]


def test_link_workers_offer_no_more_than_they_can_take_on() -> None:
    tables = some_tables()
    base = some_base(tables)
    base.eligible[codes.SOCIAL_PRESCRIBING, :2] = 1000.0
    more = changed(participation__social_prescribing__reach_share_per_month=0.5)
    step_month(tables, base, USUAL, more, 0, 0, False)
    assert tables.lever_reach[codes.SOCIAL_PRESCRIBING, 0] == pytest.approx(0.1 * 20.0 / 1000.0)
    step_month(tables, base, USUAL, with_settings(more, {"workforce.added_fte.link_worker": 5.0}), 1, 1, False)
    assert tables.supply[LINK_WORKER, 0] == pytest.approx(10.1)
    assert tables.lever_reach[codes.SOCIAL_PRESCRIBING, 0] == pytest.approx(10.1 * 20.0 / 1000.0)


def test_a_design_for_listed_communities_leaves_the_others_at_todays_dose() -> None:
    listed = changed(
        geography__communities=("c",),
        workforce__added_fte__int_core=2.0,
        relationships__discharge_support__reach_share=0.9,
    )
    tables, _ = lived(listed)
    assert tables.communities["outside_design"].tolist() == [1, 1, 0, 1]
    teams = len(tables.teams)
    reach = tables.lever_reach[codes.DISCHARGE_SUPPORT]
    assert reach[[1, teams, teams + 1]].tolist() == pytest.approx([0.9, 0.2, 0.2])
    assert tables.supply[INT_CORE].tolist() == pytest.approx([1.0, 1.5 + 3.0, 0.0])  # half of the south's residents


def test_a_groups_int_has_the_designs_staff_and_its_members_share_of_the_neighbourhoods() -> None:
    tables = some_tables()
    tables.people["team"][[0, 20, 21]] = GROUP
    base = some_base(tables)
    group = {"geography.group.by": "language", "geography.group.value": "arabic"}
    live = with_settings(changed(), {**group, "workforce.added_fte.int_core": 5000.0})
    step_month(tables, base, USUAL, live, 0, 0, False)
    assert tables.supply[INT_CORE].tolist() == pytest.approx([0.95, 1.35, 1.5 + 0.05 + 0.15])  # one in 20, two in 20
    assert tables.supply[codes.COMMUNITY, GROUP] == 0.0  # community staff serve a neighbourhood, members too


def test_a_groups_int_offers_what_the_neighbourhoods_staff_give_its_members() -> None:
    tables = some_tables()
    tables.people["team"][[0, 20, 21]] = GROUP
    base = some_base(tables)
    base.eligible[codes.URGENT_RESPONSE_LEVER, :GROUP] = 20.0
    group = {"geography.group.by": "language", "geography.group.value": "arabic"}
    live = with_settings(changed(), {**group, "access_technology.urgent_response.reach_share": 0.1})
    step_month(tables, base, USUAL, live, 0, 0, False)
    reach = tables.lever_reach[codes.URGENT_RESPONSE_LEVER]
    assert reach[GROUP] == pytest.approx(0.1)
    assert reach[0] == reach[1] > 0.0
    tables.supply[codes.URGENT_RESPONSE] = base.supply[codes.URGENT_RESPONSE] = base.posts[codes.URGENT_RESPONSE] = 0.0
    step_month(tables, base, USUAL, live, 1, 1, False)
    assert tables.lever_reach[codes.URGENT_RESPONSE_LEVER, GROUP] == 0.0  # nobody works there: nothing to offer


def test_learning_a_record_is_paid_for_by_those_to_whom_it_came_lately() -> None:
    ramp = {"transition.ramp_months": 12.0, "information_sharing.shared_records.reach_share": 0.6}
    eased, at_once = with_settings(changed(), ramp), changed(information_sharing__shared_records__reach_share=0.6)
    months = range(1, 25)
    slow, fast = (
        np.array([float(lived(live, month)[0].teams["minutes_ratio"][0]) for month in months])
        for live in (eased, at_once)
    )
    learning, settled = (float(some_tables().params[0][f"record_minutes_{end}"]) for end in ("learning", "settled"))
    assert fast[0] == pytest.approx(1 + 0.5 * (learning - 1))  # a tenth has one today
    assert slow[-1] == fast[-1] == pytest.approx(1 + 0.5 * (settled - 1))
    quicker = 0.5 * (settled - 1) * sum(s_curve(month - 6, 12) for month in months)
    assert (slow - 1).sum() - quicker == pytest.approx(0.5 * (learning - 1) * 6)  # six months of everyone who learns


def test_a_nearer_hub_and_better_records_reach_the_columns() -> None:
    tables, _ = lived(
        changed(
            geography__hub_distance_ratio=0.5,
            information_sharing__shared_records__reach_share=0.6,
            information_sharing__shared_records__opened_share=0.9,
            information_sharing__consent_share=0.965,
            access_technology__extended_access__hours_per_week=7.5,
            population_health__prevention_uptake_ratio=1.2,
        )
    )
    assert (tables.communities["distance_hub_km"] == 0.5).all()
    assert (tables.communities["distance_utc_km"] == 1.0).all()  # urgent treatment stays where it was
    assert tables.teams["consent_change"][0] == pytest.approx(0.5)
    assert tables.teams["record_opened"][0] == pytest.approx(0.9)
    assert tables.teams["minutes_ratio"][0] > 1.0  # while the record is new
    assert tables.teams["open_hours_per_week"][0] == 60.0
    assert tables.teams["prevention_ratio"][0] == 1.2


def test_merged_neighbourhoods_pool_their_ints_staff_and_caseload() -> None:
    apart, _ = lived(changed())
    merged, _ = lived(changed(geography__merge_neighbourhoods=2))
    assert merged.supply[INT_CORE].tolist() == pytest.approx([2.5, 0.0, 0.0])
    assert merged.teams["caseload"].tolist() == [100, 0, 0]
    assert merged.supply[COMMUNITY].tolist() == apart.supply[COMMUNITY].tolist()  # not the INT's own service
    outreach = merged.lever_reach[codes.OUTREACH_LEVER]
    assert outreach[0] == pytest.approx(0.6 * apart.lever_reach[codes.OUTREACH_LEVER, 1])  # the south has 3 in 5
    support = merged.lever_reach[codes.DISCHARGE_SUPPORT, 0], merged.lever_effect[codes.DISCHARGE_SUPPORT, 0]
    assert support == pytest.approx((0.2, 1.0))
