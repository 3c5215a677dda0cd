"""What `intsim place build` refuses or remarks on: files given twice, codes not of England, figures of hospitals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from intsim.cli import main
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.place_build.build import Built, Wanted, build_place
from scenarios.place_files import PLACES, check_place, load_place

CODES = ("E01000001", "E01000002", "E01000003")
HOSPITAL = {
    "code": "RA1",
    "name": "General",
    "ed_attendances_per_year": 100_000,
    "emergency_admissions_per_year": 25_000,
    "beds_available": 400,
    "beds_occupied": 380,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def areas(name: str = "areas.csv", **changed: object) -> str:
    """Write a table of one's own by LSOA and return its name."""
    columns: dict[str, object] = {"lsoa_code": CODES, "neighbourhood": ["A", "A", "B"], "population": 1500}
    pd.DataFrame({**columns, "imd_2025_rank": [100, 9_000, 30_000], **changed}).to_csv(name, index=False)
    return name


def built(*files: str, **asked: object) -> Built:
    """Build the place 'town'."""
    return build_place("town", files, Wanted(**asked))  # type: ignore[arg-type]


def refused(*files: str, **asked: object) -> str:
    """Return the one line that refuses to build, which leaves nothing."""
    with pytest.raises(InputError) as problem:
        built(*files, **asked)
    assert "\n" not in str(problem.value)
    assert not Path("town").exists()
    return str(problem.value)


def trusts(**changed: object) -> Path:
    """Write a file of one hospital and return its path."""
    pd.DataFrame([{**HOSPITAL, **changed}]).to_csv("trusts.csv", index=False)
    return Path("trusts.csv")


def test_a_file_given_twice_is_refused_and_two_of_one_name_are_not() -> None:
    areas()
    assert refused("areas.csv", "./areas.csv") == "./areas.csv: is given twice: give each file once"
    Path("other").mkdir()
    pd.DataFrame({"lsoa_code": CODES, "name": ["One", "Two", "Three"]}).to_csv("other/areas.csv", index=False)
    assert list(load_place(built("areas.csv", "other/areas.csv").folder).communities["name"]) == ["One", "Two", "Three"]


@pytest.mark.parametrize("header", ["lsoa_code", "LSOA21CD", "code"])
@pytest.mark.parametrize(
    ("code", "words"), [("W01000002", "is an LSOA of Wales"), ("E0100002", "is no code of an LSOA")]
)
def test_codes_that_are_no_lsoa_of_england_are_refused_by_file_and_row(header: str, code: str, words: str) -> None:
    table = pd.DataFrame({header: [CODES[0], code], "neighbourhood": "A", "population": 1500, "imd_2025_decile": 3})
    table.to_csv("areas.csv", index=False)
    said = refused("areas.csv")
    assert said.startswith(f"areas.csv data row 2 column {header}: '{code}' {words}")
    assert "E01 and six digits" in said


def test_a_borough_across_the_border_is_refused_and_its_rows_in_a_file_of_both_countries_are_not() -> None:
    table = {"lsoa_code": [*CODES, "W01000001"], "LAD24NM": ["Town"] * 3 + ["Cardiff"], "neighbourhood": ""}
    areas("areas.csv", **{**table, "imd_2025_rank": [1, 2, 3, 4]})
    assert "areas.csv row W01000001 column lsoa_code: 'W01000001' is an LSOA of Wales" in refused(
        "areas.csv", boroughs=("Cardiff",)
    )
    pd.DataFrame({"lsoa_code": CODES, "neighbourhood": "A"}).to_csv("mine.csv", index=False)
    assert len(load_place(built("mine.csv", "areas.csv", boroughs=("Town",)).folder).communities) == 3


def test_lsoas_left_out_for_a_blank_neighbourhood_are_named() -> None:
    made = built(areas(neighbourhood=["A", "", "A"]))
    assert list(load_place(made.folder).communities["code"]) == [CODES[0], CODES[2]]
    assert "areas.csv: left out of the place, as 'neighbourhood' is blank: E01000002" in made.notes


def test_a_blank_that_another_file_fills_is_not_remarked_on() -> None:
    pd.DataFrame({"lsoa_code": CODES, "neighbourhood": "B"}).to_csv("other.csv", index=False)
    made = built(areas(neighbourhood=["A", "", "A"]), "other.csv")
    assert len(load_place(made.folder).communities) == 3
    assert not [note for note in made.notes if "left out" in note]


def test_a_hospital_with_more_admissions_than_attendances_is_refused_by_build_and_check(here: Path) -> None:
    swapped = {"ed_attendances_per_year": 10_000, "emergency_admissions_per_year": 300_000}
    said = refused(areas(), hospitals=trusts(**swapped))
    assert said.startswith("trusts.csv data row 1 (RA1) column emergency_admissions_per_year: 300000 is not allowed")
    assert "at most ed_attendances_per_year, 10000" in said
    assert "trusts.csv data row 1 (RA1) column beds_occupied" in refused(areas(), hospitals=trusts(beds_occupied=500))
    folder = built("areas.csv", hospitals=trusts()).folder
    table = pd.read_csv(folder / "hospitals.csv", dtype=str).assign(**{name: str(n) for name, n in swapped.items()})
    table.to_csv(folder / "hospitals.csv", index=False)
    assert len(check_place(folder)) == 1
    assert "hospitals.csv data row 1 (RA1) column emergency_admissions_per_year" in check_place(folder)[0]


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"ed_attendances_per_year": 100, "emergency_admissions_per_year": 30}, "100 ED attendances a year, where"),
        ({"ed_attendances_per_year": 8_000, "emergency_admissions_per_year": 2_000}, "69.4 days in a bed"),
        ({"beds_occupied": 20}, "0.3 days in a bed for each emergency admission; usual is 1 to 30"),
    ],
)
def test_figures_of_hospitals_that_can_hardly_be_a_years_are_remarked_on(figures: dict[str, int], words: str) -> None:
    made = built(areas(), hospitals=trusts(**figures))
    odd = [note for note in made.notes if words in note]
    assert len(odd) == 1
    assert "for a whole year" in odd[0]


def test_plain_figures_of_hospitals_are_not_remarked_on() -> None:
    made = built(areas(), hospitals=trusts())
    assert not [note for note in made.notes if note.startswith("Hospital")]
    for place in PLACES.iterdir():
        assert not (place / "place.csv").is_file() or check_place(place) == []


@pytest.mark.parametrize(
    ("columns", "edition"),
    [
        ({}, "2025"),
        ({"imd_2019_rank": [100, 9_000, 30_000]}, "2019"),
        ({"imd_2019_decile": [1, "", ""]}, "2025"),
    ],
)
def test_a_place_says_by_which_indices_it_was_ranked_and_runs_take_it_from_there(
    columns: dict[str, object], edition: str
) -> None:
    made = built(areas(**columns))
    assert load_place(made.folder).facts["imd_edition"] == edition
    scenario = compose(["place=town"])
    assert scenario.place.imd_edition == edition
    assert compose(["place=town", "place.imd_edition=2019"]).place.imd_edition == "2019"


def test_an_edition_that_there_is_not_is_refused() -> None:
    folder = built(areas()).folder
    facts = (folder / "place.csv").read_text().replace("imd_edition,2025", "imd_edition,2031")
    (folder / "place.csv").write_text(facts)
    assert "no such edition '2031'" in check_place(folder)[0]


@pytest.mark.slow
def test_reports_of_a_place_ranked_in_2025_name_those_indices(capsys: pytest.CaptureFixture[str]) -> None:
    built(areas())
    words = ["experiment=quick", "experiment.horizon_months=1", "experiment.burn_in_months=0", "experiment.workers=1"]
    assert main(["compare", "place=town", "int=frailty", *words, "experiment.output=out"]) == 0
    assert "IMD 2025" in capsys.readouterr().out
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "IMD 2025" in page
    assert "IMD 2019" not in page
