"""The solved hazards give England's margins back, and deprivation is counted once."""

from datetime import date

import numpy as np
import pytest

from sim import codes
from sim.calendar import Calendar
from sim.rules.margins import cell_of, means, mediator_shares, reference_tables, solve, spike_mean, targets
from sim.rules.mortality import death_hazard
from sim.rules.needs import multiplier
from sim.rules.walk import Y_ADMISSION, Y_ED, Y_GP, episode_yields
from tests import rules_world
from tests.rules_world import grids, per_1000, reference, registry, run_months, world

PER_YEAR = 12000.0


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar(date(2024, 4, 1))


def made(which: int) -> np.ndarray:
    """Expected contacts per 1,000 a year by (band, quintile), all needs together."""
    solved = grids()
    base = solved.hazards[:6].mean(axis=2)
    return (base * solved.cells.made[:, which]).sum(axis=0) * PER_YEAR


def crude(grid: np.ndarray) -> float:
    return float((grid * grids().cells.weights).sum())


def test_hazards_are_finite_and_never_negative() -> None:
    hazards = grids().hazards
    assert hazards.shape == (8, 20, 2, 5)
    assert np.isfinite(hazards).all()
    assert (hazards >= 0).all()
    assert not hazards[[codes.TEAM_REVIEW, codes.OUTREACH_VISIT]].any()
    assert not hazards[codes.FRAILTY_CRISIS, :14].any()  # from 65 on


def test_expected_use_meets_the_national_margins() -> None:
    goal = targets(registry(), registry().central(), grids().cells.weights)
    ed = goal.ed * PER_YEAR
    admissions = goal.admissions.mean(axis=1) * PER_YEAR
    close = np.abs(made(Y_ED) / ed - 1) < 0.02
    assert close.mean() > 0.9  # the rest are the cells where admissions alone explain more
    assert crude(made(Y_ED)) == pytest.approx(crude(ed), rel=0.02)
    assert crude(made(Y_ADMISSION)) == pytest.approx(crude(admissions), rel=0.03)
    assert crude(made(Y_GP)) == pytest.approx(5800, rel=0.01)
    assert 455 < crude(made(Y_ED)) < 480  # England 467.6 per 1,000
    assert 108 < crude(made(Y_ADMISSION)) < 117  # England 112.1


def test_walked_months_have_the_margins_too(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world()
    log = np.concatenate(run_months(tables, calendar, 12))
    assert crude(per_1000(tables, log, codes.ED, 12)) == pytest.approx(467.6, rel=0.07)
    assert crude(per_1000(tables, log, codes.BED, 12)) == pytest.approx(112.1, rel=0.09)
    assert crude(per_1000(tables, log, codes.GP, 12)) == pytest.approx(5800, rel=0.06)


def test_most_deprived_use_more_urgent_care_at_the_same_ages(calendar) -> None:  # type: ignore[no-untyped-def]
    tables = world()
    log = np.concatenate(run_months(tables, calendar, 12))
    by_age = grids().cells.weights.sum(axis=1)[:, None]
    for service, low, high in ((codes.ED, 1.4, 2.1), (codes.BED, 1.5, 2.5)):
        rate = (per_1000(tables, log, service, 12) * by_age).sum(axis=0)
        assert low < rate[0] / rate[4] < high
        assert rate[0] > rate[2] > rate[4]


def test_shares_of_the_gradient_add_to_one() -> None:
    rows = mediator_shares(grids())
    assert [row["need"] for row in rows] == list(codes.NEED_NAMES[:6])
    for row in rows:
        parts = [value for name, value in row.items() if name not in ("need", "ratio_q1_q5")]
        assert sum(parts) == pytest.approx(1.0)
    unavoidable = rows[codes.UNAVOIDABLE]
    assert unavoidable["residual"] == pytest.approx(1.0)
    assert rows[codes.EXACERBATION]["conditions"] > 0.1
    assert rows[codes.FRAILTY_CRISIS]["frailty"] > 0.1


def test_unavoidable_emergencies_have_no_mediator() -> None:
    tables = world()
    people = tables.people
    people["conditions"], people["known"], people["frailty"] = 4095, 0, 3
    people["unmet"], people["trust"], people["spike_months"] = 9.0, 0.0, 4
    assert {multiplier(tables, i, codes.UNAVOIDABLE) for i in range(0, len(people), 97)} == {1.0}


def test_without_mediators_the_residual_carries_the_whole_gradient() -> None:
    values = registry().central()
    flat = {name: 0.0 for name in values if name.startswith(("unmet_gain", "exacerbation_gain", "crisis_gain"))}
    flat |= {name: 0.0 for name in values if name.startswith("exacerbation_weight")}
    flat |= {"benefit_effect": 0.0, "crisis_fit": 1.0, "crisis_moderate": 1.0, "crisis_severe": 1.0}
    flat |= {"crisis_living_alone": 1.0, "minor_gain_per_condition": 0.0, "exacerbation_no_condition": 1.0}
    hazards = solve(registry(), {**values, **flat}, reference(), 4)[0]
    weights = grids().cells.weights.sum(axis=1)[:, None]

    def gap(h: np.ndarray) -> float:
        rate = (h[codes.EXACERBATION].mean(axis=1) * weights).sum(axis=0)
        return float(rate[0] / rate[4])

    assert gap(hazards) > gap(grids().hazards) * 1.15


@pytest.mark.parametrize("k", range(3))
def test_any_draw_of_the_parameters_can_be_solved(k: int) -> None:
    rng = np.random.default_rng(k)
    values = registry().draw(lambda name: float(rng.uniform(0.02, 0.98)))
    hazards, _, _ = solve(registry(), values, reference(), 2)
    assert np.isfinite(hazards).all()
    assert (hazards >= 0).all()


def test_spikes_off_leave_the_margin_where_it_was() -> None:
    values = {**registry().central(), "switch_spikes": 0.0}
    assert spike_mean(values) == 1.0
    assert spike_mean(registry().central()) > 1.1
    hazards = solve(registry(), values, reference(), 4)[0]
    assert hazards[codes.EXACERBATION].sum() > grids().hazards[codes.EXACERBATION].sum()


def test_deaths_of_the_reference_follow_the_life_table() -> None:
    tables = world()
    people = tables.people
    hazard = np.array([death_hazard(tables, i, 0) for i in range(len(people))]) * 12
    bands, quintiles = cell_of(people, tables.communities)
    rate = means(bands * 5 + quintiles, hazard[:, None])[0]
    per_1000_deaths = crude(rate * 1000)
    assert 8.5 < per_1000_deaths < 10.0  # England 2018-20 about 9.3
    assert rate[13, 0] > 1.5 * rate[13, 4]


def test_equal_trust_and_supply_give_equal_choices_in_every_quintile() -> None:
    values = registry().central()
    params = registry().params_record({**values, "switch_trust": 0.0})
    tables = reference_tables(params, reference())
    tables.people["tie"], tables.people["digital"] = 0.5, 1
    yields = episode_yields(tables, 30, 65)[:, codes.MINOR_ACUTE, Y_ED]
    quintile = tables.communities["national_quintile"][tables.people["community"]]
    shares = np.array([yields[quintile == q].mean() for q in range(1, 6)])
    error = np.sqrt(shares.mean() * (1 - shares.mean()) / (rules_world.PER_CELL * 20 * 30))
    assert np.abs(shares - shares.mean()).max() < 4 * error
