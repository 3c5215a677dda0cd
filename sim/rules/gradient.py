"""What the solved margins say: the share of a gradient that each mediator carries, and rates beside England's."""

from __future__ import annotations

import numpy as np

from scenarios.registry.reader import Registry
from sim.codes import HAZARD_KINDS, NEED_NAMES, SERVICE_NAMES
from sim.rules.margins import SOLVED_KINDS, Grids
from sim.rules.mediators import MEDIATOR_NAMES, MEDIATORS
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.targets import PER_1000

NO_GRADIENT = 1e-4  # log ratio of most to least deprived below which there is nothing to share out


def mediator_shares(grids: Grids) -> list[dict[str, object]]:
    """Return, per need type, the Q1:Q5 ratio of age-standardised hazard and the share of its log each part carries.

    Shares are log-ratio shares: one mediator's Q1:Q5 ratio with the rest averaged out; `jointly` is what their
    correlation adds; the residual is the solved cell. They sum to 1; a need without a gradient has none to share (0).
    """
    return [row for kind in HAZARD_KINDS if (row := shares_of(grids, kind)) is not None]


def shares_of(grids: Grids, need_type: int) -> dict[str, object] | None:
    """Return the row of `mediator_shares` for one need type; None if it never arises."""
    cells = grids.cells
    age = cells.weights.sum(axis=1)
    base = grids.hazards[need_type].mean(axis=1)
    if not base.any():
        return None
    use = age * base.mean(axis=1)

    def log_ratio(x: np.ndarray, weight: np.ndarray) -> float:
        total = (x * weight[:, None]).sum(axis=0)
        return float(np.log(total[0] / total[-1]))

    overall = log_ratio(base * cells.product[need_type], age)
    residual = log_ratio(base, age)
    parts = [log_ratio(cells.factors[need_type, which], use) for which in range(MEDIATORS)]
    row: dict[str, object] = {"need": NEED_NAMES[need_type], "ratio_q1_q5": float(np.exp(overall))}
    share = 1.0 / overall if abs(overall) > NO_GRADIENT else 0.0
    row.update({name: part * share for name, part in zip(MEDIATOR_NAMES, parts, strict=True)})
    row.update(jointly=(overall - residual - sum(parts)) * share, residual=residual * share)
    return row


def expected_rates(registry: Registry, grids: Grids) -> list[dict[str, object]]:
    """Return England's rates beside what the solved hazards give, per 1,000 a year: figure, england, modelled.

    Those that no margin holds are free: they say how far the pathway's own branching is from the country's.
    """
    base = grids.hazards[:SOLVED_KINDS].mean(axis=2)
    contacts = np.einsum("kbq,kybq,bq->y", base, grids.cells.made[:SOLVED_KINDS], grids.cells.weights)
    names = (*SERVICE_NAMES, "emergency_admissions")  # walk.Y_ADMISSION follows the services
    rows: list[dict[str, object]] = []
    for row in registry.table("national_rates").to_dict("records"):
        which = [names.index(name) for name in str(row["services"]).split(" ")]
        modelled = float(contacts[which].sum()) * PER_1000 * MONTHS_PER_YEAR
        rows.append({"figure": row["figure"], "england": row["per_1000_per_year"], "modelled": modelled})
    return rows
