"""On what each lever rests: rows of the registry, and the studies that replay it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evaluation.replays.definition import Replay
from intsim.replays.latent import lever_of
from scenarios.registry.reader import load_registry
from sim.codes import LEVER_NAMES

KINDS = ("trial", "controlled", "uncontrolled")
RESTS_ON = {"trial": "trials", "controlled": "controlled studies", "uncontrolled": "uncontrolled studies"}
JUDGEMENT = "judgement"


def lever_evidence(replays: Mapping[str, Replay]) -> pd.DataFrame:
    """Return a row for each lever: what its parameters rest on, how many are assumptions, and studies by kind.

    'rests on' is of its parameters today, by the design of the registry's rows: no parameter is informed by a replay.
    """
    registry = load_registry()
    rows = []
    for lever in LEVER_NAMES:
        mine = [one for one in registry.parameters.values() if lever_of(one) == lever and one.distribution != "fixed"]
        assumed = sum(one.source.startswith("assumption") or one.basis == "assumption" for one in mine)
        row: dict[str, object] = {
            "lever": lever,
            "rests on": rests_on([one.design for one in mine if one.basis != "assumption"]),
            "uncertain parameters": len(mine),
            "of which assumptions": assumed,
        }
        for kind in KINDS:
            row[f"{RESTS_ON[kind]} replayed"] = sum(
                lever in one.levers and one.evidence == kind and one.use != "bracket" for one in replays.values()
            )
        rows.append(row)
    return pd.DataFrame(rows)


def rests_on(designs: list[str]) -> str:
    """Return the strongest kind of study among the designs of a lever's rows."""
    text = " ".join(designs).lower()
    if "random" in text or "trial" in text or "rct" in text:
        return RESTS_ON["trial"]
    if "matched" in text or "difference" in text or "controlled" in text:
        return RESTS_ON["controlled"]
    return RESTS_ON["uncontrolled"] if text.strip() else JUDGEMENT
