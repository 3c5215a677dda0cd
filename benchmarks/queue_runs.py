"""The simulated rows: how each queue is built, run and measured, and how long it must run.

Lengths come from the asymptotic variance of each quantity (birth-death chains: Burman 1980, Whitt 1992) and a pilot of
ten replications: the slowest quantity of a row sets its length. Every replication starts empty and throws away a
warm-up of many relaxation times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks import queue_measures as measures
from benchmarks.queue_inputs import CASES, TANDEM
from sim.engines.state import State
from sim.networks import Node, Source, network_state, run_network
from tests.theory import closed_forms

REPLICATIONS = 40
UNLIMITED = 100_000  # places where capacity never binds
CLOSED_FORM_ONLY = ("rho", "utilisation", "occupancy", "offered_load", "p95_steady")
SMALLEST_PROBABILITY = 0.001
BUSY_LOAD = 0.9  # at this load and above waits may have a standard error of 3%
RARE_WAIT_ROW = 4  # of sim_mmc
WINDOW_CONTACTS = 4_000  # contacts a window: memory only


@dataclass(frozen=True)
class Run:
    """One queue: ``days`` measured in each replication after ``warm_up_days`` thrown away."""

    number: int  # never reused: seeds come from it
    name: str
    build: Callable[[int], State]
    measure: Callable[[measures.Window], dict[str, float]]
    expected: dict[str, float]
    days: float
    warm_up_days: float
    arrivals_per_day: float
    load: float = 0.0
    replications: int = REPLICATIONS
    controlled: bool = True
    shadow: str = ""  # simpler queues compared with: "unlimited", "unlimited and fast"

    def seed(self, replication: int) -> int:
        """Return the seed of a replication."""
        return self.number * 1_000_000 + replication

    def allowed_error(self, quantity: str) -> float:
        """Return the standard error allowed, as a share of the value."""
        waiting = quantity.startswith(("Wq", "Lq", "L", "W", "E_wait", "P_wait_gt"))
        return 0.03 if waiting and self.load >= BUSY_LOAD else 0.01

    def window_days(self) -> float:
        """Return the length of an engine window."""
        return max(1.0, WINDOW_CONTACTS / self.arrivals_per_day)


class Replication(NamedTuple):
    """What one replication gave. digest: of every record of its log, so that engines can be compared in full."""

    values: dict[str, float]
    controls: list[float]
    digest: str
    contacts: int


class Estimate(NamedTuple):
    """A quantity over all replications: value, standard error, and how many of them it lies from the answer."""

    value: float
    standard_error: float
    z: float
    expected: float
    allowed_error: float  # as a share of the expected value

    @property
    def holds(self) -> bool:
        """Whether it lies within 4 standard errors, and those are small enough."""
        return abs(self.z) <= 4.0 and self.standard_error <= self.allowed_error * abs(self.expected)


def replicate(run: Run, replication: int, engine: str) -> Replication:
    """Run one replication."""
    state = run.build(run.seed(replication))
    warm_up_log = run_network(state, run.warm_up_days, engine, run.window_days())
    start_s, before = state.now, state.services.copy()
    log = run_network(state, run.warm_up_days + run.days, engine, run.window_days())
    window = measures.Window(log, state.rows, before, state.services, start_s, state.now)
    measured = run.measure(window)
    values = {name: measured[name] for name in run.expected}
    whole = np.concatenate([warm_up_log, log])
    excess = measures.controls(window, state) if run.controlled else []
    if run.shadow:
        excess += measures.shadow_controls(whole, window, state, run.arrivals_per_day, "fast" in run.shadow)
    return Replication(values, excess, log_digest(whole), int(np.sum(whole["service"] >= 0)))


def estimates(run: Run, replications: list[Replication]) -> dict[str, Estimate]:
    """Return every quantity of a row from its replications."""
    found = {}
    controls = np.array([each.controls for each in replications])
    for name, expected in run.expected.items():
        values = np.array([each.values[name] for each in replications])
        own = controls[:, :0] if name.endswith("arrival_rate") else controls  # arrivals are a control themselves
        value, error = measures.controlled_mean(values, own)
        found[name] = Estimate(value, error, (value - expected) / error, expected, run.allowed_error(name))
    return found


def log_digest(log: np.ndarray) -> str:
    """Return a hash of every field of every record."""
    digest = hashlib.blake2b(digest_size=16)
    for name in log.dtype.names or ():
        digest.update(np.ascontiguousarray(log[name]).tobytes())
    return digest.hexdigest()


def simulated(answer: dict[str, float]) -> dict[str, float]:
    """Return the quantities that are simulated: not loads and utilisations, not probabilities below 0.001."""
    kept = {}
    for name, value in answer.items():
        tiny = name.startswith(("P_", "p0", "blocking")) and value < SMALLEST_PROBABILITY
        if name.rsplit("|", 1)[-1] not in CLOSED_FORM_ONLY and not tiny:
            kept[name] = value
    return kept


def one_queue(arrivals: float, node: Node, servers: int) -> Callable[[int], State]:
    """Return the builder of a single queue."""
    return lambda seed: network_state([node], [Source(0, arrivals)], [servers], seed=seed)


def mmc_runs() -> list[Run]:
    """M/M/c."""
    days = (14_000.0, 4_000.0, 5_000.0, 6_500.0, 300.0, 20_000.0)
    runs = []
    for i, (row, length) in enumerate(zip(CASES["sim_mmc"].rows, days, strict=True)):
        arrivals, rate, servers = row
        expected = simulated(CASES["sim_mmc"].answer(row))
        warm_up = 500.0
        if i == RARE_WAIT_ROW:
            warm_up = 200.0
            del expected["P_wait_gt_1"]  # in rare_wait_run
        build = one_queue(arrivals, Node(1.0 / rate), int(servers))
        load = arrivals / rate / servers
        shadow = "unlimited and fast" if servers > 1 else ""
        runs.append(
            Run(100 + i, f"sim_mmc|{i}", build, measures.queue, expected, length, warm_up, arrivals, load,
                shadow=shadow)
        )  # fmt: skip
    return runs


def rare_wait_run() -> Run:
    """M/M/100 at load 0.95: waits above a day (0.0034 of all) need a run of their own, seventeen times as long."""
    row = CASES["sim_mmc"].rows[4]
    arrivals, rate, servers = row
    expected = {"P_wait_gt_1": CASES["sim_mmc"].answer(row)["P_wait_gt_1"]}
    build = one_queue(arrivals, Node(1.0 / rate), int(servers))
    load = arrivals / rate / servers
    return Run(
        120, "sim_mmc|4|rare_wait", build, measures.queue, expected, 5_000.0, 200.0, arrivals, load,
        shadow="unlimited and fast",
    )  # fmt: skip


def mg1_runs() -> list[Run]:
    """M/G/1: deterministic at scv 0, lognormal otherwise (exponential at 1)."""
    days = (18_000.0, 20_000.0, 32_000.0, 95_000.0, 400_000.0)
    runs = []
    for i, (row, length) in enumerate(zip(CASES["sim_mg1"].rows, days, strict=True)):
        arrivals, mean, scv = row
        law = "deterministic" if scv == 0 else "exponential" if scv == 1 else "lognormal"
        build = one_queue(arrivals, Node(mean, law, scv), 1)
        expected = simulated(CASES["sim_mg1"].answer(row))
        warm_up = 1_000.0 * mean
        runs.append(Run(200 + i, f"sim_mg1|{i}", build, measures.queue, expected, length, warm_up, arrivals))
    return runs


def priority_build(row: tuple[float, ...]) -> Callable[[int], State]:
    """Return the builder of a queue with three classes."""
    sources = [Source(0, arrivals, klass=k) for k, arrivals in enumerate(row[2:])]
    return lambda seed: network_state([Node(1.0 / row[0])], sources, [int(row[1])], None, (0, 1, 2), seed)


def priority_runs() -> list[Run]:
    """Priority M/M/c."""
    days = (65_000.0, 5_000.0, 2_000.0)
    runs = []
    for i, (row, length) in enumerate(zip(CASES["sim_priority_cobham"].rows, days, strict=True)):
        expected = simulated(CASES["sim_priority_cobham"].answer(row))
        total = sum(row[2:])
        load = total / row[0] / row[1]
        shadow = "unlimited and fast" if row[1] > 1 else ""
        runs.append(
            Run(300 + i, f"sim_priority_cobham|{i}", priority_build(row), measures.priorities, expected, length, 500.0,
                total, load, shadow=shadow)
        )  # fmt: skip
    return runs


def erlang_a_runs() -> list[Run]:
    """M/M/c with exponential patience."""
    days = (1_500.0, 800.0, 8_000.0, 150.0)
    runs = []
    for i, (row, length) in enumerate(zip(CASES["sim_erlang_a"].rows, days, strict=True)):
        arrivals, rate, servers, reneging = row
        node = Node(1.0 / rate, patience="exponential", mean_patience_days=1.0 / reneging)
        expected = simulated(CASES["sim_erlang_a"].answer(row))
        build = one_queue(arrivals, node, int(servers))
        runs.append(
            Run(400 + i, f"sim_erlang_a|{i}", build, measures.impatient, expected, length, 50.0, arrivals,
                shadow="unlimited")
        )  # fmt: skip
    return runs


def erlang_b_runs() -> list[Run]:
    """Loss system, with exponential and with lognormal lengths of stay."""
    days = (400.0, 1_000.0, 1_000.0, 400.0, 5_000.0)
    runs = []
    for j, (law, scv) in enumerate((("exponential", 1.0), ("lognormal", 2.0))):
        for i, (row, length) in enumerate(zip(CASES["sim_erlang_b_beds"].rows, days, strict=True)):
            arrivals, mean, beds = row
            build = one_queue(arrivals, Node(mean, law, scv, patience="fixed"), int(beds))
            expected = simulated(CASES["sim_erlang_b_beds"].answer(row))
            name = f"sim_erlang_b_beds|{i}" + ("" if j == 0 else f"|{law}")
            runs.append(
                Run(500 + 10 * j + i, name, build, measures.losses, expected, length, 40 * mean, arrivals,
                    shadow="unlimited")
            )  # fmt: skip
    return runs


def tandem_run() -> Run:
    """Three queues in a row."""
    nodes = [Node(1.0 / rate) for _, rate, _ in TANDEM]
    routing = np.diag([1.0, 1.0], k=1).tolist()
    capacity = [int(servers) for *_, servers in TANDEM]
    expected = simulated(closed_forms.tandem(*zip(*TANDEM, strict=True)))

    def build(seed: int) -> State:
        return network_state(nodes, [Source(0, TANDEM[0][0])], capacity, routing, seed=seed)

    return Run(600, "sim_tandem", build, measures.in_a_row, expected, 36_000.0, 500.0, TANDEM[0][0])


def caseload_runs() -> list[Run]:
    """Caseloads: steady, and some days after starting empty, with exponential and with fixed stays."""
    runs = []
    for i, row in enumerate(CASES["sim_mginf_caseload"].rows):
        arrivals, mean, after = row
        answer = CASES["sim_mginf_caseload"].answer(row)
        build = one_queue(arrivals, Node(mean), UNLIMITED)
        steady = {"mean_steady": answer["mean_steady"]}
        name = f"sim_mginf_caseload|{i}"
        runs.append(Run(700 + i, name, build, measures.caseload, steady, 20 * mean, 20 * mean, arrivals))
        for j, law in enumerate(("exponential", "fixed")):
            node = Node(mean, "exponential" if law == "exponential" else "deterministic")
            expected = {"mean_at_t": answer[f"mean_at_t_{law}"]}
            runs.append(
                Run(710 + 10 * j + i, f"{name}|from_empty_{law}", one_queue(arrivals, node, UNLIMITED),
                    measures.caseload_at_end, expected, after, 0.0, arrivals, 0.0, 600, False)
            )  # fmt: skip
    return runs


def all_runs() -> list[Run]:
    """Return every simulated row, in a fixed order; the long one for a rare wait is last."""
    return [
        *mmc_runs(), *mg1_runs(), *priority_runs(), *erlang_a_runs(), *erlang_b_runs(), tandem_run(), *caseload_runs(),
        rare_wait_run(),
    ]  # fmt: skip
