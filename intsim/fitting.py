"""A place is fitted: settings, targets, parameters and the model brought together, and what is left in the folder."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intsim.refusals import keys_of, refuse_settings, refuse_values
from scenarios.errors import InputError, nearest, raise_all

if TYPE_CHECKING:
    import pandas as pd

    from calibration.comparison.spreadsheets import Said
    from calibration.fit.plan import Plan
    from calibration.fit.results import Results
    from calibration.fit.screened import Screened
    from calibration.fit.simulator import Simulator
    from calibration.simulators.model import Model
    from calibration.space import Space
    from calibration.targets.target import TargetSet
    from scenarios.registry.reader import Registry
    from scenarios.schema import Scenario

PLACE, LOCAL = "england_average", "bi_borough"  # places whose lists of parameters serve others
LENGTH = {"experiment.burn_in_months": 24, "experiment.horizon_months": 12}  # of a run unless it is set otherwise
SELF_TEST = 200  # data sets of the simulation-based calibration
_RUNS, _ALL = "see plan.replications and plan.posterior_replications", "every run of its plan is made"
_NOWHERE, _HERE = "its runs leave what targets are about, and nothing else", "it runs on this machine"
NOT_FITTED = {  # settings that a fit has no use for, and why
    "experiment.replications": _RUNS,
    "experiment.draws": _RUNS,
    "experiment.stop": _ALL,
    "experiment.log": _NOWHERE,
    "experiment.person_months": _NOWHERE,
    "experiment.scheduler": _HERE,
    "experiment.slurm": _HERE,
}
PATTERN = ("*", "?", "[")
LIBRARIES = ("numpy", "scipy", "pandas", "numba", "SALib")
Progress = Callable[[int, int, str], object]
Say = Callable[[str], object]


@dataclass(frozen=True)
class Wanted:
    """What is to be fitted: ``parameters`` of the registry of a scenario's place, to ``targets`` (a file or a name)."""

    scenario: Scenario
    targets: str
    parameters: tuple[str, ...]
    plan: Plan
    self_test: int = SELF_TEST
    spreadsheets: str = ""  # a file of what spreadsheets say of the targets; ours for our tables of targets
    national: str = ""  # a posterior to stand on: its parameters are drawn, not fitted


@dataclass(frozen=True)
class Fitting:
    """A fit made ready: the simulator knows every target's definition and no value."""

    space: Space
    fitted: TargetSet
    outputs: tuple[str, ...]
    simulator: Simulator
    plan: Plan
    self_test: int
    said: tuple[Said, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)


def scenario_of(words: Sequence[str], config_dir: Path | None = None) -> Scenario:
    """Return the scenario of a fit: England's average place for 24 and 12 months unless ``words`` say otherwise.

    Raises InputError for settings that a fit does not take: a design, replications, executors beyond this machine.
    """
    from scenarios.compose import compose

    keys = keys_of(words)
    refuse_settings(words, NOT_FITTED, "a fit")
    first = [] if "place" in keys else [f"place={PLACE}"]
    length = [
        f"{key}={value}" for key, value in LENGTH.items() if key not in keys and not keys & {"experiment", "preset"}
    ]
    one = compose([*first, *length, *words], config_dir)
    if one.int_design != compose(["int=usual_care"]).int_design:
        given = one.int_design.name if one.int_design.name != "usual_care" else "settings of int"
        raise InputError("int", f"a fit is of usual care, which targets were observed under (you gave {given})")
    refuse_values(one, NOT_FITTED, "a fit")
    return one


def plan_of(settings: dict[str, str], scenario: Scenario) -> Plan:
    """Return the plan: defaults, ``settings`` by name, seed and workers of the scenario's experiment.

    Raises InputError for a name that is no number of a plan, and a value that is none.
    """

    from calibration.fit.plan import Plan

    own = {"seed": "experiment.seed", "workers": "experiment.workers"}
    kinds = {name: type(value) for name, value in asdict(Plan()).items()}
    values: dict[str, Any] = {}
    for name, text in settings.items():
        if name in own:
            raise InputError(f"plan.{name}", f"is set by {own[name]}")
        if name not in kinds:
            raise InputError(f"plan.{name}", f"no such number of a plan: {nearest(name, set(kinds) - set(own))}")
        values[name] = number_of(text, f"plan.{name}", kinds[name])
    from sim.execution.executors import cores

    experiment = scenario.experiment
    workers = 1 if experiment.executor == "serial" else experiment.workers or cores()
    return Plan(**values, seed=experiment.seed, workers=workers)


def number_of(text: str, where: str, kind: type) -> Any:
    """Return the number in ``text``. Raises InputError naming ``where`` if it is none, or not whole as it must be."""
    try:
        return kind(text)
    except ValueError:
        raise InputError(where, f"must be a {'whole ' if kind is int else ''}number (you gave '{text}')") from None


def is_file(text: str) -> bool:
    """Return whether ``text`` is the path of a file; a list of names can be longer than any path."""
    try:
        return Path(text).is_file()
    except OSError:
        return False


def listed_for(place: str) -> str:
    """Return our list of what is fitted at a place of ours, '' if there is none."""
    import calibration

    found = Path(str(calibration.__file__)).parent / "parameters" / f"{place}.txt"
    return str(found) if found.is_file() else ""


def list_for(one: Scenario, national: bool) -> str:
    """Return the place whose list of parameters is fitted: a user's own has England's, or the local one over a fit."""
    if one.place.folder is None:
        return one.place.name
    return LOCAL if national else PLACE


def targets_for(given: str, one: Scenario) -> str:
    """Return the table of what was observed: the one ``given``, or ours of the place.

    Raises InputError at a user's own place where none is given: we have none of it.
    """
    if not given and one.place.folder is not None:
        raise InputError("targets", "name a table of what was observed at your place: targets=FILE")
    return given or one.place.name


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file. Raises InputError if it is no text that can be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(str(path), "is not a text file in UTF-8") from None
    except OSError as problem:
        raise InputError(str(path), f"cannot be read: {problem.strerror}") from None


def parameters_of(text: str, registry: Registry, place: str = "") -> tuple[str, ...]:
    """Return names of uncertain parameters: a list with commas, or a file with one on each line ('#' begins a note).

    A name with * stands for all uncertain ones that it fits. Without ``text``: those of our list for ``place``. Raises
    InputError if a name fits none, or there is no list.
    """
    text = text or listed_for(place)
    if not text:
        words = "name what is to be fitted: parameters=NAME,NAME or parameters=FILE (to find out: --screen 6)"
        raise InputError("parameters", words)
    listed = lines_of(Path(text)) if is_file(text) else text.split(",")
    found: list[str] = []
    for line in listed:
        name = line.split("#")[0].strip()
        if not any(mark in name for mark in PATTERN):
            found += [name] if name else []
            continue
        fitting = [
            row.name
            for row in registry.parameters.values()
            if row.distribution != "fixed" and fnmatchcase(row.name, name) and row.name not in found
        ]
        if not fitting:
            raise InputError("parameters", f"'{name}' fits the name of no uncertain parameter")
        found += fitting
    return tuple(found)


def registry_of(scenario: Scenario) -> Registry:
    """Return the evidence registry with the scenario's own evidence in place of ours."""
    from scenarios.registry.reader import load_registry

    return load_registry().with_evidence(scenario.evidence.overrides, scenario.evidence.rows)


def made_ready(wanted: Wanted, screening: bool = False) -> Fitting:
    """Return the fit of a place made ready; screening: however many parameters there are.

    Raises InputError, one line each, for targets or parameters that cannot be used.
    """
    from calibration.space import Space, of_registry
    from calibration.targets.columns import FITTED
    from calibration.targets.reader import path_of
    from intsim.national import national_of, over_national

    path = path_of(wanted.targets)
    check_targets(wanted)
    registry = registry_of(wanted.scenario)
    if screening:
        space = Space(tuple(of_registry(registry, [name]).priors[0] for name in dict.fromkeys(wanted.parameters)))
    else:
        space = of_registry(registry, wanted.parameters)
    simulator = simulator_of(wanted)
    fitted = targets_at(path, (FITTED,))
    outputs = tuple(simulator.targets.names)
    settings = about(wanted, path, space)
    said = said_of(wanted, path)
    made = Fitting(space, fitted, outputs, simulator, wanted.plan, wanted.self_test, said, settings)
    if wanted.national and not screening:
        return over_national(made, national_of(wanted), wanted.scenario.structure.model_dump())
    return made


def said_of(wanted: Wanted, path: Path) -> tuple[Said, ...]:
    """Return what spreadsheets say of the targets: the file that is named, or ours for a table of ours."""
    from calibration.comparison.spreadsheets import built_in, read_said
    from calibration.targets.reader import TABLES

    if wanted.spreadsheets:
        return tuple(read_said(Path(wanted.spreadsheets)))
    ours = built_in(path.stem) if path.parent == TABLES else None
    return tuple(read_said(ours)) if ours else ()


def check_targets(wanted: Wanted) -> None:
    """Raise InputError, one line each, for rows that cannot be used or figures that cannot hold together."""
    from calibration.targets.checks import problems_of
    from calibration.targets.coherence import incoherent
    from calibration.targets.period import run_period
    from calibration.targets.reader import path_of

    one = wanted.scenario
    targets = targets_at(path_of(wanted.targets))
    raise_all(problems_of(targets, run_period(one.place.start_date.isoformat(), one.experiment.horizon_months)))
    raise_all(incoherent(targets))


def targets_at(path: Path, roles: Collection[str] | None = None) -> TargetSet:
    """Return the targets in a tidy table or a Fingertips download; of the first, those of some ``roles`` alone."""
    from calibration.targets.columns import ROLES
    from calibration.targets.fingertips import is_fingertips, read_fingertips
    from calibration.targets.reader import read_targets

    return read_fingertips(path) if is_fingertips(path) else read_targets(path, roles or ROLES)


def simulator_of(wanted: Wanted) -> Model:
    """Return the model as a simulator, which knows what every target is about and the value of none."""
    from calibration.simulators.model import model_of
    from calibration.targets.reader import path_of

    return model_of(wanted.scenario, blinded(targets_at(path_of(wanted.targets))))


def blinded(targets: TargetSet) -> TargetSet:
    """Return what the targets are about, without a single observed figure."""
    nothing = dict.fromkeys(("value", "lower_95", "upper_95", "count", "denominator"), float("nan"))
    return replace(targets, targets=tuple(replace(each, **nothing) for each in targets))  # type: ignore[arg-type]


def about(wanted: Wanted, path: Path, space: Space) -> dict[str, Any]:
    """Return what the manifest says of how a fit was made."""
    from scenarios.schema.saved import to_yaml
    from sim.execution.identity import input_hashes
    from sim.outcomes.manifest import file_hash

    return {
        "name": wanted.scenario.place.name,
        "place": wanted.scenario.place.name,
        "scenario": to_yaml(wanted.scenario),
        "inputs_sha256": input_hashes(wanted.scenario),
        "targets": {"name": path.name, "sha256": file_hash(path)},
        **about_plan(space, wanted.plan, registry_of(wanted.scenario)),
    }


def about_plan(space: Space, plan: Plan, registry: Registry | None = None) -> dict[str, Any]:
    """Return the plan and the priors for the manifest; of parameters of the registry, the rows they come from."""
    priors = []
    for one in space.priors:
        row: Any = one if registry is None else registry.parameters[one.name]
        found = {"name": one.name, "unit": one.unit, "meaning": one.meaning, "low": row.low, "high": row.high}
        priors.append(found if registry is None else found | {"distribution": row.distribution, "central": row.central})
    return {"plan": asdict(plan), "priors": priors}


def fit(
    fitting: Fitting, targets: Callable[[], TargetSet], folder: Path, progress: Progress, resume: bool, say: Say
) -> Results:
    """Carry out a fit in ``folder``, and leave tables, manifest and page there.

    targets: gives them with all their values; it is called when the fit is over. Raises NoPlausibleParameters if they
    conflict (its tables are left in the folder), and as ``calibrate``.
    """
    from calibration.fit.fit import calibrate
    from calibration.fit.summed_up import summed_up
    from calibration.history_matching.conflict import NoPlausibleParameters
    from calibration.page.page import write_page
    from intsim.national import told_whole

    started = datetime.now(UTC)
    try:
        what = (fitting.space, fitting.fitted, fitting.outputs, fitting.simulator)
        found = calibrate(*what, folder, fitting.plan, progress, say, resume)
    except NoPlausibleParameters as problem:
        leave_conflict(problem, folder)
        raise
    say("checks of the fit itself")
    made = {**fitting.about, "simulator_sha256": fitting.simulator.identity, **about_now(started)}
    results = told_whole(summed_up(found, targets(), fitting.self_test, made, fitting.said), fitting)
    results.write(folder)
    write_page(results, folder)
    return results


def about_now(started: datetime) -> dict[str, Any]:
    """Return versions, commit and times for the manifest."""
    from sim.outcomes.manifest import git_commit, stamp, version_of

    return {
        "intsim": version_of("intsim"),
        "git_commit": git_commit(Path(__file__).resolve().parent),
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "started": stamp(started),
        "finished": stamp(datetime.now(UTC)),
    }


def leave_conflict(problem: Any, folder: Path) -> None:
    """Write the tables of targets that conflict."""
    from calibration.fit.results import write_csv

    write_csv(folder / "conflict.csv", problem.conflict.table)
    write_csv(folder / "conflict_pairs.csv", problem.conflict.pairs)


def fit_place(wanted: Wanted, folder: Path, progress: Progress, resume: bool, say: Say) -> Results:
    """Fit a place. See ``fit`` and ``made_ready`` for what is raised."""
    from calibration.targets.reader import path_of
    from sim.warm import ensure_compiled

    fitting = made_ready(wanted)
    with held(folder):
        ensure_compiled()
        return fit(fitting, lambda: targets_at(path_of(wanted.targets)), folder, progress, resume, say)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes out of ``folder`` while a fit runs there. Raises InputError if one holds it."""
    from calibration.fit.store import RUNS
    from sim.execution.claim import locked

    (folder / RUNS).mkdir(parents=True, exist_ok=True)
    with locked(folder / RUNS):
        yield


def screen_place(wanted: Wanted, count: int, folder: Path, progress: Progress, resume: bool) -> Screened:
    """Screen the parameters of a place by ``count`` trajectories; leave effects, ranking and choice in ``folder``."""
    from calibration.fit.results import write_csv
    from calibration.fit.screened import screen
    from scenarios.whole_file import write_text
    from sim.warm import ensure_compiled

    made = made_ready(wanted, screening=True)
    with held(folder):
        ensure_compiled()
        found = screen(
            made.space, made.fitted, made.outputs, made.simulator, folder, count, made.plan.seed, made.plan.workers,
            progress, resume,
        )  # fmt: skip
    write_csv(folder / "effects.csv", found.effects)
    write_csv(folder / "ranked.csv", found.ranked)
    write_text(folder / "chosen.txt", "".join(f"{name}\n" for name in found.chosen))
    return found


def look_at_place(wanted: Wanted, runs: int, folder: Path, progress: Progress) -> pd.DataFrame:
    """Return targets of a place beside ``runs`` runs at the registry's values, and leave them in ``folder``."""
    from calibration.fit.beside import beside
    from calibration.fit.results import write_csv
    from calibration.targets.reader import path_of
    from sim.warm import ensure_compiled

    check_targets(wanted)
    with held(folder):
        ensure_compiled()
        targets = targets_at(path_of(wanted.targets))
        found = beside(targets, simulator_of(wanted), runs, wanted.plan.seed, progress)
    write_csv(folder / "beside.csv", found)
    return found


def fit_example(plan: Plan, self_test: int, folder: Path, progress: Progress, resume: bool, say: Say) -> Results:
    """Fit the example, whose answer is known."""
    from calibration.simulators.example import example

    made = example()
    told = {"name": "example", "place": "a queue of three servers", **about_plan(made.space, plan)}
    outputs = tuple(made.targets.names)
    fitting = Fitting(made.space, made.targets.fitted, outputs, made.simulator, plan, self_test, (), told)
    with held(folder):
        return fit(fitting, lambda: made.targets, folder, progress, resume, say)
