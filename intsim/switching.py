"""A comparison run again with one mechanism of the model switched at a time: what its result rests on.

The arms, the seeds and the draws are those of the comparison; nothing is fitted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from evaluation import compare_report
from evaluation.run_folder import read_manifest, read_run
from evaluation.switched_runs import AS_BUILT, STRUCTURE, difference_rows
from intsim.again import arms_in
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from scenarios.schema.scenario import Structure
from scenarios.whole_file import whole
from sim.execution.identity import identity_of
from sim.experiment import usual_care

FOLDER = "structure"
MANIFEST = "manifest.json"
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


def comparison_in(folder: Path) -> list[Scenario]:
    """Return the scenario of every arm of the comparison in ``folder``; raise InputError if it holds none."""
    together = arms_in(folder)
    if len(together) < 2:
        raise InputError(str(folder), "holds a single run: a comparison is needed")
    return together


def switched(scenario: Scenario, name: str, value: Any) -> Scenario:
    """Return the scenario with one switch set."""
    structure = scenario.structure.model_copy(update={name: value})
    return scenario.model_copy(update={"structure": structure})


def run_switched(folder: Path, names: Sequence[str], progress: Any, say: Say) -> Path:
    """Run the comparison in ``folder`` with each of ``names`` switched, tell it in its report, and return the table.

    Each goes into ``folder``/structure/NAME; what is finished there is kept. A switch that the comparison itself had
    set so is passed over.
    """
    wanted, together = chosen(names), comparison_in(folder)
    check_same(folder, together)
    together = [as_long_as(folder, each) for each in together]
    for name, value in wanted.items():
        if getattr(together[0].structure, name) == value:
            say(f"{name} is {value} in the comparison itself: passed over")
            continue
        run_one(folder, together, name, value, progress, say)
    table = pd.DataFrame([row for each in results_of(folder) for row in each])
    path = folder / STRUCTURE
    with whole(path) as part:
        table.to_csv(part, index=False)
    compare_report.write(folder)
    return path


def check_same(folder: Path, together: Sequence[Scenario]) -> None:
    """Raise InputError if the comparison, or a switch that is kept, was made by other code or of other files."""
    now = identity_of(together, usual_care())
    for where in (folder, *(folder / FOLDER / name for name in switches())):
        if not (where / MANIFEST).is_file():
            continue
        then = read_manifest(where / MANIFEST).get("identity_sha256") or {}
        other = [part for part in ("code", "inputs", "libraries") if then.get(part) != now[part]]
        if other:
            what = "run the comparison again" if where == folder else "remove it"
            raise InputError(str(where), f"was made with other {', '.join(other)} than there are now: {what}")


def as_long_as(folder: Path, scenario: Scenario) -> Scenario:
    """Return the scenario with as many draws or replications as the comparison ran, and no rule to stop by."""
    ran = (read_manifest(folder / MANIFEST).get("stop") or {}).get("tasks")
    if ran is None:
        return scenario
    experiment = scenario.experiment
    stop = experiment.stop.model_copy(update={"outcome": None, "half_width": None})
    many = experiment.draws > 1  # it stops after whole draws, or after replications of the only one
    size = {"draws": int(ran) // experiment.replications} if many else {"replications": int(ran)}
    return scenario.model_copy(update={"experiment": experiment.model_copy(update={"stop": stop} | size)})


def run_one(folder: Path, together: Sequence[Scenario], name: str, value: Any, progress: Any, say: Say) -> None:
    """Run every arm with one switch set, or go on with what there is of it."""
    from sim.experiment import Conduct, run_experiment

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
        if (where / MANIFEST).is_file():
            yield difference_rows(read_run(where), name)
