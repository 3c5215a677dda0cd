"""What our own runs cost against residents, years, the length of a waiting list, and a second worker."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.apart import apart
from benchmarks.long_list import long_list
from benchmarks.place_run import MonthCost, months_cost, warm_up
from benchmarks.report import Found, Limit
from benchmarks.two_workers import pairs

MOST_PER_DOUBLING = 2.6
MOST_PER_DOUBLING_ABOVE = 2.9
ABOVE = 500_000
MOST_LONG_LIST = 1.5
LEAST_TWO_WORKERS = 1.7
TIMES_LONGER = 100
MONTHS_A_YEAR = 12


class Size(NamedTuple):
    """How much is run.

    residents, skip, months: of each place, months thrown away and months counted. turns: of all sizes. years, at
    years_residents. short_list, list_days, list_turns. workers_residents, workers_months, pairs.
    """

    residents: tuple[int, ...]
    skip: int
    months: int
    turns: int
    years: int
    years_residents: int
    short_list: int
    list_days: float
    list_turns: int
    workers_residents: int
    workers_months: int
    pairs: int


SIZES = {
    "small": Size((2_000, 4_000), 1, 1, 1, 1, 2_000, 200, 3.0, 1, 2_000, 1, 1),
    "quick": Size((50_000, 150_000), 2, 4, 1, 3, 50_000, 1_000, 90.0, 3, 50_000, 3, 3),
    "full": Size((50_000, 150_000, 500_000, 2_000_000), 3, 9, 3, 10, 150_000, 1_000, 90.0, 5, 50_000, 6, 5),
}
LIST_NOTE = "Waiting list: one service on the pathway `network`, kept at its length, in windows of 30 days; no log."
NOTES = (
    "Places: the Bi-Borough with residents and hospitals scaled alike, design `full` from the first month, each in a "
    "process of its own; CPU seconds of run_month, log made and dropped; the first months are thrown away.",
    LIST_NOTE,
    "Workers: wall seconds of the same months, one process against two at once doing twice the work.",
)


def measure(size: str) -> Found:
    """Return all four, and whether their limits hold."""
    chosen = SIZES[size]
    warm_up()
    by_residents = residents_table(chosen)
    lists = list_table(chosen)
    both = workers_table(chosen)
    limits = [doubling_limit(row) for row in by_residents[1:]]
    limits.extend(list_limits(lists, chosen))
    throughput = statistics.median(row["throughput_ratio"] for row in both)
    limits.append(Limit("two workers, median throughput ratio", throughput, LEAST_TWO_WORKERS, at_least=True))
    tables = {
        "residents": by_residents,
        "years": years_table(chosen),
        "length of a waiting list": lists,
        "workers": both,
    }
    return Found(tables, limits, NOTES)


def doubling_limit(row: dict[str, Any]) -> Limit:
    """Return the limit on the cost of a doubling of residents up to this row."""
    bound = MOST_PER_DOUBLING if row["residents"] <= ABOVE else MOST_PER_DOUBLING_ABOVE
    return Limit(f"cost per doubling up to {row['residents']:,d} residents", row["per_doubling"], bound, False)


def residents_table(size: Size) -> list[dict[str, Any]]:
    """Return the cost of a month by number of residents: medians over turns, which run every size in order."""
    found: dict[int, list[dict[str, float]]] = {residents: [] for residents in size.residents}
    for _ in range(size.turns):
        for residents in size.residents:
            done = apart(months_cost, residents, 0, size.skip + size.months)
            count, set_up_s, months = done.value
            counted = months[size.skip :]
            found[residents].append(
                {
                    "residents": count,
                    "set_up_cpu_s": set_up_s,
                    "cpu_s_per_month": mean_cpu(counted),
                    "records_per_month": sum(month.records for month in counted) / len(counted),
                    "peak_mib": done.peak_mib,
                }
            )
    rows: list[dict[str, Any]] = []
    for turns in found.values():
        row: dict[str, Any] = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
        row["residents"] = round(row["residents"])
        row["ns_per_record"] = row["cpu_s_per_month"] / row["records_per_month"] * 1e9
        row["per_doubling"] = per_doubling(rows[-1], row) if rows else "-"
        rows.append(row)
    return rows


def per_doubling(smaller: dict[str, Any], larger: dict[str, Any]) -> float:
    """Return how many times the cost of a month grows for each doubling of residents between two rows."""
    doublings = math.log2(larger["residents"] / smaller["residents"])
    return float((larger["cpu_s_per_month"] / smaller["cpu_s_per_month"]) ** (1.0 / doublings))


def mean_cpu(months: Sequence[MonthCost]) -> float:
    """Return the mean CPU seconds of a month."""
    return sum(month.cpu_s for month in months) / len(months)


def years_table(size: Size) -> list[dict[str, Any]]:
    """Return the cost of each year of a long run."""
    _, _, months = apart(months_cost, size.years_residents, 0, size.years * MONTHS_A_YEAR).value
    rows: list[dict[str, Any]] = []
    for year in range(size.years):
        part = months[year * MONTHS_A_YEAR : (year + 1) * MONTHS_A_YEAR]
        cost = sum(month.cpu_s for month in part)
        records = sum(month.records for month in part)
        rows.append(
            {
                "year": year + 1,
                "residents_at_start": size.years_residents,
                "cpu_s": cost,
                "records": records,
                "waiting_at_end": part[-1].waiting,
                "ns_per_record": cost / records * 1e9,
            }
        )
    return rows


def list_table(size: Size) -> list[dict[str, Any]]:
    """Return the cost of an event with a short and a long waiting list, in turns: medians."""
    long_list(size.short_list, 1.0, True)  # compile, or load what is compiled, before any clock starts
    rows = []
    for with_patience in (False, True):
        costs: dict[int, list[float]] = {size.short_list: [], size.short_list * TIMES_LONGER: []}
        waiting = dict.fromkeys(costs, 0)
        for turn in range(size.list_turns):
            for length, values in costs.items():
                cpu_s, events, waiting[length] = long_list(length, size.list_days, with_patience, seed=turn)
                values.append(cpu_s / events * 1e9)
        short = costs[size.short_list]
        for length, values in costs.items():
            rows.append(
                {
                    "patience": "yes" if with_patience else "no",
                    "waiting": waiting[length],
                    "ns_per_event": statistics.median(values),
                    "ratio": statistics.median(a / b for a, b in zip(values, short, strict=True)),
                }
            )
    return rows


def list_limits(rows: Sequence[dict[str, Any]], size: Size) -> list[Limit]:
    """Return the limit on the cost of an event, of each row with a long list."""
    return [
        Limit(f"list {TIMES_LONGER} times longer, patience {row['patience']}", row["ratio"], MOST_LONG_LIST, False)
        for row in rows
        if row["waiting"] > size.short_list * TIMES_LONGER // 2
    ]


def workers_table(size: Size) -> list[dict[str, Any]]:
    """Return each pair: one worker, two workers, and how many times as much two get done in the same time."""
    return [
        {"one_s": one, "two_s": two, "throughput_ratio": 2.0 * one / two}
        for one, two in pairs(size.workers_residents, size.workers_months, size.pairs)
    ]
