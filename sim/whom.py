"""Whom a design is for and from when on, as a run's manifest tells it: what its costs are counted by."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.errors import InputError
from scenarios.schema import IntDesign
from sim.agents.golive import delays, outside, urgency
from sim.task import Arms
from sim.world import World


def whom_and_when(world: World, design: IntDesign, last: int) -> dict[str, Any]:
    """Return when a design goes live, and which parts of the residents follow when, as shares of all of them.

    last: the month from the parting in which the last arm goes live: month 0 of a run's tables, from which months are
    counted. live: when this design does. starts: [month, share] of residents for whom neighbourhoods' INTs work by it,
    in order; a group's own INT, which begins at ``live``, is not among them.
    """
    live = design.transition.go_live_month - last
    group = design.geography.group
    if group.by != "none" and group.only:
        return {"live": live, "starts": []}
    communities = world.template.communities
    heads = communities["residents"] * (outside(design, world.base.codes, True, len(communities)) == 0)
    urgent = urgency(design.transition.stagger_by, world.template.teams, communities)
    late = delays(urgent, design.transition.stagger_months)
    months = live + late[communities["neighbourhood"]]
    whole = float(communities["residents"].sum())
    parts = [[int(month), float(heads[months == month].sum()) / whole] for month in np.unique(months)]
    return {"live": live, "starts": [part for part in parts if part[1] > 0.0]}


def check_starts(world: World, arms: Arms) -> None:
    """Raise InputError for a design that starts nowhere of what is simulated before the horizon ends.

    Its arm would be its comparator over again, told as "no difference".
    """
    experiment = world.scenario.experiment
    for arm in arms.arms:
        geography = arm.design.geography
        if geography.merge_neighbourhoods > 1 or geography.served_by != "residence":
            continue  # residents may be served by the INT of a neighbourhood not simulated, which may start first
        told = whom_and_when(world, arm.design, arms.go_live)
        starts = [month for month, _ in told["starts"]]
        if geography.group.by != "none":
            starts.append(told["live"])
        if not starts:
            words = f"none of those that '{arm.name}' is for (int.geography.communities) is simulated: name others"
            raise InputError("place.neighbourhoods", words)
        first = min(starts)
        if first >= experiment.horizon_months:
            when = world.calendar.label(experiment.burn_in_months + arms.go_live + first)
            words = (
                f"{experiment.horizon_months} is too short: '{arm.name}' starts one neighbourhood after another, and "
                f"for anyone simulated not before month {first} ({when}), counted from 0: give more than {first}, "
                "or set a smaller int.transition.stagger_months"
            )
            raise InputError("experiment.horizon_months", words)
