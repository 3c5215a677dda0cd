"""Published totals of programmes: what the reader takes and refuses, and what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from intsim.cli import main
from scenarios.errors import InputError
from scenarios.registry.claims import COLUMNS, STATUS, load_claims
from scenarios.registry.parameter_table import claim_words, counts, page
from scenarios.registry.reader import load_registry
from scenarios.registry.row import CERTAINTIES

GOOD = {
    "name": "some_total",
    "programme": "a programme",
    "place": "England",
    "outcome": "bed days",
    "measure": "rate ratio",
    "value": "0.9",
    "low": "0.8",
    "high": "1.1",
    "years": "1.5",
    "design": "matched controls",
    "source": "a report",
    "basis": "found",
    "status": STATUS,
}


def write(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """Write rows as a claims file and return its path."""
    file = folder / "mine.csv"
    lines = [",".join(columns)] + [",".join(row.get(column, "") for column in columns) for row in rows]
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_claim_is_read_with_its_figure_and_interval(tmp_path: Path) -> None:
    claim = load_claims(write(tmp_path, GOOD))["some_total"]
    assert (claim.value, claim.low, claim.high, claim.years) == (0.9, 0.8, 1.1, 1.5)
    assert claim_words(claim) == "rate ratio 0.9 (0.8 to 1.1)"


def test_a_direction_without_a_number_is_a_claim_as_well(tmp_path: Path) -> None:
    row = {**GOOD, "measure": "no difference reported", "value": "", "low": "", "high": "", "years": ""}
    assert claim_words(load_claims(write(tmp_path, row))["some_total"]) == "no difference reported"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Some total"}, "mine.csv row 2 column name: must be lower-case letters, digits and _"),
        ({"source": ""}, "mine.csv row 2 column source: is empty for 'some_total'"),
        ({"measure": "hope"}, "mine.csv row 2 column measure: must be one of rate ratio, risk ratio"),
        ({"basis": "heard"}, "mine.csv row 2 column basis: must be one of found, recalled, derived, assumption"),
        ({"status": "input"}, "mine.csv row 2 column status: must be one of claim to test (found 'input')"),
        ({"value": "many"}, "mine.csv row 2 column value: must be a number (found 'many')"),
        ({"value": ""}, "mine.csv row 2 column value: is empty for 'rate ratio'"),
        ({"value": "2"}, "mine.csv row 2 column low: needs low <= value <= high (found 0.8, 2, 1.1)"),
        ({"low": ""}, "mine.csv row 2 column low: give both ends of the published interval, or neither"),
        ({"value": "-0.2", "low": "", "high": ""}, "column value: a rate ratio must be above 0 (found -0.2)"),
        (
            {"measure": "proportional change", "value": "-1.2", "low": "", "high": ""},
            "column value: a proportional change cannot be below -1 (found -1.2)",
        ),
        ({"measure": "more reported"}, "column value: must be empty, as low and high, for 'more reported'"),
        ({"years": "-1"}, "mine.csv row 2 column years: must not be below 0 (found -1)"),
    ],
)
def test_a_claim_that_cannot_be_used_is_refused(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as problem:
        load_claims(write(tmp_path, {**GOOD, **change}))
    assert message in str(problem.value)


def test_a_header_a_double_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mine\.csv: column 'basis' is missing"):
        load_claims(write(tmp_path, GOOD, columns=tuple(name for name in COLUMNS if name != "basis")))
    with pytest.raises(InputError, match=r"no such column 'vlue': did you mean 'value'\?"):
        load_claims(write(tmp_path, GOOD, columns=(*COLUMNS, "vlue")))
    with pytest.raises(InputError, match=r"row 3 column name: 'some_total' is already in mine\.csv row 2"):
        load_claims(write(tmp_path, GOOD, GOOD))
    with pytest.raises(InputError, match="no such file"):
        load_claims(tmp_path / "none.csv")


def test_we_keep_the_totals_in_circulation_with_null_and_unfavourable_ones() -> None:
    claims = load_claims()
    stems = ("napc", "chww", "vanguards", "pioneers", "nehf", "frome", "camden", "prismatic", "evercare")
    assert all(any(name.startswith(stem) for name in claims) for stem in stems)
    assert claims["napc_ed_attendances"].value == -0.12
    assert claims["nehf_ae_attendances"].value > 1
    assert all(claim.status == STATUS for claim in claims.values())


def test_evidence_claims_prints_each_as_a_claim_and_not_an_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "claims"]) == 0
    printed = capsys.readouterr().out
    assert "claim to test, not an input" in printed
    assert "ED attendances: proportional change -0.12; found; claim to test" in printed
    assert "rate ratio 1.43 (1.19 to 1.71), after 0.58 years; unverified (recalled); claim to test" in printed


def test_evidence_says_whose_rating_certainty_is_and_what_is_unverified(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence"]) == 0
    printed = capsys.readouterr().out
    assert "Certainty: our rating, GRADE-informed" in printed
    assert "unverified (recalled)" in printed
    registry = load_registry()
    recalled = next(each for each in registry.parameters.values() if each.basis == "recalled")
    assert main(["evidence", recalled.name]) == 0
    printed = capsys.readouterr().out
    assert "basis        unverified (recalled)" in printed
    assert "(our rating, GRADE-informed)" in printed


def test_counts_by_basis_and_certainty_add_up() -> None:
    parameters = load_registry().parameters.values()
    rows = dict(counts(parameters))
    assert sum(rows["all"]) == len(parameters)
    assumed = [each for each in parameters if each.basis == "assumption"]
    assert rows["assumption"] == [sum(each.certainty == rating for each in assumed) for rating in CERTAINTIES]


def test_the_page_has_every_row_and_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "parameters.md"
    assert main(["evidence", "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text == page(load_registry(), load_claims())
    assert all(f"| `{name}` |" in text for name in (*load_registry().parameters, *load_claims()))
    assert main(["evidence", "--markdown", str(file)]) == 2
    assert "exists already" in capsys.readouterr().err
