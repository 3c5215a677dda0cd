"""Whom an effect is about: cohorts that have one, and how much each unit counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.att_gt import Choice
from evaluation.causal.callaway import callaway_santanna
from evaluation.causal.gsynth import generalised_synthetic_control
from evaluation.causal.sdid import synthetic_did
from evaluation.causal.stepped_wedge import mixed_model
from evaluation.causal.study import Study
from evaluation.causal.synthetic import synthetic_control
from evaluation.draws import generator
from evaluation.estimate import Estimate
from tests.unit.test_causal_variants import panel, study_of


def staggered(effects: dict[int, float], others: int = 0) -> pd.DataFrame:
    """Ten units start at each month that is named, with its effect; twelve months, noise of 0.1."""
    rng = generator(1, "cohorts")
    first = np.concatenate([np.repeat([float(each) for each in effects], 10), np.full(others, np.nan)])
    unit, month = np.repeat(np.arange(len(first)), 12), np.tile(np.arange(12), len(first))
    size = np.array([effects.get(int(each), 0.0) if np.isfinite(each) else 0.0 for each in first])
    outcome = unit % 7 + np.cos(month) + size[unit] * (month >= first[unit]) + rng.normal(0, 0.1, len(unit))
    return pd.DataFrame({"unit": unit, "month": month, "outcome": outcome, "start": first[unit]})


def test_the_last_cohort_is_said_to_have_no_effect_where_nobody_is_never_treated() -> None:
    found = callaway_santanna(study_of(staggered({4: -1.0, 7: -1.0, 9: -20.0})), Choice("not_yet"))
    assert found.estimate == pytest.approx(-1.0, abs=0.1)
    words = "cohort 9: nobody is never treated, so it is a control until 9 and has no effect here"
    assert found.cautions[0] == f"{words}; periods from 9 on are left out"
    assert found.diagnostics["cells_skipped"] == 1
    assert found.estimand.startswith("effect on the treated who start at 4, 7: ")
    assert found.population == "20 treated units who start at 4, 7, 10 others as controls, 9 periods"
    assert found.n == 30


def test_a_cohort_without_an_effect_is_not_counted_among_the_treated_clusters() -> None:
    frame = staggered({4: -1.0, 9: -20.0})
    few = callaway_santanna(study_of(frame[(frame["unit"] < 4) | (frame["unit"] >= 10)]), Choice("not_yet"))
    assert any(each.startswith("only 4 treated clusters: ") for each in few.cautions)  # 14 start in all


def test_cohorts_that_all_have_an_effect_are_not_named() -> None:
    found = callaway_santanna(study_of(staggered({4: -1.0, 7: -1.0, 9: -20.0}, others=10)), Choice("not_yet"))
    assert found.cautions == ()
    assert found.estimand.startswith("effect on the treated: ")
    assert found.population == "30 treated and 10 never-treated units, 12 periods"
    assert (found.n, found.diagnostics["cells_skipped"]) == (40, 0)


def test_cohorts_without_a_period_before_are_neither_treated_nor_controls() -> None:
    frame = staggered({1: -1.0, 7: -1.0}, others=10)
    found = callaway_santanna(study_of(frame), Choice(anticipation=2))
    assert found.cautions[0] == "cohort 1: no period before the start"
    assert found.population == "10 treated units who start at 7, 10 others as controls, 12 periods"
    assert found.n == 20


def test_those_who_expect_a_service_leave_the_periods_before_the_last_start_too() -> None:
    frame = staggered({3: -1.0, 5: -1.0, 9: -1.0, 10: -1.0})
    found = callaway_santanna(study_of(frame), Choice("not_yet", anticipation=1))
    told = [words for words in found.cautions if "nobody is never treated" in words]
    assert [words.split(":")[0] for words in told] == ["cohort 9", "cohort 10"]
    assert "control until 9" in told[0]
    assert found.population == "20 treated units who start at 3, 5, 20 others as controls, 9 periods"


def test_four_starts_are_named_and_the_rest_counted() -> None:
    frame = panel(1, treated=0).assign(start=lambda f: 2.0 + f["unit"] % 7)
    found = callaway_santanna(study_of(frame), Choice("not_yet"))
    assert "who start at 2, 3, 4, 5 and 2 more dates:" in found.estimand


def weighted(first: float = 6.0, heavy: float = 9.0) -> Study:
    """Two treated units among 22, with effects of -10 (nine times the weight) and 0: -9 by weight, -5 each alike."""
    frame = staggered({}, others=22)
    frame["start"] = frame["unit"].map({0: 6.0, 1: first})
    frame["outcome"] -= 10.0 * (frame["unit"] == 0) * (frame["month"] >= 6)
    return study_of(frame.assign(w=np.where(frame["unit"] == 0, heavy, 1.0)), weight="w")


def gsynth(study: Study) -> Estimate:
    return generalised_synthetic_control(study, factors=0, bootstraps=20)


def test_treated_units_count_by_their_weight() -> None:
    for estimate in (callaway_santanna, lambda s: synthetic_did(s, 3), synthetic_control, gsynth):
        assert estimate(weighted()).estimate == pytest.approx(-9.0, abs=0.3)
    found, alike = gsynth(weighted()), gsynth(weighted(heavy=1.0))
    assert alike.estimate == pytest.approx(-5.0, abs=0.3)
    event = found.tables["event_study"].set_index("event_time")["estimate"]
    assert event.loc[0:].mean() == pytest.approx(found.estimate)
    path = found.tables["path"].set_index("period")
    assert path.loc[6:, "gap"].mean() == pytest.approx(found.estimate)
    assert path["observed"].to_numpy() == pytest.approx(0.9 * found_unit(0) + 0.1 * found_unit(1))
    assert found.se > 1.1 * alike.se  # one unit makes nearly all of the mean
    assert not any("not weighted" in words for words in found.cautions)


def found_unit(unit: int) -> np.ndarray:
    return weighted().outcome[unit]


def test_effects_of_later_starts_are_weighted_by_unit_and_period() -> None:
    found = gsynth(weighted(first=8.0))
    assert "path" not in found.tables
    assert found.estimate == pytest.approx(-10.0 * 9 * 6 / (9 * 6 + 4), abs=0.3)


def test_the_mixed_model_says_that_it_does_not_weigh() -> None:
    told = "not weighted: units' weights are not used here, each counts alike"
    assert told in mixed_model(weighted()).cautions
    assert told not in mixed_model(weighted(heavy=1.0)).cautions
