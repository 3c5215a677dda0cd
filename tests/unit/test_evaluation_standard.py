"""Standardised rates and slope indices against hand-worked and published figures."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from evaluation.inequality.gaps import QuintileBasis, gap_changes, gaps
from evaluation.inequality.slope import ridits, slope_index
from evaluation.inequality.standard import esp2013, own_population, standardised_rates
from evaluation.outcomes import SECONDS_PER_YEAR, chosen
from evaluation.sentences import gap_sentence
from scenarios.errors import InputError
from tests.known_answer_files import misses, read_case
from tests.unit.evaluation_synthetic import AGE_BANDS, synthetic_panel

ED = chosen(["ed_attendances"])


def test_esp2013_in_seven_bands() -> None:
    weights = esp2013(AGE_BANDS, ["female", "male"]).groupby("age_band")["weight"].sum()
    expected = {
        "0-4": 5000,
        "5-17": 5500 + 5500 + 3300,  # three fifths of 15-19
        "18-39": 2200 + 6000 + 6000 + 6500 + 7000,
        "40-64": 7000 + 7000 + 7000 + 6500 + 6000,
        "65-74": 10_500,
        "75-84": 6500,
        "85+": 2500,
    }
    assert weights.to_dict() == pytest.approx(expected)
    assert weights.sum() == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        (["0-17", "18-64"], "an open one"),
        (["0-17", "20+"], "18 is needed"),
        (["young", "18+"], "cannot be read"),
    ],
)
def test_bands_that_do_not_cover_all_ages(bands: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        esp2013(bands, ["female", "male"])


def test_standardised_rate_by_hand() -> None:
    """Young: 10 events in 1,000 years; old: 60 in 500; standard three quarters young: 0.75 x 10 + 0.25 x 120."""
    panel = pd.DataFrame(
        {
            "arm": "a",
            "age_band": ["0-64", "65+"],
            "sex": "all",
            "person_seconds": [1000 * SECONDS_PER_YEAR, 500 * SECONDS_PER_YEAR],
            "ed_attendances": [10, 60],
        }
    )
    standard = pd.DataFrame({"age_band": ["0-64", "65+"], "sex": "all", "weight": [75.0, 25.0]})
    assert standardised_rates(panel, ["arm"], ED, standard)["value"].tolist() == pytest.approx([37.5])


def test_own_standard_gives_the_crude_rate_of_everyone() -> None:
    panel = synthetic_panel(replications=1, months=range(1), arms=("usual_care",))
    everyone = standardised_rates(panel, ["arm"], ED, own_population(panel))["value"].iloc[0]
    crude = panel["ed_attendances"].sum() / (panel["person_seconds"].sum() / SECONDS_PER_YEAR) * 1000
    assert everyone == pytest.approx(crude)


def test_known_standardised_rates() -> None:
    inputs, expected = read_case("ineq_dsr_dobson_esp2013")
    kept = inputs[inputs["area"] != "testdata_tiny"].fillna({"count": 0}).rename(columns={"ageband": "age_band"})
    panel = kept.assign(sex="all", ed_attendances=kept["count"], person_seconds=kept["pop"] * SECONDS_PER_YEAR)
    standard = kept[["age_band", "stdpop"]].drop_duplicates().rename(columns={"stdpop": "weight"}).assign(sex="all")
    table = standardised_rates(panel, ["area"], ED, standard)
    got = {f"{area}_per100000_value": 100 * value for area, value in zip(table["area"], table["value"], strict=True)}
    wanted = expected[expected["quantity"].isin(got)]
    assert len(wanted) == 2
    assert misses(wanted, got) == []


def test_slope_by_hand() -> None:
    """Two halves at 30 and 10: mid-ranks 0.25 and 0.75, so the line falls 40 from end to end, from 40 to 0."""
    found = slope_index([30, 10], [1, 1])
    assert ridits([1, 1]).tolist() == [0.25, 0.75]
    assert found.sii == pytest.approx(-40)
    turned = slope_index([40, 20], [1, 1], multiplier=-1)
    assert turned.sii == pytest.approx(40)
    assert turned.rii == pytest.approx(50 / 10)


def test_slope_weights_by_population() -> None:
    """A middle group of no size leaves the line through the other two."""
    assert slope_index([30, 99, 10], [5, 1e-12, 5]).sii == pytest.approx(-40)


def test_slope_where_it_is_not_defined() -> None:
    assert slope_index([30, 10], [1, 0]).reason == "fewer than two groups with residents"
    assert math.isnan(slope_index([30, 10], [1, 0]).sii)
    ratio = slope_index([30, 0.1], [1, 1], multiplier=-1)
    assert ratio.sii == pytest.approx(59.8)
    assert math.isnan(ratio.rii)
    assert "zero or below" in ratio.reason


def test_known_slopes() -> None:
    inputs, expected = read_case("ineq_sii_rii_ohid_open")
    got = {}
    for name, mine in inputs[~inputs["transform"].astype(bool)].groupby("set"):
        found = slope_index(mine["Value"], mine["Population"], float(mine["multiplier"].iloc[0]))
        got[f"{name}_sii"], got[f"{name}_rii"] = found.sii, found.rii
    wanted = expected[expected["quantity"].isin(got)]
    assert len(wanted) >= 14
    assert misses(wanted, got) == []


def quintiles(events: list[int], years: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "arm": "a",
            "draw": 0,
            "replication": 0,
            "quintile": range(1, 6),
            "age_band": "0+",
            "sex": "all",
            "person_seconds": [SECONDS_PER_YEAR * each for each in years],
            "ed_attendances": events,
        }
    )


def test_gaps_by_hand() -> None:
    table = gaps(quintiles([50, 40, 30, 20, 10], [100] * 5), ED).set_index(["basis", "measure"])
    for basis in ("crude", "age_sex_esp2013"):  # one stratum: standardising changes nothing
        assert table.loc[(basis, "absolute_q1_minus_q5"), "value"] == pytest.approx(400)
        assert table.loc[(basis, "relative_q1_over_q5"), "value"] == pytest.approx(5)
        assert table.loc[(basis, "sii_ohid"), "value"] == pytest.approx(500)  # from 550 to 50
        assert table.loc[(basis, "rii_ohid"), "value"] == pytest.approx(11)


def test_gaps_say_why_they_are_undefined() -> None:
    none = gaps(quintiles([5, 4, 3, 2, 0], [100] * 5), ED).set_index(["basis", "measure"])
    assert none.loc[("crude", "relative_q1_over_q5"), "reason"] == "nothing counted in quintile 5: no ratio"
    empty = gaps(quintiles([5, 4, 3, 2, 0], [100, 100, 100, 100, 0]), ED).set_index(["basis", "measure"])
    assert empty.loc[("crude", "absolute_q1_minus_q5"), "reason"] == "no residents in quintile 5"
    assert empty.loc[("crude", "sii_ohid"), "reason"] == ""
    both = pd.concat([none, empty])
    assert (both["value"].isna() == (both["reason"] != "")).all()


def test_an_age_group_missing_in_one_quintile_is_left_out_of_all() -> None:
    panel = synthetic_panel(("usual_care",), 1, range(1))
    oldest = (panel["age_band"] == "85+") & (panel["sex"] == "male")
    gone = panel[~(oldest & (panel["quintile"] == 5))]
    never = panel[~oldest]
    assert _standardised_gap(gone) == pytest.approx(_standardised_gap(never))


def test_a_gap_tells_how_much_of_the_standard_it_leaves_out() -> None:
    panel = synthetic_panel(replications=2, months=range(0, 2))
    oldest = (panel["age_band"] == "85+") & (panel["sex"] == "male") & (panel["quintile"] == 5)
    for mine, lost in ((panel, 0.0), (panel[~oldest], 0.0125)):
        table = gaps(mine, ED)
        assert (table.loc[table["basis"] == "crude", "standard_lost"] == 0).all()
        row = gap_changes(table, "usual_care", "frailty").query(
            "basis == 'age_sex_esp2013' and measure == 'absolute_q1_minus_q5'"
        )
        assert row["standard_lost"].iloc[0] == pytest.approx(lost, abs=1e-12)
        said = gap_sentence(row.iloc[0].to_dict(), "usual_care", "frailty", "local fifths")
        assert ("age-sex standardised, without 1.2% of the standard" in said) == (lost > 0)


def test_a_standard_that_lost_much_weight_is_refused_with_its_reason() -> None:
    panel = synthetic_panel(("usual_care",), 1, range(1))
    gone = panel[~((panel["age_band"] == "40-64") & (panel["quintile"] == 5))]
    table = gaps(gone, ED)
    reasons = set(table.loc[table["basis"] == "age_sex_esp2013", "reason"])
    assert reasons == {"age and sex groups with 34% of the standard have no residents"}


def _standardised_gap(panel: pd.DataFrame) -> float:
    table = gaps(panel, ED)
    mine = (table["basis"] == "age_sex_esp2013") & (table["measure"] == "absolute_q1_minus_q5")
    return float(table.loc[mine, "value"].iloc[0])


def test_change_in_gap_is_paired_over_replications() -> None:
    panel = synthetic_panel(replications=4, months=range(0, 2))
    table = gaps(panel, ED)
    change = gap_changes(table, "usual_care", "frailty").set_index(["basis", "measure"])
    row = change.loc[("crude", "absolute_q1_minus_q5")]
    assert row["n"] == 4
    assert row["difference"] == pytest.approx(row["design"] - row["baseline"])
    assert row["lower"] < row["difference"] < row["upper"]


def test_means_per_contact_have_no_gap_and_standards_have_names() -> None:
    panel = synthetic_panel(replications=1, months=range(1))
    with pytest.raises(InputError, match="mean per contact"):
        gaps(panel, chosen(["gp_wait_days"]))
    with pytest.raises(InputError, match="did you mean 'esp2013'"):
        gaps(panel, ED, "esp2031")


def test_labels_say_edition_and_whose_quintiles() -> None:
    assert str(QuintileBasis("2019")) == "local quintiles, IMD 2019, 1 = most deprived"
    assert QuintileBasis("2025", "national").fifths == "national fifths by IMD 2025"
