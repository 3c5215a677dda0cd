"""The documentation names only what exists, and names all of what users meet."""

from __future__ import annotations

import re

import pytest

from evaluation.outcomes import OUTCOMES as MEASURES
from intsim.cli import COMMANDS
from scenarios.compose import GROUPS, options
from scenarios.place_schema import FILES
from scenarios.registry.row import COLUMNS
from sim.codes import CONDITION_NAMES, NEED_NAMES, OUTCOME_NAMES, SERVICE_NAMES
from sim.outcomes.flows import NODES
from sim.outcomes.panel import OUTCOMES
from tests.docs.pages import PAGES, ROOT, text_of

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:sim|scenarios|evaluation|calibration|intsim|tests|docs|benchmarks)/[\w./*-]*)`")
TICKED = re.compile(r"`([^`\n]+)`")
FAMILY = re.compile(r"`(\w+)_(\d)` to `(?:\1)?_(\d)`")
MOST_WIDE = 130


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md", "scenarios/places/README.md"])
def test_links_and_paths_lead_somewhere(page: str) -> None:
    text = text_of(page)
    for target in LINK.findall(text):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
    for path in PATH.findall(text):
        found = list(ROOT.glob(path)) if "*" in path else [ROOT / path]
        assert [one for one in found if one.exists()], f"{page} names {path}"


@pytest.mark.parametrize("page", PAGES)
def test_lines_can_be_read_in_an_editor(page: str) -> None:
    long = [line for line in text_of(page).splitlines() if len(line) > MOST_WIDE and not line.startswith("|")]
    assert not long


def ticked(page: str) -> set[str]:
    """Return the names a page sets in code type, apart where several share a cell; families of names in full.

    ``<service>_contacts`` stands for each service's column, `` `x_1` to `_4` `` for the four of them.
    """
    text = text_of(page)
    names = {word for name in TICKED.findall(text) for word in re.split(r"[\s,|=]+", name)}
    for name in [each for each in names if "<service>" in each]:
        names |= {name.replace("<service>", service) for service in SERVICE_NAMES}
    for stem, first, last in FAMILY.findall(text):
        names |= {f"{stem}_{number}" for number in range(int(first), int(last) + 1)}
    return names


def test_every_column_of_a_place_folder_is_described() -> None:
    named = ticked("docs/data.md")
    missing = [
        f"{file}: {column.name}"
        for file, columns in FILES.items()
        for column in columns
        if column.name not in named and not re.fullmatch(r"age_\d+_\d+", column.name)
    ]
    assert not missing
    assert set(FILES) <= named


def test_every_column_of_the_registry_and_of_the_results_is_described() -> None:
    results = ["arm", "draw", "replication", "month", "month_start", "neighbourhood", "quintile", "age_band", "sex"]
    wanted = {*COLUMNS, *results, *OUTCOMES, *NODES, *OUTCOME_NAMES}
    assert not wanted - ticked("docs/data.md")


def test_every_need_service_condition_measure_and_design_is_described() -> None:
    named = ticked("docs/model.md")
    assert not {*NEED_NAMES, *SERVICE_NAMES} - named
    said = text_of("docs/model.md").lower()
    assert not [name for name in CONDITION_NAMES if name.replace("_", " ") not in said]
    assert not [each.name for each in MEASURES if each.name not in named]
    assert not set(options()["int"]) - ticked("README.md")


def test_every_command_group_and_option_is_described() -> None:
    named = ticked("docs/commands.md")
    assert not {*COMMANDS, *GROUPS} - named
    found = options()
    assert not {name for group in GROUPS for name in found[group]} - named
    for option in ("--config-dir", "--show", "--csv", "--multirun", "-m", "--help"):
        assert option in named
