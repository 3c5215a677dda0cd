"""Other people's files as targets: a Fingertips download as it comes, and monthly returns by trust."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from calibration.targets.checks import problems_of
from calibration.targets.fingertips import is_fingertips, read_fingertips
from calibration.targets.period import run_period
from calibration.targets.trust_months import copied_months, read_months, read_trust_months
from intsim.apps.targets import main
from scenarios.errors import InputError

HEADER = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,"
    "Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,Count,"
    "Denominator,Value note,Recent Trend,Compared to England value or percentiles,Time period Sortable,New data,"
    "Compared to goal,Time period range"
)
SAR = "Emergency hospital admissions for all causes, all ages, standardised admission ratio"
LIFE = "Life expectancy at birth, (upper age band 90+)"


def row(
    name: str, area: str, sex: str, value: str, limits: tuple[str, str], kind: str = "", category: str = ""
) -> list[str]:
    codes = {"Westminster": "E09000033", "Camden": "E09000007"}
    start = ["1", name, "E12000007", "London", codes[area], area, "Districts", sex, "All ages", kind, category]
    return [*start, "2015/16 - 19/20" if name == SAR else "2015 - 19", value, *limits, *[""] * 11]


@pytest.fixture
def download(tmp_path: Path) -> Path:
    path = tmp_path / "fingertips.csv"
    tenth = ("LSOA11 deprivation deciles within area (IMD trend)", "Second most deprived decile (IMD2015)")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        writer.writerow(row(SAR, "Westminster", "Persons", "69.9", ("69.1", "70.7")))
        writer.writerow(row(SAR, "Camden", "Persons", "80.1", ("79.3", "80.9")))
        writer.writerow(row(LIFE, "Westminster", "Male", "83.8", ("83.3", "84.3")))
        writer.writerow(row(LIFE, "Westminster", "Male", "78.8", ("77.1", "80.5"), *tenth))
        writer.writerow(row(LIFE, "Westminster", "Female", "", ("", "")))
    return path


def test_a_download_is_read_as_it_comes(download: Path) -> None:
    assert is_fingertips(download)
    found = read_fingertips(download, "Westminster")
    assert [each.output for each in found] == [
        "emergency_admission_standardised_ratio",
        "life_expectancy",
        "life_expectancy",
    ]
    first, male, tenth = found.targets
    assert (first.value, first.lower_95, first.upper_95, first.limits) == (69.9, 69.1, 70.7, "published")
    assert (male.sex, male.age, male.category_type) == ("male", "all", "")
    assert (tenth.category_type, tenth.category) == ("local_decile", "2")
    said = [str(problem) for problem in problems_of(found, run_period("2024-04-01", 12))]
    assert len(said) == 3
    assert all("bridge it by a factor" in line for line in said)


def test_what_a_download_holds_that_we_cannot_use_is_named(download: Path) -> None:
    text = download.read_text(encoding="utf-8-sig")
    download.write_text(text.replace(SAR, "Smoking prevalence"))
    with pytest.raises(InputError, match=r"row 2 column Indicator Name: 'Smoking prevalence' has no matching output"):
        read_fingertips(download)
    wrong = "County & UA deprivation deciles in England (IMD2019)"
    download.write_text(text.replace("LSOA11 deprivation deciles within area (IMD trend)", wrong))
    with pytest.raises(InputError, match="divides by something the model does not"):
        read_fingertips(download, "Westminster")
    with pytest.raises(InputError, match="holds no value for area 'Leeds'"):
        read_fingertips(download, "Leeds")


def test_a_users_indicator_is_named_in_a_file(download: Path, tmp_path: Path) -> None:
    ours = tmp_path / "indicators.csv"
    head = "indicator_name,output,scale,likelihood,denominator_scale,differs,source\n"
    ours.write_text(head + "A&E attendance rate,ed_attendance_rate,0.01,log_normal,1,,mine\n")
    text = download.read_text(encoding="utf-8-sig").replace("2015/16 - 19/20", "2024/25")
    download.write_text(text.replace(f'"{SAR}"', "A&E attendance rate"))
    found = read_fingertips(download, "E09000007", recipes=ours)
    assert [(each.output, round(each.value, 3), each.unit) for each in found] == [
        ("ed_attendance_rate", 0.801, "per 1,000 per year")
    ]


def test_the_command_checks_a_download(download: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = ["--start", "2015-01-01", "--months", "120"]
    assert main(["check", str(download), "--area", "Westminster", *run]) == 0
    assert "3 targets can be used" in capsys.readouterr().out
    tidy = tmp_path / "tidy.csv"
    assert main(["tidy", str(download), "--area", "Westminster", "--output", str(tidy)]) == 0
    assert main(["check", str(tidy), *run]) == 0


def months_file(folder: Path, trusts: int = 12, copy: bool = False) -> Path:
    """Write three months of A&E returns of some trusts; the last repeats the first if ``copy``."""
    path = folder / "ae.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["nhs_trust22_code", "total_attendances", "total_emergency_admissions", "month"])
        for number in range(trusts):
            for month, extra in (("2024-04-01", 0), ("2024-05-01", 100), ("2024-06-01", 0 if copy else 50)):
                writer.writerow(
                    [f"R{number:02d}", 10_000 + 37 * number + extra, 2_000 + 11 * number + extra // 10, month]
                )
    return path


def test_monthly_returns_become_counts_and_even_months_are_held_out(tmp_path: Path) -> None:
    found = read_trust_months(months_file(tmp_path), "R03", "attendances", 0.0025)
    assert [(each.period, each.count, each.role) for each in found] == [
        ("2024-04", 10111.0, "held_out"),
        ("2024-05", 10211.0, "fitted"),
        ("2024-06", 10161.0, "held_out"),
    ]
    assert all(each.run_area == "R03" and each.likelihood == "gamma_poisson" for each in found)
    assert problems_of(found, run_period("2024-04-01", 12)) == []
    admissions = read_trust_months(tmp_path / "ae.csv", "R03", "admissions", 0.0025, ["2024-05"])
    assert [each.value for each in admissions] == [2043.0]


def test_months_that_repeat_others_are_found_and_left_out(tmp_path: Path) -> None:
    path = months_file(tmp_path, copy=True)
    assert copied_months(read_months(path), ("total_attendances",)) == {"2024-06": "2024-04"}
    assert [each.period for each in read_trust_months(path, "R03", "attendances", 0.0025)] == ["2024-04", "2024-05"]
    assert copied_months(read_months(months_file(tmp_path, trusts=5, copy=True)), ("total_attendances",)) == {}
    assert copied_months(read_months(months_file(tmp_path)), ("total_attendances",)) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("2024-05-01", "May 2024"), "row 3 column month: 'May 2024' is no month"),
        (("2024-05-01", "2024-04-01"), "row 3: R00 has 2024-04 twice"),
        (("total_attendances", "attendances"), "column 'total_attendances' is missing"),
        (("nhs_trust22_code", "code"), "column 'nhs_trust22_code' is missing"),
    ],
)
def test_bad_monthly_files_are_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = months_file(tmp_path)
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        read_trust_months(path, "R03", "attendances", 0.0025)
    with pytest.raises(InputError, match="holds no trust 'R99'"):
        read_trust_months(months_file(tmp_path), "R99", "attendances", 0.0025)


def test_beds_become_an_occupancy_with_limits(tmp_path: Path) -> None:
    path = tmp_path / "beds.csv"
    head = "nhs_trust22_code,adult_general_acute_beds_available,adult_general_acute_beds_occupied,month\n"
    path.write_text(head + "RYJ,1000,930,2024-05-01\nRYJ,1000,0,2024-07-01\n")
    found = read_trust_months(path, "RYJ", "occupancy", 0.0001)
    assert [(each.value, each.unit, each.period) for each in found] == [(0.93, "share", "2024-05")]
    assert problems_of(found, run_period("2024-04-01", 12)) == []
