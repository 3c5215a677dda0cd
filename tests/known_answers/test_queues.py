"""Queueing known answers through the engines: within 4 standard errors, and those small enough.

The compiled engine runs every row in full here. The reference engine ran the same replications in full in
benchmarks.known_answers: its stored results are checked to be of its present sources and to hold, and the logs they
came from to be, record for record, those that the compiled engine gives here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import numpy as np
import pytest

from benchmarks.known_answers import results_file, signature, source_hash
from benchmarks.queue_inputs import CASES, TANDEM
from benchmarks.queue_runs import Run, all_runs, estimates, replicate, simulated
from sim.engines.state import open_rows
from sim.networks import run_network
from tests.theory import closed_forms

RUNS = all_runs()
STUDY = "python -m benchmarks.known_answers --engine reference"
PREFIX_CONTACTS = 2_000
SHORT_REPLICATIONS = 10
SHORT_CONTACTS = 1_200
SHORT_WARM_UP = 1 / 3  # of the short run
names = pytest.mark.parametrize("run", RUNS, ids=[run.name for run in RUNS])


def stored_reference() -> dict[str, Any]:
    """Return the stored study of the reference engine; fails when there is none."""
    path = results_file("reference")
    assert path.exists(), f"{path} is missing: {STUDY}"
    return json.loads(path.read_text())  # type: ignore[no-any-return]


@pytest.mark.slow
@names
def test_compiled_engine_gives_the_known_answers(run: Run) -> None:
    replications = [replicate(run, k, "compiled") for k in range(run.replications)]
    found = estimates(run, replications)
    wrong = {name: each for name, each in found.items() if not each.holds}
    assert wrong == {}
    rows = stored_reference()["rows"] if results_file("reference").exists() else {}
    if run.name in rows and rows[run.name]["signature"] == signature(run):
        digest = hashlib.blake2b("".join(each.digest for each in replications).encode(), digest_size=16).hexdigest()
        assert digest == rows[run.name]["log_digest"], "the reference engine's stored logs are not these"


@names
def test_reference_engine_gave_the_known_answers_in_full(run: Run) -> None:
    rows = stored_reference()["rows"]
    assert run.name in rows, f"{run.name} is missing: {STUDY}"
    row = rows[run.name]
    assert row["signature"] == signature(run), "the study was run with other lengths"
    for name, expected in run.expected.items():
        each = row["quantities"][name]
        assert each["expected"] == pytest.approx(expected, rel=1e-9)
        assert each["z"] == pytest.approx((each["value"] - expected) / each["standard_error"], abs=1e-6)
        assert abs(each["z"]) <= 4.0, name
        assert each["standard_error"] <= run.allowed_error(name) * abs(expected), name


def test_stored_study_is_of_the_present_sources() -> None:
    assert stored_reference()["source_hash"] == source_hash("reference"), f"stale, run again: {STUDY}"


@names
def test_both_engines_give_the_same_records(run: Run) -> None:
    days = min(run.days, PREFIX_CONTACTS / run.arrivals_per_day)
    logs, states = [], []
    for engine in ("reference", "compiled"):
        state = run.build(run.seed(0))
        logs.append(run_network(state, days, engine, run.window_days()))
        states.append(state)
    assert np.array_equal(*logs)
    assert np.array_equal(open_rows(states[0].rows), open_rows(states[1].rows))
    assert np.array_equal(states[0].services, states[1].services)


def short(run: Run) -> Run:
    """Return a row cut to a few thousand contacts a replication."""
    if run.replications > SHORT_REPLICATIONS and not run.controlled:
        return dataclasses.replace(run, replications=60)
    days = SHORT_CONTACTS / run.arrivals_per_day
    return dataclasses.replace(
        run, days=days, warm_up_days=min(run.warm_up_days, SHORT_WARM_UP * days), replications=SHORT_REPLICATIONS,
        controlled=False, shadow="",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["sim_mmc|1", "sim_erlang_a|1", "sim_erlang_b_beds|2", "sim_mginf_caseload|0|from_empty_fixed"]
)
def test_reference_engine_alone_is_near_the_known_answers(name: str) -> None:
    run = short(next(each for each in RUNS if each.name == name))
    found = estimates(run, [replicate(run, 1_000 + k, "reference") for k in range(run.replications)])
    for quantity, each in found.items():
        assert abs(each.z) <= 4.0, (quantity, each)
        assert each.standard_error < 0.25 * each.expected, (quantity, each)


def test_nothing_that_can_be_simulated_is_left_out() -> None:
    got = {(run.name.split("|")[0], name) for run in RUNS for name in run.expected}
    for case, rows in CASES.items():
        for row in rows.rows:
            for name in simulated(rows.answer(row)):
                known = "mean_at_t" if name.startswith("mean_at_t") else name
                assert (case, known) in got
    for name in simulated(closed_forms.tandem(*zip(*TANDEM, strict=True))):
        assert ("sim_tandem", name) in got


def test_seeds_are_all_different() -> None:
    seeds = [run.seed(k) for run in RUNS for k in range(run.replications)]
    assert len(seeds) == len(set(seeds))


def test_a_wrong_answer_would_be_seen() -> None:
    """An answer 5% off must fail: the bounds are not too wide."""
    run = next(each for each in RUNS if each.name == "sim_mmc|1")
    wrong = dataclasses.replace(run, expected={"Wq": 1.05 * run.expected["Wq"]})
    found = estimates(wrong, [replicate(wrong, k, "compiled") for k in range(wrong.replications)])
    assert not found["Wq"].holds
