"""Fidelity of programmes, and what tuned studies say of levers: known answers, and nothing where nothing is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from evaluation.draws import generator
from evaluation.replays.board import CONFLICT, SILENT, USED
from evaluation.replays.published import Finding
from evaluation.replays.reader import STUDIES
from intsim.replays.fidelity import fidelity, with_fidelity
from intsim.replays.latent import STRENGTH, latent_draws, parameters_of
from intsim.replays.plan import study_plan
from intsim.replays.posterior import Figure, LeverPosterior, evidence_rows, figure_row, lever_posterior, updated
from intsim.replays.publish import main as publish_main
from intsim.replays.report import EVIDENCE, FIGURES, POSTERIORS, residents_words
from intsim.replays.slopes import Line, fitted_line
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.registry.reader import gather, load_registry
from scenarios.schema import IntDesign
from scenarios.schema.scenario import LEVERS
from sim import codes
from sim.agents.design import with_settings
from sim.agents.dose import dose_at
from sim.agents.levers import dose_of
from sim.codes import LEVER_NAMES
from sim.experiment import usual_care
from sim.task import drawn_values
from sim.world import posterior_of, scenario_registry, set_by_user

LOTS = 64
NAMES = ["rushcliffe", "named_gp"]


def line(slopes: list[float], level: float = 0.0, left: float = 0.0) -> Line:
    return Line(tuple(f"p{at}" for at in range(len(slopes))), level, np.array(slopes), left, 0.0)


def in_force(design: IntDesign, lever: int) -> float:
    """Return how much a lever of ``design`` does once all of it is there: reach times effect on each."""
    params = {name: row.central for name, row in load_registry().parameters.items()}
    found = dose_at(dose_of(usual_care(), lever, params), dose_of(design, lever, params), 1.0)
    return found.amount * found.effect


def test_only_what_a_programme_adds_is_as_strong_as_it_was_carried_out() -> None:
    usual = usual_care()
    design = with_settings(
        usual, {"relationships.care_home_support.reach_share": 0.9, "workforce.added_fte.outreach": 2.0}
    )
    made = with_fidelity(design, usual, 0.5)
    assert in_force(made, codes.CARE_HOME_SUPPORT) == pytest.approx(0.3 + 0.6 * 0.5)
    assert made.participation.outreach.effect == pytest.approx(0.5)
    assert made.relationships.continuity.effect == usual.relationships.continuity.effect
    assert with_fidelity(usual, usual, 0.5) == usual
    assert in_force(with_fidelity(design, usual, 1.0), codes.CARE_HOME_SUPPORT) == pytest.approx(0.9)
    less = with_settings(usual, {"relationships.care_home_support.reach_share": 0.0})
    assert with_fidelity(less, usual, 0.5) == less


@pytest.mark.parametrize(("strength", "found"), [(0.8, 0.72), (1.0, 0.9), (1.3, 1.17), (0.1, 0.09)])
def test_beside_those_who_had_nothing_of_it_the_whole_of_a_lever_is_as_strong(strength: float, found: float) -> None:
    usual = usual_care()  # three in ten are reached today, and that part keeps its strength
    none = with_settings(usual, {"relationships.care_home_support.reach_share": 0.0})
    design = with_settings(usual, {"relationships.care_home_support.reach_share": 0.9})
    made = with_fidelity(design, none, strength, usual)
    assert in_force(made, codes.CARE_HOME_SUPPORT) == pytest.approx(found)


@pytest.mark.parametrize("strength", [0.4, 1.0, 1.6])
def test_a_programme_of_less_than_there_is_today_is_as_strong_as_it_was_carried_out(strength: float) -> None:
    usual = usual_care()
    none = with_settings(usual, {"relationships.care_home_support.reach_share": 0.0})
    small = with_settings(usual, {"relationships.care_home_support.reach_share": 0.2})
    made = with_fidelity(small, none, strength, usual)
    assert in_force(made, codes.CARE_HOME_SUPPORT) == pytest.approx(0.2 * strength)


def test_each_programme_of_each_draw_has_a_strength_of_its_own_and_a_single_draw_the_central_one() -> None:
    many = compose(["place=toy", "experiment.draws=64", "experiment.replications=2"])
    found = np.array([fidelity(many, draw, "arm") for draw in range(300)])
    row = load_registry().parameters["programme_fidelity"]
    assert np.quantile(found, [0.05, 0.5, 0.95]) == pytest.approx([row.low, row.central, row.high], rel=0.2)
    assert fidelity(many, 3, "arm") == found[3] != fidelity(many, 3, "other")
    assert fidelity(compose(["place=toy"]), 3, "arm") == row.central


def test_a_line_is_found_again_and_noise_alone_has_no_slope() -> None:
    rng = generator(1, "lines")
    latent = rng.standard_normal((LOTS, 6))
    noise = np.full(LOTS, 0.05)
    true = 0.3 - 0.2 * latent[:, 1] + rng.standard_normal(LOTS) * noise
    found = fitted_line([f"p{at}" for at in range(6)], latent, true, noise)
    assert found.level == pytest.approx(0.3, abs=0.03)
    assert found.slopes[1] == pytest.approx(-0.2, abs=0.03)
    assert np.abs(np.delete(found.slopes, 1)).max() < 0.04
    nothing = fitted_line([f"p{at}" for at in range(6)], latent, rng.standard_normal(LOTS) * noise, noise)
    assert np.abs(nothing.slopes).max() < 0.03


def test_runs_whose_own_noise_is_nothing_do_not_pin_a_line_to_0() -> None:
    rng = generator(3, "quiet")
    quiet = np.arange(LOTS) % 4 == 0  # so little happened there that the arms are equal: no effect seen, and no noise
    noise = np.where(quiet, 0.0, 0.15)
    estimate = np.where(quiet, 0.0, -0.2 + 0.15 * rng.standard_normal(LOTS))
    found = fitted_line(["p0", "p1"], rng.standard_normal((LOTS, 2)), estimate, noise)
    assert found.level == pytest.approx(estimate.mean(), abs=0.01)
    assert found.doubt > np.mean(noise**2) / LOTS / 2


def test_a_figure_whose_line_is_flat_answers_to_nothing_and_is_not_used() -> None:
    rng = generator(4, "flat")
    latent, noise = rng.standard_normal((LOTS, 3)), np.full(LOTS, 0.2)
    flat = fitted_line(["p0", "p1", "p2"], latent, 0.05 * rng.standard_normal(LOTS), noise)
    assert not flat.answers
    assert (flat.slopes == 0).all()
    assert Figure("a", "A", flat, 0.1, 1.0).verdict == SILENT
    assert Figure("a", "A", flat, 9.0, 1.0).verdict == CONFLICT  # out of reach comes first: a mechanism is missing
    assert Figure("a", "A", line([0.5]), 0.1, 1.0).verdict == USED
    figures = [Figure("a", "A", each, 1.0, 1.0) for each in (line([1.0]), line([0.0]))]
    told = LeverPosterior(
        pd.DataFrame({"moved": [0.5, 0.0], "narrowed": [0.3, 0.0]}), pd.DataFrame(map(figure_row, figures)), LOTS
    )
    assert told.words().startswith("1 of 2 parameters moved or narrowed by 1 figures of tuned studies (left out: 0 in ")
    assert "conflict, 1 answering to no parameter), from 64 draws" in told.words()


def test_a_figure_moves_and_narrows_what_it_answers_to_and_no_more() -> None:
    one = Figure("a", "A", line([1.0, 0.0]), 2.0, 1.0)
    found = updated([one], ["p0", "p1"])
    assert found.mean == pytest.approx([1.0, 0.0])  # halfway: prior and study are worth the same
    assert found.sd == pytest.approx([np.sqrt(0.5), 1.0])
    assert updated([], ["p0"]).sd == pytest.approx([1.0])


def test_many_figures_of_one_programme_are_worth_one() -> None:
    once = updated([Figure("a", "A", line([1.0]), 2.0, 1.0)], ["p0"])
    often = updated([Figure(str(at), "A", line([1.0]), 2.0, 1.0) for at in range(5)], ["p0"])
    apart = updated([Figure(str(at), str(at), line([1.0]), 2.0, 1.0) for at in range(5)], ["p0"])
    assert often.sd[0] == pytest.approx(once.sd[0])
    assert apart.sd[0] < once.sd[0]


def test_a_figure_out_of_reach_is_implausible() -> None:
    assert Figure("a", "A", line([1.0]), 2.0, 1.0).implausible < 3
    assert Figure("a", "A", line([0.001], left=0.1), 2.0, 0.01).implausible > 3


@pytest.mark.parametrize("place", ["toy", "england_average"])  # without a posterior, and with one
def test_a_draw_s_normal_numbers_are_those_its_parameters_were_drawn_at(place: str) -> None:
    scenario = compose([f"place={place}", f"experiment.draws={LOTS}", "experiment.replications=2"])
    assert (posterior_of(scenario) is None) == (place == "toy")
    registry = scenario_registry(scenario)
    names = parameters_of(registry, LEVER_NAMES)
    latent = latent_draws(scenario, [0, 5], names, [])
    for draw in (0, 5):
        drawn = drawn_values(scenario, draw)
        for name in names:
            at = float(ndtr(latent.loc[draw, name]))
            assert drawn[name] == pytest.approx(registry.parameters[name].at(at), rel=1e-6, abs=1e-9), name


def test_every_lever_has_the_parameters_that_say_they_are_its_own_and_no_other() -> None:
    registry = load_registry()
    uncertain = [one for one in registry.parameters.values() if one.distribution != "fixed"]
    mine = {lever: parameters_of(registry, [lever]) for lever in LEVER_NAMES}
    assert {name for names in mine.values() for name in names} == {
        one.name for one in uncertain if one.used_by.startswith("lever ")
    }
    assert all(mine[lever] for lever in ("participation", "workforce_wellbeing", "needs_allocation"))
    assert all(name not in mine["participation"] for name in (*mine["outreach"], *mine["social_prescribing"]))


def test_parameters_follow_what_a_tuned_study_found(tmp_path) -> None:  # type: ignore[no-untyped-def]
    scenario = compose(["place=toy", f"experiment.draws={LOTS}", "experiment.replications=2"])
    plan = study_plan(NAMES, STUDIES, usual_care())
    studies = {study.name: study for study in plan.studies}
    names = parameters_of(load_registry(), studies["rushcliffe"].replay.levers)
    latent = latent_draws(scenario, range(LOTS), names, [studies["rushcliffe"].arm])
    assert list(latent.columns) == [*names, STRENGTH + studies["rushcliffe"].arm]
    rng = generator(2, "made up")
    rows = [
        {"draw": draw, "replay": "rushcliffe", "effect": "admissions", "noise": 0.02, "se": 0.1, "context": 0.0,
         "estimate": -0.1 - 0.15 * latent.loc[draw, "home_plan_acted_residential"] + 0.02 * rng.standard_normal()}
        for draw in range(LOTS)
    ]  # fmt: skip
    results = pd.DataFrame(rows)
    published = {"rushcliffe": {"admissions": Finding(estimate=0.77)}, "named_gp": {}}
    found = lever_posterior(scenario, results, studies, published)
    assert found is not None
    changed = found.changed.set_index("parameter")
    assert list(changed.index) == ["home_plan_acted_residential"]
    assert changed.loc["home_plan_acted_residential", "moved"] > 0.3
    assert changed.loc["home_plan_acted_residential", "low"] > changed.loc["home_plan_acted_residential", "prior_low"]
    file = tmp_path / "rows.csv"
    file.write_text(evidence_rows(scenario, found))
    used = load_registry().with_evidence({}, file).parameters["home_plan_acted_residential"]
    assert used.central > load_registry().parameters["home_plan_acted_residential"].central
    assert set(gather([file])) == {"home_plan_acted_residential"}
    assert lever_posterior(scenario, results[results["draw"] < LOTS - 1], studies, published) is None


def test_what_predicted_studies_found_changes_no_posterior() -> None:
    scenario = compose(["place=toy", f"experiment.draws={LOTS}", "experiment.replications=2"])
    plan = study_plan(["ne_hampshire_teams"], STUDIES, usual_care())
    rows = [
        {
            "draw": d,
            "replay": "ne_hampshire_teams",
            "effect": "ed",
            "noise": 0.1,
            "se": 0.1,
            "context": 0.0,
            "estimate": 0.1 * d,
        }
        for d in range(LOTS)
    ]
    studies = {study.name: study for study in plan.studies}
    assert (
        lever_posterior(scenario, pd.DataFrame(rows), studies, {"ne_hampshire_teams": {"ed": Finding(estimate=2.0)}})
        is None
    )


def test_a_comparator_without_the_lever_is_an_arm_of_its_own() -> None:
    usual = usual_care()
    plan = study_plan(NAMES, STUDIES, usual)
    homes, named = (next(one for one in plan.studies if one.name == name) for name in NAMES)
    assert named.comparator == named.arm == plan.usual_arm
    assert homes.comparator not in (homes.arm, plan.usual_arm)
    without = plan.arms[homes.comparator]
    assert without.design.relationships.care_home_support.reach_share == 0.0
    assert without.design.transition.ramp_months == 0.0
    assert without.months == plan.arms[homes.arm].months == homes.replay.months
    assert plan.comparators == {homes.comparator, plan.usual_arm}


def test_a_wrong_setting_of_a_comparator_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(STUDIES / "rushcliffe", folder / "rushcliffe")
    file = folder / "rushcliffe" / "replay.yaml"
    file.write_text(file.read_text().replace("comparator:\n", "comparator:\n  workforce.added_fte.nobody: 1.0\n"))
    with pytest.raises(InputError, match=r"comparator workforce\.added_fte\.nobody"):
        study_plan(["rushcliffe"], folder, usual_care())


def test_a_study_without_a_dose_informs_no_parameter() -> None:
    scenario = compose(["place=toy", f"experiment.draws={LOTS}", "experiment.replications=2"])
    plan = study_plan(["named_gp"], STUDIES, usual_care())
    rows = [
        {
            "draw": d,
            "replay": "named_gp",
            "effect": "own_share",
            "noise": 0.01,
            "se": 0.01,
            "context": 0.0,
            "estimate": 0.01 * d,
        }
        for d in range(LOTS)
    ]
    published = {"named_gp": {"own_share": Finding(estimate=0.0)}}
    assert lever_posterior(scenario, pd.DataFrame(rows), {"named_gp": plan.studies[0]}, published) is None


def test_what_is_shipped_of_levers_is_evidence_that_a_scenario_takes_by_its_name() -> None:
    plain, informed = (scenario_registry(compose(["place=toy", *words])) for words in ([], ["evidence.file=levers"]))
    rows = pd.read_csv(LEVERS)
    assert set(set_by_user(plain, informed)) == set(rows["name"])
    shipped = pd.read_csv(LEVERS.parent / "posterior.csv").set_index("parameter")
    for row in rows.itertuples():
        assert (row.low, row.central, row.high) == pytest.approx(
            tuple(shipped.loc[row.name, ["low", "central", "high"]]), rel=0.01, abs=0.005
        )
    figures = pd.read_csv(LEVERS.parent / "figures.csv").set_index("figure")
    assert {USED} <= set(figures["verdict"]) <= {USED, CONFLICT, SILENT}
    assert (figures.loc[figures["verdict"] == USED, "answers_to_parameters_sd"] > 0).all()
    moved = "find_review_share"  # by PRISMATIC
    assert informed.parameters[moved].central > plain.parameters[moved].central


def test_publishing_copies_a_finished_run_and_says_what_made_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    (results / "runs").mkdir(parents=True)
    assert publish_main([str(results)]) == 2
    assert "has no lever_evidence.csv" in capsys.readouterr().err
    for name in (EVIDENCE, POSTERIORS, FIGURES):
        (results / name).write_text(f"{name}\n", encoding="utf-8")
    (results / "facts.csv").write_text("fact,value\nEngine,compiled\n", encoding="utf-8")
    (results / "scores.csv").write_text("replay\nb\na\nb\n", encoding="utf-8")
    (results / "identity.json").write_text('{"model": "x"}', encoding="utf-8")
    (results / "runs" / "0_0.json").write_text("{}", encoding="utf-8")
    assert publish_main([str(results), "--folder", str(tmp_path / "made")]) == 0
    about = json.loads((tmp_path / "made" / "manifest.json").read_text(encoding="utf-8"))
    assert (about["studies"], about["runs"], about["identity"]) == (["a", "b"], 1, {"model": "x"})
    assert (tmp_path / "made" / "evidence.csv").read_text(encoding="utf-8") == f"{EVIDENCE}\n"


def test_the_scoreboard_says_who_lives_there() -> None:
    def said(*words: str) -> str:
        return residents_words(compose(["place=toy", *words]).place)

    assert said() == "toy, all residents"
    assert said("place.basis=1500") == "toy, 1,500 residents"
