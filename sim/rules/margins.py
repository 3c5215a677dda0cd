"""The residual of the need hazards, solved so that England's margins hold after the mediators and the choices.

For each age band, sex and national quintile: ED attendances (age x quintile) and emergency admissions (age x sex x
quintile) fix minor acute and unavoidable needs given the admission shares of exacerbations and frailty crises; GP
contacts (age x sex) fix planned reviews; requests (age) fix social needs. What a need yields comes from walking the
pathway itself over a reference population with everything served at once, at the waits of the first month.
Deprivation is thus counted once: the solved cell holds only what mediators and choices do not carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.registry.reader import Registry
from sim.codes import (
    EXACERBATION,
    FRAILTY_CRISIS,
    LEVERS,
    MINOR_ACUTE,
    NEED_NAMES,
    PLANNED_REVIEW,
    SERVICE_KINDS,
    SERVICE_NAMES,
    SEX_NAMES,
    SOCIAL_NEED,
    UNAVOIDABLE,
)
from sim.jit import jit_borrowing
from sim.place.columns import REACH
from sim.place.england import Reference, make_reference
from sim.rules.arrays import refer_array, service_array
from sim.rules.mortality import frailty_mortality
from sim.rules.needs import BY_PRONENESS, BY_SPIKE, HOURS, MEDIATOR_NAMES, MEDIATORS, mediator
from sim.rules.stages import MONTHS_PER_YEAR
from sim.rules.tables import (
    AGE_BANDS,
    BAND_YEARS,
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
from sim.rules.walk import Y_ADMISSION, Y_ED, Y_GP, Y_SOCIAL, Y_UNMET, episode_yields

PER_1000 = 1000.0
SOLVED_KINDS = 6
ROUNDS = 4  # of the fixed point in planned reviews' own ED use and in unmet need
AGE_FROM = np.array([0, 1, *range(BAND_YEARS, BAND_YEARS * AGE_BANDS - BAND_YEARS, BAND_YEARS)])
CRISIS_FROM = 65  # first age of the parameters admission_share_crisis_*


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
    """Means over the reference by (band, quintile): factors[6, 7, band, q], product[6, band, q], made[6, 9, band, q].

    ``made`` is contacts per unit of residual hazard: the mean of mediators x contacts per need.
    """

    factors: np.ndarray
    product: np.ndarray
    made: np.ndarray
    weights: np.ndarray


@jit_borrowing
def mediator_grid(tables, grid):  # type: ignore[no-untyped-def]
    """Fill ``grid`` float64[people, 6, 7] with every person's mediators."""
    for i in range(len(tables.people)):
        for need_type in range(grid.shape[1]):
            for which in range(grid.shape[2]):
                grid[i, need_type, which] = mediator(tables, i, need_type, which)
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
        np.zeros((CONDITIONS, AGE_BANDS, QUINTILES)),
    )


def cell_of(people: np.ndarray, communities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's age band and quintile (0 most deprived) at day 0."""
    bands = np.array([age_band(age_years(day, 0)) for day in people["birth_day"]])
    return bands, communities["national_quintile"][people["community"]].astype(int) - 1


def spike_mean(values: dict[str, float]) -> float:
    """Return the mean factor of bad spells on exacerbations and crises, in the long run."""
    start = values["switch_spikes"] * values["spike_start_per_month"]
    if start <= 0:
        return 1.0
    length = (1.0 + values["spike_most_months"]) / 2
    share = length / (length + (1.0 - start) / start)
    return 1.0 + share * (values["spike_multiplier"] - 1.0)


def means(cell: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the mean of ``x`` [people, ...] in each cell, as [..., band, quintile]."""
    flat = x.reshape(len(x), -1)
    size = np.bincount(cell, minlength=AGE_BANDS * QUINTILES)
    sums = np.stack([np.bincount(cell, column, AGE_BANDS * QUINTILES) for column in flat.T])
    return (sums / np.maximum(size, 1)).reshape(*x.shape[1:], AGE_BANDS, QUINTILES)


def by_age(values: dict[str, float], stem: str, ages: tuple[int, ...]) -> np.ndarray:
    """Return parameter ``stem``_AGE by band (0 below the first of ``ages``): (20,)."""
    found = np.zeros(AGE_BANDS)
    for age in ages:
        found[age <= AGE_FROM] = values[f"{stem}_{age}"]
    return found


def nearest_rows(index: np.ndarray) -> np.ndarray:
    """Return, for each age band, the position of the last of sorted ``index`` ages that is not above it."""
    return np.searchsorted(index, AGE_FROM, side="right") - 1


@dataclass(frozen=True)
class Targets:
    """England's margins per person per month: ed[band, q], admissions[band, sex, q], gp[band, sex], social[band]."""

    ed: np.ndarray
    admissions: np.ndarray
    gp: np.ndarray
    social: np.ndarray


def targets(registry: Registry, values: dict[str, float], weights: np.ndarray) -> Targets:
    """Return the margins to hold, from the registry's tables."""
    per_month = 1.0 / PER_1000 / MONTHS_PER_YEAR
    table = registry.table("ed_rates").pivot(index="age_from", columns="national_quintile", values="per_1000_per_year")
    ed = table.to_numpy(dtype=float)[nearest_rows(table.index.to_numpy())] * per_month
    rates = registry.table("emergency_admission_rates")
    admissions = np.zeros((AGE_BANDS, SEXES, QUINTILES))
    gp = np.zeros((AGE_BANDS, SEXES))
    visits = registry.table("gp_rates")
    for sex, name in enumerate(SEX_NAMES):
        grid = rates[rates["sex"] == name].pivot(
            index="age_from", columns="national_quintile", values="per_1000_per_year"
        )
        admissions[:, sex] = grid.to_numpy(dtype=float)[nearest_rows(grid.index.to_numpy())] * per_month
        one = visits[visits["sex"] == name].sort_values("age_from")
        gp[:, sex] = one["visits_per_person_year"].to_numpy(dtype=float)[nearest_rows(one["age_from"].to_numpy())]
    by_band = weights.sum(axis=1)
    gp = gp * (values["gp_contacts_per_person_year"] / float((gp.mean(axis=1) * by_band).sum())) / MONTHS_PER_YEAR
    social = by_age(values, "social_requests", ()) * per_month
    social[AGE_FROM >= 20] = values["social_requests_18_per_1000"] * per_month
    social[AGE_FROM >= CRISIS_FROM] = values["social_requests_65_per_1000"] * per_month
    return Targets(ed, admissions, gp, social)


def solve_cells(
    goal: Targets, made: np.ndarray, values: dict[str, float], weights: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return the residual hazards [8, band, sex, q] that meet ``goal``, and how many cells fell short."""
    tilt = np.exp(values["admission_share_exacerbation_tilt"] * (QUINTILES // 2 - np.arange(QUINTILES)))
    from_exacerbation = by_age(values, "admission_share_exacerbation", (0, 18, 40, 65, 75, 85))[:, None] * tilt
    from_crisis = by_age(values, "admission_share_crisis", (65, 75, 85))
    base = np.zeros((NEED_KINDS, AGE_BANDS, SEXES, QUINTILES))
    within = weights / weights.sum(axis=1, keepdims=True)
    ed, admit, gp, social = (made[:, which] for which in (Y_ED, Y_ADMISSION, Y_GP, Y_SOCIAL))
    short = 0
    for _ in range(ROUNDS):
        short = 0
        for sex in range(SEXES):
            wanted = goal.admissions[:, sex]
            x = from_exacerbation * wanted / admit[EXACERBATION]
            f = np.where(admit[FRAILTY_CRISIS] > 0, from_crisis[:, None] * wanted, 0.0)
            f = f / np.where(admit[FRAILTY_CRISIS] > 0, admit[FRAILTY_CRISIS], 1.0)
            review = base[PLANNED_REVIEW, :, sex]
            rest = wanted - x * admit[EXACERBATION] - f * admit[FRAILTY_CRISIS] - review * admit[PLANNED_REVIEW]
            room = goal.ed - x * ed[EXACERBATION] - f * ed[FRAILTY_CRISIS] - review * ed[PLANNED_REVIEW]
            # Two unknowns, two margins: minor acute and unavoidable needs.
            det = ed[MINOR_ACUTE] * admit[UNAVOIDABLE] - ed[UNAVOIDABLE] * admit[MINOR_ACUTE]
            minor = (room * admit[UNAVOIDABLE] - rest * ed[UNAVOIDABLE]) / det
            least = values["minor_least_share"] * goal.ed / ed[MINOR_ACUTE]
            short += int((minor < least).sum())
            minor = np.maximum(minor, least)
            base[MINOR_ACUTE, :, sex] = minor
            base[EXACERBATION, :, sex] = x
            base[FRAILTY_CRISIS, :, sex] = f
            base[UNAVOIDABLE, :, sex] = np.maximum(rest - minor * admit[MINOR_ACUTE], 0.0) / admit[UNAVOIDABLE]
            others = sum(base[k, :, sex] * gp[k] for k in range(SOLVED_KINDS) if k != PLANNED_REVIEW)
            left = goal.gp[:, sex] - (others * within).sum(axis=1)
            per_review = (gp[PLANNED_REVIEW] * within).sum(axis=1)
            base[PLANNED_REVIEW, :, sex] = (np.maximum(left, 0.0) / per_review)[:, None]
            base[SOCIAL_NEED, :, sex] = (goal.social / (social[SOCIAL_NEED] * within).sum(axis=1))[:, None]
    return base, short


def solve(
    registry: Registry, values: dict[str, float], reference: Reference, repeats: int
) -> tuple[np.ndarray, Cells, int]:
    """Return (hazards, cells, cells short) for one set of parameters.

    ``repeats`` episodes of each type are walked per person. The reference's unmet need is brought to its balance.
    """
    params = registry.params_record(values)
    tables = reference_tables(params, reference, values)
    yields = episode_yields(tables, repeats, CRISIS_FROM)[:, :SOLVED_KINDS]
    people = tables.people
    people["unmet"] = reference.people["unmet"]
    bands, quintiles = cell_of(people, reference.communities)
    cell = bands * QUINTILES + quintiles
    goal = targets(registry, values, reference.weights)
    for _ in range(ROUNDS):
        grid = np.zeros((len(people), SOLVED_KINDS, MEDIATORS))
        mediator_grid(tables, grid)
        grid[:, (EXACERBATION, FRAILTY_CRISIS), BY_SPIKE] = spike_mean(values)
        grid[:, :, BY_PRONENESS] = 1.0  # mean 1 and independent of all else: its sampling noise would only blur
        product = np.maximum(grid.prod(axis=2), 0.0)
        made = means(cell, product[:, :, None] * yields)
        base, short = solve_cells(goal, made, values, reference.weights)
        hazard = base[:SOLVED_KINDS, bands, people["sex"], quintiles].T * product
        people["unmet"] = (hazard * yields[:, :, Y_UNMET]).sum(axis=1) / (1.0 - values["unmet_kept"])
    return base, Cells(means(cell, grid), means(cell, product), made, reference.weights), short


def solve_hazards(registry: Registry, reference: Reference, values: dict[str, float], repeats: int = 8) -> np.ndarray:
    """Return float64[need type 8, age band 20, sex 2, national quintile 5]: residual needs per person per month."""
    return solve(registry, values, reference, repeats)[0]


def solve_deaths(registry: Registry, reference: Reference, values: dict[str, float]) -> np.ndarray:
    """Return float64[single age 101, sex 2, quintile 5]: the life table per month over its mean frailty ratio."""
    params = registry.params_record(values)
    people = reference.people
    ratio = np.array([frailty_mortality(params[0], frailty) for frailty in people["frailty"]])
    bands, quintiles = cell_of(people, reference.communities)
    mean = means(bands * QUINTILES + quintiles, ratio[:, None])[0]
    deaths = np.zeros((SINGLE_AGES, SEXES, QUINTILES))
    for row in registry.table("life_table").to_dict("records"):
        band, q = age_band(float(row["age"])), int(row["national_quintile"]) - 1
        rate = row["deaths_per_person_year"] / MONTHS_PER_YEAR
        deaths[int(row["age"]), SEX_NAMES.index(row["sex"]), q] = rate / mean[band, q]
    return deaths


def solve_onsets(reference: Reference) -> np.ndarray:
    """Return float64[condition 12, band 20, quintile 5]: onsets per month that the prevalences by age imply.

    Onset = rise of prevalence from a band to the next over the band's years, per person without it (no difference in
    mortality; falls with age give no onset). The last band takes the one before.
    """
    bands, quintiles = cell_of(reference.people, reference.communities)
    held = (reference.people["conditions"][:, None] >> np.arange(CONDITIONS, dtype=np.uint32)) & 1
    share = means(bands * QUINTILES + quintiles, held.astype(float))
    years = np.diff(AGE_FROM).astype(float)
    onsets = np.zeros((CONDITIONS, AGE_BANDS, QUINTILES))
    pooled = share.mean(axis=2, keepdims=True)
    tilt = (share.sum(axis=1) / np.maximum(pooled.sum(axis=1), 1e-9))[:, None, :]  # quintile over all
    rise = np.maximum(np.diff(pooled, axis=1), 0.0) / (1.0 - pooled[:, :-1]) / years[None, :, None] / MONTHS_PER_YEAR
    onsets[:, :-1] = rise * tilt
    onsets[:, -1] = onsets[:, -2]
    return onsets


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


def make_grids(registry: Registry, values: dict[str, float], per_cell: int = 200, repeats: int = 8) -> Grids:
    """Return every grid the rules read, for one set of parameters (a few seconds at the default size)."""
    reference = make_reference(registry, values, per_cell)
    hazards, cells, short = solve(registry, values, reference, repeats)
    profiles = shape_table(
        registry, "hour_profiles", ("need_type", "hour", "share_of_day"), (len(NEED_NAMES), HOURS), 0
    )
    columns = ("need_type", "month_of_year", "ratio_to_mean_month")
    return Grids(
        hazards,
        profiles / profiles.sum(axis=1, keepdims=True),
        shape_table(registry, "seasons", columns, (NEED_KINDS, MONTHS_PER_YEAR), 1),
        solve_deaths(registry, reference, values),
        solve_onsets(reference),
        cells,
        short,
    )


def mediator_shares(grids: Grids) -> list[dict[str, object]]:
    """Return, per need type, the Q1:Q5 ratio of age-standardised hazard and the share of its log each part carries.

    Shares are log-ratio shares: one mediator's Q1:Q5 ratio with the rest averaged out; `jointly` is what their
    correlation adds; the residual is the solved cell. Sums to 1.
    """
    cells = grids.cells
    age = cells.weights.sum(axis=1)
    rows: list[dict[str, object]] = []
    for need_type in range(SOLVED_KINDS):
        base = grids.hazards[need_type].mean(axis=1)
        if not base.any():
            continue
        use = age * base.mean(axis=1)

        def log_ratio(x: np.ndarray, weight: np.ndarray = use) -> float:
            total = (x * weight[:, None]).sum(axis=0)
            return float(np.log(total[0] / total[-1]))

        residual = log_ratio(base, age)
        parts = [log_ratio(cells.factors[need_type, which]) for which in range(MEDIATORS)]
        overall = log_ratio(base * cells.product[need_type], age)
        row: dict[str, object] = {"need": NEED_NAMES[need_type], "ratio_q1_q5": float(np.exp(overall))}
        scale = overall if overall != 0 else np.nan
        row.update({name: part / scale for name, part in zip(MEDIATOR_NAMES, parts, strict=True)})
        row.update(jointly=(overall - residual - sum(parts)) / scale, residual=residual / scale)
        rows.append(row)
    return rows
