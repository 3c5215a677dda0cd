"""What reports say of the mechanisms that a run had switched."""

from __future__ import annotations

import pytest

from evaluation.switches import switched
from scenarios.compose import compose
from sim.world import evidence_words

AS_USUAL = dict(compose(["place=toy"]).structure)


@pytest.mark.parametrize("structure", [None, {}, AS_USUAL, {"trust": True}])
def test_nothing_is_said_of_a_run_as_usual(structure: dict[str, object] | None) -> None:
    assert switched(structure) == "none"


def test_what_is_switched_off_is_said() -> None:
    said = switched({**AS_USUAL, "hidden_need": False, "dying": False, "mortality_path": "unmet"})
    assert said == "hidden need off, deaths foreseen, with needs and stays before them (dying) off"


def test_a_posterior_that_was_fitted_with_a_mechanism_says_so_where_it_is_off() -> None:
    words = [evidence_words(compose(["place=england_average", f"structure.dying={on}"])) for on in ("true", "false")]
    assert "structure.dying" not in words[0]
    assert words[1] == f"{words[0]} (fitted with structure.dying on)"
