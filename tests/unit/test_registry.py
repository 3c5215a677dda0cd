"""The evidence registry: what it reads, what it refuses and how it draws."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.errors import InputError
from scenarios.registry.draw import beta_shape, quantile
from scenarios.registry.reader import Registry, load_registry
from scenarios.registry.row import COLUMNS

GOOD = {
    "name": "find_share",
    "meaning": "chance of finding",
    "unit": "probability",
    "central": "0.3",
    "distribution": "beta",
    "low": "0.1",
    "high": "0.6",
    "population": "residents",
    "source": "assumption",
    "design": "judgement",
    "certainty": "very low",
    "basis": "assumption",
    "used_by": "a rule",
}


def write(folder: Path, *rows: dict[str, str], file: str = "mine.csv", columns: tuple[str, ...] = COLUMNS) -> Path:
    """Write ``rows`` as a parameter file of a registry folder and return the folder."""
    (folder / "parameters").mkdir(exist_ok=True)
    lines = [",".join(columns)] + [",".join(row[column] for column in columns) for row in rows]
    (folder / "parameters" / file).write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return our own registry."""
    return load_registry()


def test_every_parameter_we_ship_says_where_it_came_from(registry: Registry) -> None:
    assert "coordination_handover_rr" in registry.parameters
    for parameter in registry.parameters.values():
        assert parameter.source
        if parameter.distribution != "fixed":
            assert parameter.low <= parameter.central <= parameter.high


def test_every_table_we_ship_can_be_read(registry: Registry) -> None:
    for name in registry.table_names():
        assert len(registry.table(name)) > 0, name


def test_lever_effects_are_two_sided(registry: Registry) -> None:
    for name in ("coordination_handover_rr", "coordination_detection_rr", "outreach_uptake_or", "discharge_package_rr"):
        assert registry.parameters[name].low < 1 < registry.parameters[name].high
    for name in ("coordination_treated_gain", "outreach_trust_gain", "discharge_los_days_saved"):
        assert registry.parameters[name].low < 0 < registry.parameters[name].high


def test_params_record_has_one_float_field_each_in_sorted_order(registry: Registry) -> None:
    record = registry.params_record(registry.central())
    assert record.shape == (1,)
    assert list(record.dtype.names or ()) == sorted(registry.parameters)
    assert record[0]["find_share"] == registry.central()["find_share"]
    assert all(record.dtype[name] == np.float64 for name in record.dtype.names or ())


def test_params_record_refuses_a_missing_and_an_unknown_name(registry: Registry) -> None:
    values = registry.central()
    del values["find_share"]
    with pytest.raises(InputError, match="no value for 'find_share'"):
        registry.params_record(values)
    with pytest.raises(InputError, match="did you mean 'find_share'"):
        registry.params_record({**registry.central(), "find_shar": 0.1})


def test_draws_at_5_50_and_95_percent_are_the_rows_own_points(registry: Registry) -> None:
    for u, column in ((0.05, "low"), (0.95, "high")):
        drawn = registry.draw(lambda name, u=u: u)  # type: ignore[misc]
        for name, parameter in registry.parameters.items():
            wanted = getattr(parameter, column)
            assert drawn[name] == pytest.approx(wanted, rel=1e-4, abs=1e-6), name
    middle = registry.draw(lambda name: 0.5)
    for name, parameter in registry.parameters.items():
        if parameter.distribution in ("normal", "lognormal", "fixed"):
            assert middle[name] == pytest.approx(parameter.central, rel=1e-9), name


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["normal", "lognormal", "uniform", "beta"]),
    st.tuples(*[st.floats(0.02, 0.98)] * 3).map(sorted).filter(lambda p: p[1] - p[0] > 0.01 and p[2] - p[1] > 0.01),
    st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)).map(sorted),
)
def test_quantiles_rise_with_the_probability(kind: str, points: list[float], us: list[float]) -> None:
    low, central, high = points
    lower, upper = (quantile(kind, central, low, high, u) for u in us)
    assert math.isfinite(lower)
    assert lower <= upper


def test_beta_is_fitted_to_its_percentiles() -> None:
    from scipy.stats import beta

    a, b = beta_shape(0.1, 0.6)
    assert beta.cdf(0.1, a, b) == pytest.approx(0.05, abs=1e-6)
    assert beta.cdf(0.6, a, b) == pytest.approx(0.95, abs=1e-6)


def test_a_share_is_never_drawn_outside_0_and_1(tmp_path: Path) -> None:
    row = {**GOOD, "distribution": "normal", "low": "0.0", "central": "0.1", "high": "0.3"}
    registry = load_registry(write(tmp_path, row))
    assert registry.draw(lambda name: 0.0001)["find_share"] == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distribution": "gamma"}, "mine.csv row 2 column distribution: must be one of fixed, normal"),
        ({"low": "0.4"}, "mine.csv row 2 column low: 'find_share' needs low <= central <= high"),
        ({"high": "1.2", "distribution": "normal"}, "column high: a probability must lie within 0 and 1 (found 1.2)"),
        ({"low": "0"}, "column low: beta needs 0 < low and high < 1"),
        ({"unit": "days", "low": "0", "distribution": "lognormal"}, "column low: must be above 0 for lognormal"),
        ({"central": "many"}, "mine.csv row 2 column central: must be a number (found 'many')"),
        ({"central": "nan"}, "must be a finite number"),
        ({"source": ""}, "mine.csv row 2 column source: is empty: give the source, or the word 'assumption'"),
        ({"basis": "guess"}, "column basis: must be one of found, recalled, derived, assumption (found 'guess')"),
        ({"basis": "found"}, "column basis: must be 'assumption' as the source is (found 'found')"),
        ({"certainty": "good"}, "column certainty: must be one of high, moderate, low, very low (found 'good')"),
        ({"distribution": "fixed"}, "column low: must be empty for 'fixed'"),
        ({"name": "Find share"}, "column name: must be lower-case letters"),
        ({"used_by": ""}, "column used_by: is empty for 'find_share'"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as problem:
        load_registry(write(tmp_path, {**GOOD, **change}))
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_and_an_unknown_column_are_named(tmp_path: Path) -> None:
    columns = tuple(column for column in COLUMNS if column != "basis")
    with pytest.raises(InputError, match=r"mine\.csv: column 'basis' is missing"):
        load_registry(write(tmp_path, GOOD, columns=columns))
    extra = {**GOOD, "certanty": "low"}
    with pytest.raises(InputError, match=r"no such column 'certanty': did you mean 'certainty'\?"):
        load_registry(write(tmp_path, extra, columns=(*COLUMNS, "certanty")))


def test_a_name_in_two_files_is_refused_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, GOOD, file="a.csv")
    with pytest.raises(InputError) as problem:
        load_registry(write(tmp_path, GOOD, file="b.csv"))
    assert "b.csv row 2 column name: 'find_share' is already in a.csv row 2" in str(problem.value)


def test_overrides_fix_a_value_and_user_rows_replace_ours(tmp_path: Path, registry: Registry) -> None:
    fixed = registry.with_evidence({"find_share": 0.5})
    assert fixed.central()["find_share"] == 0.5
    assert fixed.draw(lambda name: 0.9)["find_share"] == 0.5
    file = write(tmp_path, GOOD) / "parameters" / "mine.csv"
    replaced = registry.with_evidence(file=file)
    assert replaced.parameters["find_share"].meaning == "chance of finding"
    assert registry.central()["find_share"] == load_registry().central()["find_share"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"find_shares": 0.2}, "evidence.overrides: no such parameter 'find_shares': did you mean 'find_share'?"),
        ({"find_share": 1.5}, "evidence.overrides.find_share: a probability must lie within 0 and 1 (you gave 1.5)"),
    ],
)
def test_overrides_that_cannot_be_used_are_refused(
    registry: Registry, overrides: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError) as problem:
        registry.with_evidence(overrides)
    assert str(problem.value) == message


def test_a_user_row_for_an_unknown_name_is_refused(tmp_path: Path, registry: Registry) -> None:
    file = write(tmp_path, {**GOOD, "name": "find_shares"}) / "parameters" / "mine.csv"
    with pytest.raises(InputError, match="did you mean 'find_share'"):
        registry.with_evidence(file=file)


def test_tables_must_exist_and_say_their_source(tmp_path: Path) -> None:
    registry = load_registry(write(tmp_path, GOOD))
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "rates.csv").write_text("age,rate,basis\n1,2,found\n")
    with pytest.raises(InputError, match="no such table: did you mean 'rates'"):
        registry.table("rate")
    with pytest.raises(InputError, match=r"rates\.csv: column 'source' is missing"):
        registry.table("rates")
    (tmp_path / "tables" / "rates.csv").write_text("age,rate,source,basis\n1,2,ONS,found\n2,3,ONS,heard\n")
    with pytest.raises(InputError, match="row 3 column basis"):
        registry.table("rates")
    (tmp_path / "tables" / "rates.csv").write_text("age,rate,source,basis\n1,2,ONS,found\n")
    assert list(registry.table("rates")["rate"]) == [2]
