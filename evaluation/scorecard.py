"""The official neighbourhood health scorecard (NNHIP metrics O1 to O6 and P1), from the tables of a run.

Metrics are named as in the official submission template; each is a monthly count per 1,000 people in the cohort, P1 a
count. Counts below six are suppressed, as in submissions. Two cohorts: all residents, or the people whose months were
kept (``experiment.person_months``).

How the official definitions are met: an appointment is a contact served; an outpatient contact with a procedure counts
as a procedure alone. A&E conveyances are attendances that arrived by ambulance, by the acuity ED gave (the official
numerator, whatever the metric's name says of ambulance categories). Bed days are nights of spells completed in the
month. GP appointments are those with a GP. Community contacts are those of community teams, urgent community response
and health visiting.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evaluation.panel import UNIT
from scenarios.errors import InputError, nearest

LEAST = 6  # smaller counts are suppressed
PER_PEOPLE = 1_000
COHORTS = ("residents", "kept")
GROUPS = ("none", "neighbourhood", "quintile", "age_band", "sex")
COMMUNITY = ("community_contacts", "urgent_response_contacts", "health_visiting_contacts")
COHORT = "people"
CASELOAD = "enrolled"
PERSON_GROUPS = ("neighbourhood", "quintile", "sex")  # those that a person's month tells


@dataclass(frozen=True)
class Metric:
    """One line of the scorecard: the sum of ``columns`` per 1,000 people in the cohort, or a count (``rate`` False)."""

    code: str
    name: str
    columns: tuple[str, ...]
    rate: bool = True

    @property
    def kind(self) -> str:
        """Outcome or Process."""
        return "Outcome" if self.code.startswith("O") else "Process"


def _conveyed(level: int) -> Metric:
    name = f"Number of category {level} ambulance conveyances per 1,000 patients in the cohort"
    return Metric("O4", name, (f"conveyed_acuity_{level}",))


METRICS = (
    Metric(
        "O1",
        "Number of new consultant-led outpatient appointments per 1,000 patients in the cohort",
        ("outpatient_new_contacts",),
    ),
    Metric(
        "O1",
        "Number of follow up consultant-led outpatient appointments per 1,000 patients in the cohort",
        ("outpatient_follow_up_contacts",),
    ),
    Metric(
        "O1",
        "Number of consultant-led outpatient procedures per 1,000 patients in the cohort",
        ("outpatient_procedure_contacts",),
    ),
    Metric(
        "O2",
        "Number of specific acute non-elective spells in the period with a length of stay of zero days per 1,000 "
        "patients in the cohort",
        ("zero_day_spells",),
    ),
    Metric(
        "O2",
        "Number of specific acute non-elective spells in the period with a length of one or more days per 1,000 "
        "patients in the cohort",
        ("longer_spells",),
    ),
    Metric("O3", "Number of inpatient bed days per 1,000 patients in the cohort", ("spell_days",)),
    *(_conveyed(level) for level in (1, 2, 3, 4)),
    Metric(
        "O5",
        "Number of A&E attendances at a type 1 department per 1,000 patients in the cohort",
        ("ed_attendances",),
    ),
    Metric(
        "O5",
        "Number of A&E attendances at an other type department per 1,000 patients in the cohort",
        ("urgent_treatment_attendances",),
    ),
    Metric(
        "O6",
        "Number of appointments in general practice and Primary Care Networks per 1,000 patients in the cohort",
        ("gp_contacts",),
    ),
    Metric("O6", "Number of Community Care Contacts attended per 1,000 patients in the cohort", COMMUNITY),
    Metric("P1", "Number of patients on the NNHIP caseload", (CASELOAD,), rate=False),
)
COUNTED = tuple(dict.fromkeys(name for metric in METRICS for name in metric.columns if name != CASELOAD))


def scorecard(folder: Path, cohort: str = "residents", by: str = "none") -> pd.DataFrame:
    """Return the scorecard of a run folder, one row per arm, month, group and metric.

    Columns: arm, month, month_start, ``by`` (where not 'none'), metric_id, type, metric, count, people, value,
    suppressed. Figures are means over draws and replications; count and value are empty where suppressed.
    Raises InputError for a missing file or column, or a ``cohort`` or ``by`` that does not exist.
    """
    _known("cohort", cohort, COHORTS)
    _known("by", by, GROUPS if cohort == "residents" else ("none", *PERSON_GROUPS))
    keys = ["arm", "month", "month_start", *([] if by == "none" else [by])]
    counts = _of_residents(Path(folder), keys) if cohort == "residents" else _of_kept(Path(folder), keys)
    means = counts.groupby(keys, sort=True, observed=True)[[*COUNTED, CASELOAD, COHORT]].mean().reset_index()
    return pd.concat([_lines(means, keys, metric) for metric in METRICS], ignore_index=True)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean month of ``scorecard`` from go-live on: metric_id, metric, and a column of values per arm.

    A mean that rests on a suppressed month is empty.
    """
    live = table[table["month"] >= 0]
    grouped = live.groupby(["metric_id", "metric", "arm"], sort=False, observed=True)["value"]
    means = grouped.apply(lambda values: values.mean(skipna=False)).unstack("arm")
    order = pd.MultiIndex.from_frame(live[["metric_id", "metric"]].drop_duplicates())
    return means.reindex(order).reset_index()


def text(table: pd.DataFrame, width: int = 60) -> str:
    """Return ``summary`` as lines of text, metrics wrapped at ``width`` characters."""
    found = summary(table)
    arms = [name for name in found.columns if name not in ("metric_id", "metric")]
    lines = [f"{'a month, per 1,000 people in the cohort':<{width + 4}}" + "".join(f"{arm[:16]:>18}" for arm in arms)]
    for row in found.to_dict("records"):
        name = str(row["metric"]).removeprefix("Number of ").removesuffix(" per 1,000 patients in the cohort")
        cells = "".join(f"{'suppressed' if pd.isna(row[arm]) else format(row[arm], ',.2f'):>18}" for arm in arms)
        first, *rest = textwrap.wrap(name, width - 1)
        lines += [f"{row['metric_id']:<4}{first:<{width}}{cells}", *(f"{'':<6}{each}" for each in rest)]
    return "\n".join(lines)


def _of_residents(folder: Path, keys: Sequence[str]) -> pd.DataFrame:
    """Return counts of each draw and replication by ``keys``, from the panel and the stocks."""
    each = list(dict.fromkeys([*UNIT, *keys]))
    panel = _read(folder / "panel.parquet", [*each, *COUNTED])
    stocks = _read(folder / "stocks.parquet", [*each, COHORT, CASELOAD])
    used = panel.groupby(each, observed=True)[list(COUNTED)].sum()
    there = stocks.groupby(each, observed=True)[[COHORT, CASELOAD]].sum()
    return there.join(used, how="left").fillna(0).reset_index()


def _of_kept(folder: Path, keys: Sequence[str]) -> pd.DataFrame:
    """Return counts of each draw and replication by ``keys``, from the months of the people kept."""
    files = sorted((folder / "person_months").glob("*.parquet"))
    if not files:
        raise InputError(str(folder / "person_months"), "no such files; a run with experiment.person_months has them")
    starts = _read(folder / "panel.parquet", ["month", "month_start"]).drop_duplicates()
    each = list(dict.fromkeys([*UNIT, *keys]))
    columns = [name for name in each if name != "month_start"]
    parts = []
    for file in files:
        rows = _read(file, [*columns, *COUNTED, CASELOAD]).merge(starts, on="month").assign(**{COHORT: 1})
        parts.append(rows.groupby(each, observed=True)[[*COUNTED, CASELOAD, COHORT]].sum())
    return pd.concat(parts).reset_index()


def _lines(means: pd.DataFrame, keys: Sequence[str], metric: Metric) -> pd.DataFrame:
    lines = means[list(keys)].copy()
    count = means[list(metric.columns)].sum(axis=1)
    hidden = count < LEAST
    rate = count * PER_PEOPLE / means[COHORT].where(means[COHORT] > 0)
    lines["metric_id"], lines["type"], lines["metric"] = metric.code, metric.kind, metric.name
    lines["count"] = count.mask(hidden)
    lines["people"] = means[COHORT]
    lines["value"] = (rate if metric.rate else count).mask(hidden)
    lines["suppressed"] = hidden
    return lines


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(str(path), "no such file; give the folder of a run")
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(str(path), "not a Parquet file that can be read") from error
    for column in columns:
        if column not in frame.columns:
            raise InputError(path.name, f"column '{column}' is missing; {nearest(column, map(str, frame.columns))}")
    return frame[list(columns)]


def _known(where: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError(where, f"no such option '{value}': {nearest(value, allowed)}")
