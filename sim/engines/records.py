"""The columns an engine moves: open rows, the log, services, pools, changes of capacity, exits.

One structured array per entity. ``array[i]["field"]`` reads the same compiled and in Python.
All times are whole seconds (int64) since the start date.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROW = np.dtype(
    [
        ("need", "u8"),  # need id, unique for ever
        ("person_key", "u8"),
        ("own", "u8"),  # the pathway's: what all draws of the episode share, 0 until it has begun
        ("person", "i4"),  # index into people; -1 for an anonymous patient
        ("service", "i2"),  # where the row waits or is served; -1 elsewhere
        ("held", "i2"),  # service whose capacity is still held from the contact before; -1 none
        ("status", "i1"),
        ("priority", "i1"),
        ("need_type", "i1"),
        ("acuity", "i1"),
        ("ordinal", "i2"),  # contacts so far within the episode
        ("stage", "i2"),  # the pathway's own state
        ("site", "i2"),  # neighbourhood (residents) or hospital (background)
        ("flags", "i4"),  # the pathway's own marks
        ("arose", "i8"),
        ("joined", "i8"),
        ("started", "i8"),
        ("due", "i8"),  # arrival, end of service or end of stay
        ("deadline", "i8"),  # when patience ends; codes.NEVER without limit
        ("duration", "i8"),
        ("patience", "i8"),
        ("held_joined", "i8"),
        ("held_started", "i8"),
        ("held_finished", "i8"),
        ("held_ordinal", "i2"),
        ("held_outcome", "i1"),
        ("held_priority", "i1"),
        ("value", "f8"),  # the pathway's own number (severity)
    ],
    align=True,
)

LOG = np.dtype(
    [
        ("need", "u8"),
        ("person_key", "u8"),
        ("person", "i4"),
        ("service", "i2"),  # -1: the end of an episode
        ("ordinal", "i2"),
        ("need_type", "i1"),
        ("how", "i1"),  # codes.SERVED, RENEGED, MISSED, DIED, MOVED, ENDED
        ("outcome", "i1"),
        ("priority", "i1"),
        ("acuity", "i1"),
        ("joined", "i8"),
        ("started", "i8"),  # -1: never started
        ("finished", "i8"),  # -1: service never finished; later than this until `left` the place is only held
        ("left", "i8"),
    ],
    align=True,
)
ROOM_LEFT = 64  # one record for so many is left for those who come later
MOST_CONTACTS = 32_000  # of one episode (`ordinal` is an int16): more means a pathway that goes in circles
LOG_ORDER = ("left", "person_key", "need", "ordinal")

SERVICE = np.dtype(
    [
        ("kind", "i2"),
        ("site", "i2"),
        ("pool", "i2"),
        ("acute", "i1"),  # 1: whoever is here is in ED or a bed
        ("waiting", "i8"),
        ("inside", "i8"),  # in service or holding
        ("changed", "i8"),  # when the two areas were last brought up to date
        ("waiting_area_s", "i8"),  # person-seconds waited since the start
        ("inside_area_s", "i8"),
        ("starts", "i8"),
    ],
    align=True,
)

POOL = np.dtype(
    [
        ("capacity", "i8"),
        ("busy", "i8"),
        ("changed", "i8"),
        ("busy_area_s", "i8"),
        ("capacity_area_s", "i8"),
        ("over_area_s", "i8"),  # person-seconds in service above capacity (overrun)
    ],
    align=True,
)

CHANGE = np.dtype([("time", "i8"), ("pool", "i4"), ("capacity", "i8")], align=True)
EXIT = np.dtype([("time", "i8"), ("person_key", "u8"), ("person", "i4"), ("how", "i4")], align=True)


def blank_rows(count: int) -> np.ndarray:
    """Return ``count`` unused rows: nothing held, nowhere, no deadline."""
    rows = np.zeros(count, ROW)
    rows["service"] = -1
    rows["held"] = -1
    rows["person"] = -1
    rows["deadline"] = 2**62
    return rows


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return arrays of one structured dtype put together: what np.concatenate does, without promoting every field."""
    if len(parts) == 1:
        return parts[0]
    whole = np.empty(sum(len(part) for part in parts), parts[0].dtype)
    octets, at = whole.view(np.uint8), 0  # a copy of records goes field by field
    for part in parts:
        more = np.ascontiguousarray(part).view(np.uint8)
        octets[at : at + len(more)] = more
        at += len(more)
    return whole


def with_room(known: np.ndarray, size: int) -> np.ndarray:
    """Return a copy of the structured array ``known``, in memory for at least ``size`` records."""
    room = np.empty(max(size, len(known)), known.dtype)
    room[: len(known)].view(np.uint8)[:] = np.ascontiguousarray(known).view(np.uint8)
    return room[: len(known)]


def extended(known: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return ``known`` with ``more`` behind it: in its own memory where ``with_room`` left some, else in new memory.

    ``known`` goes on in what is returned: extend it once.
    """
    size, room = len(known) + len(more), known.base
    ours = isinstance(room, np.ndarray) and room.dtype == known.dtype and room.ctypes.data == known.ctypes.data
    if not ours or len(room) < size:  # type: ignore[arg-type]
        room = with_room(known, size + size // ROOM_LEFT).base
    whole: np.ndarray = room[:size]  # type: ignore[index]
    whole[len(known) :].view(np.uint8)[:] = np.ascontiguousarray(more).view(np.uint8)
    return whole


def put_records(into: np.ndarray, rows: np.ndarray, records: np.ndarray) -> None:
    """Write ``records`` into ``rows`` of an array of the same structured dtype: as wholes, not field by field."""
    whole = np.dtype((np.void, into.dtype.itemsize))
    into.view(whole)[rows] = np.ascontiguousarray(records).view(whole)


def in_log_order(log: np.ndarray) -> np.ndarray:
    """Return the log sorted by (time left, person key, need id, ordinal)."""
    order = np.lexsort([log[name] for name in reversed(LOG_ORDER)])
    return log[order]
