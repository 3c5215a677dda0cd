"""Whether a long experiment ends when it said it would: the forecast of a comparison of two arms beside the truth."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.place_run import PLACE, scaled_place
from benchmarks.report import Found, Limit
from scenarios.compose import compose
from scenarios.schema import Scenario
from sim.execution.claim import MANIFEST
from sim.execution.executors import cores
from sim.execution.forecast import Forecast
from sim.experiment import Conduct, compare_arms
from sim.warm import ensure_compiled

MOST_OFF = 0.3  # of the forecast, to either side
ARMS = "usual_care", "full"
NOTES = (
    "The Bi-Borough under usual care and design `full`, parameters drawn, as `intsim compare` runs it with its default "
    "workers. took_s: wall seconds from the moment the forecast is made until the tables are written. disk: the most "
    "that was on it at once.",
    "A forecast is for a machine as busy as when it is made: on one that does other things too, it may be wrong by as "
    "much as that changes.",
)


class Size(NamedTuple):
    """residents (None: the place as it is); draws and replications of each; months of burn-in and after go-live."""

    residents: int | None
    draws: int
    replications: int
    burn_in_months: int
    horizon_months: int


SIZES = {
    "small": Size(2_000, 2, 2, 12, 20),
    "quick": Size(50_000, 8, 2, 24, 36),
    "full": Size(None, 8, 2, 24, 36),
}


@dataclass
class Watch:
    """What was foreseen of an experiment, when, and the most bytes its tasks have had on disk."""

    folder: Path
    foreseen: Forecast | None = None
    at_s: float = 0.0
    most_bytes: list[int] = field(default_factory=lambda: [0])

    def foresee(self, forecast: Forecast) -> None:
        """Take the forecast down, and the time."""
        self.foreseen, self.at_s = forecast, time.perf_counter()

    def weigh(self, *_: object) -> None:
        """Weigh what the tasks have written so far."""
        self.most_bytes.append(bytes_of(self.folder / "tasks"))


def bytes_of(folder: Path) -> int:
    """Return the bytes of the tables in a folder."""
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))


def measure(size: str) -> Found:
    """Return the forecast and what came of it."""
    ensure_compiled()
    chosen = SIZES[size]
    with tempfile.TemporaryDirectory() as name:
        row = compared(arms_of(chosen, Path(name)), Path(name) / "run")
    off = abs(row["took_s"] / row["forecast_s"] - 1.0)
    return Found({"a comparison": [row]}, [Limit("off the forecast, share", off, MOST_OFF, at_least=False)], NOTES)


def arms_of(size: Size, folder: Path) -> list[Scenario]:
    """Return the two arms; files of a smaller place are written into ``folder``."""
    words = [
        f"place={PLACE}",
        f"experiment.draws={size.draws}",
        f"experiment.replications={size.replications}",
        f"experiment.burn_in_months={size.burn_in_months}",
        f"experiment.horizon_months={size.horizon_months}",
    ]
    if size.residents is not None:
        place = scaled_place(size.residents, folder / "place")
        words += [f"place.basis={size.residents}", f"place.folder={place}"]
    return [compose([*words, f"int={design}"]) for design in ARMS]


def compared(arms: list[Scenario], output: Path) -> dict[str, Any]:
    """Run the comparison into ``output``; return its forecast and what came of it.

    Raises RuntimeError if it is too short to be forecast.
    """
    watch = Watch(output)
    compare_arms(arms[0], arms[1], output, watch.weigh, Conduct(foresee=watch.foresee))
    took_s = time.perf_counter() - watch.at_s
    if watch.foreseen is None:
        raise RuntimeError("the comparison is too short to be forecast")
    experiment = arms[0].experiment
    return {
        "residents": json.loads((output / MANIFEST).read_text(encoding="utf-8"))["residents"],
        "tasks": experiment.draws * experiment.replications,
        "workers": min(experiment.workers or cores(), experiment.draws * experiment.replications),
        "months_of_an_arm": experiment.burn_in_months + experiment.horizon_months,
        "forecast_s": watch.foreseen.seconds,
        "took_s": took_s,
        "forecast_disk_mb": watch.foreseen.disk_bytes / 1e6,
        "disk_mb": (max(watch.most_bytes) + bytes_of(output)) / 1e6,
    }
