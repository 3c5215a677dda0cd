"""The whole scenario: place, services, INT design, evidence, case, engine, experiment, and structural switches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.schema.block import Block, Folder, Seed, Text
from scenarios.schema.int_design import IntDesign
from scenarios.schema.place import Place
from scenarios.schema.services import Services


class Evidence(Block):
    """The evidence registry, with a user's own evidence in place of ours: a file of rows, then single fixed values."""

    name: Text
    file: Folder | None = None
    overrides: dict[str, float] = Field(default_factory=dict)


class Case(Block):
    """A named investment case. Empty until cases exist."""

    name: Text


class Engine(Block):
    """What moves time: ``compiled`` (fast) or ``reference`` (SimPy, to read and to check against)."""

    name: Literal["compiled", "reference"]


class Experiment(Block):
    """How long, how often and with what seeds; where results go."""

    name: Text
    horizon_months: Annotated[int, Field(ge=1, le=1_200)]  # after go-live
    burn_in_months: Annotated[int, Field(ge=0, le=1_200)]  # of usual care before the arms part
    replications: Annotated[int, Field(ge=1)]  # random seeds within a draw
    draws: Annotated[int, Field(ge=1)]  # 1: the central value of every parameter; more: that many samples of them
    seed: Seed
    workers: Annotated[int, Field(ge=1, le=1_024)]  # processes on this machine
    log: Literal["none", "persons_1pct", "months", "all"]
    person_months: Literal["none", "enrolled", "eligible"] = "none"  # whose months are written, one row each
    output: Folder | None = None  # None: a new folder under outputs/


class Structure(Block):
    """Switches of the model's structure: run a scenario with a mechanism off to see what rests on it."""

    trust: bool = True
    hidden_need: bool = True
    refill: bool = True  # background demand refills freed beds
    spikes: bool = True  # transient bad spells
    # Which way care reaches deaths: through good treatment of known conditions, or through need left unmet.
    mortality_path: Literal["treatment", "unmet"] = "treatment"


class Scenario(Block):
    """Everything that decides a run. ``int_design`` is the group ``int`` in files and on the command line."""

    place: Place
    services: Services
    int_design: IntDesign = Field(alias="int")
    evidence: Evidence
    case: Case
    engine: Engine
    experiment: Experiment
    structure: Structure
    # Change of needs, onsets, deaths and supply after the baseline year, the same in every arm.
    trend: Literal["none", "central", "high"] = "none"
