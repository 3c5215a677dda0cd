"""Which arms a set of replays needs: each design once, for as long as the longest study of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.replays.definition import Replay
from evaluation.replays.reader import read_replay
from intsim.replays.arms import ArmPlan
from scenarios.errors import InputError
from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.codes import LEVER_NAMES

# What is said of a study, and how it is counted: nothing that is run reads it.
SOURCE = {"study", "programme", "source", "year", "country", "setting", "selection", "dose"}
DESCRIBES = SOURCE | {"use", "evidence", "fidelity"}


@dataclass(frozen=True)
class Study:
    """A replay, and what says whether results that are kept are still its own."""

    name: str
    replay: Replay
    arm: str
    digest: str
    comparator: str  # arm it is compared with


@dataclass(frozen=True)
class StudyPlan:
    """Studies, and the arms they are carried out on (usual care apart).

    ``comparators``: arms of usual care as it was, which stand in ``arms`` as well.
    """

    studies: tuple[Study, ...]
    arms: Mapping[str, ArmPlan]
    comparators: frozenset[str]
    usual: IntDesign

    @property
    def usual_arm(self) -> str:
        """Return the name an arm has whose design is usual care itself."""
        return arm_of(self.usual)


def study_plan(names: list[str], folder: Path, usual: IntDesign) -> StudyPlan:
    """Return the plan of the replays ``names`` in ``folder``; published figures are not read.

    Raises InputError for a replay that cannot be read, a lever there is none of, or a design that is no design.
    """
    studies: list[Study] = []
    arms: dict[str, ArmPlan] = {}
    for name in names:
        replay = read_replay(folder / name)
        for lever in {*replay.levers, replay.people.lever} - {""}:
            if lever not in LEVER_NAMES:
                raise InputError(f"{name}/replay.yaml levers", f"no lever '{lever}'; allowed: {', '.join(LEVER_NAMES)}")
        before = designed(f"{name}/replay.yaml comparator", replay.comparator, usual)
        after = designed(f"{name}/replay.yaml design", replay.design, usual)
        pair = [arm_of(after, before), arm_of(before)]
        for arm, design in zip(pair, (after, before), strict=True):
            months = max(replay.months, arms[arm].months if arm in arms else 0)
            arms[arm] = ArmPlan(design, months, before)
        digest = digest_of(replay.model_dump(mode="json", exclude=DESCRIBES))
        studies.append(Study(name, replay, pair[0], digest, pair[1]))
    return StudyPlan(tuple(studies), arms, frozenset(study.comparator for study in studies), usual)


def designed(where: str, changes: Mapping[str, Any], usual: IntDesign) -> IntDesign:
    """Return usual care with some settings changed. Raises InputError naming the replay and the setting."""
    try:
        return with_settings(usual, changes)
    except InputError as problem:
        raise InputError(f"{where} {problem.where.removeprefix('int.')}", problem.problem) from None


def arm_of(design: IntDesign, against: IntDesign | None = None) -> str:
    """Return the name of the arm of a design: a hash of its settings, and of those it is set against.

    How strongly a programme is carried out is of what it adds to those, so that one design beside two comparators is
    two arms. A design set against itself is one arm.
    """
    parts = [each.model_dump(mode="json") for each in (design, against or design)]
    return digest_of(parts[0] if parts[0] == parts[1] else parts)[:12]


def digest_of(settings: object) -> str:
    """Return a hash of plain settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
