"""Every row of the registry is read by the model's code, and every row that belongs to an array is in it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from scenarios.registry.claims import load_claims
from scenarios.registry.reader import Registry, load_registry
from sim.rules import arrays
from tests.unit.registry_reads import ROOT, live_mentions, live_patterns, trees, unread

ARRAYS = "sim/rules/arrays.py"
DESIGN = ("int=outreach", "int.transition.ramp_months=0")  # a design with several levers, at once
MET = 0.5  # the share of rows that three months of a few hundred people must meet at least


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return our own registry."""
    return load_registry()


def test_no_row_is_left_that_nothing_reads(registry: Registry) -> None:
    assert not unread(registry.parameters)


def test_a_name_nobody_looks_up_is_reported() -> None:
    assert unread(["no_rule_looks_this_up", "find_share"]) == ["no_rule_looks_this_up"]


@pytest.mark.slow
def test_a_short_life_looks_up_most_rows_and_none_that_reading_the_source_misses(registry: Registry) -> None:
    words = [sys.executable, "-W", "ignore", "-m", "tests.unit.registry_trace", *DESIGN]
    plain = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=plain)
    assert done.returncode == 0, done.stderr
    met = set(done.stdout.split()) & set(registry.parameters)
    assert not unread(met)
    assert len(met) >= MET * len(registry.parameters)


def test_rows_of_services_and_referrals_fill_their_arrays(registry: Registry) -> None:
    values = registry.central()
    services, refers = arrays.service_array(values), arrays.refer_array(values)
    own = {name: value for name, value in values.items() if name.startswith(arrays.SERVICE_PREFIX)}
    assert (services != 0).sum() == sum(value != 0 for value in own.values())
    sent = [value for name, value in values.items() if name.startswith(arrays.REFER_PREFIX)]
    assert (refers != 0).sum() == sum(value != 0 for value in sent)


def test_every_field_that_service_rows_fill_has_a_reader(registry: Registry) -> None:
    mentioned = {
        node.id if isinstance(node, ast.Name) else node.attr
        for file, tree in trees().items()
        if file != ARRAYS and file.startswith("sim/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    of = {
        field: [name for name in registry.parameters if is_field(name, field)] for field in arrays.FIELD_NAMES
    }  # rows by field
    unused = {field: rows for field, rows in of.items() if rows and field.upper() not in mentioned}
    assert not unused
    if any(name.startswith(arrays.REFER_PREFIX) for name in registry.parameters):
        assert "refer" in live_mentions()


def is_field(name: str, field: str) -> bool:
    """Return whether ``name`` is a row of a service's ``field``."""
    return any(name == f"{arrays.SERVICE_PREFIX}{kind}_{field}" for kind in arrays.SERVICE_NAMES)


def test_no_claim_is_read_by_the_model(registry: Registry) -> None:
    claims = load_claims()
    assert not set(claims) & set(registry.parameters)
    assert not set(claims) & live_patterns()
