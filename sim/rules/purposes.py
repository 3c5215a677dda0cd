"""What a keyed draw is for: a published table of numbers, each given once and never given to anything else.

Blocks: rules 1-99 and 500-799, population 100-199, agents 200-299, background 300-399, network 400-499.
A purpose written with a range takes one number per alternative (need type, condition, choice).
"""

from __future__ import annotations

# Monthly states: keyed by (person, purpose, month or count so far).
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
# Retired, never to be given again: 37-40, 44-63, 66, 67, 69.
NEED_DAY = 34
NEED_HOUR = 35
SEVERITY = 36
WITHOUT = 41  # going without: does it settle
RETURN = 42  # going without: does it come back
RETURN_DAYS = 43
CORE_DETECT = 64
CORE_EASE = 734  # a bad spell that a team review saw: to which whole month it is shortened
CORE_FIND = 65
SOCIAL_PACKAGE = 68
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

# Rules, continued: 500-554.
REACHED = 500  # 500-517, plus the lever: has a standing reach got to the person
SERVICE_MINUTES = 518
SERVICE_PATIENCE = 519
HANDOVER_TO = 520  # 520-550, plus the kind of service: lost on the way to it
REFER = 551
MORE = 552
GAP = 553
ESCALATE = 554

# Care outside hospital: 555-599.
OWN_CLINICIAN = 555
REVIEW_BY = 556  # who gives a planned review
PREVENTION_BY = 557
PREVENTION_UPTAKE = 558
PREVENTION_FIND = 559
CHOOSE_OF = 560  # 560-579, plus the alternative of a choice
COMPLETED = 580  # is a referral taken up
ADVICE = 581  # is advice in the neighbourhood given instead of a clinic referral
ADVICE_FROM = 582
CLINIC_NEXT = 583  # what follows a clinic
RECORD_OPENED = 584
RECORD_ACTED = 585
ROUND_BY = 586  # who makes the care-home round
ROUND_DONE = 587
PRACTICAL_WHICH = 588  # which practical need is taken up
PRACTICAL_BY = 589
PRACTICAL_ONWARD = 590
CHILD_BY = 591
DUPLICATE_SEEN = 592  # is the record opened and acted on when a repeat or a clinic is considered
DUPLICATE_ACTED = 593
HOME_PLAN = 594  # do staff of a care home meet the need by the plan
LINK_THOUGHT = 596  # does the GP think of a link worker
REVIEW_HERE = 595  # is a clinic review done by the team that knows the person

# Urgent care and the hospital: 600-649, keyed as within an episode.
# Retired, never to be given again: 636.
CALL_MINUTES = 600
CALL_PATIENCE = 601
CALL_DISPOSITION = 602  # 602-607, plus the alternative of sim/rules/urgent.py
CALL_ABANDONED = 608
AMBULANCE_MINUTES = 609
AMBULANCE_PATIENCE = 610
CONVEY = 611  # one draw for the whole episode: with and without a crisis team
HEAR = 612
WISHES = 613  # is a plan opened and acted on before conveyance
REBOUND = 614
REBOUND_DAYS = 615
AFTER_TREATED = 616
RESPONSE_OFFER = 617
RESPONSE_MINUTES = 618
RESPONSE_PATIENCE = 619
RESPONSE_INDUCED = 620
RESPONSE_FOLLOW_UP = 621
UTC_MINUTES = 622
UTC_PATIENCE = 623
UTC_ESCALATE = 624
CRISIS_MODE = 625  # 999 or straight to ED
HOME_CALL = 626  # do a care home's staff call anyone
HOME_CALL_WHO = 627
END_OF_LIFE_PLACE = 628
VIRTUAL_SUITABLE = 629
VIRTUAL_OFFER = 630
VIRTUAL_TAKEN = 631  # at part of the effect
VIRTUAL_REPLACES = 632
VIRTUAL_STAY = 633
VIRTUAL_PATIENCE = 634
VIRTUAL_BACK = 635
ASSESSMENT_FIRST = 637
ASSESSMENT_STAY = 638
REABLEMENT_MINUTES = 639
REABLEMENT_PATIENCE = 640
REABLEMENT_MORE = 641
MENTAL_TRANSFER = 642
MENTAL_LIAISON = 643
ASSESSMENT_PATIENCE = 649
LAST_STAY = 671  # does a stay in the last weeks of life last until death

# Needs: keyed by (person, purpose, month).
NEED_COUNT = 650  # 650-670, plus the kind of need: how many needs of a kind this month (1-10 had been given to it)

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
FIND_REVIEW = 729  # is someone whose record was looked at asked in
OUTREACH_DUE = 730  # does a month's visit lead to prevention that is due
LAST_ILLNESS = 731  # fixed key: 0 is there one, 1 how long before death
WALKED_DEATH = 732  # by need: 0 after what kind of need, 1 how long after
FIND_EVER = 733  # fixed key, seed 0: does somebody come to a search at all
END_OF_LIFE_CARER = 736  # community team or GP, where nobody calls 999; keyed as within an episode
CONSENT_ASKED = 735  # fixed key: does being asked, or having to ask, change whether a record may be shared

# Anonymous background patients: keyed by (hospital and kind, purpose, day x 24 + hour).
# Retired, never to be given again: 303.
BACKGROUND_COUNT = 300
BACKGROUND_SECOND = 301
BACKGROUND_ACUITY = 302
BACKGROUND_STAY = 304
BACKGROUND_MINUTES = 305
BACKGROUND_PATIENCE = 306
BACKGROUND_ASSESSMENT = 644
BACKGROUND_ASSESSMENT_STAY = 645
BACKGROUND_CLINIC_KIND = 646
BACKGROUND_CLINIC_MINUTES = 647
BACKGROUND_CLINIC_PATIENCE = 648
