"""Settings that the pages name exist: every dotted path in code type is one of the scenario's."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from pydantic import BaseModel

from scenarios.schema.scenario import Scenario
from tests.docs.pages import PAGES, text_of

TICKED = re.compile(r"`([a-z_]+(?:\.[a-z0-9_]+)+)(?:=[^`]*)?`")
PAGE = "docs/requirements.md"
FILES = ("csv", "html", "json", "md", "parquet", "py", "yaml")  # services.csv is a file, not a setting


def groups() -> dict[str, type[BaseModel]]:
    """Return the blocks of a scenario by the name they have in files and on the command line."""
    found = {}
    for name, field in Scenario.model_fields.items():
        kind = block_of(field.annotation)
        if kind is not None:
            found[field.alias or name] = kind
    return found


def block_of(annotation: object) -> type[BaseModel] | None:
    """Return the block that a field holds, None for a single setting."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def exists(path: str) -> bool:
    """Return whether a dotted path, such as int.workforce.added_fte.gp, leads to a setting or a block of them."""
    first, *rest = path.split(".")
    block = groups().get(first)
    for name in rest:
        if block is None:
            return False
        field = block.model_fields.get(name)
        if field is None:
            return False
        block = block_of(field.annotation)
    return first in groups()


def paths(page: str) -> set[str]:
    """Return the dotted paths of settings that a page names: the first word is a group of the scenario."""
    found = (path.split(".") for path in TICKED.findall(text_of(page)))
    return {".".join(parts) for parts in found if parts[0] in groups() and parts[-1] not in FILES}


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_a_page_names_exists(page: str) -> None:
    assert not [path for path in sorted(paths(page)) if not exists(path)]


def test_the_requirements_name_settings_of_all_eleven_modules() -> None:
    named = {path.split(".")[1] for path in paths(PAGE) if path.startswith("int.")}
    modules = {name for name, field in groups()["int"].model_fields.items() if block_of(field.annotation)}
    assert len(modules) == 11
    assert named == modules


def test_every_requirement_has_a_setting_or_says_why_not() -> None:
    rows = [line.split(" | ") for line in text_of(PAGE).splitlines() if line.startswith("| ") and "---" not in line]
    answered = [row for row in rows if not row[1].startswith("settings")]
    assert len(answered) == 14 + 4 + 6 + 5
    for row in answered:
        assert "`int." in row[1] or "not modelled, because" in row[2], row[0]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("int.workforce.added_fte.gp", True),
        ("int.workforce.wellbeing", True),
        ("structure.trust", True),
        ("int.workforce.added_fte.dentist", False),
        ("int.metrics.review.often", False),
        ("nothing.at.all", False),
    ],
)
def test_a_path_that_leads_nowhere_is_seen(path: str, there: bool) -> None:
    assert exists(path) == there
