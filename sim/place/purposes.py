"""What the draws of the population are for: 100 to 199 of the published table. A number is never given twice."""

from __future__ import annotations

BIRTH_DAY = 100
ETHNIC = 101
LATENT = 102  # the tendency to ill health that one person's conditions share
CONDITION = 103  # ordinal: which condition
KNOWN = 104  # ordinal: which condition
FRAILTY = 105
TRUST = 106
TIE = 107
DIGITAL = 108
LIVES_ALONE = 109
MOVERS = 110  # how many arrive in a community in a month
MOVER_GROUP = 111  # an arrival's age band and sex
BIRTH = 112  # whether a woman has a child this month
BABY_SEX = 113
LANGUAGE = 114
INCLUSION = 115
HOUSEHOLD_DEPRIVATION = 116  # of the person who opens the door; the household shares it
REGISTERED = 117
CARE_HOME = 118
NURSING_HOME = 119
DISABILITY = 120
SOCIAL = 121  # 121-125, plus the position in codes.SOCIAL_NAMES
CARER = 126
CARED_FOR = 127
CONSENTS = 128
REGISTERED_ELSEWHERE = 129  # with a practice of a neighbouring neighbourhood
GROUP_MEMBER = 130  # joins the INT of a group
