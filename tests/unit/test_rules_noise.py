"""What spares a logarithm or a hash gives the number that the long way gives, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import codes
from sim.rules import purposes
from sim.rules.arrays import length_array, refers_array, service_array
from sim.rules.contacts import drawn, length_at
from sim.rules.keys import gumbel, key2, uniform
from sim.rules.maths import lognormal_quantile
from sim.rules.noise import gumbel_most, gumbel_of

inside = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True).filter(lambda u: u > 2.0**-60)
words = st.integers(0, 2**64 - 1)


@settings(deadline=None)  # the first call compiles
@given(inside)
def test_gumbel_noise_is_never_above_its_bound_and_seldom_far_below(u: float) -> None:
    assert gumbel_of(u) <= gumbel_most(u) <= gumbel_of(u) + 0.15


def test_the_bound_holds_at_the_last_draws_of_all() -> None:
    for u in (2.0**-54, 1.0 - 2.0**-53):
        assert gumbel_of(u) <= gumbel_most(u)


@settings(deadline=None)  # the first call compiles
@given(words, words, st.integers(0, 2000), st.integers(0, 2000))
def test_a_draw_from_an_episodes_key_is_the_keyed_uniform(seed: int, need: int, purpose: int, ordinal: int) -> None:
    u = drawn(key2(np.uint64(seed), np.uint64(need)), purpose, ordinal)
    assert u == uniform(np.uint64(seed), np.uint64(need), purpose, ordinal)
    assert gumbel_of(u) == gumbel(np.uint64(seed), np.uint64(need), purpose, ordinal)


@settings(deadline=None)  # the first call compiles
@given(inside, st.floats(0.1, 500.0), st.floats(0.01, 5.0))
def test_a_length_known_beforehand_is_the_lognormal_quantile(u: float, mean: float, scv: float) -> None:
    services = service_array({"service_gp_minutes": mean, "service_gp_minutes_scv": scv, "service_nurse_minutes": 13.0})
    known = length_array(services)
    for kind in (codes.GP, codes.NURSE):  # of it, and of another
        assert length_at(known[kind], u, mean, scv) == lognormal_quantile(u, mean, scv)


@settings(deadline=None)
@given(inside, st.floats(0.1, 500.0), st.floats(0.01, 5.0), st.sampled_from([1.0, 0.7]))
def test_times_between_contacts_known_beforehand_are_too(u: float, mean: float, scv: float, apart: float) -> None:
    services = service_array({"service_gp_gap_days": mean, "service_nurse_minutes": 13.0})
    known = length_array(services, scv)[codes.SERVICE_KINDS + codes.GP]
    assert known[:2].tolist() == [mean, scv]
    assert length_at(known, u, mean * apart, scv) == lognormal_quantile(u, mean * apart, scv)


def test_bits_name_the_kinds_that_are_referred_to() -> None:
    refer = np.zeros((codes.SERVICE_KINDS, 2, codes.SERVICE_KINDS))
    refer[codes.GP, 1, [codes.ED, codes.SERVICE_KINDS - 1]] = 0.1
    bits = refers_array(refer)
    assert bits[codes.GP, 1] == (1 << codes.ED) | (1 << (codes.SERVICE_KINDS - 1))
    assert bits.sum() == bits[codes.GP, 1]


@pytest.mark.parametrize("purpose", [purposes.ESCALATE, purposes.REFER])
def test_draws_of_one_episode_for_two_contacts_differ(purpose: int) -> None:
    key = key2(np.uint64(1), np.uint64(2))
    assert drawn(key, purpose, 0) != drawn(key, purpose, 1)
