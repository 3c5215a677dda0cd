"""When nothing is left: which targets cannot be met, alone or together, in a table and not in a best bad point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from calibration.history_matching.implausibility import CUT

HEADING = "no plausible parameters: these targets conflict"
MOST_IN_PAIRS = 14  # targets whose pairs are looked at: the most implausible at the best compromise
REFINED = 25  # steps of the local search from the best point seen


@dataclass(frozen=True)
class Conflict:
    """No parameters are plausible. ``table``: one row per target; ``pairs``: pairs that cannot be met together.

    least: the smallest largest implausibility found.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    least: float

    def __str__(self) -> str:
        """Return the heading and what conflicts, a line each."""
        return "\n".join([HEADING, *self.lines()])

    def lines(self) -> list[str]:
        """Return what conflicts in words, a line each."""
        found = []
        for row in self.table[~self.table["alone"]].to_dict("records"):
            words = (
                f"{row['target']}: observed {row['observed']:.4g}, the model comes no nearer than {row['nearest']:.4g}"
            )
            found.append(
                f"{words} ({row['least']:.1f} standard deviations): a mechanism is missing, or the figure is wrong"
            )
        for row in self.pairs.to_dict("records"):
            words = f"{row['target']} with {row['other']}: each can be met, not both"
            found.append(f"{words} (at best {row['least']:.1f} standard deviations away from one of them)")
        if not found:
            worst = self.table.sort_values("at_best", ascending=False)["target"].head(3)
            found.append(f"no pair conflicts by itself: together they do, most of all {', '.join(worst)}")
        return found


class NoPlausibleParameters(Exception):
    """Raised by a fit in place of a result: history matching has ruled everything out."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(str(conflict))


def explain(
    implausibilities: Callable[[np.ndarray], np.ndarray],
    predict: Callable[[np.ndarray], np.ndarray],
    looked_at: np.ndarray,
    names: Sequence[str],
    observed: np.ndarray,
    cut: float = CUT,
) -> Conflict:
    """Return the conflict between targets.

    implausibilities: of points float64[n, parameters], float64[n, targets]; predict: what the model would give there,
    in the targets' units; looked_at: points of the search that found nothing. Table: that of ``reach``, and at_best
    (implausibility where the largest of all is least), simulated_at_best.
    """
    grid = implausibilities(looked_at)
    best, least = refined(lambda z: implausibilities(z).max(axis=1), looked_at, grid.max(axis=1))
    table = reach(implausibilities, predict, looked_at, names, observed, cut)
    table["at_best"], table["simulated_at_best"] = implausibilities(best[None])[0], predict(best[None])[0]
    return Conflict(table, pairs_of(implausibilities, looked_at, grid, table, cut), least)


def reach(
    implausibilities: Callable[[np.ndarray], np.ndarray],
    predict: Callable[[np.ndarray], np.ndarray],
    looked_at: np.ndarray,
    names: Sequence[str],
    observed: np.ndarray,
    cut: float = CUT,
) -> pd.DataFrame:
    """Return how near the model comes to each target alone, whatever the others: see ``explain`` for the arguments.

    Columns: target, observed, nearest (what the model gives at its least implausible point for this target), least (its
    implausibility there), alone (whether it can be met by itself).
    """
    grid = implausibilities(looked_at)
    rows = []
    for at, name in enumerate(names):
        point, value = refined(lambda z, at=at: implausibilities(z)[:, at], looked_at, grid[:, at])  # type: ignore[misc]
        rows.append(
            {
                "target": name,
                "observed": float(observed[at]),
                "nearest": float(predict(point[None])[0, at]),
                "least": value,
                "alone": value < cut,
            }
        )
    return pd.DataFrame(rows)


def pairs_of(
    implausibilities: Callable[[np.ndarray], np.ndarray],
    looked_at: np.ndarray,
    grid: np.ndarray,
    table: pd.DataFrame,
    cut: float,
) -> pd.DataFrame:
    """Return pairs of targets that can each be met and not both: target, other, least."""
    able = table.index[table["alone"]].to_numpy()
    able = able[np.argsort(-table["at_best"].to_numpy()[able])][:MOST_IN_PAIRS]
    rows = []
    for one, other in combinations(sorted(able), 2):
        both = [one, other]
        near = grid[:, both].max(axis=1)
        if near.min() < cut:
            continue
        _, value = refined(lambda z, both=both: implausibilities(z)[:, both].max(axis=1), looked_at, near)  # type: ignore[misc]
        if value >= cut:
            rows.append({"target": table["target"][one], "other": table["target"][other], "least": value})
    return pd.DataFrame(rows, columns=["target", "other", "least"]).sort_values("least", ascending=False)


def refined(
    judge: Callable[[np.ndarray], np.ndarray], points: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the point where ``judge`` is least, and its value: from the best of ``points`` by shrinking steps.

    Steps are those of an even design about the best so far, so that the answer does not depend on chance.
    """
    from calibration.design.points import latent_points

    best, least = points[int(values.argmin())], float(values.min())
    steps = latent_points(64, points.shape[1], 1)
    scale = 0.5
    for _ in range(REFINED):
        near = best + scale * steps
        found = judge(near)
        if found.min() < least:
            best, least = near[int(found.argmin())], float(found.min())
        else:
            scale *= 0.6
    return best, least
