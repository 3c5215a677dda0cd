"""How much more of admissions would be repeats today, had people stayed as unlike each other as they were.

Shares of older people's emergency admissions that are of those admitted twice or more were published for 1997/98 and
for the year after. Admissions per person have risen by half since, and with them repeats, whoever the people are. The
two published shares say how unlike people are (a gamma of shape ``k``: Poisson counts are negative binomial) and how
much of it lasts into the next year (``lasting``); both are kept, and the mean is moved.

With mean m, and a = m / k: P(0) = (1 + a)^-k and P(1) = k a / (1 + a) P(0). Counted by admissions rather than people
the shape is k + 1, so that the share of admissions that are of people with two or more is 1 - (1 + a)^-(k + 1)
(negative binomial, e.g. Johnson, Kemp & Kotz, Univariate Discrete Distributions, 2005, ch. 5).

    python -m calibration.targets.repeat_admissions
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from scipy.optimize import brentq

from scenarios.registry.reader import load_registry

JUDGEMENTS = Path(__file__).with_name("judgements.csv")
OLDER_FROM = 65  # years
PER_1000 = 1000.0
SHAPES = (1e-3, 1e3)  # within which the shape is looked for


@dataclass(frozen=True)
class Unlike:
    """How unlike people are (``shape`` of the gamma of their rates) and how much of it is ``lasting`` a year on."""

    shape: float
    lasting: float


def in_the_year(mean: float, shape: float) -> float:
    """Return the share of admissions that are of people admitted twice or more, at ``mean`` admissions a person."""
    return 1.0 - (1.0 + mean / shape) ** -(shape + 1.0)


def people_with_two(mean: float, shape: float) -> float:
    """Return the share of people admitted twice or more in a year."""
    odds = mean / shape
    none = (1.0 + odds) ** -shape
    return 1.0 - none - shape * odds / (1.0 + odds) * none


def year_after(mean: float, unlike: Unlike) -> float:
    """Return the share of the next year's admissions that are of them: what lasts, and what any of their number has."""
    odds, shape = mean / unlike.shape, unlike.shape + 1.0
    none = (1.0 + odds) ** -shape
    if_all_lasts = 1.0 - none - shape * odds / (1.0 + odds) * none
    return unlike.lasting * if_all_lasts + (1.0 - unlike.lasting) * people_with_two(mean, unlike.shape)


def unlike_of(mean: float, index_share: float, after_share: float) -> Unlike:
    """Return the people that give the two shares at ``mean``. Raises ValueError if none do."""
    shape = float(brentq(lambda k: in_the_year(mean, k) - index_share, *SHAPES))
    none, all_of_it = (year_after(mean, Unlike(shape, lasting)) for lasting in (0.0, 1.0))
    lasting = (after_share - none) / (all_of_it - none)
    if not 0.0 <= lasting <= 1.0:
        raise ValueError(f"no gamma mixture gives {index_share:g} and {after_share:g} at {mean:g} admissions a person")
    return Unlike(shape, lasting)


def older_rate_now() -> float:
    """Return emergency admissions per person of 65 and over: England's rates of 2024/25 on its residents."""
    registry = load_registry()
    rates = registry.table("emergency_admission_rates")
    older = (
        rates[rates["age_from"] >= OLDER_FROM].groupby(["age_from", "national_quintile"])["per_1000_per_year"].mean()
    )
    people = registry.table("england_population")
    bands = older.index.get_level_values("age_from").unique().sort_values()
    residents = people[people["age_from"] >= OLDER_FROM]
    at = bands[bands.searchsorted(residents["age_from"], side="right") - 1]
    number = residents["persons"].groupby([at, residents["national_quintile"].to_numpy()]).sum()
    weights = number.to_numpy(float)
    return float((older.to_numpy(float) * weights).sum() / weights.sum() / PER_1000)


def bridges(index_share: float, after_share: float) -> tuple[float, float]:
    """Return the factors that carry the published shares of 1997/98 and of the year after to today's admissions."""
    known = pd.read_csv(JUDGEMENTS).set_index("name")["value"]
    then = float(known["older_admissions_1997_98"]) / float(known["older_residents_1998"])
    now, unlike = older_rate_now(), unlike_of(then, index_share, after_share)
    index = in_the_year(now, unlike.shape) / index_share
    return index, year_after(now, unlike) / after_share


def main() -> None:
    """Print the factors for the two published shares."""
    from calibration.targets.reader import TABLES, read_targets

    known = {each.target: each for each in read_targets(TABLES / "england_average.csv")}
    pair = [known[name].value for name in ("often_admitted_index_year", "often_admitted_year_after")]
    print("factors: {:.2f} in the year, {:.2f} the year after".format(*bridges(*pair)))


if __name__ == "__main__":
    main()
