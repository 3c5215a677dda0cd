"""Waiting lists that follow their people: whom another INT serves from now on waits there, as long as they have."""

from __future__ import annotations

import numpy as np

from sim.codes import SUSPENDED, TEAM_KINDS, WAITING
from sim.engines.state import State


def follow_teams(state: State) -> None:
    """Move everyone who waits for staff of an INT to the list of the INT that serves them, where anybody works there.

    Between windows of time, in place. Those called to hospital meanwhile rejoin the new list.
    """
    rows, services, tables = state.rows, state.services, state.tables
    listed = np.flatnonzero(np.isin(rows["status"], (WAITING, SUSPENDED)) & (rows["person"] >= 0))
    listed = listed[np.isin(services["kind"][rows["service"][listed]], TEAM_KINDS)]
    before = rows["service"][listed].astype(np.int64)
    kind = services["kind"][before].astype(np.int64)
    team = tables.people["team"][rows["person"][listed]].astype(np.int64)
    after = tables.service_at[kind, team].astype(np.int64)
    moves = (after >= 0) & (after != before) & (tables.supply[kind, team] > 0.0)
    listed, before, after = listed[moves], before[moves], after[moves]
    rows["service"][listed] = after
    waits = rows["status"][listed] == WAITING
    touched = np.unique(np.concatenate([before[waits], after[waits]]))
    services["waiting_area_s"][touched] += services["waiting"][touched] * (state.now - services["changed"][touched])
    services["inside_area_s"][touched] += services["inside"][touched] * (state.now - services["changed"][touched])
    services["changed"][touched] = state.now
    np.subtract.at(services["waiting"], before[waits], 1)
    np.add.at(services["waiting"], after[waits], 1)
