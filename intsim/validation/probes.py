"""What a lever is meant to move first: one intermediate outcome for each, read from the residents, the log or staff.

None of these is an attendance, an admission or a bed day over an area: those are what a run must give, not where a
lever works.
"""

from __future__ import annotations

import numpy as np

from intsim.validation.arms import Lived
from sim import codes

HYPER_LOCAL = (codes.GP, codes.NURSE, codes.PHARMACIST, codes.PHARMACY, codes.VCFSE)
CHOICE_KINDS = (codes.MINOR_ACUTE, codes.EXACERBATION, codes.CHILDHOOD_ACUTE, codes.MENTAL_HEALTH_CRISIS)
CRISES = (codes.FRAILTY_CRISIS, codes.EXACERBATION, codes.END_OF_LIFE)
GATEWAYS = (codes.ED, codes.BED, codes.ASSESSMENT)
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


def hospital_share_of_crises(lived: Lived) -> float:
    """Share of crises (frailty, exacerbation, end of life) that come to the emergency department."""
    log = lived.log
    to_hospital = np.unique(log["need"][(lived.kind_of(log) == codes.ED) & np.isin(log["need_type"], CRISES)])
    needs = int(np.isin(lived.created["need_type"], CRISES).sum())
    return len(to_hospital) / max(needs, 1)


def ward_at_home_share(lived: Lived) -> float:
    """Share of stays in hospital or virtual ward that are in the virtual ward."""
    kind = lived.kind_of(lived.log)
    at_home = int((kind == codes.VIRTUAL_WARD).sum())
    return at_home / max(at_home + int((kind == codes.BED).sum()), 1)


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


def share_with(lived: Lived, bit: int) -> float:
    """Share of residents with the practical need ``bit``."""
    return float(((present(lived)["social"] & bit) != 0).mean())


def lonely_share(lived: Lived) -> float:
    """Share of residents who are lonely."""
    return share_with(lived, codes.LONELINESS)


def debt_share(lived: Lived) -> float:
    """Share of residents in debt."""
    return share_with(lived, codes.DEBT)


def poor_housing_share(lived: Lived) -> float:
    """Share of residents in poor housing."""
    return share_with(lived, codes.POOR_HOUSING)


def frailty_crises(lived: Lived) -> float:
    """Falls and other frailty crises per 1,000 residents."""
    return 1000.0 * float((lived.created["need_type"] == codes.FRAILTY_CRISIS).sum()) / max(len(present(lived)), 1)


def mean_burnout(lived: Lived) -> float:
    """Mean burnout of the neighbourhood teams."""
    return float(lived.course.state.tables.teams["burnout"][:-1].mean())


def staff_of_neediest(lived: Lived) -> float:
    """Practice and community staff per head of the neediest neighbourhood against the least needy."""
    tables = lived.course.state.tables
    teams = tables.teams[:-1]
    per_head = tables.supply[[codes.GP, codes.COMMUNITY]][:, : len(teams)].sum(axis=0) / np.maximum(
        teams["registered"], 1
    )
    return float(per_head[teams["needs_index"].argmax()] / max(per_head[teams["needs_index"].argmin()], 1e-9))
