"""``intsim calibrate``: a fit from the command line, its page, going on with it, and bad input in a line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from calibration.fit.results import read_results
from calibration.fit.screened import screen
from calibration.history_matching.conflict import HEADING, NoPlausibleParameters
from calibration.page.page import FILE
from calibration.simulators.toys import Linear
from calibration.space import MOST
from calibration.targets.reader import read_targets
from intsim.api import mute, silent
from intsim.cli import main
from intsim.fitting import Fitting, about_plan, made_ready, parameters_of, plan_of, scenario_of
from intsim.fitting import fit as fit_in
from scenarios.errors import InputError
from scenarios.registry.reader import load_registry
from tests.calibration_toys import SLOPES, SMALL, data, space, targets

QUICK = (
    "plan.points=24", "plan.rounds=1", "plan.posterior=64", "plan.chains=8", "plan.draws=150", "plan.warm_up=150",
    "plan.least_size=20", "self_test=20",
)  # fmt: skip


def example(folder: Path, *words: str) -> int:
    """Run the example quickly and return its exit code."""
    return main(["calibrate", "--example", f"experiment.output={folder}", *QUICK, *words])


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fits") / "example"
    assert example(folder) == 0
    return folder


def test_a_fit_leaves_its_tables_page_and_manifest(fit: Path) -> None:
    results = read_results(fit)
    posterior = results["posterior"]
    assert posterior["weight"].sum() == pytest.approx(1)
    assert len(posterior) == 64
    truth = {"arrivals_per_day": 7.2, "service_days": 0.27}
    for name, value in truth.items():
        assert posterior[name].quantile(0.02) < value < posterior[name].quantile(0.98), name
    assert set(results["targets"]["role"]) == {"fitted", "held_out"}
    assert results.about["result"]["runs"] == 24 * 2 + 64 * 2
    assert results.about["plan"]["points"] == 24
    assert len(list((fit / "runs").glob("*.json"))) == 24 * 2 + 64 * 2


def test_the_page_says_what_was_promised_and_shows_every_chart(fit: Path) -> None:
    page = (fit / FILE).read_text(encoding="utf-8")
    for words in (
        "Targets that were fitted", "Targets that were held out", "Parameters before and after", "Coverage",
        "Implausibility by wave", "Which parameters go together", "Checks of the emulators", "Kish", "informed",
        "Would the fit find what it drew itself?", "Effective size (MCMC, bulk)",
    ):  # fmt: skip
        assert words in page, words
    assert page.count("data:image/svg+xml;base64,") == 8
    assert len(list((fit / "figures").glob("*.png"))) == 8
    assert "nan" not in page.split("<main>")[1].split("data:image")[0]


def test_a_page_drawn_again_is_the_same(fit: Path) -> None:
    before = (fit / FILE).read_bytes()
    (fit / FILE).unlink()
    assert main(["calibrate", "--page", str(fit)]) == 0
    assert (fit / FILE).read_bytes() == before


def test_a_fit_goes_on_from_what_is_there(fit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert example(fit) == 2
    assert "choose another folder" in capsys.readouterr().err
    runs = sorted((fit / "runs").glob("*.json"))
    before = (fit / "posterior.csv").read_bytes()
    kept = {path.name: path.stat().st_mtime_ns for path in runs[5:]}
    for path in runs[:5]:
        path.unlink()
    assert example(fit, "--resume") == 0
    assert (fit / "posterior.csv").read_bytes() == before
    now = {path.name: path.stat().st_mtime_ns for path in (fit / "runs").glob("*.json")}
    assert all(now[name] == when for name, when in kept.items())
    assert len(now) == len(runs)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the complaint about a command, which must be of one line."""
    assert main(["calibrate", *words]) == 2
    said = capsys.readouterr().err.strip()
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["place=toy"], "parameters: name what is to be fitted"),
        (["parameters=find_shar"], "parameters: no such parameter 'find_shar': did you mean 'find_share'?"),
        (["parameters=find_share,find_share"], "'find_share' is named twice"),
        (["parameters=zz*"], "'zz*' fits the name of no uncertain parameter"),
        (["parameters=find_share", "plan.pionts=3"], "plan.pionts: no such number of a plan: did you mean 'points'?"),
        (["parameters=find_share", "plan.points=3.5"], "plan.points: must be a whole number (you gave '3.5')"),
        (["parameters=find_share", "plan.points=0"], "plan points: must be at least 1"),
        (["parameters=find_share", "plan.seed=3"], "plan.seed: is set by experiment.seed"),
        (["parameters=find_share", "self_test=3"], "self_test: must be 0 or at least 20 data sets"),
        (["parameters=find_share", "targets=nowhere"], "nowhere: no such file of targets"),
        (["parameters=find_share", "parameters=find_share"], "parameters: is given twice"),
        (["parameters=find_share", "int=frailty"], "int: a fit is of usual care"),
        (["parameters=find_share", "experiment.draws=4"], "experiment.draws: has no meaning in a fit"),
        (["parameters=find_share", "experiment.executor=dask"], "'dask': a fit runs on this machine"),
        (["parameters=find_share", "place.start_date=2023-01-01"], "column period"),
        (["parameters=find_share", "--screen", "-1"], "--screen: must be 1 or more"),
        (["--look", "-1"], "--look: must be 1 or more"),
        (["--look", "0", "--show"], "--look: must be 1 or more, a whole number (you gave '0')"),
        (["--predict", "two"], "--predict: must be 1 or more, a whole number (you gave 'two')"),
        (["--look", "2", "targets=nowhere"], "nowhere: no such file of targets"),
        (["--example", "targets=x"], "targets: belongs to a place"),
        (["--page", "nowhere"], "nowhere: holds no finished fit"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_plain_words(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *words)
    assert not list(tmp_path.rglob("*.json"))


def test_targets_of_ones_own_are_checked_before_anything_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "target,output,unit,value,period,likelihood,lower_95,upper_95,limits,weight,basis,source"
    good = "ed,ed_attendance_rate,per 1,000 per year,467,2024/25,normal,450,480,judgement,1,assumption,ours"
    cases = {
        "unit": good.replace("per 1,000 per year", "share"),
        "excludes its value": good.replace(",467,", ",500,"),
        "no output": good.replace("ed_attendance_rate", "tea_drunk"),
        "weight": good.replace("judgement,1,", "judgement,0,"),
    }
    for name, row in cases.items():
        text = row.replace("per 1,000 per year", '"per 1,000 per year"')
        path = tmp_path / "mine.csv"
        path.write_text(f"{header}\n{text}\n", encoding="utf-8")
        said = refused(capsys, "parameters=find_share", f"targets={path}", f"experiment.output={tmp_path / 'out'}")
        assert len(said.splitlines()) == 1, name
        assert not (tmp_path / "out").exists()


def test_show_says_what_would_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--show", "parameters=find_share,unmet_kept", "plan.points=20"]) == 0
    shown = capsys.readouterr().out
    assert "name: england_average" in shown
    assert "burn_in_months: 24" in shown
    assert "# targets: 35 fitted of 90 in england_average.csv" in shown
    assert "# parameters: find_share, unmet_kept" in shown
    assert "at most 2 waves of 20 points x 2 replications" in shown
    assert main(["calibrate", "--show", "--screen", "4", "parameters=unmet_*"]) == 0
    assert "4 trajectories of" in capsys.readouterr().out


def test_settings_become_a_scenario_a_plan_and_parameters(tmp_path: Path) -> None:
    one = scenario_of(["place=toy", "experiment=quick", "experiment.workers=3", "experiment.seed=9"])
    assert one.experiment.burn_in_months == 2
    plan = plan_of({"points": "30", "enough": "0.2"}, one)
    assert (plan.points, plan.enough, plan.seed, plan.workers) == (30, 0.2, 9, 3)
    listed = tmp_path / "chosen.txt"
    listed.write_text("# the strongest\nunmet_kept\nfind_share  # of needs\n\n", encoding="utf-8")
    registry = load_registry()
    assert parameters_of(str(listed), registry) == ("unmet_kept", "find_share")
    ours = parameters_of("", registry, "england_average")
    assert 10 < len(ours) <= MOST
    assert all(registry.parameters[name].distribution != "fixed" for name in ours)
    assert parameters_of(",".join(ours), registry) == ours  # longer than a file's name may be
    many = parameters_of("*", registry)
    assert all(registry.parameters[name].distribution != "fixed" for name in many)
    assert len(many) > 20


def test_the_simulator_knows_what_targets_are_about_and_no_value() -> None:
    from intsim.fitting import Wanted

    one = scenario_of([])
    made = made_ready(Wanted(one, "england_average", ("find_share",), plan_of({}, one)))
    known = made.simulator.targets  # type: ignore[attr-defined]
    whole = read_targets("england_average")
    assert {(each.target, each.key) for each in known} == {(each.target, each.key) for each in whole if each.output}
    frame = known.frame()
    assert frame[["value", "lower_95", "upper_95", "count", "denominator"]].isna().all().all()
    assert {each.role for each in made.fitted} == {"fitted"}
    assert len(made.said) == 40
    with pytest.raises(InputError, match="a fit takes at most 20"):
        made_ready(Wanted(one, "england_average", parameters_of("*", load_registry()), plan_of({}, one)))


def test_what_a_fit_says_it_did_is_in_its_manifest(fit: Path) -> None:
    about = json.loads((fit / "manifest.json").read_text(encoding="utf-8"))
    assert about["kind"] == "intsim calibration"
    assert [one["name"] for one in about["priors"]] == ["arrivals_per_day", "service_days"]
    assert about["result"]["kish_size"] > 20
    assert about["intsim"]
    ranks = pd.read_csv(fit / "ranks.csv")
    assert ranks["rank"].between(0, 19).all()
    assert len(ranks) == 2 * 20


def toy_fit(folder: Path, observed: np.ndarray, roles: tuple[str, ...], slopes: Any = SLOPES, sd: float = 0.5) -> Any:
    """Fit the linear toy into ``folder`` as the command fits a place; return its results."""
    made = Linear(("a", "b", "c"), ("t0", "t1", "t2", "t3"), slopes, (0.0,) * 4, (0.1,) * 4)
    mine = targets(observed, roles, sd)
    told = {"name": "toy", "place": "toy", **about_plan(space(), SMALL)}
    fitting = Fitting(space(), mine.fitted, made.outputs, made, SMALL, 0, (), told)
    return fit_in(fitting, lambda: mine, folder, silent, False, mute)


def test_held_out_figures_change_what_is_said_of_a_fit_and_nothing_in_it(tmp_path: Path) -> None:
    observed, roles = data()[1], ("fitted", "fitted", "fitted", "held_out")
    one = toy_fit(tmp_path / "one", observed, roles)
    two = toy_fit(tmp_path / "two", observed + np.array([0, 0, 0, 50.0]), roles)
    for name in ("posterior", "outputs", "parameters", "waves", "chains", "reach", "ruled_out"):
        assert (tmp_path / "one" / f"{name}.csv").read_bytes() == (tmp_path / "two" / f"{name}.csv").read_bytes(), name
    assert one["predictions"].set_index("target")["inside_90"]["t3"]
    assert not two["predictions"].set_index("target")["inside_90"]["t3"]
    assert one.about["result"] == two.about["result"]


def test_targets_that_conflict_leave_their_table(tmp_path: Path) -> None:
    slopes = ((1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1))
    with pytest.raises(NoPlausibleParameters, match=HEADING):
        toy_fit(tmp_path / "fit", np.array([3.0, -6.0, 1.0, 1.0]), ("fitted",) * 4, slopes, 0.2)
    table = pd.read_csv(tmp_path / "fit" / "conflict.csv")
    assert table["target"].tolist() == ["t0", "t1", "t2", "t3"]
    assert pd.read_csv(tmp_path / "fit" / "conflict_pairs.csv")["target"].tolist() == ["t0"]
    assert not (tmp_path / "fit" / "manifest.json").exists()


def test_screening_finds_what_moves_the_targets(tmp_path: Path) -> None:
    pytest.importorskip("SALib")
    made = Linear(
        ("a", "b", "c"), ("t0", "t1", "t2", "t3"), ((3, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 0)), (0,) * 4, (0.05,) * 4
    )
    found = screen(space(), targets(data()[1]), made.outputs, made, tmp_path / "screen", 6)
    assert found.chosen == ["a", "b"]
    table = found.effects.set_index(["parameter", "target"])
    step = norm.ppf(0.65) - norm.ppf(0.05)  # two thirds of the range of probability, in prior standard deviations
    assert table["mu_star"][("a", "t0")] == pytest.approx(3 * 2 * step / (2 / 3), rel=0.01)
    assert table["in_errors"][("a", "t0")] == pytest.approx(table["mu_star"][("a", "t0")] / 0.5)
    assert len(list((tmp_path / "screen" / "runs").glob("*.json"))) <= 6 * 4 * 2


@pytest.mark.parametrize("option", [("--show",), ("--look", "2"), ("--screen", "2"), ("--predict", "2")])
def test_the_example_refuses_what_belongs_to_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    assert main(["calibrate", "--example", *option, f"experiment.output={tmp_path / 'new'}"]) == 2
    said = capsys.readouterr().err.strip()
    assert said == f"{option[0]}: belongs to a place; --example takes --resume alone"
    assert not (tmp_path / "new").exists()
