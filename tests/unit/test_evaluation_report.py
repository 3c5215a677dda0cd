"""The page and the table of a comparison, from a run folder alone."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation import compare_report
from evaluation.findings import find
from evaluation.run_folder import EXPOSURE, read_run
from evaluation.sentences import gap_sentence, headline
from scenarios.errors import InputError
from tests.unit.evaluation_synthetic import write_run_folder

TWO = ("usual_care", "frailty")
FIGURES = ("activity", "deprivation", "gap", "flow", "waits")


class Page(HTMLParser):
    """Visible text, images, tables and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.captions = 0
        self.said: list[str] = []
        self.hidden = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [str(found[name]) for name in ("src", "href", "action") if name in found]
        self.captions += tag == "caption"
        self.hidden = tag == "style"
        if tag == "img":
            self.images.append(found)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.said))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run_folder(tmp_path_factory.mktemp("run"), TWO, replications=4)
    compare_report.write(folder)
    return folder


@pytest.fixture(scope="module")
def page(run: Path) -> Page:
    return Page((run / "report.html").read_text(encoding="utf-8"))


def test_the_page_needs_nothing_from_outside(run: Path, page: Page) -> None:
    assert page.addresses
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    style = (run / "report.html").read_text(encoding="utf-8").split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_every_chart_has_words_and_a_table(page: Page) -> None:
    assert len(page.images) == len(FIGURES)
    assert all(len(str(image["alt"])) > 80 for image in page.images)
    assert page.captions >= len(FIGURES) + 2


def test_figures_are_written_both_ways_and_nothing_is_left_half_done(run: Path) -> None:
    names = {f"{name}.{suffix}" for name in FIGURES for suffix in ("svg", "png")}
    assert {path.name for path in (run / "figures").iterdir()} == names
    assert not list(run.rglob("*.part"))
    assert all((run / "figures" / name).stat().st_size > 5_000 for name in names)


def test_no_undefined_figure_is_printed(run: Path, page: Page) -> None:
    for text in (page.text, compare_report.table(run)):
        assert not re.search(r"\b(nan|NaN|None|inf)\b", text)


def test_first_page_says_what_it_must(page: Page) -> None:
    for phrase in (
        "Illustrative model from open data; not calibrated yet; not endorsed by the organisations named",
        "68,900 residents",
        "12 months from go-live (2024-04)",
        "4 per arm",
        "local quintiles, IMD 2019",
        "emergency admissions 0.72",
        "psychiatric inpatient, maternity, neonatal and cancer pathways",
        "not recorded in this run",
        "ED attendances were",
        "not its full effect",
    ):
        assert phrase in page.text


def test_table_fits_a_hundred_columns(run: Path) -> None:
    lines = compare_report.table(run).splitlines()
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    text.encode("ascii")  # any terminal can show it
    for phrase in ("ED attendances", "Hospital bed days", "1 (most deprived)", "slope index", "95% interval"):
        assert phrase in text


def test_pictures_are_the_same_bytes_every_time(run: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(run, again, ignore=shutil.ignore_patterns("figures", "report.html"))
    compare_report.write(again)
    for name in [*(f"figures/{each}.svg" for each in FIGURES), "report.html"]:
        first, second = ((folder / name).read_bytes() for folder in (run, again))
        assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest(), name


def test_one_replication_promises_no_interval(tmp_path: Path) -> None:
    folder = write_run_folder(tmp_path / "one", TWO, replications=1, months=range(0, 3))
    text = Page(compare_report.write(folder).read_text(encoding="utf-8")).text
    assert "one replication: no interval" in text
    assert "there are no intervals" in text
    assert "95% interval 0" not in text
    assert "no interval" in compare_report.table(folder)


def test_identical_arms_say_no_difference_detected(tmp_path: Path) -> None:
    folder = write_run_folder(tmp_path / "same", TWO, replications=2, months=range(0, 3))
    panel = pd.read_parquet(folder / "panel.parquet")
    usual = panel[panel["arm"] == TWO[0]]
    pd.concat([usual, usual.assign(arm=TWO[1])]).to_parquet(folder / "panel.parquet", index=False)
    text = Page(compare_report.write(folder).read_text(encoding="utf-8")).text
    assert "ED attendances: no difference detected; frailty and usual care are identical in every replication." in text
    lines = compare_report.table(folder).splitlines()
    assert next(line for line in lines if line.startswith("  ED attendances ")).endswith("no difference detected")


def test_three_arms_draws_and_missing_tables(tmp_path: Path) -> None:
    arms = ("usual_care", "consistent_core", "outreach")
    folder = write_run_folder(tmp_path / "three", arms, replications=2, months=range(0, 3))
    for name in ("waits", "flows", "services"):
        (folder / f"{name}.parquet").unlink()
    panel = pd.read_parquet(folder / "panel.parquet")
    panel["draw"] = panel["replication"]
    panel.to_parquet(folder / "panel.parquet", index=False)
    manifest = {"arms": list(arms)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    page = Page(compare_report.write(folder).read_text(encoding="utf-8"))
    assert len(page.images) == 3
    for phrase in (
        "2 draws of the uncertain parameters",
        "Intervals are for the mean over 2 draws of the parameters: more draws narrow them",
        "over replications or, where parameters were drawn, over draws",
        "edition not stated",
        "none applied",
    ):
        assert phrase in page.text
    assert "Outreach against usual care" in compare_report.table(folder)


def test_reach_is_shown_where_the_run_recorded_it(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reach"
    shutil.copytree(run, folder)
    levers = {"case_finding": (0, 900), "outreach": (0, 0), "any": (40, 950)}
    rows = [
        ("frailty", 0, rep, lever, ours, theirs, 68_900, 0.062 if ours else 0.0, 0.1 if ours else 0.0)
        for rep in range(4)
        for lever, (theirs, ours) in levers.items()
    ]
    pd.DataFrame(rows, columns=list(EXPOSURE)).to_parquet(folder / "exposure.parquet")
    text = Page(compare_report.write(folder).read_text(encoding="utf-8")).text
    assert "frailty: 950 people since it began, including those who came and went, where 68,900 live at any" in text
    assert "; 40 in usual care; those newly reached" in text
    assert "made 6.2% of the baseline's ED attendances" in text
    assert "Whom the design reached" in text
    assert "case finding" in text
    assert "any lever" in text


def test_a_place_without_a_least_deprived_fifth_says_so(tmp_path: Path) -> None:
    folder = write_run_folder(tmp_path / "part", TWO, replications=2, months=range(0, 3))
    panel = pd.read_parquet(folder / "panel.parquet")
    panel[panel["quintile"] < 5].to_parquet(folder / "panel.parquet", index=False)
    text = Page(compare_report.write(folder).read_text(encoding="utf-8")).text
    assert "no residents in quintile 5" in text
    assert not re.search(r"\bnan\b", text.lower())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("manifest.json", "{", "is not JSON"),
        ("manifest.json", '{"arms": ["usual_care", "fraility"]}', "no arm 'fraility'; did you mean 'frailty'"),
        ("manifest.json", '{"arms": ["usual_care"]}', "at least two"),
        ("manifest.json", '{"baseline": "usual"}', "'usual' is no arm"),
    ],
)
def test_a_manifest_that_cannot_be_used(run: Path, tmp_path: Path, name: str, content: str, said: str) -> None:
    folder = tmp_path / "bad"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("figures", "report.html"))
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=said):
        compare_report.write(folder)
    assert not (folder / "report.html").exists()


def test_missing_files_and_columns(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json"):
        compare_report.table(tmp_path)
    folder = tmp_path / "bad"
    shutil.copytree(run, folder)
    pd.read_parquet(folder / "flows.parquet").rename(columns={"target": "targets"}).to_parquet(folder / "flows.parquet")
    with pytest.raises(InputError, match=r"flows\.parquet: column 'target' is missing; did you mean 'targets'"):
        compare_report.table(folder)


def test_sentences_carry_unit_interval_and_population(run: Path) -> None:
    findings = find(read_run(run))
    row = findings.row("frailty", "ed_attendances")
    assert row is not None
    said = headline(row, "usual_care", "frailty", "68,900 residents over 12 months")
    for phrase in ("per 1,000 residents per year lower with frailty than with usual care", "95% interval", "fewer"):
        assert phrase in said
    assert "among 68,900 residents over 12 months" in said
    gap = findings.gap_row("frailty", "ed_attendances", "absolute_q1_minus_q5")
    assert gap is not None
    assert "local fifths by IMD 2019; age-sex standardised" in gap_sentence(gap, *TWO, "local fifths by IMD 2019")


def test_a_gap_is_narrower_wider_or_turned_by_its_size(run: Path) -> None:
    row = dict(find(read_run(run)).gap_row("frailty", "ed_attendances", "absolute_q1_minus_q5") or {})
    moves = {"narrowed": (20.0, 10.0), "widened": (-10.0, -20.0), "changed direction": (10.0, -10.0)}
    for word, (before, after) in moves.items():
        change = {"difference": after - before, "lower": after - before - 1, "upper": after - before + 1}
        made = {**row, "baseline": before, "design": after, **change, "verdict": "lower", "reason": ""}
        assert f") {word}:" in gap_sentence(made, *TWO, "local fifths")


def test_the_total_is_the_difference_in_events(run: Path) -> None:
    panel = pd.read_parquet(run / "panel.parquet").query("month >= 0")
    events = panel.groupby(["arm", "replication"])["ed_attendances"].sum().unstack("arm")
    row = find(read_run(run)).row("frailty", "ed_attendances")
    assert row is not None
    assert row["total_difference"] == pytest.approx(np.mean(events["frailty"] - events["usual_care"]))


@pytest.mark.parametrize(
    ("place", "here", "said"),
    [
        ({"name": "bi_borough", "folder": None}, None, "observed in Bi Borough; not endorsed"),
        ({"name": "toy", "folder": None}, None, "observed in Bi Borough, not in this place; not endorsed"),
        ({"name": "bi_borough", "folder": "ours"}, None, "observed in Bi Borough, not in this place; not endorsed"),
        ({"name": "bi_borough", "folder": "ours"}, True, "observed in Bi Borough; not endorsed"),
        ({"name": "bi_borough", "folder": "ours"}, False, "observed in Bi Borough, not in this place; not endorsed"),
    ],
)
def test_a_fit_to_another_place_is_not_called_one_to_this(
    run: Path, tmp_path: Path, place: dict[str, object], here: bool | None, said: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(run, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"calibrated_to": "bi_borough", "calibrated_here": here, "scenario": {"place": place}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert said in read_run(folder).standing
    (folder / "manifest.json").write_text(json.dumps(manifest | {"calibrated_to_title": "Ourtown"}), encoding="utf-8")
    assert said.replace("Bi Borough", "Ourtown") in read_run(folder).standing
