"""Existing and added dose of each lever: the settings of the baseline design, and what another design adds to them.

Works on the settings saved with a run. A lever is a block of settings with an ``effect`` of its own; staff and places
are told as levers of the workforce, for a dose needs someone to give it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Settings = Mapping[str, Any]
Value = float | str | None  # a number, a choice in words, or None: as the evidence registry says
STAFF = ("added_fte", "added_home_packages_per_10000", "added_virtual_ward_places_per_10000")
WORKFORCE = "workforce"
MODULES_OF_SETTINGS = ("resource_allocation",)  # a lever that is a module, not a block of one


@dataclass(frozen=True)
class Dose:
    """One setting of a lever: its value in the baseline, and by design what that adds (or chooses instead)."""

    lever: str
    setting: str
    existing: Value
    added: Mapping[str, Value]

    def in_words(self, design: str) -> str:
        """Return 'care coordination, caseload per 10000: +100 to 20' for what ``design`` adds."""
        added = self.added[design]
        head = f"{self.lever}, {self.setting}:"
        if isinstance(added, int | float) and isinstance(self.existing, int | float):
            return f"{head} {added:+g} to {self.existing:g}"
        return f"{head} {added}"


def doses_of(baseline: Settings, designs: Mapping[str, Settings]) -> list[Dose]:
    """Return every dose of every lever, in the order of the settings; staff only where a design or today has some."""
    found = []
    others = {name: dict(settings_of(design)) for name, design in designs.items()}
    for key, existing in settings_of(baseline):
        added = {name: difference(existing, theirs.get(key, existing)) for name, theirs in others.items()}
        if key[0].startswith("added ") and not existing and not any(added.values()):
            continue
        found.append(Dose(*key, existing, added))
    return found


def settings_of(design: Settings) -> Iterator[tuple[tuple[str, str], Value]]:
    """Yield ((lever, setting), value) for every lever of a design and for the staff and places it adds."""
    for module, block in design.items():
        if not isinstance(block, Mapping):
            continue
        if module == WORKFORCE:
            yield from staff_of(block)
        if module in MODULES_OF_SETTINGS:
            yield from values_of(plain(module), block)
            continue
        for name, lever in block.items():
            if isinstance(lever, Mapping) and "effect" in lever:
                yield from values_of(plain(name), lever)


def staff_of(workforce: Settings) -> Iterator[tuple[tuple[str, str], Value]]:
    """Yield the staff and places added, per 10,000 residents."""
    for name in STAFF:
        held = workforce.get(name)
        if isinstance(held, Mapping):
            for service, value in held.items():
                yield (f"added {plain(service)}", "FTE per 10,000"), value
        elif held is not None:
            yield (plain(name.removesuffix("_per_10000")), "per 10,000"), held


def values_of(lever: str, block: Settings) -> Iterator[tuple[tuple[str, str], Value]]:
    """Yield the plain settings of a lever; blocks and lists inside it are left to its config."""
    for name, value in block.items():
        if value is None or isinstance(value, int | float | str):
            yield (lever, plain(name)), value


def difference(existing: Value, theirs: Value) -> Value:
    """Return what a design adds to a number; a choice that differs as it is; 0 where nothing changes.

    Whole numbers of the settings are thresholds (the worst quintile, an age from): chosen, and not added to.
    """
    if existing == theirs:
        return 0.0
    if isinstance(existing, int) and isinstance(theirs, int):
        return str(theirs)
    if isinstance(existing, int | float) and isinstance(theirs, int | float):
        return round(float(theirs) - float(existing), 9)
    return theirs if theirs is not None else "as the evidence says"


def plain(name: str) -> str:
    """Return a name of a setting in words."""
    return name.replace("_", " ")
