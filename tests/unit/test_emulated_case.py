"""What emulators of paired differences tell of a case: thresholds, doses and priors, against what was put in."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from calibration.design.points import uniform_points
from evaluation.emulators.paired import Bank, emulate, errors, prior_sample
from intsim.cases.bank import MOST, RAMP, REACH, STAFF, dosed, doses_of
from intsim.cases.emulated import Told, bank_of, dose_that_reaches, tell, variance_apart
from intsim.cases.replays import replays
from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.schema import IntDesign

POINTS, NOISE = 64, 0.004
TIE = -0.69  # correlation of two inputs
CLAIMS = pd.DataFrame(
    {"name": ["half", "all"], "outcome": "ed_attendances", "measure": "proportional change", "value": [-0.06, -0.5]}
)


def put_in(inputs: pd.DataFrame) -> np.ndarray:
    """Return the effect that is put in: it falls with reach, and with one parameter of thirty."""
    return (-0.06 * inputs[REACH] * (0.5 + inputs["p3"]) - 0.01 * inputs["p7"]).to_numpy()


@pytest.fixture(scope="module")
def bank() -> Bank:
    """Return a bank of 64 points, two replications, thirty parameters and two doses."""
    at = uniform_points(POINTS, 32, 3)
    inputs = pd.DataFrame(at[:, :30], columns=[f"p{number}" for number in range(30)])
    inputs = inputs.assign(**{REACH: 2 * at[:, 30], STAFF: 3 * at[:, 31]})
    noise = np.random.Generator(np.random.Philox(2)).normal(0, NOISE, (POINTS, 2))
    effect = (put_in(inputs)[:, None] + noise).reshape(-1)
    runs = pd.DataFrame([(draw, run) for draw in range(POINTS) for run in range(2)], columns=["draw", "replication"])
    table = runs.assign(year=1, outcome="ed_attendances", baseline=200.0, design=200 * (1 + effect))
    return bank_of(inputs, runs, {"frailty": -1e6 * effect - 40_000}, {"frailty": table}, ["ed_attendances"])


@pytest.fixture(scope="module")
def told(bank: Bank) -> Told:
    """Return what emulators of the bank tell."""
    return tell(bank, ["frailty"], CLAIMS, {"p3": ""})


def test_the_error_on_points_held_back_is_told_and_is_small(told: Told) -> None:
    row = told.errors.set_index("output").loc["ed_attendances|frailty|1"]
    assert (row["points"], row["held_back"]) == (52, 12)
    assert row["rmse"] < 0.4 * row["spread"]
    assert row["good"]
    assert {REACH, "p3"} <= set(row["inputs"].split("; "))


def test_the_case_turns_where_it_was_made_to(told: Told) -> None:
    row = told.turning.set_index("input").loc[REACH]
    assert row["turns"] == 1
    assert row["sentence"].startswith("The case for frailty holds while reach, of what is planned, is above ")
    percent = float(row["sentence"].rstrip("%.").split()[-1])
    assert percent == pytest.approx(100 * (0.04 - 0.005) / 0.06, abs=8)  # 0.06 x reach + 0.005 = 0.04
    assert STAFF not in set(told.turning["input"])  # it moves nothing


def test_the_smallest_dose_is_the_one_put_in_and_is_nan_beyond_what_was_run(told: Told) -> None:
    table = told.doses.set_index(["claim", "dose"])["smallest"]
    assert table[-0.06, REACH] == pytest.approx(0.055 / 0.06, abs=0.12)
    assert math.isnan(table[-0.5, REACH])
    assert table[-0.06, STAFF] < 0.1  # staff does nothing here, and at the reach designed the claim is reached


def test_of_months_to_full_reach_the_longest_that_still_reaches_a_claim_is_told() -> None:
    months = np.linspace(0.0, 36.0, 37)
    slower = -0.1 + 0.002 * months  # the later, the less
    assert dose_that_reaches(months, slower, -0.06, True) == pytest.approx(20.0)
    assert dose_that_reaches(months, slower, -0.01, True) == 36.0
    assert math.isnan(dose_that_reaches(months, slower, -0.2, True))
    assert dose_that_reaches(months, slower[::-1], -0.06, False) == pytest.approx(16.0)


def test_a_sceptical_prior_makes_a_claim_less_probable_and_an_optimistic_one_more(told: Told) -> None:
    row = told.priors[told.priors["claim"] == -0.06].iloc[0]
    exact = float((put_in(prior_sample_of(4_000)) <= -0.06).mean())
    assert row["sceptical"] < row["default"] < row["optimistic"]
    assert row["default"] == pytest.approx(exact, abs=0.12)
    far = told.priors[told.priors["claim"] == -0.5].iloc[0]
    assert far["optimistic"] < 0.01


def prior_sample_of(count: int) -> pd.DataFrame:
    """Return parameters as they are drawn, with reach as designed."""
    numbers = np.random.Generator(np.random.Philox(9)).random((count, 2))
    return pd.DataFrame({"p3": numbers[:, 0], "p7": numbers[:, 1], REACH: 1.0})


def test_what_is_worth_knowing_is_what_moves_the_effect(told: Told) -> None:
    assert told.information["group"].iloc[0] == "p3"
    assert (told.information["evppi"] <= told.information["evpi"] + 1e-9).all()
    assert (told.information["rmse"] > 0).all()


def test_what_was_put_in_carries_the_spread_when_all_moves_at_once(told: Told) -> None:
    table = told.sensitivity.set_index("input")
    assert set(table["option"]) == {"frailty"}
    assert table["total"].idxmax() == REACH == table["effect"].idxmax()
    assert table.loc[REACH, "first"] > 0.6  # 0.06 x reach x (0.5 + p3): most of the variance is reach by itself
    assert table["first"].sum() < 1.1
    assert (table["rmse"] > 0).all()
    assert table["apart"].between(1 / 1.5, 1.5).all()


def test_no_effect_is_emulated_as_none(bank: Bank) -> None:
    still = Bank(bank.inputs, np.zeros((POINTS, 2, 1)), ("net benefit|frailty",), ("GBP",), bank.always)
    found = emulate(still)["net benefit|frailty"]
    assert found.good
    assert np.abs(found.predict(bank.inputs)).max() < 1e-9


def test_noise_alone_is_not_taken_for_an_effect(bank: Bank) -> None:
    noise = np.random.Generator(np.random.Philox(5)).normal(0, 1, (POINTS, 2, 1))
    found = emulate(Bank(bank.inputs, noise, ("y",), ("",), bank.always))
    assert errors(found)["explained"].iloc[0] < 0.3
    assert not found["y"].useful


def test_too_few_points_and_shapes_that_do_not_match_are_refused(bank: Bank) -> None:
    with pytest.raises(InputError, match="has 8 points; 32 or more are needed"):
        emulate(Bank(bank.inputs.head(8), bank.differences[:8], bank.names, bank.units))
    with pytest.raises(InputError, match="points x replications x outputs is needed"):
        Bank(bank.inputs, bank.differences[:8], bank.names, bank.units)
    few = Bank(bank.inputs.head(8), bank.differences[:8], bank.names, bank.units)
    assert tell(few, ["frailty"], CLAIMS, {}).reason == "8 draws of the parameters; 32 or more are needed"


def test_a_prior_sample_stays_within_the_bank_and_holds_doses(bank: Bank) -> None:
    found = prior_sample(bank.inputs, 500, {REACH: 1.0})
    assert (found[REACH] == 1).all()
    assert found["p3"].between(bank.inputs["p3"].min(), bank.inputs["p3"].max()).all()
    assert found["p3"].mean() == pytest.approx(0.5, abs=0.06)


def two_tied(points: int) -> Bank:
    """Return a bank of two standard normal inputs that correlate by -0.69 exactly; net benefit is GBP 1,000 of each."""
    at = norm.ppf(uniform_points(points, 2, 5))
    free = np.linalg.solve(np.linalg.cholesky(np.cov(at - at.mean(axis=0), rowvar=False)), (at - at.mean(axis=0)).T).T
    values = free @ np.linalg.cholesky(np.array([[1.0, TIE], [TIE, 1.0]])).T
    net = 1000 * values.sum(axis=1)
    noise = np.random.Generator(np.random.Philox(8)).normal(0, 1, (points, 2, 1))
    return Bank(pd.DataFrame(values, columns=["a", "b"]), net[:, None, None] + noise, ("net benefit|A",), ("GBP",))


@pytest.mark.parametrize("points", [64, 512])
def test_inputs_that_go_together_are_worth_what_the_closed_form_says(points: int) -> None:
    """Net benefit is normal about 0: perfect information is worth its sd / sqrt(2 pi), an input that of its mean."""
    told = tell(two_tied(points), ["A"], CLAIMS, {})
    table = told.information.set_index("group")
    assert table["evpi"]["a"] == pytest.approx(1000 * math.sqrt((2 + 2 * TIE) / (2 * math.pi)), rel=0.08)  # 314
    for name in ("a", "b"):
        assert table["evppi"][name] == pytest.approx(1000 * (1 + TIE) / math.sqrt(2 * math.pi), rel=0.25)  # 124
    assert told.sensitivity.empty  # shares of the spread mean nothing here
    apart = variance_apart(emulate(two_tied(points))["net benefit|A"], two_tied(points).inputs)
    assert apart == pytest.approx(1 / (1 + TIE), rel=0.1)


def test_a_sample_is_of_whole_rows_of_the_bank_first_and_then_of_rows_like_them() -> None:
    inputs = two_tied(64).inputs
    own = prior_sample(inputs, 64, {})
    assert sorted(map(tuple, own.to_numpy())) == sorted(map(tuple, inputs.to_numpy()))
    more = prior_sample(inputs, 2_000, {"b": 0.5})
    assert (more["b"] == 0.5).all()
    more = prior_sample(inputs, 2_000, {})
    pd.testing.assert_frame_equal(more.head(64), own)
    assert len(more.drop_duplicates()) > 1_990  # others lie beyond the bank's own, and are drawn in to its edge
    assert more.corr().loc["a", "b"] == pytest.approx(TIE, abs=0.04)
    assert more.std().to_numpy() == pytest.approx(np.ones(2), abs=0.06)
    assert (more.max() <= inputs.max()).all()
    still = prior_sample(inputs.assign(c=3.0), 100, {})
    assert (still["c"] == 3.0).all()


def test_doses_fill_their_ranges_and_the_same_seed_gives_the_same() -> None:
    doses = doses_of(32, 1)
    for name, most in MOST.items():
        assert doses[name].min() < 0.1 * most
        assert 0.9 * most < doses[name].max() < most
    pd.testing.assert_frame_equal(doses, doses_of(32, 1))


@pytest.fixture(scope="module")
def designs() -> tuple[IntDesign, IntDesign]:
    """Return a design and its comparator."""
    return compose(["int=frailty"]).int_design, compose(["int=usual_care"]).int_design


def test_a_dose_of_one_is_the_design_and_of_none_its_comparator(designs: tuple[IntDesign, IntDesign]) -> None:
    design, usual = designs
    one = dosed(design, usual, 1.0, 1.0, 6.0)
    assert one.workforce == design.workforce
    assert one.relationships == design.relationships
    assert one.transition.ramp_months == 6.0
    none = dosed(design, usual, 0.0, 0.0, 6.0)
    assert none.workforce == usual.workforce
    assert none.relationships.care_coordination == usual.relationships.care_coordination
    assert none.population_health.case_finding.reach_share_per_year == pytest.approx(
        usual.population_health.case_finding.reach_share_per_year
    )


def test_doses_scale_what_is_added_and_shares_stay_shares(designs: tuple[IntDesign, IntDesign]) -> None:
    design, usual = designs
    two = dosed(design, usual, 2.0, 3.0, 6.0)
    more = design.workforce.added_fte.int_core - usual.workforce.added_fte.int_core
    assert two.workforce.added_fte.int_core == pytest.approx(usual.workforce.added_fte.int_core + 3 * more)
    assert two.relationships.discharge_support.reach_share <= 1
    assert (
        two.relationships.care_coordination.caseload_per_10000
        > design.relationships.care_coordination.caseload_per_10000
    )
    assert RAMP in MOST


def test_every_lever_has_its_evaluations_or_says_there_are_none() -> None:
    table = replays()
    assert table["lever"].nunique() >= 16
    assert set(table["re_enacted"]) <= {"no", ""}
    case_finding = table[table["lever"] == "case finding"]
    assert case_finding["programme"].str.contains("PRISMATIC").all()
    assert (case_finding["source"] != "").all()
    assert (table.loc[table["lever"] == "housing repair", "programme"] == "").all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Frome compassionate communities,engagment,x,no,,assumption", "column lever: no 'engagment': did you mean"),
        ("Frome,engagement,x,no,,assumption", "column programme: no 'Frome'"),
        ("Frome compassionate communities,engagement,x,yes,,assumption", "must be 'no', or 'yes' with a result"),
    ],
)
def test_a_replay_that_cannot_be_is_refused(row: str, message: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "replays.csv"
    file.write_text(f"programme,lever,how,re_enacted,result,basis\n{row}\n")
    with pytest.raises(InputError, match=message):
        replays(file)
