"""The queueing cases with known answers: inputs of each row and the closed form that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.theory import closed_forms

Row = tuple[float, ...]


@dataclass(frozen=True)
class Case:
    """Rows of inputs (in the order of CASE_COLUMNS) and their closed form."""

    rows: tuple[Row, ...]
    answer: Callable[[Row], closed_forms.Answer]


CASE_COLUMNS = {
    "sim_mmc": ["lambda", "mu", "servers"],
    "sim_mg1": ["lambda", "mean_service", "scv"],
    "sim_priority_cobham": ["mu", "servers", "lambda1", "lambda2", "lambda3"],
    "sim_erlang_a": ["lambda", "mu", "servers", "theta"],
    "sim_erlang_b_beds": ["arrivals_per_day", "mean_los_days", "beds"],
    "sim_tandem": ["external", "mu", "servers"],
    "sim_mginf_caseload": ["arrivals_per_day", "mean_los_days", "t_days"],
}

CASES = {
    "sim_mmc": Case(
        ((0.9, 1, 1), (2, 1, 3), (4, 1, 5), (10, 2, 6), (95, 1, 100), (0.5, 0.25, 4)),
        lambda row: closed_forms.mmc(row[0], row[1], int(row[2])),
    ),
    "sim_mg1": Case(
        ((0.8, 1, 0), (0.8, 1, 0.5), (0.8, 1, 1), (0.8, 1, 4), (0.05, 12, 2)),
        lambda row: closed_forms.mg1(*row),
    ),
    "sim_priority_cobham": Case(
        ((1, 1, 0.2, 0.3, 0.3), (1, 3, 0.5, 1, 0.9), (0.5, 10, 1, 1.5, 2)),
        lambda row: closed_forms.cobham(row[0], int(row[1]), row[2:]),
    ),
    "sim_erlang_a": Case(
        ((10, 1, 10, 0.5), (10, 1, 8, 0.5), (2, 0.5, 5, 0.1), (48, 2, 20, 1)),
        lambda row: closed_forms.erlang_a(row[0], row[1], int(row[2]), row[3]),
    ),
    "sim_erlang_b_beds": Case(
        ((10, 3, 30), (10, 3, 36), (2, 5, 12), (24, 1.5, 40), (5, 7, 45)),
        lambda row: closed_forms.erlang_b_beds(row[0], row[1], int(row[2])),
    ),
    "sim_mginf_caseload": Case(
        ((3, 20, 10), (3, 20, 40), (0.5, 180, 90)),
        lambda row: closed_forms.mginf(*row),
    ),
}

TANDEM = ((0.8, 1, 1), (0, 0.5, 2), (0, 2, 1))  # external arrivals a day, services a day, servers; in a row
