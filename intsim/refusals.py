"""Settings that a command has no use for: refused, so that none is ignored and then recorded as if it had been used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from scenarios.errors import InputError, raise_all

if TYPE_CHECKING:
    from scenarios.schema import Scenario

HERE = ("local", "serial")  # executors of this machine


def keys_of(words: Sequence[str]) -> set[str]:
    """Return the keys that settings on a command line are of."""
    return {word.split("=")[0].lstrip("+~") for word in words}


def refuse_settings(words: Sequence[str], why: Mapping[str, str], command: str) -> None:
    """Refuse ``words`` that set a key of ``why``, or anything below one. command: in words, such as 'a fit'.

    ``why``: the reason by key. Raises InputError, one line each.
    """
    found = [
        InputError(key, f"has no meaning in {command}: {reason}")
        for key in sorted(keys_of(words))
        for refused, reason in why.items()
        if key == refused or key.startswith(f"{refused}.")
    ]
    raise_all(found)


def refuse_values(one: Scenario, why: Mapping[str, str], command: str) -> None:
    """Refuse what ``refuse_settings`` does where a file or a caller of ours set it: what is written, and stopping.

    Executors of other machines too. Raises InputError, one line each.
    """
    experiment = one.experiment
    is_set = {
        "experiment.log": experiment.log != "none",
        "experiment.person_months": experiment.person_months != "none",
        "experiment.stop": experiment.stop.outcome is not None,
    }
    wrong = [key for key, given in is_set.items() if given and key in why]
    found = [InputError(key, f"has no meaning in {command}: {why[key]}") for key in wrong]
    if experiment.executor not in HERE:
        words = f"'{experiment.executor}': {command} runs on this machine ({' or '.join(HERE)})"
        found.append(InputError("experiment.executor", words))
    raise_all(found)
