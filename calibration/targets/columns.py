"""The columns of a table of targets: those of OHID's Fingertips downloads, where it has them, and in their order.

What Fingertips does not have is what a target needs beyond an indicator: which output of the model it is compared with,
the likelihood, the role, how another period is bridged, and how its definition differs from the model's.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("fitted", "set_directly", "held_out")
FITTED, SET_DIRECTLY, HELD_OUT = ROLES
LIKELIHOODS = ("normal", "log_normal", "binomial", "poisson", "gamma_poisson", "multinomial")
COUNTED = ("binomial", "poisson", "gamma_poisson", "multinomial")  # likelihoods of a count over a denominator
LIMITS = ("published", "derived", "judgement")  # where the limits come from
BASES = ("found", "recalled", "derived", "assumption")  # as in the evidence registry
SEXES = ("persons", "male", "female")
CATEGORY_TYPES = ("", "imd_quintile", "imd_decile", "local_quintile", "local_decile", "part")
CATEGORIES = {"imd_quintile": 5, "local_quintile": 5, "imd_decile": 10, "local_decile": 10}  # how many of each
ALL = "all"


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is 'text', 'number' or 'flag' (yes or no); ``required``: a cell may not be empty.

    ``allowed``: the words it may hold (none: any). ``meaning`` is what the documentation says.
    """

    name: str
    kind: str
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column("target", "text", "its name: small letters, digits and _; each once", True),
    Column("indicator", "text", "what the source counts, in the source's words", True),
    Column("output", "text", "the output of the model it is compared with", True),
    Column("area_code", "text", "code of the area or trust it was observed in (E92000001: England)", True),
    Column("area_name", "text", "its name", True),
    Column("run_area", "text", "the borough or trust of the run it is compared with; empty: all of the run"),
    Column("sex", "text", "whom it is about", True, SEXES),
    Column("age", "text", "whom it is about: all, or bands of the model such as 65-74, 65+", True),
    Column("category_type", "text", "empty, or what `category` divides by", False, CATEGORY_TYPES),
    Column("category", "text", "1 to 5 or 1 to 10, 1 the most deprived; of a part, its place in the output's list"),
    Column("period", "text", "when it was observed: 2024/25, 2024-05, 2019, 2018-20, 2015-2019", True),
    Column("value", "number", "what was observed, in `unit`", True),
    Column("lower_95", "number", "lower 95% limit"),
    Column("upper_95", "number", "upper 95% limit"),
    Column("limits", "text", "where the limits come from", False, LIMITS),
    Column("count", "number", "events, for the likelihoods of counts"),
    Column("denominator", "number", "what `count` is out of: people, person-years, events"),
    Column("unit", "text", "that of the output, word for word", True),
    Column("likelihood", "text", "of what was observed, given the model's value", True, LIKELIHOODS),
    Column("dispersion", "number", "of gamma_poisson: the squared coefficient of variation beyond Poisson"),
    Column("group", "text", "rows of one multinomial, or of one series, share this word"),
    Column("role", "text", "fitted; set_directly: an input says it; held_out: never read by a fit", True, ROLES),
    Column("weight", "number", "factor on its log likelihood, 1 unless said"),
    Column("headline", "flag", "yes: one of the few that must lie within `tolerance`"),
    Column("tolerance", "number", "how far the model may lie from it, in `unit`"),
    Column("discrepancy", "number", "standard deviation of what the model leaves out, as a share of the value"),
    Column("bridge_factor", "number", "the value is multiplied by this to stand for the run's period and definition"),
    Column("bridge_error", "number", "relative standard deviation of that factor"),
    Column("bridge_why", "text", "why that factor"),
    Column("definition", "text", "what is counted, and per what", True),
    Column("imd_edition", "text", "edition of the Index of Multiple Deprivation, where one is used"),
    Column("differs", "text", "how the model's definition differs"),
    Column("basis", "text", "found, recalled, derived or assumption, as in the registry", True, BASES),
    Column("source", "text", "where it was read", True),
)
BY_NAME = {column.name: column for column in COLUMNS}
NAMES = tuple(BY_NAME)
