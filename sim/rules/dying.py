"""The end of life: a death is foreseen, needs gather towards it, and the last stay in hospital may end with it.

Only where structure.dying is on. When somebody dies follows from their hazard alone (sim/rules/mortality.py); the
second at which it will have reached its draw, were it to stay as it is, is known long before, and moves with the
hazard. From it follow, backwards:

- needs at the end of life, so many for each death, ever more often the nearer it is;
- for most an illness that is the last, some days before;
- a stay in hospital begun in the weeks before, which for most lasts until death.
"""

from __future__ import annotations

import numpy as np

from sim.codes import END_OF_LIFE, UNAVOIDABLE
from sim.jit import jit_small
from sim.rules import purposes
from sim.rules.arrivals import arrive
from sim.rules.contacts import draw
from sim.rules.counts import passes, uniform_of
from sim.rules.keys import key2, key4
from sim.rules.maths import exp, log
from sim.rules.stages import MONTHS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_MEAN_MONTH
from sim.rules.tables import MONTH_LENGTH, age_years

NOT_FORESEEN = 0  # in the column death_s
LAST_ILLNESS_K = 100  # the number of the last illness among a month's needs at the end of life: met by no other


@jit_small
def foreseen(p, hazard, summed, u, end_s):  # type: ignore[no-untyped-def]
    """Return the second of a death within `dying_foreseen_months` of this month's start, or NOT_FORESEEN.

    hazard: of a mean month, as things are. summed: hazards up to the month's end ``end_s``, which have not reached -ln
    of the draw ``u``: the death is not before.
    """
    if hazard <= 0.0 or not passes(summed + hazard * (p["dying_foreseen_months"] - 1.0), u):
        return NOT_FORESEEN
    left_months = (-log(u) - summed) / hazard
    return end_s + max(int(left_months * SECONDS_PER_MEAN_MONTH), 0)


@jit_small
def needs_per_death(p, age):  # type: ignore[no-untyped-def]
    """Return how many needs at the end of life come before a death at that age (years), the last illness apart."""
    return p["dying_needs_per_death_85"] if age >= p["dying_older_from"] else p["dying_needs_per_death_0"]


@jit_small
def part_within(mean, months):  # type: ignore[no-untyped-def]
    """Return the needs of an exponential part in so many months before a death, against those of its last year."""
    return (1.0 - exp(-months / mean)) / (1.0 - exp(-MONTHS_PER_YEAR / mean))


@jit_small
def gathered(p, after_months, left_months):  # type: ignore[no-untyped-def]
    """Return the needs from ``left_months`` to ``after_months`` before a death, against those of its last year.

    One part gathers in the last months, the other over years: two exponentials looking back from death, each with its
    share of the last year's needs.
    """
    late, long = p["dying_gather_months"], p["dying_long_months"]
    near = part_within(late, left_months) - part_within(late, after_months)
    far = part_within(long, left_months) - part_within(long, after_months)
    return p["dying_late_share"] * near + (1.0 - p["dying_late_share"]) * far


@jit_small
def death_after_need(p, age, now, need, seed):  # type: ignore[no-untyped-def]
    """Return a second of death that fits a need at the end of life that arises ``now``, or NOT_FORESEEN.

    For walks of people of whom no death is foreseen: drawn, by the need's key, from how long before deaths needs arise.
    """
    if p["switch_dying"] == 0.0:
        return NOT_FORESEEN
    own = np.uint64(key2(seed, need))
    months = p["dying_foreseen_months"]
    late, long = p["dying_gather_months"], p["dying_long_months"]
    last, each = p["last_illness_share"], needs_per_death(p, age)
    near = each * p["dying_late_share"] * part_within(late, months)
    far = each * (1.0 - p["dying_late_share"]) * part_within(long, months)
    which = uniform_of(own, purposes.WALKED_DEATH, 0) * (last + near + far)
    u = uniform_of(own, purposes.WALKED_DEATH, 1)
    if which < last:
        return now + 1 + int(-log(u) * p["last_illness_days"] * SECONDS_PER_DAY)
    mean = late if which < last + near else long
    left_months = -mean * log(1.0 - u * (1.0 - exp(-months / mean)))
    return now + 1 + int(left_months * SECONDS_PER_MEAN_MONTH)


@jit_small
def taken_along(p, age, since, until, death_s):  # type: ignore[no-untyped-def]
    """Return the needs at the end of life that a person in hospital from ``since`` to ``until`` has meanwhile.

    They end there and lead nowhere: so many fewer contacts come of a death's needs than of each walked by itself. The
    last illness is among them but where it brought the person in.
    """
    each, last = needs_per_death(p, age), p["last_illness_share"]
    left_s, after_s = death_s - since, death_s - until
    gather = gathered(p, after_s / SECONDS_PER_MEAN_MONTH, left_s / SECONDS_PER_MEAN_MONTH)
    others = each * gathered(p, 0.0, p["dying_foreseen_months"])
    of_illness = p["last_illness_days"] * SECONDS_PER_DAY
    begins = last * (exp(-after_s / of_illness) - exp(-left_s / of_illness))
    return each * gather + begins * others / (others + last)


@jit_small
def of_the_dying(tables, i, now):  # type: ignore[no-untyped-def]
    """Return person ``i``'s expected needs at the end of life in the month from ``now``; 0 with no death foreseen.

    They gather towards the death (``gathered``), as many of them in its last year as a death has. In the month of death
    a need may fall after it and is none: as many more are expected.
    """
    p = tables.params[0]
    person = tables.people[i]
    if person["death_s"] == NOT_FORESEEN or person["death_s"] <= now:
        return 0.0
    month = tables.trend[MONTH_LENGTH]
    left = (person["death_s"] - now) / SECONDS_PER_MEAN_MONTH
    after = left - month if left > month else 0.0
    lived = left / month if left < month else 1.0
    return needs_per_death(p, age_years(person["birth_day"], now)) * gathered(p, after, left) / lived


@jit_small
def last_illness(tables, i, own, window):  # type: ignore[no-untyped-def]
    """Return the second at which person ``i``'s last illness begins if that is in ``window``, else -1.

    own: key2(seed, person key).
    """
    p = tables.params[0]
    death_s = tables.people[i]["death_s"]
    if death_s == NOT_FORESEEN or uniform_of(own, purposes.LAST_ILLNESS, 0) >= p["last_illness_share"]:
        return -1
    days = -log(uniform_of(own, purposes.LAST_ILLNESS, 1)) * p["last_illness_days"]
    begins = death_s - int(days * SECONDS_PER_DAY) - 1
    return begins if window[0] <= begins < window[1] else -1


@jit_small
def last_illnesses(tables, draws, people, month, window, arrivals, at):  # type: ignore[no-untyped-def]
    """Write the last illnesses that begin this month among the first ``people`` of ``draws``; return the next place.

    They are needs at the end of life that have their id and their time already.
    """
    if tables.params[0]["switch_dying"] == 0.0:
        return at
    for k in range(people):
        i = draws.who[k]
        begins = last_illness(tables, i, draws.own[k], window)
        if begins >= 0:
            person = tables.people[i]
            need = key4(person["key"], END_OF_LIFE, month, LAST_ILLNESS_K)
            arrive(arrivals, at, need, person["key"], i, person["neighbourhood"], 0, END_OF_LIFE, begins)
            at += 1
    return at


@jit_small
def days_to_the_end(tables, rows, r, now):  # type: ignore[no-untyped-def]
    """Return the days of a stay in hospital begun ``now`` that lasts until death and ends with it; 0.0: it is none.

    The need UNAVOIDABLE is left alone: it is the placebo.
    """
    p = tables.params[0]
    death_s = tables.people[rows[r]["person"]]["death_s"]
    if death_s <= now or rows[r]["need_type"] == UNAVOIDABLE:
        return 0.0
    days = (death_s - now) / SECONDS_PER_DAY
    if days > p["last_stay_within_days"] or draw(tables, rows, r, purposes.LAST_STAY) >= p["last_stay_share"]:
        return 0.0
    return days + 1.0  # who turns out to live longer goes home a day after
