"""Records of NHS datasets become unit-months by the data dictionary, people and events apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.observed.dictionary import dictionary
from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import observe, with_population
from evaluation.outcomes import OUTCOMES
from scenarios.errors import InputError
from sim.outcomes.panel import OUTCOMES as COLUMNS


def attendances() -> pd.DataFrame:
    rows = [
        ("a", "N1", "2024-01-05", "01"),
        ("a", "N1", "2024-01-20", "01"),
        ("b", "N1", "2024-01-31", "03"),
        ("b", "N2", "2024-03-01", "01"),
        ("c", "N2", "2024-03-02", "1"),
    ]
    names = ["Pseudo NHS Number", "place", "ARRIVAL DATE", "Emergency Care Department Type"]
    return pd.DataFrame(rows, columns=names)


def test_events_and_people_are_counted_apart_and_empty_months_are_zero() -> None:
    table = observe(attendances(), "ecds", "place").set_index(["unit", "month"])
    assert list(table.loc[("N1", 0), ["ed_attendances", "ed_attendances_people"]]) == [2, 1]
    assert list(table.loc[("N2", 2), ["ed_attendances", "ed_attendances_people"]]) == [2, 2]
    assert table.loc[("N1", 0), "urgent_treatment_attendances"] == 1
    assert table.loc[("N1", 1), "ed_attendances"] == 0
    assert len(table) == 6
    assert table.loc[("N2", 2), "month_start"] == "2024-03"


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d%b%Y", "%Y-%m-%dT%H:%M:%S"])
def test_dates_may_be_written_as_the_nhs_does(form: str) -> None:
    records = attendances()
    records["ARRIVAL DATE"] = pd.to_datetime(records["ARRIVAL DATE"]).dt.strftime(form)
    pd.testing.assert_frame_equal(observe(records, "ecds", "place"), observe(attendances(), "ecds", "place"))


def test_emergency_spells_and_their_nights_leave_elective_ones_out() -> None:
    records = pd.DataFrame(
        {
            "pseudo_nhs_number": ["a", "a", "b"],
            "place": "N1",
            "adm": ["2024-01-05", "2024-02-01", "2024-02-07"],
            "admission_method_code": ["21", "11", "2A"],
            "length_of_stay_days": ["3", "10", "0"],
        }
    )
    table = observe(records, "sus_apc", "place", {"start_date_hospital_provider_spell": "adm"})
    assert table["emergency_admissions"].to_list() == [1, 1]
    assert table["spell_days"].to_list() == [3, 0]


def test_a_file_keeps_its_codes_and_a_panel_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("unit,code,n\nA,01,5\nB,02,\n", encoding="utf-8")
    assert read_csv(path)["code"].to_list() == ["01", "02"]
    assert numbers(read_csv(path))["n"].iloc[0] == 5
    with pytest.raises(InputError, match="no such file"):
        read_csv(tmp_path / "none.csv")


def test_rates_need_a_population_for_every_unit() -> None:
    table = observe(attendances(), "ecds", "place")
    people = pd.DataFrame({"unit": ["N1", "N2"], "population": [1000, 2000]})
    made = with_population(table, people, "ed_attendances").set_index(["unit", "month"])
    assert made.loc[("N2", 2), "ed_attendances"] == pytest.approx(1.0)
    assert made.loc[("N2", 2), "ed_attendances_count"] == 2
    with pytest.raises(InputError, match="'N2' has none above 0"):
        with_population(table, people.iloc[:1], "ed_attendances")


def test_faults_of_records_are_named() -> None:
    records = attendances()
    with pytest.raises(InputError, match="did you mean 'ecds'"):
        observe(records, "ecdss", "place")
    with pytest.raises(InputError, match="--map arrival_date=COLUMN"):
        observe(records.drop(columns="ARRIVAL DATE"), "ecds", "place")
    with pytest.raises(InputError, match="no field 'arrived'"):
        observe(records, "ecds", "place", {"arrived": "ARRIVAL DATE"})
    with pytest.raises(InputError, match="holds 'soon'"):
        observe(records.assign(**{"ARRIVAL DATE": "soon"}), "ecds", "place")


def test_the_dictionary_names_columns_of_the_panel_and_datasets_of_the_nhs() -> None:
    table = dictionary()
    named = set(table["panel_column"]) - {""}
    assert named <= {*COLUMNS, *(each.name for each in OUTCOMES)}
    assert set(table["dataset"]) == {"sus_apc", "ecds", "csds", "gp_appointments", "scorecard"}
    assert set(table["role"]) == {"person", "date", "count", "sum"}
    assert set(table["basis"]) <= {"found", "recalled", "derived"}
    for dataset, rows in table.groupby("dataset"):
        assert (rows["role"] == "date").sum() == 1, dataset
