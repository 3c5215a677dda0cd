"""The panel's rates through standardisation: the same as the compare report's, with limits."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.inequality.gaps import gaps
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from evaluation.inequality.standard import complete_strata, esp2013, standardised_rates
from evaluation.outcomes import outcome
from evaluation.standardisation.direct import DirectMethod, direct_rates
from evaluation.standardisation.from_panel import events_per_person, panel_strata, slope_table
from scenarios.errors import InputError
from tests.unit.evaluation_synthetic import AGE_BANDS, synthetic_panel

ED = outcome("ed_attendances")
PANEL = synthetic_panel()
ONE = PANEL[(PANEL["arm"] == "usual_care") & (PANEL["replication"] == 0) & (PANEL["draw"] == 0)]


def test_rates_by_quintile_are_those_of_the_compare_report() -> None:
    found = direct_rates(panel_strata(ONE, ED), ["quintile"], DirectMethod(1000))
    weights, _ = complete_strata(ONE, ["quintile"], esp2013(AGE_BANDS, ["female", "male"]))
    report = standardised_rates(ONE, ["quintile"], [ED], weights)
    assert found["estimate"].tolist() == pytest.approx(report["value"].tolist())
    assert (found["lower"] < found["estimate"]).all()


def test_the_slope_of_a_panel_is_the_reports_with_limits() -> None:
    table = slope_table(ONE, ED)
    found = slope_ohid(table, SlopeMethod("rate", multiplier=-1.0, quantiles=5, usual="falls"))
    report = gaps(ONE, [ED]).query("basis == 'age_sex_esp2013'").set_index("measure")["value"]
    assert found.sii.estimate == pytest.approx(report["sii_ohid"])
    assert found.rii.estimate == pytest.approx(report["rii_ohid"])
    assert 0 < found.sii.lower < found.sii.estimate < found.sii.upper
    rare = ONE.assign(ed_attendances=0)
    with pytest.raises(InputError, match="quintile 1: has no standardised rate: 0 events"):
        slope_table(rare, ED)


def test_what_would_add_unlike_things_up_is_refused() -> None:
    with pytest.raises(InputError, match="more than one"):
        panel_strata(PANEL, ED)
    with pytest.raises(InputError, match="does not count events"):
        panel_strata(ONE, outcome("bed_days"))
    with pytest.raises(InputError, match="did you mean 'esp2013'"):
        panel_strata(ONE, ED, standard="esp2012")


def test_a_standard_that_has_lost_many_of_its_people_is_refused_as_the_compare_report_does() -> None:
    lost = ONE[~((ONE["quintile"] == 1) & (ONE["age_band"] == AGE_BANDS[2]))]
    with pytest.raises(InputError, match=r"groups with \d+% of the standard have no residents in some group"):
        slope_table(lost, ED)
    report = gaps(lost, [ED]).query("basis == 'age_sex_esp2013'")
    assert report["value"].isna().all()


def test_people_are_counted_by_how_often_they_came() -> None:
    months = pd.DataFrame({"person_key": [1, 1, 2, 3, 4], "stratum": ["a", "b", "a", "a", "b"], "ed": [1, 2, 3, 0, 1]})
    found = events_per_person(months, "ed")
    assert sorted(found.itertuples(index=False, name=None)) == [("a", 3, 2), ("b", 1, 1)]
