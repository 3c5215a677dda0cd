"""The word ``baseline=NAME`` of a comparison, which is no setting of a scenario."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.errors import InputError
from scenarios.overrides import key_of

BASELINE = "usual_care"


def split_baseline(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the baseline design's name (None if no word names one) and the other words.

    Raises InputError if it is given twice.
    """
    names = [text.split("=", 1)[1].strip() for text in words if is_baseline(text)]
    if len(names) > 1:
        raise InputError("baseline", f"is given {len(names)} times: give one design")
    return (names[0] if names else None), [text for text in words if not is_baseline(text)]


def is_baseline(text: str) -> bool:
    """Return whether a word names the baseline design."""
    return "=" in text and key_of(text) == "baseline"
