"""Experiments: arms x draws x replications on one machine, and the check that both engines agree."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.registry.reader import FOLDER as REGISTRY
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.saved import to_yaml
from sim.agents.design import from_scenario
from sim.jit import model_digest
from sim.month import first_course, make_plan, run_month
from sim.outcomes.frames import write_parquet
from sim.outcomes.manifest import file_hash, folder_hashes, manifest, version_of, write_json
from sim.task import (
    ENGINES,
    PERSON_MONTHS,
    TABLES,
    Arm,
    Arms,
    Task,
    drawn_values,
    read_tables,
    replication_seed,
    run_task,
)
from sim.warm import ensure_compiled
from sim.world import World, build_world

Progress = Callable[[int, int, str], Any]  # (done, in all, what is being done)


@dataclass(frozen=True)
class VerifyResult:
    """Whether both engines wrote the same log. contacts: records compared. first_difference: in words, or None."""

    equal: bool
    contacts: int
    first_difference: str | None


def run_scenario(scenario: Scenario, output: Path, progress: Progress) -> Path:
    """Run one scenario, write its tables and manifest into ``output`` and return it.

    Raises InputError for a place or evidence that cannot be used, and if ``output`` already holds a run.
    """
    return run_experiment([scenario], usual_care(), output, progress)


def compare_arms(base: Scenario, other: Scenario, output: Path, progress: Progress) -> Path:
    """Run two arms that differ in the INT design alone, from one burn-in under usual care; as ``run_scenario``."""
    return run_experiment([base, other], usual_care(), output, progress)


def usual_care() -> IntDesign:
    """Return the built-in design of today's care: every burn-in is lived through under it, and designs ramp from it."""
    return compose(["int=usual_care"]).int_design


def run_experiment(scenarios: Sequence[Scenario], usual: IntDesign, output: Path, progress: Progress) -> Path:
    """Run every arm of every task and gather the tables; the first scenario is the baseline, ``usual`` the burn-in."""
    started = datetime.now(UTC)
    first = scenarios[0]
    output = Path(output)
    if output.exists() and any(output.iterdir()):
        raise InputError(str(output), "already holds a run or other files: give a new folder")
    arms = arms_of(scenarios)
    tasks = [
        Task(draw, replication)
        for draw in range(first.experiment.draws)
        for replication in range(first.experiment.replications)
    ]
    ensure_compiled()
    world = build_world(first, drawn_values(first, 0))
    parts = output / "tasks"
    parts.mkdir(parents=True, exist_ok=True)
    run_tasks(first, Arms(usual, tuple(arms)), tasks, parts, world, progress)
    for table in TABLES:
        frame = read_tables(parts, table)
        if frame is not None:
            write_parquet(frame, output / f"{table}.parquet")
    keep_person_months(parts, output)
    shutil.rmtree(parts)
    for scenario, arm in zip(scenarios, arms, strict=True):
        name = "config.yaml" if arm is arms[-1] else f"config-{arm.name}.yaml"
        (output / name).write_text(to_yaml(scenario), encoding="utf-8")
    write_json(describe(scenarios[-1], arms, tasks, world, started), output / "manifest.json")
    return output


def keep_person_months(parts: Path, output: Path) -> None:
    """Move the files of person-months, if any, into a folder of their own: too large to be put into one table."""
    for file in sorted(parts.glob(f"{PERSON_MONTHS}-*.parquet")):
        folder = output / PERSON_MONTHS
        folder.mkdir(exist_ok=True)
        file.rename(folder / file.name.removeprefix(f"{PERSON_MONTHS}-"))


def arms_of(scenarios: Sequence[Scenario]) -> list[Arm]:
    """Return the arms with labels of their own: a design that keeps its file's name but not its settings is marked."""
    arms: list[Arm] = []
    for scenario in scenarios:
        name = scenario.int_design.name
        while name in [arm.name for arm in arms]:
            name = f"{name}_changed"
        arms.append(Arm(name, scenario.int_design))
    return arms


def run_tasks(
    scenario: Scenario, plan_of: Arms, tasks: Sequence[Task], folder: Path, world: World, progress: Progress
) -> None:
    """Run the tasks, in turn or on several processes; results are the same either way."""
    experiment = scenario.experiment
    months = experiment.burn_in_months + (plan_of.go_live + experiment.horizon_months) * len(plan_of.arms)
    total = months * len(tasks)
    shared = world if experiment.draws == 1 else None
    done = 0

    def tick(what: str, months_done: int = 1) -> None:
        nonlocal done
        done += months_done
        progress(done, total, f"simulated months ({what})")

    if min(experiment.workers, len(tasks)) == 1:
        for task in tasks:
            run_task(scenario, plan_of, task, folder, shared, tick)
        return
    warm_up(world)
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=min(experiment.workers, len(tasks)), backend="loky", return_as="generator_unordered")
    run = delayed(partial(run_task, tick=quiet))
    for _ in pool(run(scenario, plan_of, task, folder, shared) for task in tasks):
        tick("replications", months)


def quiet(what: str) -> None:
    """Report nothing: a worker's months are reported by its parent."""


def warm_up(world: World) -> None:
    """Compile in the parent, before workers start, by running one month."""
    usual = from_scenario(world.scenario.int_design)
    run_month(world, first_course(world, 0), make_plan(world, usual, usual), ENGINES[world.scenario.engine.name])


def describe(
    scenario: Scenario, arms: Sequence[Arm], tasks: Sequence[Task], world: World, started: datetime
) -> dict[str, Any]:
    """Return the manifest of an experiment."""
    finished = datetime.now(UTC)
    seeds = {task.name: replication_seed(scenario, task) for task in tasks}
    seeds["experiment"] = scenario.experiment.seed
    seeds["population"] = scenario.place.population_seed
    settings = scenario.model_dump(mode="json", by_alias=True)
    inputs = {f"place/{name}": value for name, value in world.place.hashes.items()}
    inputs.update({f"evidence/{name}": value for name, value in folder_hashes(REGISTRY).items()})
    if scenario.evidence.file is not None:
        inputs["evidence.file"] = file_hash(Path(scenario.evidence.file))
    inputs["sim"] = model_digest()
    extra = {
        "version": version_of("intsim"),
        "created": finished.isoformat(timespec="seconds"),
        "scenario": settings,
        "arms": [arm.name for arm in arms],
        "baseline": arms[0].name,
        "residents": world.residents,
        "place_title": place_title(world),
        "local_factors": dict(world.factors),
        "engine": scenario.engine.name,
    }
    return manifest(settings, seeds, inputs, started, finished, extra)


def place_title(world: World) -> str:
    """Return the place in words, with the neighbourhoods simulated where they are not all of it."""
    table = world.place.neighbourhoods
    title = world.place.facts.get("title", world.place.name)
    chosen = world.scenario.place.neighbourhoods
    if chosen == "all":
        return title
    names = [str(name) for name in table["name"][table["id"].isin(list(chosen))]]
    return f"{title}: {', '.join(names)} ({len(names)} of {len(table)} neighbourhoods, the rest as load on hospitals)"


def verify_engines(scenario: Scenario, progress: Progress | None = None) -> VerifyResult:
    """Run both engines on one replication of ``scenario`` and compare log and state after every month."""
    ensure_compiled()
    world = build_world(scenario, drawn_values(scenario, 0))
    plan = make_plan(world, from_scenario(usual_care()), from_scenario(scenario.int_design))
    seed = replication_seed(scenario, Task(0, 0))
    courses = {name: first_course(world, seed) for name in ENGINES}
    months = scenario.experiment.burn_in_months + scenario.experiment.horizon_months
    contacts = 0
    for month in range(months):
        logs = {name: run_month(world, courses[name], plan, ENGINES[name]).log for name in ENGINES}
        found = difference(logs["reference"], logs["compiled"]) or state_difference(*courses.values())
        contacts += len(logs["reference"])
        if progress is not None:
            progress(month + 1, months, "months compared")
        if found:
            return VerifyResult(False, contacts, f"month {world.calendar.label(month)}: {found}")
    return VerifyResult(True, contacts, None)


def difference(expected: np.ndarray, found: np.ndarray) -> str | None:
    """Return in words where two logs first differ, or None."""
    shared = min(len(expected), len(found))
    unequal = np.flatnonzero(expected[:shared] != found[:shared])
    if len(unequal):
        i = unequal[0]
        names = [name for name in expected.dtype.names or () if expected[i][name] != found[i][name]]
        return f"record {i} differs in {', '.join(names)}: reference {expected[i]}, compiled {found[i]}"
    if len(expected) != len(found):
        return f"the reference engine wrote {len(expected)} records, the compiled engine {len(found)}"
    return None


def state_difference(one: Any, other: Any) -> str | None:
    """Return which columns of two courses differ, or None."""
    pairs = {
        "open contacts": (one.state.rows, other.state.rows),
        "services": (one.state.services, other.state.services),
        "pools": (one.state.pools, other.state.pools),
        "residents": (one.state.tables.people, other.state.tables.people),
        "reach": (one.state.tables.reach, other.state.tables.reach),
        "teams": (one.state.tables.teams, other.state.tables.teams),
    }
    for what, (left, right) in pairs.items():
        if left.shape != right.shape or not (left == right).all():
            return f"the columns of {what} differ"
    return None
