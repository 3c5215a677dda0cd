"""Which arms a set of replays needs: each design once, for as long as the longest study of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.replays.definition import Replay
from evaluation.replays.reader import read_replay
from intsim.replays.arms import ArmPlan
from scenarios.errors import InputError
from scenarios.schema import IntDesign
from sim.agents.design import with_settings
from sim.codes import LEVER_NAMES

USUAL = "usual_care"


@dataclass(frozen=True)
class Study:
    """A replay, and what says whether results that are kept are still its own."""

    name: str
    replay: Replay
    arm: str
    digest: str


@dataclass(frozen=True)
class StudyPlan:
    """Studies, and the arms they are carried out on (usual care apart); ``months``: of the longest."""

    studies: tuple[Study, ...]
    arms: Mapping[str, ArmPlan]
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
        design = designed(name, replay, usual)
        arm = arm_of(design)
        months = max(replay.months, arms[arm].months if arm in arms else 0)
        arms[arm] = ArmPlan(design, months)
        studies.append(Study(name, replay, arm, digest_of(replay.model_dump(mode="json"))))
    return StudyPlan(tuple(studies), arms, usual)


def designed(name: str, replay: Replay, usual: IntDesign) -> IntDesign:
    """Return the design of a replay. Raises InputError naming the replay and the setting."""
    try:
        return with_settings(usual, replay.design)
    except InputError as problem:
        raise InputError(f"{name}/replay.yaml design {problem.where.removeprefix('int.')}", problem.problem) from None


def arm_of(design: IntDesign) -> str:
    """Return the name of the arm of a design: a hash of its settings."""
    return digest_of(design.model_dump(mode="json"))[:12]


def digest_of(settings: object) -> str:
    """Return a hash of plain settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
