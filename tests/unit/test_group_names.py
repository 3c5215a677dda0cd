"""Groups that an INT is for: named as the model numbers them, and refused before a run where nobody can be in them."""

from __future__ import annotations

import pytest

from scenarios.compose import compose
from scenarios.errors import InputError

GROUP = "int.geography.group"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"by": "language", "value": "Klingon"},
            "value: no such language 'Klingon': allowed: arabic, bengali, english",
        ),
        ({"by": "language", "value": "Arabic"}, "value: no such language 'Arabic': did you mean 'arabic'?"),
        ({"by": "language", "value": '""'}, "value: is empty; name a language: allowed: arabic"),
        ({"by": "condition", "value": "demensia"}, "value: no such condition 'demensia': did you mean 'dementia'?"),
        ({"by": "inclusion", "value": "homless"}, "value: no such inclusion 'homless': did you mean 'homeless'?"),
        ({"by": "care_home", "value": "hospice"}, "value: no such care_home 'hospice': allowed: none, nursing"),
        ({"by": "age", "age_from": 90, "age_to": 60}, "age_from: must be below age_to, 60 (you gave 90): nobody"),
        ({"by": "age", "age_from": 60, "age_to": 60}, "age_from: must be below age_to, 60 (you gave 60): nobody"),
        ({"by": "care_home", "value": "any", "share": 0.0}, "share: must be above 0 (you gave 0): nobody"),
    ],
)
def test_a_group_that_is_none_or_empty_is_refused_before_a_run(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as problem:
        compose(["place=toy", *(f"{GROUP}.{name}={value}" for name, value in settings.items())])
    assert f"{GROUP}.{message}" in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"by": "inclusion"},
        {"by": "care_home", "value": "any"},
        {"by": "condition", "value": "dementia", "share": 0.01},
        {"by": "age", "age_from": 60},
        {"value": "nobody", "share": 0.0},  # by none: there is no group
    ],
)
def test_groups_that_somebody_can_be_in_are_taken(settings: dict[str, object]) -> None:
    made = compose(["place=toy", *(f"{GROUP}.{name}={value}" for name, value in settings.items())])
    assert made.int_design.geography.group.by == settings.get("by", "none")
