"""Months of residents' lives with nothing ever waiting: episodes, levers, and what must not change."""

from datetime import date

import numpy as np
import pytest

from sim import codes
from sim.calendar import Calendar
from sim.rules.cells import cell_of
from sim.rules.enrolment import enrol
from sim.rules.month import background_rows, fold_month, lever_selection, month_exits, month_needs
from sim.rules.needs import need_counts
from sim.rules.walk import walk_rows
from tests.rules_world import contacts, reference, run_months, set_levers, world

DAY = 86400
STAFF_ALONE = {"workforce_wellbeing", "needs_allocation"}  # levers that reach no resident


def with_needs(tables):  # type: ignore[no-untyped-def]
    """Give every third person practical needs and every fifth a place in a care home."""
    tables.people["social"][::3] = codes.POOR_HOUSING | codes.DEBT | codes.LONELINESS
    tables.people["care_home"][1::5] = codes.RESIDENTIAL
    return tables


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar(date(2024, 4, 1))


@pytest.fixture(scope="module")
def walked(calendar):  # type: ignore[no-untyped-def]
    tables = set_levers(world(), 0.4, 1.0)
    return tables, np.concatenate(run_months(tables, calendar, 4))


def test_every_episode_ends_once(walked) -> None:  # type: ignore[no-untyped-def]
    _, log = walked
    assert len(np.unique(log["need"])) > 10000
    ends = log["need"][log["kind"] == codes.END]
    assert len(ends) == len(np.unique(ends)) == len(np.unique(log["need"]))


def test_every_step_is_one_an_engine_can_take(walked) -> None:  # type: ignore[no-untyped-def]
    _, log = walked
    seek = log[log["kind"] == codes.SEEK]
    assert ((seek["service"] >= 0) & (seek["service"] < codes.SERVICE_KINDS)).all()
    assert (log["duration"] >= 1).all()
    assert (seek["patience"] >= 0).all()
    assert ((seek["priority"] >= 0) & (seek["priority"] < codes.PRIORITIES)).all()
    assert set(range(codes.HOME_PACKAGE + 1)) <= set(np.unique(seek["service"]))


def test_places_are_held_only_on_the_way_up_or_out(walked) -> None:  # type: ignore[no-untyped-def]
    _, log = walked
    order = (codes.ED, codes.ASSESSMENT, codes.BED)  # then home: with a package, or to the virtual ward
    upwards = {(one, other) for at, one in enumerate(order) for other in order[at + 1 :]}
    out = {(one, other) for one in order for other in (codes.HOME_PACKAGE, codes.VIRTUAL_WARD)}
    for at in np.flatnonzero(log["keep"] == 1):
        assert log["need"][at] == log["need"][at - 1]
        held = (log["service"][at - 1], log["service"][at])
        assert held in upwards | out


def test_needs_are_scheduled_within_their_month_with_unique_ids(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = set_levers(world(), 0.5, 1.0)
    start, end = calendar.month_start_s(3), calendar.month_start_s(4)
    offered, arising = lever_selection(tables, 3, start, end), month_needs(tables, 3, start, end, 7)
    rows = np.concatenate([offered, arising])
    assert len(np.unique(rows["need"])) == len(rows)
    assert ((rows["due"] >= start) & (rows["due"] < end)).all()
    assert (rows["due"] == rows["arose"]).all()
    assert (rows["status"] == codes.SCHEDULED).all()
    assert {codes.MINOR_ACUTE, codes.EXACERBATION, codes.UNAVOIDABLE} <= set(np.unique(arising["need_type"]))
    assert set(np.unique(arising["need_type"])) <= set(codes.HAZARD_KINDS)
    assert {codes.TEAM_REVIEW, codes.OUTREACH_VISIT, codes.FALLS_CLASS} <= set(np.unique(offered["need_type"]))


def test_a_higher_hazard_only_adds_needs() -> None:
    tables = world()
    before = need_counts(tables, 5, 0, 9)
    tables.hazards[:] *= 1.3
    after = need_counts(tables, 5, 0, 9)
    assert (after >= before).all()
    assert after.sum() > before.sum()


def test_zero_effect_changes_reach_and_nothing_else(calendar) -> None:  # type: ignore[no-untyped-def]
    plain, placebo = with_needs(world()), with_needs(set_levers(world(), 0.5, 0.0))
    logs, placebo_logs = run_months(plain, calendar, 4), run_months(placebo, calendar, 4)
    for one, two in zip(logs, placebo_logs, strict=True):
        assert np.array_equal(one, two)
    assert np.array_equal(plain.people, placebo.people)
    for lever in set(codes.LEVER_NAMES) - STAFF_ALONE:
        few = lever == "virtual_ward"  # of whom few are in hospital, where nobody dies, and home suits fewer
        assert (placebo.reach[lever] > 0).sum() > (2 if few else 20), lever
        assert not plain.reach[lever].any()


def test_levers_at_work_change_the_log_but_not_unavoidable_emergencies(calendar) -> None:  # type: ignore[no-untyped-def]
    plain, active = world(), set_levers(world(), 0.5, 2.0)
    log = np.concatenate(run_months(plain, calendar, 6))
    other = np.concatenate(run_months(active, calendar, 6))
    assert not np.array_equal(log, other)
    columns = ["need", "person", "kind", "service", "outcome", "time", "duration"]
    same = [part[part["need_type"] == codes.UNAVOIDABLE][columns] for part in (log, other)]
    assert np.array_equal(np.sort(same[0], order=["need", "time"]), np.sort(same[1], order=["need", "time"]))


def test_case_finding_is_added_work_first(calendar) -> None:  # type: ignore[no-untyped-def]
    plain, active = world(), world()
    active.lever_reach[codes.CASE_FINDING], active.lever_effect[codes.CASE_FINDING] = 0.5, 1.0
    log, other = (np.concatenate(run_months(t, calendar, 3)) for t in (plain, active))
    assert (active.people["known"] != plain.people["known"]).sum() > 50
    gp = [((part["kind"] == codes.SEEK) & (part["service"] == codes.GP)).sum() for part in (log, other)]
    assert gp[1] > gp[0]


def test_detection_may_go_either_way(calendar) -> None:  # type: ignore[no-untyped-def]
    urgent = []
    for ratio in (0.5, 1.0, 2.0):
        tables = set_levers(world(coordination_detection_rr=ratio, score_least=0.0), 1.0, 1.0)
        log = np.concatenate(run_months(tables, calendar, 2))
        review = log[log["need_type"] == codes.TEAM_REVIEW]
        urgent.append(((review["kind"] == codes.SEEK) & (review["service"] != codes.INT_CORE)).sum())
    assert urgent[0] < urgent[1] < urgent[2]


def test_discharge_support_takes_days_off_stays_of_older_people(calendar) -> None:  # type: ignore[no-untyped-def]
    plain, active = world(), world()
    active.lever_reach[codes.DISCHARGE_SUPPORT], active.lever_effect[codes.DISCHARGE_SUPPORT] = 1.0, 1.0
    days = []
    for tables in (plain, active):
        log = np.concatenate(run_months(tables, calendar, 3))
        bed = log[(log["kind"] == codes.SEEK) & (log["service"] == codes.BED)]
        bed = bed[(tables.people["birth_day"][bed["person"]] < -66 * 365) & (bed["need_type"] != codes.UNAVOIDABLE)]
        days.append(bed["duration"].mean() / DAY)
    assert 0.2 < days[0] - days[1] < 1.0


def test_changing_one_resident_changes_nobody_else(calendar) -> None:  # type: ignore[no-untyped-def]
    one, two = set_levers(world(), 0.5, 1.0), set_levers(world(), 0.5, 1.0)
    who = int(np.argmin(two.people["birth_day"]))
    two.people[who]["frailty"], two.people[who]["conditions"], two.people[who]["trust"] = 3, 4095, 0.0
    logs, others = run_months(one, calendar, 4), run_months(two, calendar, 4)
    changed = False
    for log, other in zip(logs, others, strict=True):
        assert np.array_equal(log[log["person"] != who], other[other["person"] != who])
        changed |= not np.array_equal(log, other)
    assert changed
    rest = np.arange(len(one.people)) != who
    assert np.array_equal(one.people[rest], two.people[rest])


def test_caseload_is_filled_by_score_and_never_exceeded() -> None:
    tables = set_levers(world(), 1.0, 0.0)
    tables.teams["caseload"] = 40
    tables.people["recent_ed"][:100] = np.linspace(1, 2, 100)
    tables.people["recent_admissions"] = tables.people["recent_ed"]
    tables.people["frailty"], tables.people["known"] = 0, 0
    active = enrol(tables, 0)
    assert active.sum() == 40
    assert active[60:100].all()
    assert enrol(tables, 1).sum() == 40


def test_people_enrolled_after_a_bad_spell_get_better_without_any_effect(calendar) -> None:  # type: ignore[no-untyped-def]
    before = after = 0.0
    for seed in range(3, 8):  # some 170 stays each, too few to tell by one
        tables = world(seed=seed)
        tables.people["recent_admissions"] = 0.0  # chosen for what happened here, and not for their age
        logs = run_months(tables, calendar, 6)
        tables.lever_reach[codes.CARE_COORDINATION], tables.teams["caseload"] = 1.0, 200
        chosen = np.flatnonzero(enrol(tables, 6) == 1)
        months = []
        for month in range(6, 12):
            start_s, end_s = calendar.month_start_s(month), calendar.month_start_s(month + 1)
            fold_month(tables, month, start_s)
            months.append(walk_rows(tables, month_needs(tables, month, start_s, end_s, calendar.month_of_year(month))))
        before += np.isin(contacts(np.concatenate(logs), codes.BED), chosen).sum()
        after += np.isin(contacts(np.concatenate(months), codes.BED), chosen).sum()
    assert after < 0.7 * before
    assert after > 0.0


def test_use_is_concentrated_and_persists(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world()
    logs = run_months(tables, calendar, 24)
    years = []
    for part in (logs[:12], logs[12:]):
        log = np.concatenate(part)
        hits = log["person"][(log["kind"] == codes.SEEK) & (log["service"] == codes.ED)]
        years.append(np.bincount(hits, minlength=len(tables.people)))
    top = np.argsort(-years[0])[: len(tables.people) // 20]
    assert years[0][top].sum() > 0.2 * years[0].sum()
    often = years[0] >= 3
    assert years[1].mean() * 1.5 < years[1][often].mean() < years[0][often].mean() * 0.7


def test_exits_are_within_the_month_and_one_per_person(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world()
    seen: set[int] = set()
    for month in range(3):
        start, end = calendar.month_start_s(month), calendar.month_start_s(month + 1)
        exits = month_exits(tables, month, start, end)
        assert ((exits["time"] >= start) & (exits["time"] < end)).all()
        assert len(np.unique(exits["person"])) == len(exits)
        assert set(np.unique(exits["how"])) == {codes.DIED, codes.MOVED}
        tables.people["presence"][exits["person"]] = codes.DEAD
        assert not seen & set(exits["person"].tolist())
        seen |= set(exits["person"].tolist())


def test_levers_reach_deaths_by_the_named_paths_alone(calendar) -> None:  # type: ignore[no-untyped-def]
    off = {"death_benefit_effect": 0.0, "death_hardship_effect": 0.0}
    plain, active = world(**off), set_levers(world(**off), 1.0, 2.0)
    for tables in (plain, active):
        run_months(tables, calendar, 3)
    start, end = calendar.month_start_s(3), calendar.month_start_s(4)
    assert np.array_equal(month_exits(plain, 3, start, end), month_exits(active, 3, start, end))


def test_background_is_the_same_in_every_arm_and_has_its_rate() -> None:
    tables = world()
    tables.hospitals["background_ed_per_day"] = 200.0
    tables.hospitals["background_elective_beds_per_day"] = 20.0
    rows = background_rows(tables, 0, 30)
    ed = (rows["need_type"] == codes.BACKGROUND_ED).sum()
    assert ed == pytest.approx(6000, rel=0.06)
    assert (rows["person"] == -1).all()
    assert len(np.unique(rows["need"])) == len(rows)
    later = background_rows(set_levers(tables, 1.0, 1.0), 0, 30)
    assert np.array_equal(rows, later)
    lean = world(switch_refill=0.0)
    lean.hospitals[:] = tables.hospitals
    fewer = background_rows(lean, 0, 30)
    assert (fewer["need_type"] == codes.BACKGROUND_BED).sum() < (rows["need_type"] == codes.BACKGROUND_BED).sum()
    assert (fewer["need_type"] == codes.BACKGROUND_ED).sum() == ed


def test_trust_switch_off_makes_trust_count_for_nothing(calendar) -> None:  # type: ignore[no-untyped-def]
    one, two = world(switch_trust=0.0), world(switch_trust=0.0)
    two.people["trust"] = 0.05
    assert np.array_equal(run_months(one, calendar, 1)[0], run_months(two, calendar, 1)[0])
    three = world()
    three.people["trust"] = 0.05
    assert not np.array_equal(run_months(world(), calendar, 1)[0], run_months(three, calendar, 1)[0])


def test_new_conditions_are_hidden_until_somebody_finds_them(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world(onset_known_share=0.0)
    log = np.concatenate(run_months(tables, calendar, 12))
    people, start = tables.people, reference().people
    gained = people["conditions"] & ~start["conditions"]
    assert (gained != 0).sum() > 20
    seen = np.isin(np.arange(len(people)), log["person"][log["kind"] == codes.SEEK])
    assert (people["known"][~seen] == start["known"][~seen]).all()  # nobody is diagnosed whom nobody saw
    assert (people["known"] & ~people["conditions"] == start["known"] & ~start["conditions"]).all()
    assert (gained & ~people["known"] != 0).sum() > 0.5 * (gained != 0).sum()
    assert (tables.people["frailty"] >= start["frailty"]).all()
    assert (tables.people["frailty"] > start["frailty"]).sum() > 20


def test_slow_states_keep_their_level_over_two_years(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world()
    bands, quintiles = cell_of(tables.people, tables.communities)
    england = reference().weights[bands, quintiles]

    def level() -> dict[str, float]:
        here = tables.people["presence"] == codes.PRESENT
        known = here & (tables.people["known"] > 0)
        columns = {"trust": here, "tie": here, "frailty": here, "treated": known}
        return {name: float(np.average(tables.people[name][of], weights=england[of])) for name, of in columns.items()}

    before = level()
    run_months(tables, calendar, 24, deaths=True)
    assert level() == pytest.approx(before, abs=0.03)


def test_two_runs_are_the_same(calendar) -> None:  # type: ignore[no-untyped-def]
    logs = [run_months(set_levers(world(), 0.3, 1.0), calendar, 2) for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(*logs, strict=True))
