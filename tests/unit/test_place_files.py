"""A place folder: the built-in ones are sound, and each fault is named by file, row, column and what is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from scenarios.errors import InputError
from scenarios.place_files import PLACES, built_in_places, check_place, load_place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the toy place to spoil."""
    shutil.copytree(PLACES / "toy", tmp_path / "town")
    return tmp_path / "town"


def spoil(folder: Path, file: str, row: int, column: str, value: str) -> None:
    """Write ``value`` into one cell."""
    table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    table.loc[row, column] = value
    table.to_csv(folder / file, index=False)


@pytest.mark.parametrize("name", ["bi_borough", "england_average", "toy"])
def test_built_in_places_have_no_problem(name: str) -> None:
    assert name in built_in_places()
    assert check_place(name) == []


def test_bi_borough_has_every_lsoa_and_whole_ward_neighbourhoods_of_30_to_50_thousand() -> None:
    place = load_place("bi_borough")
    assert len(place.communities) == 224
    assert place.communities["population"].sum() == place.total("census_2021") == 347_626
    assert place.total() == 500_000
    assert place.communities.groupby("ward")["neighbourhood"].nunique().max() == 1
    at_programme = place.communities.groupby("neighbourhood")["population"].sum() * 500_000 / 347_626
    assert at_programme.between(30_000, 50_000).all()
    boroughs = place.communities.groupby("neighbourhood")["borough"].nunique()
    assert (boroughs == 1).all()
    assert place.factor("emergency") == pytest.approx(0.725, abs=0.005)
    assert set(place.hospitals["code"]) == {"RYJ", "RQM", "RRV"}


def test_every_column_of_the_bi_borough_is_traced_to_a_source() -> None:
    place = load_place("bi_borough")
    assert set(place.sources["file"]) >= {"communities.csv", "hospitals.csv", "services.csv", "age_sex.csv"}
    traced = " ".join(place.sources.loc[place.sources["file"] == "communities.csv", "column"])
    for column in place.communities.columns:
        family = column.split("_")[0] if column.startswith(("age_", "ethnic_")) else column.rstrip("0123456789")
        assert family in traced, column


def test_a_place_can_be_loaded_by_folder_and_its_files_are_hashed(folder: Path) -> None:
    before = load_place(folder)
    assert before.name == "toy"
    assert len(before.hashes["communities.csv"]) == 64
    spoil(folder, "communities.csv", 0, "distance_gp_km", "1.25")
    assert load_place(folder).hashes["communities.csv"] != before.hashes["communities.csv"]


# file, row, column, value, what the message must say
FAULTS = [
    ("communities.csv", 2, "population", "many", ["communities.csv data row 3 (T3)", "population", "'many'", "number"]),
    ("communities.csv", 1, "population", "-4", ["data row 2 (T2)", "population", "-4", "0 or more"]),
    ("communities.csv", 0, "age_0", "nan", ["data row 1 (T1)", "age_0", "nan"]),
    ("communities.csv", 0, "imd_2019_decile", "0", ["imd_2019_decile", "0 is not allowed", "1 (most deprived) to 10"]),
    ("communities.csv", 0, "imd_2025_decile", "11", ["imd_2025_decile", "11 is not allowed"]),
    ("communities.csv", 0, "imd_2019_decile", "2.5", ["2.5 is not allowed", "whole number"]),
    ("communities.csv", 3, "one_person_household_share", "1.2", ["one_person_household_share", "1.2", "0 to 1"]),
    ("communities.csv", 5, "neighbourhood", "N3", ["T6", "no such neighbourhood 'N3'", "N1, N2"]),
    ("communities.csv", 4, "hospital", "TGX", ["T5", "no such hospital 'TGX'", "'TGH'"]),
    ("communities.csv", 4, "hospital", "", ["T5", "hospital", "is empty"]),
    ("communities.csv", 1, "code", "T1", ["data row 2 (T1)", "already used"]),
    ("communities.csv", 1, "borough", "Toyville", ["no such borough 'Toyville'"]),
    ("communities.csv", 1, "population", "9999", ["not the sum of the age columns"]),
    ("communities.csv", 2, "households", "0", ["data row 3 (T3)", "households", "0 is not allowed where 320 live"]),
    ("communities.csv", 2, "imd_2019_decile", "1", ["imd_2019_decile", "1 does not go with rank 14780", "decile 5"]),
    ("communities.csv", 2, "imd_2025_decile", "6", ["imd_2025_decile", "6 does not go with rank 14780 of 33755"]),
    ("communities.csv", 0, "imd_2019_rank", "32845", ["imd_2019_rank", "32845 is not allowed", "to 32844"]),
    ("communities.csv", 1, "lat", "151", ["lat", "49 to 61"]),
    ("neighbourhoods.csv", 1, "id", "N1", ["neighbourhoods.csv data row 2 (N1)", "already used"]),
    ("hospitals.csv", 0, "patients_from_place_share", "25", ["hospitals.csv", "patients_from_place_share", "0 to 1"]),
    ("hospitals.csv", 0, "beds_occupied", "0", ["hospitals.csv data row 1 (TGH)", "beds_occupied", "above 0"]),
    (
        "hospitals.csv",
        0,
        "beds_occupied",
        "145",
        ["beds_occupied", "145 is not allowed", "at most beds_available, 144"],
    ),
    ("services.csv", 0, "unit", "fte", ["services.csv", "unit", "'fte' is not allowed"]),
    ("services.csv", 0, "service", "gps", ["service", "did you mean 'gp'?"]),
    ("services.csv", 1, "service", "gp", ["already used"]),
    ("age_sex.csv", 0, "male_share", "51", ["age_sex.csv", "male_share", "0 to 1"]),
    ("place.csv", 2, "value", "1 April", ["place.csv", "start_date", "2024-04-01"]),
    ("place.csv", 3, "value", "toi", ["no such basis 'toi'", "did you mean 'toy'?"]),
    ("place.csv", 4, "value", "-5", ["basis_toy", "from 1 to 10,000,000"]),
    ("place.csv", 5, "key", "local_factor_emergencies", ["no row for 'local_factor_emergency'"]),
    ("place.csv", 5, "value", "98", ["local_factor_emergency", "from 0.1 to 10"]),
    ("place.csv", 2, "value", "2024-04-15", ["start_date", "not the first day of a month"]),
    ("place.csv", 1, "key", "tilte", ["no such key 'tilte'", "did you mean 'title'"]),
    ("communities.csv", 0, "distance_ed_km", "2300", ["distance_ed_km", "at most 200"]),
    ("communities.csv", 0, "imd_2019_rank", "nan", ["imd_2019_rank", "nan is not allowed"]),
    ("communities.csv", 0, "imd_2019_decile", "inf", ["imd_2019_decile", "inf is not allowed"]),
    ("communities.csv", 0, "ethnic_white", "900000", ["ethnic_white", "at most population"]),
    ("communities.csv", 0, "social_rented_households", "900000", ["at most households"]),
]


@pytest.mark.parametrize(("file", "row", "column", "value", "words"), FAULTS)
def test_each_fault_is_named(folder: Path, file: str, row: int, column: str, value: str, words: list[str]) -> None:
    spoil(folder, file, row, column, value)
    problems = check_place(folder)
    assert problems
    assert all("\n" not in problem for problem in problems)
    assert any(all(word in problem for word in words) for problem in problems), problems
    with pytest.raises(InputError):
        load_place(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "hospitals.csv").unlink()
    assert check_place(folder) == [f"hospitals.csv: is missing from {folder}"]


def test_a_missing_and_an_unknown_column_are_named_with_the_nearest(folder: Path) -> None:
    table = pd.read_csv(folder / "communities.csv", dtype=str).rename(columns={"households": "housholds"})
    table.to_csv(folder / "communities.csv", index=False)
    problems = check_place(folder)
    assert any("column 'households' is missing" in problem for problem in problems)
    assert any("no such column 'housholds': did you mean 'households'?" in problem for problem in problems)


def test_an_empty_table_and_a_place_without_residents_are_refused(folder: Path) -> None:
    table = pd.read_csv(folder / "communities.csv", dtype=str, keep_default_na=False)
    columns = ["population", *[name for name in table if name.startswith("age_")]]
    table.assign(**dict.fromkeys(columns, "0")).to_csv(folder / "communities.csv", index=False)
    assert any("adds up to 0" in problem for problem in check_place(folder))
    table.iloc[:0].to_csv(folder / "communities.csv", index=False)
    assert any("has no rows" in problem for problem in check_place(folder))


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n"])
def test_an_empty_file_is_one_problem(folder: Path, text: str) -> None:
    (folder / "communities.csv").write_text(text)
    said = "communities.csv: is empty: the first line names the columns, and at least one row follows"
    assert check_place(folder) == [said]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("imd_2019_decile", "0", "0 is not allowed; give a whole number from 1 (most deprived) to 10"),
        ("one_person_household_share", "2", "2 is not allowed; give a share from 0 to 1"),
        ("lat", "91", "91 is not allowed; give a number from 49 to 61"),
    ],
)
def test_what_is_allowed_is_said_once(folder: Path, column: str, value: str, said: str) -> None:
    spoil(folder, "communities.csv", 0, column, value)
    assert check_place(folder) == [f"communities.csv data row 1 (T1) column {column}: {said}"]


@pytest.mark.parametrize(
    ("rank", "decile", "fits"),
    [("3284", "1", True), ("3285", "2", True), ("3285", "1", True), ("3300", "1", False), ("1", "1", True)],
)
def test_a_rank_at_the_edge_of_a_decile_may_be_given_either(folder: Path, rank: str, decile: str, fits: bool) -> None:
    spoil(folder, "communities.csv", 0, "imd_2019_rank", rank)
    spoil(folder, "communities.csv", 0, "imd_2019_decile", decile)
    assert (check_place(folder) == []) is fits


def test_a_neighbourhood_without_communities_is_refused(folder: Path) -> None:
    table = pd.read_csv(folder / "communities.csv", dtype=str, keep_default_na=False)
    table.assign(neighbourhood="N1").to_csv(folder / "communities.csv", index=False)
    assert any("no community is in neighbourhood 'N2'" in problem for problem in check_place(folder))


def test_a_ragged_row_and_a_file_that_is_not_text_are_refused(folder: Path) -> None:
    with (folder / "hospitals.csv").open("a") as file:
        file.write("X,one,cell,too,few\n")
    assert any("hospitals.csv data row 2 (X)" in problem and "cells" in problem for problem in check_place(folder))
    (folder / "hospitals.csv").write_bytes(b"\xff\xfe\x00code")
    assert any("not a text file" in problem for problem in check_place(folder))


def test_all_problems_come_at_once(folder: Path) -> None:
    spoil(folder, "communities.csv", 0, "population", "x")
    spoil(folder, "hospitals.csv", 0, "delayed_share", "2")
    assert len(check_place(folder)) == 2


def test_an_unknown_place_gives_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'bi_borough'"):
        load_place("bi_boro")


def test_an_unknown_basis_gives_the_nearest_name() -> None:
    place = load_place("bi_borough")
    with pytest.raises(InputError, match="did you mean 'census_2021'"):
        place.total("census_2011")
    with pytest.raises(InputError, match="1 or more"):
        place.total(0)
    assert place.total(1234) == 1234


def test_a_place_need_not_give_figures_of_its_own() -> None:
    assert load_place("toy").observed.empty
    observed = load_place("bi_borough").observed
    assert observed["measure"].nunique() == 5
    assert observed["value"].dtype == float


def test_an_optional_file_is_checked_when_it_is_there(folder: Path) -> None:
    shutil.copy(PLACES / "bi_borough" / "observed.csv", folder / "observed.csv")
    assert check_place(folder) == []
    spoil(folder, "observed.csv", 0, "value", "high")
    assert any("observed.csv data row 1" in problem and "'high'" in problem for problem in check_place(folder))


def test_a_place_need_not_list_services_or_the_columns_it_does_not_know(folder: Path) -> None:
    (folder / "services.csv").unlink()
    assert check_place(folder) == []
    assert load_place(folder).services.empty
    table = pd.read_csv(PLACES / "bi_borough" / "communities.csv", dtype=str, keep_default_na=False)
    assert "disabled_share" in table
    shutil.copytree(PLACES / "bi_borough", folder / "borough")
    for column in ("disabled_share", "english_main_language_share", "households_deprived_0"):
        table = table.drop(columns=column)
        table.to_csv(folder / "borough" / "communities.csv", index=False)
        assert check_place(folder / "borough") == []


def test_columns_that_may_be_left_out_are_checked_when_they_are_there(folder: Path) -> None:
    shutil.copytree(PLACES / "bi_borough", folder / "borough")
    spoil(folder / "borough", "communities.csv", 0, "disabled_share", "14")
    assert any("disabled_share: 14 is not allowed" in problem for problem in check_place(folder / "borough"))
    spoil(folder / "borough", "communities.csv", 0, "disabled_share", "0.14")
    spoil(folder / "borough", "communities.csv", 0, "households_deprived_0", "9999")
    assert any("add up to" in problem and "households" in problem for problem in check_place(folder / "borough"))


def test_the_england_average_has_every_decile_alike_and_englands_activity() -> None:
    place = load_place("england_average")
    people = place.communities.groupby("imd_2019_decile")["population"].sum()
    assert place.communities["population"].sum() == place.total() == 250_000
    assert (people - 25_000).abs().max() < 5
    by_neighbourhood = place.communities.groupby("neighbourhood")
    assert by_neighbourhood["population"].sum().between(41_600, 41_700).all()
    mean_decile = by_neighbourhood["imd_2019_decile"].mean()
    assert mean_decile.is_monotonic_increasing  # E1 most deprived, E6 least
    assert mean_decile.iloc[0] < 2.5 < 8 < mean_decile.iloc[-1]
    hospital = place.hospitals.iloc[0]
    assert hospital["ed_attendances_per_year"] / 250 == pytest.approx(467.6, abs=0.1)
    assert hospital["emergency_admissions_per_year"] / 250 == pytest.approx(112.1, abs=0.1)
    assert hospital["beds_occupied"] / 250 == pytest.approx(1.55, abs=0.01)
    assert {place.factor(name) for name in ("emergency", "mortality", "births")} == {1.0}
