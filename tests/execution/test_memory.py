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


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_fifty_replications_in_one_process_grow_memory_by_less_than_a_twentieth(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "run")]
    said = subprocess.run(words, cwd=REPO, capture_output=True, text=True, check=False, timeout=500)
    assert said.returncode == 0, said.stderr
    held = json.loads(said.stdout)
    assert len(held) == 51
    assert max(held[40:]) < 1.05 * max(held[1:6])  # the first five replications against the last ten
