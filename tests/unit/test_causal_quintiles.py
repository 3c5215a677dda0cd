"""Effects by fifth of deprivation and on the gap: known effects come back, whichever way fifths are in the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.causal.by_quintile import AFTER, BEFORE, WITHOUT, by_quintile, together
from evaluation.causal.designs import Table
from evaluation.draws import generator
from evaluation.standardisation.crude import crude_rate
from scenarios.errors import InputError

EFFECT = {1: -5.0, 2: -4.0, 3: -3.0, 4: -2.0, 5: -1.0}  # the gap closes by 4; the slope by 5 for equal fifths


def areas(units: int = 75, noise: float = 0.5) -> pd.DataFrame:
    """Areas of one fifth each: 40 - 3 x fifth, a third of them treated from month 6 of 12."""
    rng = generator(1, "areas by fifth")
    unit, month = np.repeat(np.arange(units), 12), np.tile(np.arange(12), units)
    fifth = unit % 5 + 1
    start = np.where(unit // 5 % 3 == 0, 6.0, np.nan)
    effect = np.array([EFFECT[each] for each in fifth]) * (month >= start)
    outcome = 40 - 3.0 * fifth + rng.normal(0, 2, units)[unit] + np.sin(month) + effect
    outcome += rng.normal(0, noise, len(unit))
    return pd.DataFrame({"unit": unit, "month": month, "visits": outcome, "start": start, "imd": fifth})


def split(units: int = 16, shared: float = 4.0) -> pd.DataFrame:
    """Neighbourhoods split into fifths of 1,000 to 3,000 people; shocks of a month are shared by a unit's fifths."""
    rng = generator(2, "split by fifth")
    rows = []
    shock = rng.normal(0, shared, (units, 12))
    for unit in range(units):
        start = 6.0 if unit < units // 2 else np.nan
        for month in range(12):
            for fifth, effect in EFFECT.items():
                value = 60 - 4.0 * fifth + shock[unit, month] + effect * (month >= start) + rng.normal(0, 0.5)
                rows.append((f"N{unit}", month, fifth, value, start, 1_000.0 + 500 * (fifth - 1)))
    return pd.DataFrame(rows, columns=["unit", "month", "imd", "visits", "start", "population"])


def table(frame: pd.DataFrame, **more: object) -> Table:
    return Table(frame, "visits", first_treated="start", quintile="imd", **more)  # type: ignore[arg-type]


def test_areas_of_one_fifth_each_give_its_effect_and_the_gap_as_a_difference() -> None:
    found = by_quintile(table(areas()), "did")
    for each in found.effects:
        truth = EFFECT[int(each.population.split(":")[0].split()[-1])]
        assert each.lower < truth < each.upper
    gap, slope = found.gap
    assert gap.method.startswith("effect_on_gap_absolute")
    assert gap.lower < -4.0 < gap.upper
    assert gap.estimate == pytest.approx(found.effects[0].estimate - found.effects[4].estimate)
    assert slope.lower < -5.0 < slope.upper
    assert slope.se > 0


def test_fifths_of_one_unit_share_its_shocks_and_the_gap_does_not() -> None:
    found = by_quintile(table(split()), "did")
    gap, slope = found.gap
    assert gap.lower < -4.0 < gap.upper
    assert gap.se < 0.3 * found.effects[0].se  # what the fifths share has dropped out
    people = np.array([1_000.0, 1_500, 2_000, 2_500, 3_000])
    share = people / people.sum()
    rank = np.cumsum(share) - share / 2
    away = rank - (share * rank).sum()
    true_slope = -(share * away * np.array(list(EFFECT.values()))).sum() / (share * away**2).sum()
    assert slope.lower < true_slope < slope.upper
    assert "slope index" in slope.estimand


def test_the_equiplot_and_the_gap_over_time_are_the_means_they_say() -> None:
    frame = split(shared=0.0)
    found = by_quintile(table(frame), "did")
    levels = found.levels.set_index(["row", "group"])
    on = frame[(frame["month"] >= frame["start"]) & (frame["imd"] == 1)]
    assert levels.loc[(AFTER, 1), "value"] == pytest.approx(on["visits"].mean())
    effect = found.effects[0].estimate
    assert levels.loc[(WITHOUT, 1), "value"] == pytest.approx(on["visits"].mean() - effect)
    assert levels.loc[(WITHOUT, 1), "lower"] < levels.loc[(WITHOUT, 1), "value"] < levels.loc[(WITHOUT, 1), "upper"]
    assert (BEFORE, 5) in levels.index
    series = found.series.set_index(["series", "period", "measure"])
    one = frame[(frame["month"] == 8) & frame["start"].notna()].pivot(index="unit", columns="imd", values="visits")
    row = series.loc[("places where the service started", 8, "absolute")]
    assert row["estimate"] == pytest.approx((one[1] - one[5]).mean())
    half = (row["upper"] - row["lower"]) / 2
    assert half == pytest.approx(2.3646 * (one[1] - one[5]).std() / np.sqrt(8), rel=1e-3)
    ratio = series.loc[("places where the service started", 8, "relative"), "estimate"]
    assert ratio == pytest.approx(one[1].mean() / one[5].mean())


@pytest.mark.parametrize("never", [0.0, 99.0, np.inf])
def test_a_place_that_never_started_is_the_same_however_that_is_written(never: float) -> None:
    frame = split(shared=0.0).assign(month=lambda rows: rows["month"] + 1)
    plain, coded = (by_quintile(table(each), "did") for each in (frame, frame.fillna({"start": never})))
    pd.testing.assert_frame_equal(coded.levels, plain.levels)
    pd.testing.assert_frame_equal(coded.series, plain.series)
    assert set(coded.series.iloc[:, 0]) == {"places where the service started", "other places"}


def test_fifths_of_many_people_weigh_more_in_the_slope_of_effects() -> None:
    frame = areas()
    people = frame.assign(population=np.where(frame["imd"] == 1, 20_000.0, 1_000.0))
    equal, weighed = (by_quintile(table(each), "did") for each in (frame, people))
    found = {int(each.population.split(":")[0].split()[-1]): each.estimate for each in weighed.effects}
    share = np.array([20, 1, 1, 1, 1]) / 24
    rank = np.cumsum(share) - share / 2
    value = np.array([found[fifth] for fifth in range(1, 6)])
    away = rank - (share * rank).sum()
    slope = -(share * away * value).sum() / (share * away**2).sum()
    assert weighed.gap[1].estimate == pytest.approx(slope, rel=0.05)  # of simulated limits
    assert abs(weighed.gap[1].estimate - equal.gap[1].estimate) > 0.5


def test_with_few_units_limits_come_from_counts() -> None:
    frame = split(units=4, shared=0.0).assign(visits_count=lambda f: np.round(f["visits"] * f["population"] / 1000))
    frame["visits"] = 1000 * frame["visits_count"] / frame["population"]
    found = by_quintile(table(frame), "did").series
    row = found[(found["period"] == 3) & (found["measure"] == "absolute")].iloc[0]
    assert row["limits"] == "of counts"
    most = crude_rate(row["count_most"], 2_000, 1000)
    least = crude_rate(row["count_least"], 6_000, 1000)
    assert row["estimate"] == pytest.approx(most.estimate - least.estimate)
    assert row["upper"] - row["estimate"] == pytest.approx(
        np.hypot(most.upper - most.estimate, least.estimate - least.lower)
    )
    alone = by_quintile(table(frame.drop(columns=["visits_count"])[frame["unit"].isin(["N0", "N2"])]), "did")
    assert alone.series["reason"].str.contains("one unit in a fifth").any()
    assert alone.series.loc[alone.series["lower"].isna(), "reason"].ne("").all()


def test_places_without_a_fifth_are_counted_where_they_are_left_out() -> None:
    """Five places of sixteen have no fifth 1, two more no third: the gap is of eleven, the slope of nine."""
    frame = split(units=16)
    rich, odd = frame["unit"].isin([f"N{at}" for at in (0, 1, 2, 8, 9)]), frame["unit"].isin(["N3", "N10"])
    cut = frame[~(rich & (frame["imd"] == 1)) & ~(odd & (frame["imd"] == 3))]
    gap, slope = by_quintile(table(cut), "did").gap
    assert "5 of 16 units lack fifth 1 or 5 and are left out" in gap.cautions
    assert "7 of 16 units lack a fifth and are left out" in slope.cautions
    assert (gap.n, slope.n) == (11, 9)
    whole = by_quintile(table(frame), "did").gap
    assert not [words for each in whole for words in each.cautions if "lack" in words]
    late = frame[~((frame["unit"] == "N9") & (frame["imd"] == 5) & (frame["month"] == 2))]
    words = "1 of 16 units lack fifth 1 or 5 in some periods, and those periods are left out"
    assert words in by_quintile(table(late), "did").gap[0].cautions


@pytest.mark.parametrize("name", ["bed_days", "spell_days", "wait_seconds", "ed_wait_hours"])
def test_summed_days_and_waits_have_no_limits_of_counts(name: str) -> None:
    """Ninety people who stay 30 days are no 2,700 independent days: Byar's limits would be far too narrow."""
    frame = split(units=4, shared=0.0).assign(days=lambda f: np.round(f["visits"] * f["population"] / 1000))
    frame[name], frame[f"{name}_count"] = 1000 * frame["days"] / frame["population"], frame["days"]
    one = frame[frame["unit"].isin(["N0", "N3"])]
    made = Table(one, name, first_treated="start", quintile="imd")
    series = by_quintile(made, "did").series
    alone = series[series["series"] == "other places"]
    assert alone[["lower", "upper"]].isna().all().all()
    assert (alone["limits"] == "").all()
    assert alone["reason"].str.contains(f"'{name}' counts no independent events: no limits", regex=False).all()
    assert alone[["estimate", "count_most", "count_least"]].notna().all().all()
    several = by_quintile(Table(frame, name, first_treated="start", quintile="imd"), "did").series
    assert (several["limits"] == "of units").all()
    renamed = one.rename(columns={name: "n", f"{name}_count": "n_count"})
    events = by_quintile(Table(renamed, "n", first_treated="start", quintile="imd"), "did").series
    assert (events["limits"] == "of counts").all()


def test_people_and_series_have_their_gap_too() -> None:
    rng = generator(3, "people by fifth")
    n = 4_000
    fifth, need = rng.integers(1, 6, n), rng.normal(size=n)
    treated = (rng.random(n) < 1 / (1 + np.exp(-need))).astype(int)
    y = 10 - fifth + need + treated * np.array([EFFECT[each] for each in fifth]) + rng.normal(size=n)
    frame = pd.DataFrame({"t": treated, "y": y, "need": need, "imd": fifth})
    people = Table(frame, "y", treated="t", covariates=("need",), quintile="imd", estimand="ate")
    found = by_quintile(people, "cohort")
    assert found.gap[0].lower < -4.0 < found.gap[0].upper
    assert found.effects[0].method.endswith("_ate")
    assert found.series.empty
    month = np.tile(np.arange(48), 5)
    place = np.repeat(np.arange(1, 6), 48)
    rate = np.where(place == 1, 0.7, 0.9)
    counts = rng.poisson(400 * np.where(month >= 30, rate, 1.0))
    series = pd.DataFrame({"month": month, "n": counts, "on": (month >= 30).astype(int), "imd": place})
    its = by_quintile(Table(series, "n", treated="on", quintile="imd"), "its")
    assert its.gap[0].lower < 0.7 / 0.9 < its.gap[0].upper
    assert its.gap[0].scale == "ratio"
    assert "share its shocks" in its.gap[0].cautions[-1]


def test_fifths_are_added_up_for_the_whole_by_their_people() -> None:
    frame = split()
    whole = together(table(frame)).frame
    one = frame[(frame["unit"] == "N3") & (frame["month"] == 4)]
    row = whole[(whole["unit"] == "N3") & (whole["month"] == 4)].iloc[0]
    assert row["visits"] == pytest.approx(np.average(one["visits"], weights=one["population"]))
    assert row["population"] == one["population"].sum()
    counts = frame.drop(columns="population").assign(visits=lambda f: f["visits"].round())
    assert together(table(counts)).frame["visits"].sum() == counts["visits"].sum()
    assert together(table(areas())).frame is not None
    with pytest.raises(InputError, match="rates cannot be added up"):
        together(table(frame.drop(columns="population")))


def test_a_fifth_that_cannot_be_analysed_is_named() -> None:
    frame = areas()
    found = by_quintile(table(frame[(frame["imd"] != 3) | frame["start"].isna()]), "did")
    assert "no unit is treated" in found.refused["quintile 3"]
    assert len(found.effects) == 4
    assert len(found.gap) == 1  # no slope without every fifth
    lost = by_quintile(table(frame[frame["imd"] != 1]), "did")
    assert lost.refused["quintile 1"] == "no rows in the table"
    assert "gap" in lost.refused
    for bad, words in (
        (frame.assign(imd=6), "1 to 5, 1 = most deprived"),
        (frame.assign(imd=2), "a gap needs two"),
        (frame.drop(columns="imd"), "no column 'imd'"),
    ):
        with pytest.raises(InputError, match=words):
            by_quintile(table(bad), "did")


def test_deprivation_turned_round_is_refused_by_a_score_and_noticed_without() -> None:
    frame = areas().assign(score=lambda f: 60 - 10.0 * f["imd"])
    assert by_quintile(table(frame, score="score"), "did").effects
    with pytest.raises(InputError, match="counts from the wrong end"):
        by_quintile(table(frame.assign(imd=6 - frame["imd"]), score="score"), "did")
    turned = frame.assign(imd=6 - frame["imd"]).rename(columns={"visits": "ed_attendances"})
    noticed = by_quintile(Table(turned, "ed_attendances", first_treated="start", quintile="imd"), "did")
    assert "check that 1 is the most deprived" in " ".join(noticed.cautions)
    assert "check that 1" not in " ".join(by_quintile(table(frame), "did").cautions)


def test_rows_without_a_fifth_are_counted_and_fifths_that_muddle_are_refused() -> None:
    frame = areas()
    lost = frame.assign(imd=frame["imd"].where(frame["unit"] != frame["unit"].iloc[0]))
    rows = int(lost["imd"].isna().sum())
    assert f"{rows} of {len(frame)} rows have no fifth" in " ".join(by_quintile(table(lost), "did").cautions)
    for spoilt, words in (
        (frame.assign(imd="Q" + frame["imd"].astype(str)), "holds 'Q1'; allowed: 1 to 5"),
        (frame.assign(imd=(frame["unit"] + frame["month"]) % 5 + 1), "changes within unit"),
        (pd.concat([split(), split().iloc[[3]]]), "twice in one fifth"),
    ):
        with pytest.raises(InputError, match=words):
            by_quintile(table(spoilt), "did")


def test_areas_without_a_score_do_not_decide_which_end_is_the_most_deprived() -> None:
    frame = areas()
    score = (60.0 - 10 * frame["imd"]).where(frame["imd"] > 1)
    assert by_quintile(table(frame.assign(score=score), score="score"), "did").effects
    with pytest.raises(InputError, match="holds no number"):
        by_quintile(table(frame.assign(score=np.nan), score="score"), "did")
    with pytest.raises(InputError, match="did you mean"):
        by_quintile(table(frame.assign(score=score), score="scor"), "did")


def test_counts_of_fifths_and_their_people_are_added_for_a_series() -> None:
    rows = [(month, fifth, 10 * fifth, 100.0 * fifth) for month in range(3) for fifth in range(1, 6)]
    frame = pd.DataFrame(rows, columns=["month", "fifth", "n", "people"]).assign(on=0)
    for name in ("people", "population"):
        named = frame.rename(columns={"people": name})
        made = together(Table(named, "n", treated="on", population=name, quintile="fifth")).frame
        assert made[["n", name]].iloc[0].tolist() == [150, 1500]
