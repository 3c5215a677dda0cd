"""Geography: whom an INT serves, and from where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scenarios.schema.block import Amount, Block, Share, Text


def as_tuple(value: Any) -> Any:
    """Return a list as a tuple; leave anything else to be refused."""
    return tuple(value) if isinstance(value, list) else value


class Group(Block):
    """A population served wherever it lives, by an INT of its own. ``by`` none: there is no such INT."""

    by: Literal["none", "language", "condition", "inclusion", "care_home", "age"] = "none"
    value: Text = ""  # a name of scenarios/group_names.py
    age_from: Annotated[int, Field(ge=0, le=120)] = 0  # with by=age: this age and over, below age_to
    age_to: Annotated[int, Field(ge=0, le=121)] = 121
    share: Share = 1.0  # of the group that joins
    only: bool = True  # levers and added staff are the group's INT's alone; false: the neighbourhoods' INTs' too


class Geography(Block):
    """Boundaries of INTs and their bases."""

    served_by: Literal["residence", "registration"] = "residence"
    merge_neighbourhoods: Annotated[int, Field(ge=1, le=20)] = 1  # this many neighbours share one INT's staff
    # Codes of the communities the design is for (empty: all): levers, hub, added posts and caseload are theirs alone.
    # What a team does for everyone (records opened, reminders, routes, meetings, skill mix) is done for all it serves.
    communities: Annotated[tuple[Text, ...], BeforeValidator(as_tuple)] = ()
    group: Group
    hub_distance_ratio: Amount = 1.0  # distance to the hub against today's: 0.5 = half as far
