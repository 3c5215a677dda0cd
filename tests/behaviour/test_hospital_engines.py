"""A hospital short of every place, every lever pulled: nothing impossible is asked for, and the engines agree."""

from __future__ import annotations

import numpy as np

from sim import codes
from sim.engines import compiled, reference
from sim.engines.records import CHANGE
from sim.engines.state import State
from sim.services import build_services
from tests.hospital_world import hospital
from tests.single_steps import row_of, set_lever

DAY = 86400
NEEDS = (codes.FRAILTY_CRISIS, codes.END_OF_LIFE, codes.UNAVOIDABLE, codes.EXACERBATION, codes.MENTAL_HEALTH_CRISIS)
PLACES = {codes.ED: 2, codes.ASSESSMENT: 1, codes.BED: 20, codes.HOME_PACKAGE: 2, codes.VIRTUAL_WARD: 4}
OTHERS = 3


def crowded() -> State:
    tables = hospital(virtual_suitable=1.0)
    for lever in range(codes.LEVERS):
        set_lever(tables, lever, 1.0)
    people = tables.people
    people["care_home"][::7] = codes.RESIDENTIAL
    people["frailty"] = np.arange(len(people)) % 4
    people["plan"][::2] = 1
    services, pools, service_at = build_services(2, 1)
    shape = (codes.SERVICE_KINDS, 2)
    tables = tables._replace(service_at=service_at, supply=np.ones(shape), waits=np.full(shape, 0.1))
    rng = np.random.default_rng(1)
    rows = np.concatenate([row_of(tables, int(rng.integers(200)), NEEDS[k % len(NEEDS)], k) for k in range(400)])
    rows["status"] = codes.SCHEDULED
    rows["due"] = rows["arose"] = np.sort(rng.integers(0, 12 * DAY, len(rows)))
    changes = np.zeros(len(services), CHANGE)
    changes["pool"] = np.arange(len(services))
    changes["capacity"] = [PLACES.get(int(kind), OTHERS) for kind in services["kind"]]
    return State(0, rows, services, pools, tables, len(people), changes)


def test_both_engines_run_a_crowded_hospital_alike_and_use_every_unit() -> None:
    logs = []
    for engine in (compiled, reference):
        state = crowded()
        logs.append(engine.advance(state, 30 * DAY))
    assert np.array_equal(*logs)
    kinds = set(state.services["kind"][logs[0]["service"][logs[0]["service"] >= 0]].tolist())
    used = {codes.ED, codes.ASSESSMENT, codes.BED, codes.VIRTUAL_WARD, codes.AMBULANCE, codes.URGENT_RESPONSE}
    assert used <= kinds
    assert (logs[0]["how"] == codes.RENEGED).any()
