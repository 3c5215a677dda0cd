"""Published life expectancies through the public functions, each within its own tolerance."""

from __future__ import annotations

from evaluation.life_tables.health import quality_adjusted_life_expectancy
from evaluation.life_tables.table import chiang_table, closed_table
from tests.known_answer_files import misses, read_case


def test_life_expectancy_by_chiang_with_silcocks_limits() -> None:
    inputs, expected = read_case("ineq_life_expectancy_chiang")
    table = chiang_table(inputs.rename(columns={"startage": "start_age"}))
    got: dict[str, float] = {}
    for age in inputs["startage"]:
        found = table.expectancy(age)
        got |= {f"e{age}_value": found.estimate, f"e{age}_lower95": found.lower, f"e{age}_upper95": found.upper}
    assert misses(expected, got) == []


def test_quality_adjusted_life_expectancy_by_quintile_and_region() -> None:
    inputs, expected = read_case("ineq_qale_imd_region")
    got: dict[str, float] = {}
    for (region, quintile), mine in inputs.sort_values("START_AGE").groupby(["REGION", "SES"]):
        table = closed_table(mine.rename(columns=str.lower))
        name = f"{region}|{quintile}"
        got[f"{name}|LE"] = table.expectancy(0).estimate
        got[f"{name}|QALE"] = quality_adjusted_life_expectancy(table, mine["HRQL_SCORE"]).estimate
    assert misses(expected, got) == []
