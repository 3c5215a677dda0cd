"""A run made again from its folder alone, and held against what is there: the same to the last digit, or what not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.run_folder import read_manifest
from scenarios.errors import InputError
from scenarios.schema import Scenario
from scenarios.schema.saved import read_yaml
from sim.execution.identity import code_hash, input_hashes
from sim.execution.inputs import from_inputs
from sim.task import PERSON_MONTHS, TABLES

Say = Callable[[str], Any]
PERSONS = f"{PERSON_MONTHS}/*.parquet"


def arms_in(folder: Path) -> list[Scenario]:
    """Return the scenario of every arm that was run in ``folder``, the baseline first, reading what is kept there.

    Raises InputError if the folder holds no finished run, or the settings of an arm are not in it.
    """
    arms = [str(arm) for arm in read_manifest(folder / "manifest.json").get("arms") or [""]]
    found = []
    for arm in arms:
        own = folder / f"config-{arm}.yaml"
        if not own.is_file() and arm != arms[-1]:
            raise InputError(str(own), f"no such file: the settings of '{arm}' are needed to run it again")
        found.append(from_inputs(read_yaml(own if own.is_file() else folder / "config.yaml"), folder))
    return found


def changed_since(folder: Path, scenario: Scenario) -> list[str]:
    """Return in words what a run in ``folder`` read or was made with that is another now."""
    manifest = read_manifest(folder / "manifest.json")
    then: Mapping[str, Any] = manifest.get("inputs_sha256") or {}
    now = input_hashes(scenario)
    found = [f"{name} has changed" for name in sorted({*then, *now} - {"sim"}) if then.get(name) != now.get(name)]
    from importlib.metadata import version

    if (manifest.get("identity_sha256") or {}).get("code") != code_hash():
        found.append(f"the model is of another version ({manifest.get('version')}, now {version('intsim')})")
    return found


def run_again(folder: Path, output: Path, progress: Any, say: Say, resume: bool = False) -> list[str]:
    """Run what is in ``folder`` again into ``output``; return in words every table that differs, none if all are equal.

    ``resume``: go on with what ``output`` holds of it. Raises InputError for a folder that holds no finished run, and
    as ``sim.experiment.run_experiment``.
    """
    from intsim.precision import judge_of
    from sim.experiment import Conduct, run_experiment, usual_care

    together = arms_in(folder)
    for words in changed_since(folder, together[-1]):
        say(words)
    how = Conduct(resume, say, judge_of(together[-1].experiment))
    run_experiment(together, usual_care(), output, progress, how)
    persons = {path.relative_to(each).as_posix() for each in (folder, output) for path in each.glob(PERSONS)}
    files = [*(f"{table}.parquet" for table in TABLES), *sorted(persons)]
    return [words for file in files if (words := unequal(file, folder, output))]


def unequal(file: str, one: Path, other: Path) -> str:
    """Return in words how a table differs between two folders; '' where it is equal, or in neither."""
    paths = [folder / file for folder in (one, other)]
    there = [path.is_file() for path in paths]
    if not any(there):
        return ""
    if not all(there):
        return f"{file} is in one of them alone"
    first, second = (pd.read_parquet(path) for path in paths)
    if first.equals(second):
        return ""
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return f"{file} has other rows or columns"
    same = (first == second) | (first.isna() & second.isna())
    columns = [str(name) for name in first.columns if not same[name].all()]
    return f"{file} differs in {', '.join(columns)}: {int((~same.all(axis=1)).sum())} of {len(first)} rows"
