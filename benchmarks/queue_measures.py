"""What one replication of a queue says: each quantity, and the controls that take out known luck.

A replication starts empty, is moved through a warm-up that is thrown away, and is measured over [start, end). Shares
and mean waits are over contacts that left a list in the window; lengths are the engine's person-seconds over its span.

Controls: a run that drew more arrivals or longer services than their known means waits longer for that reason alone.
Regressing each quantity on those excesses over the replications and reading it off at zero excess (Lavenberg and Welch
1981) uses only the inputs, never the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from sim.codes import FREE, RENEGED, SERVED
from sim.engines.state import State
from sim.networks import DAY_S
from sim.rules.network import service_time

EMPTY_UP_TO_LOAD = 8.0  # a larger queue is too seldom empty to say anything
LATE_DAYS = (1.0, 1.15, 1.3)  # one fast server is late a little sooner than many slow ones


@dataclass(frozen=True)
class Window:
    """All that is known of [start_s, end_s): the log, what was open at its end, service columns before and after."""

    log: np.ndarray
    rows: np.ndarray
    before: np.ndarray
    after: np.ndarray
    start_s: int
    end_s: int

    @property
    def days(self) -> float:
        """Return the length of the window in days."""
        return (self.end_s - self.start_s) / DAY_S

    def contacts(self, service: int | None = None) -> np.ndarray:
        """Return the records of contacts (at one service), without ends of episodes."""
        chosen = self.log["service"] >= 0 if service is None else self.log["service"] == service
        return self.log[chosen]

    def waiting(self, service: int) -> float:
        """Return the mean number waiting."""
        area = self.after["waiting_area_s"][service] - self.before["waiting_area_s"][service]
        return float(area) / (self.end_s - self.start_s)

    def inside(self, service: int) -> float:
        """Return the mean number in service."""
        area = self.after["inside_area_s"][service] - self.before["inside_area_s"][service]
        return float(area) / (self.end_s - self.start_s)

    def empty_share(self) -> float:
        """Return the share of time with nobody in the network (one contact an episode)."""
        contacts, open_now = self.contacts(), self.rows[self.rows["status"] != FREE]
        joined = np.concatenate([contacts["joined"], open_now["joined"]])
        times = np.concatenate([joined[joined >= self.start_s], contacts["left"]])
        steps = np.concatenate([np.ones(len(times) - len(contacts), np.int64), -np.ones(len(contacts), np.int64)])
        order = np.argsort(times, kind="stable")
        present = np.concatenate([[0], np.cumsum(steps[order])]) + np.sum(joined < self.start_s)
        edges = np.concatenate([[self.start_s], times[order], [self.end_s]])
        return float(np.sum(np.diff(edges)[present == 0])) / (self.end_s - self.start_s)


def wait_days(contacts: np.ndarray) -> np.ndarray:
    """Return the days each contact waited, to its start or to leaving the list."""
    until = np.where(contacts["started"] >= 0, contacts["started"], contacts["left"])
    return (until - contacts["joined"]) / DAY_S


def service_days(contacts: np.ndarray) -> np.ndarray:
    """Return the days of service of contacts that were served."""
    served = contacts[contacts["how"] == SERVED]
    return (served["finished"] - served["started"]) / DAY_S


def queue(window: Window) -> dict[str, float]:
    """M/M/c and M/G/1: waiting, lengths, empty share."""
    contacts = window.contacts()
    waits = wait_days(contacts)
    return {
        "P_wait": float(np.mean(waits > 0)),
        "Wq": float(np.mean(waits)),
        "Lq": window.waiting(0),
        "W": float(np.mean((contacts["left"] - contacts["joined"]) / DAY_S)),
        "L": window.waiting(0) + window.inside(0),
        "p0": window.empty_share(),
        "P_wait_gt_1": float(np.mean(waits > 1.0)),
    }


def priorities(window: Window) -> dict[str, float]:
    """Mean wait of each of three classes, and of all."""
    contacts = window.contacts()
    waits = wait_days(contacts)
    answer = {f"Wq_class{k + 1}": float(np.mean(waits[contacts["need_type"] == k])) for k in range(3)}
    return {**answer, "Wq_all": float(np.mean(waits))}


def impatient(window: Window) -> dict[str, float]:
    """Erlang A: giving up, waiting, empty share."""
    contacts = window.contacts()
    waits = wait_days(contacts)
    return {
        "P_abandon": float(np.mean(contacts["how"] == RENEGED)),
        "Lq": window.waiting(0),
        "E_wait_all": float(np.mean(waits)),
        "P_wait": float(np.mean(waits > 0)),
        "p0": window.empty_share(),
    }


def losses(window: Window) -> dict[str, float]:
    """Erlang B: refusals."""
    refused = float(np.sum(window.contacts()["how"] == RENEGED))
    admitted = float(window.after["starts"][0] - window.before["starts"][0])
    return {"blocking": refused / (refused + admitted), "refused_per_day": refused / window.days}


def in_a_row(window: Window) -> dict[str, float]:
    """Tandem: each node, and the whole way through."""
    answer: dict[str, float] = {}
    for k in range(len(window.after)):
        contacts = window.contacts(k)
        answer[f"node{k + 1}|arrival_rate"] = len(contacts) / window.days
        answer[f"node{k + 1}|L"] = window.waiting(k) + window.inside(k)
        answer[f"node{k + 1}|Wq"] = float(np.mean(wait_days(contacts)))
    ends = window.log[window.log["service"] < 0]
    answer["L_total"] = sum(answer[f"node{k + 1}|L"] for k in range(len(window.after)))
    answer["W_total"] = float(np.mean((ends["left"] - ends["joined"]) / DAY_S))
    return answer


def caseload(window: Window) -> dict[str, float]:
    """Number in service on average over the window."""
    return {"mean_steady": window.inside(0)}


def caseload_at_end(window: Window) -> dict[str, float]:
    """Number in service at the end of the window."""
    return {"mean_at_t": float(window.after["inside"][0])}


def controls(window: Window, state: State) -> list[float]:
    """Return relative excesses over known means: arrivals of each source, service times (and squares) of each node."""
    contacts = window.contacts()
    excess = []
    for source in state.tables.sources:
        mine = (contacts["need_type"] == source["klass"]) & (contacts["service"] == source["service"])
        expected = window.days * DAY_S / float(source["mean_gap_s"])
        excess.append(float(np.sum(mine)) / expected - 1.0)
    for i, node in enumerate(state.tables.nodes):
        if node["law"] == 0:
            continue
        served = service_days(contacts[contacts["service"] == i])
        mean = float(node["mean_s"]) / DAY_S
        excess.append(float(np.mean(served)) / mean - 1.0)
        if len(state.tables.nodes) == 1:
            scv = 1.0 if node["law"] == 1 else float(node["scv"])
            excess.append(float(np.mean(served**2)) / (mean**2 * (1.0 + scv)) - 1.0)
    return excess


def demands(log: np.ndarray, window: Window, state: State) -> tuple[np.ndarray, np.ndarray]:
    """Return (day joined, days of service wanted) of everybody who came, in order of joining.

    ``log``: from second 0, warm-up included. Who gave up was never served; what they wanted is their keyed draw.
    """
    contacts, rows = log[log["service"] >= 0], window.rows[window.rows["status"] != FREE]
    wanted = contacts["finished"] - contacts["started"]
    for i in np.flatnonzero(contacts["how"] == RENEGED):
        need, ordinal = contacts["need"][i], int(contacts["ordinal"][i])
        wanted[i] = service_time(state.tables, need, int(contacts["service"][i]), ordinal)
    joined = np.concatenate([contacts["joined"], rows["joined"]])
    order = np.argsort(joined, kind="stable")
    return joined[order] / DAY_S, np.concatenate([wanted, rows["duration"]])[order] / DAY_S


def shadow_controls(log: np.ndarray, window: Window, state: State, arrivals_per_day: float, fast: bool) -> list[float]:
    """Return excesses of simpler queues fed with the very arrivals and services of this one.

    Unlimited servers (share of time empty, arrivals that find every real server taken) and, with ``fast``, one server
    as fast as all together, in order of arrival (mean wait, long waits). Their answers are known without the
    formula under test: Poisson, and M/M/1.
    """
    joined, service = demands(log, window, state)
    servers, mean = int(state.pools["capacity"][0]), float(state.tables.nodes["mean_s"][0]) / DAY_S
    first, last, load = window.start_s / DAY_S, window.end_s / DAY_S, arrivals_per_day * mean
    found, empty = unlimited(joined, service, first, last)
    counted = joined >= first
    excess = [float(np.mean(found[counted] >= servers)) / float(poisson.sf(servers - 1, load)) - 1.0]
    if load < EMPTY_UP_TO_LOAD:
        excess.append(empty / np.exp(-load) - 1.0)
    if fast:
        spare = servers / mean - arrivals_per_day
        waits = one_fast_server(joined, service / servers)[counted]
        excess.append(float(np.mean(waits)) * spare / (load / servers) - 1.0)
        for late in LATE_DAYS:
            excess.append(float(np.mean(waits > late)) / (load / servers * np.exp(-spare * late)) - 1.0)
    return excess


def one_fast_server(joined: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Return each customer's wait for one server in order of arrival (Lindley), same unit as the arguments."""
    steps = np.concatenate([[0.0], np.cumsum(service[:-1] - np.diff(joined))])
    return steps - np.minimum.accumulate(steps)


def unlimited(joined: np.ndarray, service: np.ndarray, first: float, last: float) -> tuple[np.ndarray, float]:
    """Return (number each arrival finds, share of [first, last) with nobody there) with unlimited servers."""
    times = np.concatenate([joined, joined + service])
    steps = np.concatenate([np.ones(len(joined), np.int64), -np.ones(len(joined), np.int64)])
    order = np.argsort(times, kind="stable")
    inside = np.cumsum(steps[order])
    found = np.zeros(len(joined), np.int64)
    arriving = order < len(joined)
    found[order[arriving]] = inside[arriving] - 1
    edges = np.clip(np.concatenate([times[order], [last]]), first, last)
    return found, float(np.sum(np.diff(edges)[inside == 0])) / (last - first)


def controlled_mean(values: np.ndarray, excess: np.ndarray) -> tuple[float, float]:
    """Return (mean at zero excess, its standard error) of one value a replication, by least squares."""
    design = np.column_stack([np.ones(len(values)), excess])
    fitted, *_ = np.linalg.lstsq(design, values, rcond=None)
    residual = values - design @ fitted
    variance = float(residual @ residual) / (len(values) - design.shape[1])
    return float(fitted[0]), float(np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0]))
