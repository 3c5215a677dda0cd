"""Published and closed-form answers of simulation practice and sensitivity, through the public functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evaluation.replications import (
    NOT_REACHED,
    equivalent_independent,
    paired_standard_error,
    replications_needed,
    running_precision,
)
from evaluation.sensitivity.variance_based import sobol_exact, sobol_indices
from evaluation.warm_up import mser
from tests.known_answer_files import misses, read_case

A, B = 7.0, 0.1


def ishigami(x: np.ndarray) -> np.ndarray:
    """Return Ishigami and Homma's function."""
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_the_ishigami_function() -> None:
    inputs, wanted = read_case("sim_sobol_ishigami")
    bounds = {row["name"]: (row["low"], row["high"]) for row in inputs.to_dict("records")}
    exact, _, variance = sobol_exact(ishigami, bounds)
    for table in (sobol_indices(ishigami, bounds, 8192), exact):
        got = {f"S1_{at + 1}": value for at, value in enumerate(table["first"])}
        got |= {f"ST_{at + 1}": value for at, value in enumerate(table["total"])} | {"variance": variance}
        assert misses(wanted, got) == []


def test_what_common_random_numbers_save() -> None:
    inputs, wanted = read_case("sim_crn_variance")
    got = {}
    for at, row in enumerate(inputs.to_dict("records")):
        given = (row["sd_baseline"], row["sd_scenario"], row["correlation"], row["replications"])
        got[f"{at}|se_difference"] = paired_standard_error(*given)
        got[f"{at}|equivalent_independent_reps"] = equivalent_independent(*given)
    assert misses(wanted, got) == []


def test_warm_up_by_mser_5() -> None:
    inputs, wanted = read_case("sim_mser5")
    got: dict[str, Any] = {}
    for name in inputs.columns.drop("t"):
        found = mser(inputs[name])
        got |= {f"{name}|truncation": found.truncation, f"{name}|mean_after": found.mean_after}
    assert misses(wanted, got) == []


def test_replications_for_a_precision() -> None:
    inputs, wanted = read_case("sim_replications_open")
    got: dict[str, Any] = {}
    for precision in (0.2, 0.1, 0.05):
        found = replications_needed(inputs["output"], precision)
        got |= {f"prec{precision}|first_n": found.first, f"prec{precision}|n_stays_within": found.stays}
    thirty = running_precision(inputs["output"]).set_index("n").loc[30]
    got |= {f"n30|{name}": thirty[name] for name in ("mean", "half_width", "deviation")}
    assert misses(wanted, got) == []
    assert replications_needed(pd.Series([1.0, 100.0, -50.0]), 0.01).first == NOT_REACHED
