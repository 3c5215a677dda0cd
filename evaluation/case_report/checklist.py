"""Reporting checklists as tables: CHEERS 2022 (Husereau et al. 2022), the items' headings."""

from __future__ import annotations

import csv
from importlib.resources import files

import pandas as pd

CHEERS = "cheers_2022.csv"


def cheers() -> pd.DataFrame:
    """Return the 28 items: item, heading."""
    text = files("evaluation.case_report").joinpath(CHEERS).read_text(encoding="utf-8")
    return pd.DataFrame(
        [{"item": int(row["item"]), "heading": row["heading"]} for row in csv.DictReader(text.splitlines())]
    )
