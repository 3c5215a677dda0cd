"""The target-trial protocol of an evaluation: what would be randomised, frozen before outcomes are read.

After Hernan and Robins (2016, Am J Epidemiol 183) and the TARGET statement's items. A protocol is a YAML file; freezing
writes beside it a copy with the hash of its content, and an evaluation by a frozen protocol checks that hash first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from scenarios.errors import InputError, nearest
from scenarios.user_files import once_loaded
from scenarios.whole_file import write_text

MOST_BYTES = 100_000
HASH, DATE = "frozen_sha256", "frozen_on"
ESTIMANDS = ("att", "ate", "atc")
ASSIGNMENTS = ("randomised", "stepped_wedge", "observational")
DEATHS = ("count_until_death", "zero_after_death", "survivors_named_as_such", "no_deaths_in_unit")


@dataclass(frozen=True)
class Protocol:
    """One evaluation as a target trial. Texts are for people, and so are ``assignment`` and ``competing_deaths``.

    ``design``: a name known to ``intsim evaluate``; ``outcome``: a column, or an outcome of the panel; ``time_zero``:
    the column or rule that starts follow-up in both strategies; ``immortal_time``: how nobody is counted as treated
    before time zero; ``competing_deaths``: a name of DEATHS; ``negative_controls``: outcomes that treatment cannot
    move, analysed alike; ``covariates`` measured before time zero; ``analysis``: options of the analysis by name
    (unit, starts, seed...), so that they too are fixed. ``frozen_on``: when it was frozen (UTC), part of the hash.
    """

    title: str
    question: str
    eligibility: str
    time_zero: str
    strategies: tuple[str, ...]
    assignment: str
    estimand: str
    outcome: str
    design: str
    follow_up_periods: int
    immortal_time: str
    competing_deaths: str
    covariates: tuple[str, ...] = ()
    negative_controls: tuple[str, ...] = ()
    cluster: str = ""
    population: str = ""
    sensitivity: tuple[str, ...] = ()
    data: str = ""
    analysis: Mapping[str, str] = field(default_factory=dict)
    frozen_on: str = ""
    frozen_sha256: str = field(default="", compare=False)

    @property
    def sha256(self) -> str:
        """Return the hash of the content: every field but the hash itself, in order of name."""
        return _hash({name: value for name, value in asdict(self).items() if name != HASH})

    @property
    def plan_sha256(self) -> str:
        """Return the hash of what is planned, whenever it was frozen."""
        return _hash({name: value for name, value in asdict(self).items() if name not in (HASH, DATE)})

    @property
    def is_frozen(self) -> bool:
        """Return whether it carries the hash of its own content."""
        return self.frozen_sha256 == self.sha256


def read_protocol(path: Path, must_be_frozen: bool = False) -> Protocol:
    """Return the protocol in the YAML file ``path``.

    Raises InputError naming the file and key: no such file, not YAML, larger than MOST_BYTES, an unknown or missing
    key, an empty text, a name that is not allowed; and, with ``must_be_frozen``, one that is not frozen or was changed
    since it was.
    """
    content = _load(path)
    known = {each.name: each for each in fields(Protocol)}
    for key in content:
        if key not in known:
            raise InputError(f"{path.name} key '{key}'", f"is not part of a protocol: {nearest(str(key), known)}")
    needed = [name for name, each in known.items() if name in TEXTS or name in ("strategies", "follow_up_periods")]
    for key in needed:
        if content.get(key) in (None, "", [], ()):
            raise InputError(f"{path.name} key '{key}'", "is missing or empty; every protocol states it")
    made = Protocol(**{key: _typed(path, key, value) for key, value in content.items() if value is not None})
    _check(path, made)
    if must_be_frozen and not made.frozen_sha256:
        raise InputError(path.name, "is not frozen: freeze it first, before outcomes are read")
    if made.frozen_sha256 and not made.is_frozen:
        raise InputError(path.name, f"was changed after it was frozen (content is {made.sha256[:12]}): freeze it anew")
    return made


def freeze(path: Path, now: datetime | None = None) -> Path:
    """Write ``<name>.frozen.yaml`` beside the protocol ``path``, with the time and the hash of both, and return it.

    One that is frozen already keeps its time. A hash shows what was planned, not when: lodge it where others date it.
    Raises InputError if it cannot be read (see read_protocol) or if a different frozen protocol is there already.
    """
    made = read_protocol(path)
    target = path.with_name(f"{path.stem.removesuffix('.frozen')}.frozen.yaml")
    if target.exists():
        if read_protocol(target).plan_sha256 != made.plan_sha256:
            raise InputError(str(target), "holds another frozen protocol: give the new one a name of its own")
        return target
    when = (now or datetime.now(UTC)).astimezone(UTC)
    made = replace(made, frozen_on=when.isoformat(timespec="seconds"), frozen_sha256="")
    content = {**_plain(made), HASH: made.sha256}
    try:
        write_text(target, yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100))
    except OSError as problem:
        raise InputError(str(target), f"cannot be written: {problem.strerror}") from None
    return target


TEXTS = (
    "title",
    "question",
    "eligibility",
    "time_zero",
    "assignment",
    "estimand",
    "outcome",
    "design",
    "immortal_time",
    "competing_deaths",
)
MAPPINGS = ("analysis",)
LISTS = ("strategies", "covariates", "negative_controls", "sensitivity")


def _plain(made: Protocol) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(made).items()}


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _load(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise InputError(str(path), "no such file; a protocol is a YAML file")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(str(path), f"is larger than {MOST_BYTES:,} bytes: no protocol is")
    try:
        content = once_loaded(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise InputError(str(path), "is not a text file in UTF-8") from None
    if not isinstance(content, Mapping):
        raise InputError(str(path), "holds no keys; a protocol is a list of 'key: value' lines")
    return content


def _typed(path: Path, key: str, value: Any) -> Any:
    where = f"{path.name} key '{key}'"
    if key in LISTS:
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise InputError(where, f"is {value!r}; a list of texts is needed")
        return tuple(value)
    if key in MAPPINGS:
        if not isinstance(value, Mapping) or not all(isinstance(each, str | int | float) for each in value.values()):
            raise InputError(where, f"is {value!r}; 'option: value' lines are needed")
        return {str(name): str(each) for name, each in value.items()}
    if key == "follow_up_periods":
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(where, f"is {value!r}; a whole number from 1 is needed")
        return value
    if not isinstance(value, str):
        raise InputError(where, f"is {value!r}; a text is needed (quote it)")
    return value


def _check(path: Path, made: Protocol) -> None:
    if len(made.strategies) < 2:
        raise InputError(f"{path.name} key 'strategies'", "holds one; a comparison needs at least two")
    for key, value, allowed in (
        ("estimand", made.estimand, ESTIMANDS),
        ("assignment", made.assignment, ASSIGNMENTS),
        ("competing_deaths", made.competing_deaths, DEATHS),
    ):
        if value not in allowed:
            raise InputError(f"{path.name} key '{key}'", f"is '{value}': {nearest(value, allowed)}")
    if made.outcome in made.negative_controls:
        raise InputError(f"{path.name} key 'negative_controls'", f"names the outcome itself, '{made.outcome}'")
