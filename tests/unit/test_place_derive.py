"""The arithmetic of the scripts that derive a place's tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenarios.place_files import load_place
from scenarios.place_schema import AGE_COLUMNS
from scenarios.places.derive_tables import (
    births_factor,
    distance_km,
    england_male_shares,
    male_shares,
    shift_share,
    weighted_mean,
    write_table,
)
from scenarios.registry.derive_prevalence import fit

FIVE_YEAR = pd.DataFrame({"male_share": np.linspace(0.512, 0.333, 19)})


def test_distances_are_great_circle_kilometres() -> None:
    paris, london = [48.8566, 2.3522], [51.5074, -0.1278]
    km = distance_km(np.array([london, paris]), np.array([paris]))
    assert km.shape == (2, 1)
    assert km[0, 0] == pytest.approx(343.5, abs=1.0)
    assert km[1, 0] == pytest.approx(0.0, abs=1e-9)


def test_male_shares_keep_the_boroughs_total_and_englands_order() -> None:
    borough = pd.DataFrame([np.linspace(100, 20, 20)], columns=list(AGE_COLUMNS))
    shares = male_shares(FIVE_YEAR, borough, 0.47)
    people = borough.iloc[0].to_numpy()
    assert float(np.dot(shares, people) / people.sum()) == pytest.approx(0.47, abs=1e-9)
    assert np.argsort(shares).tolist() == np.argsort(england_male_shares(FIVE_YEAR)).tolist()


def test_a_share_moves_by_log_odds() -> None:
    assert shift_share(0.5, 0.0) == 0.5
    assert shift_share(0.5, np.log(3)) == pytest.approx(0.75)


def test_the_births_factor_is_infants_over_expected_births() -> None:
    people = pd.DataFrame([dict.fromkeys(AGE_COLUMNS, 0.0) | {"age_20_24": 1000.0, "age_0": 19.3}])
    assert births_factor(people, [0.0] * 20) == pytest.approx(19.3 / 38.6)


def test_a_weighted_mean_weights() -> None:
    assert weighted_mean(pd.Series([1.0, 4.0]), pd.Series([2.0, 1.0])) == pytest.approx(2.0)


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_table(tmp_path / "x.csv", pd.DataFrame({"a": [1]}))
    assert (tmp_path / "x.csv").read_text() == "a\n1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_the_prevalence_fit_finds_the_level_and_slope_that_made_the_rates() -> None:
    shape = np.concatenate([np.zeros(4), np.linspace(0.01, 0.4, 16)])
    ages = np.full((5, 20), 1 / 20)
    male = np.full(20, 0.5)
    level, slope = 0.3, -0.2
    log_odds = np.log(shape[4:] / (1 - shape[4:]))[None, :] + level + slope * (np.arange(5) - 2)[:, None]
    rate = (1 / (1 + np.exp(-log_odds))).sum(axis=1) / 20
    found = fit(shape, 0.0, male, ages, rate)
    assert found == pytest.approx((level, slope), abs=1e-3)


def test_merged_lsoas_have_a_rank_between_their_parents() -> None:
    """Kensington and Chelsea 016F merges two 2011 LSOAs; a decile always belongs to its rank."""
    table = load_place("bi_borough").communities
    assert "E01035713" in set(table["code"])
    for edition, areas in (("2019", 32844), ("2025", 33755)):
        decile = np.ceil(table[f"imd_{edition}_rank"] * 10 / areas)
        assert (decile == table[f"imd_{edition}_decile"]).mean() > 0.98
