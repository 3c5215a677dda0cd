"""Chance between replications is no value of information: taken out, a choice is as sure as its evidence makes it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.claims import claims_test
from evaluation.economics.acceptability import acceptability
from evaluation.economics.chance import Drawn, chance_share, without_chance
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
    assert best == 1
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
        assert (by_parts <= claim).mean() == pytest.approx(table["probability"].iloc[0])


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
