"""The service and pool columns of a place: which service each kind has at each site."""

from __future__ import annotations

import numpy as np

from sim.codes import BED, ED, SERVICE_NAMES
from sim.engines.records import POOL, SERVICE

ACUTE_KINDS = (ED, BED)


def build_services(neighbourhoods: int, hospitals: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (services, pools, service_at).

    services: records.SERVICE, numbered by kind then site, so that a hold (ED cubicle, bed, home package) only goes
    up the order. pools: one of its own for each service, closed until the first change of capacity. service_at:
    int16 [kind, site], -1 where a kind has no service; sites are hospitals for ED and beds, else neighbourhoods.
    """
    places = [
        (kind, site)
        for kind in range(len(SERVICE_NAMES))
        for site in range(hospitals if kind in ACUTE_KINDS else neighbourhoods)
    ]
    services = np.zeros(len(places), SERVICE)
    service_at = np.full((len(SERVICE_NAMES), max(neighbourhoods, hospitals)), -1, np.int16)
    for number, (kind, site) in enumerate(places):
        services[number]["kind"] = kind
        services[number]["site"] = site
        services[number]["pool"] = number
        services[number]["acute"] = 1 if kind in ACUTE_KINDS else 0
        service_at[kind, site] = number
    return services, np.zeros(len(places), POOL), service_at
