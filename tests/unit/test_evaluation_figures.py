"""The tables behind the charts, and what the charts must show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.figures import activity, deprivation, flow, waits
from evaluation.figures.style import marks
from evaluation.outcomes import SECONDS_PER_YEAR
from evaluation.page_tables import services_table
from evaluation.twins import mean_interval, runs_interval
from tests.unit.evaluation_synthetic import synthetic_panel

ARMS = ("usual_care", "frailty")


def one_flow(counts: dict[tuple[str, str, str], int]) -> pd.DataFrame:
    rows = [(arm, 0, 0, source, target, count) for (arm, source, target), count in counts.items()]
    return pd.DataFrame(rows, columns=["arm", "draw", "replication", "source", "target", "count"])


def one_waits(bins: list[tuple[int, int, int]], month: int = 0) -> pd.DataFrame:
    rows = [("usual_care", 0, 0, month, "gp", "North", start, end, count) for start, end, count in bins]
    names = ["arm", "draw", "replication", "month", "service", "site", "wait_from_s", "wait_to_s", "count"]
    return pd.DataFrame(rows, columns=names)


PERSON_YEARS = pd.DataFrame(
    {"arm": list(ARMS), "draw": 0, "replication": 0, "month": 0, "person_seconds": 2000 * SECONDS_PER_YEAR}
)


def of_draws(values: list[list[float]]) -> pd.DataFrame:
    """Return services of one arm, float64[draw, replication] being the share of capacity used."""
    rows = [
        ("gp", "usual_care", draw, replication, 0, 1000.0, 1000.0 * value, 1.0, 0.0)
        for draw, each in enumerate(values)
        for replication, value in enumerate(each)
    ]
    names = ["service", "arm", "draw", "replication", "month"]
    return pd.DataFrame(rows, columns=[*names, "capacity_seconds", "busy_seconds", "starts", "waiting_seconds"])


def test_replications_of_a_draw_are_one_observation() -> None:
    values = [0.2, 0.4, 0.6, 0.8]
    alone, twice = (services_table(of_draws([[v] * n for v in values]), ("usual_care",)).rows[0][1] for n in (1, 2))
    assert alone == twice  # the same again says nothing new
    mean, lower, upper = runs_interval(np.repeat(values, 2), np.repeat(range(4), 2))
    assert (mean, lower, upper) == pytest.approx(mean_interval(values))
    one_draw = runs_interval(values, [0] * 4)
    assert one_draw == pytest.approx(mean_interval(values))


def test_a_flow_that_draws_differ_in_is_no_change_for_having_been_run_twice() -> None:
    counts = [(400, 400), (400, 430), (400, 380), (400, 425)]
    rows = [
        (arm, draw, replication, "need", "gp", count)
        for draw, pair in enumerate(counts)
        for replication in range(4)
        for arm, count in zip(ARMS, pair, strict=True)
    ]
    flows = pd.DataFrame(rows, columns=["arm", "draw", "replication", "source", "target", "count"])
    people = pd.concat(
        [PERSON_YEARS.assign(draw=draw, replication=replication) for draw in range(4) for replication in range(4)]
    )
    table = flow.flow_rates(flows, people)
    mine = table[table["arm"] == "frailty"]
    assert flow.mean_flows(mine)[["lower", "upper"]].to_numpy()[0] == pytest.approx(
        mean_interval(mine.drop_duplicates("draw")["value"].to_numpy())[1:]
    )
    made = flow.draw_flow(table, ARMS)
    assert not [text for axis in made.axes for text in axis.texts if "(+" in text.get_text()]


def test_flows_are_per_thousand_residents_and_absent_steps_are_zero() -> None:
    flows = one_flow({("usual_care", "need", "gp"): 400, ("frailty", "need", "gp"): 380, ("frailty", "need", "ed"): 2})
    table = flow.flow_rates(flows, PERSON_YEARS).set_index(["arm", "source", "target"])["value"]
    assert table["usual_care", "need", "gp"] == pytest.approx(200)
    assert table["frailty", "need", "ed"] == pytest.approx(1)
    assert table["usual_care", "need", "ed"] == 0


def test_steps_into_leave_out_returns() -> None:
    flows = one_flow(
        {("usual_care", "need", "gp"): 400, ("usual_care", "gp", "gp"): 100, ("usual_care", "ed", "gp"): 20}
    )
    table = flow.flow_rates(flows, PERSON_YEARS)
    assert flow.steps_into(table, "gp").set_index("arm")["value"]["usual_care"] == pytest.approx(210)


def test_flow_chart_labels_every_node_in_each_arm() -> None:
    flows = one_flow(
        {
            ("usual_care", "need", "gp"): 400,
            ("usual_care", "gp", "resolved"): 400,
            ("frailty", "need", "gp"): 300,
            ("frailty", "need", "int_core"): 100,
            ("frailty", "gp", "resolved"): 300,
            ("frailty", "int_core", "gp"): 20,
            ("frailty", "int_core", "resolved"): 80,
        }
    )
    made = flow.draw_flow(flow.flow_rates(flows, PERSON_YEARS), ARMS)
    labels = [[text.get_text() for text in axis.texts] for axis in made.axes]
    assert any(label.startswith("general practice\n200") for label in labels[0])
    assert any(label.startswith("INT core\n50") for label in labels[1])
    assert not any(label.startswith("INT core") for label in labels[0])


def test_share_seen_counts_whole_bins_only() -> None:
    table = waits.seen_table(one_waits([(0, 3600, 30), (3600, 14_400, 20), (14_400, 2**62, 50)]), ["usual_care"])
    shares = table.set_index("within")["mean"]
    assert shares["4 h"] == pytest.approx(0.5)
    assert "1 day" not in shares  # cuts the open bin: not known


def test_waits_before_go_live_do_not_count() -> None:
    early, late = one_waits([(0, 3600, 99)], month=-1), one_waits([(0, 3600, 1), (3600, 14_400, 1)])
    table = waits.seen_within(pd.concat([early, late])).set_index("within_s")
    assert table.loc[3600, "value"] == pytest.approx(0.5)
    assert table.loc[3600, "people"] == 2


def test_an_empty_bin_still_has_its_point_on_the_curve() -> None:
    other = one_waits([(0, 300, 1), (300, 3600, 1)]).assign(service="ed")
    gp = one_waits([(0, 300, 4), (3600, 14_400, 6)])
    table = waits.seen_within(pd.concat([gp, other])).query("service == 'gp'").set_index("within_s")["value"]
    assert table.to_dict() == pytest.approx({300: 0.4, 3600: 0.4, 14_400: 1.0})


def test_waits_for_clinics_are_not_told() -> None:
    gp, clinic = one_waits([(0, 3600, 30)]), one_waits([(0, 3600, 5)]).assign(service="outpatient_new")
    assert waits.told(pd.concat([gp, clinic]))["service"].tolist() == ["gp"]
    live = {"month": 0, "arm": "usual_care", "draw": 0, "replication": 0, "capacity_seconds": 10, "busy_seconds": 5}
    rows = [live | {"service": name, "starts": 2, "waiting_seconds": 86_400} for name in ("gp", "outpatient_follow_up")]
    table = services_table(pd.DataFrame(rows), ["usual_care"])
    cells = {row[0]: row[1:] for row in table.rows}
    assert cells["Outpatient follow up"][1] == "–" != cells["GP"][1]
    assert cells["Outpatient follow up"][0] == cells["GP"][0]


def test_activity_has_a_band_only_with_replications() -> None:
    many = activity.activity(synthetic_panel(ARMS, 3, range(-1, 2)))
    assert (many["lower"] < many["mean"]).all()
    assert set(many["month"]) == {-1, 0, 1}
    one = activity.activity(synthetic_panel(ARMS, 1, range(0, 2)))
    assert one["lower"].isna().all()


def test_every_axis_says_its_unit_and_go_live_is_marked() -> None:
    panel = synthetic_panel(ARMS, 2, range(-2, 3))
    made = activity.draw_activity(activity.activity(panel), ARMS)
    assert all("per 1,000 residents per year" in axis.get_ylabel() for axis in made.axes if axis.get_visible())
    assert "go-live" in made.axes[0].get_legend_handles_labels()[1]


def test_month_labels_stay_few_and_include_go_live() -> None:
    for months in (range(-24, 36), range(-2, 12), range(0, 3)):
        made = activity.draw_activity(activity.activity(synthetic_panel(ARMS, 1, months)), ARMS)
        ticks = [int(tick) for tick in made.axes[-1].get_xticks()]
        assert 0 in ticks
        assert len(ticks) <= 8


def test_gap_series_counts_whole_quarters_from_go_live() -> None:
    table = deprivation.gap_series(synthetic_panel(ARMS, 2, range(-2, 7)))
    assert sorted(table["month"].unique()) == [0, 3]  # two months before and one after make no quarter
    assert table["reason"].eq("").all()


def test_arms_differ_in_colour_marker_and_dash() -> None:
    first, second, third = marks(["a", "b", "c"]).values()
    for one, other in ((first, second), (first, third), (second, third)):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dash != other.dash
