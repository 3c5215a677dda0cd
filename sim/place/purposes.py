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
