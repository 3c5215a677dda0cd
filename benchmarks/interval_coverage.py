"""How often 95% intervals of inequality and life tables hold the truth: python -m benchmarks.interval_coverage.

Invented populations whose truth is known, drawn 1,000 times each. Where what is drawn is one count or two, coverage is
also added up over every count there can be, free of Monte Carlo error: promises are then held to that figure, and the
draws to it. Kept in benchmarks/results/interval_coverage.json with seed, commit and a hash of the code; a test runs a
twentieth and notices when that code has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.known_answers import code_alone
from evaluation.estimate import Estimate
from evaluation.inequality.concentration import ConcentrationMethod, concentration_grouped, concentration_index
from evaluation.inequality.decomposition import gap_change_parts
from evaluation.inequality.dispersion import mean_log_deviation, theil
from evaluation.inequality.groups import Attributable, GroupMethod, attributable_fraction, mean_difference
from evaluation.inequality.pairs import absolute_gap, relative_gap
from evaluation.inequality.slope_ohid import SlopeMethod, slope_ohid
from evaluation.inequality.slope_variants import slope_who_logit, slope_york
from evaluation.life_tables.health import healthy_life_expectancy
from evaluation.life_tables.table import OHID_BANDS, chiang_table
from evaluation.standardisation.crude import crude_rate, proportion
from evaluation.standardisation.direct import DirectMethod, direct_rate, direct_rate_repeats
from scenarios.whole_file import write_text

REPO = Path(__file__).resolve().parents[1]
RESULTS = REPO / "benchmarks" / "results" / "interval_coverage.json"
SEED, REPEATS, STANDARD_ERRORS = 20261122, 1_000, 4.0
COVERS, FAILS, PRINTED = "covers", "fails", "printed"
LEAST, MOST, FAILING = 0.93, 0.97, 0.90  # 'covers' is between the first two, 'fails' below the last
Truth = tuple[Estimate, float]
PEOPLE = np.array([900.0, 1100.0, 1000.0, 1000.0, 1000.0])
RANK = np.array([0.09, 0.29, 0.5, 0.7, 0.9])
AGES = np.array(OHID_BANDS, dtype=float)
MIDDLES = np.append((AGES[:-1] + AGES[1:]) / 2, 94.0)
DEATH_RATES = 3e-5 * np.exp(0.095 * MIDDLES)
HEALTHY, ASKED = np.linspace(0.95, 0.3, 20), np.full(20, 40)
RARE = 1e-9  # chance of counts left out on either side where coverage is added up
FREQUENT, ONCE = 6, 1  # attendances of the two kinds of attenders
STRATA = pd.DataFrame({"stratum": ["young", "old"], "population": [3000.0, 3000.0], "weight": [1.0, 1.0]})


@dataclass(frozen=True)
class Study:
    """One method on one kind of population: draws an estimate and its truth; ``caution`` is for those not promised.

    ``exact``: its coverage added up over all counts, where that can be done.
    """

    draw: Callable[[np.random.Generator], Truth]
    promise: str = COVERS
    caution: str = ""
    exact: Callable[[], float] | None = None


def _slope(kind: str, transform: bool = False) -> Callable[[np.random.Generator], Truth]:
    truth = np.exp(3.4 - 0.5 * RANK) / 100 if transform else 0.30 - 0.12 * RANK
    table = pd.DataFrame({"quantile": range(1, 6), "population": PEOPLE, "value": truth})
    slope = slope_ohid(table, SlopeMethod(kind, transform)).sii.estimate

    def draw(random: np.random.Generator) -> Truth:
        if kind == "proportion":
            count = random.binomial(PEOPLE.astype(int), truth)
            se = 1 / np.sqrt(count * (1 - count / PEOPLE))
        else:
            count = random.poisson(truth * PEOPLE)
            se = 1 / np.sqrt(count) if kind == "rate" else np.sqrt(count) / PEOPLE
        drawn = table.assign(value=count / PEOPLE, se=se)
        return slope_ohid(drawn, SlopeMethod(kind, transform, simulations=4_000)).sii, slope

    return draw


def _standardised(random: np.random.Generator) -> Truth:
    rates, people = np.array([0.01, 0.05]), np.array([1500.0, 400.0])
    table = STRATA.assign(population=people, count=random.poisson(rates * people))
    return direct_rate(table, DirectMethod(1_000)), 1_000 * float(rates.mean())


def _repeats(plain: bool) -> Callable[[np.random.Generator], Truth]:
    shares = np.array([0.7, 0.3])

    def draw(random: np.random.Generator) -> Truth:
        people = random.poisson(3000 * 0.05 * np.vstack([shares, shares]))
        if plain:
            found = direct_rate(STRATA.assign(count=people @ [ONCE, FREQUENT]))
        else:
            events = {
                "stratum": np.repeat(STRATA["stratum"], 2),
                "events": [ONCE, FREQUENT] * 2,
                "people": people.ravel(),
            }
            found = direct_rate_repeats(STRATA, pd.DataFrame(events))
        return found, 100_000 * 0.05 * float(shares @ [ONCE, FREQUENT])

    return draw


def _count(mean: float, promise: str = COVERS, caution: str = "") -> Study:
    def found(count: int) -> Truth:
        return crude_rate(count, 1_000, 1.0), mean / 1_000

    def exact() -> float:
        return float(sum(chance * _held(found(count)) for count, chance in _poisson(mean)))

    return Study(lambda random: found(int(random.poisson(mean))), promise, caution, exact)


def _proportion(n: int, share: float, promise: str = COVERS, caution: str = "", add_up: bool = True) -> Study:
    def found(count: int) -> Truth:
        return proportion(count, n), share

    def exact() -> float:
        return float(sum(stats.binom.pmf(count, n, share) * _held(found(count)) for count in range(n + 1)))

    return Study(lambda random: found(int(random.binomial(n, share))), promise, caution, exact if add_up else None)


def _gap(relative: bool, most: float, least: float, add_up: bool = False) -> Study:
    truth = most / least if relative else (most - least) / 1_000
    gap = relative_gap if relative else absolute_gap

    def draw(random: np.random.Generator) -> Truth:
        return gap(*(crude_rate(int(random.poisson(mean)), 1_000, 1.0) for mean in (most, least))), truth

    def exact() -> float:
        sides = [
            [(crude_rate(count, 1_000, 1.0), chance) for count, chance in _poisson(mean)] for mean in (most, least)
        ]
        return float(sum(p * q * _held((gap(one, other), truth)) for one, p in sides[0] for other, q in sides[1]))

    return Study(draw, exact=exact if add_up else None)


def _held(found: Truth) -> bool:
    return found[0].lower <= found[1] <= found[0].upper


def _poisson(mean: float) -> list[tuple[int, float]]:
    """Return every count but those beyond a chance of RARE on either side, with its chance."""
    counts = range(int(stats.poisson.ppf(RARE, mean)), int(stats.poisson.ppf(1 - RARE, mean)) + 1)
    return [(count, float(stats.poisson.pmf(count, mean))) for count in counts]


def _gap_change(random: np.random.Generator) -> Truth:
    means = {("most", "before"): 80, ("most", "after"): 60, ("least", "before"): 40, ("least", "after"): 38}
    rows = [("all", "any", *key, float(random.poisson(mean)), 1000.0, 1.0) for key, mean in means.items()]
    table = pd.DataFrame(rows, columns=["age_band", "cause", "side", "time", "count", "population", "weight"])
    row = gap_change_parts(table).iloc[0]
    return Estimate(float(row["change"]), float(row["lower"]), float(row["upper"]), "gap_change"), -18.0


def _life(people: float, healthy: bool = False) -> Callable[[np.random.Generator], Truth]:
    share = np.exp(-MIDDLES / 60)
    population = people * share / share.sum()
    table = pd.DataFrame({"start_age": OHID_BANDS, "population": population})
    true_table = chiang_table(table.assign(deaths=DEATH_RATES * population), suppress=False)
    true_life = true_table.expectancy().estimate
    true_health = healthy_life_expectancy(true_table, HEALTHY).estimate

    def draw(random: np.random.Generator) -> Truth:
        deaths = random.poisson(DEATH_RATES * population)
        deaths[-1] = max(deaths[-1], 1)
        made = chiang_table(table.assign(deaths=deaths), suppress=False)
        if healthy:
            return healthy_life_expectancy(made, random.binomial(ASKED, HEALTHY) / ASKED, ASKED), true_health
        return made.expectancy(), true_life

    return draw


def _concentration(errors: str, index: str = "standard") -> Callable[[np.random.Generator], Truth]:
    people = 400
    rank = (np.arange(people) + 0.5) / people
    chance = 0.35 - 0.3 * (rank - 0.5)
    truth = concentration_index(chance, rank, None, ConcentrationMethod(index)).estimate

    def draw(random: np.random.Generator) -> Truth:
        ill = (random.uniform(size=people) < chance).astype(float)
        return concentration_index(ill, rank, None, ConcentrationMethod(index, errors=errors)), truth

    return draw


def _grouped(random: np.random.Generator) -> Truth:
    chance, size = 0.35 - 0.3 * (RANK - 0.5), PEOPLE / 5
    seen = random.binomial(size.astype(int), chance) / size
    return concentration_grouped(seen, size, np.sqrt(seen * (1 - seen))), concentration_grouped(chance, size).estimate


def _of_groups(measure: Callable[..., Estimate], spread: float = 0.3) -> Callable[[np.random.Generator], Truth]:
    """Draw five groups' proportions about 0.35, from ``spread`` more to less, with their binomial errors."""
    chance, size = 0.35 - spread * (RANK - 0.5), PEOPLE.astype(int)

    def draw(random: np.random.Generator) -> Truth:
        seen = random.binomial(size, chance) / size
        return measure(seen, PEOPLE, np.sqrt(seen * (1 - seen) / size)), measure(chance, PEOPLE, None).estimate

    return draw


def _fraction(values: np.ndarray, people: np.ndarray, errors: np.ndarray | None) -> Estimate:
    return attributable_fraction(values, people, Attributable(scale=1.0))


def _distance(values: np.ndarray, people: np.ndarray, errors: np.ndarray | None) -> Estimate:
    return mean_difference(values, people, errors, method=GroupMethod(simulations=2_000, highest=1.0))


def _york(values: np.ndarray, people: np.ndarray, errors: np.ndarray | None) -> Estimate:
    return slope_york(values, people)[0]


def _who(values: np.ndarray, people: np.ndarray, errors: np.ndarray | None) -> Estimate:
    return slope_who_logit(values, people)[0]


_OF_RESIDUALS = "limits of five points' residuals, read as normal, are too narrow"
STUDIES: dict[str, Study] = {
    "sii_ohid": Study(_slope("normal")),
    "sii_ohid_rate": Study(_slope("rate")),
    "sii_ohid_proportion": Study(_slope("proportion")),
    "sii_ohid_rate_transform": Study(_slope("rate", True)),
    "dsr_dobson": Study(_standardised),
    "dsr_dobson_non_independent": Study(_repeats(False)),
    "dsr_dobson, repeat attenders": Study(_repeats(True), FAILS, "events of the same people are not independent"),
    "rate_byars, 40 events": _count(40),
    "rate_exact_poisson, 4 events": _count(4, PRINTED, "exact limits cover more than they promise"),
    "proportion_wilson, 300 of 1,000": _proportion(1_000, 0.3, add_up=False),
    "proportion_wilson, 30 of 100": _proportion(100, 0.3),
    "proportion_wilson, 1 of 50": _proportion(50, 0.02, PRINTED, "coverage of few events goes up and down"),
    "gap_absolute, 600 less 350 events": _gap(False, 600, 350),
    "gap_absolute, 60 less 35 events": _gap(False, 60, 35, add_up=True),
    "gap_relative, 600 over 350 events": _gap(True, 600, 350),
    "gap_relative, 60 over 35 events": _gap(True, 60, 35, add_up=True),
    "gap_change_parts": Study(_gap_change),
    "le_chiang_open, 30,000 people": Study(_life(30_000)),
    "le_chiang_open, 3,000 people": Study(_life(3_000), PRINTED, "below the least population; not shown by default"),
    "healthy_le_chiang_open": Study(_life(30_000, True)),
    "concentration_standard, delta": Study(_concentration("delta")),
    "concentration_standard, ols": Study(_concentration("ols"), PRINTED, "takes the mean for known"),
    "concentration_erreygers, robust": Study(_concentration("robust", "erreygers")),
    "concentration_standard_grouped": Study(_grouped),
    "theil_t of groups": Study(_of_groups(theil)),
    "theil_l of groups": Study(_of_groups(mean_log_deviation)),
    "attributable_fraction": Study(_of_groups(_fraction)),
    "mean_difference, groups that differ": Study(_of_groups(_distance)),
    "mean_difference, groups all alike": Study(_of_groups(_distance, 0.0), FAILS, "a distance is never below 0"),
    "sii_york_unweighted": Study(_of_groups(_york), FAILS, _OF_RESIDUALS),
    "sii_who_logit": Study(_of_groups(_who), FAILS, _OF_RESIDUALS),
}


def coverage(name: str, repeats: int = REPEATS) -> float:
    """Return the share of ``repeats`` draws whose interval holds the truth; draw i is the same for any ``repeats``."""
    hits = 0
    for repeat in range(repeats):
        key = hashlib.blake2b(f"{SEED} {name} {repeat}".encode(), digest_size=16).digest()
        random = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
        hits += _held(STUDIES[name].draw(random))
    return hits / repeats


def monte_carlo_error(share: float, repeats: int) -> float:
    """Return the standard error of a share of ``repeats``, as if at least one repeat had gone the other way."""
    bounded = min(max(share, 1 / repeats), 1 - 1 / repeats)
    return math.sqrt(bounded * (1 - bounded) / repeats)


def kept(promise: str, share: float) -> bool:
    """Return whether coverage ``share`` of the full study keeps its promise."""
    return {COVERS: LEAST <= share <= MOST, FAILS: share < FAILING, PRINTED: True}[promise]


def code_hash() -> str:
    """Return the hash of the code that decides the figures, without comments and docstrings."""
    folders = (REPO / "evaluation" / name for name in ("inequality", "standardisation", "life_tables"))
    files = [
        Path(__file__),
        *(REPO / "evaluation" / f"{name}.py" for name in ("arrays", "draws", "estimate", "methods", "rounding")),
    ]
    files += [path for folder in folders for path in folder.glob("*.py") if path.name not in ("gaps.py", "aim.py")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.name}:{code_alone(path.read_text(encoding='utf-8'))}".encode())
    return digest.hexdigest()[:16]


def main(arguments: list[str] | None = None) -> int:
    """Run every study in full, print and keep the figures; return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"only {REPEATS} are kept")
    repeats, rows = parser.parse_args(arguments).repeats, []
    found: dict[str, Any] = {"seed": SEED, "repeats": repeats, "commit": _commit(), "code_hash": code_hash()}
    for name, study in STUDIES.items():
        share = coverage(name, repeats)
        exact = study.exact() if study.exact else None
        good = kept(study.promise, share if exact is None else exact)
        row = {"name": name, "promise": study.promise, "caution": study.caution, "coverage": share, "exact": exact}
        rows.append({**row, "kept": good})
        counted = "      " if exact is None else f"{exact:6.1%}"
        print(f"{name:<34} {study.promise:<8} {share:6.1%} {counted} {'' if good else 'NOT KEPT'} {study.caution}")
    if repeats == REPEATS:
        write_text(RESULTS, json.dumps({**found, "studies": rows}, indent=1) + "\n")
    return int(not all(row["kept"] for row in rows))


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPO, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
