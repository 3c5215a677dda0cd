"""A target: one observed figure with its uncertainty, what of the model it is compared with, and its role."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import pandas as pd

from calibration.targets.columns import ALL, FITTED, HELD_OUT, ROLES
from calibration.targets.period import Period, parse

NAN = math.nan
Z_95 = 1.959963984540054  # of the standard normal: 95% lie within this many standard deviations


@dataclass(frozen=True)
class Target:
    """One row of a table of targets: the columns of ``columns.COLUMNS`` under the same names (NaN where empty).

    ``where`` is the file and row it came from.
    """

    target: str
    output: str
    unit: str
    value: float
    period: str
    likelihood: str = "normal"
    role: str = FITTED
    indicator: str = ""
    area_code: str = "E92000001"
    area_name: str = "England"
    run_area: str = ""
    sex: str = "persons"
    age: str = ALL
    category_type: str = ""
    category: str = ""
    lower_95: float = NAN
    upper_95: float = NAN
    limits: str = ""
    count: float = NAN
    denominator: float = NAN
    dispersion: float = NAN
    group: str = ""
    weight: float = 1.0
    headline: bool = False
    tolerance: float = NAN
    discrepancy: float = 0.0
    bridge_factor: float = 1.0
    bridge_error: float = 0.0
    bridge_why: str = ""
    definition: str = ""
    imd_edition: str = ""
    differs: str = ""
    basis: str = "assumption"
    source: str = ""
    where: str = ""

    @property
    def months(self) -> Period:
        """The months in which it was observed."""
        return parse(self.period, f"{self.where} column period")

    @property
    def bridged(self) -> bool:
        """Whether it stands for another period or definition by a stated factor."""
        return self.bridge_why != ""

    @property
    def bridged_value(self) -> float:
        """The value as it stands for the run's period: in ``unit``."""
        return self.value * self.bridge_factor

    @property
    def key(self) -> tuple[str, ...]:
        """What it is about: no two rows of a table may have the same."""
        whom = (self.sex, self.age, self.category_type, self.category)
        return (self.output, self.area_code, *whom, self.period)

    @property
    def stated_sd(self) -> float:
        """Standard deviation that the 95% limits state, in ``unit`` before bridging; NaN without limits."""
        return (self.upper_95 - self.lower_95) / (2 * Z_95)

    def words(self) -> str:
        """Return what it is in a few words: 'ed_attendance_rate, male, 65-74, imd_quintile 1, 2024/25'."""
        parts = [self.output]
        parts += [self.sex] if self.sex != "persons" else []
        parts += [self.age] if self.age != ALL else []
        parts += [f"{self.category_type} {self.category}"] if self.category_type else []
        return ", ".join([*parts, self.period])


@dataclass(frozen=True)
class TargetSet:
    """Targets in the order of their table; ``name`` is the file or place they came from."""

    targets: tuple[Target, ...]
    name: str = "targets"

    def __iter__(self) -> Iterator[Target]:
        """Go through the targets."""
        return iter(self.targets)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.targets)

    def __getitem__(self, name: str) -> Target:
        """Return the target called ``name``. Raises KeyError if there is none."""
        for each in self.targets:
            if each.target == name:
                return each
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        """Return the names, in order."""
        return [each.target for each in self.targets]

    def with_role(self, *roles: str) -> TargetSet:
        """Return those of some roles."""
        for role in roles:
            if role not in ROLES:
                raise ValueError(f"no role '{role}'")
        return replace(self, targets=tuple(each for each in self.targets if each.role in roles))

    @property
    def fitted(self) -> TargetSet:
        """Return those that a fit may read, and no others."""
        return self.with_role(FITTED)

    @property
    def held_out(self) -> TargetSet:
        """Return those that a fit may not read."""
        return self.with_role(HELD_OUT)

    def frame(self) -> pd.DataFrame:
        """Return the table: one row per target, one column per field."""
        return pd.DataFrame([{each.name: getattr(one, each.name) for each in fields(Target)} for one in self.targets])
