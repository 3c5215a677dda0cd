"""``intsim evaluate``: what a roll-out did, from real data or from a run whose effect is known."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser, parse, parser
from scenarios.errors import InputError

if TYPE_CHECKING:
    from evaluation.causal.designs import Evaluation, Table
    from evaluation.causal.sources import Source
    from evaluation.protocol import Protocol

ABOUT = "Estimate what a roll-out did, from a CSV of real data or the folder of a run."


def main(words: Sequence[str]) -> int:
    """Print every estimator's answer with its cautions; write tables and figures if asked."""
    given = parse(_parser(), words)
    if given.dictionary:
        print(_dictionary())
        return 0
    if given.freeze is not None:
        from evaluation.protocol import freeze

        print(f"Frozen: {freeze(given.freeze)}")
        return 0
    if given.source is None:
        raise InputError("intsim evaluate", "give a CSV file or the folder of a run")
    if given.output is not None and given.output.exists() and any(given.output.iterdir()):
        raise InputError(str(given.output), "holds files already: give a new or empty folder")
    protocol = _protocol(given)  # read and checked before any outcome is
    source = _source(given, protocol)
    table, made = _evaluated(given, source, protocol)
    truth = source.effect.get(table.outcome)
    from evaluation.causal.export import report, write

    print(f"{source.words}\n{'prespecified by ' + protocol.title if protocol else 'exploratory: no frozen protocol'}\n")
    print(report(made, truth))
    if given.output is not None:
        print(f"Tables and figures: {write(given.output, made, _origin(given, protocol), truth)}")
    return 0


def _parser() -> Parser:
    made = parser("evaluate", ABOUT)
    made.add_argument("source", nargs="?", type=Path, metavar="RUN_OR_CSV", help="folder of a run, or a CSV file")
    made.add_argument("--design", help="did, synthetic, wedge, its, cohort or rates")
    made.add_argument("--outcome", help="column, or outcome of the panel (ed_attendances)")
    made.add_argument("--unit", default="", help="column of units (default unit; of a run: neighbourhood)")
    made.add_argument("--time", default="month", help="column of periods (default month)")
    made.add_argument("--starts", default="", help="UNIT=MONTH,UNIT=MONTH or a CSV of unit, start")
    made.add_argument("--first-treated", default="", help="column of the period treatment starts (empty: never)")
    made.add_argument("--treated", default="", help="column of 0 and 1")
    made.add_argument("--covariates", default="", help="columns measured before the start: a,b,c")
    made.add_argument("--cluster", default="", help="column of what belongs together")
    made.add_argument("--person", default="", help="column of people, where a row is not one")
    made.add_argument("--population", default="", help="CSV of unit, population; or a column of people or time at risk")
    made.add_argument("--only", default="", help="use the rows of this unit alone (its)")
    made.add_argument(
        "--dataset", default="", help="the file holds records of sus_apc, ecds, csds, gp_appointments, scorecard"
    )
    made.add_argument("--map", default="", help="dictionary field=your column, with commas between")
    made.add_argument("--arm", default="", help="of a run: the design whose effect is used")
    made.add_argument("--as-lived", action="store_true", help="of a run: the design's own months; --starts says when")
    made.add_argument("--replication", type=int, default=0, help="of a run: which replication (default 0)")
    made.add_argument("--seed", type=int, default=1, help="of resampling (default 1)")
    made.add_argument("--protocol", type=Path, metavar="FILE", help="a frozen protocol: says design and outcome")
    made.add_argument("--freeze", type=Path, metavar="FILE", help="freeze a protocol and stop")
    made.add_argument("--output", type=Path, metavar="DIR", help="write tables and figures to a new folder")
    made.add_argument("--dictionary", action="store_true", help="print which NHS field becomes which column, and stop")
    return made


def _protocol(given: argparse.Namespace) -> Protocol | None:
    from evaluation.causal.designs import DESIGNS
    from scenarios.errors import nearest

    made = None
    if given.protocol is not None:
        from evaluation.protocol import read_protocol

        made = read_protocol(given.protocol, must_be_frozen=True)
        for name, stated in (("design", made.design), ("outcome", made.outcome)):
            if getattr(given, name) not in (None, stated):
                raise InputError(f"--{name}", f"is '{getattr(given, name)}', but the frozen protocol says '{stated}'")
            setattr(given, name, stated)
        given.cluster = given.cluster or made.cluster
        given.covariates = given.covariates or ",".join(made.covariates)
    for name in ("design", "outcome"):
        if not getattr(given, name):
            raise InputError("intsim evaluate", f"give --{name} (or a frozen protocol)")
    if given.design not in DESIGNS:
        raise InputError("--design", f"no such design '{given.design}': {nearest(given.design, DESIGNS)}")
    return made


def _source(given: argparse.Namespace, protocol: Protocol | None) -> Source:
    from evaluation.causal.sources import from_csv, from_run, parse_starts

    starts = parse_starts(given.starts) if given.starts else {}
    if given.source.is_dir():
        if not starts:
            raise InputError("--starts", "is needed with a run: a run has no months before its start; name UNIT=MONTH")
        controls = protocol.negative_controls if protocol else ()
        outcomes = (given.outcome, *controls)
        unit = given.unit or "neighbourhood"
        return from_run(given.source, unit, outcomes, starts, given.arm, given.replication, given.as_lived)
    names = dict(pair.split("=", 1) for pair in given.map.split(",") if "=" in pair)
    population = Path(given.population) if given.population.endswith(".csv") else None
    unit = given.unit or "unit"
    return from_csv(given.source, starts, given.outcome, given.dataset, unit, names=names, population=population)


def _evaluated(given: argparse.Namespace, source: Source, protocol: Protocol | None) -> tuple[Table, Evaluation]:
    from evaluation.causal.designs import evaluate, negative_control

    table = _table(given, source)
    made = evaluate(table, given.design, given.seed)
    controls = protocol.negative_controls if protocol else ()
    extra = tuple(negative_control(table, given.design, name, given.seed) for name in controls)
    if protocol is not None and protocol.competing_deaths == "survivors_named_as_such":
        words = "about survivors alone: a service that changes who survives changes who is compared"
        made = replace(made, results=tuple(each.with_cautions(words) for each in made.results))
    return table, replace(made, results=(*made.results, *extra))


def _table(given: argparse.Namespace, source: Source) -> Table:
    from evaluation.causal.designs import Table
    from scenarios.errors import nearest

    frame = source.frame
    counted = given.source.is_dir() or given.dataset or given.population.endswith(".csv")
    unit = "unit" if counted else given.unit or "unit"
    if given.only:
        names = frame[unit].astype(str) if unit in frame.columns else None
        if names is None or not (names == given.only).any():
            raise InputError(
                "--only", f"no unit '{given.only}': {nearest(given.only, set(names) if names is not None else ())}"
            )
        frame = frame[names == given.only]
    population = "population" if given.population.endswith(".csv") else given.population
    first = given.first_treated or ("first_treated" if given.starts else "")
    treated = given.treated or ("treated" if given.starts and given.design == "its" else "")
    return Table(
        frame,
        given.outcome,
        unit=unit,
        time=given.time,
        first_treated="" if given.treated or given.design in ("its", "cohort", "rates") else first,
        treated=treated,
        cluster=given.cluster,
        covariates=tuple(name for name in given.covariates.split(",") if name),
        population=population,
        person=given.person,
    )


def _origin(given: argparse.Namespace, protocol: Protocol | None) -> dict[str, object]:
    from importlib.metadata import version

    from evaluation.causal.export import file_hash

    said = {name: str(value) for name, value in vars(given).items() if value not in (None, "", False)}
    return {
        "intsim": version("intsim"),
        "arguments": said,
        "source_sha256": file_hash(given.source),
        "protocol_sha256": protocol.sha256 if protocol else None,
        "prespecified": protocol is not None,
    }


def _dictionary() -> str:
    from evaluation.causal.observed import dictionary

    lines = []
    for dataset, rows in dictionary().groupby("dataset", sort=False):
        lines.append(f"{dataset}: {rows['title'].iloc[0]}")
        for row in rows.to_dict("records"):
            where = f" where {row['where_field']} is {row['keep']}" if row["where_field"] else ""
            what = {"count": "rows", "sum": f"sum of {row['field']}"}.get(row["role"], row["field"])
            lines.append(f"  {row['panel_column'] or row['role']:<30} {what}{where}")
    lines.append("Every count comes with <count>_people, the different people behind it, where the dataset knows them.")
    return "\n".join(lines)
