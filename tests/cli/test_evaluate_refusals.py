"""`intsim evaluate` where one estimator cannot be had: it is named with its reason, and the others are kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.studies.generators import wedge
from evaluation.causal import designs
from evaluation.draws import generator
from intsim.cli import main

RNG_LABEL = "test of evaluate"


@pytest.mark.parametrize("seed", [16, 23, 24])  # six clusters on which a search of variances divides by 0
def test_a_wedge_of_few_clusters_is_analysed_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    rng = generator(seed, RNG_LABEL)
    outcome = rng.normal(0, 1, (6, 1)) + rng.normal(0, 1, (6, 4))
    unit, month = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    frame = pd.DataFrame({"unit": unit, "month": month, "outcome": outcome.ravel(), "first": 1 + unit // 2})
    frame.to_csv(tmp_path / "wedge.csv", index=False)
    words = ["evaluate", str(tmp_path / "wedge.csv"), "--design", "wedge", "--outcome", "outcome"]
    assert main([*words, "--first-treated", "first"]) == 0
    printed = capsys.readouterr().out
    assert "Primary: Stepped wedge mixed model" in printed
    assert "a cluster's periods differ by chance alone" in printed
    assert "Not possible" not in printed


def rare_events(path: Path, before: dict[int, int]) -> list[str]:
    """Write eight units of ten months, one treated from month 6 on, and the command; donors have events ``before``."""
    unit, month = np.repeat(np.arange(8), 10), np.tile(np.arange(10), 8)
    counts = generator(4, RNG_LABEL).poisson(3, 80)
    counts[(unit > 0) & (month < 6)] = 0
    for donor, events in before.items():
        counts[donor * 10 + 2] = events
    on = ((unit == 0) & (month >= 6)).astype(int)
    pd.DataFrame({"unit": unit, "month": month, "visits": counts, "on": on}).to_csv(path, index=False)
    return ["evaluate", str(path), "--design", "synthetic", "--outcome", "visits", "--treated", "on"]


def test_donors_all_alike_cost_the_augmented_synthetic_control_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(rare_events(tmp_path / "none.csv", {})) == 0
    printed = capsys.readouterr().out
    assert "Not possible: synthetic_control_augmented (panel: donors are all alike in every period before" in printed
    assert printed.count("Synthetic control ") == 1
    assert main(rare_events(tmp_path / "one.csv", {5: 1})) == 0  # a placebo of that donor has donors all alike
    printed = capsys.readouterr().out
    assert "Not possible" not in printed
    assert "Augmented synthetic control" in printed


def test_equations_without_a_solution_cost_that_estimator_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsolved(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("Singular matrix")

    path, out = tmp_path / "wedge.csv", tmp_path / "out"
    wedge(generator(2, RNG_LABEL)).frame.drop(columns="effect").to_csv(path, index=False)
    words = ["evaluate", str(path), "--design", "wedge", "--outcome", "outcome", "--first-treated", "first_treated"]
    monkeypatch.setattr(designs, "mixed_model", unsolved)
    assert main([*words, "--output", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "Not possible: mixed_model (panel: this method's equations have no solution on the table" in printed
    assert "Primary: Callaway-Sant'Anna (not yet treated)" in printed
    assert list(json.loads((out / "evaluation.json").read_text(encoding="utf-8"))["refused"]) == ["mixed_model"]
    for name in ("callaway_santanna", "randomisation_test"):
        monkeypatch.setattr(designs, name, unsolved)
    assert main(words) == 2
    assert "equations have no solution" in capsys.readouterr().err
