"""The tables of a run folder: columns, names, whole numbers, and files written whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenarios.whole_file import write_json
from sim import codes
from sim.engines.records import EXIT, LOG, POOL, SERVICE, blank_rows
from sim.outcomes.by_events import events_of
from sim.outcomes.events import Events
from sim.outcomes.frames import (
    Collected,
    Label,
    Names,
    flows_frame,
    panel_frame,
    reneged_frame,
    services_frame,
    waits_frame,
    write_parquet,
)
from sim.outcomes.manifest import file_hash, folder_hashes, git_commit, manifest
from sim.outcomes.panel import OUTCOMES
from sim.outcomes.reducer import ClosedMonth, Memory, reduce_month
from sim.place.columns import COMMUNITY, PERSON

NAMES = Names(("Pimlico", "Kilburn"), ("St Mary's",))
LABEL = Label("outreach", 0, 3)
KEYS = ["arm", "draw", "replication"]


def closed_month() -> tuple[ClosedMonth, np.ndarray, np.ndarray, np.ndarray]:
    """One resident of Kilburn who saw a GP; one anonymous ED patient. Also people, communities and services."""
    people, communities = np.zeros(1, PERSON), np.zeros(1, COMMUNITY)
    people["presence"], people["neighbourhood"], people["birth_day"] = codes.PRESENT, 1, -70 * 366
    communities["local_quintile"] = 2
    services = np.zeros(2, SERVICE)
    services["kind"], services["site"], services["pool"] = (codes.GP, codes.ED), (1, 0), (1, 0)
    log = np.zeros(3, LOG)
    log["person"] = (0, 0, -1)
    log["service"] = (0, -1, 1)
    log["how"] = (codes.SERVED, codes.ENDED, codes.RENEGED)
    log["outcome"] = (codes.OUT_RESOLVED, codes.OUT_RESOLVED, 0)
    log["joined"], log["started"], log["left"] = (0, 0, 0), (400, -1, -1), (1000, 1000, 7200)
    closed = ClosedMonth(0, 86_400, log, blank_rows(0), blank_rows(0), np.zeros(0, EXIT))
    return closed, people, communities, services


def month_events() -> Events:
    closed, people, _, services = closed_month()
    return events_of(closed, people, services, Memory())


def a_month(month: int = 0) -> Collected:
    closed, people, communities, services = closed_month()
    outcomes = reduce_month(closed, people, communities, services, 3, Memory())
    after, pools = services.copy(), np.zeros(2, POOL)
    after["starts"] = (1, 0)
    pools["capacity_area_s"], pools["busy_area_s"] = (50, 9000), (7, 600)
    return Collected(month, "2024-04", outcomes, services, after, np.zeros(2, POOL), pools)


def test_the_panel_has_one_row_per_cell_with_anything_in_it() -> None:
    frame = panel_frame([a_month(0), a_month(1)], NAMES, LABEL)
    index = ["month", "month_start", "neighbourhood", "quintile", "age_band", "sex"]
    assert list(frame.columns) == [*KEYS, *index, *OUTCOMES]
    assert frame[index].values.tolist() == [
        [0, "2024-04", "Kilburn", 2, "65-74", "female"],
        [1, "2024-04", "Kilburn", 2, "65-74", "female"],
    ]
    assert frame[["arm", "draw", "replication"]].values.tolist() == [["outreach", 0, 3]] * 2
    assert (frame.dtypes[list(OUTCOMES)] == np.int64).all()
    assert frame["gp_contacts"].tolist() == [1, 1]
    assert frame["gp_wait_seconds"].tolist() == [400, 400]
    assert frame["ed_attendances"].tolist() == [0, 0]


def test_waits_name_service_site_and_bin() -> None:
    frame = waits_frame([a_month()], NAMES, LABEL)
    columns = ["service", "site", "wait_from_s", "wait_to_s", "count"]
    assert list(frame.columns) == [*KEYS, "month", *columns]
    assert frame[columns].values.tolist() == [["gp", "Kilburn", 300, 900, 1]]
    assert reneged_frame([a_month()], NAMES, LABEL)[columns].values.tolist() == [["ed", "St Mary's", 7200, 14400, 1]]


def test_flows_are_summed_over_months() -> None:
    frame = flows_frame([a_month(), a_month()], LABEL)
    assert frame[["source", "target", "count"]].values.tolist() == [["need", "gp", 2], ["gp", "resolved", 2]]


def test_services_show_what_their_pool_had_and_did() -> None:
    frame = services_frame([a_month()], NAMES, LABEL).drop(columns=[*KEYS, "month"])
    assert frame.values.tolist() == [
        ["gp", "Kilburn", 9000, 600, 0, 1, 400, 600],
        ["ed", "St Mary's", 50, 7, 0, 0, 7200, 0],
    ]


def test_no_months_give_empty_tables_with_all_columns() -> None:
    assert list(panel_frame([], NAMES, LABEL).columns)[-len(OUTCOMES) :] == list(OUTCOMES)
    assert len(waits_frame([], NAMES, LABEL)) == 0


def test_parquet_comes_back_as_written_and_leaves_nothing_else(tmp_path: Path) -> None:
    frame = panel_frame([a_month()], NAMES, LABEL)
    write_parquet(tmp_path / "panel.parquet", frame)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "panel.parquet"), frame)
    assert [path.name for path in tmp_path.iterdir()] == ["panel.parquet"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "panel.parquet"
    path.write_bytes(b"old")
    broken = pd.DataFrame({"mixed": [1, "text", object()]})
    with pytest.raises(Exception, match="mixed"):
        write_parquet(path, broken)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_manifest_says_how_the_numbers_were_made(tmp_path: Path) -> None:
    (tmp_path / "communities.csv").write_text("x\n")
    started, finished = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2025, 1, 2, 3, 4, 7, tzinfo=UTC)
    inputs = folder_hashes(tmp_path)
    data = manifest({"place": "toy"}, {"run": 7}, inputs, started, finished, {"arms": ["a"]})
    assert data["inputs_sha256"] == {"communities.csv": file_hash(tmp_path / "communities.csv")}
    assert data["seconds"] == 2.0
    assert data["started"] == "2025-01-02T03:04:05Z"
    assert data["arms"] == ["a"]
    assert data["libraries"]["numpy"] == np.__version__
    other = manifest({"place": "toy2"}, {"run": 7}, inputs, started, finished)
    assert other["scenario_sha256"] != data["scenario_sha256"]
    write_json(tmp_path / "manifest.json", data)
    assert json.loads((tmp_path / "manifest.json").read_text()) == data


def test_a_folder_outside_git_has_no_commit(tmp_path: Path) -> None:
    assert git_commit(tmp_path) is None
