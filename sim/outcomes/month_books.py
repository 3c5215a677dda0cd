"""The books of one month: what a closed month is counted from, and the arrays it is counted into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from sim.by_reference import passed_by_reference
from sim.codes import NEED_NAMES
from sim.engines.arena import Arena
from sim.engines.records import LOG
from sim.outcomes.columns import DEATHS_AT
from sim.outcomes.composition import AGE_NAMES, COMPOSITION_CELLS, DECILES, MORTALITY
from sim.outcomes.episodes import EPISODE
from sim.outcomes.flows import NODES
from sim.outcomes.panel import CELLS_PER_NEIGHBOURHOOD, HEADLINES, OUTCOMES, QUINTILES, SEXES
from sim.outcomes.stocks import STOCKS
from sim.outcomes.waits import BINS

# Rows of `by_service`.
STARTS, WAIT_S, STILL, STILL_S, WAITING_S, INSIDE_S = range(6)
# Slots of `numbers`.
EPISODES_N, ATTENDED_N, ADMITTED_N, KEPT_N, OPEN_N, STRUNG_N, OUT_OF_ORDER_N = range(7)
WHOSE = 2  # there at go-live, or come since
TALLIED = 5
TOLD_BY_NEED = 4
LEAST_SLOTS = 1_024
FOLLOWED = np.dtype(  # an episode, the latest of its records put aside, -1 none, and the last step walked, -1 none
    [*((name, EPISODE[name]) for name in EPISODE.names), ("latest", "i4"), ("step", "i4")],  # type: ignore[union-attr]
    align=True,
)
WHERE = np.dtype(  # of each person: what a count of theirs goes to, all of it asked of memory at once
    [
        ("gone_s", "i8"),  # when they left; the month's end if not at all, its start if not there
        ("cell", "i4"),  # panel cell
        ("mixed", "i4"),  # cell of the composition table
        ("team", "i4"),
        ("died", "i4"),  # 1: they left by dying
    ],
    align=True,
)


@passed_by_reference
class Books(NamedTuple):
    """Inputs first (records.LOG, ROW, EXIT, SERVICE; columns.PERSON, COMMUNITY), then what is written. int64 sums.

    Cells of panel, stocks and needs come twice: first those of people who were there at go-live, then the same of those
    who came since (``came_since``).
    """

    log: np.ndarray
    rows: np.ndarray  # open at the month's end
    created: np.ndarray
    exits: np.ndarray  # first of each person, in the order of people
    exit_class: np.ndarray  # int64: index in panel.DEATH_CLASSES, -1 none
    people: np.ndarray
    communities: np.ndarray
    came_since: np.ndarray  # uint8[person]: 1 for those who came after go-live
    kinds: np.ndarray  # int64[service]
    known: np.ndarray  # EPISODE[]: from the month before
    death_columns: np.ndarray  # int64[death class]
    where: np.ndarray  # WHERE[person]
    panel: np.ndarray  # int64[panel.OUTCOMES, cell]: what is often counted lies close together
    composition: np.ndarray  # int64[cell, panel.HEADLINES]
    mortality: np.ndarray  # int64[cell, composition.MORTALITY]
    stocks: np.ndarray  # int64[cell, stocks.STOCKS]
    needs: np.ndarray  # int64[neighbourhood x quintile, need type, reducer.NEEDS]
    tallies: np.ndarray  # int64[team, reducer.TALLIES]
    served: np.ndarray  # int64[service, wait bin]
    reneged: np.ndarray
    by_service: np.ndarray  # int64[6, service]
    flows: np.ndarray  # int64[node, node]
    still_open: np.ndarray  # records.LOG of contacts open at the month's end
    slots: np.ndarray  # int32[2**k]: episode by hash of its need, -1 empty
    episodes: np.ndarray  # FOLLOWED[]
    before: np.ndarray  # int32[record]: the same episode's record put aside before it
    strung: np.ndarray  # int32[]: episodes of which records are put aside
    kept: np.ndarray  # EPISODE[]: what goes on
    attended: np.ndarray  # int32[]: the person of each ED attendance
    admitted: np.ndarray  # int32[]: of each emergency admission
    numbers: np.ndarray  # int64


def open_books(
    month: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    people: np.ndarray,
    communities: np.ndarray,
    services: np.ndarray,
    teams: int,
    known: np.ndarray,
    arena: Arena,
    came_since: np.ndarray,
) -> Books:
    """Return empty books; ``month``: log, open rows, needs created, first exits, and the class of each exit.

    arena: where what is only worked with, and not handed out, is kept from one month to the next.
    """
    log, rows, created, exits, exit_class = month
    records, size = len(log) + 2 * len(rows), WHOSE * (teams - 1) * CELLS_PER_NEIGHBOURHOOD
    slots = LEAST_SLOTS
    while 3 * slots < 4 * (records + len(known)):
        slots *= 2
    width = len(services)

    def room(name: str, count: int, dtype: DTypeLike) -> np.ndarray:
        return arena.take(f"books_{name}", count, dtype)[:count]

    return Books(
        log=log,
        rows=rows,
        created=created,
        exits=exits,
        exit_class=exit_class,
        people=people,
        communities=communities,
        came_since=came_since,
        kinds=services["kind"].astype(np.int64),
        known=known,
        death_columns=DEATHS_AT,
        where=room("where", len(people), WHERE),
        panel=np.zeros((len(OUTCOMES), size), np.int64),
        composition=np.zeros((int(np.prod(COMPOSITION_CELLS)), len(HEADLINES)), np.int64),
        mortality=np.zeros((DECILES * SEXES * len(AGE_NAMES), len(MORTALITY)), np.int64),
        stocks=np.zeros((size, len(STOCKS)), np.int64),
        needs=np.zeros((WHOSE * (teams - 1) * QUINTILES, len(NEED_NAMES), TOLD_BY_NEED), np.int64),
        tallies=np.zeros((teams, TALLIED), np.int64),
        served=np.zeros((width, BINS), np.int64),
        reneged=np.zeros((width, BINS), np.int64),
        by_service=np.zeros((6, width), np.int64),
        flows=np.zeros((len(NODES), len(NODES)), np.int64),
        still_open=room("still_open", 2 * len(rows), LOG),
        slots=arena.filled("books_slots", slots, np.int32, -1)[:slots],
        episodes=room("episodes", records + len(known), FOLLOWED),
        before=room("before", records, np.int32),
        strung=room("strung", records, np.int32),
        kept=np.zeros(len(rows), EPISODE),
        attended=room("attended", records, np.int32),
        admitted=room("admitted", records, np.int32),
        numbers=np.zeros(8, np.int64),
    )
