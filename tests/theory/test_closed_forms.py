"""Closed forms against the case files (to their tolerance) and, for a lone clone, against a few of their values.

Both are evaluations of the textbooks' formulas by two hands; none of these figures was printed in a textbook.
"""

from __future__ import annotations

import pytest

from benchmarks.queue_inputs import CASE_COLUMNS, CASES, TANDEM
from tests.known_answer_files import misses, read_case
from tests.theory import closed_forms

RETYPED = {
    "sim_mmc": {"0|Wq": 9.0, "1|P_wait": 4 / 9, "1|Lq": 8 / 9, "2|L": 6.21645021645022, "4|p0": 3.99167875897092e-42},
    "sim_mg1": {"0|Wq": 2.0, "1|Wq": 3.0, "2|L": 4.0, "3|Lq": 8.0, "4|W": 39.0},
    "sim_priority_cobham": {"0|Wq_class3": 8.0, "1|Wq_all": 1.07865168539326, "2|Wq_class1": 0.167182881026924},
    "sim_erlang_a": {"0|P_abandon": 0.103913212326308, "1|Lq": 4.54436854922305, "3|p0": 1.91194484548172e-11},
    "sim_erlang_b_beds": {"0|blocking": 0.132459790491179, "3|occupancy": 0.841167424757103},
    "sim_tandem": {"node2|L": 4.44444444444445, "L_total": 9.11111111111111, "W_total": 11.3888888888889},
    "sim_mginf_caseload": {"0|p95_steady": 73.0, "1|mean_at_t_exponential": 51.8798830058032},
}


def answers(case: str) -> dict[str, float]:
    """Return every quantity of a case as the case file names it."""
    if case == "sim_tandem":
        return closed_forms.tandem(*zip(*TANDEM, strict=True))
    given = CASES[case]
    return {f"{i}|{name}": value for i, row in enumerate(given.rows) for name, value in given.answer(row).items()}


@pytest.mark.parametrize("case", list(RETYPED))
def test_closed_form_gives_the_retyped_value(case: str) -> None:
    got = answers(case)
    for name, value in RETYPED[case].items():
        assert got[name] == pytest.approx(value, rel=1e-7), name


@pytest.mark.parametrize("case", list(RETYPED))
def test_closed_form_meets_every_value_of_the_case_file(case: str) -> None:
    _, expected = read_case(case, "nodes.csv" if case == "sim_tandem" else "inputs.csv")
    assert misses(expected, answers(case)) == []


@pytest.mark.parametrize("case", list(RETYPED))
def test_inputs_typed_here_are_those_of_the_case_file(case: str) -> None:
    inputs, _ = read_case(case, "nodes.csv" if case == "sim_tandem" else "inputs.csv")
    typed = TANDEM if case == "sim_tandem" else CASES[case].rows
    assert inputs[CASE_COLUMNS[case]].to_numpy().tolist() == [list(map(float, row)) for row in typed]


@pytest.mark.parametrize("row", CASES["sim_priority_cobham"].rows)
def test_priority_moves_waiting_between_classes_and_adds_none(row: tuple[float, ...]) -> None:
    rate, servers, *arrivals = row
    in_turn = closed_forms.mmc(sum(arrivals), rate, int(servers))["Wq"]
    assert closed_forms.cobham(rate, int(servers), arrivals)["Wq_all"] == pytest.approx(in_turn, rel=1e-12)


def test_impatience_that_never_comes_gives_back_the_patient_queue() -> None:
    patient = closed_forms.mmc(2.0, 0.5, 5)
    nearly = closed_forms.erlang_a(2.0, 0.5, 5, 0.001)
    assert nearly["Lq"] == pytest.approx(patient["Lq"], rel=0.03)
    assert nearly["P_abandon"] < 0.002


def test_one_server_with_exponential_service_is_both_mmc_and_mg1() -> None:
    one = closed_forms.mmc(0.9, 1.0, 1)
    for name, value in closed_forms.mg1(0.9, 1.0, 1.0).items():
        assert one[name] == pytest.approx(value, rel=1e-12)
