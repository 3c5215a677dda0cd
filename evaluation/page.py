"""The page of a comparison: charts, sentences and tables put into one self-contained HTML file."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from evaluation.closed import NOTE as CLOSED_NOTE
from evaluation.closed import closed_tables
from evaluation.doses import Dose, doses_of
from evaluation.figures import activity, deprivation, flow, waits
from evaluation.figures.style import save, words
from evaluation.findings import STANDARD, STANDARDISED, Findings
from evaluation.inequality.gaps import CRUDE
from evaluation.outcomes import MAIN, RATE_UNIT, outcome
from evaluation.page_tables import (
    PageTable,
    dose_table,
    exposure_table,
    flow_table,
    gap_table,
    headline_table,
    quintile_table,
    series_table,
    services_table,
    waits_table,
)
from evaluation.roll_out import late_starts, roll_out
from evaluation.rounding import MINUS
from evaluation.run_folder import RunFolder
from evaluation.sentences import difference, gap_sentence, headline, paired_sentence, ratio_sentence
from evaluation.stopped import stopped_words
from evaluation.switched_runs import NOTE as STRUCTURE_NOTE
from evaluation.switched_runs import STRUCTURE, read_rows, structure_tables
from evaluation.switches import switched
from evaluation.templating import environment
from evaluation.twins import paired_frame
from evaluation.uncertainty import NOTE, uncertainty_tables

MOST_TOLD = 6  # changed settings that a sentence can hold; more are a table
SEEDS = ("experiment", "population", "simulation")  # those a reader may set; the rest follow from them
SCOPE_OUT = (
    "psychiatric inpatient, maternity, neonatal and cancer pathways",
    "private care and self-funder markets",
    "care-home supply",
    "commuters and tourists (load on services only)",
    "pollution, schools and the macro-economy",
    "prediction for an individual",
)


@dataclass(frozen=True)
class Section:
    """One chart (or none) with its sentences and tables. ``image`` is the SVG as a data address."""

    anchor: str
    title: str
    sentences: Sequence[str]
    tables: Sequence[PageTable]
    image: str = ""
    alt: str = ""


def html(findings: Findings, figures: Path) -> str:
    """Write the charts of ``findings`` into ``figures`` (SVG and PNG) and return the page."""
    return environment().get_template("compare.html").render(**_context(findings, figures))


def population(findings: Findings) -> str:
    """Return who and how long: '44,980 residents over 12 months'."""
    run = findings.run
    return f"{run.residents:,} residents over {run.horizon_months} months"


def _context(findings: Findings, figures: Path) -> dict[str, Any]:
    run = findings.run
    return {
        "title": f"{' and '.join(words(design) for design in run.designs)} against {words(run.baseline)}",
        "place": run.place,
        "standing": run.standing,
        "facts": _facts(findings),
        "headlines": headlines(findings),
        "headline_tables": [headline_table(findings, design) for design in run.designs],
        "scope_out": SCOPE_OUT,
        "sections": _sections(findings, figures),
        "limits": _limits(findings),
        "rate_unit": RATE_UNIT,
        "version": run.manifest.get("version") or run.manifest.get("intsim") or "not stated",
        "created": run.manifest.get("created") or run.manifest.get("finished") or "not stated",
        "seeds": _pairs({name: seed for name, seed in (run.manifest.get("seeds") or {}).items() if name in SEEDS}),
    }


def _facts(findings: Findings) -> list[tuple[str, str]]:
    run = findings.run
    first = str(run.panel.loc[run.panel["month"] >= 0].sort_values("month")["month_start"].iloc[0])
    repeated = f"{run.replications} per arm, the same random numbers in every arm"
    drawn = f"{run.draws} draws of the uncertain parameters; for each, {repeated}" if run.draws > 1 else repeated
    return [
        ("Compared", f"{', '.join(words(d) for d in run.designs)} with {words(run.baseline)} (the baseline)"),
        ("Place", run.place),
        ("Population", f"{run.residents:,} residents; rates are per 1,000 residents per year lived there"),
        ("Horizon", f"{run.horizon_months} months from go-live ({first})"),
        ("Goes live", roll_out(run)),
        ("Replications", drawn),
        ("Parameters from", str(run.manifest.get("parameters") or "not recorded in this run")),
        ("Deprivation", f"{run.basis}; quintile: a fifth of {_whose(run.basis.scope)}"),
        ("Residents reached", _reached(run)),
        ("Local factors (ratio to England)", _pairs(run.manifest.get("local_factors")) or "none applied"),
        ("Mechanisms switched", switched(run.said("scenario", "structure"))),
    ]


def _whose(scope: str) -> str:
    return "England's communities" if scope == "national" else "this place's own residents, by community"


def _reached(run: RunFolder) -> str:
    """Return how many residents each design reached and their share of use, or that the run did not record it."""
    if run.exposure is None:
        return "not recorded in this run"
    said = []
    for design in run.designs:
        mine = run.exposure[(run.exposure["arm"] == design) & (run.exposure["lever"] == "any")]
        if not mine.empty:
            people, usual = mine["people_reached"].mean(), mine["people_reached_usual"].mean()
            share = 100 * mine["ed_attendances_share"].mean()
            said.append(
                f"{words(design)}: {people:,.0f} people since it began, including those who came and went, where "
                f"{mine['residents'].mean():,.0f} live at any one time; {usual:,.0f} in {words(run.baseline)}; those "
                f"newly reached made {share:.2g}% of the baseline's ED attendances"
            )
    return "; ".join(said) or "not recorded in this run"


def _pairs(found: Any) -> str:
    if not isinstance(found, dict):
        return ""
    return "; ".join(
        f"{words(str(name))} {value:.3g}" if isinstance(value, float) else f"{words(str(name))} {value}"
        for name, value in found.items()
    )


def headlines(findings: Findings) -> list[str]:
    """Return one sentence on each main outcome of each design and on its gap, which comes first where it widens."""
    run = findings.run
    found = late_starts(run, run.horizon_months)
    for design in run.designs:
        rows = [row for name in MAIN if (row := findings.row(design, name)) is not None]
        outcomes = [headline(row, run.baseline, design, population(findings)) for row in rows]
        gap = findings.gap_row(design, MAIN[0], "absolute_q1_minus_q5")
        gaps = [] if gap is None else [gap_sentence(gap, run.baseline, design, run.basis.fifths)]
        ratio = findings.gap_row(design, MAIN[0], "relative_q1_over_q5")
        if ratio is not None:
            gaps.append(ratio_sentence(ratio, run.baseline, design))
        widens = gap is not None and gap["verdict"] == "higher"  # a design that widens a gap says so first
        found += [*gaps, *outcomes] if widens else [*outcomes, *gaps]
    return found


def _limits(findings: Findings) -> list[str]:
    run = findings.run
    found = []
    if run.replications * run.draws == 1:
        found.append(
            "One replication was run, with parameters at their central values: there are no intervals, and any "
            "difference here may be chance."
        )
    elif run.draws == 1:
        found.append(
            "Parameters are held at their central values: intervals show chance between replications only, "
            "not how uncertain the evidence is. The real uncertainty is wider."
        )
    else:
        found.append(
            f"Intervals are for the mean over {run.draws} draws of the parameters: more draws narrow them. What the "
            "evidence leaves open may be wider: see the spread over draws, under Where the uncertainty comes from."
        )
    if stopped := stopped_words(run):
        found.append(stopped)
    if run.horizon_months < 36:
        found.append(
            f"The horizon is {run.horizon_months} months. Reach alone takes about two years to build: "
            "a short run shows the start of a design, not its full effect."
        )
    return found


def _sections(findings: Findings, figures: Path) -> list[Section]:
    made = [
        *_doses(findings),
        *_reach(findings),
        *_uncertainty(findings),
        *_structure(findings),
        *_closed(findings),
        _activity(findings, figures),
        _quintiles(findings, figures),
        _gaps(findings, figures),
    ]
    run = findings.run
    if run.flows is not None and not run.flows.empty:
        made.append(_flow(run, run.flows, figures))
    if run.waits is not None and not run.waits.empty:
        made.append(_waits(run, run.waits, figures))
    if run.services is not None and not run.services.empty:
        table = services_table(run.services, run.arms)
        note = (
            "Everyone at the service counts, people from elsewhere too. A dash: the service had no capacity, or "
            "(clinics) its backlog is not modelled."
        )
        made.append(Section("services", "How full services were", [note], [table]))
    return made


def _doses(findings: Findings) -> list[Section]:
    run = findings.run
    if run.baseline not in run.settings:
        return []
    doses = doses_of(
        run.settings[run.baseline], {name: run.settings[name] for name in run.designs if name in run.settings}
    )
    designs = [name for name in run.designs if name in run.settings]
    changed = [dose for dose in doses if any(dose.added.values())]
    sentences = [_adds(name, run.baseline, [dose for dose in changed if dose.added.get(name)]) for name in designs]
    note = "Usual care holds today's dose of every lever: a design is credited with what it adds, and pays for it."
    tables = [dose_table(changed, designs, run.baseline, everything=False)] if len(changed) > MOST_TOLD else []
    tables.append(dose_table(doses, designs, run.baseline))
    return [Section("doses", "Existing and added dose", [note, *sentences], tables)]


def _adds(design: str, baseline: str, added: Sequence[Dose]) -> str:
    """Return in words what a design adds; where that is a long list, how many settings, for the table to tell."""
    head = f"{words(design)} adds to {words(baseline)}"
    if len(added) > MOST_TOLD:
        return f"{words(design)} differs from {words(baseline)} in {len(added)} settings: see the table."
    return f"{head}: {'; '.join(dose.in_words(design) for dose in added) or 'nothing'}."


def _reach(findings: Findings) -> list[Section]:
    run = findings.run
    if run.exposure is None or not (run.exposure["people_reached"] > 0).any():
        return []
    note = (
        "A design changes directly the use of people it reaches. Newly reached: reached with a lever by the design and "
        "not by the baseline; their share of the baseline's use is most of what can change directly, queues and "
        "displacement aside. Those whom both reach, with a larger dose in the design, are not among them."
    )
    return [Section("reach", "Whom the design reached", [note], [exposure_table(run.exposure, run.designs)])]


def _uncertainty(findings: Findings) -> list[Section]:
    tables = uncertainty_tables(findings)
    return [Section("uncertainty", "Where the uncertainty comes from", [NOTE], tables)] if tables else []


def _closed(findings: Findings) -> list[Section]:
    tables = closed_tables(findings.run)
    return [Section("closed", "Those already living there at go-live", [CLOSED_NOTE], tables)] if tables else []


def _structure(findings: Findings) -> list[Section]:
    path = findings.run.path / STRUCTURE
    if not path.is_file():
        return [Section("structure", "What rests on single mechanisms", [NOT_SWITCHED], [])]
    tables = structure_tables(read_rows(path), findings.run.baseline)
    return [Section("structure", "What rests on single mechanisms", [STRUCTURE_NOTE], tables)]


NOT_SWITCHED = (
    "Not known yet. Trust, above all, is an assumption: `intsim structure` with this folder and `trust` runs the "
    "comparison again without it, and shows both here."
)


def _activity(findings: Findings, figures: Path) -> Section:
    run = findings.run
    table = activity.activity(run.panel)
    sentences = [
        f"Monthly activity as a yearly rate, {RATE_UNIT}; mean over replications with its 95% interval (band). "
        "Vertical axes do not start at zero.",
        "Arms share their random numbers, so the difference between them is known better than the bands suggest: "
        "read it from the table of differences above.",
    ]
    if run.replications * run.draws == 1:
        sentences = [f"Monthly activity as a yearly rate, {RATE_UNIT}; one replication, so there is no band."]
    caption = f"Activity by month, {RATE_UNIT} (95% interval of the mean)"
    return _section(
        "activity",
        "Activity over time",
        sentences,
        [series_table(table, run.arms, caption)],
        (activity.draw_activity(table, run.arms), figures),
    )


def _quintiles(findings: Findings, figures: Path) -> Section:
    run = findings.run
    table = deprivation.change_by_quintile(findings.differences)
    sentences = []
    for design in run.designs:
        for name in MAIN:
            most, least = findings.row(design, name, "1"), findings.row(design, name, "5")
            if most is not None and least is not None:
                sentences.append(
                    f"{outcome(name).label}, {words(design)}: {difference(most, MINUS)} in the most deprived fifth, "
                    f"{difference(least, MINUS)} in the least deprived, {RATE_UNIT}."
                )
    return _section(
        "deprivation",
        "Change by deprivation",
        sentences,
        [quintile_table(findings, design) for design in run.designs],
        (deprivation.draw_change_by_quintile(table, run.arms, str(run.basis)), figures),
    )


def _gaps(findings: Findings, figures: Path) -> Section:
    run = findings.run
    table = deprivation.gap_series(run.panel, standard=STANDARD)
    sentences = []
    for design in run.designs:
        for name in MAIN:
            row = findings.gap_row(design, name, "absolute_q1_minus_q5")
            if row is not None:
                sentences.append(gap_sentence(row, run.baseline, design, run.basis.fifths))
    tables = [gap_table(findings, design, basis) for design in run.designs for basis in (STANDARDISED, CRUDE)]
    drawn = table[table["mean"].notna()]
    if drawn.empty:
        sentences.append("There is no whole quarter in which the gap is defined, so no chart over time.")
        return Section("gap", "The gap", sentences, tables)
    tables.append(series_table(table, run.arms, f"Gap by quarter, age-sex standardised, {RATE_UNIT}"))
    chart = deprivation.draw_gap_over_time(drawn, run.arms, str(run.basis))
    return _section("gap", "The gap over time", sentences, tables, (chart, figures))


def _flow(run: RunFolder, flows: pd.DataFrame, figures: Path) -> Section:
    table = flow.flow_rates(flows, run.panel)
    sentences = [
        f"Each band is the number of steps from one contact to the next, {RATE_UNIT}; its width is to scale, "
        "the same in every panel. Needs start on the left and end on the right.",
        "Repeat contacts at the same service are in the table but not drawn. Only residents are counted.",
    ]
    for design in run.designs:
        for node, what in (("ed", "Steps into ED"), ("bed", "Steps into a hospital bed")):
            found = flow.steps_into(table, node)
            if set(run.arms) <= set(found["arm"]):
                row = paired_frame(found, run.baseline, design)
                sentences.append(paired_sentence(what, row, run.baseline, design, RATE_UNIT))
    tables = [flow_table(table, run.arms)]
    return _section("flow", "Flow through the tiers", sentences, tables, (flow.draw_flow(table, run.arms), figures))


def _waits(run: RunFolder, counted: pd.DataFrame, figures: Path) -> Section:
    sentences = [
        "Of the people who were seen, the share who had waited no longer than a given time; a curve further to the "
        "left means shorter waits. Everyone at the service counts, people from elsewhere too; not those who gave up. "
        "Clinics are left out: their backlog is not modelled.",
    ]
    counted = waits.told(counted)
    shares = waits.seen_within(counted)
    for design in run.designs:
        for service, within in (("gp", "1 wk"), ("ed", "4 h")):
            mine = shares[(shares["service"] == service) & (shares["within_s"] == waits.TIMES[within])]
            if {run.baseline, design} <= set(mine["arm"]):
                found = mine.assign(value=100 * mine["value"], reason="")
                row = paired_frame(found[found["arm"].isin([run.baseline, design])], run.baseline, design)
                what = f"{waits.service_label(service)}, share of those seen who waited at most {within}"
                sentences.append(paired_sentence(what, row, run.baseline, design, "per cent"))
    tables = [waits_table(waits.seen_table(counted, run.arms), run.arms)]
    chart = waits.draw_waits(shares, run.arms)
    return _section("waits", "Waits", sentences, tables, (chart, figures))


def _section(
    anchor: str, title: str, sentences: Sequence[str], tables: Sequence[PageTable], chart: tuple[Figure, Path]
) -> Section:
    drawing, folder = chart
    svg = save(drawing, folder, anchor)
    image = "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode("ascii")
    alt = f"Chart: {title}. {' '.join(sentences)} The figures are in the table below."
    return Section(anchor, title, sentences, tables, image, alt)
