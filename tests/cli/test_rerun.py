"""``intsim rerun``: results made again from their folder alone, a user's own place and evidence among what is kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import intsim
from intsim.again import arms_in, changed_since, unequal
from intsim.cli import main
from scenarios.place_files import PLACES

pytestmark = pytest.mark.slow

QUICK = ("experiment=quick", "experiment.horizon_months=1", "experiment.workers=1")
ROW = (
    "name,meaning,unit,central,distribution,low,high,population,source,design,certainty,basis,used_by\n"
    "find_share,x,probability,0.2,beta,0.1,0.3,x,x,judgement,low,assumption,x\n"
)


def test_a_run_of_ones_own_is_made_again_when_what_it_read_is_gone(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    own, rows = tmp_path / "own", tmp_path / "rows.csv"
    shutil.copytree(PLACES / "toy", own)
    rows.write_text(ROW)
    first = tmp_path / "first"
    intsim.compare("place=toy", f"place.folder={own}", f"evidence.file={rows}", "int=outreach", *QUICK, output=first)
    assert {path.name for path in (first / "inputs").iterdir()} == {"place", "evidence.csv"}
    shutil.rmtree(own)
    rows.unlink()
    assert main(["rerun", str(first), "--output", str(tmp_path / "second")]) == 0
    assert "equal, number for number" in capsys.readouterr().out
    assert main(["rerun", str(tmp_path / "second"), "--output", str(tmp_path / "third")]) == 0


def test_what_differs_is_told(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    first = tmp_path / "first"
    intsim.run("place=toy", "int=outreach", *QUICK, output=first)
    assert not (first / "inputs").exists()
    config = first / "config.yaml"
    config.write_text(config.read_text().replace("seed: 1\n", "seed: 2\n"))
    assert main(["rerun", str(first), "--output", str(tmp_path / "second")]) == 1
    told = capsys.readouterr().out
    assert "panel.parquet differs in" in told
    assert "differs from" in told
    assert "the model is of another version" not in told
    manifest = json.loads((first / "manifest.json").read_text(encoding="utf-8"))
    manifest["identity_sha256"]["code"] = "0"
    (first / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = changed_since(first, arms_in(first)[-1])
    assert len(said) == 1
    assert said[0].startswith("the model is of another version")


def test_tables_are_compared_cell_by_cell(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    table = pd.DataFrame({"a": [1, 2], "b": [0.5, None]})
    assert unequal("panel.parquet", *folders) == ""
    table.to_parquet(folders[0] / "panel.parquet")
    assert "one of them alone" in unequal("panel.parquet", *folders)
    table.to_parquet(folders[1] / "panel.parquet")
    assert unequal("panel.parquet", *folders) == ""
    table.assign(a=[1, 3]).to_parquet(folders[1] / "panel.parquet")
    assert unequal("panel.parquet", *folders) == "panel.parquet differs in a: 1 of 2 rows"
    table[:1].to_parquet(folders[1] / "panel.parquet")
    assert "other rows" in unequal("panel.parquet", *folders)


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["rerun", str(tmp_path)]) == 2
    assert "manifest.json: no such file" in capsys.readouterr().err


def test_a_run_that_stopped_stops_again_and_person_months_are_compared(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    first, second = tmp_path / "first", tmp_path / "second"
    stop = ("experiment.replications=6", "experiment.stop.outcome=gp_contacts", "experiment.stop.half_width=1e6")
    kept = ("experiment.stop.batch=2", "experiment.person_months=enrolled")
    intsim.compare("place=toy", "int=outreach", *QUICK, *stop, *kept, output=first)
    assert pd.read_parquet(first / "panel.parquet")["replication"].nunique() == 2
    assert main(["rerun", str(first), "--output", str(second)]) == 0
    assert main(["rerun", str(first), "--output", str(second), "--resume"]) == 0
    one = next((second / "person_months").iterdir())
    pd.read_parquet(one)[:-1].to_parquet(one)
    assert main(["rerun", str(first), "--output", str(second), "--resume"]) == 1
    assert f"person_months/{one.name} has other rows" in capsys.readouterr().out


def test_results_within_the_place_do_not_copy_themselves(tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(PLACES / "toy", own)
    first = intsim.run("place=toy", f"place.folder={own}", "int=outreach", *QUICK, output=own / "results")
    assert not (first / "inputs" / "place" / "results").exists()
    assert (first / "inputs" / "place" / "place.csv").is_file()
