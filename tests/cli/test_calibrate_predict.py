"""``intsim calibrate --predict``: a posterior carried to a place, its page, going on with it, and bad input."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from calibration.fit.carried import equal
from calibration.fit.results import read_results
from calibration.page.page import FILE
from calibration.posteriors.publish import publish
from intsim.carrying import points_of
from intsim.cli import main
from scenarios.registry.posteriors import read_posterior
from scenarios.registry.reader import load_registry
from tests.calibration_targets import kept, made
from tests.unit.test_calibration_posteriors import NAMES, fit


def of_the_toy(folder: Path) -> Path:
    """Leave two targets in ``folder``: admissions, fitted, and attendances, held out."""
    return kept(
        folder,
        made("admissions", "emergency_admission_rate", 110.0, likelihood="log_normal", role="fitted"),
        made("attendances", "ed_attendance_rate", 450.0, likelihood="log_normal", role="held_out"),
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("posteriors")
    return publish(fit(folder / "fit"), "toy", folder)


def words(start: Path, targets: Path, out: Path) -> list[str]:
    return [
        "calibrate", "--predict", "2", "place=toy", f"targets={targets}", f"evidence.posterior={start}",
        "experiment.burn_in_months=12", "plan.posterior_replications=2", f"experiment.output={out}",
        "experiment.executor=serial",
    ]  # fmt: skip


def test_points_are_equal_draws_of_the_posterior(start: Path) -> None:
    posterior = read_posterior(start, load_registry())
    drawn = pd.DataFrame(points_of(posterior, 4_000))
    mean = posterior.points.weights @ posterior.points.values
    assert drawn[list(NAMES)].mean().to_numpy() == pytest.approx(mean, rel=1e-3)


@pytest.mark.slow
def test_a_posterior_is_carried_to_a_place_and_judged_there(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = of_the_toy(tmp_path)
    out = tmp_path / "out"
    assert main(words(start, targets, out)) == 0
    said = capsys.readouterr()
    assert "held-out targets" in said.out
    found = read_results(out)
    assert list(found["predictions"]["role"]) == ["fitted", "held_out"]
    assert found["posterior"]["weight"].sum() == pytest.approx(1)
    assert len(found["outputs"]) == 2 * 2
    assert found["outputs"]["attendances"].nunique() == 4  # points and seeds differ
    page = (out / FILE).read_text(encoding="utf-8")
    assert "2 parameters from the calibration of toy" in page
    assert "Parameters before and after" not in page
    before = (out / "predictions.csv").read_bytes()
    assert main([*words(start, targets, out), "--resume"]) == 0
    assert (out / "predictions.csv").read_bytes() == before


def test_weights_without_anything_fitted_are_equal() -> None:
    assert list(equal(4).weights) == [0.25] * 4
    assert equal(4).kish_size == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("evidence.posterior=registry", "evidence.posterior: no posterior stands for toy: name one"),
        ("plan.posterior_replications=1", "plan.posterior_replications: must be at least 2"),
        ("evidence.posterior=nowhere", "no posterior 'nowhere'"),
    ],
)
def test_what_cannot_be_predicted_is_said_in_a_line(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    targets = of_the_toy(tmp_path)
    name = change.split("=")[0]
    given = [word for word in words(start, targets, tmp_path / "out") if not word.startswith(name)]
    assert main([*given, change]) == 2
    complaint = capsys.readouterr().err.strip()
    assert said in complaint
    assert "\n" not in complaint
