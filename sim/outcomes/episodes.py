"""What the reducer remembers of each episode that a month leaves open."""

from __future__ import annotations

import numpy as np

from sim.jit import jit_entry, jit_small

EPISODE = np.dtype(
    [
        ("need", "u8"),
        ("seen", "i8"),  # mask of kinds of service that have served the need
        ("began_s", "i8"),  # when the spell in hospital under way began, -1 none
        ("until_s", "i8"),  # until when a next stay belongs to it
        ("node", "i2"),  # last step, an index of flows.NODES; 0 none so far
        ("kind", "i2"),  # of the last service that served it, -1 none so far
        ("admitted", "i2"),  # 1: has had an admission
    ],
    align=True,
)
FROM_NEED = 0  # the node before any step
NO_SERVICE = -1
NO_SPELL = -1
TOP_BITS = 16  # of a need's id, which is a hash: they say nearly where it stands in order


def nothing_known() -> np.ndarray:
    """Return EPISODE[0]."""
    return np.zeros(0, EPISODE)


@jit_small
def write_episode(into, episode):  # type: ignore[no-untyped-def]
    """Write what is known of an episode."""
    into["need"] = episode["need"]
    into["seen"] = episode["seen"]
    into["began_s"] = episode["began_s"]
    into["until_s"] = episode["until_s"]
    into["node"] = episode["node"]
    into["kind"] = episode["kind"]
    into["admitted"] = episode["admitted"]


def by_need(episodes: np.ndarray) -> np.ndarray:
    """Return EPISODE[] in order of need: what sorting does, for hashes and in a fifth of the time."""
    ordered = np.zeros(len(episodes) + 1, EPISODE)  # the last is room to exchange two
    write_in_order(episodes, np.zeros(1 << TOP_BITS, np.int64), ordered)
    return ordered[: len(episodes)]


@jit_entry
def write_in_order(episodes, starts, ordered):  # type: ignore[no-untyped-def]
    """Write ``episodes`` into ``ordered``, first by the top bits of the need's id, then by all of it; return how many.

    starts: int64[2**TOP_BITS], zeros. ordered: room for one more.
    """
    shift = np.uint64(64 - TOP_BITS)
    count = len(episodes)
    for k in range(count):
        starts[episodes[k]["need"] >> shift] += 1
    total = 0
    for top in range(len(starts)):
        here = starts[top]
        starts[top] = total
        total += here
    for k in range(count):
        top = episodes[k]["need"] >> shift
        write_episode(ordered[starts[top]], episodes[k])
        starts[top] += 1
    for k in range(1, count):
        j = k
        while j > 0 and ordered[j - 1]["need"] > ordered[j]["need"]:
            write_episode(ordered[count], ordered[j])
            write_episode(ordered[j], ordered[j - 1])
            write_episode(ordered[j - 1], ordered[count])
            j -= 1
    return count
