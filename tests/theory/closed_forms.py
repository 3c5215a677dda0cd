"""Closed forms of queueing theory. Rates per day, times in days; sources beside each.

Probabilities are summed from logs of unnormalised state weights, so that a hundred servers do not overflow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import poisson

Answer = dict[str, float]


def erlang_c(offered_load: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c (Erlang 1917), from Erlang B."""
    blocked = erlang_b(offered_load, servers)
    rho = offered_load / servers
    return blocked / (1.0 - rho + rho * blocked)


def erlang_b(offered_load: float, servers: int) -> float:
    """Return the share of arrivals refused by a loss system (Erlang 1917), by the stable recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered_load * blocked / (n + offered_load * blocked)
    return blocked


def log_sum(logs: Sequence[float]) -> float:
    """Return the log of the sum of exponentials."""
    largest = max(logs)
    return largest + math.log(math.fsum(math.exp(x - largest) for x in logs))


def mmc(arrivals_per_day: float, rate_per_day: float, servers: int) -> Answer:
    """Steady state of M/M/c (Gross and Harris): load, waiting, lengths, empty share, wait above one day."""
    load = arrivals_per_day / rate_per_day
    rho = load / servers
    waits = erlang_c(load, servers)
    spare = servers * rate_per_day - arrivals_per_day
    wait_days = waits / spare
    logs = [n * math.log(load) - math.lgamma(n + 1) for n in range(servers)]
    logs.append(servers * math.log(load) - math.lgamma(servers + 1) - math.log(1.0 - rho))
    return {
        "rho": rho,
        "P_wait": waits,
        "Wq": wait_days,
        "Lq": arrivals_per_day * wait_days,
        "W": wait_days + 1.0 / rate_per_day,
        "L": arrivals_per_day * wait_days + load,
        "p0": math.exp(-log_sum(logs)),
        "P_wait_gt_1": waits * math.exp(-spare),
    }


def mg1(arrivals_per_day: float, mean_service_days: float, scv: float) -> Answer:
    """Steady state of M/G/1 (Pollaczek and Khinchine)."""
    rho = arrivals_per_day * mean_service_days
    wait_days = rho * mean_service_days * (1.0 + scv) / (2.0 * (1.0 - rho))
    inside_days = wait_days + mean_service_days
    return {
        "rho": rho,
        "Wq": wait_days,
        "Lq": arrivals_per_day * wait_days,
        "W": inside_days,
        "L": arrivals_per_day * inside_days,
    }


def cobham(rate_per_day: float, servers: int, arrivals_per_day: Sequence[float]) -> Answer:
    """Waits by class of a non-interrupting priority M/M/c with equal service rates (Cobham 1954)."""
    total = sum(arrivals_per_day)
    residual = erlang_c(total / rate_per_day, servers) / (servers * rate_per_day)
    answer: Answer = {}
    above = 0.0
    for k, arrivals in enumerate(arrivals_per_day, start=1):
        upto = above + arrivals / (servers * rate_per_day)
        answer[f"Wq_class{k}"] = residual / ((1.0 - above) * (1.0 - upto))
        above = upto
    shares = zip(arrivals_per_day, list(answer.values()), strict=True)
    answer["Wq_all"] = sum(arrivals * wait for arrivals, wait in shares) / total
    return answer


def birth_death(births: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of states 0..n: births[i] from i to i + 1, deaths[i] from i to i - 1."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(births[:-1]) - np.log(deaths[1:]))])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def erlang_a(arrivals_per_day: float, rate_per_day: float, servers: int, reneging_per_day: float) -> Answer:
    """Steady state of M/M/c with exponential patience (Palm 1957), summed over states until nothing is left."""
    states = servers + int(40 * arrivals_per_day / reneging_per_day) + 400
    n = np.arange(states)
    deaths = np.minimum(n, servers) * rate_per_day + np.maximum(n - servers, 0) * reneging_per_day
    share = birth_death(np.full(states, arrivals_per_day), deaths)
    waiting = float(np.sum(share * np.maximum(n - servers, 0)))
    return {
        "P_abandon": reneging_per_day * waiting / arrivals_per_day,
        "Lq": waiting,
        "E_wait_all": waiting / arrivals_per_day,
        "P_wait": float(np.sum(share[servers:])),
        "utilisation": float(np.sum(share * np.minimum(n, servers))) / servers,
        "p0": float(share[0]),
    }


def erlang_b_beds(arrivals_per_day: float, mean_los_days: float, beds: int) -> Answer:
    """Loss system M/G/B/B: refusal and occupancy, whatever the law of the length of stay."""
    load = arrivals_per_day * mean_los_days
    blocked = erlang_b(load, beds)
    return {
        "offered_load": load,
        "blocking": blocked,
        "occupancy": load * (1.0 - blocked) / beds,
        "refused_per_day": arrivals_per_day * blocked,
    }


def tandem(external_per_day: Sequence[float], rate_per_day: Sequence[float], servers: Sequence[float]) -> Answer:
    """Queues in a row (Burke 1956, Jackson 1957): each an M/M/c fed by everything upstream."""
    answer: Answer = {}
    arrivals, total = 0.0, 0.0
    for k, (external, rate, count) in enumerate(zip(external_per_day, rate_per_day, servers, strict=True), start=1):
        arrivals += external
        alone = mmc(arrivals, rate, int(count))
        answer[f"node{k}|arrival_rate"] = arrivals
        for name in ("L", "Wq", "rho"):
            answer[f"node{k}|{name}"] = alone[name]
        total += alone["L"]
    answer["L_total"] = total
    answer["W_total"] = total / sum(external_per_day)
    return answer


def mginf(arrivals_per_day: float, mean_los_days: float, after_days: float) -> Answer:
    """Caseload M/G/infinity: Poisson in steady state, and the mean ``after_days`` from empty (two laws of stay)."""
    mean = arrivals_per_day * mean_los_days
    return {
        "mean_steady": mean,
        "p95_steady": float(poisson.ppf(0.95, mean)),
        "mean_at_t_exponential": mean * -math.expm1(-after_days / mean_los_days),
        "mean_at_t_fixed": arrivals_per_day * min(after_days, mean_los_days),
    }
