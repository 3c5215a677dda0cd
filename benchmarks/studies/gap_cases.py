"""The study of effects on the gap. Apart from the other panels: it rests on every design, and they do not."""

from __future__ import annotations

from benchmarks.studies import generators
from benchmarks.studies.case import COVERS, Attempt, Case
from evaluation.causal.by_quintile import effect_on_gap
from evaluation.causal.designs import Table
from evaluation.estimate import Estimate


def _gap(world: generators.Panel) -> Estimate:
    names = {"first_treated": "first_treated", "cluster": "cluster", "quintile": "fifth"}
    return effect_on_gap(Table(world.frame, "outcome", **names), "did")[0]  # type: ignore[arg-type]


GAP_CASES: tuple[Case, ...] = (
    Case("gap", __name__, generators.fifths, (Attempt("gap of each place", _gap, COVERS, "gap"),)),
)
