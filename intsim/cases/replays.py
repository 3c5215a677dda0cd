"""Published evaluations behind each lever, and whether they have been re-enacted in the model.

A replay runs a study again inside the model: its rule of who is enrolled, its comparator, its length; what comes out is
set beside what was published. A lever's effect may then be trusted as far as its replays agree. Which programme speaks
to which lever is our reading, in scenarios/registry/replays.csv; results published are those of the claims.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

import scenarios.registry.claims as registry
from evaluation.doses import settings_of
from intsim.cases.arms import plain
from scenarios.compose import compose
from scenarios.errors import InputError, nearest
from scenarios.registry.claims import load_claims
from scenarios.registry.parameter_table import claim_words

FILE = Path(registry.__file__).parent / "replays.csv"
COLUMNS = ("programme", "lever", "how", "re_enacted", "result", "basis")
NO, YES = "no", "yes"
TOLD = ("lever", "programme", "outcome", "told", "design", "how", "re_enacted", "result", "source")


def replays(path: Path = FILE) -> pd.DataFrame:
    """Return one row for each published result of each lever: see TOLD; a lever without any has one row, else empty.

    Raises InputError naming file and row of an unknown lever or programme, or a re-enactment without its result.
    """
    levers = [name for name in _levers() if not name.startswith("added ")]
    claims = list(load_claims().values())
    known = list(dict.fromkeys(each.programme for each in claims))
    rows: dict[str, list[tuple[str, ...]]] = {lever: [] for lever in levers}
    for number, row in enumerate(csv.DictReader(path.read_text(encoding="utf-8").splitlines()), start=2):
        where = f"{path.name} row {number}"
        if tuple(row) != COLUMNS:
            raise InputError(path.name, f"has columns {', '.join(map(str, row))}; needed: {', '.join(COLUMNS)}")
        for column, allowed in (("lever", levers), ("programme", known)):
            if row[column] not in allowed:
                raise InputError(f"{where} column {column}", f"no '{row[column]}': {nearest(row[column], allowed)}")
        if row["re_enacted"] not in (NO, YES) or (row["re_enacted"] == YES) != bool(row["result"]):
            raise InputError(f"{where} column re_enacted", "must be 'no', or 'yes' with a result")
        for claim in claims:
            if claim.programme == row["programme"]:
                told = (claim.programme, claim.outcome, claim_words(claim), claim.design)
                rows[row["lever"]].append(
                    (row["lever"], *told, row["how"], row["re_enacted"], row["result"], claim.source)
                )
    found = [each for lever in levers for each in rows[lever] or [(lever, *[""] * (len(TOLD) - 1))]]
    return pd.DataFrame(found, columns=list(TOLD))


def _levers() -> list[str]:
    settings = plain(compose(["int=usual_care"]).int_design)
    return list(dict.fromkeys(lever for (lever, _), _ in settings_of(settings)))
