"""Logs in processes of their own: two hash seeds, and compiled code that checks every index."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.digest import digest

REPO = Path(__file__).resolve().parents[2]


def digest_elsewhere(first: int, count: int, **environment: str) -> str:
    """Return the hash of the same worlds from a fresh process."""
    # a cache folder set by this process would be handed on, with code that does not check
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    said = subprocess.run(
        [sys.executable, "-m", "tests.engines.digest", str(first), str(count)],
        cwd=REPO, env=kept | environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_hash_seeds_change_nothing() -> None:
    here = digest(50_000, 5)
    assert [digest_elsewhere(50_000, 5, PYTHONHASHSEED=seed) for seed in ("0", "1")] == [here, here]


@pytest.mark.slow
def test_no_index_is_out_of_bounds() -> None:
    assert digest_elsewhere(60_000, 20, NUMBA_BOUNDSCHECK="1") == digest(60_000, 20)


def test_a_second_run_is_the_first() -> None:
    assert digest(70_000, 5) == digest(70_000, 5)
