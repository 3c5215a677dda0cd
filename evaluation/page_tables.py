"""The tables of the page, as rows of text; every chart has one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from evaluation.doses import Dose
from evaluation.figures.flow import mean_flows
from evaluation.figures.style import words
from evaluation.figures.waits import CLINICS, in_order, service_label
from evaluation.findings import STANDARDISED, Findings, Row, happens
from evaluation.inequality.gaps import CRUDE, MEASURES, RATIOS
from evaluation.outcomes import MAIN, RATE_UNIT, SECONDS_PER_DAY, outcome
from evaluation.rounding import MINUS, level, spread
from evaluation.sentences import difference, levels, percent, verdict
from evaluation.twins import runs_interval

_BASIS = {CRUDE: "crude", STANDARDISED: "age-sex standardised (ESP 2013)"}


@dataclass(frozen=True)
class PageTable:
    """A caption, the column heads, and rows whose first ``heads`` cells are row headings."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    heads: int = 1
    folded: bool = field(default=False)


def headline_table(findings: Findings, design: str) -> PageTable:
    """Return every outcome of one design against the baseline, without those that never happen in either arm."""
    base = findings.run.baseline
    rows = []
    for row in findings.rows(design):
        if happens(row):
            group = outcome(row["outcome"]).group
            figures = [*levels(row, MINUS), difference(row, MINUS), percent(row, MINUS), verdict(row)]
            rows.append([group, _with_unit(row), *figures])
    columns = ["Group", "Outcome", words(base), words(design), "Difference (95% interval)", "Change in %", "Finding"]
    caption = f"{words(design)} against {words(base)}, all residents, from go-live on, {RATE_UNIT}"
    return PageTable(caption, columns, rows, 2)


def dose_table(doses: Sequence[Dose], designs: Sequence[str], baseline: str, everything: bool = True) -> PageTable:
    """Return the dose of each lever and of staff in the baseline, and what each design adds to it.

    ``everything``: whether ``doses`` are all there are (folded away) or only those that a design changes.
    """
    rows = [
        [dose.lever, dose.setting, _plain(dose.existing), *(_added(dose.added.get(design)) for design in designs)]
        for dose in doses
    ]
    columns = ["Lever", "Setting", f"Existing ({words(baseline)})", *(f"Added by {words(name)}" for name in designs)]
    caption = "Existing and added dose of each lever, as the designs set it"
    if not everything:
        caption = "What the designs change: existing and added dose"
    return PageTable(caption, columns, rows, 2, folded=everything)


def quintile_table(findings: Findings, design: str) -> PageTable:
    """Return the main outcomes by deprivation quintile."""
    rows = []
    for name in MAIN:
        groups = sorted({str(group) for group in findings.differences[design]["group"]} - {"all"})
        for group in groups:
            row = findings.row(design, name, group)
            if row is not None:
                rows.append([row["label"], group, *levels(row, MINUS), difference(row, MINUS), percent(row, MINUS)])
    columns = ["Outcome", "Quintile", *_arms(findings, design), "Difference (95% interval)", "Change in %"]
    caption = f"{words(design)}, by deprivation ({findings.run.basis}), {outcome(MAIN[0]).unit}"
    return PageTable(caption, columns, rows, 2)


def gap_table(findings: Findings, design: str, basis: str) -> PageTable:
    """Return every gap measure of the main outcomes on one basis: standardised, or crude (folded away)."""
    rows = []
    for row in sorted(findings.gap_rows(design), key=lambda r: MAIN.index(r["outcome"])):
        if row["basis"] == basis:
            label = MEASURES[row["measure"]] + (" (ratio)" if row["measure"] in RATIOS else "")
            rows.append([outcome(row["outcome"]).label, label, *levels(row, MINUS), difference(row, MINUS)])
    columns = ["Outcome", "Measure", *_arms(findings, design), "Change (95% interval)"]
    caption = f"{words(design)}: gaps, {_BASIS[basis]} ({findings.run.basis}), {RATE_UNIT} or ratio"
    return PageTable(caption, columns, rows, 2, folded=basis == CRUDE)


def exposure_table(exposure: pd.DataFrame, designs: Sequence[str]) -> PageTable:
    """Return whom each design reached by lever, and the share of the baseline's use those newly reached made."""
    rows = []
    for design in designs:
        mine = exposure[exposure["arm"] == design]
        for lever in dict.fromkeys(mine["lever"]):
            found = mine[mine["lever"] == lever]
            if not found[["people_reached", "people_reached_usual"]].to_numpy().any():
                continue
            counts = [_mean(found, name) for name in ("people_reached_usual", "people_reached")]
            shares = [_mean(found, name, 100.0) for name in ("ed_attendances_share", "admissions_share")]
            rows.append([words(design), "any lever" if lever == "any" else words(lever), *counts, *shares])
    columns = [
        "Design",
        "Lever",
        "Residents reached, baseline",
        "Residents reached, design",
        "ED attendances by those newly reached (% of the baseline's)",
        "Emergency admissions of those newly reached (% of the baseline's)",
    ]
    return PageTable(
        "Whom the design reached since it began, and their share of use (means over replications; whom a lever that "
        "gets to a person once had reached before is not counted)",
        columns,
        rows,
        2,
    )


def series_table(table: pd.DataFrame, arms: Sequence[str], caption: str) -> PageTable:
    """Return a chart's series (arm, outcome, month_start, mean, lower, upper) with a column per outcome and arm."""
    names = list(dict.fromkeys(table["outcome"]))
    columns = ["Starting", *(f"{outcome(name).label}, {words(arm)}" for name in names for arm in arms)]
    found = {
        (str(start), str(name), str(arm)): _interval(mean, lower, upper)
        for start, name, arm, mean, lower, upper in zip(
            *(table[column] for column in ("month_start", "outcome", "arm", "mean", "lower", "upper")), strict=True
        )
    }
    starts = table.sort_values("month")["month_start"].drop_duplicates()
    rows = [[s, *(found.get((s, n, a), "–") for n in names for a in arms)] for s in map(str, starts)]
    return PageTable(caption, columns, rows, 1, folded=True)


def flow_table(table: pd.DataFrame, arms: Sequence[str]) -> PageTable:
    """Return the transitions of flow.flow_rates, returns to the same service included."""
    means = mean_flows(table)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in means.to_dict("records"):
        cell = _interval(row["mean"], row["lower"], row["upper"])
        found.setdefault((row["source"], row["target"]), {})[row["arm"]] = cell
    size = means.groupby(["source", "target"])["mean"].max()
    order = sorted(found, key=lambda edge: -float(size[edge]))
    rows = [[words(s), words(t), *(found[s, t].get(arm, "0") for arm in arms)] for s, t in order]
    caption = "Steps from one contact to the next, per 1,000 residents per year (95% interval of the mean)"
    return PageTable(caption, ["From", "To", *map(words, arms)], rows, 2, folded=True)


def waits_table(table: pd.DataFrame, arms: Sequence[str]) -> PageTable:
    """Return the share seen within each time of waits.seen_table, one row per service and arm."""
    times = list(dict.fromkeys(table["within"]))
    rows = []
    for service in in_order(table["service"].unique()):
        for arm in arms:
            mine = table[(table["service"] == service) & (table["arm"] == arm)].set_index("within")
            if mine.empty:
                continue
            cells = [_share(mine, within) for within in times]
            rows.append([service_label(service), words(arm), f"{mine['people'].iloc[0]:,.0f}", *cells])
    columns = ["Service", "Arm", "People seen", *(f"Within {within} (%)" for within in times)]
    caption = "Share of the people seen who had waited no longer than this (95% interval of the mean)"
    return PageTable(caption, columns, rows, 2)


def services_table(services: pd.DataFrame, arms: Sequence[str]) -> PageTable:
    """Return how full each service was: use of capacity and mean wait (clinics: none) by arm, from go-live on."""
    live = services[services["month"] >= 0]
    keys = ["service", "arm", "draw", "replication"]
    columns = [name for name in ("capacity_seconds", "busy_seconds", "starts", "waiting_seconds") if name in live]
    summed = live.groupby(keys, observed=True)[columns].sum().reset_index()
    rows = []
    for service in in_order(summed["service"].unique()):
        cells = []
        for arm in arms:
            mine = summed[(summed["service"] == service) & (summed["arm"] == arm)]
            cells += [_ratio(mine, "busy_seconds", "capacity_seconds", 100.0)]
            waited = "–" if service in CLINICS else _ratio(mine, "waiting_seconds", "starts", 1.0 / SECONDS_PER_DAY)
            cells.append(waited)
        rows.append([service_label(service), *cells])
    heads = [text for arm in arms for text in (f"{words(arm)}: capacity used (%)", f"{words(arm)}: mean wait (days)")]
    return PageTable("How full services were; services that share staff show the same use", ["Service", *heads], rows)


def _mean(found: pd.DataFrame, column: str, scale: float = 1.0) -> str:
    return level(*runs_interval((scale * found[column]).to_numpy(dtype=float), found["draw"].to_numpy()), MINUS)


def _plain(value: float | str | None) -> str:
    if isinstance(value, str) or value is None:
        return "as the evidence says" if value is None else words(value)
    return f"{value:g}"


def _added(value: float | str | None) -> str:
    if isinstance(value, str):
        return words(value)
    if value is None or value == 0:
        return "none"
    return f"{value:+g}".replace("-", MINUS)


def _with_unit(row: Row) -> str:
    """Return the label, with its unit where that is not the rate of the whole table."""
    return str(row["label"] if row["unit"] == RATE_UNIT else f"{row['label']} ({row['unit']})")


def _arms(findings: Findings, design: str) -> list[str]:
    return [words(findings.run.baseline), words(design)]


def _interval(mean: float, lower: float, upper: float) -> str:
    if math.isnan(mean):
        return "–"
    return spread(mean, lower, upper, MINUS)


def _share(mine: pd.DataFrame, within: str) -> str:
    if within not in mine.index:
        return "–"
    found = mine.loc[[within], ["mean", "lower", "upper"]].to_numpy(dtype=float)[0]
    mean, lower, upper = 100 * found.clip(0, 1)
    return spread(mean, lower, upper, MINUS, most=1)


def _ratio(mine: pd.DataFrame, top: str, bottom: str, scale: float) -> str:
    if top not in mine or bottom not in mine or mine.empty or (mine[bottom] == 0).any():
        return "–"
    return spread(*runs_interval((scale * mine[top] / mine[bottom]).to_numpy(), mine["draw"].to_numpy()), MINUS, most=2)
