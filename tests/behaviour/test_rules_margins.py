"""The solved hazards give England's margins back, and deprivation is counted once."""

from datetime import date

import numpy as np
import pytest

from sim import codes
from sim.calendar import Calendar
from sim.place.england import make_reference
from sim.rules.cells import cell_of, means
from sim.rules.gradient import NO_GRADIENT, expected_rates, mediator_shares
from sim.rules.margins import (
    ED_SERVICES,
    PER_CELL,
    PRACTICE_SERVICES,
    SOLVED_KINDS,
    reference_tables,
    solve,
    spike_mean,
)
from sim.rules.mediators import BY_PRONENESS, PLAYING, multiplier
from sim.rules.mortality import death_hazard
from sim.rules.needs import monthly_hazard
from sim.rules.tables import MONTH_LENGTH, ResidentTables
from sim.rules.targets import targets
from sim.rules.walk import Y_ADMISSION, Y_ED, episode_yields
from tests import rules_world
from tests.rules_world import admissions, contacts, grids, per_1000, reference, registry, run_months, world

PER_YEAR = 12000.0
MONTHS = 12
WALKED_YEARS = 6


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar(date(2024, 4, 1))


def walked_year(calendar: Calendar, seed: int) -> tuple[ResidentTables, np.ndarray]:
    """Return a year of the reference people, nothing waiting: (tables, log).

    All equally prone to emergencies that no care prevents: in so few people that spread would only blur the rates.
    """
    tables = world(seed=seed)
    tables.people["prone_unavoidable"] = 1.0
    return tables, np.concatenate(run_months(tables, calendar, MONTHS))


@pytest.fixture(scope="module")
def year(calendar: Calendar) -> tuple[ResidentTables, np.ndarray]:
    return walked_year(calendar, 3)


def made(*which: int) -> np.ndarray:
    """Expected contacts per 1,000 a year by (band, quintile), all needs together."""
    solved = grids()
    base = solved.hazards.mean(axis=2)
    return (base * solved.cells.made[:, list(which)].sum(axis=1)).sum(axis=0) * PER_YEAR


def crude(grid: np.ndarray) -> float:
    return float((grid * grids().cells.weights).sum())


def test_hazards_are_finite_and_never_negative() -> None:
    hazards = grids().hazards
    assert hazards.shape == (len(codes.NEED_NAMES), 20, 2, 5)
    assert np.isfinite(hazards).all()
    assert (hazards >= 0).all()
    assert {k for k in range(len(hazards)) if hazards[k].any()} == set(codes.HAZARD_KINDS)
    assert not hazards[codes.FRAILTY_CRISIS, :14].any()  # from 65 on
    assert not hazards[[codes.CHILDHOOD_ACUTE, codes.CHILD_DEVELOPMENT], 5:].any()  # below 20


def test_expected_use_meets_the_national_margins() -> None:
    goal = targets(registry(), registry().central(), grids().cells.weights)
    ed = goal.ed * PER_YEAR
    wanted = goal.admissions.mean(axis=1) * PER_YEAR
    close = np.abs(made(*ED_SERVICES) / ed - 1) < 0.02
    assert close.mean() > 0.9  # the rest are the cells where admissions alone explain more
    assert crude(made(*ED_SERVICES)) == pytest.approx(crude(ed), rel=0.02)
    assert crude(made(Y_ADMISSION)) == pytest.approx(crude(wanted), rel=0.03)
    appointments = 1000 * registry().central()["gp_contacts_per_person_year"]
    assert crude(made(*PRACTICE_SERVICES)) == pytest.approx(appointments, rel=0.01)
    assert 455 < crude(made(*ED_SERVICES)) < 480  # England 467.6 per 1,000
    assert 108 < crude(made(Y_ADMISSION)) < 117  # England 112.1


def test_every_margin_that_the_pathway_can_meet_is_met() -> None:
    rows = {str(row["figure"]): row for row in expected_rates(registry(), grids())}
    for figure in ("ed_attendances", "emergency_admissions", "practice_appointments"):
        assert rows[figure]["modelled"] == pytest.approx(rows[figure]["england"], rel=0.03), figure
    print(
        "\n".join(
            f"{row['figure']}: England {row['england']:g}, modelled {row['modelled']:.0f}" for row in rows.values()
        )
    )


def test_needs_follow_the_age_they_belong_to() -> None:
    tables = world()
    people = tables.people
    age = -people["birth_day"] / 365.25
    for kind, low, high in (
        (codes.CHILDHOOD_ACUTE, 0, 18),
        (codes.CHILD_DEVELOPMENT, 0, 18),
        (codes.FRAILTY_CRISIS, 65, 200),
    ):
        hazard = np.array([monthly_hazard(tables, i, kind, 0, 1) for i in range(0, len(people), 7)])
        some = hazard > 0
        inside = (age[::7] >= low) & (age[::7] < high)
        assert some[inside].mean() > 0.9
        assert not some[~inside].any()


def test_walked_months_have_the_margins_too(calendar: Calendar) -> None:
    found = np.zeros(3)  # one year walks some 700 admissions at ages that count, too few to tell by itself
    for seed in range(3, 3 + WALKED_YEARS):
        tables = world(seed=seed)
        log = np.concatenate(run_months(tables, calendar, MONTHS, deaths=True))
        used = (contacts(log, *ED_SERVICES), admissions(log), contacts(log, *PRACTICE_SERVICES))
        found += [crude(per_1000(tables, people, MONTHS)) / WALKED_YEARS for people in used]
    assert found[0] == pytest.approx(467.6, rel=0.07)
    assert found[1] == pytest.approx(112.1, rel=0.09)
    assert found[2] == pytest.approx(1000 * registry().central()["gp_contacts_per_person_year"], rel=0.06)


def test_few_people_account_for_much_of_the_emergency_department(year) -> None:  # type: ignore[no-untyped-def]
    tables, log = year
    bands, quintiles = cell_of(reference().people, tables.communities)
    weight = grids().cells.weights[bands, quintiles]
    weight = weight / weight.sum()
    visits = np.bincount(contacts(log, *ED_SERVICES), minlength=len(tables.people))
    share = {n: float(weight[visits >= n].sum()) for n in (1, 2, 3, 5, 10)}
    frequent = float((weight * visits)[visits >= 5].sum() / (weight * visits).sum())
    print(f"share with at least n visits a year: {share}; share of visits by those with 5 or more: {frequent:.2f}")
    assert 0.22 < share[1] < 0.36  # 0.47 attendances a head, about 1.4 to 2.1 for each who attends
    assert 0.25 < share[2] / share[1] < 0.5
    assert 0.001 < share[5] < 0.03
    assert 0.03 < frequent < 0.3  # "under 1% of people, 16% of attendances" (British Red Cross 2021, from memory)


def test_most_deprived_use_more_urgent_care_at_the_same_ages(calendar: Calendar) -> None:
    by_age = grids().cells.weights.sum(axis=1)[:, None]
    rates = np.zeros((2, 5))  # of one year the ratio of admissions was 1.5 to 2.9
    for seed in range(3, 3 + WALKED_YEARS):
        tables, log = walked_year(calendar, seed)
        for k, people in enumerate((contacts(log, *ED_SERVICES), admissions(log))):
            rates[k] += (per_1000(tables, people, MONTHS) * by_age).sum(axis=0)
    for rate, low, high in ((rates[0], 1.4, 2.1), (rates[1], 1.5, 2.5)):
        assert low < rate[0] / rate[4] < high
        assert rate[0] > rate[2] > rate[4]


def test_shares_of_the_gradient_add_to_one() -> None:
    rows = {str(row["need"]): row for row in mediator_shares(grids())}
    assert list(rows) == [codes.NEED_NAMES[kind] for kind in codes.HAZARD_KINDS]
    for name, row in rows.items():
        parts = [value for key, value in row.items() if key not in ("need", "ratio_q1_q5")]
        none = abs(np.log(row["ratio_q1_q5"])) <= NO_GRADIENT
        assert sum(parts) == pytest.approx(0.0 if none else 1.0), name
    assert rows["unavoidable_emergency"]["residual"] == pytest.approx(1.0)
    assert rows["exacerbation"]["conditions"] > 0.1
    assert rows["frailty_crisis"]["frailty"] > 0.1
    for name in ("planned_review", "social_need", "prevention", "practical_need", "child_development"):
        assert rows[name]["residual"] == pytest.approx(0.0, abs=1e-6), name  # no deprivation but by mediators


def test_nothing_that_care_or_circumstance_can_move_plays_a_part_in_unavoidable_emergencies() -> None:
    tables = world()
    people = tables.people
    people["conditions"], people["known"], people["frailty"] = 4095, 0, 3
    people["unmet"], people["trust"], people["spike_months"] = 9.0, 0.0, 4
    people["social"], people["care_home"], people["inclusion"], people["disability"] = 31, 2, 1, 2
    people["household_deprivation"], people["falls_months"], people["cared_for"] = 4, 6, 1
    own = {i: multiplier(tables, i, codes.UNAVOIDABLE) for i in range(0, len(people), 97)}
    assert own == {i: people["prone_unavoidable"][i] for i in own}  # what each is made with, and keeps
    assert PLAYING[codes.UNAVOIDABLE] == (BY_PRONENESS,)


def test_a_wider_lasting_tendency_gathers_emergencies_in_fewer_people_and_keeps_their_number() -> None:
    values = registry().central()
    spread = {}
    for scv in (0.0, 1.0, 4.0):
        both = dict.fromkeys(("proneness_scv_unavoidable_emergency", "proneness_scv_unavoidable_emergency_older"), scv)
        made = make_reference(registry(), values | both, 200).people["prone_unavoidable"]
        assert made.mean() == pytest.approx(1.0, abs=3.5 * np.sqrt(scv / len(made)))
        spread[scv] = made
    assert (spread[0.0] == 1.0).all()  # hazards, and so the log, as if there were no such thing
    shares = [float(-np.expm1(-0.2 * made).mean()) for made in spread.values()]
    assert shares[0] > shares[1] > shares[2]
    for scv, share in zip(spread, shares, strict=True):  # against the same integral over the log-normal's quantiles
        assert share == pytest.approx(with_one_or_more(0.2, scv), abs=0.004)


def with_one_or_more(mean: float, scv: float) -> float:
    """Return the share of people with one event or more at a log-normal rate of this mean and spread (quadrature)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(81)
    variance = np.log1p(scv)
    rates = mean * np.exp(np.sqrt(variance) * nodes - variance / 2)
    return float((weights * -np.expm1(-rates)).sum() / weights.sum())


def test_who_is_prone_to_exacerbations_is_as_prone_to_frailty_crises_whatever_else_is_known() -> None:
    tables = world()
    kinds = (codes.EXACERBATION, codes.FRAILTY_CRISIS)
    tables.people["prone_exacerbation"] = 1.0
    usual = np.array([[multiplier(tables, i, kind) for i in range(0, len(tables.people), 97)] for kind in kinds])
    tables.people["prone_exacerbation"] = 3.0
    prone = np.array([[multiplier(tables, i, kind) for i in range(0, len(tables.people), 97)] for kind in kinds])
    assert usual.min() > 0
    np.testing.assert_allclose(prone, 3.0 * usual)


def test_how_unlike_people_are_does_not_move_the_solved_level_of_crises() -> None:
    hazards = []
    for scv in (0.0, 4.0):
        values = registry().central() | {"proneness_scv_exacerbation": scv}
        hazards.append(solve(registry(), values, make_reference(registry(), values, 50), 2)[0])
    np.testing.assert_array_equal(*hazards)


def test_older_people_differ_less_in_emergencies_that_no_care_prevents() -> None:
    people = make_reference(registry(), registry().central(), 200).people
    older = people["birth_day"] < -65 * 365.25
    spread = [np.log(people["prone_unavoidable"][group]).var() for group in (older, ~older)]
    values = registry().central()
    wanted = [np.log1p(values[f"proneness_scv_unavoidable_emergency{which}"]) for which in ("_older", "")]
    assert spread == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(
    ("need_type", "column", "value"),
    [
        (codes.EXACERBATION, "social", codes.POOR_HOUSING),
        (codes.CHILDHOOD_ACUTE, "social", codes.POOR_HOUSING),
        (codes.CHILDHOOD_ACUTE, "household_deprivation", 3),
        (codes.MENTAL_HEALTH_CRISIS, "social", codes.DEBT),
        (codes.MENTAL_HEALTH_CRISIS, "social", codes.LONELINESS),
        (codes.MENTAL_HEALTH_CRISIS, "conditions", 1 << codes.SEVERE_MENTAL_ILLNESS),
        (codes.MINOR_ACUTE, "social", codes.WORKLESSNESS),
        (codes.MINOR_ACUTE, "inclusion", 1),
        (codes.FRAILTY_CRISIS, "care_home", codes.RESIDENTIAL),
        (codes.SOCIAL_NEED, "disability", 2),
        (codes.END_OF_LIFE, "conditions", 1 << codes.PALLIATIVE),
        (codes.PRACTICAL_NEED, "social", codes.DEBT | codes.LONELINESS),
        (codes.ELECTIVE_REFERRAL, "known", 1 << codes.COPD),
    ],
)
def test_a_mediator_raises_the_need_it_plays_in(need_type: int, column: str, value: int) -> None:
    tables = world()
    people = tables.people
    people["conditions"], people["known"] = 1 << codes.COPD, 0
    people["social"] = people["household_deprivation"] = people["care_home"] = 0
    people["inclusion"] = people["disability"] = people["frailty"] = 0
    before = multiplier(tables, 0, need_type)
    people[column] = value
    assert multiplier(tables, 0, need_type) > before


def test_a_falls_class_works_at_the_strength_of_its_lever_and_only_while_it_lasts() -> None:
    tables = world()
    plain = multiplier(tables, 0, codes.FRAILTY_CRISIS)
    tables.people["falls_months"] = 6
    ratios = []
    for effect in (0.0, 1.0, 2.0):
        tables.lever_effect[codes.FALLS_PREVENTION] = effect
        ratios.append(multiplier(tables, 0, codes.FRAILTY_CRISIS) / plain)
    assert ratios[0] == 1.0
    assert 1.0 > ratios[1] > ratios[2] > 0.5


def test_the_trend_multiplies_every_need() -> None:
    tables = world()
    usual = [monthly_hazard(tables, 100, kind, 0, 6) for kind in codes.HAZARD_KINDS]
    tables.trend[:MONTH_LENGTH] = 1.1
    assert [monthly_hazard(tables, 100, kind, 0, 6) for kind in codes.HAZARD_KINDS] == pytest.approx(
        [1.1 * hazard for hazard in usual]
    )


def test_needs_a_day_are_the_same_in_short_and_long_months() -> None:
    tables = world()
    found = []
    for days in (28, 31):
        tables.trend[MONTH_LENGTH] = days / 30.4375
        found.append([monthly_hazard(tables, 100, kind, 0, 6) / days for kind in codes.HAZARD_KINDS])
    assert found[0] == pytest.approx(found[1])
    assert max(found[0]) > 0.0


def test_without_mediators_the_residual_carries_the_whole_gradient() -> None:
    values = registry().central()
    flat = {name: 0.0 for name in values if name.startswith(("unmet_gain", "exacerbation_gain", "crisis_gain"))}
    flat |= {name: 0.0 for name in values if name.startswith("exacerbation_weight")}
    flat |= {"benefit_effect": 0.0, "crisis_fit": 1.0, "crisis_moderate": 1.0, "crisis_severe": 1.0}
    flat |= {"crisis_living_alone": 1.0, "minor_gain_per_condition": 0.0, "exacerbation_no_condition": 1.0}
    flat |= {"housing_respiratory": 1.0, "inclusion_exacerbation": 1.0}
    flat |= {f"care_home_emergency_{home}": 1.0 for home in codes.CARE_HOME_NAMES[1:]}
    people = make_reference(registry(), values, PER_CELL)  # of the model's own size: a small one's gap is half chance
    (with_mediators, cells, _), (without, _, _) = (
        solve(registry(), each, people, 4) for each in (values, values | flat)
    )
    weights = cells.weights.sum(axis=1)[:, None]

    def gap(h: np.ndarray) -> float:
        rate = (h[codes.EXACERBATION].mean(axis=1) * weights).sum(axis=0)
        return float(rate[0] / rate[4])

    assert gap(without) > gap(with_mediators) * 1.15


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
    tables = reference_tables(params, reference(), values)
    tables.people["tie"], tables.people["digital"] = 0.5, 1
    repeats = np.zeros(SOLVED_KINDS, np.int64)
    repeats[codes.MINOR_ACUTE] = 30
    yields = episode_yields(tables, repeats)[codes.MINOR_ACUTE, :, Y_ED]
    quintile = tables.communities["national_quintile"][tables.people["community"]]
    shares = np.array([yields[quintile == q].mean() for q in range(1, 6)])
    error = np.sqrt(shares.mean() * (1 - shares.mean()) / (rules_world.PER_CELL * 20 * 30))
    assert np.abs(shares - shares.mean()).max() < 4 * error
