"""The expected value of sample information: what a study of a given size would be worth, and whether it is worth it.

Three ways. A closed form where the difference in net benefit is normal and the study measures it. By regression on what
the study would report, simulated once for each draw (any design, several outcomes). By shrinking the parameters it
would inform towards their means, as a study of n people beside a prior worth n0 does. Sources: Ades, Lu and Claxton
2004; Strong, Oakley, Brennan and Breeze 2015 (regression); Jalal and Alarid-Escudero 2018 (Gaussian approximation).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.arrays import Numbers, need_columns, numbers
from evaluation.draws import generator
from evaluation.economics.discounting import Rates
from evaluation.value_of_information.partial import Method, evppi
from evaluation.value_of_information.perfect import check_benefit, evpi_two_normal, population_value
from evaluation.value_of_information.regression import smooth
from scenarios.errors import InputError


def evsi_two_normal(mean: float, prior_sd: float, sampling_sd: float, sample_size: float) -> float:
    """Return the value of ``sample_size`` observations of a normal difference in net benefit, in closed form.

    ``mean`` and ``prior_sd``: what is believed of it; ``sampling_sd``: of one observation. Rises from 0 to that of
    perfect information. Raises InputError for a spread below 0.
    """
    spread, noise = (float(numbers([each], "sd", 0.0)[0]) for each in (prior_sd, sampling_sd))
    size = float(numbers([sample_size], "sample_size", 0.0)[0])
    if spread == 0 or size == 0:
        return 0.0
    return evpi_two_normal(mean, spread * math.sqrt(spread**2 / (spread**2 + noise**2 / size)))


def evsi_by_regression(benefit: np.ndarray, summaries: pd.DataFrame, how: Method | None = None) -> float:
    """Return the value of a study from what it would report in each draw: ``summaries``, one row a draw.

    A summary is simulated with the draw's own parameters and the study's own sampling error (see ``trial_summaries``).
    """
    found = evppi(benefit, summaries, {"study": [str(name) for name in summaries.columns]}, how)
    return float(found["evppi"].iloc[0])


def evsi_by_shrinkage(
    benefit: np.ndarray, inputs: pd.DataFrame, prior_sizes: Mapping[str, float], sample_size: float
) -> float:
    """Return the value of ``sample_size`` observations that inform the parameters named in ``prior_sizes``.

    ``prior_sizes``: by parameter, how many observations its prior is worth (0: known exactly only by prior of no
    weight, so that any study settles it). The regression on those parameters is read at values drawn back to their
    means by sqrt(n / (n + n0)), which is how widely posterior means will lie.
    """
    data = check_benefit(benefit)
    names = list(prior_sizes)
    need_columns(inputs, names, "parameters")
    size = float(numbers([sample_size], "sample_size", 0.0)[0])
    prior = numbers([prior_sizes[name] for name in names], "prior sizes", 0.0)
    values = inputs[names].to_numpy(float)
    if size == 0:
        return 0.0
    factor = np.sqrt(size / (size + prior))
    middle = values.mean(axis=0)
    fit = smooth(values, data[:, 1:] - data[:, :1])
    fitted = np.column_stack([np.zeros(len(data)), fit.at(middle + factor * (values - middle))])
    return max(float(fitted.max(axis=1).mean() - fitted.mean(axis=0).max()), 0.0)


def trial_summaries(
    parameter: Numbers, sample_size: int, kind: str, seed: int = 1, sampling_sd: float = math.nan, name: str = "study"
) -> pd.DataFrame:
    """Return what a study of ``sample_size`` people would report of a parameter in each draw: one column, ``name``.

    ``kind``: 'mean' (normal, ``sampling_sd`` of one person), 'proportion' (0 to 1, a count of people over the size) or
    'rate' (events a person, a Poisson count over the size). Raises InputError for another kind or no people.
    """
    truth = numbers(parameter, "parameter")
    if sample_size < 1:
        raise InputError("sample_size", f"is {sample_size}; allowed: 1 or more")
    draws = generator(seed, "value of information", "study", name, kind, sample_size)
    if kind == "mean":
        spread = float(numbers([sampling_sd], "sampling_sd", 0.0)[0]) / math.sqrt(sample_size)
        seen = truth + spread * draws.standard_normal(len(truth))
    elif kind == "proportion":
        if (truth < 0).any() or (truth > 1).any():
            raise InputError("parameter", "must lie within 0 and 1 for a proportion")
        seen = draws.binomial(sample_size, truth) / sample_size
    elif kind == "rate":
        seen = draws.poisson(numbers(truth, "parameter", 0.0) * sample_size) / sample_size
    else:
        raise InputError("kind", f"no such kind '{kind}'; allowed: mean, proportion, rate")
    return pd.DataFrame({name: seen})


@dataclass(frozen=True)
class Study:
    """What a study costs and whom its answer serves.

    ``fixed_gbp`` and ``per_person_gbp``: its cost. ``people_a_year``: whom the decision is about in each year from now
    on (shape: years); its answer comes after ``years_to_report`` and serves those left. ``rates`` discount.
    """

    fixed_gbp: float
    per_person_gbp: float
    people_a_year: Sequence[float]
    years_to_report: int = 0
    rates: Rates = 0.0


def net_benefit_of_sampling(values: Mapping[int, float], study: Study) -> pd.DataFrame:
    """Return whether a study pays, by its size: expected net benefit of sampling.

    ``values``: value of sample information per person whom the decision is about, by size of the study. Columns:
    sample_size, evsi (per person), population_evsi, cost, enbs (pounds) and best (highest enbs above 0; none if no size
    pays).
    """
    people = numbers(study.people_a_year, "people_a_year", 0.0)
    served = people[study.years_to_report :]
    rows = []
    for size, value in sorted(values.items()):
        everyone = 0.0
        if len(served):
            everyone = population_value(value, served, study.rates, float(study.years_to_report))
        cost = study.fixed_gbp + study.per_person_gbp * size if size > 0 else 0.0
        rows.append((size, value, everyone, cost, everyone - cost))
    table = pd.DataFrame(rows, columns=["sample_size", "evsi", "population_evsi", "cost", "enbs"])
    top = table["enbs"].idxmax()
    return table.assign(best=[bool(row == top and table["enbs"].iloc[row] > 0) for row in range(len(table))])
