"""The tables that a resident's circumstances are drawn from: language, home, registration, disability, practical needs.

A place may give its own figures by community (the columns that may be left out in scenarios/place_schema.py); where it
does not, the registry's figures for England hold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from scenarios.place_files import Place
from scenarios.place_schema import AGE_BANDS, AGE_COLUMNS, DEPRIVED_COLUMNS, ETHNIC_COLUMNS
from scenarios.registry.reader import Registry
from sim import codes
from sim.by_reference import passed_by_reference
from sim.place.shares import NEVER_LIABLE, QUINTILES, by_age, moved, shift_to
from sim.rules.maths import normal_quantile

MOST = 0.95  # no chance is certain, so that rounding up of a product of ratios stays a chance
CARE_HOME_FACTOR = "local_factor_care_home"  # a fact that a place may give: its care-home residents over England's


@passed_by_reference
class Life(NamedTuple):
    """Chances of circumstances. c = communities in file order; q = national quintile 0 to 4; band = 20 age bands."""

    language: np.ndarray  # float64[c, ethnic, language], cumulative
    inclusion: np.ndarray  # float64[band, q, inclusion group], cumulative
    deprivation: np.ndarray  # float64[c, 5], cumulative shares of households deprived in 0 to 4 dimensions
    unregistered: np.ndarray  # float64[2 (resident, mover), 2 (in no inclusion group, in one)]
    care_home: np.ndarray  # float64[band, q, frailty]
    in_care_home: np.ndarray  # float64[band, q], the mean over frailty
    disability: np.ndarray  # float64[2 (any, a lot), c, band]: is limited when the latent is below
    social: np.ndarray  # float64[need of codes.SOCIAL_NAMES, q]; carer strain is among carers
    carer: np.ndarray  # float64[band, q]
    cared_for: np.ndarray  # float64[disability 0 to 2]


def make_life(
    place: Place,
    counts: np.ndarray,
    quintile: np.ndarray,
    frailty: np.ndarray,
    registry: Registry,
    values: dict[str, float],
) -> Life:
    """Return the chances for residents ``counts`` (c, 20, 2); ``frailty`` are the liabilities (3, band, q)."""
    care_home, in_care_home = care_home_chances(place, frailty, values)
    return Life(
        language=language_chances(place, registry, values),
        inclusion=inclusion_chances(values),
        deprivation=deprivation_chances(place, quintile, registry),
        unregistered=unregistered_chances(values),
        care_home=care_home,
        in_care_home=in_care_home,
        disability=disability_liabilities(place, counts, quintile, registry, values),
        social=social_chances(values),
        carer=carer_chances(values),
        cared_for=np.array([values[f"cared_for_share_{name}"] for name in ("not_disabled", "a_little", "a_lot")]),
    )


def cumulative(shares: np.ndarray) -> np.ndarray:
    """Return cumulative ``shares`` over the last axis, ending in exactly 1."""
    result = np.cumsum(shares, axis=-1) / shares.sum(axis=-1, keepdims=True)
    result[..., -1] = 1.0
    return result


def given(place: Place, column: str) -> np.ndarray | None:
    """Return a column of communities.csv that may be left out, or None; cells left blank are not-a-number."""
    if column not in place.communities or place.communities[column].isna().all():
        return None
    return place.communities[column].to_numpy(dtype=float)


def language_chances(place: Place, registry: Registry, values: dict[str, float]) -> np.ndarray:
    """Return cumulative shares of main languages by community and ethnic group: (c, 5, 9).

    English by ethnic group as in England, moved by one log odds per community to its share where the place gives one;
    the other languages share the rest as the table says for the ethnic group.
    """
    english = np.array([values[f"english_main_language_share_{name}"] for name in codes.ETHNIC_NAMES])
    table = registry.table("languages").pivot(index="ethnic", columns="language", values="share_of_not_english")
    others = table.reindex(index=codes.ETHNIC_NAMES, columns=codes.LANGUAGE_NAMES[1:]).fillna(0.0).to_numpy()
    groups = place.communities[list(ETHNIC_COLUMNS)].to_numpy(dtype=float)
    aims = given(place, "english_main_language_share")
    result = np.zeros((len(groups), len(english), len(codes.LANGUAGE_NAMES)))
    for c, people in enumerate(groups):
        here = english
        if aims is not None and np.isfinite(aims[c]) and people.sum() > 0:
            here = shift_to(english, people, float(aims[c] * people.sum()))
        result[c, :, 0] = here
        result[c, :, 1:] = (1.0 - here)[:, None] * others / others.sum(axis=1, keepdims=True)
    return cumulative(result)


def inclusion_chances(values: dict[str, float]) -> np.ndarray:
    """Return cumulative shares of inclusion groups by age band and quintile: (20, 5, 7); none comes first.

    Children are in the groups that are families' (travellers, people seeking asylum) alone.
    """
    result = np.zeros((AGE_BANDS, QUINTILES, len(codes.INCLUSION_NAMES)))
    tilt = values["inclusion_log_odds_per_quintile"]
    for group, name in enumerate(codes.INCLUSION_NAMES[1:], start=1):
        adult = values[f"inclusion_share_{name}"]
        child = adult if name in ("traveller", "asylum") else 0.0
        ages = by_age({"x_child": child, "x_adult": adult}, "x_{}", ((0, "child"), (18, "adult")))
        for q in range(QUINTILES):
            result[:, q, group] = [moved(share, tilt * (q - 2)) for share in ages]
    result[:, :, 0] = 1.0 - result[:, :, 1:].sum(axis=2)
    return cumulative(result)


def deprivation_chances(place: Place, quintile: np.ndarray, registry: Registry) -> np.ndarray:
    """Return cumulative shares of households deprived in 0 to 4 dimensions of the Census, by community: (c, 5)."""
    table = registry.table("household_deprivation")
    england = table.pivot(index="national_quintile", columns="dimensions", values="share").to_numpy(dtype=float)
    result = england[quintile]
    own = [given(place, column) for column in DEPRIVED_COLUMNS]
    if all(column is not None for column in own):
        counted = np.stack([np.asarray(column) for column in own], axis=1)
        known = np.isfinite(counted).all(axis=1) & (counted.sum(axis=1) > 0)
        result[known] = counted[known]
    return cumulative(result)


def unregistered_chances(values: dict[str, float]) -> np.ndarray:
    """Return the share without a practice: (resident or mover, in no inclusion group or in one)."""
    usual, ratio = values["unregistered_share"], values["unregistered_inclusion_ratio"]
    mover = values["unregistered_share_mover"]
    return np.array([[usual, min(usual * ratio, MOST)], [mover, min(mover * ratio, MOST)]])


def care_home_chances(place: Place, frailty: np.ndarray, values: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the chance of living in a care home by age band, quintile and frailty, and its mean over frailty.

    The share by age is England's times the place's factor; within an age people of each frailty are that many times
    as often there as fit ones.
    """
    steps = ((0, "under_65"), (65, "65_74"), (75, "75_84"), (85, "85_plus"))
    ages = by_age(values, "care_home_share_{}", steps) * float(place.facts.get(CARE_HOME_FACTOR, 1.0))
    ages[: AGE_COLUMNS.index("age_20_24")] = 0.0  # adult care homes
    ratio = np.array([1.0, *(values[f"care_home_ratio_{name}"] for name in codes.FRAILTY_NAMES[1:])])
    among = frailty_shares(frailty)
    weight = np.einsum("f,fbq->bq", ratio, among)
    chance = np.minimum(ages[:, None, None] * ratio[None, None, :] / weight[:, :, None], MOST)
    return chance, np.einsum("bqf,fbq->bq", chance, among)


def frailty_shares(liability: np.ndarray) -> np.ndarray:
    """Return the share of each frailty (4, band, q) from normal quantiles of being at least so frail (3, band, q)."""
    at_least = np.concatenate([np.ones((1, AGE_BANDS, QUINTILES)), shares_below(liability)])
    return at_least - np.concatenate([at_least[1:], np.zeros((1, AGE_BANDS, QUINTILES))])


def shares_below(liability: np.ndarray) -> np.ndarray:
    """Return the share of a standard normal below each of ``liability``; 0 where it cannot occur."""
    return np.where(liability <= NEVER_LIABLE, 0.0, ndtr(liability))


def disability_liabilities(
    place: Place, counts: np.ndarray, quintile: np.ndarray, registry: Registry, values: dict[str, float]
) -> np.ndarray:
    """Return the normal quantile of being limited at all, and a lot, by community and age band: (2, c, 20).

    England's shares by age with a log odds per quintile, moved by one log odds per community to the share that the
    place gives for it, where it does.
    """
    table = registry.table("disability").set_index("age_band").loc[list(AGE_COLUMNS)]
    any_share, lot_share = table["any_share"].to_numpy(dtype=float), table["a_lot_share"].to_numpy(dtype=float)
    tilt = values["disability_log_odds_per_quintile"]
    aims = given(place, "disabled_share")
    result = np.zeros((2, len(quintile), AGE_BANDS))
    for c, q in enumerate(quintile):
        here = np.array([moved(share, tilt * (q - 2)) for share in any_share])
        people = counts[c].sum(axis=1)
        if aims is not None and np.isfinite(aims[c]) and people.sum() > 0:
            here = shift_to(here, people, float(aims[c] * people.sum()))
        result[0, c] = [normal_quantile(share) for share in here]
        result[1, c] = [normal_quantile(share) for share in here * lot_share / any_share]
    return result


def social_chances(values: dict[str, float]) -> np.ndarray:
    """Return the share with each practical need by quintile: (5, 5)."""
    return np.array(
        [
            [values[f"social_prevalence_{name}_quintile_{q}"] for q in range(1, QUINTILES + 1)]
            for name in codes.SOCIAL_NAMES
        ]
    )


def carer_chances(values: dict[str, float]) -> np.ndarray:
    """Return the share who care unpaid by age band and quintile: (20, 5)."""
    steps = ((0, "under_5"), (5, "5_15"), (16, "16_24"), (25, "25_49"), (50, "50_64"), (65, "65_plus"))
    ages = by_age({**values, "carer_share_under_5": 0.0}, "carer_share_{}", steps)
    tilt = values["carer_log_odds_per_quintile"]
    return np.array([[moved(share, tilt * (q - 2)) for q in range(QUINTILES)] for share in ages])


def expected_alone(alone: np.ndarray, in_care_home: np.ndarray, quintile: np.ndarray) -> np.ndarray:
    """Return the chance of living alone of those outside care homes, so that the shares ``alone`` (c, 20) hold."""
    outside = 1.0 - in_care_home[:, quintile].T
    return np.minimum(alone / outside, MOST)
