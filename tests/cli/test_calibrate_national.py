"""``intsim calibrate national=``: a place's own fit over a national posterior, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import intsim
from calibration.page.page import FILE
from calibration.posteriors.publish import publish
from calibration.simulators.over import Over
from intsim.cli import main
from intsim.fit_words import split, wanted_of
from intsim.fitting import made_ready
from scenarios.place_files import load_place
from scenarios.registry.reader import load_registry
from sim.world import local_factors
from tests.calibration_targets import kept, made
from tests.unit.test_calibration_posteriors import NAMES, fit

LOCAL = "local_need_adjustment"


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("posteriors")
    return publish(fit(folder / "fit"), "toy", folder)


def words(start: Path, folder: Path) -> list[str]:
    targets = kept(
        folder, made("admissions", "emergency_admission_rate", 110.0, likelihood="log_normal", role="fitted")
    )
    return [
        "place=toy", f"targets={targets}", f"national={start}", f"parameters={LOCAL}", "experiment.burn_in_months=12",
        "plan.posterior_replications=1",
    ]  # fmt: skip


def test_the_nations_parameters_are_drawn_and_the_places_own_are_fitted(start: Path, tmp_path: Path) -> None:
    own, others = split(words(start, tmp_path))
    fitting = made_ready(wanted_of(own, others, None))
    assert fitting.space.names == [LOCAL]
    assert isinstance(fitting.simulator, Over)
    assert fitting.simulator.points.names == NAMES
    assert {one["name"] for one in fitting.about["priors"]} == {LOCAL, *NAMES}  # what a posterior is checked by
    assert "2 parameters from the calibration of toy" in fitting.about["national"]


@pytest.mark.slow
def test_a_fit_of_a_place_leaves_whole_sets_that_can_be_published(start: Path, tmp_path: Path) -> None:
    from calibration.fit.results import read_results

    (tmp_path / "targets").mkdir()
    plan = {"waves": 1, "points": 8, "posterior": 12, "rounds": 1, "chains": 4, "draws": 200, "warm_up": 200}
    what = [*words(start, tmp_path / "targets"), "plan.least_size=5", "self_test=0", "experiment.executor=serial"]
    out = intsim.calibrate(*what, plan=plan, output=tmp_path / "out")
    found = read_results(out)
    assert "2 parameters from the calibration of toy" in (out / FILE).read_text(encoding="utf-8")
    table = found["posterior"]
    assert set(table.columns) >= {"weight", LOCAL, *NAMES}
    national = pd.read_csv(start / "posterior.csv")
    assert set(table[NAMES[0]].round(9)) <= set(national[NAMES[0]].round(9))
    assert table[NAMES[0]].nunique() > 5
    typed = [f"plan.{name}={value}" for name, value in plan.items()]
    assert main(["calibrate", "--resume", *what, *typed, f"experiment.output={out}"]) == 0  # the same fit, typed
    pd.testing.assert_frame_equal(read_results(out)["posterior"], table)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"parameters={NAMES[0]}", "is of the posterior 'toy': it is drawn, not fitted"),
        ("plan.posterior_replications=2", "plan.posterior_replications: must be 1 over a national posterior"),
        ("national=nowhere", "national: no posterior 'nowhere'"),
        ("national=registry", "national: names no posterior"),
    ],
)
def test_what_cannot_stand_is_said_in_a_line(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    given = [word for word in words(start, tmp_path) if not word.startswith(change.split("=")[0])]
    assert main(["calibrate", "--show", *given, change]) == 2
    complaint = capsys.readouterr().err.strip()
    assert said in complaint
    assert "\n" not in complaint


def test_a_places_factors_are_adjusted_and_englands_are_not() -> None:
    values = load_registry().central() | {LOCAL: 1.1, "local_death_adjustment": 0.9}
    borough = load_place("bi_borough")
    assert local_factors(borough, values) == pytest.approx(
        {"emergency": 1.1 * borough.factor("emergency"), "mortality": 0.9 * borough.factor("mortality")}
    )
    assert local_factors(load_place("england_average"), values) == {"emergency": 1.0, "mortality": 1.0}
