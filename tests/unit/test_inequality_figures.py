"""The figures of inequality draw what the tables hold and say what they leave out."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from evaluation.estimate import Estimate
from evaluation.figures.inequality import draw_aim, draw_equiplot, draw_gap_series
from evaluation.figures.style import save
from evaluation.life_tables.aim import aim_line, read_aim
from scenarios.errors import InputError


def groups() -> pd.DataFrame:
    rows = [(name, q, 100.0 - 10 * q + more) for name, more in (("before", 0), ("after", 5)) for q in range(1, 6)]
    return pd.DataFrame(rows, columns=["row", "group", "value"])


def series() -> pd.DataFrame:
    table = pd.DataFrame({"series": "usual_care", "period": [2023, 2024, 2025], "estimate": [9.0, math.nan, 8.0]})
    return table.assign(lower=table["estimate"] - 1, upper=table["estimate"] + 1)


def test_every_group_has_its_number_at_its_value() -> None:
    axis = draw_equiplot(groups(), "ED attendances per 1,000").axes[0]
    placed = {(round(text.get_position()[0]), text.get_text()) for text in axis.texts}
    assert {(90, "1"), (50, "5"), (95, "1"), (55, "5")} <= placed
    assert [label.get_text() for label in axis.get_yticklabels()] == ["before", "after"]


def test_an_undefined_gap_breaks_the_line_and_is_counted() -> None:
    made = draw_gap_series(series(), "gap in years", "year")
    drawn = next(line for line in made.axes[0].lines if len(line.get_xdata()) == 3)
    assert math.isnan(list(drawn.get_ydata())[1])
    assert "1 of 3 values are undefined" in made.get_supxlabel()


def test_the_aim_says_what_it_is_and_its_chance() -> None:
    baseline = Estimate(10.0, 8.0, 12.0, "le_gap_ohid", se=1.0)
    made = draw_aim(aim_line(read_aim("bi_borough_2035"), baseline, 2025, {2035: [-0.1, -0.2]}))
    assert made.get_supxlabel() == "A model, not a forecast. Chance of meeting the aim in 2035: below 5%."
    silent = draw_aim(aim_line(read_aim("bi_borough_2035"), baseline, 2025))
    assert "not stated" in silent.get_supxlabel()


def test_the_same_table_gives_the_same_file(tmp_path: Path) -> None:
    files = [save(draw_equiplot(groups(), "rate"), tmp_path / name, "plot") for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_table_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match="'group' is missing"):
        draw_equiplot(groups().drop(columns="group"), "rate")
    with pytest.raises(InputError, match="no rows"):
        draw_gap_series(series().head(0), "gap")
