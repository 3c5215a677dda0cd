"""In words: which number is worth measuring before we decide?"""

from __future__ import annotations

import pandas as pd

from evaluation.rounding import number

_SURE = 0.005  # of the value of perfect information: less is told as nothing
NOTHING = "No number is worth measuring first: in every draw of the parameters the same option is best."


def worth_measuring(table: pd.DataFrame, unit: str = "GBP", meaning: dict[str, str] | None = None) -> str:
    """Return one or two sentences on a table of ``partial.evppi``; ``meaning``: words for a group's name.

    Values are per whatever net benefit was per; ``unit`` says so ('GBP', 'GBP a resident').
    """
    perfect = float(table["evpi"].iloc[0])
    if perfect <= 0:
        return NOTHING
    first = table.iloc[0]
    if first["evppi"] <= _SURE * perfect:
        return (
            f"Knowing everything would be worth {_amount(perfect)} {unit}, but no single number here carries more than "
            f"{100 * _SURE:g}% of that: the uncertainty is spread over many, or lies in their combination."
        )
    name = (meaning or {}).get(str(first["group"]), str(first["group"]).replace("_", " "))
    share = f"{100 * float(first['share']):.0f}%"
    said = (
        f"The number most worth measuring before deciding is {name}: to know it exactly would be worth up to "
        f"{_amount(float(first['evppi']))} {unit}, {share} of what knowing everything would be worth "
        f"({_amount(perfect)} {unit})."
    )
    if pd.notna(first["explained"]):
        explained = f"{100 * max(float(first['explained']), 0.0):.0f}%"
        said += f" It accounts for {explained} of the variation of net benefit in draws left out."
    return said


def _amount(value: float) -> str:
    places = 0 if value >= 100 else (2 if value >= 1 else 4)
    digits = max(-3, 2 - len(str(int(value)))) if value >= 100 else places
    return number(value, min(places, digits))
