"""A comparison of a case made up by code: a folder as ``intsim compare case=default`` leaves, with nothing simulated.

Counts are Poisson numbers about rates of the same order as a place's; options change them by effects that hang on three
uncertain parameters, so that what a report says of information and thresholds can be held against what was put in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.draws import generator
from evaluation.outcomes import OUTCOMES
from evaluation.panel import COUNTS
from intsim.cases.arms import arms_of
from scenarios.compose import compose
from scenarios.registry.economics import load_economics
from scenarios.schema import Scenario
from scenarios.schema.saved import to_yaml

AGES = ("0-4", "5-17", "18-39", "40-64", "65-74", "75-84", "85+")
PEOPLE = (0.06, 0.13, 0.36, 0.29, 0.09, 0.05, 0.02)  # share of residents
SICK = (1.4, 0.6, 0.7, 1.0, 1.6, 2.6, 4.0)
MONTH_S = 2_629_800
A_MONTH, SECONDS = 0.02, 40_000  # events a person-month, and seconds of an event counted in time
LEVERS = {"find_share": -0.06, "discharge_los_days_saved": -0.04, "outreach_trust_gain": -0.02}
MOVED = ("ed_attendances", "emergency_admissions", "bed_seconds", "deaths")  # by options; nothing else is
TEAM = ("registered", "caseload", "enrolled", "absence", "vacancy", "burnout", "turnover_per_year", "productivity")


@dataclass(frozen=True)
class Size:
    """How large the made-up run is. ``effect``: 0 for options that do nothing at all."""

    residents: int = 34_000
    draws: int = 32
    replications: int = 2
    months: int = 12
    effect: float = 1.0


def write_case_folder(folder: Path, size: Size, words: Sequence[str] = ("place=toy", "case=default")) -> Path:
    """Write panel, stocks, workforce, settings and manifest of a case into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {"draws": size.draws, "replications": size.replications, "horizon_months": size.months}
    scenario = compose([*words, *(f"experiment.{name}={value}" for name, value in sizes.items())])
    arms = arms_of(scenario)
    names = [arm.int_design.name for arm in arms]
    cells = _cells(size)
    effects = _effects(scenario, size)
    panels = [_panel(cells, names, draw, size, effects[draw]) for draw in range(size.draws)]
    pd.concat(panels, ignore_index=True).to_parquet(folder / "panel.parquet", index=False)
    _stocks(cells, names, size).to_parquet(folder / "stocks.parquet", index=False)
    _workforce(names, size).to_parquet(folder / "workforce.parquet", index=False)
    for arm in arms:
        last = arm is arms[-1]
        path = folder / ("config.yaml" if last else f"config-{arm.int_design.name}.yaml")
        path.write_text(to_yaml(arm), encoding="utf-8")
    manifest = {
        "version": "made up",
        "created": "2026-01-01T00:00:00+00:00",
        "scenario": arms[-1].model_dump(mode="json", by_alias=True),
        "arms": names,
        "baseline": names[0],
        "residents": size.residents,
        "place_title": "A place made up for measuring",
        "seeds": {"experiment": scenario.experiment.seed},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def columns() -> list[str]:
    """Return every count that a case's report reads."""
    economics = load_economics()
    staff = economics.table("staff")["service"]
    wanted = [*COUNTS, *(each.quantity for each in economics.prices.values()), *(f"{s}_staff_seconds" for s in staff)]
    return list(dict.fromkeys([*wanted, "package_starts"]))


def _cells(size: Size) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [range(size.months), range(1, 6), AGES, ("female", "male")], names=["month", "quintile", "age_band", "sex"]
    )
    table = index.to_frame(index=False)
    age = table["age_band"].map(dict(zip(AGES, range(len(AGES)), strict=True))).to_numpy()
    people = size.residents * np.array(PEOPLE)[age] / 10
    need = np.array(SICK)[age] * (1 + 0.15 * (3 - table["quintile"].to_numpy()))
    starts = [str(pd.Period("2024-04", "M") + month) for month in range(size.months)]
    return table.assign(people=people, need=need, month_start=table["month"].map(dict(enumerate(starts))))


def _effects(scenario: Scenario, size: Size) -> list[Mapping[str, float]]:
    """Return what each draw's parameters do to every option: a proportional change, by draw and lever."""
    from sim.task import drawn_values
    from sim.world import scenario_registry

    rows = scenario_registry(scenario).parameters
    found: list[Mapping[str, float]] = []
    for draw in range(size.draws):
        values = drawn_values(scenario, draw)
        each = {}
        for name, effect in LEVERS.items():
            row = rows[name]
            place = (values[name] - row.low) / (row.high - row.low) if row.high > row.low else 0.5
            each[name] = size.effect * effect * place
        found.append(each)
    return found


def _panel(
    cells: pd.DataFrame, names: Sequence[str], draw: int, size: Size, effect: Mapping[str, float]
) -> pd.DataFrame:
    wanted = columns()
    parts = []
    for replication in range(size.replications):
        numbers = generator(1, "made-up case", draw, replication)
        mean = A_MONTH * (cells["people"] * cells["need"]).to_numpy()
        base = {name: numbers.poisson(mean) for name in wanted}
        for at, name in enumerate(names):
            own = dict(base)
            if at and size.effect:
                change = sum(effect.values()) * (0.6 + 0.2 * at)
                for moved in MOVED:
                    kept = numbers.binomial(base[moved], 1 - min(max(-change, 0.0), 1.0))
                    own[moved] = kept + numbers.poisson(mean * max(change, 0.0))
            timed = {one: count * SECONDS for one, count in own.items() if is_timed(one)}
            own |= timed
            own["person_seconds"] = np.round(cells["people"].to_numpy() * MONTH_S).astype(np.int64)
            keys = cells[["month", "month_start", "quintile", "age_band", "sex"]]
            head = keys.assign(arm=name, draw=draw, replication=replication, neighbourhood="North")
            parts.append(pd.concat([head, pd.DataFrame(own).astype(np.int64)], axis=1))
    return pd.concat(parts, ignore_index=True)


def is_timed(column: str) -> bool:
    """Return whether a column holds seconds and no count."""
    return column.endswith("_seconds") or any(each.numerator == column and each.scale < 1 for each in OUTCOMES)


def _stocks(cells: pd.DataFrame, names: Sequence[str], size: Size) -> pd.DataFrame:
    keys = cells[["month", "month_start", "quintile", "age_band", "sex"]]
    people = np.round(cells["people"]).astype(np.int64)
    one = keys.assign(neighbourhood="North", people=people, conditions=(people * cells["need"]).astype(np.int64))
    runs = [(arm, draw, rep) for draw in range(size.draws) for rep in range(size.replications) for arm in names]
    parts = [one.assign(arm=arm, draw=draw, replication=rep) for arm, draw, rep in runs]
    return pd.concat(parts, ignore_index=True)


def _workforce(names: Sequence[str], size: Size) -> pd.DataFrame:
    rows = []
    for draw in range(size.draws):
        for replication in range(size.replications):
            for at, arm in enumerate(names):
                for month in range(size.months):
                    own = (float(size.residents), 100.0, 50.0, 0.05 - 0.001 * at, 0.1, 0.3, 0.14, 1.0)
                    rows += [
                        (arm, draw, replication, month, "North", each, 10.0 + at, *own) for each in ("gp", "int_core")
                    ]
    return pd.DataFrame(rows, columns=["arm", "draw", "replication", "month", "team", "service", "amount", *TEAM])
