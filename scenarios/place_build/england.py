"""England's figures, which stand in for what the files of a place do not say: those of the built-in average place."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from scenarios.place_files import Place, load_place
from scenarios.place_schema import AGE_COLUMNS, ETHNIC_COLUMNS

AVERAGE = "england_average"
LICENCE = "Open Government Licence v3.0"
BY_DECILE = "England's share at the community's deprivation decile (built-in place england_average)"
EVERYWHERE = "England's figure, the same everywhere (built-in place england_average)"


@dataclass(frozen=True)
class England:
    """Shares by decile 1 to 10 (rows), and figures that hold everywhere.

    ``ages``, ``ethnic``: of residents; ``male``: share by age band; ``hospital``: the one row of hospitals.csv, for
    ``residents`` people.
    """

    ages: pd.DataFrame
    ethnic: pd.DataFrame
    male: pd.Series
    residents_per_household: float
    one_person_share: float
    distance_ed_km: float
    distance_gp_km: float
    hospital: pd.Series
    residents: float


def england() -> England:
    """Return England's figures, read from the built-in average place."""
    place = load_place(AVERAGE)
    people = place.communities["population"]
    homes = place.communities["households"]
    return England(
        ages=by_decile(place, AGE_COLUMNS),
        ethnic=by_decile(place, ETHNIC_COLUMNS),
        male=place.age_sex.set_index("age_band")["male_share"].reindex(AGE_COLUMNS),
        residents_per_household=float(people.sum() / homes.sum()),
        one_person_share=float(place.communities["one_person_household_share"].mean()),
        distance_ed_km=float(place.communities["distance_ed_km"].mean()),
        distance_gp_km=float(place.communities["distance_gp_km"].mean()),
        hospital=place.hospitals.iloc[0],
        residents=float(people.sum()),
    )


def by_decile(place: Place, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return ``columns`` as shares of their sum: a row for each decile."""
    names = list(columns)
    counts = place.communities[names].groupby(place.communities["imd_2025_decile"]).sum()
    return counts.div(counts.sum(axis=1), axis=0)
