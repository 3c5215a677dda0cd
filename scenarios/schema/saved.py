"""A scenario as the YAML kept with its results, and back."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from scenarios.errors import InputError, raise_all
from scenarios.schema.problems import problems_of
from scenarios.schema.scenario import Scenario
from scenarios.user_files import once_loaded, problems_in
from scenarios.whole_file import write_text


def to_yaml(scenario: Scenario) -> str:
    """Return every setting of ``scenario`` as YAML, in the order of the schema."""
    return yaml.safe_dump(scenario.model_dump(mode="json", by_alias=True), sort_keys=False, allow_unicode=True)


def write_yaml(path: Path, scenario: Scenario) -> None:
    """Write every setting of ``scenario`` into ``path``, whole or not at all."""
    write_text(path, to_yaml(scenario))


def read_yaml(path: Path) -> Scenario:
    """Return the scenario kept in ``path`` (``config.yaml`` of a run); raise InputError if it cannot be used."""
    if not path.is_file():
        raise InputError(str(path), "no such file")
    raise_all(problems_in(path, path.name))
    try:
        return Scenario.model_validate(once_loaded(path.read_text(encoding="utf-8"), path.name))
    except ValidationError as failure:
        raise_all([InputError(path.name, str(problem)) for problem in problems_of(failure, Scenario)])
        raise
