"""What an emulator of paired differences tells of a case: value of information, thresholds, claims under other priors.

From a run with draws of the evidence, or from a bank in which doses vary too (see ``bank``). Nothing is simulated, and
each table has the emulator's error on runs held back beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from evaluation.claims import claimed_change, effective_draws, smallest_dose, tilted_weights
from evaluation.draws import generator
from evaluation.emulators.paired import LEAST_POINTS, Bank, Emulator, along, emulate, errors, prior_sample
from evaluation.sensitivity.turning_points import turning_points
from evaluation.sensitivity.variance_based import morris_effects, sobol_indices
from evaluation.value_of_information.partial import evppi

NET = "net benefit"
PRIORS = {"sceptical": -1.0, "default": 0.0, "optimistic": 1.0}  # standard deviations towards the claim
REACH, STAFF, RAMP = "dose_reach", "dose_staff", "dose_ramp_months"
AS_DESIGNED = {REACH: 1.0, STAFF: 1.0}
SAMPLE, FEW, PLACES = 500, 32, 17
SOBOL = 256  # points of Sobol's design, a power of two; each costs one evaluation an input
MOST_TOLD = 10  # inputs whose value is worked out: those that net benefit hangs on most
MOST_APART = 1.5  # factor of variance up to which inputs are taken as independent: 64 of such rows are within it
BY_THEMSELVES = 4_096  # points at which that variance is told
CLAIMED = ("option", "outcome", "claim", "year")


@dataclass(frozen=True)
class Told:
    """Tables told by emulators; empty with a ``reason``.

    information: see value_of_information.partial, with rmse. sensitivity: option, input, first, total (Sobol's shares
    of the spread of net benefit), effect (Morris, GBP), rmse, apart (see sensitivity_of; no rows where inputs are
    tied). turning: option, sentence, rmse, spread. priors: option, outcome, claim, year, one column a prior
    (probability), effective (draws of the least), error. doses: option, outcome, claim, year, dose (of what), smallest
    (NaN: not reached), most (largest looked at), rmse. errors: of every emulator.
    """

    information: pd.DataFrame
    turning: pd.DataFrame
    priors: pd.DataFrame
    doses: pd.DataFrame
    errors: pd.DataFrame
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    reason: str = ""


def nothing(reason: str) -> Told:
    """Return empty tables and why."""
    none = pd.DataFrame()
    return Told(none, none, none, none, none, reason=reason)


def bank_of(
    inputs: pd.DataFrame,
    runs: pd.DataFrame,
    benefit: Mapping[str, np.ndarray],
    effects: Mapping[str, pd.DataFrame],
    wanted: Sequence[str],
) -> Bank:
    """Return the bank of a case. ``inputs``: one row a draw, doses among them by the names above.

    ``runs``: draw and replication in order; ``benefit``: net benefit by option, one value a run (pounds); ``effects``:
    by option, see evidence.effects_of; ``wanted``: outcomes of them.
    """
    outputs = {f"{NET}|{option}": ("GBP", _grid(runs, values)) for option, values in benefit.items()}
    for option, table in effects.items():
        for (outcome, year), mine in table[table["outcome"].isin(wanted)].groupby(["outcome", "year"], sort=True):
            change = mine["design"].to_numpy(float) / mine["baseline"].to_numpy(float) - 1.0
            grid = _grid(mine, change)
            if grid.shape == _grid(runs, np.zeros(len(runs))).shape and np.isfinite(grid).all():
                outputs[f"{outcome}|{option}|{year}"] = ("proportional change", grid)
    stacked = np.stack([grid for _, grid in outputs.values()], axis=2)
    always = tuple(name for name in inputs.columns if str(name).startswith("dose_"))
    return Bank(inputs, stacked, tuple(outputs), tuple(unit for unit, _ in outputs.values()), always)


def tell(bank: Bank, options: Sequence[str], claims: pd.DataFrame, units: Mapping[str, str]) -> Told:
    """Return everything that emulators of ``bank`` tell.

    ``claims``: name, outcome, measure, value. ``units``: of inputs, by name.
    """
    if len(bank.inputs) < LEAST_POINTS:
        return nothing(f"{len(bank.inputs)} draws of the parameters; {LEAST_POINTS} or more are needed")
    emulators = emulate(bank)
    varied = [name for name in bank.always if bank.inputs[name].nunique() > 1]
    fixed = {name: AS_DESIGNED.get(name, float(bank.inputs[name].median())) for name in bank.always}
    sample = prior_sample(bank.inputs, max(SAMPLE, len(bank.inputs)), fixed)  # every row of the bank is in it
    return Told(
        information_of(emulators, options, sample),
        turning_of(emulators, options, bank, sample, units),
        priors_of(emulators, options, claims, sample),
        doses_of(emulators, options, claims, bank, sample, varied),
        errors(emulators),
        sensitivity_of(emulators, options, bank),
    )


def information_of(emulators: Mapping[str, Emulator], options: Sequence[str], sample: pd.DataFrame) -> pd.DataFrame:
    """Return partial value of the inputs that emulated net benefit hangs on; empty unless every emulator is useful."""
    mine = [emulators[f"{NET}|{option}"] for option in options]
    if not all(each.useful for each in mine):
        return pd.DataFrame()
    benefit = np.column_stack([np.zeros(len(sample)), *(each.predict(sample) for each in mine)])
    names = [name for each in mine for name in each.inputs if not name.startswith("dose_")]
    found = evppi(benefit, sample[sorted(set(names), key=lambda name: (-names.count(name), name))[:MOST_TOLD]])
    return found.assign(rmse=max(each.rmse for each in mine), spread=max(each.spread for each in mine))


def sensitivity_of(emulators: Mapping[str, Emulator], options: Sequence[str], bank: Bank) -> pd.DataFrame:
    """Return what net benefit hangs on when all inputs move at once: Sobol indices and Morris's effects (SALib).

    Of emulators that are useful; each input over the values it has in the bank, as often as it has them there. Both
    move each input by itself, as if inputs were independent. Those of a posterior are not: an option has no rows where
    that gives its net benefit another spread than the bank's own rows do. ``apart`` is the one variance over the other.
    """
    rows = []
    for option in options:
        emulator = emulators[f"{NET}|{option}"]
        if not emulator.useful:
            continue
        net = partial(_net_at, emulator, bank.inputs)
        apart = variance_apart(emulator, bank.inputs)
        if not 1 / MOST_APART <= apart <= MOST_APART:
            continue
        bounds = {name: (0.0, 1.0) for name in emulator.inputs}
        shares, effects = sobol_indices(net, bounds, SOBOL), morris_effects(net, bounds)
        both = shares.merge(effects, on="name").sort_values("total", ascending=False, kind="stable")
        for row in both.to_dict("records"):
            rows.append((option, row["name"], row["first"], row["total"], row["mean_absolute"], emulator.rmse, apart))
    return pd.DataFrame(rows, columns=["option", "input", "first", "total", "effect", "rmse", "apart"])


def variance_apart(emulator: Emulator, inputs: pd.DataFrame) -> float:
    """Return the variance of what is emulated with each input drawn by itself, over that at the rows of ``inputs``.

    1 where inputs are independent, or those tied to each other do not both move it.
    """
    together = float(emulator.predict(inputs).var())
    points = generator(1, "emulated", "apart").random((BY_THEMSELVES, len(emulator.inputs)))
    return float(_net_at(emulator, inputs, points).var()) / together if together > 0 else 1.0


def _net_at(emulator: Emulator, inputs: pd.DataFrame, points: np.ndarray) -> np.ndarray:
    """Return emulated net benefit at ``points``: for each input of the emulator, which share of its values is below."""
    below = (np.arange(len(inputs)) + 0.5) / len(inputs)
    columns = {
        name: np.interp(points[:, at], below, np.sort(inputs[name].to_numpy(float)))
        for at, name in enumerate(emulator.inputs)
    }
    return emulator.predict(pd.DataFrame(columns))


def turning_of(
    emulators: Mapping[str, Emulator],
    options: Sequence[str],
    bank: Bank,
    sample: pd.DataFrame,
    units: Mapping[str, str],
) -> pd.DataFrame:
    """Return in words at which values of an input each option's expected net benefit changes sign.

    Of emulators that are useful, and inputs that move it by more than the emulator's error.
    """
    rows = []
    few = sample.head(FEW)
    for option in options:
        emulator = emulators[f"{NET}|{option}"]
        if not emulator.useful:
            continue
        for name in emulator.inputs:
            column = bank.inputs[name].to_numpy(float)
            places = np.linspace(column.min(), column.max(), PLACES)
            net = along(emulator, few, name, places)
            if np.ptp(net) <= emulator.rmse:
                continue
            label = LABELS.get(name, name)
            unit = UNITS.get(name, units.get(name, ""))

            def at(value: float, places: np.ndarray = places, net: np.ndarray = net) -> float:
                return float(np.interp(value, places, net))

            found = turning_points(at, label, float(places[0]), float(places[-1]))
            words = found.sentence(f"the case for {option.replace('_', ' ')}", name in (REACH, STAFF), unit)
            rows.append((option, name, len(found.points), words, emulator.rmse, emulator.spread))
    return pd.DataFrame(rows, columns=["option", "input", "turns", "sentence", "rmse", "spread"])


LABELS = {REACH: "reach, of what is planned,", STAFF: "staff, of what is planned,", RAMP: "time to full reach"}
UNITS = {RAMP: "months"}


def priors_of(
    emulators: Mapping[str, Emulator], options: Sequence[str], claims: pd.DataFrame, sample: pd.DataFrame
) -> pd.DataFrame:
    """Return how probable each claim is under three priors: the effect a standard deviation away from it, ours, nearer.

    Draws are weighed so that the emulated effect's own mean moves by one of its standard deviations; what the emulator
    does not tell spreads about it as a normal number.
    """
    rows = []
    for option, outcome, claim, year, emulator in _claimed(emulators, options, claims):
        mean, towards = emulator.predict(sample), math.copysign(1.0, claim)
        spread = float(mean.std())
        scores = towards * (mean - mean.mean()) / spread if spread > 0 else np.zeros(len(mean))
        sd = max(emulator.rest_sd, 1e-9)
        hits = norm.cdf(towards * (mean - claim) / sd)
        weights = {name: tilted_weights(scores, shift) for name, shift in PRIORS.items()}
        told = {name: float((each * hits).sum()) for name, each in weights.items()}
        least = min(effective_draws(each) for each in weights.values())
        head: dict[str, Any] = dict(zip(CLAIMED, (option, outcome, claim, year), strict=True))
        rows.append({**head, **told, "effective": least, "rmse": emulator.rmse, "good": emulator.good})
    return pd.DataFrame(rows, columns=[*CLAIMED, *PRIORS, "effective", "rmse", "good"])


def doses_of(
    emulators: Mapping[str, Emulator],
    options: Sequence[str],
    claims: pd.DataFrame,
    bank: Bank,
    sample: pd.DataFrame,
    varied: Sequence[str],
) -> pd.DataFrame:
    """Return the smallest dose at which the mean effect reaches a claim: each dose by itself, and years of the run."""
    rows = []
    few = sample.head(FEW)
    by_claim: dict[tuple[str, str, float], dict[int, tuple[float, float]]] = {}
    for option, outcome, claim, year, emulator in _claimed(emulators, options, claims):
        if not emulator.good:
            continue
        by_claim.setdefault((option, outcome, claim), {})[year] = (float(emulator.predict(few).mean()), emulator.rmse)
        if not emulator.useful:
            continue
        for name in varied:
            column = bank.inputs[name].to_numpy(float)
            places = np.linspace(column.min(), column.max(), PLACES)
            effect = along(emulator, few, name, places)
            found = dose_that_reaches(places, effect, claim, name == RAMP)
            rows.append((option, outcome, claim, year, name, found, float(places[-1]), emulator.rmse))
    for (option, outcome, claim), years in by_claim.items():
        ordered = sorted(years)
        reached = [year for year in ordered if (years[year][0] - claim) * math.copysign(1.0, claim) >= 0]
        first = float(reached[0]) if reached else math.nan
        rows.append((option, outcome, claim, ordered[-1], "years", first, float(ordered[-1]), years[ordered[-1]][1]))
    return pd.DataFrame(rows, columns=[*CLAIMED, "dose", "smallest", "most", "rmse"])


def dose_that_reaches(places: np.ndarray, effect: np.ndarray, claim: float, faster: bool) -> float:
    """Return the smallest dose that reaches ``claim``; of months to full reach, the longest that still does."""
    if not faster:
        return smallest_dose(places, effect, claim)
    longest = float(places[-1])
    return longest - smallest_dose(longest - places[::-1], effect[::-1], claim)


def _claimed(
    emulators: Mapping[str, Emulator], options: Sequence[str], claims: pd.DataFrame
) -> list[tuple[str, str, float, int, Emulator]]:
    found = []
    for row in claims.to_dict("records"):
        claim = claimed_change(str(row["measure"]), float(row["value"]))
        if math.isnan(claim) or claim == 0:
            continue
        for option in options:
            for key, emulator in emulators.items():
                outcome, _, rest = key.partition("|")
                if outcome == row["outcome"] and rest.rpartition("|")[0] == option:
                    found.append((option, outcome, claim, int(rest.rpartition("|")[2]), emulator))
    return found


def _grid(table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Return values of runs as float64[draw, replication]; NaN where a run is missing."""
    (_, row), (_, column) = (np.unique(table[name], return_inverse=True) for name in ("draw", "replication"))
    grid = np.full((row.max() + 1, column.max() + 1), math.nan)
    grid[row, column] = values
    return grid
