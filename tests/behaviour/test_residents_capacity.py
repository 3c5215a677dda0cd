"""What happens when capacity goes, and when there is more of it: waits, giving up, delays, displacement."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.design import with_settings
from sim.codes import BED, ED, GP, MINOR_ACUTE, NEVER, PLANNED_REVIEW, RENEGED, SERVED, UNAVOIDABLE, WAITING
from sim.engines import compiled
from sim.month import first_course, make_plan, run_month
from sim.outcomes.contacts import contacts_of, waited_s
from tests.residents import EVERY_LEVER, ISOLATED, NO_LEVERS, STAFFED, Run, run, toy, usual_care

MONTHS = 8
SEEDS = range(4)


def factor(**kinds: float) -> tuple[str, ...]:
    """Return overrides of the capacity of some kinds of service."""
    return tuple(f"services.capacity_factor.{kind}={value}" for kind, value in kinds.items())


def runs(*words: str, months: int = MONTHS) -> list[Run]:
    """Return replications of usual care."""
    world = toy(*words)
    return [run(world, usual_care(world), months=months, seed=seed) for seed in SEEDS]


def total(found: list[Run], outcome: str) -> int:
    """Return the sum of an outcome over replications and months."""
    return int(sum(done.totals(outcome).sum() for done in found))


def mean_wait_s(found: list[Run], kind: int) -> float:
    """Return the mean wait at services of ``kind``, everyone counted, those still waiting included."""
    waited = people = 0
    for done in found:
        end_s = done.months[-1].collected.outcomes.end_s
        contacts = contacts_of(done.log, done.course.state.rows, 0, end_s)
        here = done.course.state.services["kind"][contacts.service] == kind
        waited += int(waited_s(contacts, 0, end_s)[here].sum())
        people += int(here.sum())
    return waited / people


@pytest.fixture(scope="module")
def usual() -> list[Run]:
    """Return replications with the place's own capacity."""
    return runs()


def test_without_clinicians_no_gp_contact_is_served_and_everyone_gives_up_in_the_end() -> None:
    world = toy(*factor(gp=0.0))
    done = run(world, usual_care(world), months=12, seed=1)
    kind = done.course.state.services["kind"]
    log = done.log[done.log["service"] >= 0]
    at_gp = log[kind[log["service"]] == GP]
    assert len(at_gp) > 1_000
    assert (at_gp["how"] != SERVED).all()
    assert (at_gp["started"] == -1).all()
    assert done.totals("gp_contacts").sum() == 0
    assert (at_gp["how"] == RENEGED).mean() > 0.9
    waiting = done.course.state.rows[done.course.state.rows["status"] == WAITING]
    waiting = waiting[kind[waiting["service"]] == GP]
    assert (waiting["deadline"] >= done.course.state.now).all(), "nobody waits past their patience"
    assert (waiting["deadline"] < NEVER).all(), "everyone's patience has an end"
    early_s = done.months[1].collected.outcomes.end_s
    assert (waiting["joined"] < early_s).sum() < 0.05 * (at_gp["joined"] < early_s).sum()


def test_without_clinicians_need_goes_unmet_and_to_ed(usual: list[Run]) -> None:
    none = runs(*factor(gp=0.0))
    assert total(none, "needs_unmet") > 2 * total(usual, "needs_unmet")
    assert total(none, "ed_attendances") > 1.05 * total(usual, "ed_attendances")


def test_without_home_packages_delayed_days_rise_and_no_package_starts(usual: list[Run]) -> None:
    none = runs(*factor(home_package=0.0))
    assert total(none, "package_starts") == 0
    assert total(none, "delayed_seconds") > 1.2 * total(usual, "delayed_seconds")
    plenty = runs(*factor(home_package=20.0))
    assert total(plenty, "delayed_seconds") < 0.5 * total(usual, "delayed_seconds")


def test_with_unlimited_capacity_nobody_waits_and_nobody_is_delayed() -> None:
    for done in runs(*ISOLATED[:1]):
        contacts = contacts_of(done.log, done.course.state.rows, 0, done.course.state.now)
        first_month = contacts.joined < done.months[0].collected.outcomes.end_s
        assert (waited_s(contacts, 0, done.course.state.now)[~first_month] == 0).all()
        assert (contacts.how != RENEGED).all()
        for outcome in ("delayed_seconds", "reneged", "gp_wait_seconds", "ed_wait_seconds"):
            assert done.totals(outcome)[1:].sum() == 0, outcome


@pytest.mark.parametrize(("kind", "name"), [(ED, "ed"), (BED, "bed"), (GP, "gp")])
def test_more_capacity_lowers_waits_there_and_less_raises_them(usual: list[Run], kind: int, name: str) -> None:
    assert mean_wait_s(runs(*factor(**{name: 1.5})), kind) < mean_wait_s(usual, kind)
    assert mean_wait_s(runs(*factor(**{name: 0.75})), kind) > mean_wait_s(usual, kind)


def test_more_beds_let_people_out_of_ed(usual: list[Run]) -> None:
    assert total(runs(*factor(bed=1.5)), "ed_breaches") < total(usual, "ed_breaches")


def test_finding_need_raises_contacts() -> None:
    world = toy()
    finding = with_settings(NO_LEVERS, {"population_health.case_finding.reach_share_per_year": 0.9})
    without = [run(world, NO_LEVERS, NO_LEVERS, seed=seed) for seed in SEEDS]
    found = [run(world, NO_LEVERS, finding, seed=seed) for seed in SEEDS]
    assert total(found, "gp_contacts") > total(without, "gp_contacts")
    reviews = [
        sum(int((done.created["need_type"] == PLANNED_REVIEW).sum()) for done in arm) for arm in (without, found)
    ]
    assert reviews[1] > 1.02 * reviews[0]


def test_unavoidable_and_other_need_of_the_placebo_kind_is_the_same_in_every_arm() -> None:
    world = toy()
    base = run(world, NO_LEVERS, NO_LEVERS, months=14)
    arm = run(world, NO_LEVERS, with_settings(EVERY_LEVER, STAFFED), months=14)
    one, other = (np.sort(done.created["need"][done.created["need_type"] == UNAVOIDABLE]) for done in (base, arm))
    assert len(one) > 100
    assert np.array_equal(one, other)
    minor = [np.sort(done.created["need"][done.created["need_type"] == MINOR_ACUTE]) for done in (base, arm)]
    assert not np.array_equal(*minor), "levers and queues move the needs that have mediators"
    background = [np.sort(done.created["need"][done.created["person"] < 0]) for done in (base, arm)]
    assert np.array_equal(*background)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_occupancy_is_of_the_beds_there_are_and_not_of_those_before_the_scenarios_factor(ratio: float) -> None:
    world = toy(*factor(bed=ratio))
    usual = usual_care(world)
    course, plan = first_course(world, 1), make_plan(world, usual, usual)
    for _ in range(3):
        run_month(world, course, plan, compiled.advance)
    told = course.last
    assert told is not None
    beds = course.state.tables.supply[BED].copy()
    run_month(world, course, plan, compiled.advance)
    service = int(np.flatnonzero(course.state.services["kind"] == BED)[0])
    expected = told.inside_s[service] / (beds[0] * ratio * (told.end_s - told.start_s))
    assert 0.0 < expected < 1.01
    assert course.state.tables.hospitals["occupancy"][0] == pytest.approx(expected)
