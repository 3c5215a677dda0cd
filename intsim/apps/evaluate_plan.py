"""What a frozen protocol fixes of an evaluation, and what it leaves open."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser
from intsim.apps.evaluate_options import AS_USUAL, OF_SOURCES, PEOPLE, sources_of, useless
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
FIXED = (*ANALYSIS, "design", "outcome", "cluster", "covariates")
WHOLE, YES, NO = ("seed", "replication"), ("true", "yes"), ("false", "no")


def frozen(path: Path) -> Path:
    """Freeze the protocol ``path`` (see evaluation.protocol.freeze) and return the new file.

    Raises InputError too for a protocol by which no data could be evaluated: once frozen it could not be mended.
    """
    from evaluation.protocol import freeze, read_protocol

    refuse_unusable(read_protocol(path), path.name)
    return freeze(path)


def refuse_unusable(protocol: Protocol, file: str) -> None:
    """Raise InputError, naming the key, for a design, estimand or option by which no data could be evaluated."""
    from evaluation.causal.designs import DESIGNS

    if protocol.design not in DESIGNS:
        raise InputError(
            f"{file} key 'design'", f"no such design '{protocol.design}': {nearest(protocol.design, DESIGNS)}"
        )
    if protocol.estimand != "att" and protocol.design not in PEOPLE:
        words = f"is '{protocol.estimand}'; the design '{protocol.design}' estimates that on the treated, 'att'"
        raise InputError(f"{file} key 'estimand'", words)
    where = f"{file} key 'analysis'"
    for name, stated in protocol.analysis.items():
        try:
            _check_value(name, stated)
        except InputError as problem:
            raise InputError(f"{where}, {name}", problem.problem) from None
    usual = {name: ("", *words) for name, words in AS_USUAL.items()}
    options = {
        name: stated for name, stated in protocol.analysis.items() if stated.lower() not in usual.get(name, ("",))
    }
    sources = sources_of(options)
    if not sources:
        apart = ", ".join(name for name in options if name in OF_SOURCES)
        raise InputError(where, f"no source has all of {apart}: some are for a run, some for a file")
    fault = useless(options, protocol.design, sources)
    if fault is not None:
        raise InputError(f"{where}, {fault.where.removeprefix('--')}", fault.problem)


def mapped(text: str) -> dict[str, str]:
    """Return fields by the names the dictionary knows them by. Raises InputError for a pair that is none."""
    pairs = [pair.strip() for pair in text.split(",") if pair.strip()]
    for pair in pairs:
        if not all(part.strip() for part in pair.partition("=")):
            raise InputError("--map", f"'{pair}' cannot be read; write field=column, with commas between pairs")
    return dict(pair.split("=", 1) for pair in pairs)


def _check_value(name: str, stated: str) -> None:
    """Raise InputError for an option that is none, or a value that cannot be read whatever the data are."""
    from evaluation.causal.sources import parse_starts
    from evaluation.observed.dictionary import conditions

    if name not in ANALYSIS:
        kept = "a key of the protocol itself, not an option" if name in FIXED else "no such option"
        raise InputError(name, f"{kept}: {nearest(name, ANALYSIS)}")
    if name in WHOLE and not stated.isdigit():
        raise InputError(name, f"is '{stated}'; a whole number is needed")
    if name == "as-lived" and stated.lower() not in (*YES, *NO):
        raise InputError(name, f"is '{stated}'; allowed: {', '.join((*YES, *NO))}")
    if name == "map":
        mapped(stated)
    if name == "where":
        conditions(stated)
    if name == "starts" and not stated.lower().endswith(".csv"):
        parse_starts(stated)


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
        refuse_unusable(protocol, given.protocol.name)
        fixed = {"design": protocol.design, "outcome": protocol.outcome, **protocol.analysis}
        fixed |= {"cluster": protocol.cluster} if protocol.cluster else {}
        fixed |= {"covariates": ",".join(protocol.covariates)} if protocol.covariates else {}
        for name, stated in fixed.items():
            fix(made, given, name, str(stated))
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


def fix(made: Parser, given: argparse.Namespace, name: str, stated: str) -> None:
    """Set an option to what the protocol states. Raises InputError where it was given otherwise."""
    attribute = name.replace("-", "_")
    now, usual = getattr(given, attribute), made.get_default(attribute)
    wanted: object = Path(stated) if name == "rules" else stated
    if name in WHOLE:
        wanted = int(stated)
    elif name == "as-lived":
        wanted = stated.lower() in YES
    if now != usual and now != wanted and str(now) != stated:
        raise InputError(f"--{name}", f"is '{now}', but the frozen protocol says '{stated}'")
    setattr(given, attribute, wanted)


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
