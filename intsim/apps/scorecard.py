"""``intsim scorecard``: the official neighbourhood health scorecard of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intsim.apps.arguments import parse, parser
from scenarios.errors import InputError
from scenarios.whole_file import whole


def main(words: Sequence[str]) -> int:
    """Print the mean month of each metric by arm, and write every month to a file if asked.

    Raises InputError for a file that is there already or cannot be written.
    """
    made = parser("scorecard", "The official neighbourhood health scorecard (O1 to O6, P1) of a run's folder.")
    made.add_argument("folder", metavar="RUN_DIR", type=Path, help="the folder of a run or comparison")
    made.add_argument("--cohort", default="residents", help="residents, or kept: those of experiment.person_months")
    made.add_argument("--by", default="none", help="none, neighbourhood, quintile, age_band or sex: how --csv is split")
    made.add_argument("--csv", type=Path, metavar="FILE", help="write every month to FILE")
    given = parse(made, words)
    from evaluation.scorecard import scorecard, text

    if given.csv is not None and given.csv.exists():
        raise InputError(str(given.csv), "exists already: give the name of a new file")
    table = scorecard(given.folder, given.cohort, given.by)
    if given.csv is not None:
        try:
            with whole(given.csv) as part:
                table.to_csv(part, index=False)
        except OSError as problem:
            raise InputError(str(given.csv), f"cannot be written: {problem.strerror}") from None
    print(text(table if given.by == "none" else scorecard(given.folder, given.cohort)))
    print("Means over months from go-live, draws and replications; counts below 6 a month are suppressed.")
    if given.csv is not None:
        print(f"Every month: {given.csv}")
    return 0
