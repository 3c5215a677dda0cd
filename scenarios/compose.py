"""From overrides to one typed scenario."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from hydra import compose as hydra_compose
from hydra import initialize_config_module
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from scenarios.design_settings import check_communities, check_group
from scenarios.errors import InputError, one_line, raise_all
from scenarios.overrides import ready
from scenarios.place_settings import check_place_settings
from scenarios.registry.reader import load_registry
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.place import Place
from scenarios.schema.problems import problems_of
from scenarios.user_files import check_folder, check_value, once_loaded, yaml_words

CONFIG = Path(__file__).parent / "config"
GROUPS = ("place", "services", "int", "evidence", "case", "engine", "experiment", "preset")
LOCK = threading.Lock()  # Hydra composes through one global object


def compose_design(name: str, place: Place, config_dir: Path | None = None) -> IntDesign:
    """Return the INT design called ``name``, for ``place``; raise InputError as ``compose``."""
    design = composed([f"int={name}"], config_dir).int_design
    check_communities(design, place)
    return design


def compose(overrides: Sequence[str] = (), config_dir: Path | None = None) -> Scenario:
    """Return the scenario that ``overrides`` describe, as ``intsim run`` takes them.

    ``config_dir`` is a user's own folder of options (``int/mine.yaml``, ``place/ours.yaml``...). Raises InputError,
    one line for each problem, naming the file or key, the value and what is allowed. May be called from any thread.
    """
    scenario = composed(overrides, config_dir)
    check_communities(scenario.int_design, scenario.place)
    return scenario


def composed(overrides: Sequence[str], config_dir: Path | None) -> Scenario:
    """Return the scenario as ``compose`` does, whatever communities its design is for."""
    folder = folder_of(config_dir)
    prepared = ready(overrides, options(folder))
    # Of our own options the same words say the same for as long as a process runs; a user's files may change.
    settings = deepcopy(built_in(tuple(prepared))) if folder is None else plain_settings(prepared, folder)
    try:
        scenario = Scenario.model_validate(settings)
    except ValidationError as failure:
        raise_all(problems_of(failure, Scenario))
        raise
    check_evidence(scenario)
    check_place_settings(scenario.place)
    check_group(scenario.int_design)
    return scenario


def folder_of(config_dir: str | Path | None) -> Path | None:
    """Return the folder of a user's settings in full, `~` and links followed; None without one."""
    return None if config_dir is None else Path(config_dir).expanduser().resolve()


def options(config_dir: Path | None = None) -> dict[str, list[str]]:
    """Return the names to choose from in each group, a user's own included. config_dir: as ``folder_of`` returns it.

    Raises InputError if a user's file has the name of a built-in option, which would hide it, or is refused.
    """
    found = {group: sorted(path.stem for path in (CONFIG / group).glob("*.yaml")) for group in GROUPS}
    if config_dir is None:
        return found
    for path in check_folder(config_dir):
        group = path.parent.relative_to(config_dir).as_posix()
        if group not in GROUPS:
            where = path.relative_to(config_dir).as_posix()
            raise InputError(where, f"must lie in a folder named for its group: {', '.join(GROUPS)}")
        if path.stem in found[group]:
            raise InputError(f"{group}/{path.name}", f"'{path.stem}' is built in: give yours another name")
        if group == "int":
            check_name(path, f"{group}/{path.name}")
        found[group].append(path.stem)
    return found


def check_name(path: Path, where: str) -> None:
    """Raise InputError unless the file of a design, which has been checked, has a line 'name' with the file's name.

    Costs are given by the name of the file, and reports tell a design by its name: they have to be one.
    """
    settings = once_loaded(path.read_text(encoding="utf-8-sig"), where)
    name = settings.get("name") if isinstance(settings, dict) else None
    if name is None:
        words = f"needs a line 'name: {path.stem}': without one it would be called as what it starts from"
        raise InputError(where, words)
    if str(name) != path.stem:
        raise InputError(f"{where} key name", f"'{name}' is not allowed; must be the file's name, {path.stem}")


@lru_cache(maxsize=256)
def built_in(overrides: tuple[str, ...]) -> dict[str, Any]:
    """Return ``plain_settings`` of our own options, for reading: composed once, as that takes a tenth of a second."""
    return plain_settings(overrides, None)


def plain_settings(overrides: Sequence[str], config_dir: Path | None) -> dict[str, Any]:
    """Return the composed settings as plain containers, nothing resolved; raise InputError if Hydra cannot."""
    search = [] if config_dir is None else [f"hydra.searchpath=[{quoted('file://' + config_dir.as_posix())}]"]
    try:
        with LOCK, initialize_config_module(config_module="scenarios.config", version_base="1.3"):
            config = hydra_compose(config_name="config", overrides=[*overrides, *search])
    except yaml.YAMLError as problem:
        raise InputError("settings", f"not valid YAML: {yaml_words(problem)}") from None
    except (HydraException, OmegaConfBaseException) as problem:
        raise InputError("settings", one_line(str(problem))) from None
    except RecursionError:
        raise InputError("settings", "a file's defaults lead back to itself: start from another option") from None
    settings = OmegaConf.to_container(config, resolve=False)
    if not isinstance(settings, dict):
        raise InputError("settings", "must be a group of settings")
    for key, value in settings.items():
        check_value(value, str(key))
    return {str(key): value for key, value in settings.items()}


def quoted(text: str) -> str:
    """Return ``text`` in quotes for Hydra's grammar."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def check_evidence(scenario: Scenario) -> None:
    """Raise InputError if the scenario's own evidence names a parameter we do not have or a value it cannot take.

    Or one set by hand that the scenario's place never reads.
    """
    from scenarios.idle_evidence import check_idle
    from scenarios.place_files import load_place

    evidence, place = scenario.evidence, scenario.place
    if evidence.overrides or evidence.rows is not None:
        load_registry().with_evidence(evidence.overrides, evidence.rows)
    if evidence.overrides:
        check_idle(load_place(place.folder if place.folder is not None else place.name), evidence.overrides)
