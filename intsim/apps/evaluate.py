"""``intsim evaluate``: what a roll-out did, for whom and to the gap, from real data or from a run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from intsim.apps.arguments import Parser, parse, parser
from intsim.apps.evaluate_options import (
    BY_PERIOD,
    SERIES,
    check_columns,
    options_given,
    population_file,
    refuse_beside,
    refuse_useless,
)
from intsim.outputs import check_folder
from scenarios.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from evaluation.causal.by_quintile import ByQuintile
    from evaluation.causal.designs import Evaluation, Table
    from evaluation.causal.sources import Source
    from evaluation.protocol import Protocol
    from evaluation.suppression import SmallNumbers

ABOUT = "Estimate what a roll-out did, from a CSV of real data or the folder of a run."


def main(words: Sequence[str]) -> int:
    """Print every estimator's answer with its cautions; write tables and figures if asked.

    Raises InputError for a source or a folder that cannot be used.
    """
    made = _parser()
    given = parse(made, words)
    refuse_beside(options_given(made, given))
    if given.dictionary:
        print(_dictionary(given.rules))
        return 0
    if given.freeze is not None:
        from intsim.apps.evaluate_plan import frozen

        print(f"Frozen: {frozen(given.freeze)}")
        return 0
    if given.source is None:
        raise InputError("intsim evaluate", "give a CSV file or the folder of a run")
    check_folder(given.output)
    if given.output is not None and given.output.exists() and any(given.output.iterdir()):
        raise InputError(str(given.output), "holds files already: give a new or empty folder")
    if given.aim:
        from intsim.apps.evaluate_aim import track

        return track(given)
    from intsim.apps.evaluate_plan import bound, in_words

    protocol, loose = bound(made, given)  # read and checked before any outcome is
    refuse_useless(given, options_given(made, given))
    print("\n".join(in_words(protocol, loose, given.source)))
    source = _source(given, protocol)
    check_columns(given, source.frame)
    table, evaluation = _evaluated(given, source, protocol)
    from evaluation.causal.disclosure import behind
    from evaluation.causal.export import Results, report, write

    results = Results(
        evaluation,
        table.outcome.replace("_", " ") + _per(given),
        _fifths(given, source, table),
        source.tally,
        source.effect.get(table.outcome),
        {fifth: value for (name, fifth), value in source.split_effect.items() if name == table.outcome},
        behind(table),
        _rule(given, source),
        table.starts,
    )
    print("\n".join([source.words, *source.notes]) + "\n")
    print(report(results))
    if given.output is not None:
        print(f"Tables and figures: {write(given.output, results, _origin(given, protocol, loose))}")
    return 0


def _parser() -> Parser:
    made = parser("evaluate", ABOUT)
    made.add_argument("source", nargs="?", type=Path, metavar="RUN_OR_CSV", help="folder of a run, or a CSV file")
    made.add_argument("--design", help="did, synthetic, wedge, its, comparative, cohort or rates")
    made.add_argument("--outcome", help="column, or outcome of the panel (ed_attendances)")
    made.add_argument("--unit", default="", help="column of units (default unit; of a run: neighbourhood)")
    made.add_argument("--time", default="month", help="column of periods (default month)")
    made.add_argument("--starts", default="", help="UNIT=MONTH,UNIT=MONTH or a CSV of unit, start")
    made.add_argument("--first-treated", default="", help="column of the period treatment starts (empty: never)")
    made.add_argument("--treated", default="", help="column of 0 and 1")
    made.add_argument("--covariates", default="", help="columns measured before the start: a,b,c")
    made.add_argument("--cluster", default="", help="column that says which rows belong together")
    made.add_argument("--person", default="", help="column that identifies people, where a row is not one person")
    made.add_argument("--population", default="", help="CSV of unit, population; or a column of people or time at risk")
    made.add_argument("--only", default="", help="for its: this unit's rows; for comparative: these two's (A,B)")
    made.add_argument(
        "--quintile", default="", help="column of fifths of deprivation, 1 = most deprived (a run has its own)"
    )
    made.add_argument("--score", default="", help="column of a deprivation score, to check which end is 1")
    made.add_argument(
        "--dataset",
        default="",
        help="the file holds records: sus_apc, sus_op, ecds, csds, gp_appointments or scorecard",
    )
    made.add_argument("--map", default="", help="dictionary field=your column, separated by commas")
    made.add_argument("--where", default="", help="records, or rows of a panel, to keep: 'field=A|B; field>=18'")
    made.add_argument("--rules", type=Path, metavar="FILE", help="CSV of dictionary rows of your own")
    made.add_argument("--arm", default="", help="of a run: the design whose effect is used")
    made.add_argument("--as-lived", action="store_true", help="for a run: its own start months, given in --starts")
    made.add_argument("--replication", type=int, default=0, help="of a run: which replication (default 0)")
    made.add_argument("--seed", type=int, default=1, help="random seed for resampling (default 1)")
    made.add_argument("--small-numbers", default="", help="hes (default for files), under_six, none (default for runs)")
    made.add_argument("--protocol", type=Path, metavar="FILE", help="a frozen protocol, which sets design and outcome")
    made.add_argument("--freeze", type=Path, metavar="FILE", help="freeze a protocol and stop")
    made.add_argument("--aim", default="", help="of a run: follow an aim for the life-expectancy gap (bi_borough_2035)")
    made.add_argument("--baseline-gap", default="", help="with --aim, the observed gap: male=9.4:7.0:11.8,female=...")
    made.add_argument("--output", type=Path, metavar="DIR", help="write tables and figures to a new folder")
    made.add_argument("--dictionary", action="store_true", help="print which NHS field becomes which column, and stop")
    return made


def _source(given: argparse.Namespace, protocol: Protocol | None) -> Source:
    from evaluation.causal.sources import FromFile, FromRun, from_csv, from_run, parse_starts
    from evaluation.observed.records import How
    from intsim.apps.evaluate_plan import mapped

    starts = parse_starts(given.starts) if given.starts else {}
    if given.source.is_dir():
        if not starts:
            raise InputError("--starts", "is needed with a run: a run has no months before its start; name UNIT=MONTH")
        controls = protocol.negative_controls if protocol else ()
        outcomes = (given.outcome, *controls)
        unit = given.unit or "neighbourhood"
        which = FromRun(given.arm, given.replication, given.as_lived, _only(given), given.design in SERIES)
        return from_run(given.source, unit, outcomes, starts, which)
    how = How(mapped(given.map), given.where, given.quintile if given.dataset else "")
    file = population_file(given.population)
    people = given.population if file is None and given.design in BY_PERIOD else ""
    controls = protocol.negative_controls if protocol else ()
    read = FromFile(given.dataset, given.unit or "unit", how, file, given.rules, people, controls)
    return from_csv(given.source, starts, given.outcome, read)


def _evaluated(given: argparse.Namespace, source: Source, protocol: Protocol | None) -> tuple[Table, Evaluation]:
    from evaluation.causal.by_quintile import together
    from evaluation.causal.designs import evaluate, negative_control, primary

    table = together(_table(given, source.frame, protocol))
    made = evaluate(table, given.design, given.seed)
    extra = []
    people = f"{table.outcome}_people"
    if people in table.frame.columns:  # events and the people who had them are two questions
        words = "as the primary, of different people a month in place of events"
        found = primary(replace(table, outcome=people), given.design, given.seed)
        extra.append(replace(found, method=f"{found.method}_of_people", estimand=words))
    controls = protocol.negative_controls if protocol else ()
    extra += [negative_control(table, given.design, name, given.seed) for name in controls]
    results = (*made.results, *extra)
    if protocol is not None and protocol.competing_deaths == "survivors_named_as_such":
        words = "about survivors alone: a service that changes who survives changes who is compared"
        results = tuple(each.with_cautions(words) for each in results)
    return table, replace(made, results=results)


def _fifths(given: argparse.Namespace, source: Source, table: Table) -> ByQuintile | None:
    """Return the results by fifth, where the table knows fifths."""
    from evaluation.causal.by_quintile import by_quintile

    own = given.quintile if not given.dataset and not given.source.is_dir() else ""
    if source.split is None and not own:
        return None
    frame = source.frame if source.split is None else source.split
    split = _table(given, frame, None)
    split = replace(split, quintile=own or "quintile", score=given.score, follow_up=table.follow_up)
    return by_quintile(replace(split, estimand=table.estimand), given.design, given.seed)


def _per(given: argparse.Namespace) -> str:
    """Return what the outcome is counted over, as words after its name."""
    if given.source.is_dir():
        return " per 1,000 residents a year"
    if population_file(given.population) or (given.population and given.design in BY_PERIOD):
        return f" per 1,000 a {given.time}"
    if given.design not in BY_PERIOD or "per" in given.outcome.split("_"):
        return ""
    return f" per {given.unit or 'unit'} and {given.time}"


def _table(given: argparse.Namespace, rows: pd.DataFrame, protocol: Protocol | None) -> Table:
    from evaluation.causal.designs import Table
    from scenarios.errors import nearest

    run, file = given.source.is_dir(), population_file(given.population)
    unit = "unit" if run or given.dataset or file else given.unit or "unit"
    if given.only:
        if unit not in rows.columns:
            raise InputError("--only", f"no column '{unit}' of units: {nearest(unit, map(str, rows.columns))}")
        names = rows[unit].astype(str)
        for name in _only(given):
            if not (names == name).any():
                raise InputError("--only", f"no unit '{name}': {nearest(name, set(names))}")
        rows = rows[names.isin(_only(given))]
    series = given.design in SERIES
    rates = bool(file) or (series and run) or (bool(given.population) and given.design in BY_PERIOD)
    first = given.first_treated or ("first_treated" if given.starts else "")
    treated = given.treated or ("treated" if given.starts and series else "")
    return Table(
        rows,
        given.outcome,
        unit=unit,
        time=given.time,
        first_treated="" if given.treated or series or given.design in ("cohort", "rates") else first,
        treated=treated,
        cluster=given.cluster,
        covariates=tuple(name for name in given.covariates.split(",") if name),
        population="population" if rates else given.population,
        person=given.person,
        follow_up=protocol.follow_up_periods if protocol else 0,
        estimand=protocol.estimand if protocol else "att",
    )


def _only(given: argparse.Namespace) -> tuple[str, ...]:
    """Return the units named by --only."""
    return tuple(name.strip() for name in given.only.split(",") if name.strip())


def _rule(given: argparse.Namespace, source: Source) -> SmallNumbers:
    """Return the rule for small numbers: nobody in a run is real; real ones are hidden unless told otherwise."""
    from evaluation.suppression import AS_IT_IS, HES, RULES
    from scenarios.errors import nearest

    if not given.small_numbers:
        return AS_IT_IS if source.simulated else HES
    if given.small_numbers not in RULES:
        raise InputError("--small-numbers", f"no rule '{given.small_numbers}': {nearest(given.small_numbers, RULES)}")
    return RULES[given.small_numbers]


def _origin(given: argparse.Namespace, protocol: Protocol | None, loose: Sequence[str]) -> dict[str, object]:
    from importlib.metadata import version

    from evaluation.causal.export import file_hash

    said = {name: str(value) for name, value in vars(given).items() if value not in (None, "", False)}
    return {
        "intsim": version("intsim"),
        "arguments": said,
        "source_sha256": file_hash(given.source),
        "protocol_sha256": protocol.sha256 if protocol else None,
        "protocol_frozen_on": protocol.frozen_on if protocol else None,
        "prespecified": protocol is not None,
        "not_fixed_by_the_protocol": list(loose) if protocol else [],
    }


def _dictionary(rules: Path | None) -> str:
    from evaluation.observed.dictionary import dictionary, not_observed

    lines = []
    for dataset, rows in dictionary(rules).groupby("dataset", sort=False):
        lines.append(f"{dataset}: {rows['title'].iloc[0]}")
        for row in rows.to_dict("records"):
            where = f" where {row['where']}" if row["where"] else ""
            what = {"count": "rows", "sum": f"sum of {row['field']}"}.get(row["role"], row["field"])
            check = " (recalled: check)" if row["basis"] == "recalled" else ""
            beyond = " (not a column of the panel)" if row["in_panel"] == "no" else ""
            lines.append(f"  {row['column'] or row['role']:<30} {what}{where}{check}{beyond}")
    lines.append("Every count comes with <count>_people, the different people behind it, where the dataset knows them.")
    lines.append("Columns of the panel that none of these datasets gives:")
    lines += [f"  {row['column']:<30} {row['why']}" for row in not_observed().to_dict("records")]
    return "\n".join(lines)
