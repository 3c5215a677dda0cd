"""The panel of those who were there at go-live: the place's panel without whoever came since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import intsim
from evaluation.closed import closed_findings
from evaluation.run_folder import read_run
from evaluation.twins import compare
from sim.agents.design import with_settings
from sim.codes import PRESENT
from sim.month import first_course, make_plan, run_month
from sim.outcomes.panel import OUTCOMES
from sim.task import ENGINES
from tests.residents import BURN_IN, EVERY_LEVER, STAFFED, toy, usual_care

ED, LIVED, DEATHS = (OUTCOMES.index(name) for name in ("ed_attendances", "person_seconds", "deaths"))
GO_LIVE, MONTHS = 2, 9


def test_it_counts_whom_it_should_and_nobody_else_while_rows_are_given_to_others() -> None:
    world = toy()
    plan = replace(make_plan(world, usual_care(world), with_settings(EVERY_LEVER, STAFFED)), go_live=GO_LIVE)
    course = first_course(world, 1)
    there: set[int] = set()
    came = lost = 0
    for month in range(BURN_IN + GO_LIVE + MONTHS):
        people = course.state.tables.people
        if month == BURN_IN + GO_LIVE:
            there = set(people["key"][people["presence"] == PRESENT].tolist())
        happened = run_month(world, course, plan, ENGINES["compiled"])
        outcomes, people = happened.collected.outcomes, course.state.tables.people
        assert (outcomes.closed <= outcomes.panel).all()
        if not there:
            assert (outcomes.closed == outcomes.panel).all()
            continue
        mine = np.isin(people["key"], np.array(list(there), np.uint64))
        exits = course.state.exits
        lived = np.where(people["presence"] == PRESENT, outcomes.end_s - outcomes.start_s, 0)
        lived[exits["person"]] = exits["time"] - outcomes.start_s
        assert outcomes.closed[..., LIVED].sum() == lived[mine].sum()
        assert outcomes.panel[..., LIVED].sum() == lived.sum()
        assert outcomes.closed[..., ED].sum() == mine[outcomes.attended].sum()
        came += int((outcomes.panel - outcomes.closed)[..., ED].sum())
        lost += int(outcomes.closed[..., DEATHS].sum())
    assert came > 0
    assert lost > 0


def test_the_run_folder_and_its_report_hold_it(tmp_path: Path) -> None:
    words = ("place=toy", "int=outreach", "experiment=quick", "experiment.replications=2", "experiment.workers=1")
    folder = intsim.compare(*words, output=tmp_path / "results")
    closed, panel = (pd.read_parquet(folder / f"{name}.parquet") for name in ("closed", "panel"))
    assert closed.columns.tolist() == panel.columns.tolist()
    assert closed["month"].min() == 0
    whole = panel[panel["month"] >= 0]
    by_month = [table.groupby("month")["person_seconds"].sum() for table in (closed, whole)]
    shares = (by_month[0] / by_month[1]).to_numpy()
    assert (np.diff(shares) < 0).all()
    assert shares[0] < 1.0
    findings = closed_findings(read_run(folder))
    assert findings is not None
    found = compare(closed, "usual_care", "outreach").set_index(["outcome", "group"])["difference"]
    mine = findings.differences["outreach"].set_index(["outcome", "group"])["difference"]
    pd.testing.assert_series_equal(mine, found)
    assert "Those already living there at go-live" in (folder / "report.html").read_text(encoding="utf-8")
    (folder / "closed.parquet").unlink()
    assert closed_findings(read_run(folder)) is None


@pytest.mark.slow
def test_all_are_there_at_first_and_they_are_the_same_in_both_arms(tmp_path: Path) -> None:
    words = (
        "place=toy",
        "int=consistent_core",
        "experiment=quick",
        "experiment.workers=1",
        "experiment.horizon_months=1",
    )
    folder = intsim.compare(*words, output=tmp_path / "results")
    closed = pd.read_parquet(folder / "closed.parquet")
    cells = ["neighbourhood", "quintile", "age_band", "sex"]
    arms = [mine.groupby(cells)["person_seconds"].sum() for _, mine in closed.groupby("arm")]
    pd.testing.assert_index_equal(arms[0].index, arms[1].index)
