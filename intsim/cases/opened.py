"""The folder of a comparison, opened as a case: its settings, prices, runs and what each arm used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from evaluation.findings import Findings, find
from evaluation.panel import UNIT, after_go_live, totals
from evaluation.run_folder import RunFolder, read_run
from intsim.cases.evidence import OUTPATIENTS, check_claims, read_workforce
from intsim.cases.ledgers import Place
from intsim.cases.spending import Added, added_by, check_costs
from intsim.cases.valuation import (
    CONVEYANCES,
    PACKAGES,
    Book,
    book_of,
    drawn_book,
    price_lines,
)
from scenarios.errors import InputError, raise_all
from scenarios.overrides import read
from scenarios.registry.economics import load_economics
from scenarios.schema.case import Case
from scenarios.schema.problems import problems_of
from sim.outcomes.panel import CATEGORIES, numbered

MONTHS = 12
TIMES = ("month", "month_start", "quintile")
EXACT = 1e-9
GROUP = "group"  # the team of a group wherever it lives
COUNTED = (
    "person_seconds",
    "deaths",
    "ed_attendances",
    "emergency_admissions",
    "bed_seconds",
    "gp_contacts",
    *OUTPATIENTS,
)
# Quantities that are priced and that a panel holds in parts.
ADDED_UP = {CONVEYANCES: numbered("conveyed_category", CATEGORIES)}
BEFORE_THE_RUN = ("budget_gbp_per_10000", "buy_more", "posts", "options", "comparator")


@dataclass(frozen=True)
class Run:
    """A comparison read for a case: its findings, its book, what each option adds, the panel of months that count.

    The findings are of the months that count too (their run is the whole folder): all that a case tells is of the same
    time.
    """

    findings: Findings
    book: Book
    books: Mapping[int, Book]
    added: Mapping[str, Added]
    panel: pd.DataFrame  # months that count: one row a run, month, fifth, age band and sex
    months: pd.DataFrame  # the same summed to run, month and fifth
    place: Place

    @property
    def folder(self) -> RunFolder:
        """The folder of the run."""
        return self.findings.run

    @property
    def runs(self) -> pd.DataFrame:
        """Draw and replication of every run, in order."""
        keys = ["draw", "replication"]
        return self.months[keys].drop_duplicates().sort_values(keys).reset_index(drop=True)


def open_run(folder: Path, overrides: Sequence[str]) -> Run:
    """Return the run of ``folder`` made ready: its case, its book (one for each draw of several) and its panel."""
    run, case, book = read_with(folder, overrides)
    for name in run.arms:
        if name not in run.settings:
            raise InputError(str(folder), f"the settings of arm '{name}' are not there (config-{name}.yaml): no costs")
    months = run.horizon_months
    if case.horizon_years is not None:
        months = min(months, MONTHS * case.horizon_years)
    counted = run.panel[run.panel["month"] < months]
    found = replace(find(replace(run, panel=counted)), run=run)  # takes longest: what cannot be used is refused before
    added = {name: whom_and_when(run, name) for name in run.designs}
    live = after_go_live(counted)
    columns = list(dict.fromkeys([*COUNTED, *price_lines(book)["column"]]))
    by_month = [*UNIT, "month", "month_start", "quintile"]
    panel = totals(live, [*by_month, "age_band", "sex"], columns)
    by_fifth = totals(panel, by_month, columns)
    first = str(live["month_start"].iloc[int(live["month"].to_numpy().argmin())])
    place = Place(float(run.residents), months, first)
    seed = int((run.manifest.get("seeds") or {}).get("experiment", 1))
    books = {0: book}
    if run.draws > 1:
        books = {int(draw): drawn_book(book, int(draw), seed) for draw in sorted(panel["draw"].unique())}
    return Run(found, book, books, added, panel, by_fifth, place)


def whom_and_when(run: RunFolder, name: str) -> Added:
    """Return what the design of an arm adds, for whom and from when on, as the run has simulated it.

    Month 0 of a run's tables is that in which the last of its arms goes live. Runs of before that was told are taken to
    be for everyone at once. Raises InputError as ``added_by`` and ``check_comparator``.
    """
    settings = run.settings[name]
    added = added_by(settings, run.settings[run.baseline])
    check_comparator(run, name)
    live = _went_live(settings) - max(_went_live(each) for each in run.settings.values())
    mine = (run.manifest.get("designs") or {}).get(name) or {"live": live, "starts": [[live, 1.0]]}
    starts = tuple((int(month), float(share)) for month, share in mine["starts"])
    return replace(added, starts=starts, live=int(mine["live"]), members=members_of(run, name))


def _went_live(settings: Mapping[str, Any]) -> int:
    return int(settings["transition"]["go_live_month"])


def check_comparator(run: RunFolder, name: str) -> None:
    """Raise InputError where what a design adds to the comparator cannot be netted, post by post.

    That is where the comparator has posts of its own, and it or the design is for a part of the residents; or where the
    comparator's are there for some later than for others.
    """
    base, told = run.settings[run.baseline], run.manifest.get("designs") or {}
    if not told or not any(base["workforce"]["added_fte"].values()):
        return
    groups = any(run.settings[each]["geography"]["group"]["by"] != "none" for each in (name, run.baseline))
    starts = {each: [share for _, share in told[each]["starts"]] for each in (name, run.baseline)}
    if groups or len(starts[run.baseline]) != 1 or any(abs(sum(each) - 1.0) > EXACT for each in starts.values()):
        words = (
            f"has posts, and it or '{name}' is for a part of the residents or for some later: costs cannot be netted"
        )
        raise InputError(f"comparator '{run.baseline}'", words)


def members_of(run: RunFolder, name: str) -> float:
    """Return the members of the group that a design is for, of all residents; 0 for one that is for none.

    Raises InputError if a run does not say how many its group has.
    """
    if run.settings[name]["geography"]["group"]["by"] == "none":
        return 0.0
    table = read_workforce(run.path, run.horizon_months)
    if table is None:
        raise InputError(str(run.path), "has no workforce.parquet: how many the design's group has is not known")
    mine = table[(table["arm"] == name) & (table["team"] == GROUP) & (table["month"] >= 0)]
    return float(mine.drop_duplicates([*UNIT, "month"])["registered"].mean()) / run.residents


def read_with(folder: Path, overrides: Sequence[str]) -> tuple[RunFolder, Case, Book]:
    """Return the run of ``folder`` with every column that the prices of its case need, that case, and its book."""
    economics = load_economics()
    priced = {each.quantity for each in economics.prices.values()}
    quantities = {column for each in priced for column in ADDED_UP.get(each, (each,))}
    staff = economics.table("staff")
    timed = {f"{service}_staff_seconds" for service in staff["service"][staff["time_valued"] == "yes"]}
    run = read_run(folder, sorted({*COUNTED, *quantities, *timed, PACKAGES}))
    sums = {name: run.panel[list(columns)].sum(axis=1) for name, columns in ADDED_UP.items()}
    run = replace(run, panel=run.panel.assign(**sums))
    case = case_of(run, overrides)
    check_costs(case)
    check_claims(case)
    return run, case, book_of(case)


def case_of(run: RunFolder, overrides: Sequence[str]) -> Case:
    """Return the case of a run: as saved with it, or one of its own arms, each as it is; changed by ``overrides``."""
    saved = run.said("scenario", "case") or {}
    settings: dict[str, Any] = dict(saved) if saved.get("options") else {"name": "as run"}
    settings["comparator"] = run.baseline
    settings["options"] = list(run.designs)
    for text in overrides:
        override = read(text)
        group, _, name = override.key_or_group.partition(".")
        if group != "case" or not name or "." in name:
            raise InputError(
                f"override '{text}'", "a report takes settings of the case alone, such as case.discounting=nice"
            )
        if name in BEFORE_THE_RUN:
            raise InputError(f"case.{name}", "decides what is simulated: it has to be there before the run")
        settings[name] = override.value()
    try:
        return Case.model_validate(settings)
    except ValidationError as failure:
        raise_all([InputError(f"case.{each.where}", each.problem) for each in problems_of(failure, Case)])
        raise
