"""Where each column of the panel stands, for compiled code: numbers and arrays in place of names."""

from __future__ import annotations

import numpy as np

from sim.codes import SERVICE_KINDS, STAFFED_KINDS
from sim.outcomes.panel import DEATH_CLASSES, HEADLINES, OUTCOMES, contacts_column, staff_column

NONE = -1
COLUMN = {name: place for place, name in enumerate(OUTCOMES)}
CONTACTS_AT = np.array([COLUMN[contacts_column(kind)] for kind in range(SERVICE_KINDS)])
STAFF_AT = np.array([COLUMN[staff_column(kind)] if kind in STAFFED_KINDS else NONE for kind in range(SERVICE_KINDS)])
HEADLINE_OF = np.array([HEADLINES.index(name) if name in HEADLINES else NONE for name in OUTCOMES])
DEATHS_AT = np.array([COLUMN[f"deaths_{name}"] for name in DEATH_CLASSES])
# First of the columns that are numbered from 1.
ED_ACUITY_1 = COLUMN["ed_acuity_1"]
URGENT_TREATMENT_ACUITY_1 = COLUMN["urgent_treatment_acuity_1"]
AMBULANCE_CATEGORY_1 = COLUMN["ambulance_category_1"]
CONVEYED_CATEGORY_1 = COLUMN["conveyed_category_1"]
CONVEYED_ACUITY_1 = COLUMN["conveyed_acuity_1"]
