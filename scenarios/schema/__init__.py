"""The typed settings of a scenario."""

from scenarios.schema.case import Case
from scenarios.schema.int_design import IntDesign
from scenarios.schema.place import Place
from scenarios.schema.scenario import Engine, Evidence, Experiment, Scenario, Structure
from scenarios.schema.services import Services

__all__ = ["Case", "Engine", "Evidence", "Experiment", "IntDesign", "Place", "Scenario", "Services", "Structure"]
