"""The change in the gap of a run: twins against each other, period by period."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.estimate import Estimate
from evaluation.life_tables.aim import aim_line, read_aim
from evaluation.life_tables.changes import modelled_changes
from evaluation.life_tables.gap import SECONDS_PER_YEAR, expectancy_gap
from scenarios.errors import InputError
from tests.unit.life_table_data import fifths


def mortality(people: float = 60_000.0) -> pd.DataFrame:
    """Return six years, two arms, two replications: the design takes a tenth of the deaths of the worst off."""
    parts = []
    for arm, less in (("usual_care", 1.0), ("outreach", 0.9)):
        for replication in (0, 1):
            for year in range(6):
                table = fifths(people)
                worst = table["quantile"] == 1
                table.loc[worst, "deaths"] = (table["deaths"] * less).round().clip(lower=1)
                parts.append(table.assign(arm=arm, draw=0, replication=replication, year=year, months=12, sex="male"))
    whole = pd.concat(parts, ignore_index=True).rename(columns={"quantile": "decile", "start_age": "age_band"})
    return whole.assign(person_seconds=whole.pop("population") * SECONDS_PER_YEAR)


def test_changes_are_the_difference_of_the_gaps_at_the_end_of_each_period() -> None:
    found = modelled_changes(mortality(), "usual_care", "outreach", "male", 2025)
    assert sorted(found) == [2027, 2030]
    usual, spared = fifths(), fifths()
    worst = spared["quantile"] == 1
    spared.loc[worst, "deaths"] = (spared["deaths"] * 0.9).round().clip(lower=1)
    expected = expectancy_gap(spared, "quantile").slope.estimate - expectancy_gap(usual, "quantile").slope.estimate
    assert found[2027].tolist() == pytest.approx([expected, expected])
    assert expected < 0
    line = aim_line(read_aim("bi_borough_2035"), Estimate(10.0, 8.0, 12.0, "le_gap_ohid"), 2025, found).line
    assert line.set_index("year").loc[2030, "gap"] == pytest.approx(10 + expected)


def test_what_cannot_be_compared_is_refused() -> None:
    table = mortality()
    with pytest.raises(InputError, match="did you mean 'outreach'"):
        modelled_changes(table, "usual_care", "outreech", "male", 2025)
    with pytest.raises(InputError, match="in one arm only"):
        modelled_changes(table.query("arm == 'outreach' or replication == 0"), "usual_care", "outreach", "male", 2025)
    with pytest.raises(InputError, match=r"decile 1: .* person-years"):
        modelled_changes(mortality(1_000.0), "usual_care", "outreach", "male", 2025)
