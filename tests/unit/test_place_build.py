"""A place made of published files: every figure is the files' or England's, and what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import intsim
from intsim.cli import main
from scenarios.errors import InputError
from scenarios.place_build.build import Wanted, build_place
from scenarios.place_build.neighbourhoods import best_cut, split
from scenarios.place_files import PLACES, Place, check_place, load_place
from scenarios.place_schema import AGE_COLUMNS, ETHNIC_COLUMNS
from tests.place_files_given import AGES, BOROUGH, BOROUGH_CODE, CODES, RANKS_2025, people, write_files

FILES = ("File_7_2025.csv", "mid_year.xlsx#Mid-2022 LSOA 2021", "lookup.csv")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of published files, in which commands run."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(*files: str, **asked: object) -> Place:
    """Build 'here' from ``files`` for the borough (unless told otherwise) and load it."""
    asked = {"boroughs": (BOROUGH,), **asked}
    return load_place(build_place("here", files, Wanted(**asked)).folder)  # type: ignore[arg-type]


def test_residents_by_age_and_sex_are_the_files(files: Path) -> None:
    place = built(*FILES)
    assert list(place.communities["code"]) == list(CODES)
    for area, row in place.communities.iterrows():
        area = int(str(area))
        both = {age: people(area, "F", age) + people(area, "M", age) for age in AGES}
        assert row["population"] == sum(both.values())
        assert row["age_0"] == both[0]
        assert row["age_1_4"] == sum(both[age] for age in range(1, 5))
        assert row["age_85_89"] == sum(both[age] for age in range(85, 90))
        assert row["age_90_plus"] == both[90]
        assert row[list(AGE_COLUMNS)].sum() == row["population"]
    men = sum(people(area, "M", age) for area in range(4) for age in range(20, 25))
    all_of = men + sum(people(area, "F", age) for area in range(4) for age in range(20, 25))
    shares = place.age_sex.set_index(["borough", "age_band"])["male_share"]
    assert shares[(BOROUGH, "age_20_24")] == pytest.approx(men / all_of, abs=1e-5)
    assert place.total() == sum(people(area, sex, age) for area in range(4) for sex in "FM" for age in AGES)


def test_deprivation_is_the_files_and_an_edition_not_given_has_the_others_place_in_the_ranking(files: Path) -> None:
    places = built(*FILES).communities
    assert list(places["imd_2025_rank"]) == list(RANKS_2025)
    assert list(places["imd_2025_decile"]) == [1, 3, 6, 10]
    assert list(places["imd_2019_rank"]) == [round(rank / 33_755 * 32_844) for rank in RANKS_2025]


def test_ranks_of_2011s_lsoas_cross_to_2021s_by_the_lookup(files: Path) -> None:
    place = built(*FILES, "File_7_2019.csv", "lsoa11_21.csv")
    assert list(place.communities["imd_2019_rank"]) == [200, 10_000, 30_000, 30_000]  # merged: the mean; split: alike
    assert list(place.communities["imd_2025_rank"]) == list(RANKS_2025)
    source = place.sources.set_index("column").loc["imd_2019_rank"]
    assert "File_7_2019.csv" in source["source"]
    assert source["basis"] == "derived"


def test_without_the_lookup_an_lsoa_that_changed_has_its_place_in_the_other_edition(files: Path) -> None:
    place = built(*FILES, "File_7_2019.csv")
    assert place.communities["imd_2019_rank"].iloc[0] == 200  # kept its code
    assert list(place.communities["imd_2019_rank"])[1:] == [round(rank / 33_755 * 32_844) for rank in RANKS_2025[1:]]
    assert "of 3 LSOAs" in place.sources.set_index("column").loc["imd_2019_rank", "derivation"]


def test_neighbourhoods_are_those_of_a_file_by_ward(files: Path) -> None:
    place = built(*FILES, "wards.csv")
    assert list(place.communities["neighbourhood"]) == ["N1", "N1", "N2", "N2"]
    assert list(place.neighbourhoods["name"]) == ["North team", "South team"]
    assert list(place.neighbourhoods["wards"]) == ["Northgate", "Southgate"]


def test_neighbourhoods_are_those_of_a_file_by_lsoa_which_says_what_the_place_is(files: Path) -> None:
    pd.DataFrame({"lsoa_code": CODES[:3], "neighbourhood": ["A1", "A1", "B1"]}).to_csv("mine.csv", index=False)
    place = built("mine.csv", *FILES, boroughs=())
    assert list(place.communities["code"]) == list(CODES[:3])
    assert list(place.communities["neighbourhood"]) == ["A1", "A1", "B1"]


def test_wards_that_nobody_put_in_neighbourhoods_are_grouped_by_where_they_lie(files: Path) -> None:
    residents = built(*FILES).total()
    (files / "here").rename(files / "first")
    place = built(*FILES, people=residents // 2)
    assert place.communities.groupby("neighbourhood")["ward"].nunique().eq(1).all()
    assert len(place.neighbourhoods) == 2
    assert "illustrative" in place.neighbourhoods["note"].iloc[0]
    assert len(load_place(files / "first").neighbourhoods) == 1


def test_what_no_file_says_is_englands_at_the_deprivation_and_sources_say_so(files: Path) -> None:
    place, england = built(*FILES), load_place("england_average").communities
    likely = england[england["imd_2025_decile"] == 1]
    expected = likely[list(ETHNIC_COLUMNS)].sum() / likely["population"].sum()
    first = place.communities.iloc[0]
    np.testing.assert_allclose(
        first[list(ETHNIC_COLUMNS)].to_numpy(dtype=float) / first["population"], expected, atol=0.001
    )
    assert first["population"] / first["households"] == pytest.approx(2.36, rel=0.01)
    sources = place.sources.set_index("column")
    assert "england_average" in sources.loc["ethnic_*", "source"]
    assert set(sources["basis"]) <= {"found", "derived", "assumption", "invented"}


def test_ages_that_no_file_tells_are_englands_at_the_decile(files: Path) -> None:
    pd.DataFrame({"code": CODES, "population": [1000, 2000, 3000, 4000]}).to_csv("counts.csv", index=False)
    place, england = built("File_7_2025.csv", "lookup.csv", "counts.csv"), load_place("england_average").communities
    last = place.communities.iloc[3]
    affluent = england[england["imd_2025_decile"] == 10]
    assert last["age_65_69"] / 4000 == pytest.approx(
        affluent["age_65_69"].sum() / affluent["population"].sum(), abs=0.001
    )
    assert place.facts["local_factor_births"] == "1.0"  # infants are England's, and tell nothing of the place


def test_the_only_hospital_has_englands_activity_for_as_many_residents(files: Path) -> None:
    place, average = built(*FILES), load_place("england_average")
    ratio = place.total() / average.total()
    hospital = place.hospitals.iloc[0]
    assert hospital["ed_attendances_per_year"] == pytest.approx(
        average.hospitals["ed_attendances_per_year"].iloc[0] * ratio, abs=1
    )
    assert set(place.communities["hospital"]) == {hospital["code"]}


def write_hospitals(path: Path, **changed: object) -> None:
    columns = {
        "code": ["RA1", "RB2"],
        "name": ["North General", "South General"],
        "ed_attendances_per_year": [100_000, 90_000],
        "emergency_admissions_per_year": [20_000, 21_000],
        "beds_available": [400, 410],
        "beds_occupied": [380, 390],
        "lat": [53.1, 53.0],
        "lon": [-1.8, -1.8],
    }
    pd.DataFrame({**columns, **changed}).to_csv(path, index=False)


def test_each_lsoa_uses_the_nearest_hospital_given(files: Path) -> None:
    write_hospitals(files / "trusts.csv")
    place = built(*FILES, hospitals=Path("trusts.csv"))
    assert list(place.communities["hospital"]) == ["RB2", "RB2", "RA1", "RA1"]
    # a degree of longitude at 53 north is 111.19 km x cos 53
    expected = [0.0, 0.01 * 111.19 * np.cos(np.radians(53)), 0.0, 0.01 * 111.19 * np.cos(np.radians(53.1))]
    np.testing.assert_allclose(place.communities["distance_ed_km"], expected, atol=0.01)
    assert place.hospitals["delayed_share"].iloc[0] == pytest.approx(0.1397)


def test_census_tables_are_read_as_shares(files: Path) -> None:
    groups = {
        "Ethnic group: Total: All usual residents": 100,
        "Ethnic group: Asian, Asian British or Asian Welsh": 40,
        "Ethnic group: Asian, Asian British or Asian Welsh: Indian": 40,
        "Ethnic group: Black, Black British, Black Welsh, Caribbean or African": 10,
        "Ethnic group: Mixed or Multiple ethnic groups": 5,
        "Ethnic group: White": 30,
        "Ethnic group: Other ethnic group": 15,
    }
    census = pd.DataFrame([{"date": 2021, "geography": code, "geography code": code} | groups for code in CODES])
    census.to_csv("ts021.csv", index=False)
    sized = {
        "Household size: Total: All household spaces; measures: Value": 50,
        "Household size: 1 person in household; measures: Value": 20,
    }
    pd.DataFrame([{"geography code": code} | sized for code in CODES]).to_csv("ts017.csv", index=False)
    disabled = {
        "Disability: Total: All usual residents": 200,
        "Disability: Disabled under the Equality Act": 30,
        "Disability: Disabled under the Equality Act: Day-to-day activities limited a lot": 10,
    }
    pd.DataFrame([{"geography code": code} | disabled for code in CODES]).to_csv("ts038.csv", index=False)
    kinds = ["not deprived in any dimension", "deprived in one dimension", "deprived in two dimensions"]
    kinds += ["deprived in three dimensions", "deprived in four dimensions"]
    homes = {f"Household deprivation: Household is {kind}; measures: Value": 10 for kind in kinds}
    pd.DataFrame([{"geography code": code} | homes for code in CODES]).to_csv("ts011.csv", index=False)
    place = built(*FILES, "ts021.csv", "ts017.csv", "ts038.csv", "ts011.csv").communities
    np.testing.assert_allclose(place["ethnic_asian"], 0.4 * place["population"], atol=0.05)
    np.testing.assert_allclose(place["one_person_household_share"], 0.4)
    np.testing.assert_allclose(place["households"], 50 * place["population"] / 100, atol=0.05)  # 100 then
    np.testing.assert_allclose(place["disabled_share"], 0.15)
    np.testing.assert_allclose(place["households_deprived_2"], place["households"] / 5, atol=0.05)


@pytest.mark.parametrize("name", ["toy", "bi_borough", "england_average"])
def test_a_built_in_place_built_again_from_its_own_communities_is_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    original = load_place(name)
    hospitals = PLACES / name / "hospitals.csv"
    made = built(str(PLACES / name / "communities.csv"), boroughs=(), hospitals=hospitals).communities
    wanted = original.communities.sort_values("code").reset_index(drop=True)
    for column in set(wanted.columns) - {f"imd_{year}_decile" for year in (2019, 2025)}:
        if column.startswith("households_deprived"):
            np.testing.assert_allclose(made[column], wanted[column], rtol=0.05, atol=6)  # to households, as they add up
        elif column.startswith("ethnic"):
            np.testing.assert_allclose(made[column], wanted[column], rtol=0.05, atol=6)  # to residents
        elif column == "population":
            np.testing.assert_allclose(made[column], wanted[column], atol=2.5)  # ages, which are given, added up
        elif wanted[column].dtype.kind in "fi":
            np.testing.assert_allclose(made[column], wanted[column], err_msg=column)
        else:
            assert list(made[column]) == list(wanted[column]), column


def test_a_lookup_tells_pairs_and_the_names_of_its_own_year_wherever_it_stands(files: Path) -> None:
    for given in ((*FILES, "File_7_2019.csv", "lsoa11_21.csv"), ("lsoa11_21.csv", "File_7_2019.csv", *FILES)):
        place = built(*given)
        assert list(place.communities["name"]) == ["Anytown 1", "Anytown 2", "Anytown 3", "Anytown 4"]
        assert list(place.communities["code"]) == list(CODES)  # none that was there in 2011 alone
        (files / "here").rename(files / f"was_{given[0][:5]}")


def test_a_file_that_tells_nothing_of_the_place_is_named_by_the_notes_and_no_source(files: Path) -> None:
    elsewhere = pd.DataFrame({"LSOA 2021 Code": ["E01088888"], **{f"{sex}{age}": [5] for sex in "FM" for age in AGES}})
    elsewhere.to_csv("elsewhere.csv", index=False)
    made = build_place("here", ("elsewhere.csv", *FILES), Wanted(boroughs=(BOROUGH,)))
    assert any(note.startswith("elsewhere.csv: nothing of it was used") for note in made.notes)
    sources = load_place(made.folder).sources.set_index("column")["source"]
    assert sources["population"].startswith("mid_year.xlsx")
    assert "elsewhere" not in " ".join(sources)


def test_counts_of_another_years_lsoas_do_not_cross_and_are_named(files: Path) -> None:
    older = pd.DataFrame({"LSOA11CD": CODES, "population": [1000] * 4})
    older.to_csv("older.csv", index=False)
    with pytest.raises(InputError, match=r"no file counts.*older.csv is by LSOAs of 2011 and the place by .*2021"):
        built("File_7_2025.csv", "lookup.csv", "older.csv")
    made = build_place("here", (*FILES, "older.csv"), Wanted(boroughs=(BOROUGH,)))
    assert any("older.csv is by LSOAs of 2011" in note and "population" in note for note in made.notes)


def test_a_sheet_of_men_is_not_taken_for_everyone(files: Path) -> None:
    table = {
        "LSOA Code": CODES,
        "LA name (2018 boundaries)": ["Oldtown"] * 4,
        "LA name (2021 boundaries)": [BOROUGH] * 4,
    }
    table |= {"All Ages": [910] * 4}
    with pd.ExcelWriter("sape.xlsx") as book:
        for sheet, each in (("Mid-2020 Persons", 10), ("Mid-2020 Males", 4), ("Mid-2020 Females", 6)):
            ages = {"90+" if age == 90 else str(age): [each] * 4 for age in AGES}
            pd.DataFrame({**table, **ages}).to_excel(book, sheet_name=sheet, startrow=4, index=False)
    pd.DataFrame({"LSOA11CD": CODES, "imd_2019_rank": (*RANKS_2025[:3], 32000), "neighbourhood": "A"}).to_csv("own.csv")
    with pytest.raises(InputError, match="no file counts the residents"):
        built("own.csv", "sape.xlsx#Mid-2020 Males", boroughs=())
    place = built("own.csv", "sape.xlsx#Mid-2020 Males", "sape.xlsx#Mid-2020 Females", boroughs=())
    assert set(place.communities["population"]) == {910.0}
    assert set(place.communities["borough"]) == {BOROUGH}  # of two sets of districts the newer
    assert place.age_sex["male_share"].round(3).eq(0.4).all()
    (files / "here").rename(files / "first")
    persons = pd.read_excel("sape.xlsx", sheet_name="Mid-2020 Persons", header=4)
    persons.to_csv("Smales_and_around.csv", index=False)  # a name with a sex in it is not of one
    assert set(built("own.csv", "Smales_and_around.csv", boroughs=()).communities["population"]) == {910.0}


def test_residents_of_the_file_that_stands_first_have_the_ages_of_a_later_one(files: Path) -> None:
    pd.DataFrame({"LSOA code": CODES, "population": [999, 999, 999, 0]}).to_csv("own.csv", index=False)
    place = built("own.csv", *FILES).communities
    assert list(place["population"]) == [999, 999, 999, 0]
    both = {age: people(0, "F", age) + people(0, "M", age) for age in AGES}
    assert place["age_0"].iloc[0] == pytest.approx(999 * both[0] / sum(both.values()), abs=0.01)
    (files / "here").rename(files / "first")
    assert built(*FILES, "own.csv").communities["population"].iloc[0] == sum(both.values())


def test_wards_of_one_name_in_two_boroughs_are_two_wards(files: Path) -> None:
    table = pd.read_csv("lookup.csv")
    table["WD24NM"] = "Highgate"
    table["WD24CD"] = ["W1", "W1", "W2", "W2"]
    table["LAD24NM"] = [BOROUGH, BOROUGH, "Othertown", "Othertown"]
    table.to_csv("lookup.csv", index=False)
    both = (BOROUGH, "Othertown")
    given = ("lookup.csv", *FILES[:2])
    place = built(*given, boroughs=both, people=2_500)
    assert place.communities.groupby("neighbourhood")["borough"].nunique().eq(1).all()
    (files / "here").rename(files / "first")
    pd.DataFrame({"ward": ["Highgate"], "neighbourhood": ["A"]}).to_csv("by_name.csv", index=False)
    with pytest.raises(InputError, match=r"by_name.csv: ward 'Highgate' is in several boroughs.*ward_code"):
        built(*given, "by_name.csv", boroughs=both)
    for code in ("W1", "W2"):
        pd.DataFrame({"ward_code": [code], "neighbourhood": [f"T{code}"]}).to_csv(f"{code}.csv", index=False)
    place = built(*given, "W1.csv", "W2.csv", boroughs=both)
    assert list(place.communities["neighbourhood"]) == ["TW1", "TW1", "TW2", "TW2"]


def test_a_rank_made_of_a_decile_says_so(files: Path) -> None:
    pd.DataFrame({"code": CODES, "imd_2025_decile": [1, 2, 5, 10]}).to_csv("deciles.csv", index=False)
    place = built("deciles.csv", *FILES[1:])
    assert list(place.communities["imd_2025_decile"]) == [1, 2, 5, 10]
    sources = place.sources.set_index("column")
    assert sources.loc["imd_2025_rank", "basis"] == "derived"
    assert sources.loc["imd_2025_decile", "basis"] == "found"
    assert set(sources.index) >= {"code", "overcrowded_households", "population", "imd_2019_rank"}


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_in_other_encodings_and_separators_are_read(files: Path, coding: str, separator: str) -> None:
    table = pd.DataFrame({"lsoa_code": CODES, "neighbourhood": "St. Ænne’s"})
    table.to_csv("mine.csv", index=False, encoding=coding, sep=separator)
    place = built("mine.csv", *FILES)
    assert list(place.neighbourhoods["name"]) == ["St. Ænne’s"]


def test_units_are_split_into_groups_of_about_as_many_people() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    units = pd.DataFrame({"people": rng.uniform(5_000, 20_000, 60), "lat": rng.random(60), "lon": rng.random(60)})
    units.index = pd.Index([f"W{number}" for number in range(60)])
    parts = split(units, 18)
    assert sorted(name for part in parts for name in part) == sorted(units.index)
    sizes = np.array([units.loc[part, "people"].sum() for part in parts])
    assert len(parts) == 18
    assert sizes.max() < 1.6 * sizes.mean()
    assert sizes.min() > 0.5 * sizes.mean()
    assert best_cut(np.array([1.0, 1.0, 1.0, 1.0]), 2) == (2, 1)


WRONG: tuple[tuple[tuple[str, ...], dict[str, object], tuple[str, ...]], ...] = (
    ((), {}, ("give the files",)),
    (("nothing.csv",), {}, ("nothing.csv", "no file")),
    (("mid_year.xlsx",), {}, ("mid_year.xlsx", "several sheets", "Mid-2021 LSOA 2021")),
    (("mid_year.xlsx#2022",), {}, ("no sheet '2022'", "Mid-2022 LSOA 2021")),
    (("mid_year.xlsx#Notes",), {}, ("no column of LSOA codes",)),
    (("centroids.csv",), {}, ("centroids.csv", "nothing that is known here", "x, y")),
    (("table.zip",), {}, ("table.zip", "zip file")),
    (("picture.csv",), {}, ("picture.csv", "no text")),
    (("edition.csv",), {}, ("edition.csv column imd_rank", "imd_2025_rank")),
    (FILES, {"boroughs": ("town",)}, ("--borough", "did you mean 'Anytown'")),
    (FILES, {"boroughs": ("Anyton",)}, ("--borough", "Anyton", "did you mean 'Anytown'")),
    (FILES, {"boroughs": ()}, ("--borough NAME", "neighbourhood")),
    (FILES[1:], {}, ("deprivation", "E01000001", "File 7")),
    ((FILES[0], FILES[2]), {}, ("no file counts the residents",)),
    (FILES[:2], {}, ("neighbourhoods", "lat and lon")),
    (FILES, {"factors": {"mortalty": 1.0}}, ("--factor", "did you mean 'mortality'")),
    (FILES, {"factors": {"mortality": 50.0}}, ("local_factor_mortality", "50", "0.1 to 10")),
    (FILES, {"start": "2024-04-02"}, ("start_date", "2024-04-02", "2024-04-01")),
    (FILES, {"people": 0}, ("--people", "1 or more")),
    (FILES, {"hospitals": Path("none.csv")}, ("--hospitals", "none.csv")),
    (("wards.csv", *FILES[:2]), {}, ("wards.csv", "lookup of LSOAs to wards")),
)


@pytest.mark.parametrize(("given", "asked", "words"), WRONG)
def test_what_cannot_be_used_is_named_and_nothing_is_left(
    files: Path, given: tuple[str, ...], asked: dict[str, object], words: tuple[str, ...]
) -> None:
    pd.DataFrame({"LSOA21CD": CODES, "x": 1.0, "y": 2.0}).to_csv("centroids.csv", index=False)
    pd.DataFrame({"lsoa_code": CODES, "imd_rank": 7}).to_csv("edition.csv", index=False)
    (files / "table.zip").write_bytes(b"PK")
    (files / "picture.csv").write_bytes(b"\x89PNG\0\0")
    before = sorted(path.name for path in files.iterdir())
    with pytest.raises(InputError) as problem:
        built(*given, **asked)
    for word in words:
        assert word in str(problem.value)
    assert "\n" not in str(problem.value)
    assert sorted(path.name for path in files.iterdir()) == before


def test_cells_that_cannot_be_used_are_named_by_file_lsoa_and_column(files: Path) -> None:
    table = pd.read_csv("File_7_2025.csv", dtype=str)
    rank = table.columns[2]
    table.loc[1, rank] = "many"
    table.to_csv("File_7_2025.csv", index=False)
    with pytest.raises(
        InputError, match=r"File_7_2025.csv row E01000002 column Index of Multiple.*'many' is not a number"
    ):
        built(*FILES)
    for wrong, words in (("inf", "'inf' is not a number"), ("100.7", "100.7 is not allowed; give a whole number")):
        table.loc[1, rank] = wrong
        table.to_csv("File_7_2025.csv", index=False)
        with pytest.raises(InputError, match=f"E01000002.*{words}"):
            built(*FILES)
    table.loc[1, rank] = "40000"
    table.to_csv("File_7_2025.csv", index=False)
    with pytest.raises(InputError, match=r"E01000002.*40000 is not allowed.*33755"):
        built(*FILES)
    table = pd.concat([table, table.iloc[[0]].assign(**{rank: "7"})])
    table.to_csv("File_7_2025.csv", index=False)
    with pytest.raises(InputError, match=r"row E01000001 .*2 different values"):
        built(*FILES)


def test_hospitals_that_cannot_be_told_apart_or_used_are_named(files: Path) -> None:
    path = Path("trusts.csv")
    write_hospitals(files / path, lat=["", ""])
    with pytest.raises(InputError, match="several hospitals: give lat and lon"):
        built(*FILES, hospitals=path)
    write_hospitals(files / path, beds_occupied=["full", 390])
    with pytest.raises(InputError, match=r"trusts.csv data row 1 \(RA1\) column beds_occupied: 'full' is not a number"):
        built(*FILES, hospitals=path)
    write_hospitals(files / path, code=["RA1", "RA1"])
    with pytest.raises(InputError, match="'RA1' is there more than once"):
        built(*FILES, hospitals=path)
    write_hospitals(files / path, beds=[1, 2])
    with pytest.raises(InputError, match="no such column 'beds'"):
        built(*FILES, hospitals=path)
    write_hospitals(files / path, lat=["north", 53.0])
    with pytest.raises(InputError, match="lat and lon must be degrees"):
        built(*FILES, hospitals=path)


def test_a_folder_that_is_there_is_left_as_it_is(files: Path) -> None:
    built(*FILES)
    before = (files / "here" / "communities.csv").read_bytes()
    with pytest.raises(InputError, match="is there already"):
        built(*FILES, "wards.csv")
    assert (files / "here" / "communities.csv").read_bytes() == before
    with pytest.raises(InputError, match="built-in place"):
        build_place("toy", FILES, Wanted(boroughs=(BOROUGH,)))


def test_a_place_may_be_built_in_python_and_lived_in(files: Path) -> None:
    notes: list[str] = []
    where = intsim.build_place("lived", *FILES, "wards.csv", boroughs=[BOROUGH_CODE], title="Town", say=notes.append)
    assert any("N1 (North team)" in note for note in notes)
    assert load_place(where).facts["title"] == "Town"
    folder = intsim.run(
        "place=lived", "experiment=quick", "experiment.horizon_months=1", "experiment.burn_in_months=0",
        "experiment.workers=1", "experiment.output=results",
    )  # fmt: skip
    panel = pd.read_parquet(folder / "panel.parquet")
    assert set(panel["neighbourhood"]) == {"N1", "N2"}
    assert panel["person_seconds"].sum() > 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="open data are not here")
def test_ranks_of_a_real_borough_cross_as_its_own_best_fit_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    known = pd.read_csv(SHARED / "bradford" / "lsoa.csv")
    known.drop(columns="imd_rank").rename(columns={"pop_total": "population"}).to_csv("areas.csv", index=False)
    older = pd.read_csv(SHARED / "imd" / "imd2019_lsoa11.csv.gz")
    older[["lsoa11_code", "IMD_rank"]].to_csv("older.csv", index=False)
    pairs = pd.read_csv(SHARED / "geography" / "lsoa11_to_lsoa21_england.csv.gz")
    pairs[["lsoa11_code", "lsoa21_code"]].to_csv("pairs.csv", index=False)
    newer = pd.read_csv(SHARED / "imd" / "imd2025_lsoa21.csv.gz")
    newer[["lsoa21_code", "IMD_rank"]].to_csv("newer.csv", index=False)
    place = built("newer.csv", "areas.csv", "older.csv", "pairs.csv", boroughs=("Bradford",))
    table = place.communities.set_index("code")
    known = known.set_index("lsoa_code").loc[table.index]
    assert list(table["imd_2025_rank"]) == list(known["imd_rank"])
    assert list(table["imd_2019_rank"]) == list(known["imd2019_rank_bestfit"])
    assert check_place("here") == []
    assert table.groupby("neighbourhood")["population"].sum().between(20_000, 60_000).all()


def test_the_command_says_what_it_made_and_refuses_options_of_another_action(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["place", "build", "town", *FILES, "wards.csv", "--borough", BOROUGH, "--factor", "emergency=0.93"]
    assert main([*words, "--factor", "care_home=1.2", "--people", "30000", "--start", "2023-04-01"]) == 0
    said = capsys.readouterr().out
    for word in (
        "residents in 4 LSOAs and 2 neighbourhoods",
        "N2 (South team)",
        "mid_year.xlsx",
        "households",
        "Written",
    ):
        assert word in said
    facts = load_place("town").facts
    assert (facts["local_factor_emergency"], facts["local_factor_care_home"]) == ("0.93", "1.2")
    assert facts["start_date"] == "2023-04-01"
    assert main(["place", "check", "town"]) == 0
    for refused, word in (
        (words, "is there already"),
        (["place", "check", "town", "--people", "5"], "'--people' goes with build"),
        (["place", "check", "town", "lookup.csv"], "'lookup.csv' goes with build"),
        (["place", "build", "other", *FILES, "--factor", "emergency"], "write it as emergency=0.93"),
        (["place", "build", "other", *FILES, "--people", "none"], "must be 1 or more"),
        (["place", "build", "other", *FILES, "--boroughs", BOROUGH], "no such option '--boroughs'"),
        (["place", "bild", "other"], "did you mean 'build'"),
    ):
        capsys.readouterr()
        assert main(refused) == 2
        assert word in capsys.readouterr().err
    assert not (files / "other").exists()
