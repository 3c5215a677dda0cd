"""What the reducer remembers of each episode that a month leaves open."""

from __future__ import annotations

import numpy as np

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


def nothing_known() -> np.ndarray:
    """Return EPISODE[0]."""
    return np.zeros(0, EPISODE)
