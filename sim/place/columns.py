"""The columns of residents, communities, teams and hospitals: everything a rule or an agent may read.

One structured array per entity; ``array[i]["field"]`` reads the same compiled and in Python.
Units are in the names; deprivation runs 1 = most deprived.
"""

from __future__ import annotations

import numpy as np

from sim.codes import LEVER_NAMES

PERSON = np.dtype(  # what contacts read and write comes first: two or three lines of a processor's cache
    [
        (
            "key",
            "u8",
        ),  # hash(place, community, ordinal); newborn hash(mother, date); arrival hash(community, month, ordinal)
        ("birth_day", "i4"),  # days from the start date (negative: before it)
        ("community", "i4"),
        ("conditions", "u4"),  # bit i: codes.CONDITION_NAMES[i]
        ("known", "u4"),  # of those, the ones services know about (hidden need = conditions without known)
        ("neighbourhood", "i2"),  # of residence: what the panel counts by
        ("team", "i2"),  # the INT that serves them: neighbourhood's, practice's or group's (groups.py)
        ("hospital", "i2"),
        ("enrolled_months", "i2"),
        ("presence", "i1"),  # codes.PRESENT, DEAD, LEFT
        ("sex", "i1"),
        ("registered", "i1"),  # 1: with a practice
        ("language", "i1"),  # main language: codes.LANGUAGE_NAMES
        ("digital", "i1"),  # 1: can use digital routes
        ("consents", "i1"),  # 1: would let services share the record
        ("enrolled", "i1"),  # 1: on the INT core caseload
        ("plan", "i1"),  # 1: has a care plan
        ("care_home", "i1"),  # codes.NO_CARE_HOME, RESIDENTIAL, NURSING
        ("frailty", "i1"),  # 0 fit, 1 mild, 2 moderate, 3 severe (electronic Frailty Index category)
        ("lives_alone", "i1"),
        ("inclusion", "i1"),  # codes.INCLUSION_NAMES
        ("social", "u1"),  # mask of practical needs: codes.POOR_HOUSING, DEBT, LONELINESS, ...
        ("link_contacts", "i1"),  # link worker or advice contacts so far with today's practical needs
        ("falls_months", "i1"),  # months of protection left from a falls class
        ("spike_months", "i1"),  # months left of a transient bad spell
        # this month's counters, written by the pathway and folded in at the month's end
        ("m_ed", "i2"),
        ("m_admissions", "i2"),
        ("m_gp", "i2"),
        ("m_reviews", "i2"),  # planned or team reviews delivered
        ("m_team_reviews", "i2"),  # of them by the INT core
        ("m_unmet", "i2"),
        ("m_visits", "i2"),  # outreach visits where the door opened
        ("m_own", "i2"),  # of the GP contacts, with the person's own clinician
        ("m_bad", "i2"),  # bad experiences: gave up waiting, hand-over lost
        # lifetime counts for continuity and fragmentation
        ("gp_contacts", "i4"),
        ("gp_same", "i4"),
        ("handovers", "i4"),
        ("trust", "f8"),  # 0 to 1, latent (a labelled assumption)
        ("tie", "f8"),  # 0 to 1, continuity with a named clinician
        ("treated", "f8"),  # 0 to 1: how much of known long-term need is under good treatment now
        # from here on what only the month's rules and the tables read
        ("household", "i4"),
        ("onsets", "i2"),  # conditions gained since the start
        ("link_taken", "i2"),  # month + 1 in which a link worker's offer was last taken up (0: never)
        ("advice_taken", "i2"),  # the same of advice on debt, by the lever
        ("repair_taken", "i2"),  # and of repairs
        ("ethnic", "i1"),
        ("household_deprivation", "i1"),  # 0 to 4 dimensions of the Census
        ("disability", "i1"),  # 0 none, 1 limited a little, 2 limited a lot
        ("carer", "i1"),  # 1: cares for someone unpaid
        ("cared_for", "i1"),  # 1: is cared for unpaid
        ("visited_home", "i1"),  # 1: the door an outreach worker knocks on (one person per household)
        ("unmet", "f8"),  # stock of unmet need, 0 up; decays monthly
        ("benefit", "f8"),  # 0 to 1: follows `treated` with the treatment lag; what hazards read
        ("covered", "f8"),  # 0 to 1: follows the known share of long-term conditions (by weight) with the same lag
        ("hardship", "f8"),  # 1 + practical needs, lagged; 0: not folded yet (just arrived)
        ("death_s", "i8"),  # second of a death that is foreseen, 0 none (sim/rules/dying.py)
        ("death_sum", "f8"),  # summed hazards of the once-only events
        ("onset_sum", "f8"),
        ("frailty_sum", "f8"),
        ("recent_ed", "f8"),  # exponentially weighted monthly counts of past use
        ("recent_admissions", "f8"),
        # lasting tendency to need care, mean 1, by kind of need: set when the resident is made, never changed
        ("prone_minor", "f8"),
        ("prone_exacerbation", "f8"),
        ("prone_childhood", "f8"),
        ("prone_mental", "f8"),
        ("prone_unavoidable", "f8"),
    ],
    align=True,
)

# Who each lever selected: month of selection + 1 (0: never). Kept apart so that a lever with no effect leaves people
# untouched. Fields in the order of codes.LEVER_NAMES.
REACH = np.dtype([(name, "i4") for name in LEVER_NAMES], align=True)

COMMUNITY = np.dtype(
    [
        ("neighbourhood", "i2"),
        ("hospital", "i2"),  # nearest or usual hospital
        ("borough", "i2"),
        ("imd_decile", "i2"),  # national decile of the chosen IMD edition
        ("national_quintile", "i2"),
        ("local_quintile", "i2"),  # quintile of the place's own residents
        ("outside_design", "i1"),  # 1: the INT's design is not for this community; levers work there as usual
        ("residents", "i8"),
        ("trust", "f8"),  # mean trust, moved monthly by the community agent
        ("trust_shift", "f8"),  # change of every resident's trust this month
        ("assets", "f8"),  # community assets, 0 to 1
        ("distance_ed_km", "f8"),
        ("distance_gp_km", "f8"),
        ("distance_pharmacy_km", "f8"),
        ("distance_hub_km", "f8"),  # to the neighbourhood's hub, where services are co-located
        ("distance_utc_km", "f8"),  # to urgent treatment: as far as today's hub, wherever a design puts the hub
    ],
    align=True,
)

TEAM = np.dtype(  # one row per neighbourhood, then one for the INT of a group wherever it lives (empty if none)
    [
        ("registered", "i8"),
        ("needs_index", "f8"),  # need per head against the place's mean (1 = average)
        ("absence", "f8"),  # share of FTE absent this month
        ("vacancy", "f8"),
        ("burnout", "f8"),  # 0 to 1: the team's mean exhaustion
        ("productivity", "f8"),  # work done per paid hour, 1 = usual
        ("turnover_per_year", "f8"),  # rate at which staff leave now
        ("maturity", "f8"),  # 0 to 1: how well the team's members know one another
        ("handover_loss", "f8"),  # probability that a hand-over from this team's services is lost
        ("minutes_ratio", "f8"),  # minutes per contact against usual (new records cost time at first), 1 = usual
        ("caseload", "i8"),  # places on the INT core caseload
        ("enrolled", "i8"),
        # what the design set this month, for the rules to read
        ("outreach_worst_quintile", "i2"),  # communities of local quintile 1..this are visited (5: all)
        ("finding_target", "i2"),  # whom what the design adds to case finding searches: see scenarios/schema/modules
        ("finding_age_from", "i2"),
        ("finding_target_today", "i2"),  # and whom today's search does, which goes on
        ("finding_age_from_today", "i2"),
        ("finding_today", "f8"),  # the chance a month of being looked at by today's search
        ("record_opened", "f8"),  # chance that a plan or record is opened at a contact
        ("record_acted", "f8"),  # chance that an opened record changes an action
        ("consent_change", "f8"),  # of those who would not consent the share won; below 0: of those who do, lost
        ("digital_route", "f8"),  # share of general practice that can be reached online, 0 to 1
        ("drop_in", "f8"),  # share of co-located services that need no appointment
        ("named_consultant", "f8"),  # share of specialist advice given by a consultant known to the team
        ("open_hours_per_week", "f8"),  # general practice, extended hours included
        ("engagement_worst_quintile", "i2"),  # communities of local quintile 1..this are engaged (0 or 5: all)
        ("prevention_ratio", "f8"),  # invitations for prevention kept, against today's reminders
        ("open_registration", "f8"),  # chance a month that somebody without a practice is registered
        # staff of the clinics at the start: what the backlog of anonymous patients is counted by, the same in every arm
        ("clinic_new_fte", "f8"),
        ("clinic_follow_up_fte", "f8"),
        ("clinic_procedure_fte", "f8"),
        # last month's tallies, written before the agents step
        ("t_needs", "i8"),
        ("t_unmet", "i8"),
        ("t_reneged", "i8"),
        ("t_handovers", "i8"),
        ("t_lost", "i8"),
        ("t_busy_share", "f8"),  # of staff time with patients that was in use
        ("t_bed_days", "f8"),  # residents' days in hospital beds, anywhere
    ],
    align=True,
)

HOSPITAL = np.dtype(
    [
        ("occupancy", "f8"),  # last month's mean share of beds in use
        ("background_ed_per_day", "f8"),
        ("background_emergency_beds_per_day", "f8"),
        ("background_elective_beds_per_day", "f8"),
    ],
    align=True,
)
