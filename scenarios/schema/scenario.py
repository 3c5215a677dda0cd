"""The whole scenario: place, services, INT design, evidence, case, engine, experiment, and structural switches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from scenarios.schema.block import Block, Folder, Seed, Text
from scenarios.schema.case import Case
from scenarios.schema.int_design import IntDesign
from scenarios.schema.place import Place
from scenarios.schema.services import Services

LEVERS_WORD = "levers"
LEVERS = Path(__file__).resolve().parents[1] / "registry" / "levers" / "evidence.csv"


class Evidence(Block):
    """The evidence registry, with a user's own evidence in place of ours: a file of rows, then single fixed values.

    posterior: what fits have left of the registry's ranges: ``default`` (the place's own where one is shipped, else the
    registry), ``posterior`` (the place's own, which must be there), ``registry`` (none), or a name or folder.
    file: a user's rows, or the word ``levers``: what tuned studies say of levers (scenarios/registry/levers).
    """

    name: Text
    posterior: Text = "default"
    file: Folder | None = None
    overrides: dict[str, float] = Field(default_factory=dict)

    @property
    def rows(self) -> Path | None:
        """Return the file of rows that stand in place of ours; None: there is none."""
        return LEVERS if self.file == Path(LEVERS_WORD) else self.file


class Engine(Block):
    """What moves time: ``compiled`` (fast) or ``reference`` (SimPy, to read and to check against)."""

    name: Literal["compiled", "reference"]


class Stop(Block):
    """When to stop early: once the 95% interval of an outcome's paired difference is narrow enough.

    It is judged after each ``batch`` of replications, in the order of the task table; with draws, after 4, 8, 16...
    """

    outcome: Text | None = None  # as a report names it, such as ed_attendances; None: all replications are run
    half_width: Annotated[float, Field(gt=0)] | None = None  # of the interval, in the outcome's own unit
    batch: Annotated[int, Field(ge=2)] = 4  # replications between one look and the next

    @field_validator("half_width")
    @classmethod
    def both_or_neither(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Refuse an outcome without a half-width, or the other way round."""
        if (value is None) != (info.data.get("outcome") is None):
            raise ValueError("goes with experiment.stop.outcome: give both or neither")
        return value


class Slurm(Block):
    """How tasks are given to a Slurm cluster."""

    options: list[str] = Field(default_factory=list)  # more for sbatch, such as --partition=short

    @field_validator("options")
    @classmethod
    def all_options(cls, value: list[str]) -> list[str]:
        """Refuse a word that is no option."""
        wrong = [word for word in value if not word.startswith("--")]
        if wrong:
            raise ValueError(f"must be a list of options for sbatch that begin with --; '{wrong[0]}' does not")
        return value


class Experiment(Block):
    """How long, how often and with what seeds; on what machines; where results go."""

    name: Text
    horizon_months: Annotated[int, Field(ge=1, le=1_200)]  # after go-live
    burn_in_months: Annotated[int, Field(ge=0, le=1_200)]  # of usual care before the arms part
    replications: Annotated[int, Field(ge=1)]  # random seeds within a draw
    draws: Annotated[int, Field(ge=1)]  # 1: the central value of every parameter; more: that many samples of them
    seed: Seed
    executor: Literal["serial", "local", "dask", "slurm"] = "local"  # what runs the tasks; results are the same
    workers: Annotated[int, Field(ge=1, le=1_024)] | None = None  # tasks at a time; None: as many as there are cores
    scheduler: Text | None = None  # address of a Dask scheduler; None: one of its own on this machine
    slurm: Slurm = Field(default_factory=Slurm)
    stop: Stop = Field(default_factory=Stop)
    log: Literal["none", "persons_1pct", "months", "all"]
    person_months: Literal["none", "enrolled", "eligible"] = "none"  # whose months are written, one row each
    output: Folder | None = None  # None: a new folder under outputs/

    @field_validator("draws")
    @classmethod
    def draws_fit(cls, value: int, info: ValidationInfo) -> int:
        """Refuse draws that a Sobol sequence cannot balance, or that chance could not be told apart from."""
        if value & (value - 1):
            below = 1 << (value.bit_length() - 1)
            raise ValueError(f"must be a power of two, such as {below} or {2 * below}")
        if value > 1 and info.data.get("replications") == 1:
            raise ValueError("needs experiment.replications of at least 2: chance is told apart within a draw")
        return value


class Structure(Block):
    """Switches of the model's structure: run a scenario with a mechanism off to see what rests on it."""

    trust: bool = True
    hidden_need: bool = True
    refill: bool = True  # background demand refills freed beds
    spikes: bool = True  # transient bad spells
    dying: bool = True  # deaths are foreseen, and needs and stays gather before them
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
