"""Published and worked answers of health economics, through the public functions, each within its own tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evaluation.economics.acceptability import acceptability, switch_points
from evaluation.economics.budget_impact import break_even_offset, budget_impact
from evaluation.economics.decision_tree import REST, Chance, Leaf, expected
from evaluation.economics.discounting import discount_factors
from evaluation.economics.frontier import FRONTIER, frontier
from evaluation.economics.icer import icer, icer_of
from evaluation.economics.markov import (
    Counting,
    cohort_total,
    cohort_trace,
    counts_to_probabilities,
    with_relative_risk,
)
from evaluation.economics.options import Options
from evaluation.equity.distribution import baseline_from_table, distribution_table
from evaluation.equity.income_weights import weighted_benefits
from evaluation.equity.welfare import equity_impact
from evaluation.value_of_information.partial import Method, evppi
from evaluation.value_of_information.perfect import evpi, evpi_curve, evpi_two_normal
from tests.known_answer_files import folder, misses, read_case


def check(expected_table: pd.DataFrame, got: dict[str, Any]) -> None:
    """Fail on a number outside its tolerance, a text that differs, or a figure where the case has none."""
    wrong = []
    numbers = pd.to_numeric(expected_table["expected"], errors="coerce")
    for row, number in zip(expected_table.to_dict("records"), numbers, strict=True):
        name = row["quantity"]
        if pd.isna(row["expected"]):
            wrong += [] if pd.isna(got[name]) else [f"{name} should be undefined, is {got[name]}"]
        elif pd.isna(number):
            wrong += [] if got[name] == row["expected"] else [f"{name}: got {got[name]}, expected {row['expected']}"]
    rest = expected_table.assign(expected=numbers)[numbers.notna()]
    assert [*wrong, *misses(rest, got)] == []


def parameters(case: str) -> dict[str, float]:
    """Return a case's parameters.csv as numbers by name."""
    return pd.read_csv(folder() / case / "parameters.csv").set_index("parameter")["value"].to_dict()


def decision(options: Options, thresholds: list[float]) -> dict[str, Any]:
    """Return what the decision cases ask for, options numbered from 1."""
    got: dict[str, Any] = {}
    for threshold, mine in acceptability(options, thresholds).groupby("threshold"):
        at = f"k{threshold:.0f}"
        got[f"{at}|EVPI"] = mine["evpi"].iloc[0]
        got[f"{at}|optimal"] = 1 + int(mine["best"].to_numpy().argmax())
        for number, row in enumerate(mine.to_dict("records"), start=1):
            got[f"{at}|ENB_{number}"] = row["expected_net_benefit"]
            got[f"{at}|P_optimal_{number}"] = row["probability_best"]
            got[f"{at}|ELC_{number}"] = row["expected_loss"]
    return got


def test_vaccine() -> None:
    inputs, wanted = read_case("he_bcea_vaccine")
    options = Options(("1", "2"), inputs[["c1", "c2"]].to_numpy(), inputs[["e1", "e2"]].to_numpy())
    got = decision(options, [10_000, 20_000, 25_000, 30_000])
    got["ICER"] = icer_of(options, "2", "1").ratio
    got["kstar_step100"] = switch_points(options, np.arange(0, 50_001, 100))["threshold"].iloc[0]
    got["k25000|EIB"] = got["k25000|ENB_2"] - got["k25000|ENB_1"]
    got["k25000|CEAC"] = got["k25000|P_optimal_2"]
    check(wanted, got)


def test_three_strategies_with_their_curves() -> None:
    inputs, wanted = read_case("he_dampack_ceac_elc")
    names = ("Chemo", "Radio", "Surgery")
    cost, effect = (inputs[[f"{kind}_{name}" for name in names]].to_numpy() for kind in "ce")
    options = Options(names, cost, effect)
    got = decision(options, list(range(1_000, 141_001, 10_000)))
    means = options.means()
    table = frontier(means["option"], means["cost"], means["effect"])
    got["full_psa_frontier_first_to_last"] = ">".join(table["option"][table["status"] == FRONTIER])
    check(wanted, got)


def test_frontiers_of_six_of_equal_effect_and_of_a_hundred() -> None:
    for case in ("he_frontier_six", "he_frontier_equal_effect", "he_frontier_100"):
        inputs, wanted = read_case(case)
        table = frontier(inputs["strategy"], inputs["cost"], inputs["effect"]).set_index("option")
        got: dict[str, Any] = {f"{name}|status": value for name, value in table["status"].items()}
        got |= {f"{name}|ICER": value for name, value in table["icer"].items()}
        check(wanted, got)


def test_green_book_factors() -> None:
    inputs, wanted = read_case("he_discount_green_book")
    years = [int(name.removeprefix("std_year")) for name in wanted["quantity"]]
    check(wanted, dict(zip(wanted["quantity"], discount_factors(years, inputs), strict=True)))


def test_five_years_of_budget_impact() -> None:
    inputs, wanted = read_case("he_budget_impact")
    given = parameters("he_budget_impact")
    costs = {name.removesuffix("_per_person"): value for name, value in given.items()}
    found = budget_impact(inputs, costs, rates=0.035, first_time=0.0)
    got = {f"{kind}_year{row['year']}": row[kind] for row in found.to_dict("records") for kind in ("gross", "net")}
    got["net_5y_undiscounted"] = found["net"].sum()
    got["net_5y_pv_3.5_from_year1_at_t0"] = found["net_present_value"].sum()
    got["breakeven_offset_per_person"] = break_even_offset(found)
    check(wanted, got)


def test_hiv_cohort() -> None:
    inputs, wanted = read_case("he_hiv_markov")
    given = parameters("he_hiv_markov")
    cycles = int(given["cycles"])
    matrix = counts_to_probabilities(inputs[["to_A", "to_B", "to_C", "to_D"]].to_numpy())
    care = (inputs["direct_cost"] + inputs["community_cost"]).to_numpy(float)
    alive = (inputs["state"] != "D").to_numpy(float)
    how = Counting("end")
    treated = np.arange(cycles) < given["years_of_effect"]
    both = np.stack([with_relative_risk(matrix, given["RR"]) if on else matrix for on in treated])
    got = {}
    for name, matrices, second in (("mono", matrix, 0.0 * treated), ("comb", both, given["lamivudine"] * treated)):
        trace = cohort_trace([1, 0, 0, 0], matrices, cycles)
        cost = care + alive * (given["zidovudine"] + second)[:, None]
        got[f"{name}_cost"] = cohort_total(trace, cost, given["discount_cost"], how)
        got[f"{name}_LY"] = cohort_total(trace, alive, given["discount_LY"], how)
    got["ICER"] = icer(got["comb_cost"] - got["mono_cost"], got["comb_LY"] - got["mono_LY"]).ratio
    check(wanted, got)


def migraine(given: dict[str, float], drug: str, relief: float) -> Chance:
    """Return the tree of one attack treated with ``drug`` ('sumatriptan' or 'caffeine')."""
    price = given[f"c_{drug}"]
    stays = given[f"p_{drug[:3]}_norecurrence"]
    relieved = Chance(
        "relief",
        [
            (stays, Leaf("no recurrence", {"utility": given["u_relief_norecurrence"]})),
            (REST, Leaf("recurrence, second dose", {"utility": given["u_relief_recurrence"], "cost": price})),
        ],
    )
    hospital = Chance(
        "emergency department",
        [
            (
                given["p_admitted"],
                Leaf("admitted", {"utility": given["u_norelief_endures"], "cost": given["c_admission"]}),
            ),
            (REST, Leaf("relieved", {"utility": given["u_norelief_er_relief"]})),
        ],
        {"cost": given["c_ed"]},
    )
    endures = Leaf("endures", {"utility": given["u_norelief_endures"]})
    unrelieved = Chance("no relief", [(given["p_er"], hospital), (REST, endures)])
    return Chance(drug, [(relief, relieved), (REST, unrelieved)], {"cost": price})


def test_migraine_tree() -> None:
    inputs, wanted = read_case("he_sumatriptan_tree")
    given = inputs.set_index("parameter")["value"].to_dict()
    caffeine = expected(migraine(given, "caffeine", given["p_caf_relief"]))
    gains = {"ICER": given["p_sum_relief"] - given["p_caf_relief"]}
    gains |= {"ICER_if_relief_diff_26.8pp": 0.268, "ICER_if_relief_diff_9.1pp": 0.091}
    got = {}
    for name, gain in gains.items():
        one = expected(migraine(given, "sumatriptan", given["p_caf_relief"] + gain))
        got[name] = icer(one["cost"] - caffeine["cost"], (one["utility"] - caffeine["utility"]) / 365.25).ratio
        if name == "ICER":
            got |= {"cost_sumatriptan": one["cost"], "utility_sumatriptan": one["utility"]}
    got |= {"cost_caffeine": caffeine["cost"], "utility_caffeine": caffeine["utility"]}
    check(wanted, got)


def test_distributional_cost_effectiveness_by_gradient() -> None:
    _, wanted = read_case("he_dcea_aggregate_hoc", "baseline.csv")
    here = folder() / "he_dcea_aggregate_hoc"
    given = parameters("he_dcea_aggregate_hoc")
    table = pd.read_csv(here / "baseline.csv").rename(columns={"imd": "group", "qale": "health", "pop": "people"})
    start = baseline_from_table(table)
    recipients = pd.read_csv(here / "recipients.csv")["recipients"].to_numpy(float)
    shares = pd.read_csv(here / "hoc_distribution.csv")
    gradients = {str(name): mine["hoc_prop"].to_numpy() for name, mine in shares.groupby("scenario")}
    cost = float(recipients.sum()) * given["inc_cost_per_recipient"]
    benefit = recipients * given["inc_qaly_per_recipient"]
    found = distribution_table(start, benefit, cost, gradients, given["hoc_threshold_per_qaly"])
    got: dict[str, Any] = {}
    for name, mine in found.groupby("gradient"):
        net = mine["net"].to_numpy()
        got |= {f"{name}|net_benefit_imd{group}": value for group, value in zip(mine["group"], net, strict=True)}
        for aversion in (1, 5, 10.95):
            impact = equity_impact(start, {"case": net}, aversion).iloc[0]
            got[f"{name}|ede_gain_pop_atkinson_{aversion:g}"] = impact["ede_gain"]
        got |= {f"{name}|total_net_qaly": impact["total_net"], f"{name}|sii_change": impact["slope_change"]}
    check(wanted, got)


def test_green_book_weights() -> None:
    inputs, wanted = read_case("he_green_book_dist_weights")
    given = parameters("he_green_book_dist_weights")
    found = weighted_benefits(inputs, given["median_income"], given["elasticity"])
    got = {f"weight_{row['group']}": row["weight"] for row in found.to_dict("records")}
    got |= {"unweighted": found["benefit"].sum(), "weighted": found["weighted_benefit"].sum()}
    check(wanted, got)


def test_information_about_chemotherapy() -> None:
    inputs, wanted = read_case("he_voi_chemo_single")
    names = ("SoC", "Novel")
    cost, effect, benefit = (inputs[[f"{kind}_{name}" for name in names]].to_numpy() for kind in ("c", "e", "nb"))
    options = Options(names, cost, effect)
    curve = evpi_curve(options, [10_000, 20_000, 30_000, 40_000, 50_000])
    got = {f"evpi|k{row['threshold']:.0f}": row["evpi"] for row in curve.to_dict("records")}
    got["evpi_nb_k20000"] = evpi(benefit).estimate
    one = ["p_side_effects_t2"]
    for name, how in (("gam", Method()), ("so20", Method("blocks", 20)), ("so40", Method("blocks", 40))):
        got[f"evppi_p_side_effects_t2|{name}"] = evppi(benefit, inputs, one, how)["evppi"].iloc[0]
    check(wanted, got)


def test_information_about_two_normal_numbers() -> None:
    inputs, wanted = read_case("he_voi_normal_analytic")
    first, second = inputs.to_dict("records")
    mean = first["mean"] - second["mean"]
    got = {
        "EVPI": evpi_two_normal(mean, float(np.hypot(first["sd"], second["sd"]))),
        "EVPPI_p1": evpi_two_normal(mean, first["sd"]),
        "EVPPI_p2": evpi_two_normal(mean, second["sd"]),
    }
    check(wanted, got)
    draws = np.random.Generator(np.random.Philox(11)).standard_normal((10_000, 2)) * inputs["sd"].to_numpy()
    values = pd.DataFrame(draws + inputs["mean"].to_numpy(), columns=["p1", "p2"])
    benefit = np.column_stack([np.zeros(len(values)), values["p1"] - values["p2"]])
    found = evppi(benefit, values).set_index("group")["evppi"]
    for name in ("p1", "p2"):
        assert abs(found[name] - got[f"EVPPI_{name}"]) < 0.02
