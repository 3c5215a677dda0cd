"""What a design spends, and what a budget buys of it.

Costs are those that a design adds to its comparator. Posts are funded in full from the month in which a neighbourhood
goes live, although they fill over months: what is not spent meanwhile is not counted as saved. Money of posts that
stay vacant is shown as unspent. What a design costs once is counted, in the first month that counts, where it went
live before that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evaluation.economics.ledger import ONCE, RECURRENT
from evaluation.economics.money import PENCE, pence
from evaluation.economics.prices import financial_year
from evaluation.economics.staffing import Funded, funded_posts
from intsim.cases.valuation import WEEKS_A_YEAR, Book, package_cost_per_week, post_cost, price_of
from scenarios.errors import InputError, nearest
from scenarios.schema.case import Case, OptionCosts
from scenarios.schema.modules.workforce import MOST_FTE
from scenarios.service_names import OF_A_GROUP

PER = 10_000.0
MONTHS = 12
BOARD = "integrated care board"
PACKAGES, VIRTUAL = "added_home_packages_per_10000", "added_virtual_ward_places_per_10000"
DAYS = 365.25
SWAP = "skill_mix_to_nurse_share"
Design = Mapping[str, Any]  # the settings of one INT design, as saved with a run


NEEDED = (  # settings of a design that cost something
    ("workforce", "added_fte"),
    ("workforce", PACKAGES),
    ("workforce", VIRTUAL),
    ("transition", "double_running_months"),
    ("transition", "go_live_month"),
    ("transition", "stagger_months"),
)


@dataclass(frozen=True)
class Added:
    """What a design adds to the comparator for every 10,000 registered residents it is for.

    starts: (month, share of all residents) of those whose INTs begin then; months from the first that counts, below 0
    before it. members: of a group with an INT of its own, as a share of all residents; it begins at ``live``, and has
    some kinds of staff alone (service_names.OF_A_GROUP).
    """

    posts: dict[str, float]  # full-time equivalents in post, by service
    packages: float
    virtual_places: float
    double_months: float
    starts: tuple[tuple[int, float], ...] = ((0, 1.0),)
    live: int = 0
    members: float = 0.0
    differs: bool = True  # whether the design is another than the comparator at all
    swaps: bool = False  # whether it turns posts of GPs into others, at equal pay

    def served_share(self, service: str) -> float:
        """Return those for whom posts of a service are added, of all residents."""
        return self.whole if service in OF_A_GROUP else self.neighbourhoods

    @property
    def neighbourhoods(self) -> float:
        """Those for whom neighbourhoods' INTs work by it, of all residents."""
        return math.fsum(share for _, share in self.starts)

    @property
    def whole(self) -> float:
        """Those it is for, members of a group included, of all residents."""
        return self.neighbourhoods + self.members

    @property
    def parts(self) -> tuple[tuple[int, float, bool], ...]:
        """(month, share of all residents, whether they are a group's members) of all that begin."""
        group = ((self.live, self.members, True),) if self.members > 0 else ()
        return (*((month, share, False) for month, share in self.starts), *group)

    def times(self, scale: float) -> Added:
        """Return ``scale`` times the posts and places."""
        posts = {service: scale * fte for service, fte in self.posts.items()}
        return replace(self, posts=posts, packages=scale * self.packages, virtual_places=scale * self.virtual_places)


def added_by(design: Design, comparator: Design) -> Added:
    """Return what ``design`` adds; of posts that it takes away (below 0) pay, training and room are saved.

    Raises InputError for settings that lack what is counted, as those of a run of an older version do.
    """
    for settings in (design, comparator):
        for block, key in NEEDED:
            if key not in settings.get(block, {}):
                words = "is missing: the run is of another version of intsim; run it again"
                raise InputError(f"settings of {settings.get('name', 'a design')}, key int.{block}.{key}", words)
    mine, theirs = design["workforce"], comparator["workforce"]
    posts = {}
    for service, fte in mine["added_fte"].items():
        more = float(fte) - float(theirs["added_fte"].get(service, 0.0))
        if more:
            posts[str(service)] = more
    return Added(
        posts,
        float(mine[PACKAGES]) - float(theirs[PACKAGES]),
        float(mine[VIRTUAL]) - float(theirs[VIRTUAL]),
        float(design["transition"]["double_running_months"]),
        differs={**design, "name": ""} != {**comparator, "name": ""},
        swaps=mine.get(SWAP, 0.0) != theirs.get(SWAP, 0.0),
    )


def post_cost_a_year(book: Book, service: str) -> float:
    """Return pounds a year of a funded post with its training and room."""
    extra = book.money("training_gbp_per_post") + book.money("estates_gbp_per_post")
    return post_cost(book, service) + extra


def fixed_a_year(book: Book, name: str, added: Added) -> float:
    """Return pounds a year for 10,000 residents that a design costs whatever its posts."""
    own = book.case.costs.get(name, OptionCosts())
    lumps = own.recurrent_gbp_per_10000 + own.estates_gbp_per_10000 + own.training_gbp_per_10000
    return lumps + added.packages * package_cost_per_week(book) * WEEKS_A_YEAR + virtual_a_year(book, added)


def virtual_a_year(book: Book, added: Added) -> float:
    """Return pounds a year of added virtual ward places."""
    return added.virtual_places * price_of(book, "virtual_ward_day") * DAYS


def once(book: Book, name: str, added: Added) -> float:
    """Return pounds for 10,000 residents that a design costs once, whatever its posts."""
    own = book.case.costs.get(name, OptionCosts())
    return own.set_up_gbp_per_10000 + own.double_running_gbp_per_10000 + programme(book, added)


def programme(book: Book, added: Added) -> float:
    """Return pounds for 10,000 residents of managing the change, none where nothing changes."""
    return book.money("programme_gbp_per_10000") if added.differs else 0.0


def buy(book: Book, name: str, added: Added, years: float) -> Funded:
    """Return what the case's budget buys of a design: pounds a year and posts for 10,000 residents.

    Costs paid once are spread over the ``years`` of the run, so that every option costs the same where all
    neighbourhoods begin at once. Without a budget the design is as it is, and the budget what that costs (below 0
    for one that saves money). Posts taken away are people in post: there is no vacancy to add to them. Raises
    InputError for a budget that does not pay for what the design costs before any post.
    """
    vacancy = book.values["vacancy_share"]
    costs = costs_of_posts(book, added, years)
    fixed = fixed_a_year(book, name, added) + once(book, name, added) / years
    posts = {service: fte / (1 - vacancy) if fte > 0 else fte for service, fte in added.posts.items()}
    return funded_posts(posts, costs, book.case.budget_gbp_per_10000, fixed, vacancy, book.case.buy_more)


def costs_of_posts(book: Book, added: Added, years: float) -> dict[str, float]:
    """Return pounds a year of a post by service, its set-up spread over ``years``; none comes back for one taken away.

    Pay, training and room of a post taken away are saved.
    """
    set_up = book.money("set_up_gbp_per_post") / years
    return {name: post_cost_a_year(book, name) + (set_up if fte > 0 else 0.0) for name, fte in added.posts.items()}


def saved_a_year(book: Book, added: Added) -> float:
    """Return pounds a year for 10,000 residents that posts taken away no longer cost."""
    return sum(-fte * post_cost_a_year(book, service) for service, fte in added.posts.items() if fte < 0)


def check_budget(book: Book, added: Mapping[str, Added], years: float) -> None:
    """Raise InputError if the budget does not pay for what the cheapest option, or any, costs before any added post."""
    budget = book.case.budget_gbp_per_10000
    if budget is None:
        return
    least = {
        name: fixed_a_year(book, name, each) + once(book, name, each) / years - saved_a_year(book, each)
        for name, each in added.items()
    }
    cheapest = min(least, key=least.__getitem__)
    where = "case.budget_gbp_per_10000"
    if budget < least[cheapest]:
        words = f"{budget:,.0f} GBP a year is below the cheapest case, {cheapest}"
        raise InputError(where, f"{words}, which costs {least[cheapest]:,.0f} before any post")
    for name, cost in least.items():
        if budget < cost:
            raise InputError(where, f"{budget:,.0f} GBP a year does not pay for {name}: {cost:,.0f} before any post")


def check_costs(case: Case) -> None:
    """Raise InputError for costs of a design that is no option of the case: they would count for nothing."""
    for name in case.costs:
        if name == case.comparator:
            words = "is the comparator: costs are what an option adds to it: give each option's less the comparator's"
            raise InputError(f"case.costs.{name}", words)
        if name not in case.options:
            raise InputError(f"case.costs.{name}", f"no such option in this case: {nearest(name, case.options)}")


def check_most(case: Case, held: Mapping[str, float], funded: Mapping[str, Funded], saved: Mapping[str, float]) -> None:
    """Raise InputError for a budget that buys more posts than a design may have, with the largest that does not.

    ``held``: the comparator's posts; ``funded``: what is bought of each option, and ``saved``: pounds a year that its
    posts taken away no longer cost.
    """
    over = []  # the largest budget, option and service of each that has too many
    for name, bought in funded.items():
        for service, fte in bought.fte.items():
            if fte > 0 and held[service] + fte > MOST_FTE:
                free = bought.budget + saved[name] - bought.fixed
                most = bought.fixed - saved[name] + free * (MOST_FTE - held[service]) / fte
                over.append((most, name, service))
    if not over:
        return
    most, name, service = min(over)
    posts = f"{funded[name].fte[service]:,.0f} full-time posts for every 10,000 residents"
    if case.budget_gbp_per_10000 is None:
        raise InputError(f"case.posts.{name}.{service}", f"{posts} are too many; give at most {MOST_FTE:,.0f}")
    words = f"{case.budget_gbp_per_10000:,.0f} GBP a year is too much: it would buy '{name}' {posts} in {service}"
    raise InputError("case.budget_gbp_per_10000", f"{words}; give at most {math.floor(most):,}")


def posts_wanted(case: Case, name: str, added: Added) -> Added:
    """Return ``added`` with the posts that the case names for a design that adds none of its own.

    Raises InputError if the design adds some, and the case names others.
    """
    own = case.posts.get(name)
    if own is None:
        return added
    if added.posts:
        problem = f"'{name}' adds posts of its own ({', '.join(added.posts)}): posts are for designs that add none"
        raise InputError(f"case.posts.{name}", problem)
    return replace(added, posts=dict(own))


def spending_lines(
    book: Book, name: str, added: Added, registered: float, months: int, first_month: str
) -> pd.DataFrame:
    """Return what a design with these posts spends over a run: the lines of ``ledger.spend`` for arm ``name``.

    ``registered``: residents of the place; ``months``: that count; ``first_month``: the first of them, such as
    '2024-04'.
    """
    rows: list[dict[str, Any]] = []
    own = book.case.costs.get(name, OptionCosts())
    shares = own.funded_by or {BOARD: 1.0}
    pay = {service: post_cost(book, service) for service in added.posts}
    training, estates, set_up = (book.money(f"{what}_gbp_per_post") for what in ("training", "estates", "set_up"))
    packages = added.packages * package_cost_per_week(book) * WEEKS_A_YEAR / MONTHS
    virtual = virtual_a_year(book, added) / MONTHS

    def add(month: int, line: str, organisation: str, sector: str, recurrence: str, gbp: float) -> None:
        if gbp:
            rows.append(
                {
                    "arm": name,
                    "year": month // MONTHS,
                    "financial_year": financial_year(_month_after(first_month, month)),
                    "organisation": organisation,
                    "sector": sector,
                    "line": line,
                    "recurrence": recurrence,
                    "gbp": gbp,
                }
            )

    for start, part, group in added.parts:
        scale = registered * part / PER
        places = 0.0 if group else scale
        posts = {name: fte for name, fte in added.posts.items() if not group or name in OF_A_GROUP}
        for month in range(max(start, 0), months):
            first = month == max(start, 0)
            learning = min(max(added.double_months - (month - start), 0.0), 1.0)
            for service, fte in posts.items():
                organisation, sector = (str(book.staff[service][column]) for column in ("organisation", "sector"))
                each = fte * scale / MONTHS
                twice = learning if fte > 0 else 0.0  # nobody learns in a post that is taken away
                add(month, f"posts: {service}", organisation, sector, RECURRENT, each * pay[service] * (1 - twice))
                add(month, f"double running: {service}", organisation, sector, ONCE, each * pay[service] * twice)
                add(month, "training", organisation, sector, RECURRENT, each * training)
                add(month, "estates", organisation, sector, RECURRENT, each * estates)
                if first:
                    add(month, "set-up of posts", organisation, sector, ONCE, max(fte, 0.0) * scale * set_up)
            add(month, "home care places", "council", "social care", RECURRENT, places * packages)
            add(month, "virtual ward places", "acute trust", "NHS", RECURRENT, places * virtual)
            for organisation, share in shares.items():
                sector = "social care" if organisation == "council" else "NHS"
                for line, gbp in (
                    ("contracts and licences", own.recurrent_gbp_per_10000),
                    ("estates", own.estates_gbp_per_10000),
                    ("training", own.training_gbp_per_10000),
                ):
                    add(month, line, organisation, sector, RECURRENT, share * scale * gbp / MONTHS)
                if first:
                    add(month, "set-up", organisation, sector, ONCE, share * scale * own.set_up_gbp_per_10000)
                    double = share * scale * own.double_running_gbp_per_10000
                    add(month, "double running", organisation, sector, ONCE, double)
            if first:
                add(month, "programme and change", BOARD, "NHS", ONCE, scale * programme(book, added))
    return _summed(rows)


def recurrent_a_year(book: Book, name: str, added: Added, registered: float) -> float:
    """Return pounds that a design spends in a whole year once it runs: posts learnt, nothing that is paid once.

    Of its own year and not of the run's last one, which may be a part of a year, or hold the months of learning.
    """
    running = replace(added, double_months=0.0, live=0, starts=tuple((0, share) for _, share in added.starts))
    lines = spending_lines(book, name, running, registered, MONTHS, "2000-01")
    return float(lines.loc[lines["recurrence"] == RECURRENT, "pence"].sum()) / PENCE


def _summed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return lines by year in whole pence, rounded once."""
    keys = ["arm", "year", "financial_year", "organisation", "sector", "line", "recurrence"]
    sums: dict[tuple[Any, ...], float] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        sums[key] = sums.get(key, 0.0) + row["gbp"]
    return pd.DataFrame([(*key, pence(sums[key])) for key in sorted(sums)], columns=[*keys, "pence"])


def _month_after(first: str, months: int) -> str:
    year, month = int(first[:4]), int(first[5:7]) - 1 + months
    return f"{year + month // MONTHS}-{month % MONTHS + 1:02d}"
