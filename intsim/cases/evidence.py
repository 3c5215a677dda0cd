"""What stands beside a case's results: claims, controlled evaluations, every number with its source, local staff."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from evaluation.claims import CHANGE, OWN, claims_test
from evaluation.outcomes import OUTCOMES, SECONDS_PER_YEAR
from evaluation.panel import UNIT, after_go_live, totals
from evaluation.parquet import read_table
from intsim.cases.spending import Added
from intsim.cases.valuation import Book
from scenarios.errors import InputError, nearest
from scenarios.registry.claims import Claim, load_claims
from scenarios.schema.case import Case

MONTHS = 12
LEAST_FTE, LEAST_SHARE = 0.05, 0.03  # of a team's staff in a service
PROJECTION = "napc_"
MEASURED = ("ed_attendances", "bed_days", "gp_contacts", "emergency_admissions")  # rates that claims are tested on
OUTPATIENTS = ("outpatient_new_contacts", "outpatient_follow_up_contacts", "outpatient_procedure_contacts")
STAFF = ("absence", "productivity", "turnover_per_year")
WORDS = {  # an outcome of ours, and words by which controlled evaluations of it are found
    "ed_attendances": ("ed attendances", "a&e", "ae attendances", "minor ed visits"),
    "emergency_admissions": ("emergency admissions", "unplanned admissions", "hospital admissions"),
    "bed_days": ("bed days", "occupied beds"),
}
CONTROLLED = ("control", "trial", "difference in differences", "randomised", "propensity", "synthetic", "regression")


def effects_of(panel: pd.DataFrame, workforce: pd.DataFrame | None, comparator: str, option: str) -> pd.DataFrame:
    """Return yearly outcomes of two arms run by run: draw, replication, year (1 first), outcome, baseline, design."""
    rows = []
    live = after_go_live(panel)
    live = live[live["arm"].isin([comparator, option])].assign(year=lambda each: each["month"] // MONTHS + 1)
    whole = live.groupby("year")["month"].nunique()
    live = live[live["year"].isin(whole.index[whole == MONTHS])]
    wanted = [each for each in OUTCOMES if each.name in MEASURED]
    columns = list(dict.fromkeys([*(each.numerator for each in wanted), *OUTPATIENTS, "person_seconds"]))
    if not live.empty:
        summed = totals(live, [*UNIT, "year"], columns)
        years = summed["person_seconds"] / SECONDS_PER_YEAR
        for each in wanted:
            rows.append(_paired(summed, summed[each.numerator] * each.scale / years, each.name, comparator, option))
        outpatients = summed[list(OUTPATIENTS)].sum(axis=1) / years
        rows.append(_paired(summed, outpatients, "outpatient_contacts", comparator, option))
    if workforce is not None:
        rows += _staff(workforce, comparator, option)
    known = [each for each in rows if not each.empty]
    columns = ["draw", "replication", "year", "outcome", "baseline", "design"]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=columns)


def claims_of(effects: pd.DataFrame, years: Sequence[int], book: Book) -> pd.DataFrame:
    """Return the test of the claims in circulation and of the case's own (see evaluation.claims.claims_test).

    Raises InputError for a claim of the case on an outcome that is not measured.
    """
    return claims_test(effects, tested_claims(book), years)


def tested_claims(book: Book) -> pd.DataFrame:
    """Return the claims that are tested: name, outcome, measure, value. Raises InputError as ``claims_of``."""
    claims = load_claims()
    rows = []
    for row in book.economics.table("claims_tested").to_dict("records"):
        claim = claims[str(row["claim"])]
        rows.append((claim.name, row["outcome"], claim.measure, claim.value))
    check_claims(book.case)
    for outcome, value in book.case.claims.items():
        rows.append((f"{OWN}{outcome}", outcome, CHANGE, value))
    return pd.DataFrame(rows, columns=["name", "outcome", "measure", "value"])


def check_claims(case: Case) -> None:
    """Raise InputError for a claim of the case on an outcome that is not measured, or of less than nothing."""
    known = (*MEASURED, *STAFF, "outpatient_contacts")
    for outcome, value in case.claims.items():
        if outcome not in known:
            raise InputError("case.claims", f"no such outcome '{outcome}': {nearest(outcome, known)}")
        if value < -1.0:
            words = f"{outcome} is {value:g}; allowed: -1 and above, a share of today's (-0.12 for 12% less)"
            raise InputError("case.claims", words)


def evaluations() -> pd.DataFrame:
    """Return published controlled evaluations of the main outcomes: outcome, programme, told, design, source, basis.

    They are of their own programmes and people; a model's effect on an area is not comparable with that on a caseload.
    """
    rows = []
    for name, claim in load_claims().items():
        design = claim.design.lower()
        if name.startswith(PROJECTION) or "uncontrolled" in design or not any(word in design for word in CONTROLLED):
            continue
        for outcome, words in WORDS.items():
            if any(word in claim.outcome.lower() for word in words):
                rows.append((outcome, claim.programme, _told(claim), claim.design, claim.source, claim.basis))
                break
    columns = ["outcome", "programme", "told", "design", "source", "basis"]
    return pd.DataFrame(rows, columns=columns).sort_values(["outcome", "programme"]).reset_index(drop=True)


def numbers_used(book: Book) -> pd.DataFrame:
    """Return every price and value: name, meaning, value, unit, low, high, price_year, source, basis, certainty."""
    rows = []
    own = [(name, each.parameter, each.price_year) for name, each in book.economics.prices.items()]
    own += [(name, each.parameter, each.price_year) for name, each in book.economics.values.items()]
    for name, row, year in own:
        told = (name, row.meaning, row.central, row.unit, row.low, row.high, year)
        rows.append((*told, row.source, row.basis, row.certainty))
    for line in book.pay.values():
        gbp, year = float(line["pay_gbp_per_year"]), str(line["price_year"])
        told = (f"pay_{line['grade']}", "pay of a full-time post", gbp, "GBP per year", gbp, gbp, year)
        rows.append((*told, str(line["source"]), str(line["basis"]), str(line["certainty"])))
    columns = ["name", "meaning", "value", "unit", "low", "high", "price_year", "source", "basis", "certainty"]
    return pd.DataFrame(rows, columns=columns)


def supply_of(
    workforce: pd.DataFrame | None, added: Mapping[str, Added], comparator: str, registered: float
) -> pd.DataFrame:
    """Return posts that options need beside those at work today: service, option, added, local, share (of local)."""
    columns = ["service", "option", "added", "local", "share"]
    rows = []
    local = _at_work(workforce, comparator) if workforce is not None else {}
    for option, each in added.items():
        for service, fte in each.posts.items():
            if fte <= 0:
                continue  # taken away
            more, here = fte * registered * each.served_share(service) / 10_000, local.get(service, math.nan)
            rows.append((service, option, more, here, more / here if here > 0 else math.nan))
    return pd.DataFrame(rows, columns=columns)


def losing_of(workforce: pd.DataFrame | None, comparator: str, options: Sequence[str]) -> pd.DataFrame:
    """Return teams with fewer staff at work in an option than in the comparator in the last month: mean over runs.

    Columns: option, team, service, change (FTE, below 0). Less than a twentieth of a post, or 3% of those there, is not
    told: absence and recruitment differ so much by chance.
    """
    columns = ["option", "team", "service", "change"]
    if workforce is None or workforce.empty:
        return pd.DataFrame(columns=columns)
    last = workforce[workforce["month"] == workforce["month"].max()]
    table = last.groupby(["arm", "team", "service"], observed=True)["amount"].mean()
    rows = []
    for option in options:
        for (arm, team, service), amount in table.items():  # type: ignore[misc]
            if arm == option:
                usual = float(table.get((comparator, team, service), 0.0))
                change = float(amount) - usual
                if change < -max(LEAST_FTE, LEAST_SHARE * usual):
                    rows.append((option, team, service, change))
    return pd.DataFrame(rows, columns=columns)


def read_workforce(folder: Path, months: int) -> pd.DataFrame | None:
    """Return the first ``months`` of workforce.parquet of a run (and what is before them), None where there is none."""
    path = folder / "workforce.parquet"
    if not path.is_file():
        return None
    table = read_table(path, ("month",))
    return table[table["month"] < months]


def _paired(keys: pd.DataFrame, value: pd.Series, name: str, comparator: str, option: str) -> pd.DataFrame:
    table = keys[[*UNIT, "year"]].assign(value=value)
    wide = table.pivot(index=["draw", "replication", "year"], columns="arm", values="value").reset_index()
    return wide.rename(columns={comparator: "baseline", option: "design"}).assign(outcome=name)[
        ["draw", "replication", "year", "outcome", "baseline", "design"]
    ]


def _staff(workforce: pd.DataFrame, comparator: str, option: str) -> list[pd.DataFrame]:
    """Return absence, productivity and turnover by year, teams weighted by the people they serve."""
    live = workforce[(workforce["month"] >= 0) & workforce["arm"].isin([comparator, option])]
    teams = live.drop_duplicates([*UNIT, "month", "team"]).assign(year=lambda each: each["month"] // MONTHS + 1)
    whole = teams.groupby("year")["month"].nunique()
    teams = teams[teams["year"].isin(whole.index[whole == MONTHS]) & (teams["registered"] > 0)]
    found = []
    for name in STAFF:
        if teams.empty or name not in teams:
            continue
        weighted = teams.assign(product=teams[name] * teams["registered"])
        summed = weighted.groupby([*UNIT, "year"], observed=True)[["product", "registered"]].sum().reset_index()
        found.append(_paired(summed, summed["product"] / summed["registered"], name, comparator, option))
    return found


def _at_work(workforce: pd.DataFrame, comparator: str) -> dict[str, float]:
    first = workforce[(workforce["arm"] == comparator) & (workforce["month"] == workforce["month"].min())]
    runs = first[["draw", "replication"]].drop_duplicates().shape[0]
    return {
        str(name): float(each) / runs for name, each in first.groupby("service", observed=True)["amount"].sum().items()
    }


def _told(claim: Claim) -> str:
    from scenarios.registry.parameter_table import claim_words

    return claim_words(claim)
