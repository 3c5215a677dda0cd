"""Slow states of a resident, month by month: bad spells, new conditions, frailty, treatment, unmet need, trust, tie."""

from __future__ import annotations

import math

import numpy as np

from sim.codes import CARE_COORDINATION, CONTINUITY, FRAILTY_NAMES, OUTREACH_LEVER, PARTICIPATION
from sim.jit import jit_borrowing, jit_small
from sim.rules import purposes
from sim.rules.conditions import known_share
from sim.rules.counts import passes, uniform_of
from sim.rules.dose import dose, drawn_dose, effect_of
from sim.rules.keys import gumbel, uniform
from sim.rules.maths import log
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import CONDITIONS, TREND_ONSETS

SEVERE = len(FRAILTY_NAMES) - 1


@jit_small
def within_unit(x):  # type: ignore[no-untyped-def]
    """Return ``x`` kept within 0 and 1 (states that are indices; never a rate ratio)."""
    return min(max(x, 0.0), 1.0)


@jit_small
def step_spike(tables, i, month, start):  # type: ignore[no-untyped-def]
    """Count a bad spell down, or start one, by its draw ``start``, of a keyed 1 to `spike_most_months`."""
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    if people[i]["spike_months"] > 0:
        people[i]["spike_months"] -= 1
    if p["switch_spikes"] == 0.0:
        people[i]["spike_months"] = 0
        return
    if people[i]["spike_months"] > 0:
        return
    if start < p["spike_start_per_month"]:
        u = uniform(seed, people[i]["key"], purposes.SPIKE_LENGTH, month)
        people[i]["spike_months"] = 1 + int(u * p["spike_most_months"])


@jit_small
def step_onset(tables, i, band, onsets, next_onset):  # type: ignore[no-untyped-def]
    """Add a month's onset hazard; when the sum passes -ln U of the next onset's fixed key, one condition is gained.

    onsets: hazards of those who have no condition (steps.Steps). next_onset: the draw U.

    Which one is Gumbel-max over the hazards of the conditions not yet held. It is hidden until something finds it,
    but for the share that is diagnosed at once.
    """
    p = tables.params[0]
    people = tables.people
    seed = tables.seed[0]
    quintile = int(tables.communities[people[i]["community"]]["national_quintile"]) - 1
    held = int(people[i]["conditions"])
    group, fifth = np.uint64(band), np.uint64(quintile)  # no place counted from the end: quicker
    total = onsets[group, fifth]
    if held != 0:
        total, rates = 0.0, tables.onsets[group, fifth]
        for bit in range(CONDITIONS):  # no branches: quicker
            total += rates[np.uint64(bit)] if (held >> bit) & 1 == 0 else 0.0
    people[i]["onset_sum"] += total * tables.trend[TREND_ONSETS]
    count = int(people[i]["onsets"])
    if total <= 0.0 or not passes(people[i]["onset_sum"], next_onset):
        return
    best = -1
    most = -math.inf
    for bit in range(CONDITIONS):
        rate = tables.onsets[band, quintile, bit]
        if (held >> bit) & 1 == 0 and rate > 0.0:
            noisy = log(rate) + gumbel(seed, people[i]["key"], purposes.ONSET_WHICH + bit, count)
            if noisy > most:
                most = noisy
                best = bit
    people[i]["onset_sum"] = 0.0
    people[i]["onsets"] = count + 1
    people[i]["conditions"] = held | (1 << best)
    known = p["onset_known_share"] if p["switch_hidden_need"] != 0.0 else 1.0
    if uniform(seed, people[i]["key"], purposes.DIAGNOSED, count) < known:
        people[i]["known"] = int(people[i]["known"]) | (1 << best)


@jit_small
def step_frailty(tables, i, age, own):  # type: ignore[no-untyped-def]
    """Add a month's hazard of the next frailty category; pass its fixed key's -ln U and be frailer by one.

    own: key2(seed, person key).
    """
    p = tables.params[0]
    people = tables.people
    frailty = int(people[i]["frailty"])
    if frailty >= SEVERE or age < p["frailty_age_1"]:
        return
    if age < p["frailty_age_2"]:
        rate = p["frailty_rate_1"]
    elif age < p["frailty_age_3"]:
        rate = p["frailty_rate_2"]
    elif age < p["frailty_age_4"]:
        rate = p["frailty_rate_3"]
    else:
        rate = p["frailty_rate_4"]
    if frailty > 0:
        rate = rate * p["frailty_further_ratio"]
    people[i]["frailty_sum"] += rate * p["frailty_rate_scale"]
    if passes(people[i]["frailty_sum"], uniform_of(own, purposes.FRAILTY_STEP, frailty)):
        people[i]["frailty"] = frailty + 1
        people[i]["frailty_sum"] = 0.0


@jit_small
def fold_use(tables, i):  # type: ignore[no-untyped-def]
    """Fold the month's use into the weighted past, and unmet need into its stock."""
    p = tables.params[0]
    people = tables.people
    keep = p["recent_kept"]
    people[i]["recent_ed"] = keep * people[i]["recent_ed"] + (1.0 - keep) * people[i]["m_ed"]
    admissions = keep * people[i]["recent_admissions"] + (1.0 - keep) * people[i]["m_admissions"]
    people[i]["recent_admissions"] = admissions
    people[i]["unmet"] = p["unmet_kept"] * people[i]["unmet"] + people[i]["m_unmet"]


@jit_small
def fold_treatment(tables, i):  # type: ignore[no-untyped-def]
    """Move treatment with reviews (gap-filling: each closes a share of what is left) and benefit after it, lagged.

    What becomes known comes under treatment with the same lag: found is not treated.
    """
    p = tables.params[0]
    people = tables.people
    treated = people[i]["treated"] * p["treated_kept"]
    gain = p["review_treated_gain"] * people[i]["m_reviews"]
    if people[i]["m_team_reviews"] > 0:
        gain = (
            gain
            + effect_of(tables, i, CARE_COORDINATION) * p["coordination_treated_gain"] * people[i]["m_team_reviews"]
        )
    people[i]["treated"] = within_unit(treated + gain * (1.0 - treated))
    people[i]["benefit"] += (people[i]["treated"] - people[i]["benefit"]) / p["benefit_lag_months"]
    held, found = people[i]["conditions"], people[i]["known"]
    if held != 0 and (found != held or people[i]["covered"] != 1.0):
        known = known_share(tables, found, held)
        people[i]["covered"] += (known - people[i]["covered"]) / p["benefit_lag_months"]


@jit_small
def fold_trust(tables, i, engaged):  # type: ignore[no-untyped-def]
    """Move trust: fast to lose by a bad contact, slow to build by good ones, visits, being heard and the community.

    engaged: the draw of who is heard. With the switch of trust off it stays where it is.
    """
    p = tables.params[0]
    if p["switch_trust"] == 0.0:
        return
    people = tables.people
    trust = people[i]["trust"]
    good = people[i]["m_gp"] + people[i]["m_reviews"]
    gain = (p["trust_gain_contact"] * good) * (1.0 - trust)
    gain = gain + effect_of(tables, i, OUTREACH_LEVER) * p["outreach_trust_gain"] * people[i]["m_visits"]
    gain = gain + drawn_dose(tables, i, PARTICIPATION, engaged) * p["participation_trust_gain"] * (1.0 - trust)
    loss = p["trust_loss_bad"] * people[i]["m_bad"] * trust
    shift = tables.communities[people[i]["community"]]["trust_shift"]
    people[i]["trust"] = within_unit(trust + gain - loss + shift)


@jit_small
def fold_tie(tables, i, held):  # type: ignore[no-untyped-def]
    """Move the tie with a clinician: it grows by contacts, most by those with one's own, and fades each month.

    Lists held by their clinicians make more of each contact; being passed round a team makes ties fade sooner. Who
    leaves the team takes their ties along: as many more, or fewer, as leave beside what is usual.
    held: the draw of who is on such a list.
    """
    p = tables.params[0]
    people = tables.people
    own = min(people[i]["m_own"], people[i]["m_gp"])
    contacts = p["tie_gain_own"] * own + p["tie_gain_other"] * (people[i]["m_gp"] - own)
    gain = contacts * dose(drawn_dose(tables, i, CONTINUITY, held), p["continuity_tie_gain_rr"])
    loss = p["tie_loss"]
    if people[i]["enrolled"] == 1:
        loss = loss * dose(effect_of(tables, i, CARE_COORDINATION), p["coordination_tie_loss_rr"])
    leaving = tables.teams[people[i]["team"]]["turnover_per_year"]
    if leaving > 0.0:  # 0: no month has been lived yet
        loss = loss + (leaving - p["team_turnover_per_year"]) / MONTHS_PER_YEAR
        loss = loss if loss > 0.0 else 0.0
    tie = people[i]["tie"]
    people[i]["tie"] = within_unit(tie + gain * (1.0 - tie) - loss * tie)


@jit_small
def step_falls(tables, i):  # type: ignore[no-untyped-def]
    """Count down the months of protection that a falls class left."""
    if tables.people[i]["falls_months"] > 0:
        tables.people[i]["falls_months"] -= 1


@jit_small
def step_registration(tables, i, month):  # type: ignore[no-untyped-def]
    """Let somebody without a practice find one, sooner where the design opens lists to them."""
    people = tables.people
    if people[i]["registered"] == 1:
        return
    chance = tables.params[0]["registration_per_month"]
    chance = chance + (1.0 - chance) * tables.teams[people[i]["team"]]["open_registration"]
    if uniform(tables.seed[0], people[i]["key"], purposes.OPEN_LIST, month) < chance:
        people[i]["registered"] = 1


@jit_borrowing
def clear_month(tables, i):  # type: ignore[no-untyped-def]
    """Set the month's counters to nothing."""
    people = tables.people
    people[i]["m_ed"] = 0
    people[i]["m_admissions"] = 0
    people[i]["m_gp"] = 0
    people[i]["m_reviews"] = 0
    people[i]["m_team_reviews"] = 0
    people[i]["m_unmet"] = 0
    people[i]["m_visits"] = 0
    people[i]["m_own"] = 0
    people[i]["m_bad"] = 0
