"""The report of a case, from a made-up comparison of three arms: what it says, what it is made of, who can read it.

A simulated one is reported by the commands of the documentation (tests/docs).
"""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml

from benchmarks.case_folder import Size, write_case_folder
from evaluation.case_report.content import document, found
from evaluation.case_report.document import Bullets, Chart, Paragraph
from evaluation.case_report.investment import Investment
from evaluation.case_report.workbook import put
from evaluation.economics.ledger import totals
from evaluation.figures.style import words
from evaluation.page import headlines, html
from intsim.cases.results import investment
from intsim.cli import main
from scenarios.errors import InputError
from tests.accessibility import audit, overflow_px

pytestmark = pytest.mark.slow
WORDS = (
    "place=toy",
    "case=default",
    "case.options=[frailty,needs_based]",
    "experiment=quick",
)
SIZE = Size(residents=2_000, draws=1, replications=2, months=2)
MOST_BYTES, MOST_SECONDS = 3_000_000, 20


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short comparison of usual care with two options of a case."""
    return write_case_folder(tmp_path_factory.mktemp("case") / "run", SIZE, WORDS)


@pytest.fixture(scope="module")
def case(results: Path) -> Investment:
    """Return its investment case."""
    return investment(results)


@pytest.fixture(scope="module")
def written(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of its files, made by the command within the time allowed."""
    folder = tmp_path_factory.mktemp("written")
    began = time.perf_counter()
    assert main(["report", str(results), "--output", str(folder)]) == 0
    assert time.perf_counter() - began < MOST_SECONDS
    return folder


@pytest.fixture
def nothing(results: Path, tmp_path: Path) -> Path:
    """Return a copy of the comparison in which every arm is the comparator: a run without any effect."""
    folder = Path(shutil.copytree(results, tmp_path / "nothing"))
    for path in folder.glob("*.parquet"):
        table = pd.read_parquet(path)
        usual = table[table["arm"] == "usual_care"]
        arms = [usual.assign(arm=arm) for arm in ("usual_care", "frailty", "needs_based")]
        pd.concat(arms, ignore_index=True).to_parquet(path)
    settings = yaml.safe_load((folder / "config-usual_care.yaml").read_text())
    for path, name in ((folder / "config-frailty.yaml", "frailty"), (folder / "config.yaml", "needs_based")):
        path.write_text(yaml.safe_dump({**settings, "int": {**settings["int"], "name": name}}))
    return folder


class Seen(HTMLParser):
    """What a page asks for and shows: addresses, pictures with their words, tables, headings, focusable regions."""

    def __init__(self, text: str) -> None:
        """Read ``text``."""
        super().__init__()
        self.addresses: list[str] = []
        self.alts: list[str] = []
        self.ids: list[str] = []
        self.tables = self.regions = 0
        self.order: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        given = dict(attrs)
        self.addresses += [str(given[name]) for name in ("src", "href", "action", "poster") if name in given]
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "img":
            self.alts.append(given.get("alt") or "")
        if tag in ("img", "table"):
            self.order.append(tag)
        self.tables += tag == "table"
        self.regions += given.get("role") == "region" and given.get("tabindex") == "0"


def test_the_page_asks_for_nothing_and_is_small(written: Path) -> None:
    path = written / "investment_case.html"
    text = path.read_text(encoding="utf-8")
    seen = Seen(text)
    assert path.stat().st_size < MOST_BYTES
    assert all(address.startswith(("#", "data:image/svg+xml;base64,")) for address in seen.addresses)
    assert not re.search(r"@import|url\(|<script|<link|<iframe", text)
    assert len(seen.ids) == len(set(seen.ids))
    assert {address[1:] for address in seen.addresses if address.startswith("#")} <= set(seen.ids)


def test_every_picture_has_words_and_a_table_beside_it_and_every_table_can_be_reached(written: Path) -> None:
    seen = Seen((written / "investment_case.html").read_text(encoding="utf-8"))
    assert len(seen.alts) >= 4
    assert all(len(alt) > 40 for alt in seen.alts)
    for at, tag in enumerate(seen.order):
        if tag == "img":
            assert seen.order[at + 1] == "table"
    assert seen.regions == seen.tables


def test_the_first_page_says_what_it_has_to(case: Investment) -> None:
    first = document(case).sections[0]
    text = " ".join(
        block.text if isinstance(block, Paragraph) else " ".join(block.items)
        for block in first.blocks
        if isinstance(block, Paragraph | Bullets)
    )
    assert "not calibrated yet; not endorsed by the organisations named" in text
    assert "Gap in ED attendances between the most and least deprived fifth" in text
    assert "Not in this model: psychiatric inpatient" in text
    assert "fewer staff" in text or "staff move away from" in text
    assert "Intervals are for chance alone" in text
    bullets = next(block for block in first.blocks if isinstance(block, Bullets)).items
    for said in bullets[:5]:
        assert case.population in said, said


def test_all_parts_are_there(case: Investment) -> None:
    made = document(case)
    titles = [section.title for section in made.sections]
    assert titles[0] == "In plain words"
    for title in (
        "Gaps",
        "Affordability",
        "Who gains",
        "Risks and sensitivity",
        "The claims put to the test",
        "CHEERS 2022",
    ):
        assert title in titles
    text = made.text()
    for heading in ("Strategic", "Economic", "Commercial", "Financial", "Management"):
        assert heading in text
    checklist = made.sections[-1].blocks[-1]
    assert [row[0] for row in checklist.rows] == [str(item) for item in range(1, 29)]  # type: ignore[union-attr]
    assert all(row[2] for row in checklist.rows)  # type: ignore[union-attr]
    assert "knows of no trial" in text
    assert "There is no acceptability curve: evidence and prices were held at central values" in text


def test_costs_add_up_to_the_penny_in_every_table(case: Investment) -> None:
    for option in case.designs:
        mine = case.ledger[case.ledger["option"] == option]
        whole = int(mine["discounted_pence"].sum())
        for by in ("sector", "organisation", "financial_year", "quintile", "line", "year", "nature", "recurrence"):
            assert int(totals(mine, [by])["discounted_pence"].sum()) == whole
        at = case.options.names.index(option)
        assert case.options.cost[:, at].mean() == pytest.approx(whole / 100, abs=0.01)


def test_a_budget_is_spent_the_same_by_every_option(case: Investment) -> None:
    for each in case.funding:
        assert each.budget == pytest.approx(60_000)
        assert each.budget == pytest.approx(each.fixed + each.staff + each.vacant + each.unspent)
        assert abs(each.unspent) < 10  # what is lost by rounding posts


def test_a_run_without_effect_says_no_difference_detected(nothing: Path) -> None:
    found = investment(nothing)
    text = document(found).text()
    assert (found.options.cost == 0).all()
    assert (found.options.effect == 0).all()
    first = "\n".join(
        item for block in document(found).sections[0].blocks if isinstance(block, Bullets) for item in block.items
    )
    assert first.count("no difference detected") >= 5
    assert not re.search(r"\b(higher|lower|widens|narrows|more needs)\b", first)
    assert "no difference detected" in text


def test_settings_of_the_case_change_what_they_name_and_cost_no_simulation(results: Path, case: Investment) -> None:
    local = investment(results, ["case.discounting=local", "case.price_year=2023/24"])
    assert local.options.cost.mean() != case.options.cost.mean()
    assert ("Price year", "2023/24, prices adjusted by nhscii") in local.settings
    averse = investment(results, ["case.equity=dcea", "case.beyond_run=remaining_life", "case.claims={bed_days:-0.5}"])
    assert "own_bed_days" in set(averse.claims["name"])
    assert "ede_gain" in averse.impact.columns
    assert "ede_gain" not in case.impact.columns
    assert len(averse.income) == 0
    weighted = investment(results, ["case.equity=green_book", "case.cash_released_share=1.0"])
    assert len(weighted.income) == 5
    assert "ede_gain" not in weighted.impact.columns
    assert (weighted.cash["cash"] == weighted.cash["released"].clip(lower=0)).all()


def test_all_that_a_case_tells_is_of_the_months_that_count(tmp_path: Path) -> None:
    size = Size(residents=2_000, draws=1, replications=2, months=24)
    both = write_case_folder(tmp_path / "two_years", size, ("place=toy", "case=default", "case.options=[frailty]"))
    counted = investment(both, ["case.horizon_years=1"])
    first = Path(shutil.copytree(both, tmp_path / "first_year"))
    for name in ("panel", "stocks", "workforce"):
        table = pd.read_parquet(first / f"{name}.parquet")
        table[table["month"] < 12].to_parquet(first / f"{name}.parquet", index=False)
    alone = investment(first)
    for name in counted.designs:
        pd.testing.assert_frame_equal(counted.findings.differences[name], alone.findings.differences[name])
        pd.testing.assert_frame_equal(counted.findings.gaps[name], alone.findings.gaps[name])
    pd.testing.assert_frame_equal(counted.gap_for_money, alone.gap_for_money)
    assert counted.population == "2,000 residents over 12 months"
    text = document(counted).text()
    assert "over 24 months" not in text
    assert "of all 24 months of the run; here the first 12 count" in text
    assert investment(both).population == "2,000 residents over 24 months"
    assert "of all 24 months" not in document(investment(both)).text()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("case.budget_gbp_per_10000=5", "decides what is simulated: it has to be there before the run"),
        ("case.discount=nice", "case.discount: no such setting: did you mean 'discounting'"),
        ("int=frailty", "a report takes settings of the case alone"),
        ("case.price_year=2030/31", "case.price_year: 2030/31 has no deflator"),
        ("case.prices={gp_contact:-1}", "case.prices.gp_contact: a price must be at least 0"),
        (
            "case.costs={frailt:{set_up_gbp_per_10000:5}}",
            "case.costs.frailt: no such option in this case: did you mean",
        ),
        ("case.costs={usual_care:{recurrent_gbp_per_10000:5}}", "case.costs.usual_care: is the comparator"),
        ("case.costs={frailty:{recurrent:5}}", "did you mean 'recurrent_gbp_per_10000'? (allowed: set_up_gbp"),
        ("case.claims={bed_day:-0.1}", "case.claims: no such outcome 'bed_day': did you mean 'bed_days'"),
        ("case.health_rate=2", "case.health_rate: must be at most 1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line(
    results: Path, setting: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(results), setting]) == 2
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said


def test_a_report_of_draws_tells_what_emulators_miss_and_replays(tmp_path: Path) -> None:
    words = ("place=toy", "case=default", "case.options=[frailty]")
    folder = write_case_folder(tmp_path / "drawn", Size(residents=20_000, draws=32, months=12), words)
    found = investment(folder)
    made = document(found)
    text = made.text()
    assert found.options.draws == 32
    assert "What the evidence leaves open: central 95% of 32 draws, chance between replications taken out" in text
    assert "in brackets its Monte Carlo standard error in percentage points" in text
    assert "Chance between replications of a draw, which knowing them would not remove, is taken out" in text
    assert "is what it would be worth to know everything first" not in text
    assert "95% intervals of those means" in text
    assert "Net cost (95% interval)" not in text
    assert len(found.emulators) == len(set(found.emulators["output"]))
    assert set(found.emulators["held_back"]) == {6}
    assert "Told by emulators of the paired differences, fitted to 26 draws and checked on 6 held back" in text
    assert "none is replayed in this report (intsim replay does that)" in text
    assert {"sceptical", "default", "optimistic"} <= set(found.priors.columns)
    assert found.priors[["sceptical", "default", "optimistic"]].stack().between(0, 1).all()
    with pytest.raises(InputError, match="is no bank: make one with intsim bank"):
        investment(folder, bank=folder)


def test_a_folder_without_a_case_is_reported_with_each_design_as_it_is(results: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(results, tmp_path / "plain"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["scenario"]["case"] = {"name": "none"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = investment(folder)
    assert found.designs == ("frailty", "needs_based")
    for each in found.funding:
        assert each.unspent == pytest.approx(0, abs=1e-6)
    (folder / "config-frailty.yaml").unlink()
    with pytest.raises(InputError, match="the settings of arm 'frailty' are not there"):
        investment(folder)


def test_no_cell_of_the_workbook_can_act_as_a_formula(written: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(written / "investment_case.xlsx")
    assert {"In plain words", "Costs", "Pairs", "Claims", "Prices and values"} <= set(book.sheetnames)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title} {cell.coordinate}"
                if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "|")):
                    assert cell.quotePrefix
    costs = [[cell.value for cell in row] for row in book["Costs"].iter_rows(min_row=3)]
    assert costs
    assert all(isinstance(row[-1], int | float) for row in costs)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "|calc", "plain"])
def test_text_stays_text_whatever_it_begins_with(text: str, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    put(book.active, 1, 1, text)
    book.save(tmp_path / "one.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "one.xlsx").active["A1"]
    assert cell.data_type == "s"
    assert cell.value.strip() == text.strip()
    assert cell.quotePrefix == (text != "plain")


def test_the_word_file_has_headings_tables_and_pictures_with_words(written: Path, case: Investment) -> None:
    import docx

    made = docx.Document(str(written / "investment_case.docx"))
    headings = [each.text for each in made.paragraphs if each.style is not None and each.style.name == "Heading 1"]
    assert headings[: len(document(case).sections)] == [section.title for section in document(case).sections]
    charts = [block for section in document(case).sections for block in section.blocks if isinstance(block, Chart)]
    told = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    assert told == [chart.alt for chart in charts]
    assert len(made.tables) > 10
    assert "not endorsed" in " ".join(each.text for each in made.paragraphs)


def test_the_page_breaks_no_rule_of_wcag_and_needs_no_sideways_scrolling_at_400_per_cent(
    written: Path, tmp_path: Path
) -> None:
    page = written / "investment_case.html"
    found = audit(page, tmp_path)
    assert found["violations"] == []
    assert found["passes"] > 15
    assert overflow_px(page, tmp_path) <= 0


def test_a_page_that_breaks_a_rule_is_caught(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<html><body><img src='data:,'><p style='color:#ccc;background:#fff'>pale</p></body></html>")
    rules = {rule for rule, *_ in audit(bad, tmp_path)["violations"]}
    assert {"image-alt", "html-has-lang", "color-contrast"} <= rules


def widening(case: Investment, option: str) -> Investment:
    """Return the case as it would be if ``option`` had widened every gap."""
    table = case.findings.gaps[option].assign(verdict="higher", difference=9.0, lower=5.0, upper=13.0)
    findings = replace(case.findings, gaps={**case.findings.gaps, option: table})
    return replace(case, findings=findings)


def test_a_gap_that_widens_is_said_first(case: Investment) -> None:
    option = case.designs[0]
    wide = widening(case, option)
    assert found(wide)[0].startswith("Gap in ")
    assert "it widens with" in found(wide)[0]
    said = headlines(wide.findings)
    assert said[0].startswith("Gap in ")
    other = next(text for text in said if text.startswith("Gap in ") and words(case.designs[1]) in text)
    assert said.index(other) > said.index(next(text for text in said if not text.startswith(("Gap in", "Ratio of"))))


def test_without_switched_runs_the_page_says_that_they_are_not_known(case: Investment, tmp_path: Path) -> None:
    page = html(case.findings, tmp_path)
    assert "What rests on single mechanisms" in page
    assert "Trust, above all, is an assumption" in page
