"""A user's own folder of options: data, checked before it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.compose import compose
from scenarios.errors import InputError

MINE = """\
defaults:
  - frailty
  - _self_
name: mine
workforce:
  added_fte:
    gp: 0.5
"""


def write(folder: Path, text: str, name: str = "int/mine.yaml") -> Path:
    """Write one settings file and return the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


def refused(folder: Path, *overrides: str) -> str:
    """Return the message with which a user's folder is refused."""
    with pytest.raises(InputError) as problem:
        compose(overrides, folder)
    return str(problem.value)


def test_a_users_design_builds_on_ours(tmp_path: Path) -> None:
    design = compose(["int=mine"], write(tmp_path / "a folder, with 'odd' name", MINE)).int_design
    assert design.name == "mine"
    assert design.workforce.added_fte.gp == 0.5
    assert design.workforce.added_fte.int_core == compose(["int=frailty"]).int_design.workforce.added_fte.int_core


def test_a_design_without_a_name_of_its_own_is_refused(tmp_path: Path) -> None:
    said = refused(write(tmp_path, MINE.replace("name: mine\n", "")), "int=mine")
    assert said.startswith("int/mine.yaml: needs a line 'name: mine'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: mine\n_target_: os.system\n", "int/mine.yaml line 2 key _target_: '_target_' is not allowed"),
        ("a:\n  - b:\n      _partial_: true\n", "int/mine.yaml line 3 key a.0.b._partial_: '_partial_' is not allowed"),
        ("_recursive_: false\n", "'_recursive_' is not allowed"),
        ("name: ${oc.env:HOME}\n", "int/mine.yaml line 1 key name: interpolation is not allowed"),
        ('name: "x${place.name}"\n', "key name: interpolation is not allowed"),
        ("name: &a mine\nother: *a\n", "YAML anchors and aliases (& and *) are not allowed"),
        ("name: !!python/object/apply:os.system [ls]\n", "the YAML tag"),
        ("name: [mine\n", "int/mine.yaml: is not valid YAML:"),
        ("- a\n- b\n", "int/mine.yaml: must hold settings, one 'name: value' on a line"),
        ("a: " + "[" * 3000 + "]" * 3000, "is nested more than"),
        ("name: mine\nname: other\n", "int/mine.yaml line 2 key name: 'name' is given twice"),
        ("name: mine\n? [a, b]\n: 1\n", "int/mine.yaml line 2 key (top): keys must be words"),
        ("name: mine\ndefaults: frailty\n", "int/mine.yaml line 2 key defaults: must be a list of names"),
        ("name: mine\ndefaults:\n  - a: [1]\n", "key defaults: must be a list of names"),
        ("name: mine\nnote: 2024-02-30\n", "int/mine.yaml: holds a value that cannot be read: day is out of range"),
        ("defaults:\n  - mine\nname: mine\n", "a file's defaults lead back to itself"),
    ],
)
def test_what_a_settings_file_may_not_hold(tmp_path: Path, text: str, message: str) -> None:
    said = refused(write(tmp_path, text), "int=mine")
    assert message in said
    assert "\n" not in said


def test_unknown_keys_and_wrong_values_in_a_file_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, MINE + "    gpp: 1\n  added_home_packages_per_10000: -1\n")
    assert refused(folder, "int=mine").splitlines() == [
        "int.workforce.added_fte.gpp: no such setting: did you mean 'gp'?",
        "int.workforce.added_home_packages_per_10000: must be at least 0 (you gave -1); "
        "unit: per 10,000 registered residents",
    ]


def test_a_design_is_named_so_that_files_can_be(tmp_path: Path) -> None:
    said = refused(write(tmp_path, MINE.replace("name: mine", "name: our/core")), "int=mine")
    assert said == "int/mine.yaml key name: 'our/core' is not allowed; must be the file's name, mine"
    odd = write(tmp_path / "odd", MINE.replace("name: mine", "name: our core"), "int/our core.yaml")
    assert "int.name: must be 1 to 60 letters, digits, _ or - (you gave 'our core')" in refused(odd, "int=our core")
    year = write(tmp_path / "year", MINE.replace("name: mine", "name: 2024"), "int/2024.yaml")
    assert compose(["int=2024"], year).int_design.name == "2024"


def test_a_design_that_leaves_something_out_is_told_what(tmp_path: Path) -> None:
    said = refused(write(tmp_path, "name: mine\nworkforce:\n  added_fte: {}\n"), "int=mine")
    assert "int.transition: is missing" in said.splitlines()


def test_a_file_may_not_hide_one_of_ours_nor_lie_outside_a_group(tmp_path: Path) -> None:
    assert "int/frailty.yaml: 'frailty' is built in" in refused(write(tmp_path / "a", MINE, "int/frailty.yaml"))
    assert "must lie in a folder named for its group" in refused(write(tmp_path / "b", MINE, "mine.yaml"))
    assert "settings files end in .yaml" in refused(write(tmp_path / "c", MINE, "int/mine.yml"))
    assert "no such folder of settings" in refused(tmp_path / "d")


def test_a_default_that_does_not_exist_is_refused_in_one_line(tmp_path: Path) -> None:
    said = refused(write(tmp_path, MINE.replace("frailty", "fraility")), "int=mine")
    assert "fraility" in said
    assert "\n" not in said
