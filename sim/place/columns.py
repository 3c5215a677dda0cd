"""The columns of residents, communities, teams and hospitals: everything a rule or an agent may read.

One structured array per entity; ``array[i]["field"]`` reads the same compiled and in Python.
Units are in the names; deprivation runs 1 = most deprived.
"""

from __future__ import annotations

import numpy as np

PERSON = np.dtype(
    [
        (
            "key",
            "u8",
        ),  # hash(place, community, ordinal); newborn hash(mother, date); arrival hash(community, month, ordinal)
        ("birth_day", "i4"),  # days from the start date (negative: before it)
        ("community", "i4"),
        ("neighbourhood", "i2"),
        ("hospital", "i2"),
        ("household", "i4"),
        ("presence", "i1"),  # codes.PRESENT, DEAD, LEFT
        ("sex", "i1"),
        ("ethnic", "i1"),
        ("lives_alone", "i1"),
        ("visited_home", "i1"),  # 1: the door an outreach worker knocks on (one person per household)
        ("digital", "i1"),  # 1: can use digital routes
        ("frailty", "i1"),  # 0 fit, 1 mild, 2 moderate, 3 severe (electronic Frailty Index category)
        ("spike_months", "i1"),  # months left of a transient bad spell
        ("enrolled", "i1"),  # 1: on the INT core caseload
        ("plan", "i1"),  # 1: has a care plan
        ("enrolled_months", "i2"),
        ("onsets", "i2"),  # conditions gained since the start
        ("conditions", "u4"),  # bit i: codes.CONDITION_NAMES[i]
        ("known", "u4"),  # of those, the ones services know about (hidden need = conditions without known)
        ("trust", "f8"),  # 0 to 1, latent (a labelled assumption)
        ("tie", "f8"),  # 0 to 1, continuity with a named clinician
        ("unmet", "f8"),  # stock of unmet need, 0 up; decays monthly
        ("treated", "f8"),  # 0 to 1: how much of known long-term need is under good treatment now
        ("benefit", "f8"),  # 0 to 1: follows `treated` with the treatment lag; what hazards read
        ("death_sum", "f8"),  # summed hazards of the once-only events
        ("onset_sum", "f8"),
        ("frailty_sum", "f8"),
        ("recent_ed", "f8"),  # exponentially weighted monthly counts of past use
        ("recent_admissions", "f8"),
        # this month's counters, written by the pathway and folded in at the month's end
        ("m_ed", "i2"),
        ("m_admissions", "i2"),
        ("m_gp", "i2"),
        ("m_reviews", "i2"),  # planned or team reviews delivered
        ("m_unmet", "i2"),
        ("m_visits", "i2"),  # outreach visits where the door opened
        ("m_bad", "i2"),  # bad experiences: gave up waiting, hand-over lost
        # lifetime counts for continuity and fragmentation
        ("gp_contacts", "i4"),
        ("gp_same", "i4"),
        ("handovers", "i4"),
    ],
    align=True,
)

# Who each lever selected: month of selection + 1 (0: never). Kept apart so that a lever with no effect leaves people
# untouched.
REACH = np.dtype(
    [("case_finding", "i4"), ("care_coordination", "i4"), ("outreach", "i4"), ("discharge_support", "i4")],
    align=True,
)

COMMUNITY = np.dtype(
    [
        ("neighbourhood", "i2"),
        ("hospital", "i2"),  # nearest or usual hospital
        ("borough", "i2"),
        ("imd_decile", "i2"),  # national decile of the chosen IMD edition
        ("national_quintile", "i2"),
        ("local_quintile", "i2"),  # quintile of the place's own residents
        ("residents", "i8"),
        ("trust", "f8"),  # mean trust, moved monthly by the community agent
        ("trust_shift", "f8"),  # change of every resident's trust this month
        ("assets", "f8"),  # community assets, 0 to 1
        ("distance_ed_km", "f8"),
        ("distance_gp_km", "f8"),
    ],
    align=True,
)

TEAM = np.dtype(  # one row per neighbourhood
    [
        ("registered", "i8"),
        ("needs_index", "f8"),  # need per head against the place's mean (1 = average)
        ("gp_fte", "f8"),
        ("community_fte", "f8"),
        ("core_fte", "f8"),
        ("outreach_fte", "f8"),
        ("social_care_fte", "f8"),
        ("packages", "f8"),  # home packages that can run at once
        ("carry_gp", "f8"),  # fractions of a session carried to next month
        ("carry_community", "f8"),
        ("carry_core", "f8"),
        ("carry_outreach", "f8"),
        ("carry_social_care", "f8"),
        ("carry_packages", "f8"),
        ("absence", "f8"),  # share of FTE absent this month
        ("vacancy", "f8"),
        ("maturity", "f8"),  # 0 to 1: how well the team's members know one another
        ("handover_loss", "f8"),  # probability that a hand-over from this team's services is lost
        ("caseload", "i8"),  # places on the INT core caseload
        ("enrolled", "i8"),
        # what residents expect to wait: last month's mean
        ("wait_gp_days", "f8"),
        ("wait_community_days", "f8"),
        ("wait_core_days", "f8"),
        ("wait_social_care_days", "f8"),
        ("wait_package_days", "f8"),
        # levers this month: reach (share of those eligible reached in the month) and effect (0 none, 1 as the
        # evidence says)
        ("case_finding_reach", "f8"),
        ("case_finding_effect", "f8"),
        ("coordination_reach", "f8"),
        ("coordination_effect", "f8"),
        ("outreach_reach", "f8"),
        ("outreach_effect", "f8"),
        ("outreach_worst_quintile", "i2"),  # communities of local quintile 1..this are visited (5: all)
        ("discharge_reach", "f8"),
        ("discharge_effect", "f8"),
        # last month's tallies, written before the agents step
        ("t_needs", "i8"),
        ("t_unmet", "i8"),
        ("t_reneged", "i8"),
        ("t_handovers", "i8"),
        ("t_lost", "i8"),
    ],
    align=True,
)

HOSPITAL = np.dtype(
    [
        ("cubicles", "f8"),
        ("beds", "f8"),
        ("carry_cubicles", "f8"),
        ("carry_beds", "f8"),
        ("wait_ed_hours", "f8"),  # last month's mean wait to be seen
        ("occupancy", "f8"),  # last month's mean share of beds in use
        ("background_ed_per_day", "f8"),
        ("background_emergency_beds_per_day", "f8"),
        ("background_elective_beds_per_day", "f8"),
    ],
    align=True,
)
