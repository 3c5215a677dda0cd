"""What a frozen protocol fixes of an evaluation, and what it leaves open."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser
from scenarios.errors import InputError, nearest

if TYPE_CHECKING:
    from evaluation.protocol import Protocol

# Options that change what is estimated; a protocol may fix each of them under 'analysis'.
ANALYSIS = (
    "unit",
    "time",
    "starts",
    "first-treated",
    "treated",
    "person",
    "population",
    "only",
    "quintile",
    "dataset",
    "map",
    "where",
    "rules",
    "arm",
    "as-lived",
    "replication",
    "seed",
)


def bound(made: Parser, given: argparse.Namespace) -> tuple[Protocol | None, list[str]]:
    """Return the protocol, with ``given`` filled by what it fixes, and the options it leaves open that were given.

    Raises InputError for a protocol that is not frozen or was changed, an option that says otherwise, or a design or
    outcome that nobody names.
    """
    from evaluation.causal.designs import DESIGNS

    protocol = None
    if given.protocol is not None:
        from evaluation.protocol import read_protocol

        protocol = read_protocol(given.protocol, must_be_frozen=True)
        fixed = {"design": protocol.design, "outcome": protocol.outcome, **protocol.analysis}
        fixed |= {"cluster": protocol.cluster} if protocol.cluster else {}
        fixed |= {"covariates": ",".join(protocol.covariates)} if protocol.covariates else {}
        for name, stated in fixed.items():
            _fix(made, given, name, str(stated))
    for name in ("design", "outcome"):
        if not getattr(given, name):
            raise InputError("intsim evaluate", f"give --{name} (or a frozen protocol)")
    if given.design not in DESIGNS:
        raise InputError("--design", f"no such design '{given.design}': {nearest(given.design, DESIGNS)}")
    return protocol, _loose(made, given, protocol)


def in_words(protocol: Protocol | None, loose: list[str], source: Path) -> list[str]:
    """Return what is said of the plan: whether there was one, when it was frozen, and what it left open."""
    if protocol is None:
        return ["exploratory: no frozen protocol"]
    lines = [f"prespecified by {protocol.title}, frozen {protocol.frozen_on} (sha256 {protocol.sha256[:12]})"]
    if loose:
        lines.append(f"not fixed by the protocol: {', '.join('--' + name for name in loose)}")
    if source.exists() and protocol.frozen_on:
        written = datetime.fromtimestamp(int(source.stat().st_mtime), UTC)
        if written <= datetime.fromisoformat(protocol.frozen_on):  # both in whole seconds
            lines.append("the data were there before it was frozen: that nobody had looked rests on your word")
    return lines


def _fix(made: Parser, given: argparse.Namespace, name: str, stated: str) -> None:
    """Set an option to what the protocol states. Raises InputError where it was given otherwise, or is none."""
    if name not in (*ANALYSIS, "design", "outcome", "cluster", "covariates"):
        raise InputError("protocol key 'analysis'", f"no such option '{name}': {nearest(name, ANALYSIS)}")
    attribute = name.replace("-", "_")
    now, usual = getattr(given, attribute), made.get_default(attribute)
    if now != usual and str(now) != stated:
        raise InputError(f"--{name}", f"is '{now}', but the frozen protocol says '{stated}'")
    if name in ("seed", "replication"):
        if not stated.isdigit():
            raise InputError(f"protocol key 'analysis', {name}", f"is '{stated}'; a whole number is needed")
        setattr(given, attribute, int(stated))
    elif name == "as-lived":
        setattr(given, attribute, stated.lower() in ("true", "yes"))
    else:
        setattr(given, attribute, Path(stated) if name == "rules" else stated)


def _loose(made: Parser, given: argparse.Namespace, protocol: Protocol | None) -> list[str]:
    """Return the options that were given and that the protocol does not fix."""
    if protocol is None:
        return []
    open_names = [name for name in ANALYSIS if name not in protocol.analysis]
    open_names += [] if protocol.covariates else ["covariates"]
    open_names += [] if protocol.cluster else ["cluster"]
    return [name for name in open_names if getattr(given, name.replace("-", "_")) != _usual(made, name)]


def _usual(made: Parser, name: str) -> object:
    return made.get_default(name.replace("-", "_"))
