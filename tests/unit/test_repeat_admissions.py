"""Repeat admissions of older people, carried from 1997/98 to today's rate of admissions."""

import numpy as np
import pytest

from calibration.targets.reader import TABLES, read_targets
from calibration.targets.repeat_admissions import (
    Unlike,
    bridges,
    in_the_year,
    people_with_two,
    unlike_of,
    year_after,
)
from evaluation.draws import generator

PAIR = ("often_admitted_index_year", "often_admitted_year_after")


def test_shares_are_those_of_people_drawn_from_the_mixture() -> None:
    mean, unlike = 0.3, Unlike(0.6, 0.7)
    rng = generator(3, "repeat admissions")
    rates = rng.gamma(unlike.shape, mean / unlike.shape, 400_000)
    first = rng.poisson(rates)
    after = rng.poisson(unlike.lasting * rates + (1 - unlike.lasting) * mean)
    often = first >= 2
    assert often.mean() == pytest.approx(people_with_two(mean, unlike.shape), abs=0.002)
    assert first[often].sum() / first.sum() == pytest.approx(in_the_year(mean, unlike.shape), abs=0.006)
    assert after[often].sum() / after.sum() == pytest.approx(year_after(mean, unlike), abs=0.006)


def test_people_found_from_two_shares_give_them_again() -> None:
    found = unlike_of(0.2, 0.4, 0.11)
    assert in_the_year(0.2, found.shape) == pytest.approx(0.4)
    assert year_after(0.2, found) == pytest.approx(0.11)
    with pytest.raises(ValueError, match="no gamma mixture"):
        unlike_of(0.2, 0.4, 0.9)


def test_people_who_are_all_alike_come_twice_by_chance_alone() -> None:
    alike = 1e6
    assert in_the_year(0.3, alike) == pytest.approx(1 - np.exp(-0.3), rel=1e-4)
    assert year_after(0.3, Unlike(alike, 1.0)) == pytest.approx(people_with_two(0.3, alike), rel=1e-3)


def test_our_targets_carry_the_factors() -> None:
    known = {each.target: each for each in read_targets(TABLES / "england_average.csv")}
    found = bridges(*(known[name].value for name in PAIR))
    assert [known[name].bridge_factor for name in PAIR] == pytest.approx(found, abs=0.005)
