"""``intsim evaluate RUN --aim NAME``: an aim for the life-expectancy gap, followed from the deaths of a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import InputError
from scenarios.whole_file import whole

if TYPE_CHECKING:
    import pandas as pd

    from evaluation.estimate import Estimate
    from evaluation.life_tables.changes import Tracked


def track(given: argparse.Namespace) -> int:
    """Print the aim's line for each sex beside what the design changes; write tables and figures if asked.

    Raises InputError for a source that is no run, and a design that it does not have.
    """
    from evaluation.life_tables.aim import read_aim
    from evaluation.life_tables.changes import tracked_aim
    from evaluation.run_folder import read_run
    from scenarios.errors import nearest

    if not given.source.is_dir():
        raise InputError(str(given.source), "is no folder of a run; an aim is followed from a run's deaths")
    aim = read_aim(given.aim)
    run = read_run(given.source)
    design = given.arm or run.designs[-1]
    if design not in run.designs:
        raise InputError("--arm", f"no design '{design}' in the run: {nearest(design, run.designs)}")
    first = run.panel.loc[run.panel["month"] == 0, "month_start"]
    if first.empty:
        raise InputError(str(given.source), "has no month 0; the aim needs the year of go-live")
    year = int(str(first.iloc[0])[:4])
    arms = (run.baseline, design)
    found = tracked_aim(_mortality(given.source), arms, aim, year, _baselines(given.baseline_gap))
    print(f"Aim {aim.name}: {aim.left_share:.0%} of the gap left by {aim.target_year} ({aim.basis}).")
    for each in found:
        print("\n".join(_lines(each, design)))
    if given.output is not None:
        print(f"Tables and figures: {_write(given.output, found)}")
    return 0


def _lines(each: Tracked, design: str) -> list[str]:
    from evaluation.rounding import spread

    start = each.baseline
    whence = "; ".join(start.notes) or "given"
    lines = [f"{each.sex}: gap {spread(start.estimate, start.lower, start.upper)} years ({whence})"]
    told = each.line.line[each.line.line["gap"].notna()]
    for row in told.drop_duplicates("gap", keep="last").to_dict("records"):
        gap = spread(float(row["gap"]), float(row["gap_lower"]), float(row["gap_upper"]))
        aim = spread(float(row["aim"]), float(row["aim_lower"]), float(row["aim_upper"]))
        lines.append(f"  {row['year']:.0f}: with {design} {gap}; aim {aim}")
    lines.append(f"  chance of meeting it: {each.line.chance}. {each.line.status.capitalize()}.")
    return lines


def _write(folder: Path, found: list[Tracked]) -> Path:
    from evaluation.figures.inequality import draw_aim
    from evaluation.figures.style import save

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in found:
            with whole(folder / f"aim_{each.sex}.csv") as part:
                each.line.line.to_csv(part, index=False)
            label = f"gap in life expectancy at birth, {each.sex}, years"
            save(draw_aim(each.line, label), folder / "figures", f"aim_{each.sex}")
    except OSError as problem:
        raise InputError(str(folder), f"cannot be written: {problem.strerror}") from None
    return folder


def _mortality(folder: Path) -> pd.DataFrame:
    from evaluation.parquet import read_table

    return read_table(folder / "mortality.parquet")


def _baselines(text: str) -> dict[str, Estimate]:
    """Return the observed gap by sex from 'male=9.4:7.0:11.8,female=7.6:5.1:10.1'."""
    from evaluation.estimate import Estimate

    found = {}
    for part in filter(None, text.split(",")):
        sex, middle, figures = part.partition("=")
        try:
            value, lower, upper = (float(each) for each in figures.split(":"))
        except ValueError:
            middle = ""
        if not middle or not lower <= value <= upper:
            raise InputError("--baseline-gap", f"'{part}'; write male=GAP:LOWER:UPPER, in years, commas between")
        found[sex.strip()] = Estimate(value, lower, upper, "le_gap_observed", sex.strip(), n_of="given")
    return found
