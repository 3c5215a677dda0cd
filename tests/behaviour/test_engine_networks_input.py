"""A network that cannot be is refused in one line that says what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.errors import InputError
from sim.networks import Node, Source, network_state

NODE = Node(1.0)
SOURCE = Source(0, 1.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"routing": [[1.5]]}, "network routing row 0 column 0: probability 1.5: 0 to 1"),
        ({"routing": [[-0.1]]}, "network routing row 0 column 0: probability -0.1: 0 to 1"),
        ({"routing": [[0.5, 0.5]]}, "network routing: shape (1, 2): must be (1, 1), one row per node"),
        ({"nodes": [NODE, NODE], "capacity": [1, 1], "routing": [[0.6, 0.6], [0, 0]]},
         "network routing row 0: probabilities sum to 1.2: at most 1"),
        ({"nodes": [Node(-1.0)]}, "network node 0: mean_service_days -1.0: must be above 0"),
        ({"nodes": [Node(float("nan"))]}, "network node 0: mean_service_days nan: must be above 0"),
        ({"nodes": [Node(1.0, law="exponental")]}, "network node 0: law 'exponental': did you mean 'exponential'?"),
        ({"nodes": [Node(1.0, patience="exponential")]}, "network node 0: mean_patience_days 0.0: must be above 0"),
        ({"nodes": [Node(1.0, after_reneging=3)]}, "network node 0: after_reneging 3: 0 to 0"),
        ({"nodes": [Node(1.0, pool=2)]}, "network node 0: pool 2: 0 to 0"),
        ({"nodes": []}, "network nodes: none given: at least 1"),
        ({"sources": [Source(0, -2.0)]}, "network source 0: arrivals_per_day -2.0: must be above 0"),
        ({"sources": [Source(4, 1.0)]}, "network source 0: node 4: 0 to 0"),
        ({"sources": [Source(0, 1.0, klass=1)]}, "network source 0: klass 1: 0 to 0"),
        ({"sources": [Source(0, 1.0, people=-1)]}, "network source 0: people -1: 0 (everyone is new) or more"),
        ({"priorities": (9,)}, "network class 0: priority 9: 0 to 7"),
        ({"capacity": [-1]}, "network pool 0: capacity -1: a whole number, 0 or more"),
        ({"seed": -1}, "network seed: -1: a whole number from 0 to 2**63 - 1"),
    ],
)  # fmt: skip
def test_bad_networks_are_refused(change: dict[str, Any], says: str) -> None:
    given = {"nodes": [NODE], "sources": [SOURCE], "capacity": [1], **change}
    with pytest.raises(InputError) as caught:
        network_state(**given)
    assert str(caught.value) == says
