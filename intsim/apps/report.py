"""``intsim report``: the investment case of a comparison, as a page, a Word document and a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intsim import api
from intsim.apps.arguments import parse, parser
from intsim.outputs import check_folder

ABOUT = "Write the investment case of a comparison: HTML, Word and Excel, from its folder alone."
SETTINGS = "case settings that need no new simulation, such as case.discounting=green_book"


def main(words: Sequence[str]) -> int:
    """Write the case and say where it is."""
    made = parser("report", ABOUT)
    made.add_argument("folder", type=Path, metavar="RESULTS", help="the folder that intsim compare left")
    made.add_argument("settings", nargs="*", metavar="case.x=value", help=SETTINGS)
    made.add_argument("--output", type=Path, metavar="DIR", help="where the files go (default: the same folder)")
    made.add_argument("--bank", type=Path, metavar="DIR", help="bank of draws (intsim bank), for thresholds and doses")
    given = parse(made, words)
    check_folder(given.output)
    written = api.report(given.folder, *given.settings, output=given.output, bank=given.bank)
    for what, path in (("Page", written.html), ("Word", written.word), ("Workbook", written.workbook)):
        print(f"{what}: {path}")
    return 0
