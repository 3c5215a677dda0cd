"""Write the snapshot that test_snapshot.py compares with: python -m tests.regression.make_snapshot.

Run it when the model or its evidence is meant to change, and look at the difference before committing it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from scenarios.compose import compose
from sim.experiment import compare_arms
from sim.outcomes.panel import OUTCOMES

SNAPSHOT = Path(__file__).with_name("toy_snapshot.csv")
WORDS = ("place=toy", "experiment=quick", "experiment.horizon_months=12", "experiment.burn_in_months=3")
SECONDS_PER_DAY = 86_400


def quiet(*_: object) -> None:
    """Say nothing."""


def totals() -> pd.DataFrame:
    """Return the twelve-month totals of the toy place by arm and outcome: arm, outcome, total (seconds as days)."""
    with tempfile.TemporaryDirectory() as folder:
        base, other = compose([*WORDS]), compose([*WORDS, "int=frailty"])
        panel = pd.read_parquet(compare_arms(base, other, Path(folder) / "run", quiet) / "panel.parquet")
    rows = []
    for arm, group in panel.groupby("arm", sort=True):
        for outcome in OUTCOMES:
            total = int(group[outcome].sum())
            if outcome.endswith("_seconds"):
                rows.append((arm, outcome.replace("_seconds", "_days"), f"{total / SECONDS_PER_DAY:.1f}"))
            else:
                rows.append((arm, outcome, str(total)))
    return pd.DataFrame(rows, columns=["arm", "outcome", "total"])


def main() -> None:
    """Write the snapshot."""
    totals().to_csv(SNAPSHOT, index=False)
    print(f"wrote {SNAPSHOT}")


if __name__ == "__main__":
    main()
