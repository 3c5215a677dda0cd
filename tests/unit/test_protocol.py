"""A protocol is read with every fault named, frozen once, and refused when it was changed afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evaluation.protocol import freeze, read_protocol
from scenarios.errors import InputError

CONTENT = {
    "title": "Neighbourhood teams and ED",
    "question": "Do neighbourhood teams change ED attendances in their first year?",
    "eligibility": "all registered residents of the neighbourhoods",
    "time_zero": "first day of the month in which a neighbourhood's team starts",
    "strategies": ["a neighbourhood team from time zero", "usual care"],
    "assignment": "observational",
    "estimand": "att",
    "outcome": "ed_attendances",
    "design": "did",
    "follow_up_periods": 12,
    "immortal_time": "areas are compared, and nobody has to survive to be counted",
    "competing_deaths": "count_until_death",
    "negative_controls": ["injuries"],
}


def write(folder: Path, **changes: object) -> Path:
    path = folder / "trial.yaml"
    content = {key: value for key, value in {**CONTENT, **changes}.items() if value is not None}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_protocol_is_frozen_once_and_its_hash_is_of_its_content(tmp_path: Path) -> None:
    path = write(tmp_path)
    frozen = freeze(path)
    assert frozen.name == "trial.frozen.yaml"
    made = read_protocol(frozen, must_be_frozen=True)
    assert made.is_frozen
    assert made.plan_sha256 == read_protocol(path).plan_sha256
    assert made.sha256 != read_protocol(path).sha256  # the time it was frozen is part of it
    assert freeze(path) == frozen  # the same again is no change
    write(tmp_path, question="Another question?")
    with pytest.raises(InputError, match="holds another frozen protocol"):
        freeze(path)


@pytest.mark.parametrize("key", ["question", "outcome", "follow_up_periods", "negative_controls", "competing_deaths"])
def test_any_change_after_freezing_is_refused(tmp_path: Path, key: str) -> None:
    frozen = freeze(write(tmp_path))
    content = yaml.safe_load(frozen.read_text(encoding="utf-8"))
    changed = {
        "follow_up_periods": 24,
        "negative_controls": ["falls"],
        "competing_deaths": "survivors_named_as_such",
    }.get(key, "changed")
    frozen.write_text(yaml.safe_dump({**content, key: changed}), encoding="utf-8")
    with pytest.raises(InputError, match="was changed after it was frozen"):
        read_protocol(frozen, must_be_frozen=True)


def test_an_unfrozen_protocol_is_refused_where_a_frozen_one_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not frozen"):
        read_protocol(write(tmp_path), must_be_frozen=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"question": None}, "'question': is missing or empty"),
        ({"immortal_time": ""}, "'immortal_time': is missing or empty"),
        ({"strategies": ["one"]}, "at least two"),
        ({"strategies": "one"}, "a list of texts"),
        ({"estimand": "atx"}, "did you mean 'atc'|did you mean 'att'|did you mean 'ate'"),
        ({"assignment": "randomized"}, "did you mean 'randomised'"),
        ({"competing_deaths": "ignored"}, "allowed: "),
        ({"follow_up_periods": 0}, "a whole number from 1"),
        ({"follow_up_periods": True}, "a whole number from 1"),
        ({"outcomes": "x"}, "did you mean 'outcome'"),
        ({"negative_controls": ["ed_attendances"]}, "names the outcome itself"),
    ],
)
def test_each_fault_is_named_with_its_key(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words) as problem:
        read_protocol(write(tmp_path, **changes))
    assert "trial.yaml" in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n- b\n", "holds no keys"),
        ("a: [", "not valid YAML"),
        ("outcome: a\noutcome: b\n", "'outcome' is given twice"),
    ],
)
def test_what_is_no_protocol_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_protocol(path)
    with pytest.raises(InputError, match="no such file"):
        read_protocol(tmp_path / "none.yaml")
