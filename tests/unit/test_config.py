"""Settings: what composes, and what is refused in which words."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import scenarios
from scenarios.compose import GROUPS, compose, options
from scenarios.errors import InputError, InputErrors, nearest
from scenarios.overrides import sweep
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.saved import read_yaml, to_yaml

MODULES = [
    "geography",
    "workforce",
    "relationships",
    "participation",
    "population_health",
    "information_sharing",
    "access_technology",
    "governance",
    "metrics",
    "resource_allocation",
    "transition",
]


def refused(*overrides: str, config_dir: Path | None = None) -> str:
    """Return the message with which ``overrides`` are refused."""
    with pytest.raises(InputError) as problem:
        compose(overrides, config_dir)
    return str(problem.value)


def test_the_default_is_usual_care_in_the_bi_borough() -> None:
    scenario = compose()
    assert scenario.place.name == "bi_borough"
    assert scenario.int_design.name == "usual_care"
    assert scenario.experiment.burn_in_months == 24
    assert scenario.place.start_date.isoformat() == "2024-04-01"


def test_every_built_in_option_composes_and_is_called_as_its_file_is() -> None:
    found = options()
    tailored = {"frailty", "outreach", "children_and_families", "colocation", "community_of_identity"}
    assert set(found["int"]) == {"usual_care", "consistent_core", "needs_based", "full"} | tailored
    assert set(found["experiment"]) == {"default", "demo", "quick"}
    assert set(found["preset"]) == {"quick", "standard", "overnight"}
    for group in GROUPS:
        for name in found[group]:
            scenario = compose([f"{group}={name}"])
            block = {"int": "int_design", "preset": "experiment"}.get(group, group)
            assert getattr(scenario, block).name == name


def test_the_eleven_modules_are_blocks_from_the_start() -> None:
    assert [name for name in IntDesign.model_fields if name != "name"] == MODULES


def test_designs_add_to_usual_care_and_keep_what_they_do_not_name() -> None:
    usual = compose().int_design
    for name in ("consistent_core", "frailty", "outreach"):
        design = compose([f"int={name}"]).int_design
        added, today = design.workforce.added_fte.model_dump(), usual.workforce.added_fte.model_dump()
        assert all(added[kind] >= today[kind] for kind in added)
        assert any(added[kind] > today[kind] for kind in added)
        assert design.participation.outreach.households_per_worker == 120.0


def test_settings_are_frozen_survive_pickling_and_a_file(tmp_path: Path) -> None:
    scenario = compose(["place=toy", "place.neighbourhoods=[N1,N2]", "experiment.output=/tmp/here"])
    with pytest.raises(ValueError, match="frozen"):
        scenario.place.name = "other"
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    kept = tmp_path / "config.yaml"
    kept.write_text(to_yaml(scenario))
    assert read_yaml(kept) == scenario
    kept.write_text(to_yaml(scenario).replace("quintile: 1", "quintile: 0"))
    with pytest.raises(InputError, match=r"config\.yaml: int\.participation\.outreach\.worst_quintile: .* at least 1"):
        read_yaml(kept)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("experiment.replicatons=3", "experiment.replicatons: no such setting: did you mean 'replications'?"),
        ("plce=toy", "plce: no such setting: did you mean 'place'?"),
        ("place=toi", "place: no such option 'toi': did you mean 'toy'?"),
        ("int=frailtee", "int: no such option 'frailtee': did you mean 'frailty'?"),
        ("int.workforce.added_fte.gp=-2", "int.workforce.added_fte.gp: must be at least 0 (you gave -2)"),
        (
            "int.relationships.discharge_support.reach_share=1.2",
            "int.relationships.discharge_support.reach_share: must be at most 1 (you gave 1.2); unit: a share, 0 to 1",
        ),
        ("int.population_health.case_finding.effect=4.5", "effect: must be at most 4 (you gave 4.5)"),
        ("int.name=../x", "int.name: must be 1 to 60 letters, digits, _ or - (you gave '../x')"),
        ("int.name=''", "int.name: must be 1 to 60 letters, digits, _ or - (you gave '')"),
        ("int.name=" + "x" * 61, "int.name: must be 1 to 60 letters, digits, _ or - (you gave 'xxx"),
        ("services.capacity_factor.bed=-0.1", "services.capacity_factor.bed: must be at least 0 (you gave -0.1)"),
        ("services.capacity_factor.bed=nan", "services.capacity_factor.bed: must be a finite number (you gave nan)"),
        (
            "experiment.horizon_months='2 years'",
            "experiment.horizon_months: must be a whole number (you gave '2 years'); unit: months",
        ),
        ("experiment.replications=2.5", "experiment.replications: must be a whole number (you gave 2.5)"),
        ("experiment.replications=0", "experiment.replications: must be at least 1 (you gave 0)"),
        ("services.background=maybe", "services.background: must be true or false (you gave 'maybe')"),
        ("int.workforce=3", "int.workforce: must be a group of settings (you gave 3)"),
        ("place.imd_edition=2015", "place.imd_edition: must be one of 2019, 2025 (you gave '2015')"),
        ("place.basis=census", "place.basis: no such basis 'census': did you mean 'census_2021'?"),
        ("place.basis=0", "place.basis: must be 1 to 10,000,000 residents (you gave 0)"),
        ("place.basis=1.5", "place.basis: must be the name of a population basis, or a whole number"),
        ("place.neighbourhoods=[KC1,KC9]", "place.neighbourhoods: no such neighbourhood 'KC9': did you mean 'KC"),
        ("place.folder=/nowhere", "'/nowhere' is no folder and no built-in place"),
        ("place.start_date=2024-04-02", "place.start_date: must be the first day of a month"),
        ("place.neighbourhoods=[]", "place.neighbourhoods: must be 'all' or at least one neighbourhood"),
        ("int.participation.outreach.worst_quintile=6", "worst_quintile: must be at most 5 (you gave 6)"),
        (
            "int.geography.boundaries=1",
            "int.geography.boundaries: no such setting: allowed: communities, group, hub_dist",
        ),
        ("evidence.overrides.find_shar=0.2", "no such parameter 'find_shar': did you mean 'find_share'?"),
        ("evidence.overrides.find_share=2", "evidence.overrides.find_share: a probability must lie within 0 and 1"),
        (
            "evidence.overrides.service_gp_minutes=-5",
            "evidence.overrides.service_gp_minutes: must be above 0 (you gave -5)",
        ),
        ("evidence.overrides.switch_trust=0", "'switch_trust' is not evidence: set structure.trust instead"),
        ("evidence.file=/nowhere.csv", "/nowhere.csv: no such file"),
        ("int=frailty,outreach", "gives several values"),
        ("replications", "write it as name=value"),
        ("hydra.run.dir=/tmp", "Hydra's own settings cannot be changed here"),
        ("~place", "settings cannot be deleted"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_one_line(override: str, message: str) -> None:
    said = refused(override)
    assert message in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "override",
    [
        "int._target_=os.system",
        "+int.workforce._target_=os.system",
        "int={_target_: os.system}",
        "int.workforce={_partial_: true}",
        "evidence.overrides._recursive_=1",
    ],
)
def test_an_override_is_never_instantiated(override: str) -> None:
    assert "is not allowed: settings are data and are never instantiated" in refused(override)


@pytest.mark.parametrize("text", ["${oc.env:HOME}", "${place.name}", "x${now:%H}"])
def test_an_override_is_never_interpolated(text: str) -> None:
    said = refused(f"place.name={text}")
    assert "interpolation is not allowed" in said
    assert "place.name" in said


def test_every_problem_is_told_at_once_one_line_each() -> None:
    with pytest.raises(InputErrors) as problem:
        compose(["int.workforce.added_fte.gp=-2", "experiment.seed=-1", "experiment.sed=1"])
    assert str(problem.value).splitlines() == [
        "int.workforce.added_fte.gp: must be at least 0 (you gave -2)",
        "experiment.seed: must be at least 0 (you gave -1)",
        "experiment.sed: no such setting: did you mean 'seed'?",
    ]
    assert str(pickle.loads(pickle.dumps(problem.value))) == str(problem.value)


def test_composing_is_safe_from_many_threads() -> None:
    def one(index: int) -> Scenario:
        return compose([f"experiment.seed={index}", "place=toy"])

    with ThreadPoolExecutor(4) as pool:
        seeds = [scenario.experiment.seed for scenario in pool.map(one, range(12))]
    assert seeds == list(range(12))


def test_a_sweep_is_every_combination() -> None:
    assert sweep(["int=frailty,outreach", "place=toy", "experiment.seed=range(1,3)"]) == [
        ["int=frailty", "place=toy", "experiment.seed=1"],
        ["int=frailty", "place=toy", "experiment.seed=2"],
        ["int=outreach", "place=toy", "experiment.seed=1"],
        ["int=outreach", "place=toy", "experiment.seed=2"],
    ]


def test_nearest_gives_a_hint_or_the_names() -> None:
    assert nearest("frailtee", ["frailty", "outreach"]) == "did you mean 'frailty'?"
    assert nearest("xyz", ["b", "a"]) == "allowed: a, b"


def test_a_place_may_be_a_folder(tmp_path: Path) -> None:
    own = shutil.copytree(Path(scenarios.__file__).parent / "places" / "toy", tmp_path / "mine")
    made = compose([f"place={own}"])
    assert str(made.place.folder) == str(own)
    assert compose(["place=toy", f"place.folder={own}"]).place.folder == made.place.folder
    with pytest.raises(InputError, match="place: no such option"):
        compose([f"place={tmp_path}"])
