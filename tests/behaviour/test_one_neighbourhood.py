"""A neighbourhood simulated alone is the neighbourhood within its place: same people, same needs, same use."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.compose import compose
from sim.codes import BED, ED, UNAVOIDABLE
from sim.world import build_world
from tests.residents import Run, run, usual_care

pytestmark = pytest.mark.slow

ALONE = "KC1"
TOGETHER = "[KC1,KC2,W1]"
MONTHS = 6


def simulated(neighbourhoods: str) -> Run:
    """Return usual care in some neighbourhoods of the Bi-Borough."""
    words = ["place=bi_borough", f"place.neighbourhoods={neighbourhoods}", "experiment.burn_in_months=0"]
    world = build_world(compose(words))
    return run(world, usual_care(world), months=MONTHS)


@pytest.fixture(scope="module")
def alone() -> Run:
    """Return the neighbourhood by itself."""
    return simulated(f"[{ALONE}]")


@pytest.fixture(scope="module")
def together() -> Run:
    """Return it among others."""
    return simulated(TOGETHER)


def ours(together: Run, alone: Run, table: np.ndarray, column: str) -> np.ndarray:
    """Return the rows of ``table`` that are about residents of the neighbourhood."""
    return table[np.isin(table[column], alone.course.state.tables.people["key"])]


def per_head(done: Run, outcome_at: int, site: int) -> float:
    """Return an outcome per person-second in neighbourhood ``site``."""
    panels = np.array([month.collected.outcomes.panel[site].sum(axis=(0, 1, 2)) for month in done.months])
    return float(panels[:, outcome_at].sum() / panels[:, 0].sum())


def inside_s(done: Run, kind: int) -> np.ndarray:
    """Return seconds spent inside each hospital's service of a kind, residents and everyone else: [hospital]."""
    mine = done.course.state.services["kind"] == kind
    return np.sum([np.asarray(month.collected.outcomes.inside_s)[mine] for month in done.months], axis=0)


def test_the_residents_are_the_same(alone: Run, together: Run) -> None:
    people = together.course.state.tables.people
    shared = people[np.isin(people["key"], alone.course.state.tables.people["key"])]
    assert len(shared) == len(alone.course.state.tables.people)
    assert 10_000 < len(shared) < len(people)
    one, other = (np.sort(table, order="key") for table in (alone.course.state.tables.people, shared))
    for name in ("key", "birth_day", "sex", "community", "presence"):
        assert np.array_equal(one[name], other[name]), name


def test_their_needs_are_the_same_until_queues_tell(alone: Run, together: Run) -> None:
    columns = ["need", "person_key", "need_type", "arose"]
    for month, both in zip(alone.months[:1], together.months[:1], strict=True):
        one = month.created[month.created["person"] >= 0]
        other = ours(together, alone, both.created, "person_key")
        one, other = np.sort(one, order="need"), np.sort(other, order="need")
        for name in columns:
            assert np.array_equal(one[name], other[name]), name
    for month, both in zip(alone.months, together.months, strict=True):
        one = np.sort(month.created["need"][month.created["need_type"] == UNAVOIDABLE])
        whole = ours(together, alone, both.created, "person_key")
        assert np.array_equal(one, np.sort(whole["need"][whole["need_type"] == UNAVOIDABLE]))


def test_their_use_per_head_is_the_same_within_the_noise_of_twins(alone: Run, together: Run) -> None:
    from sim.outcomes.panel import OUTCOMES

    site = int(alone.course.state.tables.people["neighbourhood"][0])
    for outcome, within in {
        "needs": 0.01,
        "ed_attendances": 0.03,
        "gp_contacts": 0.02,
        "emergency_admissions": 0.08,
    }.items():
        at = OUTCOMES.index(outcome)
        one, other = per_head(alone, at, site), per_head(together, at, site)
        print(f"\n{outcome}: alone {one:.3e}, together {other:.3e} per person-second ({other / one - 1:+.2%})")
        assert abs(other / one - 1) < within, outcome


def test_the_load_on_shared_hospitals_is_the_same(alone: Run, together: Run) -> None:
    for kind, within in ((BED, 0.05), (ED, 0.03)):
        one, other = (inside_s(done, kind) for done in (alone, together))
        used = one > 0  # a hospital that nobody of a neighbourhood goes to is left out where it is alone
        assert used.any()
        print(f"\n{kind}: {np.round(other[used] / one[used] - 1, 3)} more time inside at each hospital, together")
        assert np.allclose(one[used], other[used], rtol=within), kind
