"""The space of uncertain parameters: where each stands in its prior, as a standard normal number.

Fits work in those numbers: the prior is then the same bell for every parameter, whatever its distribution, and a
model's outputs bend least along them. ``latent`` arrays are float64[points, parameters]; values are in the parameters'
own units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from scenarios.errors import InputError, nearest
from scenarios.registry.reader import Registry

EDGE = 1e-7  # probabilities stay this far from 0 and 1
MOST = 20  # parameters of one fit: more than data of this kind can inform


@dataclass(frozen=True)
class Prior:
    """One parameter's prior: ``at(u)`` is its value at probability u. low and high: 5th and 95th percentiles."""

    name: str
    at: Callable[[float], float]
    unit: str = ""
    meaning: str = ""

    @property
    def low(self) -> float:
        """The 5th percentile."""
        return self.at(0.05)

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return self.at(0.95)


@dataclass(frozen=True)
class Space:
    """The parameters of a fit, in order."""

    priors: tuple[Prior, ...]

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return [each.name for each in self.priors]

    def __len__(self) -> int:
        """Return how many parameters there are."""
        return len(self.priors)

    def values(self, latent: np.ndarray) -> np.ndarray:
        """Return the parameters' values at ``latent`` points, float64[points, parameters]."""
        u = np.clip(ndtr(np.atleast_2d(latent)), EDGE, 1 - EDGE)
        columns = [[prior.at(float(each)) for each in u[:, at]] for at, prior in enumerate(self.priors)]
        return np.array(columns, float).T

    def point(self, latent: np.ndarray) -> dict[str, float]:
        """Return one point's values by name."""
        return dict(zip(self.names, map(float, self.values(latent)[0]), strict=True))

    def frame(self, latent: np.ndarray) -> pd.DataFrame:
        """Return values as a table, a column for each parameter."""
        return pd.DataFrame(self.values(latent), columns=self.names)

    def latent(self, values: np.ndarray) -> np.ndarray:
        """Return the latent numbers of ``values`` float64[points, parameters], by bisection to 1e-9 of probability."""
        from scipy.special import ndtri

        given = np.atleast_2d(np.asarray(values, float))
        low, high = np.full(given.shape, EDGE), np.full(given.shape, 1 - EDGE)
        for _ in range(60):
            middle = (low + high) / 2
            there = np.array([[p.at(float(u)) for u in middle[:, at]] for at, p in enumerate(self.priors)]).T
            below = there < given
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(ndtri((low + high) / 2))


def of_laws(laws: Mapping[str, Any]) -> Space:
    """Return the space of scipy's frozen distributions by name."""

    def at(law: Any) -> Callable[[float], float]:
        return lambda u: float(law.ppf(u))

    return Space(tuple(Prior(name, at(law)) for name, law in laws.items()))


def of_registry(registry: Registry, names: Sequence[str]) -> Space:
    """Return the space of some parameters of the evidence registry, each with its own distribution.

    Raises InputError for a name it does not have, one that is fixed, one there twice, none, or more than twenty.
    """
    if not names:
        raise InputError("parameters", "none are named: name at least one")
    if len(names) > MOST:
        raise InputError("parameters", f"{len(names)} are named; a fit takes at most {MOST}: screen them first")
    priors = []
    for name in names:
        if name not in registry.parameters:
            raise InputError("parameters", f"no such parameter '{name}': {nearest(name, registry.parameters)}")
        row = registry.parameters[name]
        if row.distribution == "fixed":
            raise InputError("parameters", f"'{name}' is fixed: it has no uncertainty to fit")
        if list(names).count(name) > 1:
            raise InputError("parameters", f"'{name}' is named twice")
        priors.append(Prior(name, row.at, row.unit, row.meaning))
    return Space(tuple(priors))
