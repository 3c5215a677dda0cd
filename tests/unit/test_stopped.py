"""What stopping early does to an interval: said on the page and in the table, and as large as is said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import t

from evaluation import compare_report
from evaluation.draws import generator
from evaluation.run_folder import read_run
from evaluation.stopped import FEW, HELD, HELD_FEW, stopped_words
from tests.unit.evaluation_synthetic import write_run_folder

RUNS = 4_000
STOP = {"tasks": 4, "most": 12, "half_width": 4.0, "target": 5.0, "outcome": "ed_attendances", "reached": True}


def told(folder: Path, stop: dict[str, Any] | None, batch: int = 4) -> Path:
    """Put what a run says of its stop into the manifest of ``folder``."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest.pop("stop", None)
    manifest.setdefault("scenario", {})["experiment"] = {"stop": {"batch": batch}}
    path.write_text(json.dumps(manifest | ({"stop": stop} if stop else {})), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    arms = ("usual_care", "outreach", "frailty")
    return write_run_folder(tmp_path_factory.mktemp("stopped"), arms, replications=4, months=range(0, 3))


def test_page_and_table_say_that_a_run_stopped_by_its_interval_and_what_that_costs(folder: Path) -> None:
    told(folder, STOP)
    said = (
        "The run stopped as soon as the 95% interval of the difference in ED attendances of frailty was narrow enough "
        "(after 4 of at most 12 replications), which comes soonest where chance makes it too narrow: such an interval "
        f"holds the truth in about {HELD} of 100 runs, not in 95."
    )
    assert stopped_words(read_run(folder)) == said
    assert said in compare_report.write(folder).read_text(encoding="utf-8")
    table = compare_report.table(folder)
    assert said in re.sub(r"\s+", " ", table)
    assert max(map(len, table.splitlines())) <= 100


def test_a_look_after_every_second_replication_costs_more(folder: Path) -> None:
    assert f"about {HELD_FEW} of 100" in stopped_words(read_run(told(folder, STOP, batch=FEW)))


@pytest.mark.parametrize("stop", [None, STOP | {"tasks": 12}, STOP | {"tasks": 12, "reached": False}])
def test_nothing_is_said_of_a_run_that_went_on_to_its_end(folder: Path, stop: dict[str, Any] | None) -> None:
    assert stopped_words(read_run(told(folder, stop))) == ""
    assert "stopped as soon as" not in compare_report.table(folder)


def held(looks: list[int], wanted: int) -> float:
    """Return of 100 intervals those that hold the truth, where the first is taken that is as narrow as ``wanted``."""
    x = generator(1, "stopped", *looks).standard_normal((RUNS, looks[-1]))
    goal = t.ppf(0.975, wanted - 1) / np.sqrt(wanted)  # half-width that so many replications are expected to give
    holds, open_ = np.zeros(RUNS, bool), np.ones(RUNS, bool)
    for n in looks:
        mean, half = x[:, :n].mean(axis=1), t.ppf(0.975, n - 1) * x[:, :n].std(axis=1, ddof=1) / np.sqrt(n)
        now = open_ & ((half <= goal) | (n == looks[-1]))
        holds[now] = (np.abs(mean) <= half)[now]
        open_ &= ~now
    return 100 * float(holds.mean())


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        (list(range(2, 42, 2)), HELD_FEW),
        (list(range(4, 44, 4)), HELD),
        ([4, 8, 16, 32, 64], HELD),
    ],
)
def test_intervals_of_runs_that_stop_early_hold_what_the_page_says(looks: list[int], said: int) -> None:
    assert held(looks, wanted=20) == pytest.approx(said, abs=1.5)
