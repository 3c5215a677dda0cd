"""What a posterior has been fitted to before: figures that may not weigh its points a second time.

A posterior is prior times likelihood. Weighing its points by the likelihood of the same figures again squares it:
points move towards the observed values, and too little is left of their spread.
"""

from __future__ import annotations

import math
from pathlib import Path

from calibration.fit.results import read_csv
from calibration.fit.simulator import Simulator
from calibration.targets.columns import FITTED
from calibration.targets.reader import built_in
from calibration.targets.target import Target, TargetSet
from scenarios.registry.posteriors import Posterior

BESIDE = "targets.csv"  # of a posterior: its targets with their roles and values
SAME = 1e-6  # relative: values that differ by less are one figure


def posterior_of(simulator: Simulator) -> Posterior | None:
    """Return the posterior that stands for the simulator's place; None where it is no place, or has none."""
    from sim.world import posterior_of as standing

    scenario = getattr(simulator, "scenario", None)
    return None if scenario is None else standing(scenario)


def unread(targets: TargetSet, posterior: Posterior | None) -> TargetSet:
    """Return those of ``targets`` to be fitted, of weight above 0, that ``posterior`` was not fitted to.

    None of a table of ours that it, or the national one it stands on, was fitted to, even if rows have been revised
    since; else those whose name and value are not among the fitted ones of its own table.
    """
    mine = tuple(each for each in targets if each.role == FITTED and each.weight > 0)
    if posterior is None:
        return TargetSet(mine, targets.name)
    if targets.name in built_in() and targets.name in tables_of(posterior):
        return TargetSet((), targets.name)
    known = read_values(posterior.folder / BESIDE)

    def read(each: Target) -> bool:
        return math.isclose(known.get(each.target, math.nan), each.bridged_value, rel_tol=SAME)

    whole = {each.group for each in mine if each.group and read(each)}  # parts of one multinomial go together
    return TargetSet(tuple(each for each in mine if not read(each) and each.group not in whole), targets.name)


def tables_of(posterior: Posterior) -> set[str]:
    """Return the names of the tables of targets that a posterior rests on: its own, and ours of its national one."""
    own = str(posterior.about["targets"].get("name", "")).removesuffix(".csv")
    national = str(posterior.about.get("national", ""))
    return {own} | {name for name in built_in() if f"targets {name}.csv" in national}


def read_values(file: Path) -> dict[str, float]:
    """Return the value, as bridged, of each target that was fitted; nothing if there is no such table."""
    if not file.is_file():
        return {}
    table = read_csv(file)
    if not {"target", "role", "observed"} <= set(table.columns):
        return {}
    fitted = table[table["role"] == FITTED]
    return dict(zip(fitted["target"], fitted["observed"].astype(float), strict=True))
