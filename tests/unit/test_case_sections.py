"""What a case says of shares that are luck, of care not given, of money that ends: on tables, nothing simulated."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from evaluation.case_report.document import Bullets, Paragraph
from evaluation.case_report.investment import Funding, Investment
from evaluation.case_report.money_sections import affordability, economics
from evaluation.case_report.risk_sections import claims, equity, risks
from evaluation.case_report.unmet import FLAG, NO_RETURN
from evaluation.claims import A_COIN, TOO_SHORT, claims_test
from evaluation.economics.chance import Drawn
from evaluation.economics.options import Options
from evaluation.page_tables import PageTable
from intsim.cases import evidence
from scenarios.errors import InputError
from scenarios.registry.economics import load_economics

NAMES = ("usual_care", "team")
DRAWS, REPLICATIONS = 32, 2
LUCKY = 3  # a seed of which draws differ by no more than chance


class Said:
    """Findings of which needs left unmet alone are asked, and a run of two arms."""

    def __init__(self, unmet: str) -> None:
        """Remember the verdict on needs left unmet with the team."""
        self.unmet = unmet
        self.run = SimpleNamespace(designs=("team",), manifest={}, said=lambda *_: {})

    def row(self, name: str, outcome: str) -> dict[str, Any]:
        """Return the row of needs left unmet."""
        assert (name, outcome) == ("team", "needs_unmet")
        told = {"verdict": self.unmet, "unit": "per 1,000 people a year"}
        return {**told, "difference": 3.0, "lower": 1.0, "upper": 5.0, "reason": ""}


def luck(seed: int, chance: float, parameter: float, mean: float = 0.0) -> np.ndarray:
    """Return a number for each run whose mean is exactly ``mean``: so much of it chance, so much of the parameters."""
    generator = np.random.Generator(np.random.Philox(seed))
    draws = np.repeat(generator.normal(size=DRAWS), REPLICATIONS)
    runs = generator.normal(size=DRAWS * REPLICATIONS)
    values = chance * runs + parameter * draws
    return values - values.mean() + mean


def case(cost: np.ndarray, effect: np.ndarray, unmet: str = "no difference detected", **other: Any) -> Investment:
    """Return a case of usual care and a team with these costs and QALYs, run by run."""
    runs = Options(NAMES, np.column_stack([0 * cost, cost]), np.column_stack([0 * effect, effect]))
    which = np.repeat(np.arange(DRAWS), REPLICATIONS)
    means = [each.reshape(DRAWS, REPLICATIONS, 2).mean(axis=1) for each in (runs.cost, runs.effect)]
    drawn = Drawn(runs, which)
    ledger = pd.DataFrame(
        columns=["option", "sector", "organisation", "financial_year", "quintile", "line", "nature", "recurrence"]
    )
    cash = pd.DataFrame(
        [("team", "2024/25", 90_000.0, 30_000.0)], columns=["option", "financial_year", "gross", "released"]
    )
    net = pd.DataFrame([("team", "flat", str(fifth), 1.0, 0.5, 0.5) for fifth in range(1, 6)])
    net.columns = pd.Index(["option", "gradient", "group", "benefit", "opportunity_cost", "net"])
    slopes = {"option": "team", "gradient": "flat", "total_net": 1.0}
    told: dict[str, Any] = {
        "findings": Said(unmet),
        "comparator": "usual_care",
        "designs": ("team",),
        "settings": [("Health forgone elsewhere", "borne: flat")],
        "options": Options(NAMES, *means),
        "drawn": drawn,
        "spread": drawn.one_by_one(),
        "in_run": means[1],
        "beyond": np.zeros((DRAWS, 2)),
        "uncosted": {"team": ["falls classes", "a nearer hub"]},
        "pairs": "draws",
        "threshold": 20_000.0,
        "thresholds": pd.DataFrame({"name": "x", "meaning": "ours", "gbp_per_qaly": [20_000.0]}),
        "population": "1,000 residents over 15 months",
        "months": 15,
        "returns": pd.DataFrame(
            [("team", 2.0, 1.0, 3.0, "")], columns=["option", "estimate", "lower", "upper", "reason"]
        ),
        "avoided": pd.DataFrame(columns=["option", "what", "estimate", "lower", "upper", "reason"]),
        "ledger": ledger.assign(pence=0, discounted_pence=0),
        "cash": cash.assign(cash=0.0, net=90_000.0),
        "released": {"team": np.full(DRAWS, 30_000.0)},
        "supply": pd.DataFrame(),
        "funding_years": 1.0,
        "funding": [Funding("team", 1e5, 1e4, 8e4, 1e4, 0.0, {}, 72_345.0)],
        "distribution": net,
        "impact": pd.DataFrame([{**slopes, "slope_change": -5.8e-20, "slope_lower": -1e-19, "slope_upper": 1e-19}]),
        "dial": pd.DataFrame(),
        "income": pd.DataFrame(),
    }
    return cast(Investment, SimpleNamespace(**(told | other)))


def table(section: Any, caption: str) -> PageTable:
    """Return the table of a section whose caption begins so, also beside a chart."""
    tables = [getattr(block, "table", block) for block in section.blocks]
    return next(each for each in tables if isinstance(each, PageTable) and each.caption.startswith(caption))


def text(section: Any) -> str:
    """Return the paragraphs and lists of a section."""
    said = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    return "\n".join([*said, *(item for block in section.blocks if isinstance(block, Bullets) for item in block.items)])


def test_a_share_of_draws_that_differ_by_chance_alone_cannot_be_told() -> None:
    section = economics(case(luck(LUCKY, 50_000, 0), luck(LUCKY, 1, 0)))
    assert table(section, "The cost-effectiveness plane").rows[0][-2:] == ["cannot be told", "cannot be told"]
    assert table(section, "Which option is best").rows[0][3:5] == ["cannot be told", "cannot be told"]
    assert "an option and its closest rival may be as good" in text(section)


def test_a_share_that_rests_on_parameters_is_told_as_it_is() -> None:
    section = economics(case(luck(1, 5_000, 50_000, 50_000), luck(2, 0.01, 1)))
    cost, effect = table(section, "The cost-effectiveness plane").rows[0][-2:]
    assert 70 < float(cost.strip("%")) < 95  # of N(1, 1)
    assert 35 < float(effect.strip("%")) < 65
    shares = table(section, "Which option is best").rows[0][3:5]
    assert all("%" in share and "(0)" not in share for share in shares)


def test_care_not_given_is_no_return_and_marks_every_table_of_money() -> None:
    cost, effect = luck(1, 5_000, 50_000, -50_000), luck(2, 0.1, 1)
    worse, plain = (case(cost, effect, verdict) for verdict in ("higher", "no difference detected"))
    section, other = economics(worse), economics(plain)
    for caption in ("Costs and health against", "The cost-effectiveness plane"):
        assert table(section, caption).rows[0][0] == f"team ({FLAG})"
        assert table(other, caption).rows[0][0] == "team"
    assert f"team ({FLAG})" in [row[0] for row in table(section, "Efficiency frontier").rows]
    assert f"team ({FLAG})" in table(section, "Net health benefit").columns
    assert f"team ({FLAG})" in [row[0] for row in table(equity(worse), "Health by deprivation fifth").rows]
    assert text(section).count("is care not given and no saving") == 3
    assert "is care not given and no saving" in text(equity(worse))
    assert "is care not given" not in text(other) + text(equity(plain))


def test_the_reason_stands_in_place_of_the_return() -> None:
    none = pd.DataFrame([("team", math.nan, math.nan, math.nan, NO_RETURN)])
    none.columns = pd.Index(["option", "estimate", "lower", "upper", "reason"])
    found = table(economics(case(luck(1, 1, 9), luck(2, 1, 9), "higher", returns=none)), "What a pound buys")
    assert found.rows == [["team", "Benefit for each pound spent, £", NO_RETURN]]


def test_money_that_ends_leaves_a_whole_year_of_spending() -> None:
    said = text(affordability(case(luck(1, 1, 9), luck(2, 1, 9))))
    assert "for a whole year, at central prices, it is: team £72,345. From then on it is unfunded." in said


def test_a_gap_moved_by_rounding_is_no_difference() -> None:
    assert (
        table(equity(case(luck(1, 1, 9), luck(2, 1, 9))), "Efficiency and equity").rows[0][3]
        == "no difference detected"
    )


def claim(probability: float, told: bool, value: float = -0.02) -> dict[str, Any]:
    limits = {"lower": 0.3 * probability, "upper": min(2 * probability, 1.0), "reason": "" if told else A_COIN}
    head = {"name": "c", "outcome": "ed_attendances", "claim": value, "year": 1, "effect": -0.02, "option": "team"}
    return {**head, **limits, "probability": probability, "told": told, "pairs": "draws", "n": 32}


def test_claims_that_are_luck_are_not_ranked_and_given_no_share() -> None:
    def said(*rows: dict[str, Any]) -> Any:
        every = {"evaluations": pd.DataFrame(), "priors": pd.DataFrame(), "emulated_reason": "few draws"}
        return claims(case(luck(1, 1, 9), luck(2, 1, 9), claims=pd.DataFrame(rows), **every))

    both = said(claim(0.9, False), claim(0.4, True, -0.05))
    assert "likeliest claim is ED attendances −5%, with a probability of 40% in year 1" in text(both)
    assert "1 of 2 tests cannot be told" in text(both)
    assert [row[5] for row in table(both, "Claims").rows] == ["–", "40% (12% to 80%)"]
    assert "Team: no claim can be told: draws differ" in text(said(claim(0.9, False)))
    assert "no claim is as probable as 1%" in text(said(claim(0.001, True)))


def test_a_claim_of_the_cases_own_is_nobody_elses() -> None:
    every = {"evaluations": pd.DataFrame(), "priors": pd.DataFrame(), "emulated_reason": "few draws"}
    rows = pd.DataFrame([claim(0.4, True), claim(0.4, True) | {"name": "own_ed_attendances"}])
    told = claims(case(luck(1, 1, 9), luck(2, 1, 9), claims=rows, **every))
    assert [row[1] for row in table(told, "Claims").rows] == ["−2%", "−2% (the case's own)"]
    assert "no source stands behind them here" in text(told)
    theirs = claims(case(luck(1, 1, 9), luck(2, 1, 9), claims=rows.head(1), **every))
    assert "no source stands behind them here" not in text(theirs)


def test_what_it_takes_to_pay_back_is_not_told_where_care_set_free_may_be_none() -> None:
    wide = {"released": {"team": 30_000.0 + luck(4, 0, 200_000)[::REPLICATIONS]}}
    said = text(affordability(case(luck(1, 1, 9), luck(2, 1, 9), **wide)))
    assert "Value of care that it sets free: no difference detected (£3" in said
    assert "so it cannot be said what paying it back would take" in said
    # spending that differs between draws says nothing of the care that is used
    sure = text(affordability(case(luck(1, 50_000, 100_000), luck(2, 1, 9))))
    assert "cannot be told" not in sure
    assert "would have to be 3 times as large" in sure


def test_published_evaluations_beside_claims_have_controls() -> None:
    designs = evidence.evaluations()["design"]
    assert len(designs) > 5
    assert not designs.str.contains("uncontrolled").any()


def test_a_claim_given_in_per_cent_is_refused() -> None:
    book = SimpleNamespace(economics=load_economics(), case=SimpleNamespace(claims={"ed_attendances": -12.0}))
    with pytest.raises(InputError, match=r"case.claims: ed_attendances is -12; allowed: -1 and above, a share"):
        evidence.tested_claims(cast(Any, book))


def test_claims_of_a_run_shorter_than_a_year_say_so() -> None:
    effects = pd.DataFrame(columns=["draw", "replication", "year", "outcome", "baseline", "design"])
    asked = pd.DataFrame([("c", "ed_attendances", "proportional change", -0.1)])
    asked.columns = pd.Index(["name", "outcome", "measure", "value"])
    assert set(claims_test(effects, asked)["reason"]) == {TOO_SHORT}


def test_tornado_and_value_of_information_have_no_more_digits_than_net_benefit() -> None:
    bars = {"option": "team", "name": "ed_attendance", "low": 300.0, "high": 340.0}
    ends = {"at_low": -50_123.45, "at_high": -48_987.65, "swing": 1_135.8}
    worth = {"group": "los_days", "evppi": 1_234.56, "evpi": 2_345.67, "share": 0.5, "explained": 0.3}
    emulated = {"sensitivity": pd.DataFrame(), "emulators": pd.DataFrame(), "turning": pd.DataFrame()}
    section = risks(
        case(
            luck(1, 5_000, 50_000, 50_000),
            luck(2, 0.0, 0.01),
            tornado=pd.DataFrame([{**bars, **ends}]),
            information=pd.DataFrame([{**worth, "rmse": 345.67, "spread": 4_567.89}]),
            emulated_reason="few draws",
            **emulated,
        )
    )
    assert table(section, "team: net monetary benefit").rows[0][2:] == ["−£50,000", "−£49,000", "£1,100"]
    assert table(section, "Value of information").rows[0][1] == "£1,200"
    assert "is at most £350, of a spread of £4,600 over draws" in text(section)
