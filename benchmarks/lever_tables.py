"""docs/levers.md from the tables of ``intsim validate levers`` and ``intsim validate net``.

    python -m benchmarks.lever_tables                        the page, from the kept tables
    python -m benchmarks.lever_tables LEVERS NET COMMIT      keep the tables in these two folders first

COMMIT is the one that the checks were run at: the page names it, for the tables say nothing of later code.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
from scipy import stats

from scenarios.whole_file import write_text

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "levers.md"
REPLICATIONS = 3  # of net_effects.csv
TABLES = ("levers.csv", "net_effects.csv")
MADE = "levers_made.json"  # at which commit
OUTCOMES = {"ed_attendances": "ED attendances", "emergency_admissions": "Emergency admissions", "bed_days": "Bed days"}
HEAD = """# Every lever: what it moves first, and what comes of it

All tables are of an England-average place with England's posterior (care homes, in the first table: of a place where
most older people live in homes), every lever at a high dose, without a ramp, and with staff enough for it, at commit
`{commit}`. They show how the model behaves; they forecast nothing. The evidence behind each strength is in
[parameters.md](parameters.md). A reach of 1 a year (case finding, housing repair, falls prevention) is everyone once
a year on average: some twice, a third not at all. Needs allocation here is by deprivation alone, which no shipped
design does.

## What each lever moves first

At half, one and twice its effect; 60,000 residents, 9 months, 6 replications. In brackets the standard error over
twins. Made by `intsim validate levers` with `place.basis=60000`, `services.background=false`,
`experiment.burn_in_months=2`, `experiment.horizon_months=9`.

| lever | first outcome | at 1 | half less 1 | double less 1 |
| --- | --- | --- | --- | --- |
"""
NET = """
## What comes of it: {outcome}

Change per 1,000 residents a year against the same staff without the effect, in years 1, 3 and 5 since go-live; 12,000
residents, 3 replications, 95% interval (half-width) in brackets. Most deprived and least deprived: local fifths. By
`intsim validate net` with `place.basis=12000`, `services.background=false`, `experiment.burn_in_months=3`.

| lever | all, 1 | all, 3 | all, 5 | most deprived, 1 | 3 | 5 | least deprived, 1 | 3 | 5 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def first_rows(table: pd.DataFrame) -> list[str]:
    """Return the rows of the first table, in the order of the file."""
    return [
        f"| {row.lever.replace('_', ' ')} | {row.moves} | {row.at_one:.3g} "
        f"| {row.half_less_one:+.2g} ({row.half_se:.1g}) | {row.double_less_one:+.2g} ({row.double_se:.1g}) |"
        for row in table.itertuples()
    ]


def net_rows(table: pd.DataFrame) -> list[str]:
    """Return the rows of one outcome's net effects: by lever, then group, then year."""
    wide = float(stats.t.ppf(0.975, REPLICATIONS - 1))
    keyed = table.set_index(["lever", "quintile", "year"])
    rows = []
    for lever in dict.fromkeys(table["lever"]):
        cells = []
        for quintile in ("all", "1", "5"):
            for year in (1, 3, 5):
                one = keyed.loc[(lever, quintile, year)]
                half = wide * one["se"]
                places = 1 if half < 3 else 0
                difference = round(float(one["difference"]), places)
                told = f"{difference:+.{places}f}" if difference else "0"
                cells.append(f"{told} ({half:.{places}f})")
        rows.append(f"| {lever.replace('_', ' ')} | {' | '.join(cells)} |")
    return rows


def page() -> str:
    """Return docs/levers.md."""
    made = json.loads((RESULTS / MADE).read_text(encoding="utf-8"))
    text = HEAD.format(commit=made["commit"][:9]) + "\n".join(first_rows(pd.read_csv(RESULTS / "levers.csv"))) + "\n"
    net = pd.read_csv(RESULTS / "net_effects.csv", dtype={"quintile": str})
    for outcome, label in OUTCOMES.items():
        text += NET.format(outcome=label) + "\n".join(net_rows(net[net["outcome"] == outcome])) + "\n"
    return text


def keep(levers: Path, net: Path, commit: str) -> None:
    """Keep the tables of two folders of ``intsim validate``, made at ``commit``."""
    for folder, name in zip((levers, net), TABLES, strict=True):
        write_text(RESULTS / name, (folder / name).read_text(encoding="utf-8"))
    write_text(RESULTS / MADE, json.dumps({"commit": commit}) + "\n")


def main(words: list[str]) -> int:
    """Keep tables if two folders and a commit are named; write the page."""
    if len(words) == 3 and re.fullmatch(r"[0-9a-f]{40}", words[2]):
        keep(Path(words[0]), Path(words[1]), words[2])
    elif words:
        print("usage: python -m benchmarks.lever_tables [LEVERS_FOLDER NET_FOLDER COMMIT_IN_FULL]", file=sys.stderr)
        return 2
    write_text(PAGE, page())
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
