"""The simulation studies: a twentieth of each is run anew and held against what is stored of it in full.

Bounds are four Monte Carlo standard errors. A stored study whose code has changed since is stale, and fails.
"""

from __future__ import annotations

import math

import pytest

from benchmarks.studies.cases import CASES, case
from benchmarks.studies.run import REPEATS, SEED, STANDARD_ERRORS, TWENTIETH, run
from benchmarks.studies.store import code_hash, read, results_file
from benchmarks.studies.table import PAGE, page

NAMES = [each.name for each in CASES]
NOMINAL, PROMISED, WRONG = 0.95, (0.93, 0.97), 0.90
FIVE = {"null", "constant", "staggered", "ar1", "few_clusters"}


def test_the_studies_that_were_asked_for_are_there() -> None:
    assert {*FIVE, "spillover", "informative_death", "repeat_attenders", "regression_to_mean"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_stored_figures_are_full_and_of_the_present_code(name: str) -> None:
    stored = read(name)
    assert stored["repeats"] == REPEATS
    assert stored["seed"] == SEED
    assert stored["code_hash"] == code_hash(case(name)), f"stale: make study NAME={name}"
    assert results_file(name).with_suffix(".png").is_file()
    assert [row["estimator"] for row in stored["scores"]] == [each.name for each in case(name).attempts]


@pytest.mark.parametrize("name", NAMES)
def test_what_theory_promises_held_in_full(name: str) -> None:
    for row in read(name)["scores"]:
        if row["promise"] == "covers":
            assert PROMISED[0] <= row["coverage"] <= PROMISED[1], row
            assert abs(row["bias"]) <= STANDARD_ERRORS * row["bias_error"], row
        elif row["promise"] == "fails":
            assert row["coverage"] < WRONG, row


def test_the_page_shows_the_stored_figures() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m benchmarks.studies.table"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_twentieth_agrees_with_the_stored_study(name: str) -> None:
    stored = {row["estimator"]: row for row in read(name)["scores"]}
    for score in run(case(name), TWENTIETH):
        full = stored[score.estimator]
        expected = NOMINAL if score.promise == "covers" else full["coverage"]
        spread = math.sqrt(max(expected * (1 - expected), 0.25 / TWENTIETH) / TWENTIETH)
        assert abs(score.coverage - expected) <= STANDARD_ERRORS * spread, (score, full)
        error = full["spread"] * math.sqrt(1 / TWENTIETH + 1 / REPEATS)
        assert abs(score.bias - full["bias"]) <= STANDARD_ERRORS * error, (score, full)
