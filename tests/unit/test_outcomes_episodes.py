"""Episodes that go on are kept in order of need, whatever the ids are."""

import numpy as np
import pytest

from sim.outcomes.episodes import EPISODE, by_need


@pytest.mark.parametrize("most", [50, 2**64 - 1], ids=["all alike at the top", "hashes"])
def test_episodes_are_put_in_order_of_need(most: int) -> None:
    rng = np.random.default_rng(3)
    episodes = np.zeros(400, EPISODE)
    episodes["need"] = rng.permutation(np.unique(rng.integers(0, most, 4_000, dtype=np.uint64)))[:400][
        np.arange(400) % min(most, 400)
    ]
    episodes = episodes[np.unique(episodes["need"], return_index=True)[1]]
    episodes["node"] = np.arange(len(episodes))
    mixed = rng.permutation(episodes)
    assert (by_need(mixed) == episodes).all()
    assert len(by_need(episodes[:0])) == 0
