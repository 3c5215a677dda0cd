"""A fit as tables and a manifest: everything its page shows, and nothing else to be worked out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calibration.comparison.skill import against, skill_table
from calibration.comparison.spreadsheets import Said
from calibration.diagnostics.ranks import BINS, uniformity
from calibration.fit.assessment import Assessment, assess, outputs_table
from calibration.fit.fit import Fit
from calibration.fit.results import Results
from calibration.fit.self_test import calibration_ranks
from calibration.fit.waves import reached
from calibration.history_matching.wave import worst
from calibration.posterior.sampler import rooted
from calibration.targets.target import TargetSet
from evaluation.draws import generator

LEAST_SETS = 20  # data sets of a self-test: fewer say nothing
RANKS = 19  # draws among which a truth is ranked in the self-test
POOL = 1_000  # points of the prior at which each target's power to rule out is told


def summed_up(
    fit: Fit, targets: TargetSet, self_test: int, about: Mapping[str, Any], said: Sequence[Said] = ()
) -> Results:
    """Return the tables of ``fit``.

    targets: of every role, with their values. self_test: data sets (0: none). said: what spreadsheets say of targets.
    """
    assessed = assess(fit, targets)
    tables = {
        "posterior": posterior_table(fit),
        "outputs": outputs_table(fit),
        "targets": assessed.met,
        "predictions": assessed.predicted,
        "parameters": assessed.informed,
        "correlations": assessed.correlations.rename_axis("parameter").reset_index(),
        "coverage": coverage_of(assessed),
        "waves": pd.DataFrame(fit.matched.table),
        "wave_points": wave_points(fit),
        "ruled_out": ruled_out(fit),
        "reach": reached(fit.matched, fit.likelihood, fit.plan.cut),
        "emulators": pd.concat(fit.matched.checks, ignore_index=True),
        "chains": fit.diagnostics,
    }
    compared = against(assessed.predicted, targets, said, fit.plan.seed)
    if len(compared):
        tables |= {"spreadsheets": compared, "skill": skill_table(compared)}
    if self_test:
        tables["ranks"] = rank_table(fit, self_test)
    return Results(tables, {**about, "result": result_of(fit)})


def result_of(fit: Fit) -> dict[str, Any]:
    """Return the figures of a fit that a reader looks at first."""
    weighted = fit.weighted
    return {
        "points": len(fit.latent),
        "replications": int(fit.outputs.shape[1]),
        "kish_size": weighted.kish_size,
        "kish_size_before_smoothing": weighted.raw_kish_size,
        "pareto_shape": weighted.tail_shape,
        "weights_reliable": weighted.reliable,
        "mcmc_bulk_size_least": float(fit.diagnostics["mcmc_bulk_size"].min()),
        "mcmc_tail_size_least": float(fit.diagnostics["mcmc_tail_size"].min()),
        "rhat_largest": float(fit.diagnostics["rhat"].max()),
        "steps_accepted": fit.chains.accepted,
        "share_of_prior_left": float(str(fit.matched.table[-1]["share_left"])),
        "runs": int(fit.matched.outputs.shape[0] * fit.matched.outputs.shape[1])
        + len(fit.latent) * int(fit.outputs.shape[1]),
        "rounds": fit.rounds,
        "stopped": fit.stopped,
    }


def posterior_table(fit: Fit) -> pd.DataFrame:
    """Return one row per posterior point: point, weight, and each parameter in its own unit."""
    found = fit.table()
    found.insert(0, "point", np.arange(len(found)))
    return found


def coverage_of(assessed: Assessment) -> pd.DataFrame:
    """Return coverage of fitted and held-out targets under each other: role, then the columns of coverage_table."""
    parts = [("fitted", assessed.coverage_fitted), ("held_out", assessed.coverage_held_out)]
    kept = [table.assign(role=role) for role, table in parts if len(table)]
    return pd.concat(kept, ignore_index=True)


def wave_points(fit: Fit) -> pd.DataFrame:
    """Return each point run in a wave: wave, implausibility by all waves' emulators, left (not ruled out)."""
    found = worst(fit.matched.waves, fit.matched.latent)
    return pd.DataFrame({"wave": fit.matched.wave_of, "implausibility": found, "left": found < fit.plan.cut})


def ruled_out(fit: Fit) -> pd.DataFrame:
    """Return what each target alone rules out of the prior, by each wave's emulators: target, wave, share."""
    prior = generator(fit.plan.seed, "ruled out").standard_normal((POOL, len(fit.space)))
    rows = []
    for wave in fit.matched.waves:
        share = (wave.implausibilities(prior) > fit.plan.cut).mean(axis=0)
        rows += [
            {"target": name, "wave": wave.number, "share": float(one), "used": at not in wave.left_out}
            for at, (name, one) in enumerate(zip(fit.likelihood.names, share, strict=True))
        ]
    return pd.DataFrame(rows)


def rank_table(fit: Fit, data_sets: int) -> pd.DataFrame:
    """Return the self-test: one row per parameter and data set.

    Columns: parameter, data_set, rank (0 to ``draws``), draws, p_value and shape of the parameter's ranks.
    """
    bundle, variance = fit.matched.waves[-1].bundle, fit.likelihood.working()[1]
    root = 2.38 / np.sqrt(len(fit.space)) * rooted(fit.chains.flat)
    ranks = calibration_ranks(bundle, variance, data_sets, RANKS, fit.plan.seed, root)
    bins = max(min(BINS, data_sets // 5, RANKS + 1), 2)
    while bins > 2 and (RANKS + 1) % bins:
        bins -= 1
    parts = []
    for at, name in enumerate(fit.space.names):
        found = uniformity(ranks[:, at], RANKS, bins)
        parts.append(
            pd.DataFrame(
                {
                    "parameter": name,
                    "data_set": np.arange(data_sets),
                    "rank": ranks[:, at],
                    "draws": RANKS,
                    "p_value": found.p_value,
                    "shape": found.shape,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
