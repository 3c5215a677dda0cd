"""No hazard is above its ceiling, and needs are those of every person's own hazard and draws."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.registry.reader import load_registry
from sim import codes
from sim.rules import purposes
from sim.rules.ceilings import LOOKS, OTHERWISE, look_of
from sim.rules.counts import uniform_of
from sim.rules.dating import need_time
from sim.rules.draws import PEOPLE
from sim.rules.keys import key2, key4, poisson_count
from sim.rules.needs import await_draws, month_draws, month_needs, monthly_hazard
from sim.rules.tables import CONDITIONS, ResidentTables
from tests.small_world import small_world

MONTH_S = 30 * 86400
STRENGTHS = [name for name in load_registry().central() if "_gain" in name or "_weight" in name]


def of_all_kinds(seed: int, **changes: float) -> ResidentTables:
    """Return a small place in which people's states are drawn, extremes among them."""
    tables, rng = small_world(3, **changes), np.random.default_rng(seed)
    people, size = tables.people, len(tables.people)
    for name, values in {
        "frailty": 4,
        "inclusion": 7,
        "spike_months": 2,
        "disability": 3,
        "lives_alone": 2,
        "cared_for": 2,
        "household_deprivation": 5,
        "care_home": 3,
        "plan": 2,
        "enrolled": 2,
        "falls_months": 2,
    }.items():
        people[name] = rng.integers(0, values, size) * (rng.random(size) < rng.choice((0.1, 0.7)))
    number = rng.choice((0, 1, 2, 3, CONDITIONS), size)
    held = np.argsort(rng.random((size, CONDITIONS)), axis=1) < number[:, None]
    people["conditions"] = (held << np.arange(CONDITIONS)).sum(axis=1)
    people["known"] = people["conditions"] & rng.integers(0, 2**CONDITIONS, size)
    people["social"] = rng.integers(0, 2 ** len(codes.SOCIAL_NAMES), size) * rng.integers(0, 2, size)
    for name, most in {"trust": 1.0, "tie": 1.0, "benefit": 1.0, "unmet": 6.0}.items():
        people[name] = rng.choice((0.0, 0.2, 0.8, 1.0), size) * most
    people["death_s"] = rng.integers(1, 14, size) * MONTH_S * rng.integers(0, 2, size)
    return tables._replace(hazards=rng.uniform(0.0, 0.05, tables.hazards.shape))


@pytest.mark.parametrize(("seed", "dying"), [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0), (4, 1.0)])
def test_no_hazard_is_above_its_ceiling(seed: int, dying: float) -> None:
    central, rng = load_registry().central(), np.random.default_rng(seed)
    drawn = {name: central[name] * rng.choice((0.1, 0.5, 1.0, 3.0)) for name in STRENGTHS if central[name] > 0.0}
    tables = of_all_kinds(seed, switch_dying=dying, **(drawn if seed else {}))
    draws, people = month_draws(tables, 2), tables.people
    seen = set()
    for first in range(0, len(people), PEOPLE):
        some = min(PEOPLE, len(people) - first)
        draws.who[:some] = np.arange(first, first + some)
        await_draws(tables, MONTH_S, draws, some)
        for k in range(some):
            own = [monthly_hazard(tables, first + k, need_type, MONTH_S, 2) for need_type in codes.HAZARD_KINDS]
            assert max(own) > 0.0
            assert (np.array(own) <= draws.hazards[:, k]).all()
            seen.add(look_of(people[first + k]))
    assert len(seen) > LOOKS // 2
    assert OTHERWISE in seen


@pytest.mark.parametrize("dying", [0.0, 1.0])
def test_needs_are_those_of_each_persons_own_hazard_and_draws(dying: float) -> None:
    tables, expected = of_all_kinds(5, switch_dying=dying, last_illness_share=0.0), {}
    most = int(tables.params[0]["needs_per_month_most"])
    for i, person in enumerate(tables.people):
        own = np.uint64(key2(tables.seed[0], person["key"]))
        for need_type in codes.HAZARD_KINDS:
            hazard = monthly_hazard(tables, i, need_type, MONTH_S, 2)
            count = poisson_count(uniform_of(own, purposes.NEED_COUNT + need_type, 1), hazard, most)
            for number in range(count):
                need = np.uint64(key4(person["key"], need_type, 1, number))
                expected[int(need)] = (i, need_type, need_time(tables, need, need_type, MONTH_S, 2 * MONTH_S))
    rows = month_needs(tables, 1, MONTH_S, 2 * MONTH_S, 2)
    found = {int(row["need"]): (row["person"], row["need_type"], row["due"]) for row in rows}
    assert len(expected) > 300
    assert found == expected
