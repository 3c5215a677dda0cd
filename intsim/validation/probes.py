"""What a lever is meant to move first: one intermediate outcome for each, read from the residents, the log or staff.

None of these is an attendance, an admission or a bed day over an area: those are what a run must give, not where a
lever works.
"""

from __future__ import annotations

import numpy as np

from intsim.validation.arms import Lived
from sim import codes
from sim.rules.needs import monthly_hazard
from sim.rules.referral import COLOCATED

HYPER_LOCAL = (codes.GP, codes.NURSE, codes.PHARMACIST, codes.PHARMACY, codes.VCFSE)
CHOICE_KINDS = (codes.MINOR_ACUTE, codes.EXACERBATION, codes.CHILDHOOD_ACUTE, codes.MENTAL_HEALTH_CRISIS)
CRISES = (codes.FRAILTY_CRISIS, codes.EXACERBATION, codes.END_OF_LIFE)
SECONDS_PER_DAY = 86400


def present(lived: Lived) -> np.ndarray:
    """Return the residents present at the end."""
    people = lived.people
    return people[people["presence"] == codes.PRESENT]


def bits(mask: np.ndarray) -> int:
    """Return how many bits are set over all of ``mask``."""
    return int(np.unpackbits(np.ascontiguousarray(mask.astype(np.uint32)).view(np.uint8)).sum())


def known_share(lived: Lived) -> float:
    """Share of residents' long-term conditions that services know of."""
    people = present(lived)
    return bits(people["known"] & people["conditions"]) / max(bits(people["conditions"]), 1)


def treated_enrolled(lived: Lived) -> float:
    """Mean treatment of long-term need among people the co-ordinator's list has reached."""
    tables = lived.course.state.tables
    chosen = (tables.reach["care_coordination"] > 0) & (tables.people["presence"] == codes.PRESENT)
    return float(tables.people["treated"][chosen].mean()) if chosen.any() else float("nan")


def mean_trust(lived: Lived) -> float:
    """Mean trust in services."""
    return float(present(lived)["trust"].mean())


def own_clinician_share(lived: Lived) -> float:
    """Share of general-practice contacts so far that were with the person's own clinician."""
    people = present(lived)
    return float(people["gp_same"].sum() / max(people["gp_contacts"].sum(), 1))


def first_contacts(lived: Lived) -> tuple[np.ndarray, np.ndarray]:
    """Return the first contact of every episode that begins with a choice, and its kind of service."""
    log = lived.log
    first = log[(log["service"] >= 0) & (log["ordinal"] <= 1) & np.isin(log["need_type"], CHOICE_KINDS)]
    return first, lived.kind_of(first)


def hyper_local_share(lived: Lived) -> float:
    """Share of needs with a choice of door that go first to general practice, pharmacy or the voluntary sector."""
    made = lived.created
    needs = int(np.isin(made["need_type"], CHOICE_KINDS).sum())
    return float(np.isin(first_contacts(lived)[1], HYPER_LOCAL).sum() / max(needs, 1))


def emergency_door_share(lived: Lived) -> float:
    """Share of minor acute needs whose first contact is the emergency department or urgent treatment centre."""
    first, kind = first_contacts(lived)
    minor = first["need_type"] == codes.MINOR_ACUTE
    needs = int((lived.created["need_type"] == codes.MINOR_ACUTE).sum())
    return float((minor & np.isin(kind, (codes.ED, codes.URGENT_TREATMENT))).sum() / max(needs, 1))


def lost_share(lived: Lived) -> float:
    """Share of hand-overs between services that are lost."""
    outcome = lived.log["outcome"][lived.log["service"] >= 0]
    lost = int((outcome == codes.OUT_LOST).sum())
    return lost / max(lost + int((outcome == codes.OUT_REFERRED).sum()), 1)


def needs_seen_at(lived: Lived, kind: int) -> np.ndarray:
    """Return the ids of residents' needs that a kind of service has served."""
    log = lived.log
    seen = (lived.kind_of(log) == kind) & (log["person"] >= 0) & (log["how"] == codes.SERVED)
    return np.unique(log["need"][seen])


def referred_visits(lived: Lived) -> float:
    """Contacts reached by referral at services that can be co-located, per 1,000 residents."""
    log = lived.log
    by_referral = np.isin(lived.kind_of(log), COLOCATED) & (log["ordinal"] > 1) & (log["how"] == codes.SERVED)
    return 1000.0 * float(by_referral.sum()) / max(len(present(lived)), 1)


def conveyed_after_response(lived: Lived) -> float:
    """Share of crises seen by the two-hour team that then come to the emergency department."""
    responded = needs_seen_at(lived, codes.URGENT_RESPONSE)
    return float(np.isin(responded, needs_seen_at(lived, codes.ED)).mean()) if len(responded) else float("nan")


def beds_replaced_share(lived: Lived) -> float:
    """Share of needs with a stay in a bed or virtual ward that are answered by the virtual ward alone."""
    at_home, in_bed = needs_seen_at(lived, codes.VIRTUAL_WARD), needs_seen_at(lived, codes.BED)
    return float((~np.isin(at_home, in_bed)).sum() / max(len(np.union1d(at_home, in_bed)), 1))


def older_stay_days(lived: Lived) -> float:
    """Mean days from bed to medically ready, people of 65 and over with needs other than trauma."""
    log = lived.log
    stays = log[(lived.kind_of(log) == codes.BED) & (log["person"] >= 0) & (log["finished"] >= 0)]
    stays = stays[stays["need_type"] != codes.UNAVOIDABLE]
    age = (stays["joined"] // SECONDS_PER_DAY - lived.people["birth_day"][stays["person"]]) / 365.25
    days = (stays["finished"] - stays["started"])[age >= 65] / SECONDS_PER_DAY
    return float(days.mean()) if len(days) else float("nan")


def care_home_transfers(lived: Lived) -> float:
    """Share of care-home residents' urgent needs that come to the emergency department."""
    log, made = lived.log, lived.created
    homes = lived.people["care_home"] > 0
    urgent = (*CRISES, codes.MINOR_ACUTE)
    of_homes = made[(made["person"] >= 0) & np.isin(made["need_type"], urgent)]
    needs = int(homes[of_homes["person"]].sum())
    seen = log[(lived.kind_of(log) == codes.ED) & (log["person"] >= 0) & np.isin(log["need_type"], urgent)]
    return len(np.unique(seen["need"][homes[seen["person"]]])) / max(needs, 1)


def share_with(lived: Lived, bit: int, lever: str) -> float:
    """Share of the residents a lever has reached who have the practical need ``bit``."""
    tables = lived.course.state.tables
    chosen = (tables.reach[lever] > 0) & (tables.people["presence"] == codes.PRESENT)
    return float(((tables.people["social"][chosen] & bit) != 0).mean()) if chosen.any() else float("nan")


def lonely_share(lived: Lived) -> float:
    """Share of those offered a link worker who are lonely."""
    return share_with(lived, codes.LONELINESS, "social_prescribing")


def debt_share(lived: Lived) -> float:
    """Share of those offered advice who are in debt."""
    return share_with(lived, codes.DEBT, "welfare_advice")


def poor_housing_share(lived: Lived) -> float:
    """Share of those offered repairs who are in poor housing."""
    return share_with(lived, codes.POOR_HOUSING, "housing_repair")


def fall_hazard(lived: Lived) -> float:
    """Mean hazard of a frailty crisis a month among people still protected by a class."""
    tables = lived.course.state.tables
    people = tables.people
    chosen = np.flatnonzero((people["falls_months"] > 0) & (people["presence"] == codes.PRESENT))
    now = lived.course.state.now
    hazards = [monthly_hazard(tables, int(i), codes.FRAILTY_CRISIS, now, 1) for i in chosen]
    return float(np.mean(hazards)) if hazards else float("nan")


def mean_burnout(lived: Lived) -> float:
    """Mean burnout of the neighbourhood teams."""
    return float(lived.course.state.tables.teams["burnout"][:-1].mean())


def staff_of_most_deprived(lived: Lived) -> float:
    """Practice and community staff per head of the most deprived neighbourhood against the least deprived."""
    tables = lived.course.state.tables
    teams = tables.teams[:-1]
    staff = tables.supply[[codes.GP, codes.COMMUNITY]][:, : len(teams)].sum(axis=0)
    per_head = staff / np.maximum(teams["registered"], 1)
    people = present(lived)
    quintile = tables.communities["national_quintile"][people["community"]].astype(float)
    heads = np.maximum(np.bincount(people["neighbourhood"], minlength=len(teams)), 1)
    mean = np.bincount(people["neighbourhood"], weights=quintile, minlength=len(teams)) / heads
    return float(per_head[mean.argmin()] / max(per_head[mean.argmax()], 1e-9))
