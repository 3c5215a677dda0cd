"""Life expectancy by twenty age bands, as a run tells it, beside that by single years: at the very same death rates.

    python -m intsim.validation.banded_life

A band's deaths depend on who lives in it. Here the model's residents are given the life table's rates by single year
of age, sex and tenth, and life expectancy is worked out from bands of five years and of 90 and over, as it is of a run.
What that is more than by single years is no doing of the model's, and our targets are carried by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

PLACE = "england_average"
MONTHS = 18  # from the start of burn-in (12 months) to the middle of the year observed
OLDEST = 100  # years, the last age of the life table
PEOPLE = 1_000  # a resident stands for so many: life tables refuse few deaths


def banded_over_single(months: int = MONTHS) -> Mapping[str, float]:
    """Return, by sex, life expectancy at birth by bands over that by single years, both at the life table's rates.

    Residents are those of England's average place after ``months`` of usual care.
    """
    from evaluation.life_tables.table import OHID_BANDS, chiang_table
    from scenarios.registry.derive_life_table import life_expectancy, resident_shares
    from sim.codes import SEX_NAMES

    rates = table_rates()
    people = residents(months)
    people["deaths"] = rates[people["age"].clip(upper=OLDEST), people["sex"], people["quintile"]] * people["tenth"]
    people["start_age"] = np.array(OHID_BANDS)[np.searchsorted(OHID_BANDS, people["age"], side="right") - 1]
    found = {}
    for at, sex in enumerate(SEX_NAMES):
        bands = people[people["sex"] == at].groupby("start_age")["deaths"].agg(population="size", deaths="sum")
        made = chiang_table((bands * PEOPLE).reset_index(), suppress=False)
        single = (rates[:, at] * resident_shares(pd.RangeIndex(OLDEST + 1))).sum(axis=1)
        found[sex] = float(made.rows["e"].iloc[0]) / life_expectancy(single)
    return found


def table_rates() -> np.ndarray:
    """Return deaths per person a year: float64[age 101, sex 2, quintile 5]."""
    from scenarios.registry.reader import load_registry
    from sim.codes import SEX_NAMES

    table = load_registry().table("life_table")
    ages = table.pivot(index="age", columns=["sex", "national_quintile"], values="deaths_per_person_year")
    return np.stack([ages[sex].to_numpy(float) for sex in SEX_NAMES], axis=1)


def residents(months: int) -> pd.DataFrame:
    """Return residents after ``months`` of usual care: age (years), sex, quintile (from 0), tenth (ratio of deaths)."""
    from intsim.fitting import scenario_of
    from sim.codes import PRESENT
    from sim.experiment import usual_care
    from sim.month import first_course, make_plan, run_month
    from sim.rules.mortality import tenth_ratio
    from sim.rules.tables import age_years
    from sim.task import ENGINES
    from sim.world import build_world

    scenario = scenario_of([f"place={PLACE}"])
    world = build_world(scenario)
    design = usual_care()
    plan, course = make_plan(world, design, design), first_course(world, scenario.experiment.seed)
    for _ in range(months):
        run_month(world, course, plan, ENGINES[scenario.engine.name])
    tables: Any = course.state.tables
    people = tables.people[tables.people["presence"] == PRESENT]
    now_s = world.calendar.month_start_s(months)
    home = tables.communities[people["community"]]
    quintile = home["national_quintile"].astype(int) - 1
    tenths = [tenth_ratio(tables.params[0], q, int(d)) for q, d in zip(quintile, home["imd_decile"], strict=True)]
    age = np.array([age_years(day, now_s) for day in people["birth_day"]]).astype(int)
    return pd.DataFrame({"age": age, "sex": people["sex"].astype(int), "quintile": quintile, "tenth": tenths})


def main() -> None:
    """Print by how much the two differ."""
    for sex, ratio in banded_over_single().items():
        print(f"{sex}: life expectancy by age bands is {ratio:.4f} times that by single years")


if __name__ == "__main__":
    main()
