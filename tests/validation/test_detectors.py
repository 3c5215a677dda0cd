"""Toy detectors on a small place: what would fail in a model that only adds up published savings."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.validation import write_page
from intsim.validation import detectors, equity
from intsim.validation.arms import design_of, measure, scenario_of
from intsim.validation.knock_out import bands, contacts_per_1000, per_1000
from intsim.validation.levers import check_named
from sim import codes

SMALL = (
    "place=england_average",
    "place.basis=6000",
    "experiment.burn_in_months=2",
    "experiment.horizon_months=6",
)


@pytest.mark.slow
def test_no_lever_moves_trauma() -> None:
    assert detectors.unavoidable(SMALL, 2).held


@pytest.mark.slow
@pytest.mark.parametrize("check", ["pass_through", "avoidable_ceiling", "reversal", "dose_response"])
def test_a_spreadsheet_would_fail_this(check: str) -> None:
    # Delays of 6,000 residents are mostly chance: whether they shrink takes a larger place, and more runs of it.
    size, runs = (["place.basis=20000"], 6) if check == "reversal" else ([], 3)
    finding = getattr(detectors, check)([*SMALL, "experiment.horizon_months=9", *size], runs)
    assert finding.held, f"{finding.seen}\n{finding.table.to_string()}"


@pytest.mark.slow
def test_a_lever_without_effect_shows_a_fall_before_and_after_and_none_against_twins(tmp_path: Path) -> None:
    finding = detectors.regression_to_the_mean([*SMALL, "experiment.horizon_months=12", "services.background=false"], 3)
    assert finding.held, finding.seen
    page = write_page([finding], [("Settings", "small")], tmp_path / "validation.html").read_text(encoding="utf-8")
    assert finding.seen in page.replace("&#39;", "'")


@pytest.mark.slow
def test_outreach_to_the_most_deprived_closes_a_gap_that_outreach_to_everyone_leaves() -> None:
    words = [*SMALL, "services.background=false", "place.basis=8000", "experiment.horizon_months=8"]
    finding = equity.outreach(words, 3)
    assert finding.held, finding.table.to_string()


@pytest.mark.slow
def test_case_finding_alone_raises_contacts_and_does_not_lower_admissions_in_the_first_year() -> None:
    scenario = scenario_of([*SMALL, "services.background=false", "experiment.horizon_months=12"])
    only = design_of("int.transition.ramp_months=0", "int.population_health.case_finding.reach_share_per_year=0.9")
    probes = {
        "contacts": contacts_per_1000(codes.GP, codes.NURSE, codes.PHARMACIST, codes.OUTPATIENT_NEW),
        "admissions": per_1000("emergency_admissions"),
    }
    found = measure(scenario, {"usual": design_of(), "finding": only}, probes, 3)
    more = found["finding"]["contacts"] - found["usual"]["contacts"]
    change = found["finding"]["admissions"] - found["usual"]["admissions"]
    assert more.min() > 0
    usual = found["usual"]["admissions"].mean()
    assert change.std(ddof=1) / len(change) ** 0.5 < 0.005 * usual  # or else this could tell nothing
    assert change.mean() > -0.01 * usual


def test_every_band_holds_the_figure_that_is_published() -> None:
    for name, band in bands().items():
        assert band.holds(band.published), name


def test_a_lever_without_a_check_is_unknown() -> None:
    with pytest.raises(KeyError):
        check_named("no_such_lever")
