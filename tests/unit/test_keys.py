"""Keyed random numbers: the published splitmix64, evenness, and no trace of one key in another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.rules import keys
from sim.rules.counts import rare_count, uniform_of

DRAWS = 40_000


def plain_splitmix64(state: int) -> int:
    """Return splitmix64 of Steele, Lea and Flood in whole numbers of any size, from the published listing."""
    mask = 2**64 - 1
    z = (state + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def draws(count: int = DRAWS, seed: int = 3, purpose: int = 7) -> np.ndarray:
    """Return uniform draws of neighbouring persons."""
    return np.array([keys.uniform(seed, who, purpose, 0) for who in range(count)])


def test_first_output_for_seed_nought_is_the_published_one() -> None:
    assert int(keys.mix(np.uint64(0))) == 16294208416658607535


@pytest.mark.parametrize("value", [0, 1, 2**31, 2**63, 2**64 - 1, 0x9E3779B97F4A7C15, 123456789012345678])
def test_mix_is_splitmix64(value: int) -> None:
    assert int(keys.mix(np.uint64(value))) == plain_splitmix64(value)


def test_nested_keys_are_mixes_of_mixes() -> None:
    one = plain_splitmix64(5) ^ 6
    two = plain_splitmix64(one) ^ 7
    three = plain_splitmix64(two) ^ 8
    assert int(keys.key4(5, 6, 7, 8)) == plain_splitmix64(three)
    assert int(keys.key3(5, 6, 7)) == plain_splitmix64(two)
    assert int(keys.key2(5, 6)) == plain_splitmix64(one)


def test_the_order_of_the_parts_of_a_key_matters() -> None:
    given = {int(keys.key4(*parts)) for parts in ((1, 2, 3, 4), (4, 3, 2, 1), (2, 1, 3, 4), (1, 2, 4, 3), (1, 3, 2, 4))}
    assert len(given) == 5


def test_unit_is_strictly_inside_nought_and_one() -> None:
    assert 0.0 < keys.unit(np.uint64(0)) < 1e-15
    assert 1.0 - 1e-15 < keys.unit(np.uint64(2**64 - 1)) < 1.0


def test_draws_are_even() -> None:
    u = draws()
    assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / DRAWS)
    assert abs(u.var() - 1 / 12) < 0.002
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    counts = np.histogram(u, 256, (0, 1))[0]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_neighbours_months_purposes_and_seeds_are_unrelated() -> None:
    u = draws(20_000)
    bound = 4.5 / np.sqrt(20_000)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < bound
    for other in (draws(20_000, purpose=8), draws(20_000, seed=4)):
        assert abs(np.corrcoef(u, other)[0, 1]) < bound
    later = np.array([keys.uniform(3, who, 7, 1) for who in range(20_000)])
    assert abs(np.corrcoef(u, later)[0, 1]) < bound


def test_one_bit_of_any_part_changes_half_the_bits() -> None:
    rng = np.random.default_rng(1)
    changed = []
    for _ in range(400):
        parts = [int(x) for x in rng.integers(0, 2**63, 4)]
        before = int(keys.key4(*parts))
        which, bit = int(rng.integers(0, 4)), int(rng.integers(0, 63))
        parts[which] ^= 1 << bit
        changed.append((before ^ int(keys.key4(*parts))).bit_count())
    assert abs(np.mean(changed) - 32) < 1.0
    assert min(changed) > 10


def test_no_two_of_many_keys_meet() -> None:
    assert len({int(keys.key3(a, b, c)) for a in range(40) for b in range(40) for c in range(40)}) == 64_000


def test_exponential_normal_and_gumbel_have_their_laws() -> None:
    for draw, law in ((keys.exponential, "expon"), (keys.normal, "norm"), (keys.gumbel, "gumbel_r")):
        assert stats.kstest([draw(3, who, 9, 0) for who in range(10_000)], law).pvalue > 1e-4, law


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.7, 6.0])
def test_counts_are_poisson_by_inverse_distribution(mean: float) -> None:
    for u in (1e-9, 0.2, 0.5, 0.9, 0.999, 1 - 1e-9):
        assert keys.poisson_count(u, mean, 1_000) == int(stats.poisson.ppf(u, mean))


def test_a_larger_mean_only_adds_needs_and_the_most_is_kept() -> None:
    for u in np.linspace(0.001, 0.999, 200):
        counts = [keys.poisson_count(u, mean, 50) for mean in (0.1, 0.2, 0.5, 1.0, 3.0)]
        assert counts == sorted(counts)
    assert keys.poisson_count(0.999999, 40.0, 5) == 5


def test_results_of_keys_can_be_parts_of_keys_from_python() -> None:
    for who in range(100):
        first = np.uint64(keys.key2(3, who))  # about half are above 2**63: Python must hand those back as uint64
        assert int(keys.key2(first, 1)) == plain_splitmix64(plain_splitmix64(int(first)) ^ 1)
        assert 0.0 < keys.uniform(1, first, 2, 0) < 1.0


@pytest.mark.parametrize("mean", [1e-9, 1e-6, 0.003, 0.05, 0.4, 3.0])
def test_a_rare_count_is_the_poisson_count(mean: float) -> None:
    draws = [*np.linspace(1e-6, 1.0 - 1e-6, 400), 1.0 - mean, np.nextafter(1.0 - mean, 0.0), np.exp(-mean)]
    for u in draws:
        if 0.0 < u < 1.0:
            assert rare_count(float(u), mean, 20) == keys.poisson_count(float(u), mean, 20)


def test_a_draw_of_a_person_at_hand_is_the_same_draw() -> None:
    for who in range(50):
        assert uniform_of(np.uint64(keys.key2(7, who)), 93, 5) == keys.uniform(7, who, 93, 5)  # type: ignore[arg-type]
