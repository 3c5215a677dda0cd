"""A cohort of people, treated or not, ready for adjustment: checked once, categories made indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evaluation.arrays import LARGEST
from evaluation.causal.roles import refuse_two_roles
from scenarios.errors import InputError, nearest

SHOWN = 5  # collinear covariates named
FEW_PEOPLE = 10  # in the smaller arm, below which users are told


@dataclass(frozen=True)
class Cohort:
    """``treated`` (n,) 0 or 1, ``outcome`` (n,), ``covariates`` (n, k) numbers and their names, ``cluster`` (n,).

    ``notes``: what was left out and by which rule; ``left_out``: how many people each rule left out.
    """

    treated: np.ndarray
    outcome: np.ndarray
    covariates: np.ndarray
    names: tuple[str, ...]
    cluster: np.ndarray
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, float] = field(default_factory=dict)

    @property
    def design(self) -> np.ndarray:
        """Return (n, 1 + k): a constant and the covariates."""
        return np.column_stack([np.ones(len(self.treated)), self.covariates])

    def keep(self, people: np.ndarray, note: str = "", why: str = "") -> Cohort:
        """Return the cohort of the people flagged, ``note`` added; ``why``: under what those left out are counted."""
        lost = {why: float((~people).sum())} if why else {}
        _, cluster = np.unique(self.cluster[people], return_inverse=True)
        return replace(
            self,
            treated=self.treated[people],
            outcome=self.outcome[people],
            covariates=self.covariates[people],
            cluster=cluster,
            notes=(*self.notes, note) if note else self.notes,
            left_out={**self.left_out, **lost},
        )

    def population(self) -> str:
        """Return who the cohort is, in words; how many they are is in ``counts``."""
        return "treated and untreated people"

    def counts(self) -> dict[str, float]:
        """Return how many people are in each arm, and how many were left out."""
        treated = float(self.treated.sum())
        return {"treated people": treated, "untreated people": len(self.treated) - treated, **self.left_out}


def read_cohort(
    frame: pd.DataFrame, *, treated: str, outcome: str, covariates: Sequence[str] = (), cluster: str = ""
) -> Cohort:
    """Return the cohort in ``frame``, one row per person.

    Text columns among ``covariates`` become an indicator for each category but the first; a covariate with one value
    is left out and noted. ``cluster``: rows that belong together (the same person, practice or team). Rows with an
    absent value are left out and noted. Raises InputError for a missing column, a covariate that is the outcome or the
    treatment, treatment that is not 0 or 1, fewer than two people in an arm, or an outcome that is no number, zero for
    everyone or the same for everyone.
    """
    refuse_two_roles("cohort", covariates, outcome, [treated])
    wanted = [treated, outcome, *covariates, *filter(None, (cluster,))]
    for name in wanted:
        if name not in frame.columns:
            raise InputError("cohort", f"column '{name}' is missing: {nearest(name, map(str, frame.columns))}")
    whole = frame[wanted].notna().all(axis=1)
    table = frame.loc[whole, list(dict.fromkeys(wanted))].reset_index(drop=True)
    left = len(frame) - len(table)
    notes = ["rows that lack a value were left out (complete-case rule)"] if left else []
    arm = pd.to_numeric(table[treated], errors="coerce")
    if not arm.isin([0, 1]).all():
        bad = table[treated][~arm.isin([0, 1])].iloc[0]
        raise InputError("cohort", f"column '{treated}' holds '{bad}'; allowed: 0, 1")
    for flag, words in ((1, "treated"), (0, "untreated")):
        if (arm == flag).sum() < 2:
            raise InputError("cohort", f"{int((arm == flag).sum())} {words} people; at least two are needed")
    values = pd.to_numeric(table[outcome], errors="coerce").to_numpy(dtype=float)
    unusable = ~(np.abs(values) <= LARGEST)
    if unusable.any():
        words = (
            f"column '{outcome}' holds '{table[outcome][unusable].iloc[0]}'; a number of at most {LARGEST:g} is needed"
        )
        raise InputError("cohort", words)
    if (values == values[0]).all():
        raise InputError("cohort", f"column '{outcome}' is {values[0]:g} for everyone: there is nothing to estimate")
    numbers, names, constant = _covariates(table, covariates)
    fewest = int(min(arm.sum(), len(arm) - arm.sum()))
    if fewest < FEW_PEOPLE:
        notes.append(f"only {fewest} people in the smaller arm: limits rest on too few, and are too narrow")
    notes += [f"covariate '{name}' has one value and was left out" for name in constant]
    _, groups = np.unique(table[cluster] if cluster else np.arange(len(table)), return_inverse=True)
    lost = {"people left out for a missing value": float(left)} if left else {}
    return Cohort(arm.to_numpy(dtype=float), values, numbers, names, groups, tuple(notes), lost)


def _covariates(table: pd.DataFrame, wanted: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...], list[str]]:
    columns, names, constant = [], [], []
    for name in wanted:
        values = table[name]
        if values.nunique() < 2:
            constant.append(name)
        elif pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            columns.append(values.to_numpy(dtype=float))
            names.append(name)
            if not (np.abs(columns[-1]) <= LARGEST).all():
                raise InputError("cohort", f"covariate '{name}' holds a value beyond {LARGEST:g}; less is needed")
        else:
            for category in sorted(values.unique(), key=str)[1:]:
                columns.append((values == category).to_numpy(dtype=float))
                names.append(f"{name}={category}")
    matrix = np.column_stack(columns) if columns else np.empty((len(table), 0))
    full = np.column_stack([np.ones(len(table)), matrix])
    if np.linalg.matrix_rank(full) < full.shape[1]:
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        raise InputError("cohort", f"covariates {shown} are collinear: leave one out")
    return matrix, tuple(names), constant
