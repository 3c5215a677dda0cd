"""The service and pool columns of a place: which service each kind has at each site."""

from __future__ import annotations

import numpy as np

from sim.codes import ACUTE_KINDS, ASSESSMENT, ED, HOSPITAL_KINDS, SERVICE_NAMES, TEAM_KINDS
from sim.engines.records import POOL, SERVICE

HOLD_ORDER = tuple(sorted(range(len(SERVICE_NAMES)), key=lambda kind: ED + 0.5 if kind == ASSESSMENT else kind))


def build_services(teams: int, hospitals: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (services, pools, service_at).

    services: records.SERVICE, numbered by kind then site, the assessment unit between ED and beds: places are held
    only up that order. pools: one of its own for each service, closed until the
    first change of capacity. service_at: int16 [kind, site], -1 where a kind has no service. Sites are hospitals for
    codes.HOSPITAL_KINDS, else rows of TEAM, the last of which (a group's INT) has services of codes.TEAM_KINDS alone.
    """
    places = [
        (kind, site)
        for kind in HOLD_ORDER
        for site in range(hospitals if kind in HOSPITAL_KINDS else teams if kind in TEAM_KINDS else teams - 1)
    ]
    services = np.zeros(len(places), SERVICE)
    service_at = np.full((len(SERVICE_NAMES), max(teams, hospitals)), -1, np.int16)
    for number, (kind, site) in enumerate(places):
        services[number]["kind"] = kind
        services[number]["site"] = site
        services[number]["pool"] = number
        services[number]["acute"] = 1 if kind in ACUTE_KINDS else 0
        service_at[kind, site] = number
    return services, np.zeros(len(places), POOL), service_at
