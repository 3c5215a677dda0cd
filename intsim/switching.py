"""A comparison run again with one mechanism of the model switched at a time: what its result rests on.

The arms, the seeds and the draws are those of the comparison; nothing is fitted anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from evaluation import compare_report
from evaluation.run_folder import read_run
from evaluation.switched_runs import AS_BUILT, STRUCTURE, difference_rows
from intsim.again import arms_in
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from scenarios.schema.scenario import Structure

FOLDER = "structure"
Say = Callable[[str], Any]


def switches() -> dict[str, Any]:
    """Return every switch of the model's structure by name, with what it is switched to."""
    found = {}
    for name, each in Structure.model_fields.items():
        if isinstance(each.default, bool):
            found[name] = not each.default
        else:
            found[name] = next(value for value in get_args(each.annotation) if value != each.default)
    return found


def chosen(names: Sequence[str]) -> dict[str, Any]:
    """Return the switches called ``names``, all of them for none. Raises InputError for one that there is not."""
    known = switches()
    for name in names:
        if name not in known:
            raise InputError("switch", f"no such switch '{name}': {nearest(name, known)}")
    return {name: value for name, value in known.items() if not names or name in names}


def switched(scenario: Scenario, name: str, value: Any) -> Scenario:
    """Return the scenario with one switch set."""
    structure = scenario.structure.model_copy(update={name: value})
    return scenario.model_copy(update={"structure": structure})


def run_switched(folder: Path, names: Sequence[str], progress: Any, say: Say) -> Path:
    """Run the comparison in ``folder`` with each of ``names`` switched, tell it in its report, and return the table.

    Each goes into ``folder``/structure/NAME; what is finished there is kept. A switch that the comparison itself had
    set so is passed over.
    """
    wanted, together = chosen(names), arms_in(folder)
    for name, value in wanted.items():
        if getattr(together[0].structure, name) == value:
            say(f"{name} is {value} in the comparison itself: passed over")
            continue
        run_one(folder, together, name, value, progress, say)
    table = pd.DataFrame([row for each in results_of(folder) for row in each])
    path = folder / STRUCTURE
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    table.to_csv(partial, index=False)
    os.replace(partial, path)
    compare_report.write(folder)
    return path


def run_one(folder: Path, together: Sequence[Scenario], name: str, value: Any, progress: Any, say: Say) -> None:
    """Run every arm with one switch set, or go on with what there is of it."""
    from sim.experiment import Conduct, run_experiment, usual_care

    say(f"structure.{name}={value}")
    where = folder / FOLDER / name
    where.mkdir(parents=True, exist_ok=True)
    others = [switched(each, name, value) for each in together]
    run_experiment(others, usual_care(), where, progress, Conduct(resume=True, say=say))


def results_of(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the comparison as it was built, then of every switch whose run is finished."""
    yield difference_rows(read_run(folder), AS_BUILT)
    for name in switches():
        where = folder / FOLDER / name
        if (where / "manifest.json").is_file():
            yield difference_rows(read_run(where), name)
