"""Settings of the group ``int``: one INT design, as the eleven delivery modules.

``effect`` of a lever: 0 records whom it would reach and changes nothing, 1 is what the evidence says. Doses (whom,
how many, with what staff, from when) are choices and live here; effects live in the evidence registry alone.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from scenarios.schema.block import Block, Text
from scenarios.schema.modules.access_technology import AccessTechnology
from scenarios.schema.modules.geography import Geography
from scenarios.schema.modules.governance import Governance
from scenarios.schema.modules.information_sharing import InformationSharing
from scenarios.schema.modules.metrics import Metrics
from scenarios.schema.modules.participation import Participation
from scenarios.schema.modules.population_health import PopulationHealth
from scenarios.schema.modules.relationships import Relationships
from scenarios.schema.modules.resource_allocation import ResourceAllocation
from scenarios.schema.modules.transition import Transition
from scenarios.schema.modules.workforce import Workforce

NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def as_name(value: str) -> str:
    """Return a design's name if it can also name files and columns; raise ValueError if not."""
    if not NAME.fullmatch(value):
        raise ValueError("must be 1 to 60 letters, digits, _ or -")
    return value


Name = Annotated[Text, AfterValidator(as_name)]


class IntDesign(Block):
    """One INT design: the eleven delivery modules."""

    name: Name  # also names the arm's files and rows
    geography: Geography
    workforce: Workforce
    relationships: Relationships
    participation: Participation
    population_health: PopulationHealth
    information_sharing: InformationSharing
    access_technology: AccessTechnology
    governance: Governance
    metrics: Metrics
    resource_allocation: ResourceAllocation
    transition: Transition
