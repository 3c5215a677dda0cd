"""From targets to a likelihood: a component each, one for all parts of a multinomial, bridges and weights taken in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.likelihood.components import Binomial, Component, Multinomial, Normal, Poisson
from calibration.likelihood.scales import slope, to_scale
from calibration.targets.target import Z_95, Target, TargetSet

PER = {"per 1,000 per year": 1_000.0, "England = 100": 100.0}


@dataclass(frozen=True)
class Likelihood:
    """Components in the order of their targets. ``names``: of all targets; columns of every array follow them."""

    components: tuple[Component, ...]

    @property
    def names(self) -> list[str]:
        """Names of the targets."""
        return [name for each in self.components for name in each.names]

    @property
    def scales(self) -> list[str]:
        """Scale of each target."""
        return [each.scale for each in self.components for _ in each.names]

    @property
    def observed(self) -> np.ndarray:
        """What was observed, float64[targets], in its unit."""
        return np.concatenate([each.observed for each in self.components])

    def working(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what was observed and its variance (observation, bridge, discrepancy), each on its own scale."""
        values, variances = [], []
        for each in self.components:
            here = each.observed
            if each.half_event > 0:  # none, or all, has no logarithm: half an event stands for it
                most = 1 - each.half_event if each.scale == "logit" else math.inf
                here = np.clip(here, each.half_event, most)
            values.append(to_scale(here, each.scale))
            variances.append((each.error(here) * slope(here, each.scale)) ** 2)
        return np.concatenate(values), np.concatenate(variances)

    def to_working(self, values: np.ndarray) -> np.ndarray:
        """Return simulated values float64[..., targets] on the scales."""
        columns = [to_scale(values[..., at], scale) for at, scale in enumerate(self.scales)]
        return np.stack(columns, axis=-1)

    def by_component(self, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return log likelihoods, weights in, float64[points, components] of values float64[points, targets]."""
        found, at = [], 0
        for each in self.components:
            columns = slice(at, at + len(each.names))
            found.append(each.power * each.log_likelihood(mean[:, columns], variance[:, columns]))
            at += len(each.names)
        return np.stack(found, axis=1)

    def log_likelihood(self, mean: np.ndarray, variance: np.ndarray | None = None) -> np.ndarray:
        """Return log likelihoods float64[points]; ``variance`` None: the model's values are exact."""
        return self.by_component(mean, np.zeros_like(mean) if variance is None else variance).sum(axis=1)

    def draw(self, mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return what might be observed, float64[points, targets], in each target's unit."""
        found, at = [], 0
        for each in self.components:
            columns = slice(at, at + len(each.names))
            found.append(each.draw(mean[:, columns], variance[:, columns], rng))
            at += len(each.names)
        return np.concatenate(found, axis=1)

    def without_discrepancy(self) -> Likelihood:
        """Return the same with no discrepancy of the normal components: they alone keep it apart from the bridge."""
        from dataclasses import replace

        return Likelihood(
            tuple(replace(each, discrepancy=0.0) if isinstance(each, Normal) else each for each in self.components)
        )


def likelihood_of(targets: TargetSet | Sequence[Target]) -> Likelihood:
    """Return the likelihood of ``targets``, in their order, those of weight 0 left out.

    Parts of a multinomial stand together at its first part.

    Raises ValueError for a likelihood that is none.
    """
    components: list[Component] = []
    targets = [each for each in targets if each.weight > 0]
    done: set[str] = set()
    for target in targets:
        if target.likelihood == "multinomial":
            if target.group not in done:
                done.add(target.group)
                components.append(multinomial([each for each in targets if each.group == target.group]))
        else:
            components.append(component(target))
    return Likelihood(tuple(components))


def component(target: Target) -> Component:
    """Return the component of one target that is no part of a multinomial."""
    kind, factor = target.likelihood, target.bridge_factor
    if kind == "normal":
        sd = math.hypot(target.stated_sd * factor, target.bridge_error * target.bridged_value)
        return Normal(target.target, target.bridged_value, sd, "natural", target.discrepancy, target.weight)
    if kind == "log_normal":
        stated = (math.log(target.upper_95) - math.log(target.lower_95)) / (2 * Z_95)
        sd = math.hypot(stated, target.bridge_error)
        return Normal(target.target, target.bridged_value, sd, "log", target.discrepancy, target.weight)
    out_of = 1.0 if math.isnan(target.denominator) else target.denominator
    relative = math.hypot(target.bridge_error, target.discrepancy)
    settings = (target.target, target.count, out_of, PER.get(target.unit, 1.0), factor, relative, target.weight)
    if kind == "binomial":
        return Binomial(*settings)
    if kind == "poisson":
        return Poisson(*settings)
    if kind == "gamma_poisson":
        return Poisson(*settings, dispersion=target.dispersion)
    raise ValueError(f"no likelihood '{kind}'")


def multinomial(targets: Sequence[Target]) -> Multinomial:
    """Return the component of all parts of one multinomial."""
    first = targets[0]
    names = tuple(each.target for each in targets)
    relative = math.hypot(first.bridge_error, first.discrepancy)
    return Multinomial(names, tuple(each.count for each in targets), relative, first.weight)
