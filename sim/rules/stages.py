"""Where an episode stands (rows' ``stage``), the marks it carries (``flags``), and how a step is written."""

from __future__ import annotations

from sim.codes import END, NEVER, OUTREACH, SEEK, STAY
from sim.jit import jit

# Stages: the place whose end the pathway is told of next.
(
    AT_GP,
    AT_GP_FOLLOW_UP,
    AT_COMMUNITY,
    AT_CORE,
    AT_OUTREACH,
    AT_SOCIAL_CARE,
    AT_ED,
    AT_BED,
    AT_PACKAGE,
    STAY_BEFORE_ED,  # went without; comes back sicker
    STAY_BEFORE_FOLLOW_UP,
    STAY_BEFORE_COMMUNITY,
    STAY_BEFORE_READMISSION,
    BACKGROUND_AT_ED,
    BACKGROUND_AT_BED,
) = range(1, 16)
(
    AT_ASSESSMENT,
    AT_VIRTUAL_WARD,
    AT_AMBULANCE,
    AT_111,
    AT_URGENT_TREATMENT,
    AT_URGENT_RESPONSE,
    STAY_BEFORE_REBOUND,  # treated at home; comes back to hospital within days
    BACKGROUND_AT_CLINIC,
    BACKGROUND_AT_ASSESSMENT,
) = range(16, 25)
AT_REABLEMENT, STAY_BEFORE_REABLEMENT = 25, 26  # visits at home after a supported discharge
AT_SERVICE = 100  # plus the kind of service: any other service outside hospital
BOOKED_BY_OUTREACH = AT_SERVICE + OUTREACH  # of prevention that an outreach worker has booked, when it arises
STAY_BEFORE_SERVICE = 200  # plus the kind: at home until a contact with it
URGENT_STAGES = (  # answered by sim/rules/urgent.py and the hospital's rules
    AT_ED,
    AT_BED,
    AT_PACKAGE,
    AT_ASSESSMENT,
    AT_VIRTUAL_WARD,
    AT_AMBULANCE,
    AT_111,
    AT_URGENT_TREATMENT,
    AT_URGENT_RESPONSE,
    AT_REABLEMENT,
)

# Marks, added to one another.
CAME_BACK = 1  # went without or gave up once already in this episode
READMISSION_DUE = 2  # will go back to hospital when the stay or the package ends
READMITTED = 4  # has gone back at least once in this episode
FOLLOWED_UP = 8
HANDED_OVER = 16
SUPPORTED = 32  # this admission has discharge support
# Marks of urgent care and the hospital, from 4096.
RESPONDED = 4096  # the crisis team was asked for already in this episode
CONVEYED = 8192  # the ambulance takes the person to hospital
HEARD = 16384  # answered by telephone: no ambulance sent
REBOUNDED = 32768  # treated at home and came back once already
SAME_DAY = 65536  # the stay in the assessment unit is all there is: home afterwards
STEP_DOWN = 131072  # this stay in a bed ends early, in the virtual ward
VIRTUAL_ADDED = 262144  # a virtual ward stay follows this stay in a bed and spares none of it
VIRTUAL_FAILS = 524288  # the stay in the virtual ward ends back in hospital
IN_VIRTUAL_WARD = 1048576  # this stay was, or ended, in the virtual ward
STEP_UP = 2097152  # this stay is in the virtual ward in place of a bed
COUNTED = 4194304  # this stay in hospital is counted as an admission
UNASKED = 8388608  # the crisis team came though nobody had called 999: GP or community team would have met the need

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86400
HOURS_PER_DAY = 24
DAYS_PER_WEEK = 7
SECONDS_PER_WEEK = 604800
DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12
SECONDS_PER_MEAN_MONTH = 2629800  # 365.25 / 12 days

Step = tuple[int, int, int, int, int, int, int]


@jit
def seek(service: int, duration: int, priority: int, patience: int, keep: int, outcome: int) -> Step:
    """Return the step: join ``service``'s list (times in seconds; patience ``codes.NEVER`` without limit)."""
    return (SEEK, int(service), int(duration), int(priority), int(patience), int(keep), int(outcome))


@jit
def stay(duration: int, outcome: int) -> Step:
    """Return the step: be nowhere for ``duration`` seconds."""
    return (STAY, -1, int(duration), 0, NEVER, 0, int(outcome))


@jit
def end(outcome: int) -> Step:
    """Return the step: the episode is over."""
    return (END, -1, 1, 0, NEVER, 0, int(outcome))
