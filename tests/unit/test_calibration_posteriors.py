"""Posteriors as tables: read and checked against the registry, picked by place, published from fits worth it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats.qmc import Sobol

from calibration.fit.results import Results, read_results
from calibration.posteriors.publish import publish
from evaluation.draws import generator
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.registry.points import Points, read_points
from scenarios.registry.posteriors import PRIOR, picked, read_posterior, values
from scenarios.registry.reader import load_registry
from sim.execution.identity import input_hashes
from sim.task import drawn_values
from sim.world import evidence_words

NAMES = ("find_share", "unmet_kept")


def points(count: int = 240, seed: int = 1) -> pd.DataFrame:
    """Return a table of two correlated parameters, weights uneven."""
    rng = generator(seed, "points")
    z = rng.multivariate_normal([0, 0], [[1, -0.8], [-0.8, 1]], count)
    made = pd.DataFrame({NAMES[0]: 0.2 + 0.02 * z[:, 0], NAMES[1]: 0.8 + 0.02 * z[:, 1]})
    made.insert(0, "weight", rng.gamma(4.0, 1.0, count))
    made["weight"] /= made["weight"].sum()
    made.insert(0, "point", range(count))
    return made


def fit(folder: Path, kish: float = 180.0, **about: Any) -> Path:
    """Leave what a fit of a place leaves in ``folder``, as far as a posterior needs it."""
    registry, table = load_registry(), points()
    priors = [
        {"name": name, **{column: getattr(registry.parameters[name], column) for column in PRIOR}} for name in NAMES
    ]
    made = {
        "place": "toy", "scenario": "", "targets": {"name": "mine.csv"}, "priors": priors, "plan": {},
        "simulator_sha256": "x", "finished": "2026-11-27T12:00:00Z",
        "result": {
            "points": len(table), "kish_size": kish, "weights_reliable": True, "pareto_shape": 0.2, "rhat_largest": 1.0,
            "mcmc_bulk_size_least": 900.0, "mcmc_tail_size_least": 900.0,
        },
    }  # fmt: skip
    empty = {
        name: pd.DataFrame({"role": [], "inside": [], "headline": [], "target": []})
        for name in ("targets", "predictions")
    }
    others = {
        name: pd.DataFrame({"parameter": []})
        for name in ("outputs", "parameters", "correlations", "waves", "wave_points")
    }
    chains = pd.DataFrame({"parameter": list(NAMES), "good": [True, True]})
    Results({"posterior": table, "chains": chains, **empty, **others}, made | about).write(folder)
    return folder


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    found = read_results(fit(tmp_path / "fit"))
    pd.testing.assert_frame_equal(found["posterior"], points())
    assert found.about["place"] == "toy"
    assert found["nothing"].empty
    with pytest.raises(InputError, match="holds no finished fit"):
        read_results(tmp_path)
    (tmp_path / "fit" / "waves.csv").unlink()
    with pytest.raises(InputError, match=r"holds no waves\.csv"):
        read_results(tmp_path / "fit")


def test_even_numbers_take_points_as_often_as_their_weights_say() -> None:
    table = points(16)
    made = Points(NAMES, table[list(NAMES)].to_numpy(), table["weight"].to_numpy())
    u = Sobol(1, scramble=True, rng=np.random.Generator(np.random.Philox(3))).random_base2(12)[:, 0]
    taken = pd.Series([made.at(float(one))["find_share"] for one in u]).value_counts(normalize=True)
    for row in table.to_dict("records"):
        assert taken[row["find_share"]] == pytest.approx(row["weight"], abs=2 / len(u))
    assert made.at(0.0) == made.row(0)
    assert made.at(1.0) == made.row(15)
    with pytest.raises(ValueError, match="within 0 and 1"):
        made.at(1.5)


def test_a_point_of_no_weight_is_never_taken_and_the_middle_is_a_point() -> None:
    values_ = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.9, 5.0], [1.1, 1.0]])
    made = Points(NAMES, values_, np.array([0.0, 0.4, 0.3, 0.3, 0.0]))
    assert made.at(0.0) == made.row(1)
    assert made.at(1.0) == made.row(3)
    assert made.middle() in [made.row(at) for at in (1, 2, 3)]
    alike = Points(("find_share",), np.full((3, 1), 0.2), np.full(3, 1 / 3))
    assert alike.middle() == {"find_share": 0.2}


def test_the_middle_follows_how_parameters_go_together() -> None:
    rng = generator(2, "middle")
    z = rng.multivariate_normal([0, 0], [[1, 0.95], [0.95, 1]], 400)
    odd = np.array([[0.3, -0.3]])  # near the mean in each parameter, and far from it along the narrow way
    made = Points(NAMES, np.concatenate([z, odd]), np.full(401, 1 / 401))
    middle = np.array(list(made.middle().values()))
    assert abs(middle[0] - middle[1]) < 0.1
    assert np.linalg.norm(middle) < 0.3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("find_share\n0.2\n", "column 'weight' is missing"),
        ("weight\n1\n", "names no parameter"),
        ("weight,find_shar\n1,0.2\n", "'find_shar': did you mean 'find_share'"),
        ("weight,find_share,find_share\n1,0.2,0.2\n", "column 'find_share' is there twice"),
        ("weight,find_share\n-1,0.2\n", "row 2 column weight: must be 0 or more"),
        ("weight,find_share\n1,x\n", "row 2 column find_share: must be a number (found 'x')"),
        ("weight,find_share\n1,1.7\n", "row 2 column find_share"),
        ("weight,find_share\n0,0.2\n0,0.3\n", "all weights are zero"),
        ("weight,find_share\n", "holds no points"),
    ],
)
def test_points_that_cannot_be_used_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_points(path, load_registry())
    assert said in str(problem.value)


def test_a_published_posterior_is_picked_by_its_place(tmp_path: Path) -> None:
    folder, registry = tmp_path / "posteriors", load_registry()
    made = publish(fit(tmp_path / "fit"), "toy", folder)
    shown = pd.read_csv(made / "posterior.csv")
    along = np.argsort(shown["find_share"].to_numpy())
    assert abs(np.corrcoef(along, np.arange(len(along)))[0, 1]) > 0.9  # neighbours are alike
    assert sorted(shown["find_share"]) == pytest.approx(sorted(points()["find_share"]), rel=1e-8)
    about = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert {one["name"]: one["verdict"] for one in about["promises"]}["weights"] == "met"
    for wanted in ("default", "posterior", "toy", str(made)):
        found = picked(wanted, "toy", registry, folder)
        assert found is not None
        assert set(found.points.names) == set(NAMES)
        assert "2 parameters from the calibration of toy (240 points worth 180; targets mine.csv" in found.words()
    assert picked("registry", "toy", registry, folder) is None
    assert picked("default", "elsewhere", registry, folder) is None
    with pytest.raises(InputError, match="there is no posterior of 'elsewhere' \\(there are: toy\\)"):
        picked("posterior", "elsewhere", registry, folder)
    with pytest.raises(InputError, match="no posterior 'tou': did you mean 'toy'"):
        picked("tou", "toy", registry, folder)


def test_a_published_manifest_names_no_folder_of_the_machine_it_was_made_on(tmp_path: Path) -> None:
    made = fit(tmp_path / "fit", scenario="experiment:\n  output: /somewhere/of/mine\n  seed: 1\n")
    about = (publish(made, "toy", tmp_path / "out") / "manifest.json").read_text(encoding="utf-8")
    assert "/somewhere" not in about
    assert "output: null" in about


def test_a_fit_is_of_a_folder_or_of_a_place_of_ours_and_not_of_another_of_that_name(tmp_path: Path) -> None:
    ours = read_posterior(fit(tmp_path / "ours", scenario="place:\n  name: toy\n  folder: null\n"), load_registry())
    own = read_posterior(fit(tmp_path / "own", scenario="place:\n  name: toy\n  folder: /mine\n"), load_registry())
    told = [(one.is_of("toy", own=False), one.is_of("toy", own=True), one.is_of("y", own=True)) for one in (ours, own)]
    assert told == [(True, False, False), (False, True, False)]


def test_a_posterior_stands_for_places_that_it_names(tmp_path: Path) -> None:
    folder, registry = tmp_path / "posteriors", load_registry()
    publish(fit(tmp_path / "fit"), "toy", folder, also=["bi_borough"])
    found = picked("default", "bi_borough", registry, folder)
    assert found is not None
    assert found.name == "toy"
    assert picked("default", "england_average", registry, folder) is None
    publish(fit(tmp_path / "own"), "bi_borough", folder)
    assert picked("default", "bi_borough", registry, folder).name == "bi_borough"  # type: ignore[union-attr]


def test_of_two_posteriors_of_a_place_the_one_fitted_with_the_runs_switches_stands(tmp_path: Path) -> None:
    folder, registry = tmp_path / "posteriors", load_registry()
    for name, dying in (("toy", "false"), ("toy_dying", "true")):
        made = fit(tmp_path / name, scenario=f"structure:\n  trust: true\n  dying: {dying}\n")
        publish(made, name, folder)

    def stands(**structure: bool) -> tuple[str, str]:
        found = picked("default", "toy", registry, folder, structure)
        assert found is not None
        return found.name, found.words_under(structure).partition(" (fitted with ")[2]

    assert stands() == ("toy", "")
    assert stands(trust=True, dying=False) == ("toy", "")
    assert stands(trust=True, dying=True) == ("toy_dying", "")
    assert stands(trust=False, dying=True) == ("toy_dying", "structure.trust on)")
    assert picked("toy", "toy", registry, folder, {"dying": True}).name == "toy"  # type: ignore[union-attr]


def test_a_posterior_older_than_a_switch_was_fitted_with_it_as_it_was_then(tmp_path: Path) -> None:
    made = publish(fit(tmp_path / "fit", scenario="structure:\n  trust: true\n"), "toy", tmp_path)
    posterior = read_posterior(made, load_registry())
    assert posterior.words_under({"trust": True, "dying": False}) == posterior.words()
    assert posterior.words_under({"trust": True, "dying": True}) == posterior.words() + (
        " (fitted with structure.dying off)"
    )
    left = read_posterior(fit(tmp_path / "own", scenario="structure:\n  dying: true\n"), load_registry())
    assert left.words_under({"dying": True}) == left.words()  # what a fit has left, never published


def test_a_set_is_taken_whole_and_a_users_own_value_stands(tmp_path: Path) -> None:
    registry = load_registry()
    posterior = read_posterior(publish(fit(tmp_path / "fit"), "toy", tmp_path), registry)
    central = registry.central()
    drawn = values(posterior, central, 0.3)
    assert {name: drawn[name] for name in NAMES} == posterior.points.at(0.3)
    assert {name: value for name, value in drawn.items() if name not in NAMES} == {
        name: value for name, value in central.items() if name not in NAMES
    }
    mine = values(posterior, central, None, own=["unmet_kept"])
    assert mine["unmet_kept"] == central["unmet_kept"]
    assert mine["find_share"] == posterior.points.middle()["find_share"]


def test_a_posterior_of_another_prior_is_refused(tmp_path: Path) -> None:
    made = publish(fit(tmp_path / "fit"), "toy", tmp_path)
    about = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    about["priors"][0]["high"] = 0.9
    (made / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(InputError, match=r"was fitted with find_share high 0\.9, and the registry has"):
        read_posterior(made, load_registry())
    about["priors"] = about["priors"][1:]
    (made / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(InputError, match="says nothing of the prior of 'find_share'"):
        read_posterior(made, load_registry())
    (made / "manifest.json").unlink()
    with pytest.raises(InputError, match="holds no posterior"):
        read_posterior(made, load_registry())


def test_a_fit_that_is_worth_too_little_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its 240 points are worth 80 equal draws; needed: 100 of at least 200"):
        publish(fit(tmp_path / "fit", kish=80.0), "toy", tmp_path / "out")
    with pytest.raises(InputError, match="holds no finished fit"):
        publish(tmp_path / "nothing", "toy", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_takes_its_parameters_from_the_posterior_that_is_named_and_says_so(tmp_path: Path) -> None:
    made = publish(fit(tmp_path / "fit"), "toy", tmp_path)
    rows = read_posterior(made, load_registry()).points
    known = {tuple(rows.row(at).values()) for at in range(len(rows))}
    words = ["place=toy", f"evidence.posterior={made}"]
    one = drawn_values(compose(words), 0)
    assert {name: one[name] for name in NAMES} == rows.middle()
    plain = drawn_values(compose(["place=toy", "evidence.posterior=registry"]), 0)
    assert plain == load_registry().central() == drawn_values(compose(["place=toy"]), 0)  # none is shipped for toy
    assert {name for name in plain if plain[name] != one[name]} == set(NAMES)
    many = compose(
        [*words, "experiment.draws=16", "experiment.replications=2", "evidence.overrides={find_share: 0.31}"]
    )
    draws = [drawn_values(many, draw) for draw in range(16)]
    assert {draw["find_share"] for draw in draws} == {0.31}  # a user's own value stands
    assert len({draw["unmet_kept"] for draw in draws}) > 10
    assert {draw["unmet_kept"] for draw in draws} <= {value for _, value in known}
    assert "240 points" in evidence_words(compose(words))
    assert "registry" in evidence_words(compose(["place=toy"]))
    own = ["place=toy", "evidence.file=levers", "evidence.overrides.find_share=0.4"]
    said = evidence_words(compose(own))
    assert said.endswith("; rows of levers in place of theirs; set by hand: find_share")
    hashes = input_hashes(compose(words))
    assert "evidence.posterior" in hashes
    assert "evidence.posterior" not in input_hashes(compose(["place=toy"]))
    with pytest.raises(InputError, match=r"evidence\.posterior: no posterior 'nowhere'"):
        drawn_values(compose(["place=toy", "evidence.posterior=nowhere"]), 0)
