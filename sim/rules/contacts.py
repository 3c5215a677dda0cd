"""Seeking a service outside hospital: which one, for how long, how urgently, and how long people wait for it."""

from __future__ import annotations

import numpy as np

from sim.codes import (
    CARE_COORDINATION,
    CHILDHOOD_ACUTE,
    COLOCATION,
    END_OF_LIFE,
    EXACERBATION,
    FALLS_CLASS,
    FRAILTY_CRISIS,
    GP,
    HOSPITAL_KINDS,
    HOUSING,
    INT_CORE,
    LINK_WORKER,
    MENTAL_HEALTH,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    OUT_NOT_HOME,
    OUT_UNMET,
    OUTREACH,
    OUTREACH_VISIT,
    PLANNED_REVIEW,
    SHARED_RECORDS,
    SPECIALIST,
    TAILORED,
    TEAM_KINDS,
    TEAM_REVIEW,
    VCFSE,
    WELFARE_ADVICE,
)
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.arrays import (
    LENGTH_MEAN,
    LENGTH_MIDDLE,
    LENGTH_SCV,
    LENGTH_SPREAD,
    MINUTES,
    MINUTES_SCV,
    PATIENCE_DAYS,
    PATIENCE_URGENT_DAYS,
    PRIORITY,
    PRIORITY_URGENT,
)
from sim.rules.dose import dose, effect_of, standing_dose
from sim.rules.keys import key2, mix, uniform, unit
from sim.rules.maths import exp, log, lognormal_quantile, normal_quantile, whole_seconds
from sim.rules.stages import AT_SERVICE, HANDED_OVER, SECONDS_PER_DAY, SECONDS_PER_MINUTE, end, seek

URGENT_NEEDS = (EXACERBATION, FRAILTY_CRISIS, MENTAL_HEALTH_CRISIS, END_OF_LIFE, TEAM_REVIEW)
SOON_IF_SEVERE = (MINOR_ACUTE, CHILDHOOD_ACUTE)
BOOKED_NEEDS = (PLANNED_REVIEW, OUTREACH_VISIT)  # a review booked weeks ahead
COLOCATED = (MENTAL_HEALTH, WELFARE_ADVICE, SPECIALIST, TAILORED, VCFSE, LINK_WORKER, HOUSING)  # may share one roof


@jit_small
def service_of(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the service of ``kind`` that serves row ``r`` (-1: none)."""
    return int(tables.service_at[kind, site_of(tables, rows, r, kind)])


@jit_borrowing
def site_of(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the site at which row ``r`` would use services of ``kind``."""
    i = rows[r]["person"]
    if i < 0:
        return int(rows[r]["site"])
    if kind in HOSPITAL_KINDS:
        return int(tables.people[i]["hospital"])
    if kind in TEAM_KINDS:
        return int(tables.people[i]["team"])
    return int(rows[r]["site"])


@jit_small
def offered(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return whether anybody works in the service of ``kind`` that serves row ``r``: nobody is sent to an empty one."""
    return service_of(tables, rows, r, kind) >= 0 and tables.supply[kind, site_of(tables, rows, r, kind)] > 0.0


@jit_small
def expected_wait(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Return the days the person expects to wait for a service of ``kind``: last month's mean."""
    return tables.waits[kind, site_of(tables, rows, r, kind)]


@jit_small
def episode_key(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the part of a key that all draws of row ``r`` share (`keys.key4`): kept in the row once it has begun."""
    own = rows[r]["own"]
    return own if own != 0 else key2(tables.seed[0], rows[r]["need"])


@jit_small
def begin_draws(tables, rows, r):  # type: ignore[no-untyped-def]
    """Keep in row ``r`` what `episode_key` returns."""
    rows[r]["own"] = key2(tables.seed[0], rows[r]["need"])


@jit_small
def drawn(key, purpose, ordinal):  # type: ignore[no-untyped-def]
    """Return the keyed uniform of the episode of ``key`` (`episode_key`): ``keys.uniform`` of the whole key."""
    mixed = mix(np.uint64(key) ^ np.uint64(purpose))
    return unit(np.uint64(mix(np.uint64(mixed) ^ np.uint64(ordinal))))


@jit_small
def draw(tables, rows, r, purpose):  # type: ignore[no-untyped-def]
    """Return the keyed uniform of this episode for ``purpose`` at its present contact."""
    return drawn(episode_key(tables, rows, r), purpose, rows[r]["ordinal"])


@jit_small
def drawn_length(tables, rows, r, purpose, mean, scv):  # type: ignore[no-untyped-def]
    """Return a lognormal length with the given mean, in the mean's own unit."""
    return lognormal_quantile(draw(tables, rows, r, purpose), mean, scv)


@jit_small
def length_at(known, u, mean, scv):  # type: ignore[no-untyped-def]
    """Return ``maths.lognormal_quantile``; ``known``, a row of ``tables.lengths``, spares logarithms if it is of it."""
    if mean == known[LENGTH_MEAN] and scv == known[LENGTH_SCV]:
        return exp(known[LENGTH_MIDDLE] + known[LENGTH_SPREAD] * normal_quantile(u))
    return lognormal_quantile(u, mean, scv)


@jit_small
def patience_of(u, days):  # type: ignore[no-untyped-def]
    """Return how many seconds a person waits by the uniform ``u``: exponential with mean ``days``."""
    return whole_seconds(-log(u) * days * SECONDS_PER_DAY)


@jit_small
def patience(tables, rows, r, purpose, days):  # type: ignore[no-untyped-def]
    """Return how many seconds the person waits: exponential with mean ``days``."""
    return patience_of(draw(tables, rows, r, purpose), days)


@jit_small
def unmet(tables, rows, r):  # type: ignore[no-untyped-def]
    """Return the end of an episode whose need stays unmet."""
    tables.people[rows[r]["person"]]["m_unmet"] += 1
    return end(OUT_UNMET)


@jit_small
def consents(tables, i):  # type: ignore[no-untyped-def]
    """Return whether person ``i`` lets services share their record: as they would today, or for the design's asking."""
    person = tables.people[i]
    would = person["consents"] == 1
    change = tables.teams[person["team"]]["consent_change"]
    if change == 0.0 or (change > 0.0) == would:
        return would
    return would != (uniform(tables.seed[0], person["key"], purposes.CONSENT_ASKED, 0) < abs(change))


@jit_borrowing
def record_dose(tables, rows, r, opened, acted):  # type: ignore[no-untyped-def]
    """Return the dose of a shared record on this contact: it must exist, be opened and change what is done.

    ``opened`` and ``acted`` are the purposes of the two draws. A record exists for whom the lever has reached and who
    consents.
    """
    i = rows[r]["person"]
    person = tables.people[i]
    if not consents(tables, i):
        return 0.0
    team = tables.teams[person["team"]]
    key = episode_key(tables, rows, r)
    ordinal = rows[r]["ordinal"]
    if drawn(key, opened, ordinal) >= team["record_opened"] or drawn(key, acted, ordinal) >= team["record_acted"]:
        return 0.0
    return standing_dose(tables, i, SHARED_RECORDS)  # asked last: it takes a draw of the person's own


@jit_borrowing
def handover_lost(tables, rows, r, kind):  # type: ignore[no-untyped-def]
    """Count a hand-over to a service of ``kind`` and say whether it is lost.

    By the team's loss, the person's tie and care plan, the shared record, and whether the service is under one roof
    and open to whoever drops in.
    """
    p = tables.params[0]
    i = rows[r]["person"]
    person = tables.people[i]
    team = tables.teams[person["team"]]
    tables.people[i]["handovers"] += 1
    rows[r]["flags"] |= HANDED_OVER
    chance = team["handover_loss"] * (1.0 - p["handover_tie"] * (person["tie"] - 0.5))
    if person["enrolled"] == 1 and person["plan"] == 1:
        chance = chance * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_handover_rr"])
    record = record_dose(tables, rows, r, purposes.RECORD_OPENED, purposes.RECORD_ACTED)
    chance = chance * dose(record, p["shared_record_handover_rr"])
    if kind in COLOCATED:
        chance = chance * dose(standing_dose(tables, i, COLOCATION), 1.0 - team["drop_in"])
    if draw(tables, rows, r, purposes.HANDOVER_TO + kind) >= chance:
        return False
    tables.people[i]["m_bad"] += 1
    tables.people[i]["m_unmet"] += 1
    return True


@jit_small
def is_urgent(need_type):  # type: ignore[no-untyped-def]
    """Return 1 for a need that cannot wait its turn outside hospital, else 0."""
    return 1 if need_type in URGENT_NEEDS else 0


@jit_small
def priority_and_patience(tables, rows, r, kind, urgent):  # type: ignore[no-untyped-def]
    """Return (priority class, mean days people wait) at a service; general practice has two classes of its own."""
    p = tables.params[0]
    about = tables.service_params[kind]
    if urgent == 1:
        return about[PRIORITY_URGENT], about[PATIENCE_URGENT_DAYS]
    if kind == GP:
        need_type = rows[r]["need_type"]
        if need_type in SOON_IF_SEVERE and rows[r]["value"] > p["gp_urgent_severity"]:
            return p["gp_priority_soon"], p["gp_patience_soon_days"]
        if need_type in BOOKED_NEEDS:
            return p["gp_priority_review"], p["gp_patience_review_days"]
    return about[PRIORITY], about[PATIENCE_DAYS]


@jit_borrowing
def to_service(tables, rows, r, kind, urgent, outcome):  # type: ignore[no-untyped-def]
    """Return the step to any staffed service outside hospital, by its row of ``tables.service_params``.

    ``urgent`` 1: urgent priority and patience. Unmet where there is no such service (an outreach worker who does not
    exist knocks on no door). A team review and a falls class take the minutes that their levers say; an outreach visit
    is made within the month's round or not at all.
    """
    service = service_of(tables, rows, r, kind)
    if service < 0:
        return end(OUT_NOT_HOME) if kind == OUTREACH else unmet(tables, rows, r)
    p = tables.params[0]
    about = tables.service_params[kind]
    team = tables.teams[tables.people[rows[r]["person"]]["team"]]
    mean = about[MINUTES]
    if kind == INT_CORE and rows[r]["need_type"] == TEAM_REVIEW:
        mean = p["coordination_minutes"]
    elif rows[r]["need_type"] == FALLS_CLASS:
        mean = p["falls_class_minutes"]
    key = episode_key(tables, rows, r)
    ordinal = rows[r]["ordinal"]
    u = drawn(key, purposes.SERVICE_MINUTES, ordinal)
    minutes = length_at(tables.lengths[kind], u, mean, about[MINUTES_SCV]) * team["minutes_ratio"]
    priority, days = priority_and_patience(tables, rows, r, kind, urgent)
    if kind == OUTREACH:
        wait = whole_seconds(days * SECONDS_PER_DAY)
    else:
        wait = patience_of(drawn(key, purposes.SERVICE_PATIENCE, ordinal), days)
    rows[r]["stage"] = AT_SERVICE + kind
    return seek(service, whole_seconds(minutes * SECONDS_PER_MINUTE), int(priority), wait, 0, outcome)


@jit_small
def to_gp(tables, rows, r, outcome):  # type: ignore[no-untyped-def]
    """Return the step to general practice, urgent if the need is."""
    return to_service(tables, rows, r, GP, is_urgent(rows[r]["need_type"]), outcome)
