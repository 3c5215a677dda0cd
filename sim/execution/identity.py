"""Which experiment a folder holds: hashes of its settings, its inputs and the code, to refuse a mixture of two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import scenarios
import sim
from scenarios.place_files import load_place
from scenarios.registry.posteriors import TABLE as POINTS_OF_POSTERIOR
from scenarios.registry.reader import FOLDER as REGISTRY
from scenarios.schema import IntDesign, Scenario
from sim.outcomes.manifest import LIBRARIES, file_hash, folder_hashes, text_hash, version_of
from sim.world import posterior_of

# Settings that cannot change a result: who does the work and where results go.
PRACTICAL = ("executor", "workers", "scheduler", "slurm", "output")
WHERE_FROM = (("place", "folder"), ("evidence", "file"))  # their content is hashed, so the path does not matter
# What a case does to a run is in the designs of its arms: their posts. The rest of it is applied to results.
APPLIED_AFTERWARDS = "case"
# Prices, values of health and published claims are read for reports alone: no rule of the model sees them.
READ_AFTERWARDS = ("economics/", "claims.csv", "replays.csv")


def settings_of(scenario: Scenario) -> dict[str, Any]:
    """Return the settings that decide results, as plain data."""
    settings: dict[str, Any] = scenario.model_dump(mode="json", by_alias=True)
    settings.pop(APPLIED_AFTERWARDS, None)
    for name in PRACTICAL:
        settings["experiment"].pop(name)
    for group, name in WHERE_FROM:
        settings[group].pop(name)
    settings["evidence"].pop("posterior")  # what it comes to is hashed with the inputs
    return settings


def identity_of(arms: Sequence[Scenario], usual: IntDesign) -> dict[str, str]:
    """Return SHA-256 by part: settings of all arms and the burn-in, inputs, code and libraries.

    What is applied to results alone (a case beyond the posts it buys, prices, claims) is in none of them. Raises
    InputError for a place that cannot be read.
    """
    settings = [settings_of(arm) for arm in arms]
    today = usual.model_dump(mode="json", by_alias=True)
    return {
        "settings": text_hash(json.dumps([settings, today], sort_keys=True)),
        "inputs": text_hash(json.dumps(simulated_from(input_hashes(arms[0])), sort_keys=True)),
        "code": code_hash(),
        "libraries": text_hash(json.dumps({name: version_of(name) for name in LIBRARIES}, sort_keys=True)),
    }


def input_hashes(scenario: Scenario) -> dict[str, str]:
    """Return the hash of each file of the place and of the evidence, by name."""
    settings = scenario.place
    place = load_place(settings.folder if settings.folder is not None else settings.name)
    hashes = {f"place/{name}": value for name, value in place.hashes.items()}
    hashes.update({f"evidence/{name}": value for name, value in folder_hashes(REGISTRY).items()})
    if scenario.evidence.rows is not None:
        hashes["evidence.file"] = file_hash(scenario.evidence.rows)
    posterior = posterior_of(scenario)
    if posterior is not None:
        hashes["evidence.posterior"] = file_hash(posterior.folder / POINTS_OF_POSTERIOR)
    return hashes


def simulated_from(hashes: Mapping[str, str]) -> dict[str, str]:
    """Return the hashes without those of files that no simulation reads."""
    skipped = tuple(f"evidence/{name}" for name in READ_AFTERWARDS)
    return {name: value for name, value in hashes.items() if not name.startswith(skipped)}


def code_hash() -> str:
    """Return the SHA-256 of every source file of the simulation and of the settings it reads."""
    return sources_hash(sim, scenarios)


@lru_cache(maxsize=4)
def sources_hash(*packages: ModuleType) -> str:
    """Return the SHA-256 of every source file of ``packages``, subpackages included."""
    digest = hashlib.sha256()
    for package in packages:
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def whole(identity: Mapping[str, str]) -> str:
    """Return one hash of all parts."""
    return text_hash(json.dumps(dict(identity), sort_keys=True))


def changed_setting(one: Any, other: Any, path: str = "") -> str | None:
    """Return the first setting in which two trees of plain data differ, with both values; None if none does."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            found = changed_setting(one.get(name), other.get(name), f"{path}.{name}" if path else name)
            if found:
                return found
        return None
    return None if one == other else f"{path} is {json.dumps(one)} there and {json.dumps(other)} here"
