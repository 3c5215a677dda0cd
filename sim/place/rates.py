"""The tables that a new resident is drawn from, whether present at the start, arriving or born."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from scenarios.errors import InputError, nearest
from scenarios.place_files import Place
from scenarios.place_schema import AGE_BANDS, AGE_COLUMNS, ETHNIC_COLUMNS
from scenarios.registry.reader import Registry
from sim import codes
from sim.by_reference import passed_by_reference
from sim.place.ages import band_lengths, first_days
from sim.place.counts import resident_counts
from sim.place.life import Life, expected_alone, make_life
from sim.place.local import local_factors
from sim.place.shares import NEVER_LIABLE, QUINTILES, by_age, expit, logit, shift_to
from sim.place.turnover import arrivals_per_year, deaths_per_year
from sim.rules.maths import normal_quantile

CONDITIONS = len(codes.CONDITION_NAMES)
EDITIONS = ("2019", "2025")
TREATED_AGES = ((0, "under_18"), (18, "18_39"), (40, "40_64"), (65, "65_74"), (75, "75_84"), (85, "85_plus"))
PARAMETERS = (
    "diagnosed_log_odds_per_trust",
    "condition_shared_latent",
    "frailty_shared_latent",
    "trust_sd",
    "tie_sd",
    "treated_start_unknown_ratio",
    "unmet_start",
    "years_beyond_90_mean",
    "mover_tie_ratio",
    "boy_share_at_birth",
    "care_home_nursing_share",
    "disability_shared_latent",
    "consent_share_start",
    "consent_log_odds_per_trust",
    "proneness_scv_minor",
    "proneness_scv_exacerbation",
    "proneness_scv_childhood_acute",
    "proneness_scv_mental_health_crisis",
    "proneness_scv_unavoidable_emergency",
    "proneness_scv_unavoidable_emergency_older",
    "proneness_older_from_age",
    "switch_hidden_need",
    *(f"exacerbation_weight_{name}" for name in codes.CONDITION_NAMES),
)


@passed_by_reference
class Rates(NamedTuple):
    """What residents are drawn from. c = communities of the place in file order; q = national quintile 0 to 4."""

    seed: np.ndarray  # uint64[1], the population's own
    place_key: np.ndarray  # uint64[1], from the place's name
    params: np.ndarray  # record[1] of PARAMETERS
    community_key: np.ndarray  # uint64[c], from each community's code
    quintile: np.ndarray  # int64[c]
    neighbourhood: np.ndarray  # int64[c]
    hospital: np.ndarray  # int64[c]
    ethnic: np.ndarray  # float64[c, 5], cumulative shares in the order of codes.ETHNIC_NAMES
    alone: np.ndarray  # float64[c, band], chance of living alone outside care homes
    first_day: np.ndarray  # int64[band], youngest age in days
    days: np.ndarray  # int64[band], width in days
    liability: np.ndarray  # float64[2 (resident, mover), condition, band, sex, q]: has it when the latent is below
    frailty: np.ndarray  # float64[3 (any, moderate or severe, severe), band, q]
    known_log_odds: np.ndarray  # float64[condition, q] at the quintile's mean trust
    trust: np.ndarray  # float64[q], mean
    tie: np.ndarray  # float64[band], mean
    treated: np.ndarray  # float64[band], share of known need under good treatment at the start
    admissions: np.ndarray  # float64[band], admissions a month of late at the start: what is usual at the age
    digital: np.ndarray  # float64[band, q]
    leaving: np.ndarray  # float64[band], moves out per person per year
    arriving: np.ndarray  # float64[c, band x sex], expected arrivals per year
    births: np.ndarray  # float64[band], births per woman per year
    life: Life  # chances of language, home, registration, disability and practical needs


def make_rates(
    place: Place, total: int, population_seed: int, imd_edition: str, registry: Registry, values: dict[str, float]
) -> Rates:
    """Return the tables for ``total`` residents of ``place``, parameters at ``values`` (name to number).

    Raises InputError for an unknown IMD edition.
    """
    quintile = national_quintiles(place, imd_edition) - 1
    counts = resident_counts(place, total)
    leaving = by_age(
        values,
        "moves_out_per_year_{}",
        ((0, "0_15"), (16, "16_24"), (25, "25_34"), (35, "35_49"), (50, "50_64"), (65, "65_plus")),
    )
    births = birth_rates(place, registry)
    deaths = deaths_per_year(counts, quintile, local_factors(place, values)["mortality"], registry)
    known = diagnosed_log_odds(values)
    frailty = frailty_liabilities(registry, values)
    life = make_life(place, counts, quintile, frailty, registry, values)
    alone = expected_alone(alone_shares(place, counts, registry), life.in_care_home, quintile)
    params = np.zeros(1, dtype=[(name, "f8") for name in PARAMETERS])
    for name in PARAMETERS:
        params[0][name] = values[name]
    return Rates(
        seed=np.array([population_seed], dtype=np.uint64),
        place_key=np.array([text_key(place.name)], dtype=np.uint64),
        params=params,
        community_key=np.array([text_key(code) for code in place.communities["code"]], dtype=np.uint64),
        quintile=quintile,
        neighbourhood=positions(place.communities["neighbourhood"], place.neighbourhoods["id"]),
        hospital=positions(place.communities["hospital"], place.hospitals["code"]),
        ethnic=ethnic_cumulative(place),
        alone=alone,
        first_day=first_days(),
        days=band_lengths(),
        liability=liabilities(registry, values, known),
        frailty=frailty,
        known_log_odds=known,
        trust=np.array([values[f"trust_mean_quintile_{q}"] for q in range(1, QUINTILES + 1)]),
        tie=by_age(values, "tie_mean_{}", ((0, "under_18"), (18, "18_39"), (40, "40_64"), (65, "65_plus"))),
        treated=by_age(values, "treated_start_{}", TREATED_AGES),
        admissions=by_age(values, "admissions_mean_{}", TREATED_AGES),
        digital=digital_shares(values),
        leaving=leaving,
        arriving=arrivals_per_year(counts, leaving, births, deaths).reshape(len(counts), -1),
        births=births,
        life=life,
    )


def text_key(text: str) -> int:
    """Return a 64-bit key of a name or code, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def positions(values: pd.Series, index: pd.Series) -> np.ndarray:
    """Return where each of ``values`` stands in ``index``: int64."""
    order = {name: position for position, name in enumerate(index)}
    return np.array([order[value] for value in values], dtype=np.int64)


def national_quintiles(place: Place, imd_edition: str) -> np.ndarray:
    """Return each community's national IMD quintile, 1 = most deprived, in the edition '2019' or '2025': int64."""
    return (imd_deciles(place, imd_edition) + 1) // 2


def imd_deciles(place: Place, imd_edition: str) -> np.ndarray:
    """Return each community's national IMD decile, 1 = most deprived: int64. Raises InputError for another edition."""
    if imd_edition not in EDITIONS:
        raise InputError("population.imd_edition", f"no such edition '{imd_edition}': {nearest(imd_edition, EDITIONS)}")
    return place.communities[f"imd_{imd_edition}_decile"].to_numpy()


def diagnosed_log_odds(values: dict[str, float]) -> np.ndarray:
    """Return the log odds that a condition is known, at mean trust: (condition, q)."""
    tilt = values["diagnosed_log_odds_per_quintile"]
    return np.array(
        [
            [logit(values[f"diagnosed_share_{name}"]) + tilt * (q - 2) for q in range(QUINTILES)]
            for name in codes.CONDITION_NAMES
        ]
    )


def liabilities(registry: Registry, values: dict[str, float], known: np.ndarray) -> np.ndarray:
    """Return the normal quantile of each condition's true prevalence (register share over share diagnosed).

    Shape (resident or mover, condition, band, sex, q); NEVER_LIABLE where the table has no row.
    """
    table = registry.table("prevalence")
    bands = {name: band for band, name in enumerate(AGE_COLUMNS)}
    result = np.full((2, CONDITIONS, AGE_BANDS, 2, QUINTILES), NEVER_LIABLE)
    for row in table.to_dict("records"):
        condition, band = codes.CONDITION_NAMES.index(str(row["condition"])), bands[str(row["age_band"])]
        for sex in range(2):
            for q in range(QUINTILES):
                log_odds = row["log_odds"] + row["male_log_odds"] * sex + row["quintile_log_odds"] * (q - 2)
                true = min(expit(log_odds) / expit(known[condition, q]), 0.98)
                result[0, condition, band, sex, q] = normal_quantile(true)
                mover = expit(logit(true) + values["mover_condition_log_odds"])
                result[1, condition, band, sex, q] = normal_quantile(mover)
    return result


def frailty_liabilities(registry: Registry, values: dict[str, float]) -> np.ndarray:
    """Return the normal quantile of any, moderate-or-severe and severe frailty: (3, band, q)."""
    table = registry.table("frailty")
    shares = table[["any_share", "moderate_or_severe_share", "severe_share"]].to_numpy(dtype=float)
    result = np.full((3, AGE_BANDS, QUINTILES), NEVER_LIABLE)
    for name, at_age in zip(table["age_band"], shares, strict=True):
        for level, share in enumerate(at_age):
            for q in range(QUINTILES):
                log_odds = logit(share) + values["frailty_log_odds_per_quintile"] * (q - 2)
                result[level, AGE_COLUMNS.index(name), q] = normal_quantile(expit(log_odds))
    return result


def ethnic_cumulative(place: Place) -> np.ndarray:
    """Return cumulative shares of the five ethnic groups by community; the place's where a community counts nobody."""
    counts = place.communities[list(ETHNIC_COLUMNS)].to_numpy()
    counts = np.where(counts.sum(axis=1, keepdims=True) > 0, counts, counts.sum(axis=0) + 1.0)
    cumulative = np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)
    cumulative[:, -1] = 1.0
    return cumulative


def alone_shares(place: Place, counts: np.ndarray, registry: Registry) -> np.ndarray:
    """Return the chance of living alone by community and age band: (c, 20).

    England and Wales' shares by age, moved by one log odds per community so that those expected to live alone are
    its one-person households (households x share), scaled with its residents.
    """
    table = registry.table("living_alone").set_index("age_band")["share"]
    base = np.array([float(table.get(band, 0.0)) for band in AGE_COLUMNS])
    communities = place.communities
    census = communities["population"].to_numpy()
    people = counts.sum(axis=2)
    scale = np.divide(people.sum(axis=1), census, out=np.zeros(len(census)), where=census > 0)
    target = communities["households"].to_numpy() * communities["one_person_household_share"].to_numpy() * scale
    return np.stack([shift_to(base, by_age, aim) for by_age, aim in zip(people, target, strict=True)])


def digital_shares(values: dict[str, float]) -> np.ndarray:
    """Return the chance of using digital routes by age band and quintile: (20, 5)."""
    mean = by_age(values, "digital_share_{}", ((0, "under_65"), (65, "65_74"), (75, "75_plus")))
    tilt = values["digital_log_odds_per_quintile"]
    return np.array([[expit(logit(share) + tilt * (q - 2)) for q in range(QUINTILES)] for share in mean])


def birth_rates(place: Place, registry: Registry) -> np.ndarray:
    """Return births per woman per year by age band: national fertility times the place's factor, (20,)."""
    table = registry.table("fertility").set_index("age_band")["births_per_1000_women_per_year"]
    return np.array([float(table.get(band, 0.0)) / 1000.0 for band in AGE_COLUMNS]) * place.factor("births")
