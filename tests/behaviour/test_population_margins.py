"""The synthesised Bi-Borough has its published margins, and use of the tables leaves the gradients that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scenarios.place_files import load_place
from sim.place.margins import band_of, bits, margins_table
from sim.place.population import Population, make_population


@pytest.fixture(scope="module")
def borough() -> Population:
    return make_population(load_place("bi_borough"), None, 11)


@pytest.fixture(scope="module")
def table(borough: Population) -> pd.DataFrame:
    return margins_table(borough.people, borough.communities, load_place("bi_borough"))


def test_age_and_sex_margins_hold_to_rounding(table: pd.DataFrame) -> None:
    """Each of 224 communities is rounded to whole people, so a margin can be off by a few."""
    held = table[table["margin"].isin(["age", "sex"])]
    assert len(held) == 22
    assert held["difference"].abs().max() < 15
    assert held[held["margin"] == "age"]["synthesised"].sum() == 500_000


def test_imd_deciles_are_exact(table: pd.DataFrame) -> None:
    held = table[table["margin"] == "imd_decile"]
    assert (held["difference"] == 0).all()


def test_drawn_margins_are_within_sampling_error_of_their_source(table: pd.DataFrame) -> None:
    """Four standard errors of a share of 500,000 people; fifteen conditions and five groups are drawn."""
    for name in ("ethnic", "known_condition", "lives_alone", "disabled_share", "english_main_language_share"):
        held = table[table["margin"] == name]
        error = 4 * np.sqrt(held["published"] * (1 - held["published"]) / 500_000)
        # knowledge of a condition is tied to trust, which bends its mean by up to 2%
        allowance = 0.02 * held["published"] if name == "known_condition" else 0.0
        assert (held["difference"].abs() < error + allowance).all(), held


def test_households_and_frailty_are_close_to_their_source(table: pd.DataFrame) -> None:
    homes = table[table["margin"] == "households"].iloc[0]
    assert abs(homes["difference"]) / homes["published"] < 0.01
    frail = table[table["margin"] == "frailty_65_plus"]
    assert (frail["difference"].abs() < 0.01).all()


def test_two_or_more_conditions_rise_with_age_as_published(borough: Population, table: pd.DataFrame) -> None:
    published = table[(table["margin"] == "two_or_more_conditions")].set_index("category")
    assert published.loc["80 and over (all)", "synthesised"] == pytest.approx(0.682, abs=0.08)
    assert published.loc["all ages (all)", "synthesised"] == pytest.approx(0.148, abs=0.03)
    assert published.loc["0-19 (all)", "synthesised"] < 0.012
    bands = band_of(borough.people)
    two = bits(borough.people["conditions"]) >= 2
    by_band = np.array([two[bands == band].mean() for band in range(6, 19)])
    assert (np.diff(by_band) > 0).all()


def test_the_most_deprived_carry_more_conditions_and_less_trust_at_the_same_age(borough: Population) -> None:
    people = borough.people
    quintile = borough.communities["national_quintile"][people["community"]]
    bands = band_of(people)
    middle = (bands >= 10) & (bands <= 13)
    number = bits(people["conditions"])
    assert number[middle & (quintile == 1)].mean() > 1.15 * number[middle & (quintile == 4)].mean()
    assert people["trust"][quintile == 1].mean() < people["trust"][quintile == 4].mean()


def test_the_table_names_a_source_for_every_row(table: pd.DataFrame) -> None:
    assert set(table["kind"]) == {"exact", "drawn", "context"}
    assert table["source"].str.len().min() > 5
    assert np.allclose(table["difference"], table["synthesised"] - table["published"])


def test_one_neighbourhood_alone_has_its_own_margins() -> None:
    place = load_place("bi_borough")
    part = make_population(place, None, 11, ["W4"])
    table = margins_table(part.people, part.communities, place)
    ages = table[table["margin"] == "age"]
    assert ages["synthesised"].sum() == len(part.people)
    assert ages["difference"].abs().max() < 8
    assert (table[table["margin"] == "imd_decile"]["difference"].abs() <= 3).all()


def test_the_places_own_registers_are_shown_beside_ours(table: pd.DataFrame) -> None:
    """England's rates at the Bi-Borough's ages exceed its registers: the difference is left to the local factor."""
    local = table[table["margin"] == "known_condition_local"].set_index("category")
    assert len(local) == 14  # neurological disease has no register
    assert local.loc["hypertension", "published"] == pytest.approx(0.0868, abs=0.0005)
    assert local.loc["hypertension", "difference"] > 0.01


def test_households_are_deprived_as_the_census_says(table: pd.DataFrame) -> None:
    """Four standard errors of a share of some 226,000 households."""
    held = table[table["margin"] == "household_deprivation"]
    assert len(held) == 5
    error = 4 * np.sqrt(held["published"] * (1 - held["published"]) / 220_000)
    assert (held["difference"].abs() < error).all(), held


def test_care_homes_hold_the_places_share_of_englands(table: pd.DataFrame) -> None:
    homes = table[table["margin"] == "care_home"].set_index("category")
    factor = float(load_place("bi_borough").facts["local_factor_care_home"])
    for ages in ("65_74", "75_84", "85_plus"):
        aim = factor * homes.loc[ages, "published"]
        assert homes.loc[ages, "synthesised"] == pytest.approx(aim, rel=0.2)
