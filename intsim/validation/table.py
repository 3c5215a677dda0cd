"""The table of all levers, as findings: what each moves first, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.validation import Finding
from intsim.validation.arms import Tick, quiet
from intsim.validation.levers import intermediate_effects, net_effects

YEARS_OF_TABLE = 5
MONTHS_PER_YEAR = 12


def levers(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Halve and double each lever's effect at full reach: its first outcome must move both ways, each clearly."""
    table = intermediate_effects(words, replications, tick=tick)
    held = table["opposite"] & table["clear"]
    missing = table.loc[~held, "lever"].tolist()
    return Finding(
        "Levers",
        "Does each lever's first outcome move in opposite directions when its effect is halved and doubled, each by "
        "over 5 standard errors of twins?",
        f"{int(held.sum())} of {len(table)} levers do" + (f"; not {', '.join(missing)}." if missing else "."),
        bool(held.all()),
        table,
    )


def net(words: Sequence[str], replications: int, tick: Tick = quiet) -> Finding:
    """Run each lever at full reach for five years: what comes of it, by year and deprivation. Any sign may come out."""
    longer = [*words, f"experiment.horizon_months={YEARS_OF_TABLE * MONTHS_PER_YEAR}"]
    table = net_effects(longer, replications, tick=tick)
    everyone = table[(table["quintile"] == "all") & (table["outcome"] == "emergency_admissions")]
    first = everyone[everyone["year"] == 1]
    up = int((first["difference"] > 0).sum())
    return Finding(
        "Net effects",
        "What comes of each lever at full reach, against the same staff without its effect? Any sign may come out.",
        f"In year 1, {up} of {len(first)} levers raise emergency admissions; the rest lower them or do nothing.",
        bool(0 < up < len(first)),
        table,
    )
