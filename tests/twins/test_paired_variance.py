"""Where people queue, twins share most of their luck: a paired difference varies less than an unpaired one."""

from __future__ import annotations

import numpy as np

from sim.agents.design import with_settings
from tests.residents import EVERY_LEVER, NO_LEVERS, STAFFED, run, toy

REPLICATIONS = 12
MONTHS = 8


def test_the_paired_difference_of_attendances_varies_less() -> None:
    world, design = toy(), with_settings(EVERY_LEVER, STAFFED)
    base, arm = (
        np.array(
            [run(world, NO_LEVERS, plan, MONTHS, seed).totals("ed_attendances").sum() for seed in range(REPLICATIONS)]
        )
        for plan in (NO_LEVERS, design)
    )
    paired = np.var(arm - base, ddof=1)
    unpaired = np.var(arm, ddof=1) + np.var(base, ddof=1)
    print(f"\nvariance of the difference in ED attendances: paired {paired:.0f}, unpaired {unpaired:.0f}")
    assert paired < 0.6 * unpaired
