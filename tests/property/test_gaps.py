"""Properties of gaps that hold for any panel."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.inequality.gaps import gap_changes, gaps
from evaluation.inequality.slope import ridits, slope_index
from evaluation.outcomes import SECONDS_PER_YEAR, chosen
from evaluation.twins import compare, paired

ED = chosen(["ed_attendances"])
BANDS = ("0-64", "65+")
populations = st.lists(st.integers(1, 10_000), min_size=5, max_size=5)
values = st.lists(st.floats(0.01, 1000), min_size=5, max_size=5)


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    """Two arms, three replications, five quintiles, two age bands, two sexes; everyone has residents."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    keys = [
        (arm, 0, rep, 0, quintile, band, sex)
        for arm in ("a", "b")
        for rep in range(3)
        for quintile in range(1, 6)
        for band in BANDS
        for sex in ("female", "male")
    ]
    frame = pd.DataFrame(keys, columns=["arm", "draw", "replication", "month", "quintile", "age_band", "sex"])
    frame["month_start"] = "2024-04"
    frame["person_seconds"] = rng.integers(1, 500, len(frame)) * SECONDS_PER_YEAR
    frame["ed_attendances"] = rng.integers(0, 400, len(frame))
    return frame


@settings(max_examples=25, deadline=None)
@given(panels(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(panel: pd.DataFrame, seed: int) -> None:
    shuffled = panel.sample(frac=1, random_state=np.random.default_rng(seed)).reset_index(drop=True)
    pd.testing.assert_frame_equal(gaps(panel, ED), gaps(shuffled, ED))
    pd.testing.assert_frame_equal(compare(panel, "a", "b", ED), compare(shuffled, "a", "b", ED))


@settings(max_examples=25, deadline=None)
@given(panels())
def test_reversed_deprivation_flips_the_gap(panel: pd.DataFrame) -> None:
    turned = panel.assign(quintile=6 - panel["quintile"])
    keys = ["arm", "replication", "basis"]
    for measure in ("absolute_q1_minus_q5", "sii_ohid"):
        there, back = (
            table[table["measure"] == measure].set_index(keys)["value"] for table in (gaps(panel, ED), gaps(turned, ED))
        )
        np.testing.assert_allclose(back[there.index], -there, rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(panels())
def test_equal_rates_have_no_gap(panel: pd.DataFrame) -> None:
    years = panel["person_seconds"] // SECONDS_PER_YEAR
    rate = panel["age_band"].map({"0-64": 1, "65+": 3})  # the same in every quintile, not the same in every age
    table = gaps(panel.assign(ed_attendances=years * rate), ED)
    table = table[table["basis"] == "age_sex_esp2013"].set_index("measure")["value"]
    np.testing.assert_allclose(table[["absolute_q1_minus_q5", "sii_ohid"]], 0, atol=1e-7)
    np.testing.assert_allclose(table[["relative_q1_over_q5", "rii_ohid"]], 1, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(panels())
def test_an_arm_against_its_copy_changes_no_gap(panel: pd.DataFrame) -> None:
    first = panel[panel["arm"] == "a"]
    change = gap_changes(gaps(pd.concat([first, first.assign(arm="b")]), ED), "a", "b")
    defined = change[change["difference"].notna()]
    assert (defined["difference"] == 0).all()
    assert (defined["verdict"] == "no difference detected").all()
    assert (change.loc[change["difference"].isna(), "reason"] != "").all()


@given(populations)
def test_mean_rank_is_a_half(people: list[int]) -> None:
    share = np.array(people) / sum(people)
    assert float((share * ridits(people)).sum()) == pytest.approx(0.5)


@given(values, populations, st.floats(0.1, 10), st.floats(-50, 50))
def test_slope_scales_and_ignores_a_shift(rates: list[float], people: list[int], scale: float, shift: float) -> None:
    plain = slope_index(rates, people).sii
    moved = slope_index(np.array(rates) * scale + shift, people).sii
    assert moved == pytest.approx(plain * scale, rel=1e-6, abs=1e-6)


@given(values, populations)
def test_relative_index_turned_over_is_its_inverse(rates: list[float], people: list[int]) -> None:
    up, down = slope_index(rates, people, 1), slope_index(rates, people, -1)
    assert up.sii == -down.sii
    if not math.isnan(up.rii):
        assert up.rii == pytest.approx(1 / down.rii)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_paired_difference_swaps_sign_with_the_arms(pairs: list[tuple[float, float]]) -> None:
    a, b = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    there, back = paired(a, b), paired(b, a)
    assert there.difference == pytest.approx(-back.difference)
    if len(pairs) > 1:
        assert there.lower == pytest.approx(-back.upper)
