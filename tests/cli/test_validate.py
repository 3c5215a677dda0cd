"""``intsim validate``: what is found is kept after each check, and progress is shown."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pandas as pd
import pytest

from evaluation.validation import Finding
from intsim.apps.validate import carry_out, checks
from intsim.progress import QUIET_S, Progress
from intsim.validation.arms import Tick
from intsim.validation.detectors import unavoidable

TOY = ("place=toy", "services.background=false", "experiment.burn_in_months=0", "experiment.horizon_months=2")


def found(name: str) -> Finding:
    """Return a check that held."""
    return Finding(name, "Is it so?", "It is.", True, pd.DataFrame({"figure": [1.5]}))


def first(tick: Tick) -> Finding:
    """Find something at once."""
    tick("usual care, replication 1 of 1")
    return found("First of all")


def test_a_check_that_is_stopped_leaves_what_was_found_before(tmp_path: Path) -> None:
    page = tmp_path / "out" / "validation.html"

    def stopped(tick: Tick) -> Finding:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out({"first": first, "second": stopped}, [("Replications", "1")], page, Progress(io.StringIO()))
    text = page.read_text(encoding="utf-8")
    assert "First of all" in text
    assert "1 of 2 so far" in text
    assert (page.parent / "first_of_all.csv").read_text(encoding="utf-8") == "figure\n1.5\n"


def test_a_page_of_all_checks_says_nothing_of_what_is_left(tmp_path: Path) -> None:
    second = found("Second")
    wanted = {"first": first, "second": lambda tick: second}
    findings, page = carry_out(wanted, [], tmp_path / "validation.html", Progress(io.StringIO()))
    assert [each.name for each in findings] == ["First of all", "Second"]
    assert "so far" not in page.read_text(encoding="utf-8")


def test_progress_names_the_check_and_the_life_it_is_at(tmp_path: Path) -> None:
    stream = io.StringIO()
    progress = Progress(stream)

    def slow(tick: Tick) -> Finding:
        time.sleep(QUIET_S)
        return first(tick)

    carry_out({"slow": slow}, [], tmp_path / "validation.html", progress)
    lines = stream.getvalue().splitlines()
    assert lines == ["0 of 1 checks (slow: usual care, replication 1 of 1)", "slow: passed", "1 of 1 checks"]


def test_a_check_of_the_model_tells_each_life_as_it_ends() -> None:
    told: list[str] = []
    unavoidable(TOY, 2, told.append)
    assert len(told) == 4
    assert told[0].endswith("replication 1 of 2")
    assert told[-1].endswith("replication 2 of 2")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["levels", "outreach", "inverse_care", "placebo", "ceiling"])
def test_every_check_hands_on_what_it_is_given_to_tell(name: str) -> None:
    told: list[str] = []
    checks()[name](TOY, 2, told.append)
    assert told
