"""The residual of the need hazards, solved so that England's margins hold after the mediators and the choices.

For each age band, sex and national quintile:

- ED attendances of all types (age x quintile) and emergency admissions (age x sex x quintile) fix minor acute and
  unavoidable needs, given the shares of admissions that are exacerbations, frailty crises and childhood illness and the
  share of ED attendances that are mental health crises;
- practice contacts (age x sex) fix planned reviews, first outpatient attendances (age x sex) elective referrals;
- deaths (age x sex x quintile) fix needs at the end of life;
- all else follows its own rate by age (table need_rates), its gradient being what its mediators make.

What a need yields comes from walking the pathway itself over a reference population with everything served at once, at
the waits of the first month. Deprivation is thus counted once: the solved cell holds only what mediators and choices do
not carry. A need that yields nothing of what should fix it keeps its own rate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.registry.reader import Registry
from sim.codes import (
    CHILDHOOD_ACUTE,
    ED,
    ELECTIVE_REFERRAL,
    END_OF_LIFE,
    EXACERBATION,
    FRAILTY_CRISIS,
    GP,
    HAZARD_KINDS,
    LEVERS,
    MENTAL_HEALTH_CRISIS,
    MINOR_ACUTE,
    NEED_NAMES,
    NO_CARE_HOME,
    NURSE,
    OUTPATIENT_NEW,
    PHARMACIST,
    PLANNED_REVIEW,
    RESIDENTIAL,
    SERVICE_KINDS,
    SERVICE_NAMES,
    SEX_NAMES,
    UNAVOIDABLE,
    URGENT_TREATMENT,
)
from sim.jit import jit_entry
from sim.place.columns import REACH
from sim.place.england import Reference, make_reference
from sim.rules.arrays import length_array, refer_array, refers_array, service_array
from sim.rules.cells import cell_of, means
from sim.rules.dying import gathered
from sim.rules.mediators import BY_PRONENESS, BY_SPIKE, BY_UNMET, MEDIATORS, PLAYS, mediator
from sim.rules.mortality import state_mortality
from sim.rules.needs import HOURS, eligible
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import (
    AGE_BANDS,
    CONDITIONS,
    NEED_KINDS,
    QUINTILES,
    SEXES,
    SINGLE_AGES,
    TRENDS,
    ResidentTables,
    age_band,
    age_years,
)
from sim.rules.targets import AGE_FROM, Targets, by_age, targets
from sim.rules.walk import Y_ADMISSION, Y_UNMET, YIELDS, episode_yields, led_somewhere

SOLVED_KINDS = max(HAZARD_KINDS) + 1  # kinds below this that do not arise at a hazard stay at 0
PER_CELL = 200  # people of each age band and quintile
REPEATS = 8  # walks of each of them, for common needs
SMALLEST = 1e-9
EXACERBATION_AGES = (0, 18, 40, 65, 75, 85)  # bands that names of parameters speak of
CRISIS_AGES = (65, 75, 85)
CHILDHOOD_AGES = (0, 5, 15)
MENTAL_AGES = (10, 18, 40, 65)
ROUNDS = 4  # of the fixed point in planned care's own ED use and in unmet need
LEAST_YIELD = 1e-6  # contacts per need below which a margin cannot fix it
ED_SERVICES = (ED, URGENT_TREATMENT)
PRACTICE_SERVICES = (GP, NURSE, PHARMACIST)
OFTEN_WALKED = (
    MINOR_ACUTE,
    EXACERBATION,
    FRAILTY_CRISIS,
    UNAVOIDABLE,
    CHILDHOOD_ACUTE,
)  # what they yield is solved for


@dataclass(frozen=True)
class Grids:
    """What the rules read besides the people, per month (shapes as in ResidentTables), and how the margins came out.

    ``short`` counts cells where admissions alone explain more ED use than the ED margin holds.
    """

    hazards: np.ndarray
    profiles: np.ndarray
    seasons: np.ndarray
    deaths: np.ndarray
    onsets: np.ndarray
    cells: Cells
    short: int


@dataclass(frozen=True)
class Cells:
    """Means over the reference by (band, quintile): factors[kind, mediator, band, q], product[kind,
    band, q], made[kind, yield, band, q].

    ``made`` is contacts per unit of residual hazard: the mean of mediators x contacts per need.
    """

    factors: np.ndarray
    product: np.ndarray
    made: np.ndarray
    weights: np.ndarray


@jit_entry
def mediator_grid(tables, need_type, grid):  # type: ignore[no-untyped-def]
    """Fill ``grid`` float64[people, mediator] with every person's mediators of one kind of need."""
    for i in range(len(tables.people)):
        for which in range(grid.shape[1]):
            grid[i, which] = mediator(tables, i, need_type, which)
    return 0


@jit_entry
def able_grid(tables, grid):  # type: ignore[no-untyped-def]
    """Fill ``grid`` float64[people, kind] with 1 where people of that age (at day 0) can have the need, else 0."""
    for i in range(len(tables.people)):
        age = age_years(tables.people[i]["birth_day"], 0)
        for need_type in range(grid.shape[1]):
            grid[i, need_type] = 1.0 if eligible(tables.params[0], need_type, age) else 0.0
    return 0


def reference_tables(
    params: np.ndarray, reference: Reference, values: Mapping[str, float], seed: int = 1
) -> ResidentTables:
    """Return tables over a copy of the reference people, one service of each kind, with no hazards yet."""
    sites = np.arange(len(SERVICE_NAMES), dtype=np.int16).reshape(-1, 1).copy()
    return ResidentTables(
        np.array([seed], np.uint64),
        params,
        reference.people.copy(),
        np.zeros(len(reference.people), REACH),
        reference.communities,
        reference.teams,
        reference.hospitals,
        sites,
        np.ones((SERVICE_KINDS, 1)),  # somebody works in every service
        np.zeros((SERVICE_KINDS, 1)),
        reference.waits.copy(),
        np.zeros((LEVERS, len(reference.teams))),
        np.ones((LEVERS, len(reference.teams))),
        service_array(values),
        refer_array(values),
        np.ones(TRENDS),
        np.zeros((NEED_KINDS, AGE_BANDS, SEXES, QUINTILES)),
        np.full((len(NEED_NAMES), HOURS), 1.0 / HOURS),
        np.ones((NEED_KINDS, MONTHS_PER_YEAR)),
        np.zeros((SINGLE_AGES, SEXES, QUINTILES)),
        np.zeros((AGE_BANDS, QUINTILES, CONDITIONS)),
        refers_array(refer_array(values)),
        length_array(service_array(values), values["gap_days_scv"]),
        np.zeros(1, np.int64),
    )


def spike_mean(values: Mapping[str, float]) -> float:
    """Return the mean factor of bad spells on exacerbations and crises, in the long run."""
    start = values["switch_spikes"] * values["spike_start_per_month"]
    if start <= 0:
        return 1.0
    length = (1.0 + values["spike_most_months"]) / 2
    share = length / (length + (1.0 - start) / start)
    return 1.0 + share * (values["spike_multiplier"] - 1.0)


def spread(rate: np.ndarray, product: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return the residual [band, 1] that gives ``rate`` [band] with mean mediators ``product`` [band, q]."""
    mean = (product * within).sum(axis=1)
    return np.where(mean > 0.0, rate / np.where(mean > 0.0, mean, 1.0), 0.0)[:, None]


def over(wanted: np.ndarray, per_need: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return ``wanted`` / ``per_need``, and ``otherwise`` where a need yields nothing of it."""
    enough = per_need > LEAST_YIELD
    return np.where(enough, wanted / np.where(enough, per_need, 1.0), otherwise)


@dataclass(frozen=True)
class Solver:
    """What the cells of one set of parameters are solved from.

    made[kind, yield, band, q] and product[kind, band, q] as in Cells; able[kind, band]: share of an age band who can
    have the need.
    """

    goal: Targets
    made: np.ndarray
    product: np.ndarray
    able: np.ndarray
    values: Mapping[str, float]
    weights: np.ndarray

    def total(self, services: tuple[int, ...]) -> np.ndarray:
        """Return contacts per unit of residual with several services: [kind, band, q]."""
        return self.made[:, list(services)].sum(axis=1)

    def within(self) -> np.ndarray:
        """Return the quintiles' shares of each age band: [band, q]."""
        return self.weights / self.weights.sum(axis=1, keepdims=True)

    def direct(self, kind: int, sex: int) -> np.ndarray:
        """Return the cells [band, q] that give a kind of need its own rate by age (0 where it has none)."""
        rate = self.goal.direct[kind, :, sex] * self.able[kind]
        return np.broadcast_to(spread(rate, self.product[kind], self.within()), self.weights.shape)

    def believed(self, kind: int, sex: int, solved: np.ndarray) -> np.ndarray:
        """Return ``solved``, or the kind's own rate where meeting the margin would take implausibly many needs.

        So it is while a pathway hardly leads where the margin is counted.
        """
        own = self.direct(kind, sex)
        rates = [float((cells * self.product[kind] * self.weights).sum()) for cells in (solved, own)]
        too_many = rates[1] > 0.0 and rates[0] > self.values["need_rate_most_ratio"] * rates[1]
        return own if too_many else solved

    def given(self, sex: int) -> np.ndarray:
        """Return the cells [kind, band, q] that follow from a rate, a share of a margin, or deaths."""
        values, goal = self.values, self.goal
        admit, ed = self.made[:, Y_ADMISSION], self.total(ED_SERVICES)
        base = np.zeros((NEED_KINDS, AGE_BANDS, QUINTILES))
        for kind in HAZARD_KINDS:
            base[kind] = self.direct(kind, sex)
        dying = goal.deaths[:, sex] * self.needs_per_death()[:, None]
        base[END_OF_LIFE] = over(dying, self.product[END_OF_LIFE], base[END_OF_LIFE])
        wanted = goal.admissions[:, sex]
        if values["switch_dying"] != 0.0:  # the shares below are of the admissions of everyone else
            wanted = np.maximum(wanted - base[END_OF_LIFE] * admit[END_OF_LIFE], 0.0)
        steps = QUINTILES // 2 - np.arange(QUINTILES)
        shares = (
            (EXACERBATION, by_age(values, "admission_share_exacerbation", EXACERBATION_AGES)),
            (FRAILTY_CRISIS, by_age(values, "admission_share_crisis", CRISIS_AGES)),
            (CHILDHOOD_ACUTE, by_age(values, "admission_share_childhood", CHILDHOOD_AGES) * self.able[CHILDHOOD_ACUTE]),
        )
        for kind, share in shares:
            tilt = np.exp(values["admission_share_exacerbation_tilt"] * steps) if kind == EXACERBATION else 1.0
            base[kind] = self.believed(kind, sex, over(share[:, None] * tilt * wanted, admit[kind], base[kind]))
        share = by_age(values, "ed_share_mental_health", MENTAL_AGES)[:, None]
        share = share * np.exp(values["ed_share_mental_health_tilt"] * steps)
        mental = over(share * goal.ed, ed[MENTAL_HEALTH_CRISIS], base[MENTAL_HEALTH_CRISIS])
        base[MENTAL_HEALTH_CRISIS] = self.believed(MENTAL_HEALTH_CRISIS, sex, mental)
        return base

    def needs_per_death(self) -> np.ndarray:
        """Return needs at the end of life for each death by age band: [band]."""
        values = self.values
        if values["switch_dying"] == 0.0:
            return np.full(AGE_BANDS, values["end_of_life_needs_per_death"])
        older = values["dying_older_from"] <= AGE_FROM
        each = np.where(older, values["dying_needs_per_death_85"], values["dying_needs_per_death_0"])
        whole = gathered(values, 0.0, values["dying_foreseen_months"])  # those of earlier years too
        return each * whole + values["last_illness_share"]

    def two_unknowns(self, base: np.ndarray, sex: int) -> int:
        """Write minor acute and unavoidable needs into ``base`` [kind, band, q]; return how many cells fell short."""
        admit, ed = self.made[:, Y_ADMISSION], self.total(ED_SERVICES)
        others = [kind for kind in HAZARD_KINDS if kind not in (MINOR_ACUTE, UNAVOIDABLE)]
        rest = self.goal.admissions[:, sex] - (base * admit)[others].sum(axis=0)
        room = self.goal.ed - (base * ed)[others].sum(axis=0)
        det = ed[MINOR_ACUTE] * admit[UNAVOIDABLE] - ed[UNAVOIDABLE] * admit[MINOR_ACUTE]
        least = over(self.values["minor_least_share"] * self.goal.ed, ed[MINOR_ACUTE], base[MINOR_ACUTE])
        minor = over(room * admit[UNAVOIDABLE] - rest * ed[UNAVOIDABLE], det, least)
        base[MINOR_ACUTE] = np.maximum(minor, least)
        left = np.maximum(rest - base[MINOR_ACUTE] * admit[MINOR_ACUTE], 0.0)
        base[UNAVOIDABLE] = over(left, admit[UNAVOIDABLE], np.zeros_like(left))
        return int((minor < least).sum())

    def remainder(self, base: np.ndarray, kind: int, margin: np.ndarray, services: tuple[int, ...]) -> np.ndarray:
        """Return ``kind``'s residual [band, q] that makes up what the other needs leave of ``margin`` [band]."""
        contacts = self.total(services)
        others = [k for k in HAZARD_KINDS if k != kind]
        left = margin - ((base * contacts)[others].sum(axis=0) * self.within()).sum(axis=1)
        per_need = (contacts[kind] * self.within()).sum(axis=1)
        return over(np.maximum(left, 0.0)[:, None], per_need[:, None], base[kind])

    def cells(self) -> tuple[np.ndarray, int]:
        """Return the residual hazards [kind, band, sex, q] that meet the margins, and how many cells fell short."""
        found = np.zeros((NEED_KINDS, AGE_BANDS, SEXES, QUINTILES))
        short = 0
        for sex in range(SEXES):
            base = self.given(sex)
            fell = 0
            for _ in range(ROUNDS):
                fell = self.two_unknowns(base, sex)
                clinics = self.goal.outpatients[:, sex]
                referred = self.remainder(base, ELECTIVE_REFERRAL, clinics, (OUTPATIENT_NEW,))
                base[ELECTIVE_REFERRAL] = self.believed(ELECTIVE_REFERRAL, sex, referred)
                base[PLANNED_REVIEW] = self.remainder(base, PLANNED_REVIEW, self.goal.gp[:, sex], PRACTICE_SERVICES)
            found[:, :, sex] = base
            short += fell
        return found, short


def walks(repeats: int, kinds: Collection[int] = HAZARD_KINDS) -> np.ndarray:
    """Return how many episodes of each of ``kinds`` are walked per person: half of the rest: int64[kind]."""
    found = np.zeros(NEED_KINDS, np.int64)
    found[list(kinds)] = max(repeats // 2, 1)
    found[[kind for kind in OFTEN_WALKED if kind in kinds]] = repeats
    return found


def mean_mediators(tables: ResidentTables, values: Mapping[str, float], kind: int) -> np.ndarray:
    """Return every person's mediators of one kind of need, at their long-run mean: [people, mediator]."""
    grid = np.ones((len(tables.people), MEDIATORS))
    mediator_grid(tables, kind, grid)
    if PLAYS[kind, BY_SPIKE]:
        grid[:, BY_SPIKE] = spike_mean(values)
    grid[:, BY_PRONENESS] = 1.0  # mean 1 and independent of all else: its sampling noise would only blur
    return grid


@dataclass(frozen=True)
class Fixed:
    """What stays while constants of choice change: tables, where the reference's people belong, England's margins.

    The people of ``tables`` have their unmet need brought to its balance by ``meet``; those walked keep their own.
    """

    registry: Registry
    reference: Reference
    tables: ResidentTables
    bands: np.ndarray
    quintiles: np.ndarray
    able: np.ndarray
    goal: Targets

    @property
    def cell(self) -> np.ndarray:
        """Return everybody's cell."""
        return self.bands * QUINTILES + self.quintiles


def made_fixed(registry: Registry, values: dict[str, float], reference: Reference) -> Fixed:
    """Return what stays for one set of parameters."""
    params = registry.params_record(values)
    tables = reference_tables(params, reference, values)._replace(profiles=hour_profiles(registry))
    bands, quintiles = cell_of(tables.people, reference.communities)
    able = np.zeros((len(tables.people), SOLVED_KINDS))
    able_grid(tables, able)
    goal = targets(registry, values, reference.weights)
    return Fixed(registry, reference, tables, bands, quintiles, able, goal)


def walked(fixed: Fixed, values: dict[str, float], repeats: np.ndarray) -> np.ndarray:
    """Return what a need yields, float32[kind, people, yield], with the constants of ``values``."""
    params = fixed.registry.params_record(values)
    tables = fixed.tables._replace(params=params, people=fixed.reference.people.copy())
    return episode_yields(tables, repeats)[:SOLVED_KINDS]


def meet(
    fixed: Fixed, values: dict[str, float], yields: np.ndarray, rounds: int = ROUNDS
) -> tuple[np.ndarray, Cells, int]:
    """Return (hazards, cells, cells short) that meet the margins with ``yields``, in so many rounds."""
    people, cell = fixed.tables.people, fixed.cell
    able_by_band = means(cell, fixed.able).mean(axis=2)
    factors = np.ones((SOLVED_KINDS, MEDIATORS, AGE_BANDS, QUINTILES))
    made = np.zeros((NEED_KINDS, YIELDS, AGE_BANDS, QUINTILES))
    product = np.zeros((len(people), SOLVED_KINDS))
    for number in range(rounds):
        for kind in HAZARD_KINDS:
            if number > 0 and not PLAYS[kind, BY_UNMET]:
                continue  # nothing else changes from round to round
            grid = mean_mediators(fixed.tables, values, kind)
            product[:, kind] = np.maximum(grid.prod(axis=1), 0.0) * fixed.able[:, kind]
            factors[kind] = means(cell, grid)
            made[kind] = means(cell, yields[kind], product[:, kind])
            if kind == END_OF_LIFE:
                made[kind] = led_somewhere(made[kind], means(cell, product[:, [kind]])[0])
        by_cell = np.zeros((NEED_KINDS, AGE_BANDS, QUINTILES))
        by_cell[:SOLVED_KINDS] = means(cell, product)
        weights = fixed.reference.weights
        base, short = Solver(fixed.goal, made, by_cell, able_by_band, values, weights).cells()
        hazard = base[:SOLVED_KINDS, fixed.bands, people["sex"], fixed.quintiles].T * product
        people["unmet"] = (hazard * yields[:, :, Y_UNMET].T).sum(axis=1) / (1.0 - values["unmet_kept"])
    return base, Cells(factors, by_cell, made, weights), short


def solve(
    registry: Registry, values: dict[str, float], reference: Reference, repeats: int
) -> tuple[np.ndarray, Cells, int]:
    """Return (hazards, cells, cells short) for one set of parameters.

    ``repeats`` episodes of the commonest kinds are walked per person. The reference's unmet need is brought to its
    balance.
    """
    fixed = made_fixed(registry, values, reference)
    return meet(fixed, values, walked(fixed, values, walks(repeats)))


def mortality_by_state(params: np.void, frailties: int) -> np.ndarray:
    """Return the mortality ratio of each frailty outside a care home and in one, float64[frailty, home 2]."""
    homes = (NO_CARE_HOME, RESIDENTIAL)
    return np.array([[state_mortality(params, level, home) for home in homes] for level in range(frailties)])


def solve_deaths(registry: Registry, reference: Reference, values: dict[str, float]) -> np.ndarray:
    """Return float64[single age 101, sex 2, quintile 5]: life table per month over its mean ratio by frailty, home."""
    kinds = mortality_by_state(registry.params_record(values)[0], len(reference.states))
    mean = np.einsum("fh,fhbq->bq", kinds, reference.states)
    deaths = np.zeros((SINGLE_AGES, SEXES, QUINTILES))
    for row in registry.table("life_table").to_dict("records"):
        band, q = age_band(float(row["age"])), int(row["national_quintile"]) - 1
        rate = row["deaths_per_person_year"] / MONTHS_PER_YEAR
        deaths[int(row["age"]), SEX_NAMES.index(row["sex"]), q] = rate / mean[band, q]
    return deaths


def solve_onsets(reference: Reference) -> np.ndarray:
    """Return float64[band 20, quintile 5, condition]: onsets per month that the prevalences by age imply.

    Onset = rise of prevalence from a band to the next over the band's years, per person without it (no difference in
    mortality; falls with age give no onset). The last band takes the one before.
    """
    bands, quintiles = cell_of(reference.people, reference.communities)
    held = (reference.people["conditions"][:, None] >> np.arange(CONDITIONS, dtype=np.uint32)) & 1
    share = means(bands * QUINTILES + quintiles, held.astype(float))
    years = np.diff(AGE_FROM).astype(float)
    onsets = np.zeros((CONDITIONS, AGE_BANDS, QUINTILES))
    pooled = share.mean(axis=2, keepdims=True)
    tilt = (share.sum(axis=1) / np.maximum(pooled.sum(axis=1), SMALLEST))[:, None, :]  # quintile over all
    rise = np.maximum(np.diff(pooled, axis=1), 0.0) / (1.0 - pooled[:, :-1]) / years[None, :, None] / MONTHS_PER_YEAR
    onsets[:, :-1] = rise * tilt
    onsets[:, -1] = onsets[:, -2]
    return np.ascontiguousarray(np.moveaxis(onsets, 0, -1))


def shape_table(
    registry: Registry, name: str, columns: tuple[str, str, str], shape: tuple[int, int], first: int
) -> np.ndarray:
    """Return a table of need type x hour or month as an array; ``first`` is the first hour or month.

    A need without rows is level over the day or year."""
    grid = np.zeros(shape)
    for row in registry.table(name).to_dict("records"):
        grid[NEED_NAMES.index(row[columns[0]]), int(row[columns[1]]) - first] = row[columns[2]]
    grid[grid.sum(axis=1) == 0.0] = 1.0
    return grid


def hour_profiles(registry: Registry) -> np.ndarray:
    """Return float64[need type, hour]: the share of a day's needs that arise in each hour."""
    profiles = shape_table(
        registry, "hour_profiles", ("need_type", "hour", "share_of_day"), (len(NEED_NAMES), HOURS), 0
    )
    return profiles / profiles.sum(axis=1, keepdims=True)


def make_grids(
    registry: Registry, values: dict[str, float], reference: Reference | None = None, repeats: int = REPEATS
) -> Grids:
    """Return every grid the rules read, for one set of parameters (a second at the default size).

    reference: made for these parameters (None: it is made here).
    """
    reference = make_reference(registry, values, PER_CELL) if reference is None else reference
    hazards, cells, short = solve(registry, values, reference, repeats)
    columns = ("need_type", "month_of_year", "ratio_to_mean_day")
    return Grids(
        hazards,
        hour_profiles(registry),
        shape_table(registry, "seasons", columns, (NEED_KINDS, MONTHS_PER_YEAR), 1),
        solve_deaths(registry, reference, values),
        solve_onsets(reference),
        cells,
        short,
    )
