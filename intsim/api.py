"""The public functions. Heavy imports wait until a function is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.imports import load_model

if TYPE_CHECKING:
    import pandas as pd

    from evaluation.case_report.write import Written
    from scenarios.schema import Scenario
    from sim.experiment import VerifyResult

MOST_SHOWN = 60  # letters of a value that cannot be used
Progress = Callable[[int, int, str], Any]  # (tasks done, tasks in all, what is being done)
Say = Callable[[str], Any]  # a line for a person: what will be done, what went wrong


def scenario(*overrides: str, config_dir: str | Path | None = None) -> Scenario:
    """Return the scenario that ``overrides`` describe, such as "place=toy", "int=frailty".

    ``config_dir`` is your own folder of options. Raises InputError, one line for each problem.
    """
    from scenarios.compose import compose

    for word in overrides:
        _word("scenario", word, "words such as 'place=toy', each by itself")
    return compose(overrides, None if config_dir is None else Path(config_dir))


def run(
    *what: str | Scenario,
    config_dir: str | Path | None = None,
    output: str | Path | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    say: Say | None = None,
) -> Path:
    """Run one scenario (overrides, or one Scenario and no word beside it) and return the folder of its results.

    ``output`` must be new or empty; None: ``experiment.output``, or a new folder under ``outputs/``. ``resume``: go on
    with what the folder holds of this very experiment. Raises InputError for anything that cannot be used, and
    Unfinished if tasks could not be finished; what is finished is kept.
    """
    from intsim.outputs import claimed

    one = resolved(what, config_dir)
    with claimed(output or one.experiment.output, "run", resume) as folder, kept_on_interrupt(folder, say or mute):
        load_model()  # slow: bad input is refused before
        from sim.experiment import Conduct, run_scenario

        return Path(run_scenario(one, folder, progress or silent, Conduct(resume, say or mute)))


def compare(
    *what: str | Scenario,
    baseline: str | Scenario | None = None,
    config_dir: str | Path | None = None,
    output: str | Path | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    say: Say | None = None,
) -> Path:
    """Run a design beside ``baseline`` on the same residents; return the folder of results, figures and report.

    ``baseline``: the name of a design, which the word "baseline=NAME" gives too (usual care if neither does), or a
    Scenario. Settings of ``int`` among the words belong to the other arm alone. With a case (``case=default``) every
    option of the case is run beside its comparator. ``resume`` and errors as for ``run``.
    """
    from intsim.outputs import claimed
    from intsim.precision import judge_of

    together = compared(what, baseline, config_dir)
    last = together[-1]
    judge = judge_of(last.experiment)
    with (
        claimed(output or last.experiment.output, "compare", resume) as folder,
        kept_on_interrupt(folder, say or mute),
    ):
        load_model()
        from evaluation import compare_report
        from sim.experiment import Conduct, run_experiment, usual_care

        how = Conduct(resume, say or mute, judge)
        results = Path(run_experiment(together, usual_care(), folder, progress or silent, how))
        compare_report.write(results)
    return results


def report(
    results: str | Path, *settings: str, output: str | Path | None = None, bank: str | Path | None = None
) -> Written:
    """Write the investment case of the comparison in ``results`` and return its files: HTML, Word and Excel.

    ``settings``: of the case, "case.discounting=green_book" and the like, that cost no simulation. ``output``: a folder
    for the files (None: ``results``). ``bank``: a folder of ``bank`` for thresholds and doses of claims. Raises
    InputError for a folder or setting that cannot be used.
    """
    from evaluation.case_report.write import write
    from intsim.cases.results import investment

    made = investment(Path(results), settings, None if bank is None else Path(bank))
    return write(made, Path(output or results))


def structure(results: str | Path, *switches: str, progress: Progress | None = None, say: Say | None = None) -> Path:
    """Run the comparison in ``results`` again with each of ``switches`` of the model's structure (all unless named).

    Returns ``structure.csv``, and tells it in the comparison's ``report.html``. What is finished is kept: the same call
    goes on. Raises InputError for a folder or switch that cannot be used.
    """
    from intsim.switching import chosen, comparison_in, run_switched

    chosen(switches)  # what cannot be used is refused before the model is loaded
    comparison_in(Path(results))
    load_model()
    try:
        return run_switched(Path(results), switches, progress or silent, say or mute)
    except KeyboardInterrupt:
        (say or mute)("what is finished is kept: the same command goes on")
        raise


def rerun(
    results: str | Path,
    output: str | Path | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    say: Say | None = None,
) -> tuple[Path, list[str]]:
    """Make what is in ``results`` again from what is kept there; return the new folder and what differs, in words.

    An empty list: every table is equal, number for number. ``resume``: go on with what ``output`` holds of it. Raises
    InputError for a folder that holds no finished run.
    """
    from intsim.again import arms_in, run_again
    from intsim.outputs import claimed

    arms_in(Path(results))  # what cannot be used is refused before the model is loaded
    with claimed(output, "rerun", resume) as folder, kept_on_interrupt(folder, say or mute, f"--output {folder}"):
        load_model()
        return folder, run_again(Path(results), folder, progress or silent, say or mute, resume)


def bank(
    *what: str | Scenario,
    points: int = 64,
    config_dir: str | Path | None = None,
    output: str | Path | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    say: Say | None = None,
) -> Path:
    """Run a bank of draws of a case in which reach, staff and maturity vary too, and return its folder.

    ``points``: a power of two, 32 or more for emulators to be fitted. Each has ``experiment.replications``. ``resume``
    and errors as for ``run``; raises InputError too for settings without a case.
    """
    from intsim.cases.bank import NOT_BANKED
    from intsim.outputs import claimed
    from intsim.refusals import refuse_settings
    from scenarios.errors import InputError

    refuse_settings([each for each in what if isinstance(each, str)], NOT_BANKED, "a bank")
    together = all_arms(what, "usual_care", config_dir)
    last = together[-1]
    if not last.case.options:
        raise InputError("case", "a bank is of a case: give case=default")
    with claimed(output or last.experiment.output, "bank", resume) as folder:
        from intsim.cases.bank import Bank, run_bank

        run_bank(Bank(together, points, last.experiment.replications), folder, progress or silent, resume, say or mute)
    return folder


def verify(
    *what: str | Scenario, config_dir: str | Path | None = None, progress: Progress | None = None
) -> VerifyResult:
    """Run both engines on one scenario and return whether their logs are equal, event for event.

    Raises InputError for settings that cannot be used.
    """
    one = resolved(what, config_dir)
    from sim.experiment import verify_engines  # slow to import: bad input is refused before

    return verify_engines(one, progress or silent)


def calibrate(
    *what: str,
    parameters: str | Sequence[str] = "",
    targets: str | Path = "",
    plan: Mapping[str, float] | None = None,
    config_dir: str | Path | None = None,
    output: str | Path | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    say: Say | None = None,
) -> Path:
    """Fit parameters of the registry to what was observed at a place; return the folder of tables, manifest and page.

    ``what``: words of ``intsim calibrate``: settings such as "place=toy" (England's average place unless named), and
    "national=NAME", "self_test=0" or "plan.points=24". ``parameters``: names, or what ``parameters=`` takes (our list
    for the place unless given). ``targets``: a file, or a name of ours (the place's own unless given). ``plan``:
    numbers of the plan by name, such as {"points": 100}; the command's unless given. Raises ``NoPlausibleParameters``
    if targets conflict, InputError for anything that cannot be used. Set OMP_NUM_THREADS=1 before
    numpy is loaded: matrices are small.
    """
    from intsim.fit_words import PLAN, split, wanted_of
    from intsim.fitting import fit_place
    from intsim.outputs import claimed

    named = parameters if isinstance(parameters, str) else ",".join(parameters)
    given = [f"{name}={value}" for name, value in (("parameters", named), ("targets", targets)) if str(value)]
    own, others = split([*what, *given, *(f"{PLAN}{name}={value}" for name, value in (plan or {}).items())])
    wanted = wanted_of(own, others, None if config_dir is None else Path(config_dir))
    with claimed(output or wanted.scenario.experiment.output, "calibrate", resume) as folder:
        fit_place(wanted, folder, progress or silent, resume, say or mute)
    return folder


def evidence(name: str = "") -> pd.DataFrame:
    """Return the evidence registry, one row for each uncertain parameter: values, source, certainty, basis, use.

    ``name``: that parameter alone. Raises InputError for one that is not there.
    """
    import pandas as pd

    from scenarios.registry.reader import load_registry
    from scenarios.registry.row import COLUMNS

    registry = load_registry()
    if name:
        registry.known(_word("evidence", name, "the name of a parameter"), "evidence")
    parameters = [registry.parameters[name]] if name else registry.parameters.values()
    return pd.DataFrame([{column: getattr(row, column) for column in COLUMNS} for row in parameters], columns=COLUMNS)


def build_place(
    folder: str | Path,
    *files: str | Path,
    boroughs: Sequence[str] = (),
    hospitals: str | Path | None = None,
    title: str = "",
    start: str = "",
    factors: Mapping[str, float] | None = None,
    people: int = 0,
    say: Say | None = None,
) -> Path:
    """Make a new place folder from ``files`` by LSOA or ward, as published or your own, and return it.

    ``boroughs``: local authorities, by name or code; ``hospitals``: a CSV file; ``title``: how reports call the place;
    ``start``: when a run starts ('2024-04-01' unless given); ``factors``: the place against England, by name;
    ``people``: residents of a neighbourhood where no file says which they are (40,000 unless given). What there is to
    know of the place goes to ``say``, a line each. Raises InputError for anything that cannot be used.
    """
    from scenarios.place_build.build import Wanted
    from scenarios.place_build.build import build_place as build

    asked: dict[str, Any] = {"title": title, "start": start, "people": people, "factors": factors}
    given = {name: value for name, value in asked.items() if value}
    wanted = Wanted(tuple(boroughs), None if hospitals is None else Path(hospitals), **given)
    for file in (folder, *files):
        _word("build_place", file, "names of files, each by itself", Path)
    built = build(folder, [str(file) for file in files], wanted)
    for note in built.notes:
        (say or mute)(note)
    return built.folder


def margins(place: str | Path) -> pd.DataFrame:
    """Return a place's synthetic residents beside published figures: margin, category, unit, both values, kind.

    ``place``: a folder, or the name of a built-in place. Raises InputError for files that cannot be used.
    """
    from scenarios.place_files import load_place
    from sim.place.margins import margins_table
    from sim.place.population import make_people

    made = load_place(place)
    people, communities, _, _ = make_people(made, None, 1)
    return margins_table(people, communities, made)


def mediators() -> pd.DataFrame:
    """Return, per type of need, the most-to-least-deprived ratio in England and the share of it that each part carries.

    Shares of the log ratio; `residual` is the direct deprivation term, solved so that England's margins hold.
    """
    import pandas as pd

    from scenarios.registry.reader import load_registry
    from sim.rules.gradient import mediator_shares
    from sim.rules.margins import make_grids

    registry = load_registry()
    return pd.DataFrame(mediator_shares(make_grids(registry, registry.central())))


def resolved(what: tuple[str | Scenario, ...], config_dir: str | Path | None) -> Scenario:
    """Return the scenario given, or the one that overrides describe; raise InputError for a mixture of both."""
    from scenarios.errors import InputError
    from scenarios.schema import Scenario

    texts = [item for item in what if isinstance(item, str)]
    given = [item for item in what if not isinstance(item, str)]
    if not given:
        return scenario(*texts, config_dir=config_dir)
    allowed = "give words such as 'place=toy', each by itself, or one Scenario and nothing beside it"
    for item in given:
        if not isinstance(item, Scenario):
            raise InputError("settings", f"{item!r} is neither a word nor a Scenario: {allowed}")
    if texts:
        raise InputError(f"override '{texts[0]}'", f"changes no Scenario that is made already: {allowed}")
    if len(given) > 1:
        raise InputError("settings", f"are {len(given)} Scenarios: {allowed}")
    return given[0]


def arms(
    what: tuple[str | Scenario, ...], baseline: str | Scenario, config_dir: str | Path | None
) -> tuple[Scenario, Scenario]:
    """Return (baseline, other): alike in everything but the INT design. Raises InputError if they are the same."""
    from scenarios.errors import InputError

    other = resolved(what, config_dir)
    base = base_arm(baseline, other, config_dir) if isinstance(baseline, str) else baseline
    if base == other:
        problem = f"both arms are '{other.int_design.name}': name the design to compare, for example int=frailty"
        raise InputError("int", problem)
    if base.model_copy(update={"int_design": other.int_design}) != other:
        raise InputError("baseline", "the two arms may differ in the INT design alone")
    return base, other


def compared(
    what: Sequence[str | Scenario], baseline: str | Scenario | None, config_dir: str | Path | None
) -> list[Scenario]:
    """Return every arm of a comparison, the baseline first; ``what`` may hold the word "baseline=NAME".

    Raises InputError if the baseline is given by a word and by ``baseline`` too, and as ``all_arms``.
    """
    from intsim.baseline import BASELINE, split_baseline
    from scenarios.errors import InputError

    named, words = split_baseline([item for item in what if isinstance(item, str)])
    if named is not None and baseline is not None:
        raise InputError("baseline", f"is given twice, as the word 'baseline={named}' and as baseline=: give one")
    made = [item for item in what if not isinstance(item, str)]
    given = BASELINE if named is None else named
    return all_arms((*made, *words), given if baseline is None else baseline, config_dir)


def all_arms(
    what: tuple[str | Scenario, ...], baseline: str | Scenario, config_dir: str | Path | None
) -> list[Scenario]:
    """Return every arm of a comparison, the baseline first: those of a case if there is one, otherwise two.

    Raises InputError for designs that cannot be compared.
    """
    from scenarios.errors import InputError

    one = resolved(what, config_dir)
    if not one.case.options:
        check_no_case(one)
        return list(arms((one,), baseline, config_dir))
    if one.int_design != resolved(("int=usual_care",), None).int_design or baseline != "usual_care":
        problem = "goes without int= and baseline=: its designs are case.options and case.comparator"
        raise InputError(f"case={one.case.name}", problem)
    from intsim.cases.arms import arms_of

    return arms_of(one, None if config_dir is None else Path(config_dir))


def check_no_case(one: Scenario) -> None:
    """Raise InputError for a setting of a case that has no options: it would count for nothing."""
    from scenarios.errors import InputError
    from scenarios.schema.case import Case

    given = dict(one.case)
    name = next((key for key, value in dict(Case(name=one.case.name)).items() if given[key] != value), None)
    if name is not None:
        words = "there is no case here to count it: say case=default, or give it to `intsim report RESULTS`"
        raise InputError(f"case.{name}", words)


def base_arm(name: str, other: Scenario, config_dir: str | Path | None) -> Scenario:
    """Return ``other`` with the design called ``name`` in place of its own; raise InputError if there is none."""
    from scenarios.compose import compose_design, folder_of, options
    from scenarios.errors import InputError, nearest

    folder = folder_of(config_dir)
    names = options(folder)["int"]
    if name not in names:
        raise InputError("baseline", f"no such INT design '{name}': {nearest(name, names)}")
    design = compose_design(name, other.place, folder)
    return other.model_copy(update={"int_design": design})


def _word(where: str, given: object, needed: str, *kinds: type) -> Any:
    """Return ``given``, or raise InputError unless it is text (or one of ``kinds``)."""
    from scenarios.errors import InputError, one_line

    if not isinstance(given, (str, *kinds)):
        shown = one_line(repr(given))
        shown = shown if len(shown) <= MOST_SHOWN else f"a {type(given).__name__}"
        raise InputError(where, f"{shown} is no text; give {needed}")
    return given


def silent(done: int, total: int, what: str) -> None:
    """Show no progress."""


def mute(words: str) -> None:
    """Say nothing."""


@contextmanager
def kept_on_interrupt(folder: Path, say: Say, option: str = "") -> Iterator[None]:
    """Say how to go on if the block is interrupted with Ctrl-C and left something to go on with.

    ``option``: that names the folder, where it is not experiment.output.
    """
    try:
        yield
    except KeyboardInterrupt:
        if (folder / "tasks").exists():
            say(f"what is finished is kept: go on with {option or f'experiment.output={folder}'} --resume")
        raise
