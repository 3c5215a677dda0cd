"""A design that starts late in what is simulated: refused where it never starts there, told first where it does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import intsim
from evaluation import compare_report
from evaluation.case_report.content import document
from evaluation.roll_out import late_starts
from evaluation.run_folder import RunFolder, read_run
from intsim.cases.results import investment
from scenarios.compose import compose
from scenarios.errors import InputError
from sim.agents.golive import urgency
from sim.experiment import usual_care
from sim.task import Arm, Arms
from sim.whom import check_starts
from sim.world import World, build_world

LATE = "int.transition.stagger_months=2"
SHORT = ("place=toy", "experiment=quick", "experiment.burn_in_months=1", "experiment.replications=1", "int=frailty")


@cache
def world(*words: str) -> World:
    """Return a scenario of the toy place, made ready."""
    return build_world(compose([*SHORT, *words]))


@cache
def in_order() -> tuple[str, str]:
    """Return the toy place's two neighbourhoods, that of most need first."""
    made = world()
    first = int(urgency("need", made.template.teams, made.template.communities)[:2].argmax())
    names = made.names.neighbourhoods
    return names[first], names[1 - first]


def check(*words: str) -> None:
    """Check the design of a scenario beside usual care."""
    made = world(*words)
    usual = usual_care()
    check_starts(made, Arms(usual, (Arm("usual_care", usual), Arm("frailty", made.scenario.int_design))))


def test_a_design_that_starts_nowhere_of_what_is_simulated_is_refused_with_its_month() -> None:
    early, late = in_order()
    words = ("int.transition.stagger_months=6", "experiment.horizon_months=6", "place.start_date=2024-04-01")
    with pytest.raises(InputError) as problem:
        check(f"place.neighbourhoods=[{late}]", *words)
    said = str(problem.value)
    assert said.startswith(
        "experiment.horizon_months: 6 is too short: 'frailty' starts one neighbourhood after another"
    )
    assert "not before month 6 (2024-10), counted from 0: give more than 6," in said
    assert "\n" not in said
    check(f"place.neighbourhoods=[{late}]", *words, "experiment.horizon_months=7")
    check(f"place.neighbourhoods=[{early}]", *words)
    check(*words)


def test_go_live_months_do_not_count_as_late_and_groups_of_their_own_start_at_once() -> None:
    _, late = in_order()
    check(f"place.neighbourhoods=[{late}]", "int.transition.go_live_month=9", "experiment.horizon_months=1")
    group = ("int.geography.group.by=care_home", "int.geography.group.only=false")
    check(f"place.neighbourhoods=[{late}]", *group, "int.transition.stagger_months=6", "experiment.horizon_months=2")


def test_a_design_for_communities_none_of_which_is_simulated_is_refused() -> None:
    made = world()
    codes = dict(zip(made.place.communities["neighbourhood"], made.place.communities["code"], strict=True))
    early, late = in_order()
    only = f"int.geography.communities=[{codes[early]}]"
    with pytest.raises(InputError, match=r"place\.neighbourhoods: none of those that 'frailty' is for"):
        check(f"place.neighbourhoods=[{late}]", only)
    check(f"place.neighbourhoods=[{early}]", only)


def test_what_is_refused_leaves_no_folder(tmp_path: Path) -> None:
    _, late = in_order()
    words = (*SHORT, f"place.neighbourhoods=[{late}]", LATE, "experiment.horizon_months=2", "experiment.workers=1")
    with pytest.raises(InputError, match="is too short"):
        intsim.compare(*words, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Return a comparison of three months in which the design starts in the last."""
    _, late = in_order()
    words = (*SHORT, f"place.neighbourhoods=[{late}]", LATE, "experiment.horizon_months=3", "experiment.workers=1")
    return read_run(intsim.compare(*words, output=tmp_path_factory.mktemp("late") / "run"))


def test_every_page_says_first_when_a_design_starts_late(run: RunFolder) -> None:
    told = (
        "Frailty starts only in month 2, counted from 0: it is at work in 1 of the 3 months that these figures are of. "
        "A longer run (experiment.horizon_months) shows more of it."
    )
    assert late_starts(run, 3) == [told]
    table = " ".join(compare_report.table(run.path).split())
    assert table.index(told) < table.index("Frailty against usual care")
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert page.index("Frailty starts only in month 2") < page.index("ED attendances")
    text = document(investment(run.path)).text()
    assert text.index("Frailty starts only in month 2") < text.index("Illustrative model")


def test_a_design_that_starts_in_time_is_not_remarked_on_and_one_after_what_counts_is(run: RunFolder) -> None:
    after = "after the 2 months that count: nothing of it is in these figures."
    assert late_starts(run, 2) == [f"Frailty starts only in month 2, counted from 0, {after}"]
    for starts, months, told in (([[2, 0.5]], 7, 0), ([[2, 0.5]], 6, 1), ([[0, 0.2], [9, 0.8]], 12, 0), ([], 3, 0)):
        manifest = {**run.manifest, "designs": {"frailty": {"live": 0, "starts": starts}}}
        assert len(late_starts(replace(run, manifest=manifest), months)) == told
    assert late_starts(replace(run, manifest={}), 3) == []
