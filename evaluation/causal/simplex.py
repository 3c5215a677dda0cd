"""Weights that are not negative and sum to one: the exact least-squares solution."""

from __future__ import annotations

import numpy as np
from scipy import optimize


def simplex_weights(columns: np.ndarray, target: np.ndarray, ridge: float = 0.0, intercept: bool = False) -> np.ndarray:
    """Return w (k,) >= 0 with sum 1 that minimises |columns w - target|^2 + ridge x |w|^2.

    ``columns`` (m, k), ``target`` (m,). ``intercept`` lets the two differ by a constant. Solved exactly: with
    C = columns - target 1', the minimiser of |C w| on the simplex is the non-negative least-squares solution of
    [C; s 1'] u = [0; s], scaled to sum 1, for any s > 0 (the cost at the best scale rises with |C w| alone).
    """
    a, b = np.asarray(columns, dtype=float), np.asarray(target, dtype=float)
    if intercept:
        a, b = a - a.mean(0), b - b.mean()
    gap = a - b[:, None]
    if ridge > 0:
        gap = np.vstack([gap, np.sqrt(ridge) * np.eye(a.shape[1])])
    scale = float(np.sqrt((gap**2).sum(0)).mean()) or 1.0
    rows = np.vstack([gap / scale, np.ones(a.shape[1])])
    if rows.shape[0] > 2 * rows.shape[1]:  # fewer rows, same answer
        rows_q, rows = np.linalg.qr(rows)
        right = rows_q[-1]
    else:
        right = np.zeros(len(rows))
        right[-1] = 1.0
    solution, _ = optimize.nnls(rows, right, maxiter=50 * a.shape[1])
    total = float(solution.sum())
    return solution / total if total > 0 else np.full(a.shape[1], 1 / a.shape[1])
