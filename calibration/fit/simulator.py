"""What a fit asks of a simulator: outputs by name for one set of parameters and one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Simulator(Protocol):
    """Runs a model once. It is sent to worker processes, so it must survive pickling.

    identity: a hash of everything but parameters and seed that decides its outputs (settings, inputs, code): results
    kept under another identity are never used.
    """

    @property
    def identity(self) -> str:
        """A hash of what decides the outputs, parameters and seed apart."""
        ...

    def run(self, values: Mapping[str, float], seed: int) -> Mapping[str, float]:
        """Return outputs by target name, each in its target's unit; NaN where there is nothing to divide by."""
        ...
