"""The model's imports: everything a run needs is there afterwards, and the collector of garbage is as it was."""

from __future__ import annotations

import gc
import subprocess
import sys

from sim.imports import MODEL, load_model

SCRIPT = """
import gc, sys
from sim.imports import load_model
assert 'numba' not in sys.modules and 'mesa' not in sys.modules
load_model()
print(gc.isenabled(), 'numba' in sys.modules and 'mesa' in sys.modules)
"""


def test_a_fresh_process_has_the_model_and_a_collector_at_work() -> None:
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True"]


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        load_model()
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert set(MODEL) <= set(sys.modules)
