"""Benchmarks: every library does the same work, the clock and the limits tell, and each runs at its small size."""

from __future__ import annotations

import json
import os
import signal
import statistics
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import agents, queues
from benchmarks.__main__ import BENCHMARKS, main, names_of, run_one
from benchmarks.apart import apart, apart_when_ready
from benchmarks.long_list import ARRIVALS_PER_DAY, SETTLE_DAYS, long_list
from benchmarks.peers.month_people import band_of, make_cohort, make_world
from benchmarks.peers.queue_world import FIVE, MM10, Arrivals, QueueWorld
from benchmarks.place_run import HOSPITAL_SIZES, PLACE, scaled_place
from benchmarks.report import SIZES, Found, Limit, save
from benchmarks.turns import rates, table
from scenarios.errors import InputError
from scenarios.place_files import load_place
from sim.codes import HAZARD_KINDS
from sim.rules.tables import age_band

PEERS = ("ciw", "salabim", "starsim")
needs_peers = pytest.mark.skipif(
    any(find_spec(name) is None for name in PEERS),
    reason="the peers are not installed: pip install -c constraints.txt -e '.[bench]'",
)
DAYS = 250.0
RUNS = 40
SLOW_RUNS = 12  # of salabim
SIGMAS = 4.5  # of about thirty comparisons at once
MEBIBYTE = 1024 * 1024


def samples(name: str, world: QueueWorld) -> dict[str, np.ndarray]:
    """Return each measure of independent runs from empty."""
    library = queues.library(name)
    runs = SLOW_RUNS if name == "salabim" else RUNS
    found = [library.run(world, DAYS, seed).measures(world, DAYS) for seed in range(runs)]
    return {key: np.array([each[key] for each in found]) for key in found[0]}


def apart_by(a: np.ndarray, b: np.ndarray) -> float:
    """Return how many standard errors the means of two samples lie apart."""
    return float(abs(a.mean() - b.mean()) / np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))


@pytest.fixture(scope="module")
def ours() -> dict[str, dict[str, np.ndarray]]:
    """What our engine says of both worlds."""
    return {world.name: samples("intsim", world) for world in (MM10, FIVE)}


@needs_peers
@pytest.mark.slow
@pytest.mark.parametrize("name", queues.PEERS)
@pytest.mark.parametrize("world", [MM10, FIVE], ids=lambda world: world.name)
def test_libraries_agree_on_customers_waits_and_reneging(
    name: str, world: QueueWorld, ours: dict[str, dict[str, np.ndarray]]
) -> None:
    theirs = samples(name, world)
    assert theirs.keys() == ours[world.name].keys()
    for key, values in theirs.items():
        assert apart_by(values, ours[world.name][key]) < SIGMAS, (name, key, values.mean())


@pytest.mark.slow
def test_the_comparison_notices_a_server_less_and_a_shorter_patience(ours: dict[str, dict[str, np.ndarray]]) -> None:
    fewer = QueueWorld("other", (11,), MM10.service_days, MM10.arrivals)
    other = samples("simpy", fewer)["wait_days_class_0"]
    assert apart_by(other, ours[MM10.name]["wait_days_class_0"]) > SIGMAS
    hasty = QueueWorld("other", FIVE.servers, FIVE.service_days, FIVE.arrivals, FIVE.routing, 1.0)
    key = "reneging_share_class_1"
    assert apart_by(samples("simpy", hasty)[key], ours[FIVE.name][key]) > SIGMAS


@needs_peers
@pytest.mark.parametrize("name", queues.NAMES)
def test_a_seed_gives_the_same_run_again_and_another_seed_another(name: str) -> None:
    library = queues.library(name)
    first, again, other = (library.run(FIVE, 40.0, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.customers > 200
    assert min(first.served) > 0 < sum(first.reneged)


def test_counting_says_what_the_log_says() -> None:
    counted, logged = (queues.library(name).run(FIVE, 40.0, 1) for name in (queues.OURS, queues.LOGGED))
    assert counted == logged


@needs_peers
def test_first_class_goes_first_in_every_library() -> None:
    busy = QueueWorld("busy", (1,), (1.0,), (Arrivals(0, 0.45, 0), Arrivals(0, 0.45, 1)))
    for name in queues.NAMES:
        measures = queues.library(name).run(busy, 500.0, 3).measures(busy, 500.0)
        assert measures["wait_days_class_0"] < 0.7 * measures["wait_days_class_1"], name


@pytest.fixture(scope="module")
def first_year() -> dict[str, tuple[np.ndarray, agents.Cohort]]:
    """Needs in the first month, by library, with the people they belong to."""
    world = make_world(20_000)
    cohort = make_cohort(world, HAZARD_KINDS, 1)
    prepare = agents.libraries(world, cohort, 12)
    return {name: (prepare[name](1)(12), cohort) for name in agents.NAMES}


@needs_peers
@pytest.mark.slow
@pytest.mark.parametrize("name", agents.NAMES)
def test_libraries_agree_on_the_needs_of_the_first_month(name: str, first_year: dict) -> None:
    lives, cohort = first_year[name]
    assert lives.needs.shape == (12, len(HAZARD_KINDS))
    # One need of a kind at most in the peers: their mean is the sum of hazards up to 1.
    expected = (cohort.hazards if name == agents.OURS else np.minimum(cohort.hazards, 1.0)).sum(axis=0)
    error = np.sqrt((lives.needs[0] - expected) ** 2 / expected)
    assert expected.min() > 5
    assert error.max() < SIGMAS, (name, lives.needs[0], expected)


@needs_peers
@pytest.mark.slow
def test_libraries_agree_on_a_year_of_deaths_and_everyone_else_is_stepped(first_year: dict) -> None:
    deaths = {name: lives.deaths.sum() for name, (lives, _) in first_year.items()}
    middle = statistics.mean(deaths.values())
    for name, (lives, cohort) in first_year.items():
        assert abs(deaths[name] - middle) < SIGMAS * np.sqrt(middle), deaths
        assert lives.present[0] == len(cohort.sex)
        assert np.array_equal(lives.present[1:], lives.present[:-1] - lives.deaths[:-1]), name
        assert lives.agent_months == lives.present.sum()


@needs_peers
@pytest.mark.slow
def test_two_kinds_leave_the_other_needs_out_and_starsim_ages_its_people_by_the_month(first_year: dict) -> None:
    cohort = first_year[agents.OURS][1]
    from benchmarks.peers import month_starsim

    world = make_world(3_000)
    small = make_cohort(world, agents.TWO_KINDS, 1)
    needs = agents.libraries(world, small, 3)[agents.OURS](1)(3).needs
    assert needs.shape == (3, 2)
    assert needs.min() > 0
    assert cohort.hazards.shape[1] == len(HAZARD_KINDS)
    sim, _ = month_starsim.simulation(small, 3, seed=1, crn=False)
    sim.run()
    living = sim.people.auids
    assert np.allclose(np.asarray(sim.people.age[living]), small.age_years[living] + 3 / 12, atol=0.01)
    assert [int(band_of(np.array(age))) for age in (0.0, 0.99, 1.0, 4.9, 5.0, 89.9, 95.0)] == [
        age_band(age) for age in (0.0, 0.99, 1.0, 4.9, 5.0, 89.9, 95.0)
    ]


def test_rates_are_work_over_cpu_time_in_turns() -> None:
    order: list[str] = []

    def way(name: str, seconds: float):  # type: ignore[no-untyped-def]
        def ready(seed: int):  # type: ignore[no-untyped-def]
            def run() -> float:
                order.append(name)
                until = time.process_time() + seconds
                while time.process_time() < until:
                    pass
                return 1_000.0

            return run

        return ready

    found = rates({"fast": way("fast", 0.02), "slow": way("slow", 0.08)}, 3, seed=1)
    assert order == ["fast", "slow", "slow", "fast", "fast", "slow"]
    rows = {row["library"]: row for row in table(found, "per_s", "slow")}
    assert rows["slow"]["times_slow"] == 1
    assert 3.0 < rows["fast"]["times_slow"] < 4.5
    assert rows["fast"]["lowest"] <= rows["fast"]["per_s"] <= rows["fast"]["highest"] <= 1_000 / 0.02


def hold(mebibytes: int) -> int:
    """Take memory, let go of it, and return how much it was."""
    return len(bytearray(os.urandom(MEBIBYTE)) * mebibytes) // MEBIBYTE


def prepared_to_hold(before: int, mebibytes: int):  # type: ignore[no-untyped-def]
    """Take memory and let go of it, then return what takes some more."""
    hold(before)
    return lambda: hold(mebibytes)


def end_at_once() -> None:
    """Be killed, as the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_memory_of_a_process_apart_is_its_own_peak() -> None:
    done = apart(hold, 200)
    assert done.value == 200
    assert 195 < done.peak_mib - done.before_mib < 260
    later = apart_when_ready(prepared_to_hold, 300, 100)
    assert 95 < later.peak_mib - later.before_mib < 160


def test_a_killed_process_is_an_error_that_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"end_at_once\(\) was killed"):
        apart(end_at_once)


@pytest.mark.parametrize("with_patience", [False, True])
def test_a_long_list_keeps_its_length_and_its_events_are_counted(with_patience: bool) -> None:
    _, events, waiting = long_list(2_000, 4.0, with_patience)
    spread = np.sqrt(2 * ARRIVALS_PER_DAY * (SETTLE_DAYS + 4.0))
    assert abs(waiting - 2_000) < 5 * spread
    assert abs(events - 2 * ARRIVALS_PER_DAY * 4) < 5 * np.sqrt(ARRIVALS_PER_DAY * 4)


def test_a_scaled_place_has_its_hospitals_scaled(tmp_path: Path) -> None:
    whole = load_place(PLACE)
    half = load_place(scaled_place(whole.total(None) // 2, tmp_path))
    for name in HOSPITAL_SIZES:
        pd.testing.assert_series_equal(half.hospitals[name] * 2, whole.hospitals[name], check_dtype=False, atol=1)


def test_limits_hold_on_their_own_side() -> None:
    assert Limit("speed", 2.0, 2.0, at_least=True).holds
    assert not Limit("speed", 1.9, 2.0, at_least=True).holds
    assert Limit("cost", 2.0, 2.0, at_least=False).holds
    assert not Limit("cost", 2.1, 2.0, at_least=False).holds
    assert "at most 2: DOES NOT HOLD" in Limit("cost", 2.1, 2.0, at_least=False).words()


def test_a_broken_limit_fails_the_run_unless_the_size_is_small(monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    slow = Found({"t": [{"a": 1}]}, [Limit("speed", 1.0, 2.0, at_least=True)])
    monkeypatch.setattr(queues, "measure", lambda size: slow)
    assert main(["queues", "--size", "full"]) == 1
    assert main(["queues", "--size", "small"]) == 0
    said = capsys.readouterr()
    assert "DOES NOT HOLD" in said.out
    assert "queues, size full: many minutes" in said.err


def test_the_list_a_wrong_name_and_the_quick_set(capsys) -> None:  # type: ignore[no-untyped-def]
    assert main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BENCHMARKS)
    assert main(["quees"]) == 2
    assert capsys.readouterr().err == "benchmark: 'quees': did you mean 'queues'?\n"
    with pytest.raises(InputError, match="allowed: "):
        names_of("zzz")
    assert set(names_of("quick")) < set(BENCHMARKS)
    for name in BENCHMARKS:
        module = __import__(f"benchmarks.{name}", fromlist=["SIZES"])
        assert tuple(module.SIZES) == SIZES, name


def test_results_are_written_whole_with_machine_and_commit(tmp_path: Path) -> None:
    found = Found({"t": [{"a": 1.5}]}, [Limit("cost", 1.0, 2.0, at_least=False)], ["a note"])
    path = save(found.data("queues", "full"), tmp_path / "results")
    kept = json.loads(path.read_text())
    assert path.name == "queues.json"
    assert [each.name for each in path.parent.iterdir()] == ["queues.json"]
    assert kept["tables"] == {"t": [{"a": 1.5}]}
    assert kept["limits"][0]["holds"]
    assert kept["machine"]["cpu"]
    assert kept["machine"]["cores"] == os.cpu_count()
    assert kept["machine"]["libraries"]["numba"] != "not installed"
    assert len(kept["machine"]["commit"].removesuffix("-changed")) == 40


@needs_peers
@pytest.mark.slow
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_each_runs_at_its_small_size_and_prints_its_figures(name: str, capsys) -> None:  # type: ignore[no-untyped-def]
    assert run_one(name, "small", as_json=True, keep=False)
    data = json.loads(capsys.readouterr().out)
    assert data["benchmark"] == name
    assert data["tables"]
    for title, rows in data["tables"].items():
        assert rows, title
        for row in rows:
            figures = {key: value for key, value in row.items() if not isinstance(value, str)}
            assert all(value >= 0 and np.isfinite(value) for value in figures.values()), (title, row)
            assert max(figures.values()) > 0, (title, row)
    if name in ("queues", "agents"):
        against = {"queues": "simpy", "agents": "starsim"}[name]
        for rows in list(data["tables"].values())[:2]:
            times = {row["library"]: row[f"times_{against}"] for row in rows}
            assert times[against] == 1
            assert len(times) == len(rows) >= 4
