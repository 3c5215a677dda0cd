"""Costs of designs for a part of the residents, or for some later: counted by what their own run tells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import intsim
from evaluation.roll_out import roll_out, starts_told
from evaluation.run_folder import read_run
from intsim.cases.opened import open_run
from intsim.cases.results import drawn_parameters
from intsim.cases.spending import spending_lines
from scenarios.errors import InputError
from scenarios.place_files import PLACES
from sim.agents.golive import delays

SHORT = ("place=toy", "experiment.burn_in_months=1", "experiment.replications=1", "experiment.workers=1")
TWO_BY_TWO = ("experiment.draws=2", "experiment.replications=2")
STEP = 2


def compared(folder: Path, *words: str, months: int = 4, **more: object) -> Path:
    """Return the folder of a comparison of the toy place over ``months``."""
    made = intsim.compare(*SHORT, f"experiment.horizon_months={months}", *words, output=folder / "run", **more)
    return Path(made)


def test_neighbourhoods_cost_from_the_month_in_which_agents_let_them_start(tmp_path: Path) -> None:
    folder = compared(tmp_path, "int=frailty", f"int.transition.stagger_months={STEP}")
    run = open_run(folder, [])
    starts = run.added["frailty"].starts
    workforce = pd.read_parquet(folder / "workforce.parquet")
    core = workforce[(workforce["service"] == "int_core") & (workforce["team"] != "group")]
    wide = core.pivot_table(index=["team", "month"], columns="arm", values="amount").reset_index()
    more = wide[(wide["frailty"] - wide["usual_care"]) > 0.01]
    first = more.groupby("team")["month"].min()
    heads = core[core["month"] == 0].drop_duplicates("team").set_index("team")["registered"]
    assert [month for month, _ in starts] == [0, STEP]
    assert sum(share for _, share in starts) == pytest.approx(1.0)
    assert sorted(first) == pytest.approx([0, STEP], abs=1)  # posts fill from the month after
    late = str(first.idxmax())
    assert dict(starts)[STEP] == pytest.approx(heads[late] / heads.sum(), abs=0.02)
    places = pd.read_csv(PLACES / "toy" / "communities.csv")
    for team, month in first.items():  # listed by neighbourhood, each part starts when its own does
        codes = ",".join(places.loc[places["neighbourhood"] == team, "code"])
        words = ("int=frailty", f"int.transition.stagger_months={STEP}", f"int.geography.communities=[{codes}]")
        part = open_run(compared(tmp_path / str(team), *words, months=STEP + 1), []).added["frailty"].starts
        assert [when for when, _ in part] == [pytest.approx(month, abs=1)]
        assert part[0][1] == pytest.approx(0.5, abs=0.02)
    assert delays(pd.Series([1.0, 2.0, 0.0]).to_numpy(), STEP).tolist() == [STEP, 0, 0]  # most needy first; a group


def test_a_later_arm_and_an_earlier_one_cost_what_they_have_in_the_months_that_count(tmp_path: Path) -> None:
    folder = compared(tmp_path, "int=frailty", "int.transition.go_live_month=2")
    run = open_run(folder, [])
    assert run.added["frailty"].starts == ((0, 1.0),)  # month 0 is that in which it goes live
    lines = spending_lines(run.book, "frailty", run.added["frailty"], 10_000.0, 4, run.place.first_month)
    assert lines["pence"].sum() > 0
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["designs"]
    assert (told["frailty"]["live"], told["usual_care"]["live"]) == (0, -2)


def test_a_price_that_is_drawn_with_another_is_one_number_of_the_evidence(tmp_path: Path) -> None:
    opened = open_run(compared(tmp_path, "int=frailty", *TWO_BY_TWO, months=1), [])
    drawn = drawn_parameters(opened)
    assert "assessment_unit_day" in opened.books[0].prices
    assert "assessment_unit_day" not in drawn
    assert drawn["emergency_bed_day"].nunique() == 2
    alone = drawn_parameters(open_run(opened.folder.path, ["case.prices={emergency_bed_day: 600}"]))
    assert alone["emergency_bed_day"].nunique() == 1
    assert alone["assessment_unit_day"].nunique() == 2, "a price that follows none that moves is a number of its own"


def test_a_page_tells_when_neighbourhoods_start_and_for_how_long_teams_are_at_work(tmp_path: Path) -> None:
    run = read_run(compared(tmp_path, "int=frailty", f"int.transition.stagger_months={STEP}"))
    starts = run.manifest["designs"]["frailty"]["starts"]
    live = sum(share * max(run.horizon_months - month, 0) for month, share in starts) / run.horizon_months
    told = roll_out(run)
    assert told.startswith(f"frailty: one neighbourhood after another, months 0 to {starts[-1][0]}; ")
    assert f"at work for {100 * live:.0f}% of their residents' time" in told
    short = starts_told("frailty", [(0, 0.6), (6, 0.4)], 6)
    assert short.endswith("at work for 60% of their residents' time, and for 40% of residents not at all")
    assert starts_told("frailty", [(-2, 0.5), (3, 0.5)], 6).endswith("at work for 75% of their residents' time")
    once = {**run.manifest, "designs": {"frailty": {"live": 0, "starts": [[0, 1.0]]}}}
    assert roll_out(replace(run, manifest=once)) == "frailty: all at once in month 0"
    assert starts_told("frailty", [(0, 0.3)], 6) == "frailty: all at once in month 0, for 30% of residents"
    group = {**run.manifest, "designs": {"frailty": {"live": 2, "starts": []}}}
    assert roll_out(replace(run, manifest=group)) == "frailty: for its group, in month 2"
    assert roll_out(replace(run, manifest={})) == "not recorded in this run"


def test_a_design_for_listed_communities_costs_for_those_who_live_there(tmp_path: Path) -> None:
    places = pd.read_csv(PLACES / "toy" / "communities.csv")
    code, share = str(places["code"][0]), places["population"][0] / places["population"].sum()
    folder = compared(tmp_path, "int=frailty", f"int.geography.communities=[{code}]", months=1)
    assert open_run(folder, []).added["frailty"].served_share("gp") == pytest.approx(share, abs=0.03)


def test_a_design_for_a_group_costs_for_its_members_and_is_no_comparator(tmp_path: Path) -> None:
    words = ("int=community_of_identity", "int.geography.group.by=age", "int.geography.group.value=''")
    folder = compared(tmp_path, *words, "int.geography.group.age_from=65", months=1)
    added = open_run(folder, []).added["community_of_identity"]
    teams = pd.read_parquet(folder / "workforce.parquet").query("arm == 'community_of_identity' and month == 0")
    heads = teams.drop_duplicates("team").set_index("team")["registered"]
    assert 0.0 < added.members < 0.5
    assert added.members == pytest.approx(heads["group"] / heads.drop("group").sum(), rel=0.1)
    assert (added.starts, added.served_share("gp")) == ((), 0.0)
    back = compared(tmp_path / "back", "int=frailty", months=1, baseline="community_of_identity")
    with pytest.raises(InputError, match="comparator 'community_of_identity': has posts, and it or 'frailty'"):
        open_run(back, [])


def test_a_part_of_the_residents_is_not_set_against_posts_for_all_of_them(tmp_path: Path) -> None:
    folder = compared(tmp_path, "int=frailty", "int.geography.communities=[T1]", months=1, baseline="consistent_core")
    with pytest.raises(InputError, match="comparator 'consistent_core': has posts, and it or 'frailty'"):
        open_run(folder, [])
    words = ("place=toy", "case=default", "case.comparator=frailty", "case.options=[community_of_identity]")
    with pytest.raises(InputError, match=r"case\.comparator: 'frailty' has posts of its own, and 'community_of_ident"):
        intsim.api.all_arms((*words, "case.posts={}", "case.budget_gbp_per_10000=null"), "usual_care", None)


def test_communities_of_a_baseline_or_an_option_are_those_of_the_runs_place(tmp_path: Path) -> None:
    design = "defaults:\n  - usual_care\n  - _self_\nname: mine\ngeography:\n  communities: [{}]\n"
    (tmp_path / "int").mkdir()
    for code, known in (("T1", True), ("E01002812", False)):
        (tmp_path / "int" / "mine.yaml").write_text(design.format(code), encoding="utf-8")
        words = ("place=toy", "case=default", "case.options=[mine]", "case.posts={}", "case.budget_gbp_per_10000=null")
        for what, baseline in ((words, "usual_care"), (("place=toy", "int=frailty"), "mine")):
            if known:
                assert len(intsim.api.all_arms(what, baseline, tmp_path)) == 2
                continue
            with pytest.raises(InputError, match="no such community 'E01002812'"):
                intsim.api.all_arms(what, baseline, tmp_path)
