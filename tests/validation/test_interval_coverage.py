"""Intervals of inequality and life tables hold the truth as often as they promise: the study, and a twentieth of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.interval_coverage import (
    REPEATS,
    RESULTS,
    STANDARD_ERRORS,
    STUDIES,
    code_hash,
    coverage,
    kept,
    monte_carlo_error,
)

STORED = json.loads(RESULTS.read_text(encoding="utf-8"))
BY_NAME = {row["name"]: row for row in STORED["studies"]}
TWENTIETH = REPEATS // 20


def test_the_kept_study_is_whole_and_of_the_present_code() -> None:
    assert STORED["repeats"] == REPEATS
    assert list(BY_NAME) == list(STUDIES)
    assert STORED["code_hash"] == code_hash(), "run python -m benchmarks.interval_coverage again and commit its figures"


@pytest.mark.parametrize("name", list(STUDIES))
def test_the_promise_was_kept_and_a_twentieth_agrees(name: str) -> None:
    stored, exact = BY_NAME[name]["coverage"], BY_NAME[name]["exact"]
    assert kept(STUDIES[name].promise, stored if exact is None else exact)
    expected = stored if exact is None else exact
    assert stored == pytest.approx(expected, abs=STANDARD_ERRORS * monte_carlo_error(expected, REPEATS))
    allowed = STANDARD_ERRORS * monte_carlo_error(expected, TWENTIETH)
    assert coverage(name, TWENTIETH) == pytest.approx(expected, abs=allowed)


@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if study.exact])
def test_coverage_added_up_over_all_counts_is_what_is_kept(name: str) -> None:
    exact = STUDIES[name].exact
    assert exact is not None
    assert exact() == pytest.approx(BY_NAME[name]["exact"], abs=1e-9)


def test_what_is_not_promised_says_why() -> None:
    assert all(study.caution for study in STUDIES.values() if study.promise != "covers")
