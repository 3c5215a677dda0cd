"""Records of NHS datasets become unit-months by the data dictionary, people and events apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.causal.sources import FromFile, from_csv
from evaluation.observed.dictionary import conditions, dictionary, holds, not_observed
from evaluation.observed.files import numbers, read_csv
from evaluation.observed.records import How, observe, read_records, with_population
from evaluation.outcomes import OUTCOMES
from evaluation.scorecard import METRICS
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
    named = set(table.loc[table["in_panel"] == "yes", "column"])
    panel = {*COLUMNS, *(each.name for each in OUTCOMES)}
    assert named <= panel
    assert not set(table.loc[table["in_panel"] == "no", "column"]) & panel
    assert set(table["dataset"]) == {"sus_apc", "sus_op", "ecds", "csds", "gp_appointments", "scorecard"}
    assert set(table["role"]) == {"person", "date", "decile", "count", "sum"}
    assert set(table["basis"]) <= {"found", "recalled", "derived"}
    for dataset, rows in table.groupby("dataset"):
        assert (rows["role"] == "date").sum() == 1, dataset
    for where in table["where"]:
        assert conditions(where) or not where


def test_every_column_that_results_count_is_observed_somewhere_or_has_its_reason() -> None:
    """Nothing is left out in silence: what no dataset gives says why."""
    lost = not_observed()
    assert lost["why"].str.len().min() > 10
    counted = {*(each.numerator for each in OUTCOMES), *(each.denominator for each in OUTCOMES)}
    observed = set(dictionary()["column"])
    assert counted - observed - set(lost["column"]) == set()
    assert not set(lost["column"]) & observed


def test_every_metric_of_the_scorecard_has_its_column() -> None:
    rows = dictionary()
    rows = rows[(rows["dataset"] == "scorecard") & (rows["role"] == "sum")]
    named = set(rows["where"].str.removeprefix("metric="))
    assert named == {metric.name for metric in METRICS}
    by_name = dict(zip(rows["where"].str.removeprefix("metric="), rows["column"], strict=True))
    for metric in METRICS:
        assert by_name[metric.name] in metric.columns


def test_conditions_on_records() -> None:
    values = pd.Series(["J44.1", "e119", "", None, "12", " 07 "], name="c")
    assert holds(values, "^=", "J44|e11").tolist() == [True, True, False, False, False, False]
    assert holds(values, "?", "").tolist() == [True, True, False, False, True, True]
    assert holds(values, "!", "").tolist() == [False, False, True, True, False, False]
    assert holds(values, "=", "12|07").tolist() == [False, False, False, False, True, True]
    assert holds(pd.Series(["12", "", "7"], name="n"), ">=", "7").tolist() == [True, False, True]
    assert holds(pd.Series(["12", "", "7"], name="n"), "<", "8").tolist() == [False, False, True]
    assert conditions("a=1|2; b>=3;c!") == [("a", "=", "1|2"), ("b", ">=", "3"), ("c", "!", "")]
    for bad in ("a", "a==", "a? 3", "=3"):
        with pytest.raises(InputError, match="cannot be read"):
            conditions(bad)
    for bad in ("age>=abc", "age<", "age>nan"):
        with pytest.raises(InputError, match=r"a number is needed|cannot be read"):
            conditions(bad)
    with pytest.raises(InputError, match="a number is needed"):
        holds(pd.Series(["old"], name="age"), ">", "3")


def spells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pseudo_nhs_number": ["a", "a", "b", "c", "d"],
            "place": "N1",
            "start_date_hospital_provider_spell": [
                "2024-01-05",
                "2024-01-09",
                "2024-01-07",
                "2024-02-01",
                "2024-02-29",
            ],
            "admission_method_code": ["21", "21", "2A", "11", "28"],
            "length_of_stay_days": ["3", "0", "0", "9", "2"],
            "primary_diagnosis": ["J44.1", "S72", "I50.0", "J44", "e10"],
            "index_of_multiple_deprivation_decile": ["1", "2", "10", "4", ""],
        }
    )


def test_spells_are_told_apart_by_nights_diagnosis_and_fifth() -> None:
    counted = read_records(spells(), "sus_apc", "place")
    table = counted.table().set_index("month")
    assert table.loc[0, ["zero_day_spells", "longer_spells", "acsc_admissions"]].tolist() == [2, 1, 2]
    assert table.loc[0, "emergency_admissions_people"] == 2
    fifths = counted.table(quintiles=True).set_index(["month", "quintile"])
    assert fifths.loc[(0, 1), "emergency_admissions"] == 2  # tenths 1 and 2
    assert fifths.loc[(0, 5), "emergency_admissions"] == 1
    assert fifths["emergency_admissions"].sum() == 3  # one has no tenth
    assert "count for the place and for no fifth" in " ".join(counted.notes)
    with pytest.raises(InputError, match="1 to 10, 1 = most deprived"):
        read_records(spells().assign(index_of_multiple_deprivation_decile="11"), "sus_apc", "place")
    own = read_records(spells().assign(fifth="5"), "sus_apc", "place", How(quintile="fifth")).table(quintiles=True)
    assert own.loc[own["quintile"] == 5, "emergency_admissions"].sum() == 4


def test_events_and_people_over_the_whole_time_are_tallied_apart() -> None:
    tally = read_records(spells(), "sus_apc", "place").tally({"N1": 1}).set_index(["outcome", "time"])
    assert tally.loc[("emergency_admissions", "before the start")].tolist() == ["with a start", 3, 2]
    assert tally.loc[("emergency_admissions", "from the start on"), "events"] == 1
    assert pd.isna(tally.loc[("spell_days", "before the start"), "people"])


def test_rules_of_ones_own_and_conditions_are_added(tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text("dataset,role,field,where,column\nsus_apc,count,,primary_diagnosis^=S72,hip_fractures\n", "utf-8")
    made = dictionary(rules)
    counted = read_records(spells(), "sus_apc", "place", How(rules=made))
    assert counted.table()["hip_fractures"].sum() == 1
    kept = read_records(spells(), "sus_apc", "place", How(where="length_of_stay_days>=1")).table()
    assert kept["emergency_admissions"].sum() == 2
    with pytest.raises(InputError, match="no column 'agee'"):
        read_records(spells(), "sus_apc", "place", How(where="agee>=1"))
    with pytest.raises(InputError, match="hold no row where"):
        read_records(spells(), "sus_apc", "place", How(where="place=N9"))
    rules.write_text("dataset,role,field,where,column\nsus_apc,counts,,x=1,y\n", "utf-8")
    with pytest.raises(InputError, match=r"row 1.*did you mean 'count'"):
        dictionary(rules)


def test_codes_that_no_record_has_and_months_in_part_are_told() -> None:
    counted = read_records(attendances(), "ecds", "place")
    notes = " ".join(counted.notes)
    assert "the last month ends on day 2" in notes
    assert "ed_acuity_1 not counted: the extract has no column for 'acuity'" in notes
    none = read_records(attendances().assign(acuity="x"), "ecds", "place")
    assert "ed_acuity_1: no record has" in " ".join(none.notes)


def test_the_numbers_behind_rates_stay_and_people_become_rates_too() -> None:
    table = observe(attendances(), "ecds", "place")
    people = pd.DataFrame({"unit": ["N1", "N2"], "population": [1000, 2000]})
    made = with_population(table, people, "ed_attendances").set_index(["unit", "month"])
    assert made.loc[("N1", 0), "ed_attendances_people"] == pytest.approx(1.0)
    with pytest.raises(InputError, match="is by quintile, which the table is not"):
        with_population(table, people.assign(quintile=1), "ed_attendances")


def by_fifth() -> pd.DataFrame:
    """Attendances of four places; in two of them nobody lives in the most deprived fifth."""
    rows = [
        (f"N{place}", f"2024-0{month}-03", f"p{place}{fifth}{month}", fifth)
        for place in range(4)
        for fifth in range(1 if place < 2 else 2, 6)
        for month in (4, 5)
    ]
    made = pd.DataFrame(rows, columns=["place", "arrival_date", "pseudo_nhs_number", "imd"]).astype(str)
    return made.assign(emergency_care_department_type="01")


def test_a_fifth_in_which_nobody_lives_is_no_row_of_zeros(tmp_path: Path) -> None:
    records = by_fifth().drop(index=0).reset_index(drop=True)  # N0's first fifth has a month without a record
    counted = read_records(records, "ecds", "place", How(quintile="imd"))
    table = counted.table(quintiles=True)
    assert table.groupby("unit")["quintile"].nunique().to_dict() == {"N0": 5, "N1": 5, "N2": 4, "N3": 4}
    first = table[(table["unit"] == "N0") & (table["quintile"] == 1)]
    assert first["ed_attendances"].to_list() == [0.0, 1.0]
    known = counted.table(quintiles=True, lived_in=frozenset({("N2", 1), ("N9", 1)}))
    zeros = known[(known["unit"] == "N2") & (known["quintile"] == 1)]
    assert zeros["ed_attendances"].to_list() == [0.0, 0.0]
    assert set(known["unit"]) == {"N0", "N1", "N2", "N3"}
    file, people = tmp_path / "records.csv", tmp_path / "people.csv"
    records.to_csv(file, index=False)
    rows = [(f"N{place}", fifth, 1_000) for place in range(5) for fifth in range(1 if place < 3 else 2, 6)]
    pd.DataFrame(rows, columns=["unit", "quintile", "population"]).to_csv(people, index=False)
    read = FromFile(dataset="ecds", unit="place", how=How(quintile="imd"), population=people)
    made = from_csv(file, {}, "ed_attendances", read)
    assert made.split is not None
    assert made.split.groupby("unit")["quintile"].nunique().to_dict() == {"N0": 5, "N1": 5, "N2": 5, "N3": 4}
    assert "some fifth has no record or resident in 1 of 4 units, and is left out there" in made.notes
    assert "of the units of the population file 1 have no row here, and are left out" in made.notes
