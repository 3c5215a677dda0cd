"""Every command, settings file and Python example in the documentation does what the page says.

Each page is followed from top to bottom in an empty folder. A command that takes a scenario is first read exactly as
written (its settings must be valid), then run in a shorter form: see ``shorter``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from calibration.forward.place import as_known
from intsim.apps.validate import checks
from intsim.cli import main
from tests.docs.pages import PAGES, ROOT, Block, blocks, commands, makefile_commands, makefile_targets

SCENARIO_COMMANDS = ("run", "compare", "verify")
NOT_RUN = {  # first words: why
    "make": "would make an environment or run these tests; the targets are checked to exist",
    "apt": "changes the machine",
    "source": "concerns the shell alone",
    "git": "changes the working copy",
    "python": "runs these tests, or benchmarks of minutes",
    "py": "Windows; makes an environment",
    ".venv/Scripts/python": "Windows; makes an environment or runs these tests",
}
LEAST_POINTS = 2  # of a posterior carried to a place: more take many minutes, and are read as written
ARMS_ALIKE = {"README.md": ("results/zero",)}  # comparisons that the page says change nothing
SAME_PANEL = {"README.md": (("results/our_core", "results/again"),)}  # a run and its rerun


def shorter(words: list[str]) -> list[str]:
    """Return a scenario command made short: the toy place, one month, no burn-in, and at most two replications.

    ``verify`` has a fifth of the toy's residents.
    """
    kept = [word for word in words if not word.startswith("place.neighbourhoods=")]
    if not any(word.startswith("place=") for word in kept):
        kept.append("place=toy")
    kept += ["experiment.horizon_months=1", "experiment.burn_in_months=0", "experiment.workers=1"]
    if kept[0] == "verify":  # the engine that is written to be read takes half a minute for the toy's 2,000 residents
        kept.append("place.basis=400")
    return [re.sub(r"^experiment\.(replications|draws)=\d+$", r"experiment.\1=2", word) for word in kept]


def follow_command(words: list[str]) -> None:
    """Run one command of a page; anything that is neither known nor listed as not run is a failure."""
    program = words[0].removeprefix(".venv/Scripts/").removeprefix(".venv/bin/")
    if program == "intsim":
        if len(words) > 1 and words[1] in SCENARIO_COMMANDS:
            assert main([*words[1:], "--show"]) == 0, f"refused as written: {' '.join(words)}"
            if not words[0].startswith(".venv/Scripts/"):
                assert main(shorter(words[1:])) == 0, f"failed: {' '.join(words)}"
        elif words[1:3] == ["calibrate", "--predict"] and int(words[3]) > LEAST_POINTS:
            assert main([*words[1:], "--show"]) == 0, f"refused as written: {' '.join(words)}"
        elif words[1:2] == ["validate"]:
            follow_validation(words)
        else:
            assert main(words[1:]) == 0, f"failed: {' '.join(words)}"
    elif words[:3] == ["python", "-m", "calibration.forward.place"]:
        as_known(Path(words[3]))
    elif words[:2] == ["cp", "-r"]:
        shutil.copytree(ROOT / words[2], words[3])
    elif words[0] == "make":
        for target in words[1:]:
            assert target in makefile_targets(), f"the Makefile has no target {target}"
    else:
        assert words[0] in NOT_RUN, f"no way to test: {' '.join(words)}"


def follow_validation(words: list[str]) -> None:
    """Check the names of the checks as written; run one of them on a small place and see that its page is there."""
    named = [word for word in words[2:] if not word.startswith("-") and not word.isdigit() and "/" not in word]
    assert set(named) <= set(checks()), f"no such check: {' '.join(words)}"
    short = (
        "place.basis=2000",
        "services.background=false",
        "experiment.burn_in_months=0",
        "experiment.horizon_months=2",
    )
    settings = [part for setting in short for part in ("--set", setting)]
    main(["validate", "trauma", "--replications", "2", "--output", "short_validation", *settings])
    assert "Placebo, trauma" in Path("short_validation/validation.html").read_text(encoding="utf-8")


def follow(block: Block) -> None:
    """Do what one block says: run its commands, run its Python, or keep its settings file."""
    if block.language in ("bash", "powershell"):
        for words in commands(block):
            follow_command(words)
    elif block.language == "python":
        exec(compile(block.text, "example", "exec"), {})
    elif block.language in ("yaml", "csv") and (named := re.match(r"# (\S+\.(yaml|csv))\n", block.text)):
        path = Path(named.group(1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)])
def test_every_command_and_example_works_as_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(page):
        follow(block)
    for folder in ARMS_ALIKE.get(page, ()):
        panel = pd.read_parquet(f"{folder}/panel.parquet")
        arms = [mine.drop(columns="arm").reset_index(drop=True) for _, mine in panel.groupby("arm")]
        assert len(arms) == 2
        pd.testing.assert_frame_equal(arms[0], arms[1])
    for first, second in SAME_PANEL.get(page, ()):
        tables = [pd.read_parquet(f"{folder}/panel.parquet") for folder in (first, second)]
        pd.testing.assert_frame_equal(tables[0], tables[1])


def test_make_demo_is_a_comparison_whose_settings_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    demo = [words for words in makefile_commands("demo") if words[0] == "intsim"]
    assert len(demo) == 1
    assert main([*demo[0][1:], "--show"]) == 0
    shown = capsys.readouterr().out
    assert "horizon_months: 12" in shown
    assert "burn_in_months: 24" in shown
    assert "output: demo" in shown


def test_windows_users_are_told_the_same_demonstration() -> None:
    demo = next(words for words in makefile_commands("demo") if words[0] == "intsim")
    lines = [words for block in blocks("README.md") if block.language == "powershell" for words in commands(block)]
    told = [words for words in lines if words[0].endswith("/intsim")]
    assert [sorted(words[1:]) for words in told] == [sorted(demo[1:])]


def test_the_readmes_first_two_commands_do_all_set_up() -> None:
    first = next(block for block in blocks("README.md") if block.language == "bash")
    assert commands(first) == [["make", "demo"], ["make", "test"]]
    for target in ("demo", "test"):
        line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(f"{target}:"))
        assert ".venv/installed" in line
