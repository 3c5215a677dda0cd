"""Small numbers never leave: in estimates, paths, fifths and tallies, on by default, and nothing can be worked back."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.by_quintile import by_quintile
from evaluation.causal.designs import Table, evaluate
from evaluation.causal.disclosure import (
    behind,
    protected,
    protected_fifths,
    protected_tally,
    shown_count,
    words_of,
)
from evaluation.causal.export import Results, report, write
from evaluation.draws import generator
from evaluation.estimate import Estimate
from evaluation.standardisation.crude import crude_rate
from evaluation.suppression import AS_IT_IS, HES, UNDER_SIX, export_estimates

ROOT = Path(__file__).resolve().parents[2]


def cohort(treated: int, others: int = 60) -> Table:
    rng = generator(treated, "disclosure")
    n = treated + others
    frame = pd.DataFrame({"t": (np.arange(n) < treated).astype(int), "y": rng.normal(size=n), "a": rng.normal(size=n)})
    return Table(frame, "y", treated="t")


def series() -> Table:
    counts = np.array([30, 33, 29, 35, 31, 30, 28, 34, 30, 32, 6, 27, 4, 25, 28, 0])
    month = np.arange(len(counts))
    frame = pd.DataFrame({"month": month, "n": counts, "on": (month >= 8).astype(int)})
    return Table(frame, "n", treated="on")


def test_an_arm_of_one_to_seven_people_hides_the_estimate_and_eight_do_not() -> None:
    seven, eight = (protected(evaluate(cohort(n), "cohort").results[0], HES) for n in (7, 8))
    assert math.isnan(seven.estimate)
    assert seven.reason == "suppressed: it rests on 1 to 7 treated people"
    assert math.isnan(seven.counts["treated people"])
    assert not math.isnan(eight.estimate)
    assert (eight.counts["treated people"], eight.counts["untreated people"], eight.n) == (10, 60, 70)
    assert words_of(seven.counts) == "treated people *, untreated people 60"
    assert not math.isnan(protected(evaluate(cohort(6), "cohort").results[0], UNDER_SIX).estimate)
    same = evaluate(cohort(3), "cohort").results[0]
    assert protected(same, AS_IT_IS) is same


def test_people_left_out_are_hidden_and_hide_nothing() -> None:
    made = evaluate(cohort(20), "cohort").results[0]
    few = replace(made, counts={**made.counts, "people left out for a missing value": 3.0})
    shown = protected(few, HES)
    assert math.isnan(shown.counts["people left out for a missing value"])
    assert not math.isnan(shown.estimate)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (7, None), (8, 10), (12, 10), (13, 15), (1_002, 1e3)])
def test_counts_are_hidden_or_rounded(count: float, shown: float | None) -> None:
    found = shown_count(count, HES)
    assert math.isnan(found) if shown is None else found == shown


def test_a_series_of_counts_is_rounded_and_its_small_months_are_hidden() -> None:
    table = series()
    made = evaluate(table, "its").results[0]
    path = protected(made, HES, behind(table)).tables["path"].set_index("period")
    assert path["observed"].isna().to_numpy().nonzero()[0].tolist() == [10, 12]
    assert path.loc[0, "observed"] == 30
    assert path.loc[3, "observed"] == 35
    assert path.loc[4, "observed"] == 30
    assert path.loc[15, "observed"] == 0
    assert (path["observed"].dropna() % 5 == 0).all()
    assert path["fitted"].notna().all()  # the model is no count


@pytest.mark.parametrize("never", [np.nan, 0.0, 99.0, np.inf])
def test_a_single_treated_area_shows_rates_of_rounded_counts_and_no_small_month(never: float) -> None:
    rng = generator(4, "one area")
    unit, month = np.repeat(np.arange(12), 14), np.tile(np.arange(1, 15), 12)
    counts = rng.poisson(20, len(unit)).astype(float)
    counts[(unit == 0) & (month == 5)], counts[(unit == 0) & (month == 11)] = 3, 22
    frame = pd.DataFrame({"unit": unit, "month": month, "v_count": counts, "population": 1_000.0})
    frame["v"] = frame["v_count"]
    frame["first"] = np.where(unit == 0, 9.0, never)
    table = Table(frame, "v", first_treated="first")
    assert table.starts == (9.0,)
    for each in evaluate(table, "synthetic").results:
        shown = protected(each, HES, behind(table))
        path = shown.tables["path"].set_index("period")
        assert math.isnan(path.loc[5, "observed"])
        assert math.isnan(path.loc[5, "gap"])
        assert path.loc[11, "observed"] == pytest.approx(20)  # 22 of 1,000 is shown as the rate of 20
        assert path.loc[11, "gap"] == pytest.approx(20 - path.loc[11, "synthetic"])
        if "event_study" in shown.tables:
            study = shown.tables["event_study"].set_index("event_time")
            assert math.isnan(study.loc[5 - 9, "estimate"])


def test_means_and_gaps_by_fifth_are_made_of_rounded_counts() -> None:
    rng = generator(5, "fifths")
    rows = [
        (f"N{unit}", month, fifth, float(rng.poisson(6 + 3 * (5 - fifth))), 6.0 if unit < 2 else np.nan)
        for unit in range(8)
        for month in range(12)
        for fifth in range(1, 6)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "month", "imd", "n", "first"])
    made = by_quintile(Table(frame, "n", first_treated="first", quintile="imd"), "did")
    shown = protected_fifths(made, HES)
    small = (made.series["count_least"] > 0) & (made.series["count_least"] <= 7)
    assert small.any()
    assert shown.series.loc[small, "estimate"].isna().all()
    assert shown.series.loc[small, "reason"].str.startswith("suppressed").all()
    kept = shown.series[shown.series["estimate"].notna() & (shown.series["measure"] == "absolute")]
    units = made.series.loc[kept.index, "units"]
    assert np.allclose(kept["most"] * units, kept["count_most"])
    assert (kept["count_most"] % 5 == 0).all()
    assert np.allclose(kept["estimate"], kept["most"] - kept["least"])
    whole = made.series.loc[kept.index]
    assert np.allclose(kept["upper"] - kept["lower"], whole["upper"] - whole["lower"])
    assert (shown.levels["count"] % 5 == 0).all()


def test_a_tally_hides_a_second_count_where_one_alone_would_be_given_away() -> None:
    tally = pd.DataFrame(
        {"outcome": "v", "places": "p", "time": ["a", "b", "c"], "events": [100, 4, 22], "people": [40, 3, 9]}
    ).astype({"events": float, "people": float})
    shown = protected_tally(tally, HES)
    assert shown["events"].isna().tolist() == [False, True, True]
    assert shown["people"].isna().tolist() == [False, True, True]
    assert shown.loc[0, "people"] == 40
    assert protected_tally(tally, AS_IT_IS) is tally


def test_what_is_written_and_printed_is_hidden_without_being_asked(tmp_path: Path) -> None:
    table = series()
    results = Results(evaluate(table, "its"), "n", known=behind(table))
    write(tmp_path / "out", results, {})
    path = next((tmp_path / "out" / "tables").glob("*quasi_poisson_path.csv"))
    assert pd.read_csv(path)["observed"].isna().sum() == 2
    about = (tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8")
    assert '"hide_to": 7' in about
    few = Results(evaluate(cohort(5), "cohort"), "y")
    assert "suppressed: it rests on 1 to 7" in report(few)
    assert "treated people *" in report(few)
    assert "treated people 5" in report(replace(few, rule=AS_IT_IS))


def test_an_evaluation_of_nothing_but_hidden_estimates_is_still_written(tmp_path: Path) -> None:
    write(tmp_path / "out", Results(evaluate(cohort(4), "cohort"), "y"), {})
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert table["estimate"].isna().all()
    assert table["reason"].str.startswith("suppressed").all()


def test_estimates_of_few_events_are_hidden_when_exported(tmp_path: Path) -> None:
    made = [crude_rate(count, 1_000) for count in (0, 3, 7, 8, 43)]
    table = pd.read_csv(export_estimates(made, tmp_path / "rates.csv"))
    assert table["estimate"].isna().tolist() == [False, True, True, False, False]
    assert table.loc[table["estimate"].isna(), "reason"].eq("suppressed: it rests on 1 to 7").all()
    assert table["n"].dropna().tolist() == [0, 10, 45]
    slopes = [Estimate(1.0, 0.0, 2.0, "sii_ohid", n=5)]  # five groups are no people
    assert pd.read_csv(export_estimates(slopes, tmp_path / "slope.csv")).loc[0, "n"] == 5


KNOWN_WRITERS = {
    "causal/export.py": "protected before it is written (Results.safe)",
    "suppression.py": "hides by default",
    "figures/style.py": "draws what it is given: figures of evaluations are drawn of protected results",
    "protocol.py": "a plan, no data",
    "compare_report.py": "a page of a simulated run: nobody in it is real",
    "case_report/write.py": "a report of simulated runs: nobody in them is real",
    "replays/page.py": "a page of simulated runs beside published figures: nobody in it is real",
    "validation.py": "a page of simulated runs: nobody in them is real",
}


def test_every_place_of_evaluation_that_writes_a_file_is_known() -> None:
    """A new writer has to say here how small numbers are kept from it."""
    writes = re.compile(r"\.to_(csv|parquet|json|excel|html)\(|write_(text|bytes)\(|savefig\(|print_(png|svg)\(")
    found = set()
    for path in (ROOT / "evaluation").rglob("*.py"):
        if writes.search(path.read_text(encoding="utf-8")):
            found.add(path.relative_to(ROOT / "evaluation").as_posix())
    assert found == set(KNOWN_WRITERS), "say in KNOWN_WRITERS how small numbers are kept from a new writer"
