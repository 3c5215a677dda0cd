"""The whole Bi-Borough for ten years, every lever on, on one core."""

from __future__ import annotations

from typing import Any, NamedTuple

from benchmarks.apart import Apart, apart
from benchmarks.place_run import MonthCost, months_cost, warm_up
from benchmarks.report import Found, Limit

MOST_TEN_YEARS_S = 45.0
AIM_S = 20.0
MOST_PEAK_MIB = 1_024.0
MONTHS_A_YEAR = 12
NOTES = (
    "CPU seconds of one process, compiled beforehand: setting up (reading the place, making its residents), burn-in "
    "under usual care, then the design `full`. Each month's log is made in memory, as the counting needs it, and "
    "dropped: none of it is kept or written. peak: the whole process, setting up included.",
)


class Size(NamedTuple):
    """residents (None: the place as it is), months of burn-in, years."""

    residents: int | None
    burn_in_months: int
    years: int


SIZES = {"small": Size(2_000, 2, 1), "quick": Size(50_000, 3, 1), "full": Size(None, 24, 10)}


def measure(size: str) -> Found:
    """Return what it cost, and whether it keeps to its limits (judged at full size alone)."""
    chosen = SIZES[size]
    warm_up()
    months = chosen.burn_in_months + chosen.years * MONTHS_A_YEAR
    done = apart(months_cost, chosen.residents, chosen.burn_in_months, months)
    row = whole(done, chosen)
    tables = {"in all": [row], "by year": by_year(done.value[2], chosen.burn_in_months)}
    limits = []
    if chosen.residents is None:
        limits = [
            Limit("ten years, CPU s", row["years_cpu_s"], MOST_TEN_YEARS_S, at_least=False),
            Limit("peak, MiB", row["peak_mib"], MOST_PEAK_MIB, at_least=False),
        ]
    return Found(tables, limits, (*NOTES, f"The aim for the ten years is {AIM_S:g} s."))


def whole(done: Apart, size: Size) -> dict[str, Any]:
    """Return the whole run in one row."""
    residents, set_up_s, months = done.value
    lived = months[size.burn_in_months :]
    seconds = sum(month.cpu_s for month in lived)
    records = sum(month.records for month in lived)
    return {
        "residents": residents,
        "years": size.years,
        "set_up_cpu_s": round(set_up_s, 2),
        "burn_in_cpu_s": round(sum(month.cpu_s for month in months[: size.burn_in_months]), 2),
        "years_cpu_s": round(seconds, 2),
        "records": records,
        "ns_per_record": round(seconds / records * 1e9),
        "peak_mib": round(done.peak_mib),
    }


def by_year(months: list[MonthCost], burn_in_months: int) -> list[dict[str, Any]]:
    """Return a row for the burn-in and one for each year after it."""
    starts = [0, *range(burn_in_months, len(months), MONTHS_A_YEAR)]
    rows = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(months)], strict=True)):
        part = months[start:end]
        if not part:
            continue
        cpu_s, records = sum(month.cpu_s for month in part), sum(month.records for month in part)
        rows.append(
            {
                "year": "burn-in" if number == 0 else str(number),
                "months": len(part),
                "cpu_s": round(cpu_s, 2),
                "records": records,
                "waiting_at_end": part[-1].waiting,
                "ns_per_record": round(cpu_s / records * 1e9),
            }
        )
    return rows
