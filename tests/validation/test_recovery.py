"""Stored studies of whole fits: what was promised of toys with known posteriors holds, and the page says so."""

from __future__ import annotations

import json

import pytest

from benchmarks.recovery import REPEATS, TOYS, code_hash, results_file, table
from calibration.diagnostics.ranks import DOUBT
from tests.docs.pages import text_of

STORED = {name: json.loads(results_file(name).read_text(encoding="utf-8")) for name in TOYS}


@pytest.mark.parametrize("name", TOYS)
def test_the_figures_are_of_this_code(name: str) -> None:
    assert STORED[name]["code_hash"] == code_hash(), f"run python -m benchmarks.recovery {name} again: its code changed"
    assert STORED[name]["repeats"] == REPEATS == 200


@pytest.mark.parametrize("name", TOYS)
def test_known_posteriors_are_recovered(name: str) -> None:
    found = STORED[name]
    assert found["mean_absolute_gap_sd"] < 0.1
    assert abs(found["mean_gap_sd"]) < 0.1
    assert 0.85 <= found["coverage_90"] <= 0.95
    assert 0.9 < found["sd_ratio"] < 1.1


@pytest.mark.parametrize("name", TOYS)
def test_ranks_are_uniform_and_would_not_be_with_a_wrong_likelihood(name: str) -> None:
    found = STORED[name]
    assert min(found["rank_p_values"]) > DOUBT / len(found["rank_p_values"])
    assert max(found["wrong_rank_p_values"]) < DOUBT


def test_the_page_shows_these_figures() -> None:
    assert table() in text_of("docs/calibration.md")
