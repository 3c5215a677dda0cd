"""After burn-in, usual care stays where it is: a year later, headline outcomes are within 1% of the year before."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from scenarios.compose import compose
from sim.codes import PRESENT
from sim.month import first_course, make_plan, run_month
from sim.outcomes.panel import OUTCOMES
from sim.task import ENGINES
from sim.world import build_world
from tests.residents import usual_care

pytestmark = pytest.mark.slow

REPLICATIONS = 10
BURN_IN, YEAR = 24, 12
HEADLINE = ("needs", "ed_attendances", "gp_contacts", "emergency_admissions", "bed_seconds")
STOCKS = ("trust", "tie", "treated", "benefit", "frailty", "recent_ed", "recent_admissions", "lives_alone")
ALLOWED = 0.01  # a twelve-month slope under 1% of the mean, within Monte Carlo error
ALLOWED_OF_A_STOCK = 0.02
MOST_ERROR = {"emergency_admissions": 0.02, "bed_seconds": 0.06}  # stays vary from nothing to months


class Years:
    """Two years of usual care after burn-in in a neighbourhood: outcomes, and the residents' mean slow states."""

    def __init__(self) -> None:
        words = ["place=england_average", "place.basis=40000", f"experiment.burn_in_months={BURN_IN}"]
        world = build_world(compose(words))
        plan = make_plan(world, usual_care(world), usual_care(world))
        self.outcomes = np.zeros((REPLICATIONS, 2, len(OUTCOMES)))
        self.stocks = np.zeros((REPLICATIONS, 2, len(STOCKS)))
        for replication in range(REPLICATIONS):
            course = first_course(world, 100 + replication)
            for month in range(BURN_IN + 2 * YEAR):
                found = run_month(world, course, plan, ENGINES["compiled"]).collected.outcomes.panel
                if month < BURN_IN:
                    continue
                year = (month - BURN_IN) // YEAR
                self.outcomes[replication, year] += found.sum(axis=(0, 1, 2, 3))
                people = course.state.tables.people
                here = people[people["presence"] == PRESENT]
                self.stocks[replication, year] += [here[name].mean() / YEAR for name in STOCKS]

    def change(self, outcome: str) -> np.ndarray:
        """Return the change from the one year to the next as a share of the mean, per person: float64 [replication]."""
        rate = self.outcomes[:, :, OUTCOMES.index(outcome)] / self.outcomes[:, :, OUTCOMES.index("person_seconds")]
        return (rate[:, 1] - rate[:, 0]) / rate.mean()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def years() -> Years:
    """Return the two years."""
    return Years()


@pytest.mark.parametrize("outcome", HEADLINE)
def test_headline_outcomes_do_not_drift(years: Years, outcome: str) -> None:
    change = years.change(outcome)
    error = stats.t.ppf(0.975, REPLICATIONS - 1) * change.std(ddof=1) / np.sqrt(REPLICATIONS)
    print(f"\n{outcome}: {change.mean():+.2%} in twelve months, Monte Carlo error {error:.2%}")
    assert error < MOST_ERROR.get(outcome, 0.015), "too much chance to tell"
    assert abs(change.mean()) < ALLOWED + error


@pytest.mark.parametrize("stock", STOCKS)
def test_slow_stocks_do_not_drift(years: Years, stock: str) -> None:
    mean = years.stocks[:, :, STOCKS.index(stock)].mean(axis=0)
    print(f"\n{stock}: {mean[0]:.4f}, a year later {mean[1]:.4f}")
    assert abs(mean[1] / mean[0] - 1.0) < ALLOWED_OF_A_STOCK


def test_the_number_of_residents_holds(years: Years) -> None:
    lived = years.outcomes[:, :, OUTCOMES.index("person_seconds")].mean(axis=0)
    assert abs(lived[1] / lived[0] - 1.0) < ALLOWED
