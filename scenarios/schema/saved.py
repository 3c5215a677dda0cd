"""A scenario as the YAML kept with its results, and back."""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from pydantic import ValidationError

from scenarios.errors import InputError, raise_all
from scenarios.schema.problems import problems_of
from scenarios.schema.scenario import Scenario
from scenarios.user_files import once_loaded, problems_in


def to_yaml(scenario: Scenario) -> str:
    """Return every setting of ``scenario`` as YAML, in the order of the schema."""
    return yaml.safe_dump(scenario.model_dump(mode="json", by_alias=True), sort_keys=False, allow_unicode=True)


def write_yaml(scenario: Scenario, path: Path) -> None:
    """Write every setting of ``scenario`` into ``path``, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(to_yaml(scenario), encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


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
