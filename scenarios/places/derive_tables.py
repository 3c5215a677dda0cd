"""Arithmetic shared by the scripts that derive a place's tables."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from scenarios.place_schema import AGE_COLUMNS
from scenarios.registry.reader import load_registry
from scenarios.whole_file import whole

EARTH_RADIUS_KM = 6371.0
REGISTERS = {  # condition: its QOF register
    "hypertension": "HYP",
    "diabetes": "DM",
    "copd": "COPD",
    "asthma": "AST",
    "coronary_heart_disease": "CHD",
    "heart_failure": "HF",
    "stroke": "STIA",
    "chronic_kidney_disease": "CKD",
    "depression": "DEP",
    "severe_mental_illness": "MH",
    "dementia": "DEM",
    "cancer": "CAN",
    "learning_disability": "LD",
    "palliative": "PC",
}


def distance_km(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return great-circle km between points in degrees: (n, 2) and (m, 2) of (lat, lon) give (n, m)."""
    a, b = np.radians(here)[:, None, :], np.radians(there)[None, :, :]
    half = np.sin((a[..., 0] - b[..., 0]) / 2) ** 2
    half = half + np.cos(a[..., 0]) * np.cos(b[..., 0]) * np.sin((a[..., 1] - b[..., 1]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))


def weighted_mean(values: pd.Series, weights: pd.Series) -> float:
    """Return the mean of ``values`` weighted by ``weights``."""
    return float((values * weights).sum() / weights.sum())


def england_male_shares(england: pd.DataFrame) -> list[float]:
    """Return England's male share for the 20 age bands from the 19 five-year bands (0-4 serves 0 and 1-4)."""
    five_year = [float(share) for share in england["male_share"]]
    return [five_year[0], *five_year]


def male_shares(england: pd.DataFrame, communities: pd.DataFrame, male_share: float) -> list[float]:
    """Return male shares by 20 age bands: England's, moved by one log odds so that the borough's total share holds."""
    base = england_male_shares(england)
    people = communities[list(AGE_COLUMNS)].sum().to_numpy()
    low, high = -2.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        moved = [shift_share(share, middle) for share in base]
        if float(np.dot(moved, people) / people.sum()) < male_share:
            low = middle
        else:
            high = middle
    return [shift_share(share, low) for share in base]


def shift_share(share: float, log_odds: float) -> float:
    """Return ``share`` with its log odds moved by ``log_odds``."""
    return 1.0 / (1.0 + (1.0 - share) / share * math.exp(-log_odds))


def births_factor(communities: pd.DataFrame, male: list[float]) -> float:
    """Return infants (age 0) over the births that England and Wales' fertility would give the place's women."""
    rates = load_registry().table("fertility").set_index("age_band")["births_per_1000_women_per_year"]
    people = communities[list(AGE_COLUMNS)].sum()
    women = {band: people[band] * (1 - share) for band, share in zip(AGE_COLUMNS, male, strict=True)}
    expected = sum(women[str(band)] * rate / 1000.0 for band, rate in rates.items())
    return float(people["age_0"] / expected)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write ``table`` as CSV, whole or not at all."""
    with whole(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")
