"""Which mechanisms of the model a run had switched off, in words for its reports."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.switches import UNTOLD

WORDS = {"dying": "deaths foreseen, with needs and stays before them (dying)"}  # of settings under structure


def switched(structure: Mapping[str, object] | None) -> str:
    """Return what was switched, such as 'trust off', or 'none': from the settings under ``structure`` of a run.

    Settings that are no switches (not true or false) are passed over. A switch that a run of before does not know stood
    as it did then (``UNTOLD``).
    """
    known = dict(structure or {})
    stood = known | {name: on for name, on in UNTOLD.items() if known and name not in known}
    off = [str(name) for name, on in stood.items() if on is False]
    return ", ".join(f"{WORDS.get(name, name.replace('_', ' '))} off" for name in off) or "none"
