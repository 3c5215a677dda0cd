"""What a keyed draw is for: a published table of numbers, each given once and never given to anything else.

Blocks: rules 1-99 and 500-799, population 100-199, agents 200-299, background 300-399, network 400-499.
A purpose written with a range takes one number per alternative (need type, condition, choice).
"""

from __future__ import annotations

# Monthly states: keyed by (person, purpose, month or count so far).
NEED_COUNT = 1  # 1-10, plus the need type: how many needs of a type this month
SPIKE_START = 11
SPIKE_LENGTH = 12
ONSET = 13  # fixed key, by number of onsets so far
FRAILTY_STEP = 14  # fixed key, by frailty category
DEATH = 15  # fixed key
MOVE = 16
MOVE_TIME = 17
FIND_CASE = 18  # case finding: is the person looked at
FIND_HIT = 19  # case finding: is the hidden condition found
COORDINATE = 20
OUTREACH_PICK = 21  # 22-33 are used up

# Within an episode: keyed by (need id, purpose, ordinal of the contact).
NEED_DAY = 34
NEED_HOUR = 35
SEVERITY = 36
CHOOSE = 37  # 37-40: GP, ED, going without, INT core
WITHOUT = 41  # going without: does it settle
RETURN = 42  # going without: does it come back
RETURN_DAYS = 43
GP_MINUTES = 44
GP_SAME = 45
GP_ESCALATE = 46
GP_REFER = 47  # 47-49: community, social care, INT core
GP_FOLLOW = 50
GP_FOLLOW_DAYS = 51
GP_PATIENCE = 52
GP_RENEGE = 53
HANDOVER = 54  # 54-58: lost on the way to community, INT core, social care, GP, home package
COMMUNITY_MINUTES = 59
COMMUNITY_MORE = 60
COMMUNITY_PATIENCE = 61
CORE_MINUTES = 62
CORE_PATIENCE = 63
CORE_DETECT = 64
CORE_FIND = 65
SOCIAL_MINUTES = 66
SOCIAL_PATIENCE = 67
SOCIAL_PACKAGE = 68
OUTREACH_MINUTES = 69
OUTREACH_DOOR = 70
OUTREACH_FIND = 71
OUTREACH_UPTAKE = 72
ED_MINUTES = 73
ED_PATIENCE = 74
ED_ADMIT = 75
ED_ONWARD = 76
STAY_LENGTH = 77
SUPPORT = 78  # discharge support: is this admission reached
PACKAGE_NEED = 79
PACKAGE_WEEKS = 80
READMIT = 81
READMIT_DAYS = 82
REVIEW_PLACE = 83
CRISIS_PLACE = 84  # 84-86: ED, community, GP
RENEGE_ED = 87
FIND_WHICH = 88
DISCHARGE_PATIENCE = 89
FOUND_CONDITION = 92  # which of several hidden conditions a search or a visit finds
CORE_REVIEW = 93  # does a team review count as one, at part of the effect
PRONENESS = 91  # fixed for a person, seed 0: lasting tendency to need care
DIAGNOSED = 90  # by number of onsets so far: is a new condition known at once

# Rules, continued: 500-599.
REACHED = 500  # 500-517, plus the lever: has a standing reach got to the person
SERVICE_MINUTES = 518
SERVICE_PATIENCE = 519
HANDOVER_TO = 520  # 520-550, plus the kind of service: lost on the way to it
REFER = 551
MORE = 552
GAP = 553
ESCALATE = 554

# Levers, slow states and deaths: 680-729, keyed by (person, purpose, month) unless said otherwise.
LINK_OFFER = 680
LINK_UPTAKE = 681
ADVICE_OFFER = 682
ADVICE_UPTAKE = 683
REPAIR_OFFER = 684
REPAIR_UPTAKE = 685
FALLS_OFFER = 686
FALLS_UPTAKE = 687
ROUND_EXTRA = 688
FIND_REFERRAL = 689
SOCIAL_STEP = 690  # 690-697, plus the practical need: does it come, does it go
CARE_HOME_ENTRY = 698
CARE_HOME_EXIT = 699
CARE_HOME_KIND = 700
DEATH_CLASS = 701  # fixed key
ONSET_WHICH = 702  # 702-727, plus the condition; by number of onsets so far
OPEN_LIST = 728

# Anonymous background patients: keyed by (hospital and kind, purpose, day x 24 + hour).
BACKGROUND_COUNT = 300
BACKGROUND_SECOND = 301
BACKGROUND_ACUITY = 302
BACKGROUND_ADMIT = 303
BACKGROUND_STAY = 304
BACKGROUND_MINUTES = 305
BACKGROUND_PATIENCE = 306
