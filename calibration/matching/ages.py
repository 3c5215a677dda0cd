"""Ages as targets and tables write them: 'all', '0', '0-4', '65-74', '85+'."""

from __future__ import annotations

import re
from typing import NamedTuple

from scenarios.errors import InputError

OLDEST = 200
BAND = re.compile(r"(\d{1,3})-(\d{1,3})")
OPEN = re.compile(r"(\d{1,3})\+")
SINGLE = re.compile(r"\d{1,3}")


class Ages(NamedTuple):
    """Whole years, both included."""

    low: int
    high: int

    def holds(self, other: Ages) -> bool:
        """Whether every age of ``other`` is one of these."""
        return self.low <= other.low and other.high <= self.high

    def meets(self, other: Ages) -> bool:
        """Whether the two share an age."""
        return self.low <= other.high and other.low <= self.high


EVERYONE = Ages(0, OLDEST)


def ages_of(text: str, where: str = "age") -> Ages:
    """Return the ages that ``text`` stands for. Raises InputError naming ``where`` if it stands for none."""
    said = text.strip()
    if said == "all":
        return EVERYONE
    if match := BAND.fullmatch(said):
        if int(match[1]) <= int(match[2]):
            return Ages(int(match[1]), int(match[2]))
    elif match := OPEN.fullmatch(said):
        return Ages(int(match[1]), OLDEST)
    elif SINGLE.fullmatch(said):
        return Ages(int(said), int(said))
    raise InputError(where, f"'{text}' is no band of ages; allowed: all, 0, 65-74, 85+")
