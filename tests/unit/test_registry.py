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
from scenarios.registry.limits import ANY, POSITIVE, limits_of
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


def test_every_row_of_ours_can_be_drawn_from_and_has_its_percentiles() -> None:
    for row in load_registry().parameters.values():
        if row.distribution != "fixed":
            assert (row.at(0.05), row.at(0.95)) == pytest.approx((row.low, row.high), rel=1e-5, abs=1e-9), row.name


def test_a_users_row_that_no_beta_fits_is_refused_before_any_run(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    row = {**GOOD, "low": "1e-300", "central": "0.5", "high": "0.9999999999999999"}
    own = load_registry().parameters["find_share"]
    row["unit"] = own.unit
    file.write_text(",".join(COLUMNS) + "\n" + ",".join(row[column] for column in COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="column distribution: no beta distribution"):
        load_registry().with_evidence({}, file)


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


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"service_gp_minutes": -5}, "service_gp_minutes: must be above 0 (you gave -5); unit: minutes"),
        ({"elective_stay_days": 0}, "elective_stay_days: must be above 0 (you gave 0); unit: days"),
        ({"benefit_lag_months": 0}, "benefit_lag_months: must be above 0 (you gave 0); unit: months"),
        ({"package_weeks": 0}, "package_weeks: must be above 0 (you gave 0); unit: weeks"),
        ({"coordination_minutes": 0}, "coordination_minutes: must be above 0 (you gave 0); unit: minutes per review"),
        ({"service_gp_priority_urgent": 9}, "must be a whole number from 0 to 7 (you gave 9); unit: priority class"),
        (
            {"service_gp_priority_urgent": 1.5},
            "must be a whole number from 0 to 7 (you gave 1.5); unit: priority class",
        ),
        ({"team_review_every_months": 0}, "must be a whole number, at least 1 (you gave 0); unit: months"),
        ({"team_review_every_months": 1.5}, "must be a whole number, at least 1 (you gave 1.5); unit: months"),
        ({"stay_scv": -0.1}, "stay_scv: must be at least 0 (you gave -0.1); unit: ratio"),
        ({"spike_multiplier": -1}, "spike_multiplier: must be at least 0 (you gave -1); unit: rate ratio"),
        ({"outreach_uptake_or": -1}, "outreach_uptake_or: must be at least 0 (you gave -1); unit: odds ratio"),
        ({"open_from_hour": 25}, "open_from_hour: must be from 0 to 24 (you gave 25); unit: hour of day"),
        ({"unmet_kept": 1}, "unmet_kept: must be at least 0 and below 1 (you gave 1); unit: share"),
        ({"treated_kept": 1}, "treated_kept: must be at least 0 and below 1 (you gave 1); unit: share"),
        ({"recent_kept": 1}, "recent_kept: must be at least 0 and below 1 (you gave 1); unit: share"),
        ({"ed_cubicle_use": 0}, "ed_cubicle_use: must be above 0 and at most 1 (you gave 0); unit: share"),
        ({"assessment_use": 0}, "assessment_use: must be above 0 and at most 1 (you gave 0); unit: share"),
        (
            {"open_to_hour": 7},
            "open_to_hour: 'open_to_hour' must be later than 'open_from_hour' (found open_from_hour 8",
        ),
        ({"open_from_hour": 19}, "open_from_hour: 'open_to_hour' must be later than 'open_from_hour'"),
        ({"switch_trust": 0}, "switch_trust: 'switch_trust' is not evidence: set structure.trust instead"),
        ({"switch_hidden_need": 0}, "set structure.hidden_need instead"),
        ({"switch_spikes": 0}, "set structure.spikes instead"),
        ({"switch_refill": 0}, "set structure.refill instead"),
        (
            {"local_factor_emergency": 2},
            "local_factor_emergency: 'local_factor_emergency' belongs to the place: set it",
        ),
        ({"local_factor_births": 2}, "set it in the place's place.csv"),
    ],
)
def test_overrides_outside_what_the_unit_allows_or_set_elsewhere_are_refused(
    registry: Registry, overrides: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError) as problem:
        registry.with_evidence(overrides)
    assert str(problem.value).startswith(f"evidence.overrides.{next(iter(overrides))}: ")
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "overrides",
    [
        {"team_review_every_months": 2},
        {"service_gp_priority_urgent": 0},
        {"discharge_los_days_saved": -1},
        {"handover_tie": -0.5},
        {"coordination_handover_rr": 0},
        {"unmet_kept": 0},
        {"open_from_hour": 19, "open_to_hour": 24},
    ],
)
def test_overrides_at_the_ends_and_effects_that_harm_are_allowed(
    registry: Registry, overrides: dict[str, float]
) -> None:
    central = registry.with_evidence(overrides).central()
    assert {name: central[name] for name in overrides} == overrides


def test_every_row_we_ship_is_within_its_limits_and_no_draw_of_it_leaves_them(registry: Registry) -> None:
    for name, parameter in registry.parameters.items():
        limits = limits_of(name, parameter.unit)
        for value in (parameter.low, parameter.central, parameter.high, parameter.at(1e-6), parameter.at(1 - 1e-6)):
            assert limits.allow(value), (name, value)
    assert limits_of("service_gp_minutes", "minutes") == POSITIVE
    assert limits_of("discharge_los_days_saved", "days per stay") == ANY


def test_no_unit_we_ship_is_left_without_limits_unless_both_signs_make_sense(registry: Registry) -> None:
    free = {each.unit for name, each in registry.parameters.items() if limits_of(name, each.unit) == ANY}
    signed = ("change", "index", "log", "utility", "ratio less 1", "score")
    assert {unit for unit in free if not unit.startswith(signed)} == {"days per stay"}


MINUTES = {**GOOD, "name": "service_gp_minutes", "unit": "minutes", "distribution": "lognormal"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {**MINUTES, "distribution": "fixed", "central": "-5", "low": "", "high": ""},
            "row 2 column central: must be above 0 (found -5); unit: minutes",
        ),
        (
            {**MINUTES, "distribution": "uniform", "low": "0", "central": "5", "high": "9"},
            "row 2 column low: must be above 0 (found 0); unit: minutes",
        ),
        (
            {**MINUTES, "distribution": "normal", "low": "1", "central": "10", "high": "30"},
            "row 2 column distribution: 'normal' would be drawn outside: 'service_gp_minutes' "
            "must be above 0 (use lognormal)",
        ),
        (
            {**GOOD, "name": "unmet_kept", "unit": "share", "distribution": "normal", "high": "0.9"},
            "row 2 column distribution: 'normal' would be drawn outside: "
            "'unmet_kept' must be at least 0 and below 1 (use beta)",
        ),
        (
            {**MINUTES, "name": "gp_priority_soon", "unit": "priority class", "low": "1", "central": "2", "high": "3"},
            "row 2 column distribution: must be 'fixed': 'gp_priority_soon' takes whole numbers alone",
        ),
        ({**MINUTES, "unit": "hours"}, "row 2 column unit: must be 'minutes' for 'service_gp_minutes' (found 'hours')"),
        ({**GOOD, "name": "switch_trust", "unit": "anything"}, "row 2 column name: 'switch_trust' is not evidence"),
        (
            {**GOOD, "name": "local_factor_mortality"},
            "row 2 column name: 'local_factor_mortality' belongs to the place",
        ),
    ],
)
def test_a_users_row_outside_what_the_unit_allows_or_set_elsewhere_is_refused(
    tmp_path: Path, registry: Registry, row: dict[str, str], message: str
) -> None:
    file = write(tmp_path, row) / "parameters" / "mine.csv"
    with pytest.raises(InputError) as problem:
        registry.with_evidence(file=file)
    assert str(problem.value).startswith(f"mine.csv {message}")
    assert "\n" not in str(problem.value)


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
