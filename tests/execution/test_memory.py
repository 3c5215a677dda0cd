"""Many replications in one process take no more memory than a few."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.execution.runs import REPO

PROGRAM = """
import gc, json, sys
from pathlib import Path
from scenarios.compose import compose
from sim.experiment import compare_arms

words = ["place=toy", "experiment=quick", "experiment.executor=serial", "experiment.replications=50"]
held = {}

def progress(months, total, what):
    done = int(what.split("(")[1].split(" ")[0])
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    held[done] = max(pages, held.get(done, 0))

compare_arms(compose(words), compose([*words, "int=frailty"]), Path(sys.argv[1]), progress)
print(json.dumps([held[done] for done in sorted(held)]))
"""


WORLDS = """
import gc, sys, weakref
from pathlib import Path
from scenarios.compose import compose
from sim import experiment
from sim.execution import worlds
from sim.world import World

held = []

class Seen(worlds.Shelf):
    def world_of(self, plan, draw):
        found = super().world_of(plan, draw)
        held.append(weakref.ref(found))
        return found

experiment.Shelf = Seen
words = ["place=toy", "experiment=quick", "experiment.replications=2", *sys.argv[2:]]
one = compose(words)
experiment.run_scenario(one, Path(sys.argv[1]), lambda *_: None)
gc.collect()
print(len(held) > 0, [each() for each in held if each() is not None])
print([type(each).__name__ for each in gc.get_objects() if isinstance(each, World)])
"""


@pytest.mark.slow
@pytest.mark.parametrize("words", [("serial",), ("local", "experiment.workers=2"), ("serial", "experiment.draws=2")])
def test_the_world_of_a_run_is_gone_when_the_run_is(words: tuple[str, ...], tmp_path: Path) -> None:
    executor, *more = words
    program = [sys.executable, "-c", WORLDS, str(tmp_path / "run"), f"experiment.executor={executor}", *more]
    said = subprocess.run(program, cwd=REPO, capture_output=True, text=True, check=False, timeout=500)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == ["True []", "[]"]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_fifty_replications_in_one_process_grow_memory_by_less_than_a_twentieth(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "run")]
    said = subprocess.run(words, cwd=REPO, capture_output=True, text=True, check=False, timeout=500)
    assert said.returncode == 0, said.stderr
    held = json.loads(said.stdout)
    assert len(held) == 51
    assert max(held[40:]) < 1.05 * max(held[1:6])  # the first five replications against the last ten
