"""The page of a fit: one self-contained HTML file, and its charts as SVG and PNG beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import PackageLoader
from matplotlib.figure import Figure

from calibration.fit.results import Results
from calibration.history_matching.implausibility import CUT
from calibration.page import figures as charts
from calibration.page import tables
from calibration.page.words import not_informed, not_reached, promises
from evaluation.figures.style import save
from evaluation.page import Section
from evaluation.page_tables import PageTable
from evaluation.templating import environment
from scenarios.whole_file import write_text

FILE = "calibration.html"
FIGURES = "figures"
TITLES = {
    "fitted": "Targets that were fitted",
    "held_out": "Targets that were held out",
    "set_directly": "Targets that were set directly",
}


def write_page(results: Results, folder: Path) -> Path:
    """Write the page of ``results`` and its charts into ``folder``; return the page's path."""
    template = environment(PackageLoader("calibration.page", ".")).get_template("calibration.html")
    text = template.render(**_context(results, folder / FIGURES))
    write_text(folder / FILE, text)
    return folder / FILE


def _context(results: Results, folder: Path) -> dict[str, Any]:
    about = results.about
    return {
        "name": about["name"],
        "promises": promises(results),
        "informed": not_informed(results) if fitted_here(results) else "",
        "not_reached": not_reached(results),
        "facts": _facts(results),
        "sections": _sections(results, folder),
        "version": about.get("intsim", "not stated"),
        "finished": about.get("finished", "not stated"),
    }


def fitted_here(results: Results) -> bool:
    """Return whether parameters were fitted: no, where a posterior was carried to a place."""
    return not results["parameters"].empty


def _facts(results: Results) -> list[tuple[str, str]]:
    about, result, plan = results.about, results.about["result"], results.about["plan"]
    roles = results["targets"]["role"].value_counts()
    counts = ", ".join(
        f"{roles.get(role, 0)} {role.replace('_', ' ')}" for role in ("fitted", "set_directly", "held_out")
    )
    where = about.get("targets", {}).get("name", "its own")
    if not fitted_here(results):
        return [
            ("Place", str(about["place"])),
            ("Targets", f"{where}: {counts}"),
            ("Parameters", str(about["start"])),
            ("Runs", f"{result['points']} points, {result['replications']} runs each"),
            ("Seed", str(plan["seed"])),
        ]
    return [
        ("Place", str(about["place"])),
        ("Targets", f"{where}: {counts}"),
        ("Parameters", str(len(results["parameters"]))),
        *([("Drawn, not fitted", str(about["national"]))] if "national" in about else []),
        ("Runs", f"{result['runs']:,}; at most {plan['waves']} waves of {plan['points']} points"),
        ("Stopped", str(result["stopped"])),
        ("Posterior", f"{result['points']} points, {result['replications']} runs each, weighted"),
        ("Seed", str(plan["seed"])),
    ]


def _sections(results: Results, folder: Path) -> list[Section]:
    made = []
    for role, title in TITLES.items():
        if (results["targets"]["role"] == role).any():
            made.append(_targets(results, folder, role, title))
    made += _skill(results, folder)
    if not fitted_here(results):
        return [*made, _coverage(results, folder), _weights(results)]
    made += [_parameters(results, folder), *_correlations(results, folder), _waves(results, folder)]
    made += [_emulators(results, folder), *_ranks(results, folder), _coverage(results, folder), _chains(results)]
    return made


def _targets(results: Results, folder: Path, role: str, title: str) -> Section:
    met = results["targets"]
    predicted = results["predictions"]
    chart = charts.draw_targets(predicted[predicted["role"] == role], met[met["role"] == role])
    said = {
        "fitted": "The model's posterior beside what was observed, other periods bridged as each target states.",
        "held_out": "The fit never read these figures: they are what the model is judged by.",
        "set_directly": "These follow from what the model is built on, or were in view as it was: no validation.",
    }
    note = (
        "The predicted interval (90%) holds what would be observed: uncertain parameters, chance between runs, and the "
        "error of observing. Limits of what was observed are at 95%."
    )
    caption = f"{title}: observed and predicted"
    return _section(role, title, [said[role], note], [tables.targets_table(results, role, caption)], (chart, folder))


def _skill(results: Results, folder: Path) -> list[Section]:
    if results["skill"].empty:
        return []
    sentences = [
        "What a spreadsheet would have said, for held-out targets of a named place or month: England's rates applied "
        "to the place, and last year's figure where one was published. A score (CRPS) is in the target's unit; it is "
        "divided by the observed value so that targets can be averaged.",
        "A spreadsheet's figure has no interval, so its score is its error. The last column but one gives it the error "
        "of observing that the model's prediction has, so that it is not beaten for want of an interval; the lower of "
        "the two is what the model has to beat, and is what the figure shows.",
    ]
    chart = charts.draw_skill(results["skill"])
    return [_section("skill", "Against a spreadsheet", sentences, [tables.skill_table(results)], (chart, folder))]


def _parameters(results: Results, folder: Path) -> Section:
    sentences = [
        not_informed(results),
        "A parameter is informed if its posterior is narrower than four fifths of its prior, or its mean has moved by "
        "more than one standard deviation of it.",
    ]
    chart = charts.draw_parameters(results["parameters"])
    shown = [tables.parameters_table(results)]
    return _section("parameters", "Parameters before and after", sentences, shown, (chart, folder))


def _correlations(results: Results, folder: Path) -> list[Section]:
    if len(results["correlations"]) < 2:
        return []
    sentences = [
        "Two parameters that are correlated here cannot be told apart by these targets: one may be high if the other "
        "is low. Use whole rows of the posterior, never one parameter's interval by itself."
    ]
    chart = charts.draw_correlations(results["correlations"])
    shown = [tables.correlations_table(results)]
    return [_section("correlations", "Which parameters go together", sentences, shown, (chart, folder))]


def _waves(results: Results, folder: Path) -> Section:
    cut = float(results.about["plan"].get("cut", CUT))
    sentences = [
        f"A point of the parameters is ruled out if what was observed lies more than {cut:g} standard deviations from "
        "what the model would give there; with more than ten targets the second farthest is judged by, since one of "
        "many may lie far by chance.",
        *(not_reached(results) or ["Each fitted target can be met by some parameters."]),
    ]
    chart = charts.draw_waves(results["waves"], results["wave_points"], cut)
    shown = [tables.waves_table(results), tables.ruled_out_table(results)]
    return _section("waves", "Implausibility by wave", sentences, shown, (chart, folder))


def _emulators(results: Results, folder: Path) -> Section:
    sentences = [
        "Emulators stand for the model where it was not run. Each point is predicted from all the others, and each new "
        "wave's points by emulators that never saw them. An output whose emulator fails is not used to rule out.",
    ]
    chart = charts.draw_emulators(results["emulators"])
    return _section(
        "emulators", "Checks of the emulators", sentences, [tables.emulators_table(results)], (chart, folder)
    )


def _ranks(results: Results, folder: Path) -> list[Section]:
    if results["ranks"].empty:
        return []
    sentences = [
        "Parameters are drawn from the prior, data made from them, and the data fitted in the same way: the rank of "
        "the truth among draws of its posterior must be uniform (simulation-based calibration). This tests the "
        "likelihood and the chains, not whether the model is right."
    ]
    chart = charts.draw_ranks(results["ranks"])
    return [_section("ranks", "Would the fit find what it drew itself?", sentences, [], (chart, folder))]


def _coverage(results: Results, folder: Path) -> Section:
    sentences = ["Of intervals stated at 50%, 80%, 90% and 95%, how many hold what was observed."]
    chart = charts.draw_coverage(results["coverage"])
    return _section("coverage", "Coverage", sentences, [tables.coverage_table(results)], (chart, folder))


def _weights(results: Results) -> Section:
    result = results.about["result"]
    number = result.get("weighed_by")
    weighed = (
        "They count alike: the posterior was fitted to these targets already, or none here may be fitted."
        if number == 0
        else f"Weighed by {'the' if number is None else number} targets that may be fitted here and were not before, "
        f"{result['points']} of them are worth {result['kish_size']:.0f} equal draws (Kish). The same runs weigh them "
        "and are judged, so that of few points some look better than they are by chance."
    )
    sentences = [f"The points are equal draws of the posterior named above. {weighed}"]
    return Section("weights", "Weights", sentences, [])


def _chains(results: Results) -> Section:
    result = results.about["result"]
    sentences = [
        f"Two effective sizes are different things. Weights: {result['points']} points are worth "
        f"{result['kish_size']:.0f} equal draws (Kish), {result['kish_size_before_smoothing']:.0f} before the largest "
        "weights were smoothed. Chains: how many independent draws a chain is worth (MCMC), in the table.",
        f"Chains accepted {result['steps_accepted']:.0%} of their steps.",
    ]
    return Section("chains", "Weights and chains", sentences, [tables.chains_table(results)])


def _section(
    anchor: str, title: str, sentences: Sequence[str], shown: Sequence[PageTable], chart: tuple[Figure, Path]
) -> Section:
    drawing, folder = chart
    svg = save(drawing, folder, anchor)
    image = "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode("ascii")
    alt = f"Chart: {title}. {' '.join(sentences)}"
    kept = [table for table in shown if table.rows]
    return Section(anchor, title, sentences, kept, image, alt)
