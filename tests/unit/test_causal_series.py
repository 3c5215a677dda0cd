"""Variants of interrupted series: errors that are correlated, season by month, slope alone, and a comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evaluation.causal.comparative import comparative_time_series
from evaluation.causal.interrupted import interrupted_time_series
from evaluation.causal.series_model import SeriesModel
from evaluation.draws import generator
from evaluation.estimate import Estimate, critical
from scenarios.errors import InputError

MONTH = np.arange(48)
ON = (MONTH >= 24).astype(int)
NAMES = {"time": "month", "outcome": "n", "treated": "on"}


def series(n: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"month": MONTH, "n": n, "on": ON})


def correlated(seed: int, rho: float) -> np.ndarray:
    steps = generator(seed, "correlated series").normal(size=len(MONTH))
    made = [steps[0]]
    for step in steps[1:]:
        made.append(rho * made[-1] + np.sqrt(1 - rho**2) * step)
    return np.array(made)


def fitted(frame: pd.DataFrame, model: SeriesModel) -> Estimate:
    return interrupted_time_series(frame, **NAMES, model=model)


def test_least_squares_is_that_of_statsmodels_with_students_limits() -> None:
    frame = series(50 + 0.2 * MONTH + 3 * ON + correlated(1, 0.0))
    design = sm.add_constant(np.column_stack([ON, MONTH]))
    other = sm.OLS(frame["n"], design).fit()
    found = fitted(frame, SeriesModel("gaussian"))
    assert (found.estimate, found.se) == pytest.approx((other.params.iloc[1], other.bse.iloc[1]))
    assert (found.lower, found.upper) == pytest.approx(tuple(other.conf_int().iloc[1]))
    hac = fitted(frame, SeriesModel("gaussian", errors="hac", lags=3))
    robust = sm.OLS(frame["n"], design).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True})
    assert hac.se == pytest.approx(robust.bse.iloc[1])


@pytest.mark.parametrize(
    ("model", "student"),
    [
        (SeriesModel(), True),
        (SeriesModel(errors="hac"), True),
        (SeriesModel("poisson", errors="robust"), True),
        (SeriesModel("poisson"), False),
        (SeriesModel("negative_binomial"), False),
        (SeriesModel(limits="normal"), False),
    ],
)
def test_an_error_that_rests_on_residuals_has_students_limits(model: SeriesModel, student: bool) -> None:
    """Sixteen months, a level, a trend and a constant: thirteen degrees of freedom."""
    frame = series(generator(5, "short").negative_binomial(100, 0.3, 48).astype(float))[16:32]
    found = fitted(frame, model)
    wide = float(np.log(found.upper / found.estimate)) / found.se
    assert wide == pytest.approx(critical(0.95, 13.0) if student else critical(0.95))
    row = found.tables["terms"].set_index("term").loc["level"]
    assert row["upper"] == pytest.approx(found.upper)
    with pytest.raises(InputError, match="did you mean 'student'"):
        fitted(frame, SeriesModel(limits="students"))


def test_prais_winsten_is_the_fixed_point_of_least_squares_without_the_memory() -> None:
    frame = series(50 + 0.2 * MONTH + 3 * ON + 2 * correlated(2, 0.6))
    found = fitted(frame, SeriesModel("gaussian", slope=True, errors="prais_winsten"))
    rho = found.diagnostics["rho"]
    assert 0.2 < rho < 0.8
    design = np.column_stack([np.ones(48), ON, MONTH, ON * (MONTH - 24)])
    keep = np.sqrt(1 - rho**2)
    x = np.vstack([keep * design[:1], design[1:] - rho * design[:-1]])
    y = np.concatenate([keep * frame["n"][:1], frame["n"].to_numpy()[1:] - rho * frame["n"].to_numpy()[:-1]])
    other = sm.OLS(y, x).fit()
    terms = found.tables["terms"].set_index("term")
    order = ["constant", "level", "trend", "slope"]
    assert terms.loc[order, "estimate"].to_numpy() == pytest.approx(np.asarray(other.params))
    assert terms.loc[order, "se"].to_numpy() == pytest.approx(np.asarray(other.bse))
    left = frame["n"].to_numpy() - design @ np.asarray(other.params)
    assert float((left[1:] * left[:-1]).sum() / (left[:-1] ** 2).sum()) == pytest.approx(rho, abs=1e-6)


def test_a_slope_alone_and_season_by_month() -> None:
    season = np.tile(generator(3, "season").normal(size=12), 4)
    frame = series(80 + season + 0.5 * ON * (MONTH - 24) + 0.01 * correlated(3, 0.0))
    found = fitted(frame, SeriesModel("gaussian", level=False, slope=True, months=True))
    terms = found.tables["terms"].set_index("term")
    assert "level" not in terms.index
    assert terms.loc["slope", "estimate"] == pytest.approx(0.5, abs=0.01)
    assert found.estimate == pytest.approx(0.5 * np.arange(24).mean(), abs=0.05)
    assert sum(name.startswith("month_") for name in terms.index) == 11
    by_pairs = fitted(frame, SeriesModel("gaussian", harmonics=2))
    assert "months" not in by_pairs.method


def test_what_cannot_be_combined_is_refused() -> None:
    frame = series(50.0 + MONTH)
    for model, words in (
        (SeriesModel(errors="prais_winsten"), "use 'hac'"),
        (SeriesModel(months=True, harmonics=1), "one of the two"),
        (SeriesModel(lags=-1), "0 or more"),
    ):
        with pytest.raises(InputError, match=words):
            fitted(frame, model)
    with pytest.raises(InputError, match="has a hole"):
        fitted(frame.drop(index=3), SeriesModel("gaussian", errors="prais_winsten"))
    with pytest.raises(InputError, match="whole numbers"):
        fitted(frame.assign(month=MONTH + 0.5), SeriesModel("gaussian", months=True))


def both(effect: float, shock: float, seed: int = 1) -> pd.DataFrame:
    rng = generator(seed, "two places")
    parts = []
    for place, mean, own in (("a", 400.0, effect), ("b", 250.0, 1.0)):
        level = mean * np.exp(0.003 * MONTH * (1 + (place == "b"))) * np.where(ON == 1, own * shock, 1.0)
        on = ON if place == "a" else 0 * ON
        parts.append(pd.DataFrame({"month": MONTH, "n": rng.poisson(level), "on": on, "place": place, "pop": 1e4}))
    return pd.concat(parts, ignore_index=True)


def test_a_shock_to_both_places_is_taken_out() -> None:
    frame = both(effect=0.9, shock=0.7)
    alone = interrupted_time_series(frame[frame["place"] == "a"], **NAMES, population="pop")
    assert alone.upper < 0.75
    for model in (SeriesModel(), SeriesModel(slope=True, errors="hac"), SeriesModel("poisson", months=True)):
        found = comparative_time_series(frame, **NAMES, place="place", population="pop", model=model)
        assert found.lower < 0.9 < found.upper
        assert found.upper < 1.05
        assert found.scale == "ratio"
        assert found.counts["events before"] == frame[(frame["place"] == "a") & (frame["on"] == 0)]["n"].sum()
    path = found.tables["path"]
    assert path["gap"].iloc[:24].abs().max() < 1e-9
    added = comparative_time_series(both(0.9, 1.0), **NAMES, place="place", model=SeriesModel("gaussian"))
    assert added.lower < -0.1 * 400 * np.exp(0.003 * 36) < added.upper


def unlike(seed: int, mine: tuple[float, float], other: tuple[float, float]) -> pd.DataFrame:
    """Two places and no effect; (mean, variance over the mean) of each."""
    rng = generator(seed, "unlike places")
    parts = []
    for place, (mean, over), on in (("a", mine, ON), ("b", other, 0 * ON)):
        n = rng.negative_binomial(mean / (over - 1), 1 / over, len(MONTH))
        parts.append(pd.DataFrame({"month": MONTH, "n": n, "on": on, "place": place}))
    return pd.concat(parts, ignore_index=True)


def beside(frame: pd.DataFrame, model: SeriesModel) -> Estimate:
    return comparative_time_series(frame, **NAMES, place="place", model=model)


@pytest.mark.parametrize("turned", [False, True])
def test_each_place_has_a_dispersion_of_its_own(turned: bool) -> None:
    noisy, calm = (50.0, 10.0), (500.0, 1.1)
    frames = [unlike(seed, *((calm, noisy) if turned else (noisy, calm))) for seed in range(60)]
    found = [beside(frame, SeriesModel()) for frame in frames]
    spread = float(np.std([np.log(each.estimate) for each in found], ddof=1))
    assert float(np.mean([each.se for each in found])) == pytest.approx(spread, rel=0.2)
    assert np.mean([each.lower < 1 < each.upper for each in found]) > 0.87  # three Monte Carlo errors below 95%
    over = {
        name: np.mean([each.diagnostics[f"dispersion_{name}"] for each in found]) for name in ("place", "comparison")
    }
    assert over["comparison" if turned else "place"] == pytest.approx(10, rel=0.15)
    assert over["place" if turned else "comparison"] == pytest.approx(1.1, rel=0.15)


@pytest.mark.parametrize("family", ["quasi_poisson", "gaussian"])
def test_the_error_of_two_places_is_that_of_each_alone(family: str) -> None:
    """The places share no term: variances of the two changes add up, with Welch's degrees of freedom."""
    frame, model = unlike(1, (50.0, 10.0), (500.0, 1.1)), SeriesModel(family, harmonics=1)
    alone = [fitted(each.assign(on=ON), model) for _, each in frame.groupby("place")]
    found = beside(frame, model)
    assert found.se == pytest.approx(sum(each.se**2 for each in alone) ** 0.5)
    parts = [each.se**2 for each in alone]
    df = sum(parts) ** 2 / sum(part**2 / (48 - 5) for part in parts)
    wide = np.log(found.upper / found.lower) if family == "quasi_poisson" else found.upper - found.lower
    assert wide / 2 / found.se == pytest.approx(critical(0.95, df), rel=1e-4 if family == "quasi_poisson" else 1e-6)
    terms = found.tables["terms"].set_index("term")
    calm = alone[1].tables["terms"].set_index("term")
    assert terms.loc["level", "se"] == pytest.approx(calm.loc["level", "se"])


def test_one_dispersion_for_unlike_places_is_told() -> None:
    frame = unlike(2, (50.0, 10.0), (500.0, 1.1))
    for family in ("poisson", "negative_binomial"):
        told = " ".join(beside(frame, SeriesModel(family)).cautions)
        assert "limits that take one for both are too narrow or too wide" in told
        assert "take one for both" not in " ".join(beside(frame, SeriesModel(family, errors="robust")).cautions)
        assert "take one for both" not in " ".join(beside(both(1.0, 1.0), SeriesModel(family)).cautions)
    assert "take one for both" not in " ".join(beside(frame, SeriesModel()).cautions)


def test_two_places_that_cannot_be_compared_are_refused() -> None:
    frame = both(1.0, 1.0)
    for bad, words in (
        (frame[frame["place"] == "a"], "names 1 places"),
        (frame.assign(on=0), "turn 1 in the other"),
        (frame.drop(index=50), "other periods"),
        (frame.drop(columns="n"), "column 'n' is missing"),
    ):
        with pytest.raises(InputError, match=words):
            comparative_time_series(bad, **NAMES, place="place")
