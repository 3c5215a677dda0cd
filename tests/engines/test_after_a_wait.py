"""What is decided when a wait is given up is drawn as of the next contact, on both engines."""

from __future__ import annotations

import numpy as np
import pytest

from sim.codes import FREE, RENEGED
from sim.engines import reference
from sim.month import first_course, make_plan
from tests.residents import CONGESTED, run, toy, usual_care


def test_the_pathway_is_shown_the_number_after_that_of_the_wait_given_up(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    world = toy(*CONGESTED)
    plan = make_plan(world, usual_care(world), usual_care(world))
    name = type(first_course(world, 4).state.tables).__name__
    asked, shown = reference.NEXT[name], {}

    def noting(tables, rows, r, now, event, in_acute):  # type: ignore[no-untyped-def]
        if event == RENEGED:
            shown[(int(rows[r]["need"]), now)] = int(rows[r]["ordinal"])
        return asked(tables, rows, r, now, event, in_acute)

    monkeypatch.setitem(reference.NEXT, name, noting)
    log = run(world, plan.usual, months=1, seed=4, engine="reference").log
    given_up = log[log["how"] == RENEGED]
    assert len(given_up) > 100
    assert all(shown[(int(one["need"]), int(one["left"]))] == one["ordinal"] + 1 for one in given_up)
    monkeypatch.undo()
    assert (run(world, plan.usual, months=1, seed=4).log == log).all()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_needs_that_would_have_arisen_after_a_death_or_move_leave_no_record(engine: str) -> None:
    done = run(toy(), usual_care(toy()), months=6, engine=engine)
    ends = done.log[done.log["service"] < 0]
    assert (ends["joined"] <= ends["left"]).all()
    gone = {int(one["person_key"]): int(one["time"]) for month in done.months for one in month.closed.exits}
    late = [one for one in done.created if gone.get(int(one["person_key"]), 2**62) <= one["arose"]]
    assert late
    assert not np.isin([one["need"] for one in late], ends["need"]).any()
    rows = done.course.state.rows
    assert not np.isin(rows["need"][rows["status"] != FREE], [one["need"] for one in late]).any()
