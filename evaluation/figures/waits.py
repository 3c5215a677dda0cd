"""Waits: the share of people seen within a time, by service and arm."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.figures.style import figure, house_style, legend_above, marks, words
from evaluation.outcomes import SECONDS_PER_DAY, SECONDS_PER_HOUR
from evaluation.panel import UNIT
from evaluation.twins import runs_interval

TIMES = {
    "15 min": SECONDS_PER_HOUR // 4,
    "1 h": SECONDS_PER_HOUR,
    "4 h": 4 * SECONDS_PER_HOUR,
    "1 day": SECONDS_PER_DAY,
    "1 wk": 7 * SECONDS_PER_DAY,
    "4 wk": 28 * SECONDS_PER_DAY,
    "26 wk": 182 * SECONDS_PER_DAY,
}
SHORTEST_S = 240  # where the axis begins
WITHIN = ("4 h", "1 day", "1 wk", "4 wk")
ORDER = (  # from general practice to the home package
    "gp",
    "nurse",
    "pharmacist",
    "pharmacy",
    "community",
    "health_visiting",
    "urgent_response",
    "vcfse",
    "link_worker",
    "outreach",
    "int_core",
    "tailored",
    "specialist",
    "mental_health",
    "outpatient_new",
    "outpatient_follow_up",
    "outpatient_procedure",
    "social_care",
    "children_social_care",
    "housing",
    "employment",
    "welfare_advice",
    "public_health",
    "call_111",
    "ambulance",
    "urgent_treatment",
    "ed",
    "assessment",
    "bed",
    "virtual_ward",
    "home_package",
)
CLINICS = ("outpatient_new", "outpatient_follow_up", "outpatient_procedure")  # an anonymous backlog stands behind
# residents there (docs/scope.md): how long they wait says nothing of how long people do
LABELS = {
    "gp": "GP",
    "ed": "ED",
    "int_core": "INT core",
    "bed": "Hospital bed",
    "vcfse": "VCFSE",
    "call_111": "111",
    "assessment": "Assessment unit",
    "children_social_care": "Children's social care",
}


def service_label(name: str) -> str:
    """Return the name of a kind of service for a reader: 'social_care' -> 'Social care'."""
    text = words(name)
    return LABELS.get(name, text[:1].upper() + text[1:])


def in_order(services: Iterable[str]) -> list[str]:
    """Return kinds of service from general practice to the home package; unknown ones last, by name."""
    return sorted(map(str, services), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def told(waits: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of services whose waits mean something: clinics are left out."""
    return waits[~waits["service"].isin(CLINICS)]


def seen_within(waits: pd.DataFrame) -> pd.DataFrame:
    """Return the cumulative share of people seen by the upper limit of each bin, from go-live on.

    Columns arm, draw, replication, service, within_s (upper limit of a bin; the open bin is left out), value (share, 0
    to 1), people (seen in all). Only those who were seen count, everyone at the service, residents of other places too.
    """
    live = waits[waits["month"] >= 0]
    limits = {int(edge) for column in ("wait_from_s", "wait_to_s") for edge in live[column].unique()}
    edges = sorted(edge for edge in limits if 0 < edge <= TIMES["26 wk"])  # of every service: an empty bin has no row
    rows = []
    for service, mine in live.groupby("service", sort=True, observed=True):
        for unit, one in mine.groupby(list(UNIT), sort=True, observed=True):
            people = int(one["count"].sum())
            if people == 0:
                continue
            for edge in edges:
                within = int(one.loc[one["wait_to_s"] <= edge, "count"].sum())
                rows.append((*unit, service, int(edge), within / people, people))
    return pd.DataFrame(rows, columns=[*UNIT, "service", "within_s", "value", "people"])


def seen_table(waits: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return the share seen within each of WITHIN: service, arm, within, mean, lower, upper, people (mean seen).

    A time that cuts a bin is left out: the share there is not known.
    """
    live = waits[waits["month"] >= 0]
    replications = live[list(UNIT)].drop_duplicates()["arm"].value_counts()
    of_arm = dict(tuple(live.groupby(["service", "arm"], observed=True)))
    rows = []
    for service, arm in product(in_order(live["service"].unique()), arms):
        mine = of_arm.get((service, arm))
        if mine is None:
            continue
        people = mine.groupby(["draw", "replication"])["count"].sum()
        for within in WITHIN:
            at = TIMES[within]
            if ((mine["wait_from_s"] < at) & (mine["wait_to_s"] > at)).any():
                continue
            soon = mine[mine["wait_to_s"] <= at].groupby(["draw", "replication"])["count"].sum()
            share = (soon.reindex(people.index, fill_value=0) / people).to_numpy()
            rows.append(
                (
                    service,
                    arm,
                    within,
                    *runs_interval(share, people.index.get_level_values("draw").to_numpy()),
                    people.sum() / replications[arm],
                )
            )
    return pd.DataFrame(rows, columns=["service", "arm", "within", "mean", "lower", "upper", "people"])


def draw_waits(table: pd.DataFrame, arms: Sequence[str]) -> Figure:
    """Return cumulative curves of ``table`` (from ``seen_within``): one panel per service, mean over replications."""
    services = in_order(table["service"].unique())
    columns = min(3, len(services))
    lines = math.ceil(len(services) / columns)
    with house_style():
        made, axes = figure(2.5 * lines + 0.7, lines, columns, sharey=True)
        for axis, service in zip(axes, services, strict=False):
            mine = table[table["service"] == service]
            _curves(axis, mine, arms)
            axis.set_title(service_label(str(service)))
        for axis in axes[len(services) :]:
            axis.set_visible(False)
        made.supylabel("share of those seen who had waited no longer (%)", fontsize=10)
        made.supxlabel("time waited (logarithmic scale)", fontsize=10)
        legend_above(made, axes, len(arms))
    return made


def _curves(axis: Axes, mine: pd.DataFrame, arms: Sequence[str]) -> None:
    style = marks(arms)
    for arm in arms:
        line = mine[mine["arm"] == arm].groupby("within_s")["value"].mean() * 100
        if line.empty:
            continue
        mark = style[arm]
        axis.plot(
            np.log10(line.index.to_numpy(dtype=float)),
            line.to_numpy(),
            color=mark.colour,
            linestyle=mark.dash,
            marker=mark.marker,
            markersize=4.5,
            label=words(arm),
        )
    # Logarithms on a plain axis: one that is logarithmic looks for marks of its own in every panel, which takes as long
    # as drawing them all.
    axis.set_xlim(np.log10(SHORTEST_S), np.log10(TIMES["26 wk"] * 1.2))
    axis.set_ylim(0, 103)
    axis.set_xticks(np.log10(list(TIMES.values())), list(TIMES), rotation=40, ha="right", fontsize=8.5)
