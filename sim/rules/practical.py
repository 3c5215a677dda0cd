"""Practical needs (housing, debt, loneliness, carer strain, work) and the link workers who take them up."""

from __future__ import annotations

from sim.codes import (
    CARER_STRAIN,
    DEBT,
    EMPLOYMENT,
    HOUSING,
    LINK_VISIT,
    LINK_WORKER,
    LONELINESS,
    OUT_NONE,
    OUT_REFERRED,
    OUT_RESOLVED,
    POOR_HOUSING,
    PRACTICAL_NEED,
    SOCIAL_CARE,
    VCFSE,
    WELFARE_ADVICE,
    WORKLESSNESS,
)
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.contacts import draw, drawn, episode_key, offered, to_service, unmet
from sim.rules.needs import drawn_bit
from sim.rules.referral import again, hand_over, onward
from sim.rules.stages import AT_SERVICE, HANDED_OVER, STAY_BEFORE_SERVICE, end

PRACTICAL_NEEDS = (PRACTICAL_NEED, LINK_VISIT)
PRACTICAL_SERVICES = (LINK_WORKER, VCFSE, HOUSING, EMPLOYMENT, WELFARE_ADVICE, SOCIAL_CARE)


@jit_small
def need_taken_up(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return which of the person's practical needs this episode is about (a bit of ``social``; 0: none known).

    Keyed by the need alone, so that it stays the same throughout the episode.
    """
    mask = int(tables.people[rows[r]["person"]]["social"])
    if mask == 0:
        return 0
    return 1 << drawn_bit(mask, drawn(episode_key(tables, rows, r), purposes.PRACTICAL_WHICH, 0))


@jit_borrowing
def service_for(tables, rows, r, bit):  # type: ignore[no-untyped-def]
    """Return the kind of service that answers a practical need."""
    if bit == POOR_HOUSING:
        return HOUSING
    if bit == DEBT:
        return WELFARE_ADVICE
    if bit == WORKLESSNESS:
        return EMPLOYMENT
    if bit == CARER_STRAIN:
        share = tables.params[0]["carer_social_care_share"]
        return SOCIAL_CARE if draw(tables, rows, r, purposes.PRACTICAL_BY) < share else VCFSE
    if bit == LONELINESS:
        return VCFSE
    return LINK_WORKER


@jit_borrowing
def first_contact(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the first step: the service for the need, a link worker for loneliness or for what a lever brings.

    Debt goes straight to advice. Where nobody works in the service, a link worker or a voluntary organisation helps;
    with none of them the need stays unmet.
    """
    asked = int(rows[r]["stage"]) - AT_SERVICE  # a lever's offer comes from a service of its own
    if asked > 0 and offered(tables, rows, r, asked):
        return to_service(tables, rows, r, asked, 0, OUT_NONE)
    bit = need_taken_up(tables, rows, r)
    kind = service_for(tables, rows, r, bit)
    linked = rows[r]["need_type"] == LINK_VISIT and bit != DEBT
    if linked or bit == LONELINESS or not offered(tables, rows, r, kind):
        kind = LINK_WORKER if offered(tables, rows, r, LINK_WORKER) else VCFSE
    if not offered(tables, rows, r, kind):
        return end(OUT_RESOLVED) if rows[r]["need_type"] == LINK_VISIT else unmet(tables, rows, r)
    return to_service(tables, rows, r, kind, 0, OUT_NONE)


@jit_small
def after_contact(tables, rows, r, now, kind):  # type: ignore[no-untyped-def]
    """Return the step after a contact about a practical need: it counts, and a link worker's last one hands on."""
    p = tables.params[0]
    i = rows[r]["person"]
    if tables.people[i]["link_contacts"] < p["link_contacts_most"]:
        tables.people[i]["link_contacts"] += 1
    if kind != LINK_WORKER or (rows[r]["flags"] & HANDED_OVER) != 0:
        return onward(tables, rows, r, now, kind, 1.0, 1.0)
    step = again(tables, rows, r, kind, 1.0, 1.0)
    if rows[r]["stage"] == STAY_BEFORE_SERVICE + kind:
        return step
    other = service_for(tables, rows, r, need_taken_up(tables, rows, r))
    goes_on = draw(tables, rows, r, purposes.PRACTICAL_ONWARD) < p["link_onward_share"]
    if goes_on and other != LINK_WORKER and offered(tables, rows, r, other):
        return hand_over(tables, rows, r, other, OUT_REFERRED)
    return end(OUT_RESOLVED)
