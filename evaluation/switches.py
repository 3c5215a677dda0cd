"""Which mechanisms of the model a run had switched otherwise than usual, in words for its reports."""

from __future__ import annotations

from collections.abc import Mapping

USUALLY_OFF = {"dying": "deaths foreseen, with needs and stays before them (dying)"}  # settings under structure


def switched(structure: Mapping[str, object] | None) -> str:
    """Return what was switched, such as 'trust off', or 'none': from the settings under ``structure`` of a run.

    Settings that are no switches (not true or false) are passed over. A switch that a run of before does not know is as
    usual.
    """
    said = []
    for name, on in (structure or {}).items():
        name = str(name)
        if on is False and name not in USUALLY_OFF:
            said.append(f"{name.replace('_', ' ')} off")
        elif on is True and name in USUALLY_OFF:
            said.append(f"{USUALLY_OFF[name]} on")
    return ", ".join(said) or "none"
