"""Life expectancy by age bands beside that by single years: how our targets are carried from the one to the other."""

import pytest

from calibration.targets.reader import TABLES, read_targets
from intsim.validation.banded_life import banded_over_single


@pytest.mark.slow
def test_our_targets_of_life_expectancy_carry_what_bands_add() -> None:
    known = {each.target: each for each in read_targets(TABLES / "england_average.csv")}
    for sex, ratio in banded_over_single().items():
        assert known[f"life_expectancy_{sex}"].bridge_factor == pytest.approx(ratio, abs=0.0003)
