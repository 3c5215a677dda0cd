"""The functions for Python: what the commands call, words as on the command line, errors that can be caught."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import intsim
from intsim import api
from intsim.cli import main
from scenarios.errors import InputError
from scenarios.schema.saved import to_yaml

APPS = Path(intsim.__file__).parent / "apps"
WORDS = ("place=toy", "int=frailty", "experiment=quick")
LIGHT = """
import sys
import intsim
assert not {'scenarios.errors', 'calibration', 'numpy', 'pandas', 'hydra'} & set(sys.modules), 'not before it is used'
try:
    intsim.scenario('place=nowhere')
except intsim.InputError as problem:
    print(problem)
"""


@pytest.mark.parametrize("name", ["bank", "compare", "report", "rerun", "run", "structure", "verify"])
def test_a_command_calls_the_function_of_its_name(name: str) -> None:
    tree = ast.parse((APPS / f"{name}.py").read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert f"api.{name}" in called


def test_errors_are_there_by_name_and_nothing_is_loaded_for_them() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("place: no such option 'nowhere'")
    assert intsim.InputError is InputError
    assert issubclass(intsim.Unfinished, RuntimeError)
    assert intsim.NoPlausibleParameters.__module__ == "calibration.history_matching.conflict"
    assert all(hasattr(intsim, name) for name in intsim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'InputErorr'"):
        intsim.InputErorr  # noqa: B018


def test_the_baseline_is_a_word_as_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = (*WORDS, "baseline=consistent_core")
    first, second = api.compared(words, None, None)
    assert (first.int_design.name, second.int_design.name) == ("consistent_core", "frailty")
    assert api.compared(WORDS, "consistent_core", None) == [first, second]
    assert api.compared((intsim.scenario(*WORDS), "baseline=consistent_core"), None, None) == [first, second]
    assert api.compared(WORDS, None, None)[0].int_design.name == "usual_care"
    assert main(["compare", *words, "--show"]) == 0
    assert capsys.readouterr().out == f"# baseline\n{to_yaml(first)}---\n# compared with it\n{to_yaml(second)}"


@pytest.mark.parametrize(
    ("words", "baseline", "said"),
    [
        (("baseline=usual_care", "baseline=outreach"), None, "baseline: is given 2 times: give one design"),
        (("baseline=outreach",), "usual_care", "baseline: is given twice, as the word 'baseline=outreach' and as"),
        (("baseline=outreech",), None, "baseline: no such INT design 'outreech': did you mean 'outreach'?"),
        (("baseline=",), None, "baseline: no such INT design '':"),
        ((), "", "baseline: no such INT design '':"),
        (("baseline=frailty",), None, "int: both arms are 'frailty'"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused(words: tuple[str, ...], baseline: str | None, said: str) -> None:
    with pytest.raises(intsim.InputError) as problem:
        intsim.compare(*WORDS, *words, baseline=baseline)
    assert str(problem.value).startswith(said)


def test_a_scenario_goes_without_words_beside_it() -> None:
    made = intsim.scenario(*WORDS)
    with pytest.raises(intsim.InputError, match=r"override 'int=outreach': changes no Scenario .* one Scenario and"):
        intsim.run(made, "int=outreach")
    with pytest.raises(intsim.InputError, match=r"settings: are 2 Scenarios: give words such as 'place=toy', each by"):
        intsim.verify(made, made)
    with pytest.raises(intsim.InputError, match=r"settings: \['place=toy'\] is neither a word nor a Scenario: give wo"):
        intsim.bank(["place=toy"])  # type: ignore[arg-type]
    with pytest.raises(intsim.InputError, match=r"override 'int=outreach': changes no Scenario"):
        intsim.compare(made, "int=outreach", "baseline=consistent_core")


def test_what_is_no_text_is_refused_in_a_line(tmp_path: Path) -> None:
    table = intsim.evidence("find_share")
    assert table["name"].tolist() == ["find_share"]
    for call, words in (
        (lambda: intsim.evidence("find_shar"), "did you mean 'find_share'"),
        (lambda: intsim.evidence(3), "evidence: 3 is no text"),  # type: ignore[arg-type]
        (lambda: intsim.scenario(["place=toy"]), "give words such as 'place=toy', each by itself"),  # type: ignore[arg-type]
        (lambda: intsim.scenario(None), "scenario: None is no text"),  # type: ignore[arg-type]
        (lambda: intsim.build_place(tmp_path / "town", table), "a DataFrame is no text; give names of files"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError, match=words) as problem:
            call()
        assert "\n" not in str(problem.value)
    assert not (tmp_path / "town").exists()
