"""Writes the contacts that are open at a month's end as records like those of the log."""

from __future__ import annotations

from sim.codes import FREE, IN_SERVICE, OUT_NONE, WAITING
from sim.jit import jit_borrowing, jit_small
from sim.outcomes.contacts import OPEN
from sim.outcomes.month_books import OPEN_N


@jit_small
def open_contact(b, row, held, end_s):  # type: ignore[no-untyped-def]
    """Write the record of a contact open at the month's end: of the place held, or of the service sought or given."""
    n = b.numbers[OPEN_N]
    b.numbers[OPEN_N] = n + 1
    out = b.still_open[n]
    out["need"] = row["need"]
    out["person"] = row["person"]
    out["need_type"] = row["need_type"]
    out["acuity"] = row["acuity"]
    out["how"] = OPEN
    out["outcome"] = OUT_NONE
    out["left"] = end_s
    if held:
        out["service"] = row["held"]
        out["ordinal"] = row["held_ordinal"]
        out["priority"] = row["held_priority"]
        out["joined"] = row["held_joined"]
        out["started"] = row["held_started"]
        out["finished"] = row["held_finished"]
        return
    out["service"] = row["service"]
    out["ordinal"] = row["ordinal"]
    out["priority"] = row["priority"]
    out["joined"] = row["joined"]
    out["started"] = row["started"] if row["status"] == IN_SERVICE else -1
    out["finished"] = -1


@jit_borrowing
def find_open(b, end_s):  # type: ignore[no-untyped-def]
    """Write the contacts open at the month's end."""
    for r in range(len(b.rows)):
        row = b.rows[r]
        status = row["status"]
        if status == FREE:
            continue
        if row["held"] >= 0:
            open_contact(b, row, True, end_s)
        if row["service"] >= 0 and (status in (WAITING, IN_SERVICE)):
            open_contact(b, row, False, end_s)
