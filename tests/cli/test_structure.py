"""``intsim structure``: a comparison again with one mechanism switched at a time, told in its report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import intsim
from evaluation.switched_runs import AS_BUILT, WORDS, range_lines, ranges, read_rows, structure_tables
from evaluation.twins import compare
from intsim.cli import main
from intsim.switching import switches
from scenarios.errors import InputError

pytestmark = pytest.mark.slow

WORDS_OF_A_RUN = ("place=toy", "int=outreach", "experiment=quick", "experiment.replications=2", "experiment.workers=1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a comparison, run again with trust off."""
    where = tmp_path_factory.mktemp("structure") / "results"
    intsim.compare(*WORDS_OF_A_RUN, output=where)
    assert main(["structure", str(where), "trust"]) == 0
    return where


def test_differences_are_those_of_the_runs(folder: Path) -> None:
    table = read_rows(folder / "structure.csv")
    assert set(table["switch"]) == {AS_BUILT, "trust"}
    for switch, where in ((AS_BUILT, folder), ("trust", folder / "structure" / "trust")):
        panel = pd.read_parquet(where / "panel.parquet")
        found = compare(panel, "usual_care", "outreach")
        found = found[found["group"] == "all"].set_index("outcome")["difference"]
        mine = table[table["switch"] == switch].set_index("outcome")["difference"]
        assert mine.to_dict() == pytest.approx({name: found[name] for name in mine.index})
    own = intsim.compare(*WORDS_OF_A_RUN, "structure.trust=false", output=folder.parent / "by_hand")
    pd.testing.assert_frame_equal(
        pd.read_parquet(own / "panel.parquet"), pd.read_parquet(folder / "structure" / "trust" / "panel.parquet")
    )


def test_the_report_tells_the_range(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What rests on single mechanisms" in page
    assert WORDS["trust"] in page
    table = read_rows(folder / "structure.csv")
    for (option, outcome), found in ranges(table).items():
        mine = table[(table["option"] == option) & (table["outcome"] == outcome)]["difference"]
        assert (found.lowest, found.highest) == (mine.min(), mine.max())
    assert len(range_lines(table)) == 3
    told = [row[1] for row in structure_tables(table, "usual_care")[0].rows]
    assert told == 3 * ["as built", "without trust", "from lowest to highest"]


def test_what_is_finished_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "structure" / "trust" / "panel.parquet").stat().st_mtime_ns
    assert main(["structure", str(folder), "trust"]) == 0
    assert (folder / "structure" / "trust" / "panel.parquet").stat().st_mtime_ns == before
    assert "complete already" in capsys.readouterr().err


def test_every_switch_is_known_and_others_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(switches()) == set(WORDS)
    assert main(["structure", str(folder), "thrust"]) == 2
    assert "no such switch 'thrust'" in capsys.readouterr().err
    assert main(["structure", str(folder.parent)]) == 2
    assert "manifest.json" in capsys.readouterr().err
    single = intsim.run("place=toy", "experiment=quick", "experiment.horizon_months=1", output=folder.parent / "single")
    assert main(["structure", str(single), "--resume"]) == 2
    assert "holds a single run: a comparison is needed" in capsys.readouterr().err
    empty = folder.parent / "empty.csv"
    empty.write_text("option\n")
    with pytest.raises(InputError, match="has no column"):
        read_rows(empty)


def test_a_comparison_of_other_code_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = folder / "manifest.json"
    kept = manifest.read_text(encoding="utf-8")
    told = json.loads(kept)
    told["identity_sha256"]["code"] = "another"
    manifest.write_text(json.dumps(told), encoding="utf-8")
    try:
        assert main(["structure", str(folder), "trust"]) == 2
        assert "was made with other code than there are now: run the comparison again" in capsys.readouterr().err
    finally:
        manifest.write_text(kept, encoding="utf-8")


def test_a_comparison_that_stopped_is_run_as_long_and_no_longer(tmp_path: Path) -> None:
    stop = ("experiment.stop.outcome=gp_contacts", "experiment.stop.half_width=1e6", "experiment.stop.batch=2")
    short = ("experiment.replications=6", "experiment.horizon_months=1", *stop)
    where = intsim.compare("place=toy", "int=outreach", "experiment=quick", *short, output=tmp_path / "results")
    intsim.structure(where, "spikes")
    panels = [pd.read_parquet(each / "panel.parquet") for each in (where, where / "structure" / "spikes")]
    assert [panel["replication"].nunique() for panel in panels] == [2, 2]


@pytest.mark.parametrize(("lower", "turned"), [(1.0, True), (-1.0, False)])
def test_a_sign_changes_only_where_there_was_one(lower: float, turned: bool) -> None:
    told = {"option": "outreach", "outcome": "bed_days", "label": "Bed days", "unit": "days", "reason": ""}
    rows = [(AS_BUILT, 3.0, lower, 5.0), ("trust", -2.0, -4.0, 1.0)]
    names = ("switch", "difference", "lower", "upper")
    table = pd.DataFrame([told | dict(zip(names, row, strict=True)) for row in rows])
    line = range_lines(table)[0]
    assert "\u22122" in line
    assert "+3" in line
    assert ("changes its sign" in line) is turned
