"""Stored studies of whole fits: what was promised of toys with known posteriors holds, and the page says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recovery import REPEATS, TOYS, code_hash, finished_rows, results_file, table
from calibration.diagnostics.ranks import DOUBT
from tests.docs.pages import text_of


def stored(name: str) -> dict[str, Any]:
    """Return the figures of a study; skips where it has not been run in full yet."""
    if not results_file(name).is_file():
        pytest.skip(
            f"not run yet: python -m benchmarks.recovery {name} (some 15 minutes of CPU; it goes on if stopped)"
        )
    return dict(json.loads(results_file(name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", TOYS)
def test_the_figures_are_of_this_code(name: str) -> None:
    found = stored(name)
    assert found["code_hash"] == code_hash(), f"run python -m benchmarks.recovery {name} again: its code changed"
    assert found["repeats"] == REPEATS == 200


@pytest.mark.parametrize("name", TOYS)
def test_known_posteriors_are_recovered(name: str) -> None:
    found = stored(name)
    assert found["mean_absolute_gap_sd"] < 0.1
    assert abs(found["mean_gap_sd"]) < 0.1
    assert 0.85 <= found["coverage_90"] <= 0.95
    assert 0.9 < found["sd_ratio"] < 1.1


@pytest.mark.parametrize("name", TOYS)
def test_ranks_are_uniform_and_would_not_be_with_a_wrong_likelihood(name: str) -> None:
    found = stored(name)
    assert min(found["rank_p_values"]) > DOUBT / len(found["rank_p_values"])
    assert max(found["wrong_rank_p_values"]) < DOUBT


def test_the_page_shows_these_figures_or_says_that_there_are_none() -> None:
    assert table() in text_of("docs/calibration.md")


def test_a_study_goes_on_from_the_repeats_that_are_kept(tmp_path: Path) -> None:
    file = tmp_path / f"linear_{code_hash()[:16]}.jsonl"
    file.write_text('{"rank": [1]}\n{"rank": [2]}\n{"rank": [', encoding="utf-8")
    assert finished_rows(file) == [{"rank": [1]}, {"rank": [2]}]
    assert finished_rows(file) == [{"rank": [1]}, {"rank": [2]}]
    assert finished_rows(tmp_path / "none.jsonl") == []
