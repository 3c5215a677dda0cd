"""What a run read of a user's own: kept beside its results, so that they can be made again from their folder alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import scenarios
from scenarios.schema import Scenario
from scenarios.whole_file import whole
from sim.world import posterior_of

INPUTS = "inputs"
PLACE, EVIDENCE, POSTERIOR = "place", "evidence.csv", "posterior"
SHIPPED = Path(str(scenarios.__file__)).resolve().parent


def own_inputs(scenario: Scenario) -> dict[str, Path]:
    """Return a user's own files and folders that ``scenario`` reads, by the name they are kept under."""
    found: dict[str, Path] = {}
    if scenario.place.folder is not None:
        found[PLACE] = Path(scenario.place.folder)
    if scenario.evidence.rows is not None:
        found[EVIDENCE] = Path(scenario.evidence.rows)
    posterior = posterior_of(scenario)
    if posterior is not None:
        found[POSTERIOR] = Path(posterior.folder)
    return {name: path for name, path in found.items() if SHIPPED not in path.resolve().parents}


def keep_inputs(scenario: Scenario, output: Path) -> None:
    """Copy a user's own place, evidence and posterior into ``output``/inputs, each whole or not at all.

    Before a run begins, so that what is kept is what it reads. Results that lie in a copied folder are left out.
    """
    here = output.resolve()

    def results(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if (Path(folder) / name).resolve() in (here, *here.parents)]

    for name, path in own_inputs(scenario).items():
        target = output / INPUTS / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as part:
            if path.is_dir():
                shutil.copytree(path, part, ignore=results)
            else:
                shutil.copyfile(path, part)


def from_inputs(scenario: Scenario, output: Path) -> Scenario:
    """Return the scenario of a run in ``output`` with what is kept there in place of where it was read from."""
    kept = {name: output / INPUTS / name for name in (PLACE, EVIDENCE, POSTERIOR)}
    place, evidence = scenario.place, scenario.evidence
    if kept[PLACE].is_dir():
        place = place.model_copy(update={"folder": kept[PLACE]})
    if kept[EVIDENCE].is_file():
        evidence = evidence.model_copy(update={"file": kept[EVIDENCE]})
    if kept[POSTERIOR].is_dir():
        evidence = evidence.model_copy(update={"posterior": str(kept[POSTERIOR])})
    return scenario.model_copy(update={"place": place, "evidence": evidence})
