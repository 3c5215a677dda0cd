"""What a study did, as data: setting, levers and their doses, who was followed, beside whom, and what was counted.

Nothing here says what was found: that is in ``published``, which scoring alone reads.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from evaluation.replays.outcomes import OUTCOMES
from scenarios.errors import nearest
from scenarios.schema.block import Block, Text

COVARIATES = (
    "age",
    "female",
    "quintile",
    "conditions",
    "frailty",
    "ed",
    "admissions",
    "outpatients",
    "bed_days",
    "recent_ed",
    "recent_admissions",
)
Positive = Annotated[float, Field(gt=0)]
Months = Annotated[int, Field(ge=1, le=120)]
Design = dict[str, Any]  # settings of an INT design by dotted name: numbers, words, null


class Prior(Block):
    """Past use by which a study took people on: at least ``least`` of ``outcome`` in the months before the index."""

    outcome: Text
    months: Annotated[int, Field(ge=1, le=12)] = 12
    least: Positive

    @field_validator("outcome")
    @classmethod
    def is_known(cls, value: str) -> str:
        """Refuse an outcome that nobody counts."""
        return known_outcome(value)


class People(Block):
    """Who is followed, and from when (``index``).

    index: 'start' (everyone at month 0), 'reached' (the month in which ``lever`` takes the person on), 'event' (the
    first month with ``event`` that fits ``prior`` too, in the arm of the programme or, with event_arm, of usual care),
    'care_home' (month 0, or the first month begun there), 'moved_in' (the first month begun in a care home after one
    that was begun elsewhere) or 'unwell' (the first month that fits ``prior``).
    within_months: index months from 0 until before this one. instead_of: of a 'trial' with an event in the arm of the
    programme, keep those alone who had less of this outcome in the index month than their twins in usual care.
    """

    index: Literal["start", "reached", "event", "care_home", "moved_in", "unwell"] = "start"
    lever: Text = ""
    event: Text = ""
    event_arm: Literal["programme", "usual"] = "programme"
    instead_of: Text = ""
    within_months: Months = 1
    ages: Annotated[list[float], Field(min_length=2, max_length=2)] = Field(default_factory=lambda: [0.0, 130.0])
    care_home: Literal["any", "none", "residential", "nursing", "either"] = "any"
    frailty_least: Annotated[int, Field(ge=0, le=3)] = 0
    conditions_least: Annotated[int, Field(ge=0, le=15)] = 0
    worst_quintiles: Annotated[int, Field(ge=1, le=5)] = 5
    prior: Prior | None = None

    @field_validator("ages", mode="before")
    @classmethod
    def as_numbers(cls, value: Any) -> Any:
        """Take whole numbers as well."""
        return [float(each) if isinstance(each, int) else each for each in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def fits(self) -> People:
        """Refuse an index without what it rests on, and ages the wrong way round."""
        if (self.index == "reached") != bool(self.lever):
            raise ValueError("lever goes with index: reached; give both or neither")
        if (self.index == "event") != bool(self.event):
            raise ValueError("event goes with index: event; give both or neither")
        for outcome in (self.event, self.instead_of):
            if outcome:
                known_outcome(outcome)
        if self.instead_of and (self.index != "event" or self.event_arm != "programme"):
            raise ValueError("instead_of goes with index: event and event_arm: programme")
        if self.index in ("care_home", "moved_in") and self.care_home in ("any", "none"):
            raise ValueError(f"index: {self.index} needs people.care_home: residential, nursing or either")
        if self.index == "unwell" and self.prior is None:
            raise ValueError("index: unwell needs people.prior")
        if not self.ages[0] < self.ages[1]:
            raise ValueError("ages go from the lower to the higher")
        return self


class Comparison(Block):
    """Beside whom, by which estimator of evaluation/causal, at which size.

    kind: 'trial' (the same people with the programme and without, as if drawn by lot: rates or means of the arms),
    'areas' (two-way fixed effects on areas with and without, before and after), 'matched' (people taken on, and
    others matched on ``match_on``), 'age_cut' (either side of ``cut_age``), 'before_after' (no comparator),
    'exposed' (those reached beside those not, unadjusted) or 'continuity' (the third that sees its own clinician most
    beside the third that does least, or ``bands``, adjusted).
    controls: of 'matched': 'elsewhere' (other people, where the programme is not) or 'local' (not taken on).
    treated, untreated: the study's size in ``size_in``. change: outcomes are changes from the months before.
    growth_sd_per_year: how much yearly growth (log) differs between areas for reasons of their own.
    areas, other_areas: how many of them; with it they add to the sampling error. change: also of 'age_cut'.
    cluster_effect: variance with practices or sites drawn, over without. between_trials_sd: how much what such
    programmes truly do differs between places, on the log. trials: of how many a pool is the mean; 1 for one study.
    without_ages: ages (first, before which) that an 'age_cut' leaves out. completers: a 'before_after' follows those
    alone who lived there throughout. bands: of 'continuity', the index up to which it is low and from which it is high
    (none: thirds of people).
    """

    kind: Literal["trial", "areas", "matched", "age_cut", "before_after", "exposed", "continuity"]
    treated: Positive
    untreated: Positive
    size_in: Literal["people", "person_years"] = "people"
    controls: Literal["elsewhere", "local"] = "elsewhere"
    match_on: list[Text] = Field(default_factory=lambda: list(COVARIATES))
    ratio: Annotated[int, Field(ge=1, le=10)] = 1
    caliper: Annotated[float, Field(ge=0)] = 0.2
    change: bool = False
    cut_age: Annotated[float, Field(gt=0)] = 75.0
    growth_sd_per_year: Annotated[float, Field(ge=0)] = 0.0
    areas: Annotated[int, Field(ge=0)] = 0
    other_areas: Annotated[int, Field(ge=0)] = 0
    cluster_effect: Annotated[float, Field(ge=1)] = 1.0
    trials: Annotated[int, Field(ge=0)] = 0
    between_trials_sd: Annotated[float, Field(ge=0)] = 0.0
    without_ages: Annotated[list[float], Field(max_length=2)] = Field(default_factory=list)
    completers: bool = False
    bands: Annotated[list[float], Field(max_length=2)] = Field(default_factory=list)

    @field_validator("match_on")
    @classmethod
    def are_known(cls, value: list[str]) -> list[str]:
        """Refuse what a study of records could not have matched on."""
        for name in value:
            if name not in COVARIATES:
                raise ValueError(f"no covariate '{name}': {nearest(name, COVARIATES)}")
        return value

    @model_validator(mode="after")
    def has_areas(self) -> Comparison:
        """Refuse growth that differs between areas without how many there are."""
        if self.growth_sd_per_year > 0 and not (self.areas and self.other_areas):
            raise ValueError("growth_sd_per_year needs areas and other_areas")
        if (self.between_trials_sd > 0) != (self.trials > 0):
            raise ValueError("trials goes with between_trials_sd; give both or neither")
        if len(self.without_ages) == 1:
            raise ValueError("without_ages is two ages, or none")
        if self.completers and self.kind != "before_after":
            raise ValueError("completers goes with kind: before_after")
        if self.bands and (self.kind != "continuity" or len(self.bands) != 2 or not self.bands[0] < self.bands[1]):
            raise ValueError("bands goes with kind: continuity, and is two values from the lower to the higher")
        return self


class Effect(Block):
    """One figure of the study: what is counted, in which months from the index on (until before the second).

    scale: 'ratio', 'log' (of a ratio), 'percent' (change in per cent), 'difference' (per person over ``per_months``),
    'risk' (share with any, in percentage points), 'risk_ratio' (of people with any), 'share' (of people), 'per_event'
    (per ``event``).
    measure: an outcome, or 'cost' (secondary care at the prices given), 'own_share' (usual provider index),
    'care_home', 'at_home' or 'not_at_home' (where people live at the end; the dead are not at home).
    before: also of 'before_after': months before the index that it is set against. without: of 'cost': columns of a
    table of people that the study did not price. trials: where another number was pooled for this figure.
    """

    measure: Text
    months: Annotated[list[int], Field(min_length=2, max_length=2)]
    scale: Literal["ratio", "log", "percent", "difference", "risk", "risk_ratio", "share", "per_event"]
    per_months: Positive = 12.0
    event: Text = ""
    subgroup: Text = ""
    words: Text = ""
    without: list[Text] = Field(default_factory=list)
    before: Annotated[int, Field(ge=1, le=12)] = 12
    less_index: bool = False  # of 'event': the event by which people were taken on is not counted
    between_trials_sd: Annotated[float, Field(ge=0)] | None = None  # where it differs from the comparison's
    trials: Annotated[int, Field(ge=1)] | None = None
    areas_grow: bool = True  # whether areas grow apart in this figure for reasons of their own
    arm: Literal["", "controls"] = ""  # of 'before_after': 'controls' follows the arm without the programme

    @field_validator("measure")
    @classmethod
    def is_known(cls, value: str) -> str:
        """Refuse a measure that nobody counts."""
        return known_outcome(value, (*OUTCOMES, *MEASURES))

    @field_validator("months")
    @classmethod
    def in_order(cls, value: list[int]) -> list[int]:
        """Refuse months the wrong way round."""
        if not 0 <= value[0] < value[1]:
            raise ValueError("months go from 0 or later to a later one")
        return value

    @model_validator(mode="after")
    def has_event(self) -> Effect:
        """Refuse a figure per event without the event."""
        if (self.scale == "per_event") != bool(self.event):
            raise ValueError("event goes with scale: per_event; give both or neither")
        if self.event:
            known_outcome(self.event)
        if self.without and self.measure != "cost":
            raise ValueError("without goes with measure: cost")
        return self

    @property
    def logged(self) -> bool:
        """Return whether the figure is compared on the log."""
        return self.scale in ("ratio", "log", "percent", "risk_ratio")


MEASURES = ("cost", "own_share", "care_home", "at_home", "not_at_home")


class Replay(Block):
    """A study: everything needed to do it again, and nothing of what it found.

    use: 'tuned' (its result may inform the lever's intermediate parameters), 'predicted' (never), or 'bracket' (shown,
    not counted). programme: what counts as one programme where several studies are about the same. design: settings
    of an INT design that differ from usual care. comparator: settings of usual care as those compared with had them,
    where today's would be more than there was. fidelity: in words, what the re-enactment cannot do as the study did.
    """

    study: Text
    programme: Text
    source: Text
    year: Annotated[int, Field(ge=1980, le=2100)]
    country: Text
    setting: Text
    use: Literal["tuned", "predicted", "bracket"]
    evidence: Literal["trial", "controlled", "uncontrolled"]  # how the study itself was made
    levers: list[Text]
    selection: Text
    dose: Text
    fidelity: Text = ""
    design: Design
    comparator: Design = Field(default_factory=dict)
    people: People = Field(default_factory=People)
    subgroups: dict[str, People] = Field(default_factory=dict)
    comparison: Comparison
    effects: Annotated[dict[str, Effect], Field(min_length=1)]

    @model_validator(mode="after")
    def fits(self) -> Replay:
        """Refuse subgroups that are not there, and designs that are no settings."""
        for name, effect in self.effects.items():
            if effect.subgroup and effect.subgroup not in self.subgroups:
                raise ValueError(
                    f"effects.{name}.subgroup '{effect.subgroup}': {nearest(effect.subgroup, self.subgroups)}"
                )
            if effect.scale == "risk_ratio" and self.comparison.kind not in ("trial", "exposed"):
                raise ValueError(f"effects.{name}.scale: risk_ratio goes with comparison.kind: trial or exposed")
            if self.people_of(effect).instead_of and self.comparison.kind != "trial":
                raise ValueError("people.instead_of goes with comparison.kind: trial")
            if effect.less_index and self.people_of(effect).event != effect.measure:
                raise ValueError(f"effects.{name}.less_index: people are not taken on at an event of that measure")
        both = {f"design.{k}": v for k, v in self.design.items()} | {
            f"comparator.{k}": v for k, v in self.comparator.items()
        }
        for name, value in both.items():
            if not isinstance(value, int | float | str | bool | None | list):
                raise ValueError(f"{name} must be a number, a word, a list or null")
        return self

    @property
    def months(self) -> int:
        """Return how many months an arm is followed."""
        followed = max(effect.months[1] for effect in self.effects.values())
        return followed + max(people.within_months for people in (self.people, *self.subgroups.values())) - 1

    def people_of(self, effect: Effect) -> People:
        """Return whom an effect is about."""
        return self.subgroups[effect.subgroup] if effect.subgroup else self.people


def known_outcome(name: str, names: Any = None) -> str:
    """Return the name of an outcome, or raise ValueError with the nearest."""
    allowed = OUTCOMES if names is None else names
    if name not in allowed:
        raise ValueError(f"no outcome '{name}': {nearest(name, allowed)}")
    return name
