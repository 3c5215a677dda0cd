"""Settings and files that are wrong, or only look so: refused in one line, or taken as they are meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from evaluation.parquet import read_table
from intsim.api import all_arms
from intsim.cases.spending import added_by
from intsim.cli import main
from intsim.fitting import scenario_of
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.place_files import PLACES, check_place
from scenarios.registry.reader import FOLDER, load_registry

SERVICES = "service,site_type,amount,unit,open_pattern,sessions_rule,basis,source,note\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a place of one's own that starts in October 2021."""
    folder = tmp_path / "ours"
    shutil.copytree(PLACES / "toy", folder)
    facts = (folder / "place.csv").read_text(encoding="utf-8")
    (folder / "place.csv").write_text(facts.replace("2024-04-01", "2021-10-01"), encoding="utf-8")
    return folder


def test_a_place_of_ones_own_says_when_a_run_starts_unless_one_is_given(own: Path) -> None:
    for words in ([f"place={own}"], ["place=toy", f"place.folder={own}"]):
        assert compose(words).place.start_date.isoformat() == "2021-10-01"
    for words in (
        [f"place={own}", "place.start_date=2023-01-01"],
        ["place.start_date=2023-01-01", f"place={own}"],
    ):
        assert compose(words).place.start_date.isoformat() == "2023-01-01"
    assert compose(["place=toy"]).place.start_date.isoformat() == "2024-04-01"


def test_a_design_for_a_community_that_is_not_there_is_refused() -> None:
    known = pd.read_csv(PLACES / "toy" / "communities.csv")["code"].astype(str).tolist()
    made = compose(["place=toy", f"int.geography.communities=[{known[0]}]"])
    assert made.int_design.geography.communities == (known[0],)
    with pytest.raises(InputError, match=r"int\.geography\.communities: no such community 'T99'"):
        compose(["place=toy", "int.geography.communities=[T99]"])


@pytest.mark.parametrize("name", ["ours", "St Mary's & all, {east}", "back\\slash\\"])
def test_a_place_of_ones_own_is_called_what_it_calls_itself(own: Path, name: str) -> None:
    facts = (own / "place.csv").read_text(encoding="utf-8")
    cell = f'"{name}"'
    (own / "place.csv").write_text(facts.replace("name,toy", f"name,{cell}", 1), encoding="utf-8")
    for words in ([f"place={own}"], ["place=toy", f"place.folder={own}"]):
        assert compose(words).place.name == name
    assert compose([f"place={own}", "place.name=other"]).place.name == "other"


def test_a_name_that_could_be_read_as_more_than_text_is_not_taken(own: Path) -> None:
    facts = (own / "place.csv").read_text(encoding="utf-8")
    (own / "place.csv").write_text(facts.replace("name,toy", "name,${oc.env:HOME}", 1), encoding="utf-8")
    assert compose([f"place={own}"]).place.name == "toy"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("virtual_ward,neighbourhood,,places_per_10000_registered,always,,assumption,ours,\n", "amount: is empty"),
        ("gp,neighbourhood,5,places,weekday_8_1830,,assumption,ours,\n", "unit: 'places' is not allowed"),
        ("bed,hospital,5,fte_per_10000_registered,always,,assumption,ours,\n", "'fte_per_10000_registered' is not"),
    ],
)
def test_a_service_without_an_amount_or_in_the_wrong_unit_is_found_by_the_check(
    own: Path, row: str, words: str
) -> None:
    (own / "services.csv").write_text(SERVICES + row, encoding="utf-8")
    problems = check_place(own)
    assert any(words in problem and "services.csv data row 1" in problem for problem in problems), problems


def test_settings_of_a_design_are_no_part_of_a_fit_or_a_case() -> None:
    with pytest.raises(InputError, match="int: a fit is of usual care"):
        scenario_of(["int.workforce.added_fte.gp=5"])
    with pytest.raises(InputError, match="goes without int="):
        all_arms(("place=toy", "case=default", "int.workforce.added_fte.gp=5"), "usual_care", None)
    assert scenario_of(["experiment.burn_in_months=12"]).int_design.name == "usual_care"


@pytest.mark.parametrize("kind", ["costs={fraility:{recurrent_gbp_per_10000:200000.0}}", "posts={fraility:{gp:1.0}}"])
def test_costs_or_posts_of_no_design_are_refused(kind: str) -> None:
    with pytest.raises(InputError, match="no such INT design 'fraility': did you mean 'frailty'"):
        all_arms(("place=toy", "case=default", f"case.{kind}"), "usual_care", None)


@pytest.mark.parametrize(
    "word", ["case.discounting=green_book", "case.costs={frailty:{recurrent_gbp_per_10000:200000.0}}"]
)
def test_a_setting_of_a_case_that_is_not_there_is_refused(word: str) -> None:
    name = word.partition("=")[0]
    with pytest.raises(InputError, match=f"{name}: there is no case here to count it: say case=default"):
        all_arms(("place=toy", "int=frailty", word), "usual_care", None)
    assert len(all_arms(("place=toy", "int=frailty", "case.discounting=nice"), "usual_care", None)) == 2


def test_evidence_with_a_column_twice_is_refused_and_blanks_in_its_header_are_not(tmp_path: Path) -> None:
    ours = (FOLDER / "parameters" / "acute.csv").read_text(encoding="utf-8").splitlines()
    header, row = ours[0], next(line for line in ours if line.startswith("readmit_again"))
    file = tmp_path / "ours.csv"
    file.write_text(f"{header},central\n{row},0.9\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'central' is there 2 times"):
        load_registry().with_evidence(file=file)
    file.write_text(f"{header.replace(',', ', ')}\n\n{row.replace('0.53', '0.6')}\n", encoding="utf-8")
    assert load_registry().with_evidence(file=file).parameters["readmit_again"].central == 0.6
    file.write_text(f"{header}\n\n{row.replace('0.53', 'much')}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"ours.csv row 3 column central: must be a number \(found 'much'\)"):
        load_registry().with_evidence(file=file)
    file.write_text(f'{header}\n"{"x" * 200_000}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"ours\.csv: cannot be read as CSV"):
        load_registry().with_evidence(file=file)


def test_a_cut_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "waits.parquet"
    pd.DataFrame({"month": range(1000)}).to_parquet(path)
    assert len(read_table(path, ["month"])) == 1000
    with pytest.raises(InputError, match="column 'moth' is missing; did you mean 'month'"):
        read_table(path, ["moth"])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=r"waits.parquet: cannot be read as Parquet: it may be cut short"):
        read_table(path)
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.parquet")


@pytest.mark.parametrize("words", [["experiment.output=" + "x" * 300], ["experiment.output=/proc/nowhere/x"]])
def test_a_folder_that_cannot_be_made_is_a_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "place=toy", "experiment=quick", "experiment.horizon_months=1", *words]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said[-1]) > 10
    assert not any("Traceback" in line for line in said)


def test_homes_that_nobody_has_and_letters_beyond_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "place=toy", "experiment.output=~nobody_here/x", "--show"]) == 2
    assert "nobody here has that home" in capsys.readouterr().err
    assert main(["run", "place=~nobody_here", "--show"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert main(["run", "place=" + "x" * 300, "--show"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert str(compose(["place=toy", "experiment.output=résultats"]).experiment.output) == "résultats"


def test_what_an_editor_leaves_beside_settings_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "int").mkdir()
    (tmp_path / "int" / ".#mine.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "int" / "folder.yaml").mkdir()
    (tmp_path / "int" / "mine.yaml").write_text("defaults:\n  - frailty\n  - _self_\nname: mine\n", encoding="utf-8")
    assert compose(["int=mine"], tmp_path).int_design.name == "mine"


def test_a_run_of_an_older_version_is_told_so() -> None:
    design = compose(["int=frailty"]).int_design.model_dump(mode="json")
    assert added_by(design, compose(["int=usual_care"]).int_design.model_dump(mode="json")).posts
    del design["workforce"]["added_virtual_ward_places_per_10000"]
    with pytest.raises(InputError, match=r"settings of frailty, key int\.workforce\.added_virtual_ward.*is missing"):
        added_by(design, design)
