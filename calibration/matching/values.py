"""The value that one run gives a target: sums over the rows it is about, combined as its output says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from calibration.matching.ages import EVERYONE, Ages, ages_of
from calibration.matching.catalogue import SECONDS_PER_YEAR, Output, Term, output_called
from calibration.matching.months import check_length, missing, of_months
from calibration.matching.standards import england_rates
from calibration.matching.tables import RunTables
from calibration.targets.target import Target

LEAST_DEPRIVED = {"imd_quintile": "5", "local_quintile": "5", "imd_decile": "10", "local_decile": "10"}
CATEGORY_COLUMNS: Mapping[str, Sequence[str]] = {
    "imd_quintile": ("quintile",),
    "local_quintile": ("quintile",),
    "imd_decile": ("decile",),
    "local_decile": ("local_decile",),
}
LOCAL = "local_quintile"


def value_of(target: Target, run: RunTables) -> float:
    """Return what ``run`` gives ``target``, in the target's unit; NaN where nothing is there to divide by.

    Raises InputError if the run has no such output for whom the target is about, or is too long or short to tell it.
    """
    output = output_called(target.output, f"{target.where} column output")
    check_length(target, output, run)
    return KINDS[output.kind](target, output, run)


def quotient(target: Target, output: Output, run: RunTables) -> float:
    """Return the sum of the numerator over that of the denominator, times the scale."""
    below = summed(target, output.denominator, run, output)
    return output.scale * summed(target, output.numerator, run, output) / below if below > 0 else math.nan


def total(target: Target, output: Output, run: RunTables) -> float:
    """Return the sum of the numerator."""
    return output.scale * summed(target, output.numerator, run, output)


def share_of_all(target: Target, output: Output, run: RunTables) -> float:
    """Return the sum of the numerator over the same sum of every category."""
    everyone = replace(target, category="", category_type="")
    below = summed(everyone, output.numerator, run, output)
    return summed(target, output.numerator, run, output) / below if below > 0 else math.nan


def share_of_set(target: Target, output: Output, run: RunTables) -> float:
    """Return one term of the numerator over all of them; the target's category says which."""
    whole = replace(target, category="", category_type="")
    below = summed(whole, output.numerator, run, output)
    part = summed(whole, (output.numerator[int(target.category) - 1],), run, output)
    return part / below if below > 0 else math.nan


def over_least_deprived(target: Target, output: Output, run: RunTables) -> float:
    """Return the quotient of a category over that of the least deprived."""
    least = replace(target, category=LEAST_DEPRIVED[target.category_type])
    below = quotient(least, output, run)
    return quotient(target, output, run) / below if below > 0 else math.nan


def over_all_ages(target: Target, output: Output, run: RunTables) -> float:
    """Return the quotient at some ages over that of everyone."""
    below = quotient(replace(target, age="all"), output, run)
    return quotient(target, output, run) / below if below > 0 else math.nan


def standardised(target: Target, output: Output, run: RunTables) -> float:
    """Return events over those expected at England's rates by single year of age and sex, times the scale."""
    column = output.numerator[0].column
    frame = chosen(target, "by_age", run, output)
    frame = frame.merge(england_rates(column), on=["age", "sex"], how="left")
    expected = float((frame["person_seconds"] * frame["rate"]).sum()) / SECONDS_PER_YEAR
    return output.scale * float(frame[column].sum()) / expected if expected > 0 else math.nan


def life_expectancy(target: Target, output: Output, run: RunTables) -> float:
    """Return life expectancy at birth of the target's group (Chiang, open last band)."""
    local = target.category_type == "local_decile" or target.run_area != ""
    frame = chosen(target, "local_mortality" if local else "mortality", run, output)
    return expectancy_of(frame)


def expectancy_of(frame: pd.DataFrame) -> float:
    """Return life expectancy at birth, in years, of deaths and person-seconds by twenty age bands."""
    from evaluation.life_tables.table import chiang_table

    bands = frame.groupby("age_band", sort=False)[["person_seconds", "deaths"]].sum().reset_index()
    table = pd.DataFrame(
        {
            "start_age": bands["age_band"],
            "population": bands["person_seconds"] / SECONDS_PER_YEAR,
            "deaths": bands["deaths"].astype(float),
        }
    )
    made = chiang_table(table, suppress=False)
    return math.nan if made.reason else float(made.rows["e"].iloc[0])


def life_expectancy_gap(target: Target, output: Output, run: RunTables) -> float:
    """Return life expectancy of the least less that of the most deprived national tenth."""
    ends = [replace(target, category_type="imd_decile", category=which) for which in ("10", "1")]
    least, most = (expectancy_of(chosen(end, "mortality", run, output)) for end in ends)
    return least - most


KINDS: Mapping[str, Callable[[Target, Output, RunTables], float]] = {
    "quotient": quotient,
    "total": total,
    "share_of_all": share_of_all,
    "share_of_set": share_of_set,
    "over_least_deprived": over_least_deprived,
    "over_all_ages": over_all_ages,
    "standardised": standardised,
    "life_expectancy": life_expectancy,
    "life_expectancy_gap": life_expectancy_gap,
}


def summed(target: Target, terms: Sequence[Term], run: RunTables, output: Output) -> float:
    """Return the sum of ``terms`` over the rows the target is about."""
    found = 0.0
    for term in terms:
        if term.table == "counts":
            frame = chosen(target, "counts", run, output)
            found += float(frame.loc[frame["name"] == term.column, "value"].sum())
            continue
        frame = chosen(target, table_for(term, run, output), run, output)
        if term.only:
            frame = frame[frame["service"] == term.only]
        found += float(frame[term.column].sum())
    return found


def table_for(term: Term, run: RunTables, output: Output) -> str:
    """Return the table to read a term from: single years of age where every term of the output is told by them."""
    if term.table == "panel" and "by_age" in run:
        columns = run.tables["by_age"].columns
        panel = [each.column for each in (*output.numerator, *output.denominator) if each.table == "panel"]
        if all(column in columns for column in panel):
            return "by_age"
    return term.table


def chosen(target: Target, name: str, run: RunTables, output: Output) -> pd.DataFrame:
    """Return the rows of a table that the target is about. Raises InputError if the table does not tell them apart."""
    if name not in run:
        raise missing(target, f"{output.name} needs the table '{name}', which {run.where} does not have")
    frame = run.tables[name]
    frame = of_months(target, frame)
    frame = of_area(target, name, frame, run)
    if target.sex != "persons":
        frame = of_sex(target, name, frame)
    frame = of_category(target, name, frame, run)
    ages = ages_of(target.age)
    return frame if ages == EVERYONE else of_ages(target, name, frame, ages)


def of_area(target: Target, name: str, frame: pd.DataFrame, run: RunTables) -> pd.DataFrame:
    """Return the rows of the target's area of the run."""
    if not target.run_area:
        return frame
    column = next((each for each in ("area", "site") if each in frame.columns), None)
    if column is None:
        raise missing(target, f"the table '{name}' of {run.where} does not tell '{target.run_area}' apart")
    mine = frame[frame[column].astype(str) == target.run_area]
    if mine.empty:
        raise missing(target, f"{run.where} has no '{target.run_area}': it has {spelt(frame[column])}")
    return mine


def of_sex(target: Target, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the target's sex."""
    if "sex" not in frame.columns:
        raise missing(target, f"the table '{name}' does not tell the sexes apart")
    return frame[frame["sex"].astype(str) == target.sex]


def of_category(target: Target, name: str, frame: pd.DataFrame, run: RunTables) -> pd.DataFrame:
    """Return the rows of the target's fifth or tenth of deprivation."""
    kind = target.category_type
    if kind not in CATEGORY_COLUMNS:
        return frame
    column = next((each for each in CATEGORY_COLUMNS[kind] if each in frame.columns), None)
    if column is None:
        raise missing(target, f"the table '{name}' does not tell {kind} apart")
    if name == "panel" and kind == "imd_quintile" and not run.national:
        raise missing(target, "the panel's fifths are local, not England's")
    if name in ("by_age", "counts") and kind == LOCAL:
        raise missing(target, f"the fifths of '{name}' are England's, not local")
    return frame[frame[column] == int(target.category)]


def of_ages(target: Target, name: str, frame: pd.DataFrame, ages: Ages) -> pd.DataFrame:
    """Return the rows of the target's ages: single years, or bands that make them up exactly."""
    if "age" in frame.columns:
        return frame[(frame["age"] >= ages.low) & (frame["age"] <= ages.high)]
    if "age_band" not in frame.columns:
        raise missing(target, f"the table '{name}' does not tell ages apart")
    bands = {str(band): ages_of(str(band)) for band in frame["age_band"].unique()}
    for band, held in bands.items():
        if ages.meets(held) and not ages.holds(held):
            raise missing(target, f"'{target.age}' cuts the band {band} of the table '{name}' in two")
    inside = [band for band, held in bands.items() if ages.holds(held)]
    return frame[frame["age_band"].astype(str).isin(inside)]


def spelt(values: pd.Series) -> str:
    """Return the different values of a column, a few of them."""
    names = sorted(set(values.astype(str)))
    return ", ".join(names[:8]) + (" and more" if len(names) > 8 else "")
