"""Chance between replications is no value of information: taken out, a choice is as sure as its evidence makes it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from evaluation.claims import A_COIN, claims_test
from evaluation.economics.acceptability import acceptability
from evaluation.economics.chance import Drawn, best_shares, chance_share, without_chance
from evaluation.economics.options import Options
from evaluation.value_of_information.partial import evppi
from evaluation.variance import variance_parts
from intsim.cases.results import of_perfect
from scenarios.errors import InputError

DRAWS, REPLICATIONS = 512, 2
WHICH = np.repeat(np.arange(DRAWS), REPLICATIONS)


def runs(parameter_sd: float, chance_sd: float = 1_000.0, seed: int = 1) -> Drawn:
    """Return a comparator and an option whose net benefit is 100 pounds, in runs of many draws of two replications."""
    generator = np.random.Generator(np.random.Philox(seed))
    truth = 100 + parameter_sd * _standard(generator, DRAWS)
    chance = chance_sd * _standard(generator, DRAWS * REPLICATIONS)
    cost = np.column_stack([np.zeros(len(WHICH)), -(truth[WHICH] + chance)])
    return Drawn(Options(("usual care", "team"), cost, np.zeros_like(cost)), WHICH)


def _standard(generator: np.random.Generator, size: int) -> np.ndarray:
    values = generator.normal(size=size)
    return (values - values.mean()) / values.std()


def told(drawn: Drawn) -> tuple[float, float, float]:
    """Return probability that the option is best and the value of knowing everything, and that of means of draws."""
    curves = acceptability(drawn, [20_000]).set_index("option")
    noisy = drawn.runs.net_benefit(20_000).reshape(DRAWS, REPLICATIONS, 2).mean(axis=1)
    loss = float(noisy.max(axis=1).mean() - noisy.mean(axis=0).max())
    return float(curves.loc["team", "probability_best"]), float(curves.loc["team", "evpi"]), loss


def test_where_no_parameter_matters_there_is_nothing_to_learn() -> None:
    drawn = next(each for each in map(lambda seed: runs(0.0, seed=seed), range(9)) if _share(each) == 1)
    best, worth, with_chance = told(drawn)
    assert 0.99 < best < 1  # of N(100, 31): the error of the mean is there whatever parameters do
    assert worth == 0
    assert with_chance > 200  # what was told before as the value of knowing everything


def _share(drawn: Drawn) -> float:
    return float(drawn.chance_share(0)[1])


def test_evidence_that_matters_is_worth_what_it_is_without_chance() -> None:
    found = [told(runs(600.0, seed=seed)) for seed in range(8)]
    best, worth, with_chance = np.mean(found, axis=0)
    assert best == pytest.approx(0.57, abs=0.02)  # of N(100, 600)
    assert worth == pytest.approx(193, rel=0.1)
    assert with_chance > 1.5 * 193


def test_of_one_number_it_is_the_shrinkage_by_parts_of_variance_and_claims_are_judged_by_it() -> None:
    generator = np.random.Generator(np.random.Philox(3))
    change = -0.1 + 0.05 * generator.normal(size=(40, 1)) + 0.05 * generator.normal(size=(40, 3))
    draw, replication = np.indices(change.shape).reshape(2, -1)
    effects = pd.DataFrame({"draw": draw, "replication": replication, "year": 1, "outcome": "x", "baseline": 1.0})
    parts, means = variance_parts(change), change.mean(axis=1)
    kept = parts.parameter_sd / np.hypot(parts.parameter_sd, parts.monte_carlo_sd / np.sqrt(3))
    by_parts = means.mean() + kept * (means - means.mean())
    assert without_chance(change.reshape(-1, 1), draw)[:, 0] == pytest.approx(by_parts)
    for claim in np.linspace(-0.2, 0.0, 21)[:-1]:
        claims = pd.DataFrame({"name": ["c"], "outcome": "x", "measure": "proportional change", "value": claim})
        table = claims_test(effects.assign(design=1 + change.ravel()), claims, years=(1,))
        error = parts.monte_carlo_sd / np.sqrt(change.size)
        spread = student.cdf((claim - by_parts) / error, change.size - len(change)).mean()  # with the mean's own error
        assert table["probability"].iloc[0] == pytest.approx(spread, abs=0.003)


def test_differences_between_options_that_share_their_evidence_hold() -> None:
    generator = np.random.Generator(np.random.Philox(4))
    shared = 1_000 * generator.normal(size=(DRAWS, 1, 1))
    chance = np.array([300.0, 1_500.0]) * generator.normal(size=(DRAWS, REPLICATIONS, 2))
    found = without_chance((shared + chance).reshape(-1, 2), WHICH)
    assert (found[:, 0] - found[:, 1]).std() < 250  # truth 0; each moved by itself would leave 330 and more
    assert found.std(axis=0) == pytest.approx([1_000, 1_000], rel=0.15)


def test_the_mean_is_kept_and_units_do_not_matter() -> None:
    drawn = runs(600.0)
    values = np.column_stack([drawn.runs.cost[:, 1], np.roll(drawn.runs.cost[:, 1], 2)])
    found = without_chance(values, WHICH)
    assert found.mean(axis=0) == pytest.approx(values.mean(axis=0))
    assert without_chance(values * [1, 1e-6], WHICH) == pytest.approx(found * [1, 1e-6])
    assert without_chance(values[::-1], WHICH[::-1]) == pytest.approx(found)


def test_draws_may_have_lost_a_replication_and_with_one_each_nothing_is_taken_out() -> None:
    values = runs(600.0).runs.cost[:, 1:]
    fewer = without_chance(values[:-1], WHICH[:-1])
    assert fewer.shape == (DRAWS, 1)
    single = without_chance(values[::2], WHICH[::2])
    assert single == pytest.approx(values[::2])
    assert np.isnan(chance_share(values[::2], WHICH[::2])).all()
    assert not Drawn(Options(("a",), values[::2], values[::2]), WHICH[::2]).chance_is_known
    with pytest.raises(InputError, match="draws: has 3 values where values has 1024"):
        without_chance(values, WHICH[:3])
    with pytest.raises(InputError, match="values: have 1 dimensions; allowed: 2"):
        without_chance(values[:, 0], WHICH)


def test_a_difference_that_never_moves_stays_as_it_is() -> None:
    values = np.column_stack([np.zeros(6), np.full(6, 5.0), [1.0, 3.0, 1.0, 3.0, 1.0, 3.0]])
    draws = np.repeat([0, 1, 2], 2)
    assert without_chance(values, draws).tolist() == [[0, 5, 2]] * 3
    assert np.isnan(chance_share(values, draws)[:2]).all()


def test_no_parameter_is_worth_more_than_knowing_everything_without_chance() -> None:
    drawn = runs(600.0)
    noisy = drawn.runs.net_benefit(0).reshape(DRAWS, REPLICATIONS, 2).mean(axis=1)
    inputs = pd.DataFrame({"real": noisy[:, 1], "noise": np.random.Generator(np.random.Philox(5)).normal(size=DRAWS)})
    before = evppi(noisy, inputs)
    after = of_perfect(before, drawn, 0)
    assert after["evpi"].iloc[0] < 0.8 * before["evpi"].iloc[0]
    assert (after["evppi"] <= after["evpi"]).all()
    assert after.loc[0, "note"].startswith("lowered")
    assert after["share"].to_numpy() == pytest.approx(after["evppi"] / after["evpi"])
    nothing = of_perfect(
        before, Drawn(Options(("a", "b"), np.zeros((4, 2)), np.zeros((4, 2))), np.repeat([0, 1], 2)), 0
    )
    assert nothing["share"].isna().all()


def luck(seed: int, parameter_sd: float = 0.0, mean: float = 0.0, draws: int = 64) -> Drawn:
    """Return a comparator and an option with net benefit ``mean`` in truth and a run's chance of 1,000 pounds."""
    generator = np.random.Generator(np.random.Philox(seed))
    which = np.repeat(np.arange(draws), 2)
    truth = mean + parameter_sd * generator.normal(size=draws)
    cost = np.column_stack([np.zeros(len(which)), -(truth[which] + 1_000 * generator.normal(size=len(which)))])
    return Drawn(Options(("usual care", "team"), cost, np.zeros_like(cost)), which)


def test_a_true_difference_of_nothing_is_never_sure_and_mostly_said_to_be_a_coin() -> None:
    found = [acceptability(luck(seed), [20_000]).set_index("option").loc["team"] for seed in range(300)]
    share = np.array([row["probability_best"] for row in found])
    told = np.array([bool(row["told"]) for row in found])
    assert ((share > 0) & (share < 1)).all()
    assert np.mean((share <= 0.025) | (share >= 0.975)) < 0.05
    assert np.mean(told) < 0.5
    error = np.array([row["monte_carlo_se"] for row in found])
    assert np.sqrt((error**2).mean()) > share.std()  # the error that is told is that from one set of runs to another
    assert error[~told].min() > 0.1


def test_where_parameters_dominate_shares_stay_as_they_are() -> None:
    sets = [luck(seed, 20_000.0, 10_000.0) for seed in range(40)]
    found = [best_shares(each.runs.net_benefit(0), each.draw) for each in sets]
    plain = np.array([(each.net_benefit(0)[:, 1] > 0).mean() for each in sets])
    share = np.array([each.probability[1] for each in found])
    assert share == pytest.approx(plain, abs=0.02)
    error = np.array([each.error[1] for each in found])
    assert error == pytest.approx(np.sqrt(plain * (1 - plain) / 64), rel=0.05)
    assert share.mean() == pytest.approx(norm.cdf(0.5), abs=0.03)
    assert all(each.told.all() for each in found)


def test_value_of_knowing_everything_does_not_hold_the_error_of_the_mean() -> None:
    for seed in range(20):
        drawn = luck(seed)
        benefit = drawn.net_benefit(0)
        plain = (benefit.max(axis=1) - benefit[:, benefit.mean(axis=0).argmax()]).mean()
        assert acceptability(drawn, [0])["evpi"].to_numpy() == pytest.approx(plain)


def test_shares_of_several_options_add_up_and_twins_share() -> None:
    generator = np.random.Generator(np.random.Philox(6))
    which = np.repeat(np.arange(40), 2)
    chance = generator.normal(0, 1_000, (80, 3))
    benefit = np.column_stack([np.zeros(80), chance, chance[:, 2], np.full(80, -5_000.0)])
    found = best_shares(benefit, which)
    assert found.probability.sum() == pytest.approx(1)
    assert found.probability[3] == pytest.approx(found.probability[4], abs=1e-12)
    assert found.probability[5] < 0.005
    assert found.told[5]  # far from every other
    assert not found.told[found.probability.argmax()]
    alone = best_shares(benefit[:, :1], which)
    assert (alone.probability.tolist(), alone.error.tolist()) == ([1.0], [0.0])


def test_a_claim_that_chance_alone_may_reach_is_neither_sure_nor_told() -> None:
    claims = pd.DataFrame({"name": ["c"], "outcome": "x", "measure": "proportional change", "value": [-0.02]})
    sure = told = 0
    for seed in range(200):
        noise = 0.4 * np.random.Generator(np.random.Philox(seed)).normal(size=(64, 2))
        draw, replication = np.indices(noise.shape).reshape(2, -1)
        table = pd.DataFrame({"draw": draw, "replication": replication, "year": 1, "outcome": "x", "baseline": 1.0})
        row = claims_test(table.assign(design=1 + noise.ravel()), claims, years=(1,)).iloc[0]
        sure += row["probability"] in (0, 1) or row["lower"] > 0.5
        told += row["told"]
        assert row["lower"] < row["probability"] < row["upper"]
        assert row["told"] or row["reason"] == A_COIN
    assert sure / 200 < 0.05
    assert told / 200 < 0.5


def test_more_cost_is_a_share_of_draws_with_the_error_of_the_mean() -> None:
    cost, effect = luck(3).more("team")
    assert 0 < cost.probability[0] < 1
    assert (effect.probability[0], effect.error[0], effect.told[0]) == (0, 0, True)  # never differs
