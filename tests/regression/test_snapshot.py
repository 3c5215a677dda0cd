"""The toy place gives the figures it gave: a change nobody meant shows here first."""

from __future__ import annotations

import pandas as pd

from tests.regression.make_snapshot import SNAPSHOT, totals


def test_the_toy_place_gives_the_figures_it_gave() -> None:
    kept = pd.read_csv(SNAPSHOT, dtype=str)
    now = totals()
    both = kept.merge(now, on=["arm", "outcome"], how="outer", suffixes=(" kept", " now"))
    changed = both[both["total kept"] != both["total now"]]
    assert changed.empty, (
        f"\n{changed.to_string(index=False)}\nMeant? Then run: python -m tests.regression.make_snapshot"
    )
