"""Decision trees: branches with probabilities, what is met on the way and at the end, and the expected values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scenarios.errors import InputError

Values = Mapping[str, float]  # of each outcome, such as {"cost": 22.06, "utility": 0.41}
REST = None  # the probability of the branch that takes what the others leave
_WHOLE = 1e-9


@dataclass(frozen=True)
class Leaf:
    """An end of the tree and what it is worth."""

    name: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Chance:
    """Branches as (probability, what follows); ``values`` are met by all who get here. One probability may be REST."""

    name: str
    branches: Sequence[tuple[float | None, Leaf | Chance]]
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Path:
    """One way through a tree: names on it, its probability, and what it is worth in all."""

    names: tuple[str, ...]
    probability: float
    values: Values


def expected(node: Leaf | Chance) -> dict[str, float]:
    """Return the expected value of each outcome of a tree. Raises InputError for probabilities that do not add up."""
    total: dict[str, float] = {}
    for path in paths(node):
        for name, value in path.values.items():
            total[name] = total.get(name, 0.0) + path.probability * value
    return total


def paths(node: Leaf | Chance) -> Iterator[Path]:
    """Yield every path of a tree; their probabilities add up to 1. Raises InputError as ``expected``."""
    if isinstance(node, Leaf):
        yield Path((node.name,), 1.0, dict(node.values))
        return
    for probability, following in _complete(node):
        for path in paths(following):
            worth = dict(path.values)
            for name, value in node.values.items():
                worth[name] = worth.get(name, 0.0) + value
            yield Path((node.name, *path.names), probability * path.probability, worth)


def _complete(node: Chance) -> list[tuple[float, Leaf | Chance]]:
    given = [probability for probability, _ in node.branches if probability is not REST]
    left = 1.0 - sum(given)
    rest = len(node.branches) - len(given)
    where = f"branches of '{node.name}'"
    if any(not -_WHOLE <= each <= 1 + _WHOLE for each in given) or left < -_WHOLE or rest > 1:
        raise InputError(where, "need probabilities within 0 and 1 that leave no less than 0, one of them at most REST")
    if rest == 0 and abs(left) > _WHOLE:
        raise InputError(where, f"have probabilities that add up to {1 - left:g}; allowed: 1")
    return [(left if probability is REST else probability, following) for probability, following in node.branches]
