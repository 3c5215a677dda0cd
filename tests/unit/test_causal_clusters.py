"""People of one practice or team may be alike: matching and rates count what they share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.adjustment import Counts, rate_ratio
from evaluation.causal.cohort import Cohort, read_cohort
from evaluation.causal.designs import Table, evaluate
from evaluation.causal.matched import Matching, entropy_balance, matched_cohort
from evaluation.draws import generator
from evaluation.estimate import Estimate
from scenarios.errors import InputError
from tests.unit.test_causal_series import both
from tests.unit.test_causal_variants import confounded

WAYS = {
    "pairs": Matching(),
    "not adjusted": Matching(adjust=False),
    "again": Matching(replacement=True, ratio=2, caliper=0.0),
    "everyone": Matching(replacement=True, target="ate", caliper=0.0),
}
BY_PERSON = {  # standard errors of confounded(5) before clusters were counted, where everyone is one
    "pairs": 0.1476550677941903,
    "not adjusted": 0.1537511337016859,
    "again": 0.1599801749359781,
    "everyone": 0.15846391526529904,
}


def practices(seed: int, each: int = 12) -> Cohort:
    """Twenty treated practices and twenty others, no effect, a level of each practice as wide as people are."""
    rng = generator(seed, "practices")
    practice = np.repeat(np.arange(40), each)
    on = (rng.permutation(40) < 20)[practice].astype(int)
    age = rng.normal(size=len(on)) + 0.3 * on
    outcome = 1.5 * age + rng.normal(size=40)[practice] + rng.normal(size=len(on))
    frame = pd.DataFrame({"t": on, "y": outcome, "age": age, "practice": practice})
    return read_cohort(frame, treated="t", outcome="y", covariates=["age"], cluster="practice")


@pytest.mark.parametrize("way", WAYS)
def test_matching_where_everyone_is_a_cluster_is_what_it_was(way: str) -> None:
    cohort, _ = confounded(5)
    found = matched_cohort(cohort, WAYS[way])
    assert found.se == pytest.approx(BY_PERSON[way], rel=1e-12)
    named = generator(5, "names").permutation(len(cohort.treated))
    renamed = Cohort(cohort.treated, cohort.outcome, cohort.covariates, cohort.names, named)
    assert matched_cohort(renamed, WAYS[way]).se == found.se


@pytest.mark.parametrize("way", ["pairs", "again", "everyone"])
def test_limits_of_matching_hold_the_truth_where_practices_are_treated(way: str) -> None:
    found = [matched_cohort(practices(seed), WAYS[way]) for seed in range(40)]
    held = np.mean([each.lower < 0 < each.upper for each in found])
    spread = float(np.std([each.estimate for each in found], ddof=1))
    assert held > 0.84  # three Monte Carlo errors below 95%
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.3)


def test_everyone_given_four_times_tells_no_more_than_once() -> None:
    one, _ = confounded(5)
    rows = np.tile(np.arange(len(one.treated)), 4)
    four = Cohort(one.treated[rows], one.outcome[rows], one.covariates[rows], one.names, rows)
    assert entropy_balance(four).se == pytest.approx(entropy_balance(one).se)
    for way in ("pairs", "again", "everyone"):
        assert matched_cohort(four, WAYS[way]).se > 0.8 * matched_cohort(one, WAYS[way]).se


def test_an_error_by_clusters_is_never_below_that_of_the_sets() -> None:
    cohort, _ = confounded(5)
    for size in (2, 10, 250):
        cluster = np.arange(len(cohort.treated)) // size
        grouped = Cohort(cohort.treated, cohort.outcome, cohort.covariates, cohort.names, cluster)
        for way, matching in WAYS.items():
            assert matched_cohort(grouped, matching).se >= BY_PERSON[way] * (1 - 1e-12)


def test_balance_of_matching_for_everyone_weighs_each_by_their_uses_and_themselves() -> None:
    cohort, _ = confounded(6)
    found = matched_cohort(cohort, WAYS["everyone"])
    matches = found.tables["matches"]
    on = cohort.treated == 1
    uses = np.bincount(np.concatenate([matches["treated"], matches["untreated"]]), minlength=len(on))
    mean = [np.average(cohort.covariates[arm, 0], weights=uses[arm]) for arm in (on, ~on)]
    row = found.tables["balance"].iloc[0]
    assert row["smd_after"] / row["smd_before"] == pytest.approx(
        (mean[0] - mean[1]) / (cohort.covariates[on, 0].mean() - cohort.covariates[~on, 0].mean())
    )


def visits(seed: int, crossed: bool = False) -> pd.DataFrame:
    """Thirty teams of ten people with a rate of their own; half of the teams, or of each team, are treated."""
    rng = generator(seed, "teams")
    team = np.repeat(np.arange(30), 10)
    on = (np.arange(300) % 2 if crossed else (rng.permutation(30) < 15)[team]).astype(int)
    rate = 4.0 * rng.gamma(4.0, 0.25, 30)[team]
    return pd.DataFrame({"t": on, "n": rng.poisson(rate), "years": 1.0, "team": team, "who": np.arange(300)})


def rates(frame: pd.DataFrame, **more: object) -> Estimate:
    return evaluate(Table(frame, "n", treated="t", population="years", **more), "rates").results[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("crossed", [False, True])
def test_limits_of_rates_hold_the_truth_where_teams_share_a_rate(crossed: bool) -> None:
    found = [rates(visits(seed, crossed), cluster="team", person="who") for seed in range(60)]
    assert np.mean([each.lower < 1 < each.upper for each in found]) > 0.87  # three Monte Carlo errors below 95%
    spread = float(np.std([np.log(each.estimate) for each in found], ddof=1))
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.25)


def test_rates_by_cluster_say_what_they_rest_on_and_count_people_still() -> None:
    frame = visits(1)
    by_person, by_team = rates(frame, person="who"), rates(frame, cluster="team", person="who")
    assert by_team.se > 1.5 * by_person.se
    assert (by_team.estimate, by_team.counts) == (by_person.estimate, by_person.counts)
    assert (by_team.method, by_team.n, by_team.n_of) == ("rate_ratio_by_cluster", 30, "clusters")
    assert (by_person.method, by_person.n, by_person.n_of) == ("rate_ratio_by_person", 300, "people")
    assert by_team.counts["treated people"] == 150
    same = rates(frame, cluster="who")
    assert same.se == pytest.approx(by_person.se)
    assert same.lower == pytest.approx(by_person.lower, rel=2e-3)  # by Student's t of as many clusters


def test_rates_by_person_are_the_sum_by_arm_where_nobody_is_in_both() -> None:
    frame = visits(2)
    parts = []
    for _, arm in frame.groupby("t"):
        away = arm["n"] - arm["n"].mean()
        parts.append(float((away**2).sum()) * len(arm) / (len(arm) - 1) / float(arm["n"].sum()) ** 2)
    assert rate_ratio(frame, Counts("n", "years", "t", "who")).se == pytest.approx(sum(parts) ** 0.5)


def test_rows_that_name_no_cluster_are_told_and_a_column_that_is_missing_is_refused() -> None:
    frame = visits(3).assign(team=lambda f: f["team"].where(f.index > 1))
    found = rates(frame, cluster="team")
    assert found.n == 32
    assert "2 rows name no cluster: each is taken as a cluster of its own" in found.cautions
    with pytest.raises(InputError, match="column 'tem' is missing"):
        rates(frame, cluster="tem")


def test_what_a_design_does_not_use_is_told() -> None:
    words = "not adjusted: covariates are not used here (age, sick)"
    given = {"covariates": ("age", "sick"), "cluster": "team"}
    for each in evaluate(Table(visits(1), "n", treated="t", population="years", **given), "rates").results:  # type: ignore[arg-type]
        assert words in each.cautions
    series = both(1.0, 1.0)
    tables = {"its": series[series["place"] == "a"], "comparative": series}
    for design, frame in tables.items():
        made = evaluate(Table(frame, "n", unit="place", treated="on", **given), design)  # type: ignore[arg-type]
        for each in made.results:
            assert words in each.cautions
            assert "clusters are not used here (team): each series is one place" in each.cautions
        bare = evaluate(Table(frame, "n", unit="place", treated="on"), design)
        assert not any("not used" in " ".join(each.cautions) for each in bare.results)


def test_one_cluster_in_an_arm_gives_no_interval_and_says_why() -> None:
    rng = generator(9, "one practice")
    team = np.repeat(np.arange(9), 40)
    frame = pd.DataFrame({"team": team, "t": (team == 0).astype(int), "n": rng.poisson(2.0, 360), "years": 1.0})
    alone = rate_ratio(frame, Counts("n", "years", "t", cluster="team"))
    assert np.isnan([alone.se, alone.lower, alone.upper]).all()
    assert alone.reason == "one cluster in an arm: how clusters differ there is not known, so no interval"
    assert np.isfinite(alone.estimate)
    several = rate_ratio(frame.assign(t=(team < 3).astype(int)), Counts("n", "years", "t", cluster="team"))
    assert several.cautions == ("few clusters (9): limits may be too narrow",)
    assert np.isfinite(several.se)
