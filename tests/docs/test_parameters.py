"""docs/parameters.md is made from the registry, and says what the registry says now."""

from __future__ import annotations

from scenarios.registry.claims import load_claims
from scenarios.registry.parameter_table import COMMAND, PAGE, page
from scenarios.registry.reader import load_registry


def test_the_page_of_parameters_is_current() -> None:
    same = PAGE.read_text(encoding="utf-8") == page(load_registry(), load_claims())
    assert same, f"rewrite docs/parameters.md: {COMMAND}"
