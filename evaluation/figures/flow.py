"""The flow of residents' needs through the tiers, one alluvial chart per arm at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from evaluation.figures.style import INK, figure, house_style, words
from evaluation.outcomes import PER_RESIDENTS, SECONDS_PER_YEAR
from evaluation.panel import UNIT, after_go_live, totals
from evaluation.rounding import MINUS, change, level
from evaluation.twins import by_draw, paired, runs_interval

START = "need"
OTHER_END = "other end"
# Columns of the chart, left to right, and each node's tier; what is not named here is an end and stands on the right.
COLUMNS: tuple[tuple[str, ...], ...] = (
    (START,),
    ("gp", "neighbourhood", "call_111"),
    ("community", "int_core", "outpatients", "mental_health", "social_care", "ambulance"),
    ("urgent_treatment", "ed"),
    ("bed",),
    ("virtual_ward", "home_package"),
)
# Services drawn as one with another; every one of them has its own rows in the table.
DRAWN_AS = {
    **dict.fromkeys(("nurse", "pharmacist"), "gp"),
    **dict.fromkeys(("pharmacy", "vcfse", "link_worker", "outreach"), "neighbourhood"),
    **dict.fromkeys(("urgent_response", "health_visiting"), "community"),
    **dict.fromkeys(("tailored", "specialist"), "int_core"),
    **dict.fromkeys(("outpatient_new", "outpatient_follow_up", "outpatient_procedure"), "outpatients"),
    **dict.fromkeys(
        ("children_social_care", "housing", "employment", "welfare_advice", "public_health"), "social_care"
    ),
    "assessment": "bed",
}
LABELS = {
    "gp": "general practice",
    "neighbourhood": "pharmacy, VCFSE, link and outreach workers",
    "call_111": "111",
    "ed": "ED",
    "int_core": "INT core",
    "social_care": "social care and council",
    "bed": "hospital bed",
    START: "needs",
    "home": "went home",
}
_COLOURS = {
    **dict.fromkeys(("gp", "neighbourhood", "community"), "#006747"),
    **dict.fromkeys(("int_core", "outpatients", "mental_health"), "#005EB8"),
    **dict.fromkeys(("ed", "bed", "urgent_treatment", "ambulance", "call_111", "virtual_ward"), "#AE2573"),
    **dict.fromkeys(("social_care", "home_package"), "#330072"),
}
_GREY = "#425563"
_LABEL_GROUND: dict[str, Any] = {"facecolor": "white", "alpha": 0.55, "linewidth": 0, "pad": 0.8}
_SMALL_END = 0.01  # ends that take less than this share of needs are drawn together
_NODE_WIDTH = 0.16  # in columns
_GAP, _END_GAP = 0.22, 0.11  # between nodes of one column, as a share of the needs: room for their labels


def flow_rates(flows: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Return transitions per 1,000 residents per year: arm, draw, replication, source, target, value.

    ``flows`` has arm, draw, replication, source, target, count from go-live on; person-years come from ``panel``. A
    transition that did not happen in a replication is 0 there.
    """
    keys = [*UNIT, "source", "target"]
    counted = flows.groupby(keys, sort=True, observed=True)["count"].sum()
    units = totals(after_go_live(panel), UNIT, ["person_seconds"])
    edges = flows[["source", "target"]].drop_duplicates().itertuples(index=False, name=None)
    every = [(*unit, *edge) for unit, edge in product(units[list(UNIT)].itertuples(index=False, name=None), edges)]
    table = counted.reindex(pd.MultiIndex.from_tuples(every, names=keys), fill_value=0).reset_index()
    table = table.merge(units, on=list(UNIT))
    table["value"] = table["count"] / (table["person_seconds"] / (SECONDS_PER_YEAR * PER_RESIDENTS))
    return table[[*keys, "value"]]


def steps_into(table: pd.DataFrame, node: str) -> pd.DataFrame:
    """Return the steps into ``node`` from anywhere else: arm, draw, replication, value, reason (empty)."""
    into = table[(table["target"] == node) & (table["source"] != node)]
    return into.groupby(list(UNIT), sort=True, observed=True)["value"].sum().reset_index().assign(reason="")


def mean_flows(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``flow_rates`` averaged over replications: arm, source, target, mean, lower, upper."""
    rows = []
    for key, mine in table.groupby(["arm", "source", "target"], sort=True, observed=True):
        rows.append((*key, *runs_interval(mine["value"].to_numpy(), mine["draw"].to_numpy())))
    return pd.DataFrame(rows, columns=["arm", "source", "target", "mean", "lower", "upper"])


def draw_flow(table: pd.DataFrame, arms: Sequence[str]) -> Figure:
    """Return one alluvial chart per arm, baseline first, widths at one scale; labels give the change from baseline.

    ``table`` comes from ``flow_rates``. Returns to the same service are left out of the drawing.
    """
    drawn = _drawn(table)
    means = mean_flows(drawn)
    scale = max(_through(means[means["arm"] == arm]).get(START, 0.0) for arm in arms) or 1.0
    with house_style():
        made, axes = figure(4.3 * len(arms), len(arms), 1)
        for axis, arm in zip(axes, arms, strict=True):
            labels = _labels(drawn, arms[0], arm)
            _alluvial(axis, means[means["arm"] == arm], labels, scale)
            note = "" if arm == arms[0] else f"; in brackets the change from {words(arms[0])}"
            axis.set_title(f"{words(arm)}: steps per 1,000 residents per year{note}")
    return made


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the transitions as drawn: services that are drawn as one, no self-returns, small ends together."""
    kept = table.assign(**{name: table[name].replace(DRAWN_AS) for name in ("source", "target")})
    kept = kept[kept["source"] != kept["target"]].copy()
    known = {name for column in COLUMNS for name in column}
    inflow = kept[~kept["target"].isin(known)].groupby("target")["value"].sum()
    needs = kept.loc[kept["source"] == START, "value"].sum()
    small = [name for name, value in inflow.items() if value < _SMALL_END * needs]
    if len(small) > 1:
        kept["target"] = kept["target"].where(~kept["target"].isin(small), OTHER_END)
    return kept.groupby([*UNIT, "source", "target"], sort=True, observed=True)["value"].sum().reset_index()


def _is_known(node: str) -> bool:
    return any(node in column for column in COLUMNS)


def _through(edges: pd.DataFrame, value: str = "mean") -> dict[str, float]:
    """Return what passes each node: the larger of what comes in and what goes out."""
    into, out = edges.groupby("target")[value].sum(), edges.groupby("source")[value].sum()
    return {
        str(name): float(max(into.get(name, 0.0), out.get(name, 0.0))) for name in sorted({*into.index, *out.index})
    }


def _labels(drawn: pd.DataFrame, baseline: str, arm: str) -> dict[str, str]:
    """Return a label per node: name, level and, for a design, its paired change where one is detected."""
    per_unit = {key: _through(mine, "value") for key, mine in drawn.groupby(list(UNIT), sort=True, observed=True)}
    units = [key for key in per_unit if key[0] == arm]
    draw = np.array([key[1] for key in units])
    labels = {}
    for node in sorted({name for found in per_unit.values() for name in found}):
        here = np.array([per_unit[key].get(node, 0.0) for key in units])
        text = (
            LABELS.get(node, words(node))
            + ("\n" if _is_known(node) else " ")
            + f"{level(*runs_interval(here, draw), minus=MINUS)}"
        )
        if arm != baseline:
            there = np.array([per_unit[(baseline, *key[1:])].get(node, 0.0) for key in units])
            found = paired(by_draw(there, draw), by_draw(here, draw))
            if found.verdict in ("lower", "higher", "not tested"):
                text += f" ({change(found.difference, found.lower, found.upper, minus=MINUS).split(' (')[0]})"
        labels[node] = text
    return labels


def _alluvial(axis: Axes, edges: pd.DataFrame, labels: dict[str, str], scale: float) -> None:
    through = {name: size / scale for name, size in _through(edges).items() if size > 0}
    columns = _columns(through)
    place = {name: (x, y) for x, column in enumerate(columns) for name, y in _stack(column, through)}
    sizes = {
        (str(source), str(target)): float(mean) / scale
        for source, target, mean in zip(edges["source"], edges["target"], edges["mean"], strict=True)
        if mean > 0
    }
    for (source, target), (leave, arrive) in _ends(sizes, place, through).items():
        start, end = (place[source][0] + _NODE_WIDTH, leave), (float(place[target][0]), arrive)
        axis.add_patch(_ribbon(start, end, sizes[source, target], _COLOURS.get(source, _GREY)))
    for name, (x, y) in place.items():
        axis.add_patch(Rectangle((x, y), _NODE_WIDTH, max(through[name], 0.004), color=_COLOURS.get(name, _GREY)))
        _write(axis, labels[name], x, y + through[name], last=x == len(columns) - 1)
    axis.set_xlim(-0.1, len(columns) - 0.1 + 0.75)
    axis.set_ylim(min(y for _, y in place.values()) - 0.05, max(y + through[n] for n, (_, y) in place.items()) + 0.16)
    axis.axis("off")


Edge = tuple[str, str]


def _ends(
    sizes: dict[Edge, float], place: dict[str, tuple[int, float]], through: dict[str, float]
) -> dict[Edge, tuple[float, float]]:
    """Return the lower edge of each ribbon where it leaves its source and where it arrives, stacked from the top."""
    rank = {name: (x, -y) for name, (x, y) in place.items()}
    tops = {name: y + through[name] for name, (_, y) in place.items()}
    free_out, free_in = dict(tops), dict(tops)
    leave, arrive = {}, {}
    for edge in sorted(sizes, key=lambda pair: (rank[pair[0]], rank[pair[1]])):
        free_out[edge[0]] -= sizes[edge]
        leave[edge] = free_out[edge[0]]
    for edge in sorted(sizes, key=lambda pair: (rank[pair[1]], rank[pair[0]])):
        free_in[edge[1]] -= sizes[edge]
        arrive[edge] = free_in[edge[1]]
    return {edge: (leave[edge], arrive[edge]) for edge in leave}


def _columns(through: dict[str, float]) -> list[list[str]]:
    known = [name for column in COLUMNS for name in column]
    ends = sorted((name for name in through if name not in known), key=lambda n: (n == OTHER_END, -through[n]))
    columns = [[name for name in column if name in through] for column in COLUMNS]
    return [column for column in [*columns, ends] if column]


def _stack(column: Sequence[str], through: dict[str, float]) -> list[tuple[str, float]]:
    """Return each node of a column with its lower edge, the first on top, the column centred on 0.5."""
    gap = _GAP if _is_known(column[0]) else _END_GAP
    top = 0.5 + (sum(through[name] for name in column) + gap * (len(column) - 1)) / 2
    placed = []
    for name in column:
        top -= through[name]
        placed.append((name, top))
        top -= gap
    return placed


def _ribbon(start: tuple[float, float], end: tuple[float, float], size: float, colour: str) -> PathPatch:
    (x0, y0), (x1, y1) = start, end
    bend = max((x1 - x0) / 2, 0.35)
    points = [(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
    back = [(x1, y1 + size), (x1 - bend, y1 + size), (x0 + bend, y0 + size), (x0, y0 + size)]
    codes = [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4] + [Curve.LINETO] + [Curve.CURVE4] * 3
    curve = Curve([*points, *back, (x0, y0)], [*codes, Curve.CLOSEPOLY])
    return PathPatch(curve, facecolor=colour, alpha=0.32, linewidth=0.3, edgecolor=colour)


def _write(axis: Axes, text: str, x: float, top: float, last: bool) -> None:
    if last:
        axis.text(x + _NODE_WIDTH + 0.05, top, text, fontsize=8.5, va="top", ha="left", color=INK)
    else:
        axis.text(x, top + 0.012, text, fontsize=8.5, va="bottom", ha="left", color=INK, bbox=_LABEL_GROUND)
