"""How the synthesised population compares with published figures, margin by margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest
from scenarios.place_files import Place
from scenarios.place_schema import AGE_COLUMNS, DEPRIVED_COLUMNS, ETHNIC_COLUMNS
from scenarios.registry.reader import Registry, load_registry
from sim import codes
from sim.place.ages import first_days
from sim.place.counts import largest_remainder, male_share_grid

QUINTILES = 5
COLUMNS = ["margin", "category", "unit", "published", "synthesised", "difference", "kind", "source"]
KINDS = ("exact", "drawn", "context")  # context: another population or definition, shown and not held to


class Margin(NamedTuple):
    """One row of the table; ``kind`` is exact (by construction), drawn (within sampling error) or context."""

    margin: str
    category: str
    unit: str
    published: float
    synthesised: float
    kind: str
    source: str


def margins_table(
    people: np.ndarray, communities: np.ndarray, place: Place, registry: Registry | None = None
) -> pd.DataFrame:
    """Return synthesised against published margins at day 0, one row each.

    ``people`` is PERSON[] of the whole place or of whole neighbourhoods, ``communities`` COMMUNITY[] of the place.
    Columns: margin, category, unit, published, synthesised, difference (synthesised less published), kind, source.
    Counts published at another total are scaled to the residents of each community.
    """
    registry = load_registry() if registry is None else registry
    here = np.bincount(people["community"], minlength=len(communities))
    scale = here / np.maximum(place.communities["population"].to_numpy(), 1.0)
    bands = band_of(people)
    rows = [
        *age_margins(place, bands, scale),
        *sex_margins(place, people, scale),
        *decile_margins(place, people, communities, here),
        *ethnic_margins(place, people, scale),
        *household_margins(place, people, scale),
        *condition_margins(registry, people, communities, bands),
        *frailty_margins(registry, people, bands),
        *context_margins(registry, people, bands),
        *local_margins(place, people),
        *circumstance_margins(place, registry, people, scale),
        *care_home_margins(registry, people, bands),
    ]
    table = pd.DataFrame(rows, columns=list(Margin._fields))
    table["difference"] = table["synthesised"] - table["published"]
    return table[COLUMNS]


def band_of(people: np.ndarray) -> np.ndarray:
    """Return the age band of each person at day 0: int64."""
    return np.searchsorted(first_days(), -people["birth_day"].astype(np.int64), side="right") - 1


def age_margins(place: Place, bands: np.ndarray, scale: np.ndarray) -> Iterator[Margin]:
    """Residents by age band."""
    published = (place.communities[list(AGE_COLUMNS)].to_numpy() * scale[:, None]).sum(axis=0)
    found = np.bincount(bands, minlength=len(AGE_COLUMNS))
    for name, aim, got in zip(AGE_COLUMNS, published, found, strict=True):
        yield Margin("age", name, "residents", aim, got, "exact", "communities.csv age columns, scaled")


def sex_margins(place: Place, people: np.ndarray, scale: np.ndarray) -> Iterator[Margin]:
    """Residents by sex."""
    by_age = place.communities[list(AGE_COLUMNS)].to_numpy() * scale[:, None]
    male = float((by_age * male_share_grid(place)).sum())
    for code, aim in enumerate((float(by_age.sum()) - male, male)):
        got = float((people["sex"] == code).sum())
        yield Margin("sex", codes.SEX_NAMES[code], "residents", aim, got, "exact", "age_sex.csv male shares, scaled")


def decile_margins(place: Place, people: np.ndarray, communities: np.ndarray, here: np.ndarray) -> Iterator[Margin]:
    """Residents by national IMD decile."""
    chosen = np.where(here > 0, place.communities["population"].to_numpy(), 0.0)
    share = largest_remainder(chosen, len(people))
    got = communities["imd_decile"][people["community"]]
    for decile in range(1, 11):
        aim = float(share[communities["imd_decile"] == decile].sum())
        yield Margin(
            "imd_decile",
            str(decile),
            "residents",
            aim,
            float((got == decile).sum()),
            "exact",
            "communities.csv, scaled",
        )


def ethnic_margins(place: Place, people: np.ndarray, scale: np.ndarray) -> Iterator[Margin]:
    """Share of residents in each ethnic group."""
    counts = (place.communities[list(ETHNIC_COLUMNS)].to_numpy() * scale[:, None]).sum(axis=0)
    for code, name in enumerate(codes.ETHNIC_NAMES):
        got = float((people["ethnic"] == code).mean())
        yield Margin(
            "ethnic", name, "share", counts[code] / counts.sum(), got, "drawn", "communities.csv ethnic columns"
        )


def household_margins(place: Place, people: np.ndarray, scale: np.ndarray) -> Iterator[Margin]:
    """Share living alone, and households."""
    table = place.communities
    homes = table["households"].to_numpy() * scale
    alone = float((homes * table["one_person_household_share"].to_numpy()).sum()) / len(people)
    got = float(people["lives_alone"].mean())
    source = "communities.csv households x one-person share, scaled"
    yield Margin("lives_alone", "all", "share", alone, got, "drawn", source)
    count = float(len(np.unique(people["household"][people["care_home"] == 0])))
    yield Margin("households", "all", "households", float(homes.sum()), count, "drawn", "communities.csv, scaled")


def condition_margins(
    registry: Registry, people: np.ndarray, communities: np.ndarray, bands: np.ndarray
) -> Iterator[Margin]:
    """Share of residents with each condition known: against what the prevalence table gives, and England's registers.

    The first is held to; the second is England at the same mix of quintiles, with England's older ages.
    """
    quintile = communities["national_quintile"][people["community"]] - 1
    cells = np.zeros((len(AGE_COLUMNS), 2, QUINTILES))
    np.add.at(cells, (bands, people["sex"], quintile), 1.0)
    table = registry.table("prevalence")
    england = registry.table("prevalence_published")
    by_quintile = cells.sum(axis=(0, 1)) / len(people)
    for code, name in enumerate(codes.CONDITION_NAMES):
        got = float(((people["known"] >> np.uint32(code)) & np.uint32(1)).mean())
        aim = expected_share(table[table["condition"] == name], cells)
        yield Margin("known_condition", name, "share", aim, got, "drawn", "prevalence.csv at the place's age, sex, IMD")
        rates = england[england["condition"] == name].sort_values("national_quintile")["share"].to_numpy()
        if not len(rates):  # no register counts it
            continue
        source = "QOF 2019/20, England, at the place's IMD mix (England's ages)"
        yield Margin("known_condition_england", name, "share", float(rates @ by_quintile), got, "context", source)


def expected_share(table: pd.DataFrame, cells: np.ndarray) -> float:
    """Return the share with a condition that ``table`` (rows of prevalence.csv) gives residents in ``cells``."""
    total = 0.0
    quintiles = np.arange(QUINTILES) - 2
    for row in table.to_dict("records"):
        for sex in range(2):
            log_odds = row["log_odds"] + row["male_log_odds"] * sex + row["quintile_log_odds"] * quintiles
            share = 1.0 / (1.0 + np.exp(-log_odds))
            total += float((cells[AGE_COLUMNS.index(str(row["age_band"])), sex] * share).sum())
    return total / float(cells.sum())


def frailty_margins(registry: Registry, people: np.ndarray, bands: np.ndarray) -> Iterator[Margin]:
    """Share with any, moderate or severe, and severe frailty at 65 and over (deprivation moves it a little)."""
    table = registry.table("frailty").set_index("age_band")
    older = bands >= AGE_COLUMNS.index("age_65_69")
    count = max(int(older.sum()), 1)
    weights = np.bincount(bands[older], minlength=len(AGE_COLUMNS)) / count
    for level, column in enumerate(("any_share", "moderate_or_severe_share", "severe_share"), start=1):
        shares = table[column].reindex(list(AGE_COLUMNS)).fillna(0.0).to_numpy()
        got = float((people["frailty"][older] >= level).sum()) / count
        source = "frailty.csv at the place's ages"
        yield Margin("frailty_65_plus", column, "share", float(shares @ weights), got, "drawn", source)


def context_margins(registry: Registry, people: np.ndarray, bands: np.ndarray) -> Iterator[Margin]:
    """Two or more conditions, against England's 2+ of 35 conditions (ours are 15, so fewer are expected when young)."""
    conditions, known = bits(people["conditions"]), bits(people["known"])
    table = registry.table("multimorbidity")
    for row in table.to_dict("records"):
        first, last = int(row["first_band"]), int(row["last_band"])
        inside = (bands >= first) & (bands <= last)
        for name, number in (("all", conditions), ("known", known)):
            got = float((number[inside] >= 2).sum()) / max(int(inside.sum()), 1)
            category = f"{row['ages']} ({name})"
            aim, source = float(row["share"]), str(row["source"])
            yield Margin("two_or_more_conditions", category, "share", aim, got, "context", source)


def local_margins(place: Place, people: np.ndarray) -> Iterator[Margin]:
    """Share with each condition known, against the place's own registers where it gives them (observed.csv).

    Raises InputError for a condition the model does not have.
    """
    here = place.observed[place.observed["measure"] == "known_condition"]
    for row in here.to_dict("records"):
        name = str(row["category"])
        if name not in codes.CONDITION_NAMES:
            problem = f"no such condition '{name}': {nearest(name, codes.CONDITION_NAMES)}"
            raise InputError("observed.csv column category", problem)
        code = codes.CONDITION_NAMES.index(name)
        got = float(((people["known"] >> np.uint32(code)) & np.uint32(1)).mean())
        source = f"{row['source']}, {row['period']}"
        yield Margin("known_condition_local", name, "share", float(row["value"]), got, "context", source)


def circumstance_margins(place: Place, registry: Registry, people: np.ndarray, scale: np.ndarray) -> Iterator[Margin]:
    """Main language, disability and household deprivation, where the place gives them by community."""
    here = np.bincount(people["community"], minlength=len(scale))
    for name, got in (
        ("english_main_language_share", people["language"] == 0),
        ("disabled_share", people["disability"] > 0),
    ):
        if name in place.communities:
            own = place.communities[name].to_numpy(dtype=float)
            known = np.isfinite(own) & (here > 0)
            if known.any():
                aim = float((own * here)[known].sum() / here[known].sum())
                among = known[people["community"]]
                yield Margin(name, "all", "share", aim, float(got[among].mean()), "drawn", "communities.csv")
    if all(column in place.communities for column in DEPRIVED_COLUMNS):
        homes = place.communities[list(DEPRIVED_COLUMNS)].fillna(0.0).to_numpy() * scale[:, None]
        doors = people[(people["visited_home"] == 1) & (people["care_home"] == 0)]
        for dimensions, aim in enumerate(homes.sum(axis=0) / max(float(homes.sum()), 1.0)):
            got = float((doors["household_deprivation"] == dimensions).mean())
            source = "communities.csv, households"
            yield Margin("household_deprivation", str(dimensions), "share", float(aim), got, "drawn", source)
    england = registry.table("disability")
    yield Margin(
        "disabled_england",
        "all",
        "share",
        float((england["any_share"].to_numpy() * age_shares(registry)).sum()),
        float((people["disability"] > 0).mean()),
        "context",
        "ONS Census 2021 at England's ages",
    )


def age_shares(registry: Registry) -> np.ndarray:
    """Return England's shares of residents by age band: (20,)."""
    persons = registry.table("england_population").groupby("age_from")["persons"].sum().to_numpy(dtype=float)
    return persons / persons.sum()


def care_home_margins(registry: Registry, people: np.ndarray, bands: np.ndarray) -> Iterator[Margin]:
    """Share in care homes by age, against England's; a place's own factor moves it."""
    values = registry.central()
    homes = people["care_home"] > 0
    for name, first, last in (("65_74", 14, 15), ("75_84", 16, 17), ("85_plus", 18, 19)):
        inside = (bands >= first) & (bands <= last)
        got = float(homes[inside].mean()) if inside.any() else 0.0
        aim = values[f"care_home_share_{name}"]
        yield Margin("care_home", name, "share", aim, got, "context", "ONS Census 2021, England and Wales")


def bits(masks: np.ndarray) -> np.ndarray:
    """Return the number of bits set in each of ``masks``: int64."""
    total = np.zeros(len(masks), dtype=np.int64)
    for code in range(len(codes.CONDITION_NAMES)):
        total += ((masks >> np.uint32(code)) & np.uint32(1)).astype(np.int64)
    return total
