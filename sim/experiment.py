"""Experiments: arms x draws x replications, on one machine or many, and the check that both engines agree."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.compose import compose
from scenarios.errors import InputError, one_line
from scenarios.place_files import load_place
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.saved import write_yaml
from scenarios.whole_file import write_json
from sim.engines.state import open_rows
from sim.execution.announce import expected
from sim.execution.claim import MANIFEST, TASKS, claim, locked
from sim.execution.executors import cores, executor_for
from sim.execution.forecast import Forecast, worth_measuring
from sim.execution.identity import input_hashes, whole
from sim.execution.inputs import keep_inputs
from sim.execution.ledger import Ledger
from sim.execution.plan import TaskPlan, make_plan_of
from sim.execution.rounds import Rounds, Say
from sim.execution.stopping import Judge, Stopped, looks
from sim.execution.tables import join_parts
from sim.execution.unfinished import Unfinished
from sim.execution.worker import FULL
from sim.execution.worlds import Shelf
from sim.jit import model_digest
from sim.month import first_course, make_plan, run_month
from sim.outcomes.manifest import manifest, version_of
from sim.task import ENGINES, PERSON_MONTHS, TABLES, Task, drawn_values, replication_seed
from sim.warm import ensure_compiled
from sim.whom import check_starts, whom_and_when
from sim.world import World, build_world, evidence_words, posterior_of

Progress = Callable[[int, int, str], Any]  # (done, in all, what is being done)


@dataclass(frozen=True)
class VerifyResult:
    """Whether both engines wrote the same log. contacts: records compared. first_difference: in words, or None."""

    equal: bool
    contacts: int
    first_difference: str | None


@dataclass(frozen=True)
class Conduct:
    """How an experiment is carried out, beyond its settings.

    resume: go on with what the folder holds. say: tells a person, a line at a time, what will be done and what goes
    wrong. judge: the half-width of the outcome to be known well enough (see Stop); None: all replications are run.
    foresee: is given the forecast in numbers, where one is made.
    """

    resume: bool = False
    say: Say = lambda words: None
    judge: Judge | None = None
    foresee: Callable[[Forecast], Any] = lambda forecast: None


def run_scenario(scenario: Scenario, output: Path, progress: Progress, conduct: Conduct | None = None) -> Path:
    """Run one scenario, write its tables and manifest into ``output`` and return it.

    Raises as ``run_experiment``.
    """
    return run_experiment([scenario], usual_care(), output, progress, conduct)


def compare_arms(
    base: Scenario, other: Scenario, output: Path, progress: Progress, conduct: Conduct | None = None
) -> Path:
    """Run two arms that differ in the INT design alone, from one burn-in under usual care; as ``run_scenario``."""
    return run_experiment([base, other], usual_care(), output, progress, conduct)


def usual_care() -> IntDesign:
    """Return the built-in design of today's care: every burn-in is lived through under it, and designs ramp from it."""
    return compose(["int=usual_care"]).int_design


def run_experiment(
    scenarios: Sequence[Scenario],
    usual: IntDesign,
    output: Path,
    progress: Progress,
    conduct: Conduct | None = None,
) -> Path:
    """Run every arm of every task and gather the tables; the first scenario is the baseline, ``usual`` the burn-in.

    Raises InputError for a place or evidence that cannot be used, a design that starts only after the horizon, and a
    folder that holds anything (unless it is this very experiment and ``conduct`` says to go on); Unfinished if tasks
    could not be finished: what is finished is kept.
    """
    how = conduct or Conduct()
    if scenarios[0].experiment.stop.outcome is not None and how.judge is None:
        raise InputError("experiment.stop.outcome", "needs two arms: a difference is what is judged")
    started = datetime.now(UTC)
    output = Path(output)
    plan = make_plan_of(scenarios, usual)
    if claim(plan, output, how.resume):
        tidy(output)
        how.say(f"{output} is complete already")
        return output
    ensure_compiled()
    began = time.monotonic()
    shelf = Shelf()
    world = shelf.world_of(plan, 0)  # what cannot be used is refused before anything is written
    world_s = time.monotonic() - began
    check_starts(world, plan.arms)
    folder = output / TASKS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            Ledger(folder).sweep()
            plan.write(folder)
            keep_inputs(plan.scenario, output)
            announce(plan, shelf, world_s, folder, how)
            stopped = carry_out(plan, folder, shelf, progress, how)
            gather(plan, folder, output, stopped.tasks)
            write_json(output / MANIFEST, describe(plan, stopped, world, started))
    except OSError as problem:
        if problem.errno not in FULL:
            raise
        words = f"no room on the disk ({one_line(str(problem))}); what is finished is kept: go on with --resume"
        raise Unfinished(str(output), words) from problem
    tidy(output)
    return output


def carry_out(plan: TaskPlan, folder: Path, shelf: Shelf, progress: Progress, how: Conduct) -> Stopped:
    """Run the tasks, batch by batch if the experiment may stop early; return where it stopped. shelf: of worlds.

    Raises Unfinished if a task could not be finished.
    """
    experiment, tasks = plan.scenario.experiment, plan.tasks
    executor = executor_for(experiment, len(tasks), shelf)
    total = plan.months_per_task * len(tasks)
    how.say(f"{len(tasks)} task{'s' if len(tasks) > 1 else ''}, {executor.words}")

    def report(months: int, done: int) -> None:
        progress(months, total, f"simulated months ({done} of {len(tasks)} tasks finished)")

    rounds = Rounds(plan, folder, executor, how.say, report)
    stop, width = experiment.stop, math.nan
    for count in looks(experiment):
        rounds.run(range(count))
        if rounds.given_up:
            words = f"{len(rounds.given_up)} of {count} tasks could not be finished; {rounds.kept()}"
            raise Unfinished(str(folder.parent), words, tuple(rounds.given_up.values()))
        if how.judge is not None and stop.half_width is not None:
            width = how.judge(Ledger(folder).parts("panel", tasks[:count]))
            if width <= stop.half_width:
                break
    return Stopped(count, len(tasks), width, stop.half_width or math.nan, stop.outcome or "")


def announce(plan: TaskPlan, shelf: Shelf, world_s: float, folder: Path, how: Conduct) -> None:
    """Say how long the tasks left will take and what they need, if that is long; measured on a few months.

    For other executors than ``serial`` and ``local`` nothing is said: other machines do the work.
    """
    experiment = plan.scenario.experiment
    left = sum(not Ledger(folder).said_finished(task) for task in plan.tasks)
    if experiment.executor not in ("serial", "local") or not worth_measuring(plan, left):
        return
    at_once = 1 if experiment.executor == "serial" else min(experiment.workers or cores(), left)
    foreseen = expected(plan, folder, shelf, world_s, (left, at_once))
    how.foresee(foreseen)
    for line in foreseen.lines(folder):
        how.say(line)


def gather(plan: TaskPlan, folder: Path, output: Path, count: int) -> None:
    """Put the tables of the first ``count`` tasks together in ``output``, beside the settings of each arm."""
    ledger, tasks = Ledger(folder), plan.tasks[:count]
    for table in TABLES:
        parts = ledger.parts(table, tasks)
        if parts:
            join_parts(parts, output / f"{table}.parquet")
    arms = plan.arms.arms
    for number, scenario in enumerate(plan.scenarios):
        name = "config.yaml" if number == len(arms) - 1 else f"config-{arms[number].name}.yaml"
        write_yaml(output / name, scenario)


def tidy(output: Path) -> None:
    """Move the files of person-months, if any, into a folder of their own, and remove what the tasks left."""
    folder = output / TASKS
    for file in sorted(folder.glob(f"{PERSON_MONTHS}-*.parquet")):
        own = output / PERSON_MONTHS
        own.mkdir(exist_ok=True)
        file.replace(own / file.name.removeprefix(f"{PERSON_MONTHS}-"))
    if folder.exists():
        shutil.rmtree(folder)


def describe(plan: TaskPlan, stopped: Stopped, world: World, started: datetime) -> dict[str, Any]:
    """Return the manifest of an experiment."""
    finished = datetime.now(UTC)
    scenario, arms = plan.scenarios[-1], plan.arms.arms
    seeds = {task.name: replication_seed(scenario, task) for task in plan.tasks[: stopped.tasks]}
    seeds["experiment"] = scenario.experiment.seed
    seeds["population"] = scenario.place.population_seed
    settings = scenario.model_dump(mode="json", by_alias=True)
    extra = {
        "version": version_of("intsim"),
        "created": finished.isoformat(timespec="seconds"),
        "scenario": settings,
        "arms": [arm.name for arm in arms],
        "baseline": arms[0].name,
        "designs": {arm.name: whom_and_when(world, arm.design, plan.arms.go_live) for arm in arms},
        "residents": world.residents,
        "place_title": place_title(world),
        "local_factors": dict(world.factors),
        "parameters": evidence_words(scenario),
        **calibrated(scenario),
        "engine": scenario.engine.name,
        "experiment_sha256": whole(plan.identity),
        "identity_sha256": dict(plan.identity),
    }
    if stopped.outcome:
        extra["stop"] = {**asdict(stopped), "reached": stopped.reached}
    return manifest(settings, seeds, input_hashes(scenario) | {"sim": model_digest()}, started, finished, extra)


def calibrated(scenario: Scenario) -> dict[str, Any]:
    """Return what the manifest says of the fit behind the parameters: where it was, and whether that is here."""
    posterior, settings = posterior_of(scenario), scenario.place
    if posterior is None:
        return {"calibrated_to": None, "calibrated_here": False}
    fitted = str(posterior.about["place"])
    here = posterior.is_of(settings.name, own=settings.folder is not None)
    told: dict[str, Any] = {"calibrated_to": fitted, "calibrated_here": here}
    if posterior.is_of(fitted, own=False):
        told["calibrated_to_title"] = load_place(fitted).facts.get("title", fitted).partition(":")[0]
    return told


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
    plan = make_plan(world, usual_care(), scenario.int_design)
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
        "open contacts": (open_rows(one.state.rows), open_rows(other.state.rows)),
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
