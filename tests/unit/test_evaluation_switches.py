"""What reports say of the mechanisms that a run had switched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.switches import switched
from scenarios.compose import compose
from scenarios.place_files import find_folder
from sim.world import evidence_words

AS_USUAL = dict(compose(["place=toy"]).structure)


@pytest.mark.parametrize("structure", [None, {}, AS_USUAL, {"trust": True, "dying": True}])
def test_nothing_is_said_of_a_run_as_usual(structure: dict[str, object] | None) -> None:
    assert switched(structure) == "none"


def test_what_is_switched_off_is_said() -> None:
    said = switched({**AS_USUAL, "hidden_need": False, "dying": False, "mortality_path": "unmet"})
    assert said == "hidden need off, deaths foreseen, with needs and stays before them (dying) off"


def test_a_run_of_before_deaths_could_be_foreseen_says_so() -> None:
    assert switched({"trust": True}) == "deaths foreseen, with needs and stays before them (dying) off"


def test_a_posterior_that_was_fitted_with_a_mechanism_says_so_where_it_is_off() -> None:
    words = [evidence_words(compose(["place=england_average", f"structure.dying={on}"])) for on in ("true", "false")]
    assert "structure.dying" not in words[0]
    assert words[1] == f"{words[0]} (fitted with structure.dying on)"


def test_englands_posterior_stands_for_a_place_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(find_folder("toy"), mine)
    words = evidence_words(compose([f"place={mine}"]))
    assert words == evidence_words(compose(["place=england_average"]))
    assert "no calibration of toy" in evidence_words(compose(["place=toy"]))  # an invented place has none
    assert "no calibration" in evidence_words(compose([f"place={mine}", "evidence.posterior=registry"]))
