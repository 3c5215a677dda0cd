"""Flow through the tiers within one month and across its end."""

from __future__ import annotations

import numpy as np

from sim import codes
from sim.engines.records import LOG, blank_rows
from sim.outcomes.flows import NODES, LastContacts, fold_flows

KINDS = np.array([codes.GP, codes.ED, codes.BED])
MONTH = 1000


def log_of(*steps: tuple[int, int, int, int, int]) -> np.ndarray:
    """Each step: (need, ordinal, service, how, outcome), all by resident 0, in service from 1 to 5."""
    log = np.zeros(len(steps), LOG)
    for record, (need, ordinal, service, how, outcome) in zip(log, steps, strict=True):
        record["need"], record["ordinal"], record["service"] = need, ordinal, service
        record["how"], record["outcome"], record["started"], record["left"] = how, outcome, 1, 5
    log["started"][log["how"] != codes.SERVED] = -1
    return log


def table(flows: np.ndarray) -> dict[tuple[str, str], int]:
    return {(NODES[i], NODES[j]): int(flows[i, j]) for i, j in zip(*np.nonzero(flows), strict=True)}


def open_row(need: int) -> np.ndarray:
    row = blank_rows(1)
    row["need"], row["person"], row["status"] = need, 0, codes.STAYING
    return row


def test_an_episode_runs_from_its_need_through_its_contacts_to_its_end() -> None:
    log = log_of(
        (7, 2, -1, codes.ENDED, codes.OUT_DISCHARGED),
        (7, 1, 2, codes.SERVED, codes.OUT_DISCHARGED),
        (7, 0, 1, codes.SERVED, codes.OUT_ADMITTED),
        (9, 0, -1, codes.ENDED, codes.OUT_SELF_CARE),
    )
    flows, last = fold_flows(log, blank_rows(0), KINDS, LastContacts(), 0, MONTH)
    assert table(flows) == {("need", "ed"): 1, ("ed", "bed"): 1, ("bed", "home"): 1, ("need", "self_care"): 1}
    assert len(last.need) == 0


def test_a_missed_call_is_no_step_but_giving_up_is() -> None:
    log = log_of(
        (7, 0, 0, codes.MISSED, 0),
        (7, 1, 0, codes.RENEGED, 0),
        (7, 2, 1, codes.SERVED, 0),
        (7, 3, -1, codes.ENDED, codes.OUT_LOST),
    )
    flows, _ = fold_flows(log, blank_rows(0), KINDS, LastContacts(), 0, MONTH)
    assert table(flows) == {("need", "gp"): 1, ("gp", "ed"): 1, ("ed", "unmet"): 1}


def test_an_episode_that_spans_months_is_carried() -> None:
    first, last = fold_flows(log_of((7, 0, 0, codes.SERVED, 0)), open_row(7), KINDS, LastContacts(), 0, MONTH)
    assert table(first) == {("need", "gp"): 1}
    quiet, last = fold_flows(log_of(), open_row(7), KINDS, last, 0, MONTH)
    assert quiet.sum() == 0
    ends = log_of((7, 1, 2, codes.SERVED, 0), (7, 2, -1, codes.ENDED, codes.OUT_DIED))
    later, last = fold_flows(ends, blank_rows(0), KINDS, last, 0, MONTH)
    assert table(later) == {("gp", "bed"): 1, ("bed", "died"): 1}
    assert len(last.need) == 0


def test_anonymous_patients_do_not_flow() -> None:
    log = log_of((7, 0, 0, codes.SERVED, 0))
    log["person"] = -1
    flows, last = fold_flows(log, open_row(8), KINDS, LastContacts(), 0, MONTH)
    assert flows.sum() == 0
    assert len(last.need) == 0
