"""Deaths by age: frail or in a care home, England's residents die at the life table's rates."""

import numpy as np

from intsim.fitting import scenario_of
from scenarios.registry.reader import load_registry
from sim.codes import PRESENT
from sim.rules.mortality import death_hazard, tenth_ratio
from sim.rules.tables import age_years
from sim.world import build_world

FROM = (65, 75, 80, 85, 90)


def test_hazards_at_the_start_are_the_life_tables_at_every_age() -> None:
    tables = build_world(scenario_of(["place=england_average"])).template
    people = tables.people
    ages = np.array([age_years(day, 0) for day in people["birth_day"]])
    old = np.flatnonzero((people["presence"] == PRESENT) & (ages >= FROM[0]))
    table = load_registry().table("life_table").set_index(["age", "sex", "national_quintile"])["deaths_per_person_year"]
    rate = {key: float(value) / 12 for key, value in table.items()}
    home = tables.communities[people["community"][old]]
    expected = np.array(
        [
            rate[min(int(ages[i]), 100), ("female", "male")[people["sex"][i]], int(place["national_quintile"])]
            * tenth_ratio(tables.params[0], int(place["national_quintile"]) - 1, int(place["imd_decile"]))
            for i, place in zip(old, home, strict=True)
        ]
    )
    hazard = np.array([death_hazard(tables, int(i), 0) for i in old])
    for low, high in zip(FROM, (*FROM[1:], 200), strict=True):
        at = (ages[old] >= low) & (ages[old] < high)
        spread = hazard[at].std() / hazard[at].mean() / np.sqrt(at.sum())  # chance in who is frail
        assert abs(hazard[at].sum() / expected[at].sum() - 1) < 3 * spread, low
