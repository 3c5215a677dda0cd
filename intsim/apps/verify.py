"""``intsim verify``: both engines on one scenario."""

from __future__ import annotations

from collections.abc import Sequence

from intsim import api
from intsim.apps.arguments import parse, scenario_parser
from intsim.progress import Progress
from scenarios.compose import compose
from scenarios.schema.saved import to_yaml


def main(words: Sequence[str]) -> int:
    """Say whether the two engines give the same log; the exit code is 1 if they do not."""
    made = scenario_parser("verify", "Run both engines on a scenario and compare their logs, event for event.")
    given = parse(made, words)
    one = compose(given.overrides, given.config_dir)
    if given.show:
        print(to_yaml(one), end="")
        return 0
    with Progress() as progress:
        result = api.verify(one, progress=progress)
    if result.equal:
        print(f"The reference and compiled engines agree on all {result.contacts:,} contacts.")
        return 0
    print(f"The engines differ ({result.contacts:,} contacts compared). First difference: {result.first_difference}")
    return 1
