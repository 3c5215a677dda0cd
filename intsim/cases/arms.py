"""From a case to the arms of a comparison: the comparator as it is, and each option with the posts the budget buys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.economics.staffing import Funded
from intsim.cases.evidence import check_claims
from intsim.cases.spending import added_by, buy, check_budget, check_costs, check_most, posts_wanted, saved_a_year
from intsim.cases.valuation import Book, book_of
from scenarios.compose import compose_design, folder_of, options
from scenarios.errors import InputError, nearest
from scenarios.schema import IntDesign, Scenario
from scenarios.schema.case import Case
from scenarios.schema.place import Place

MONTHS = 12
DECIMALS = 4  # of full-time equivalents for every 10,000 residents


def arms_of(scenario: Scenario, config_dir: Path | None = None) -> list[Scenario]:
    """Return the scenarios of a case, the comparator first; they differ in the INT design alone.

    Raises InputError for a case without options, an unknown design, a price, cost or claim that cannot be used, or a
    budget below the cheapest option, or beyond what a design can have.
    """
    case = scenario.case
    if not case.options or case.comparator is None:
        raise InputError("case", f"'{case.name}' compares nothing: choose case=default, or give case.options")
    check_names(case, config_dir)
    check_costs(case)
    check_claims(case)
    book = book_of(case)
    designs = {name: design_of(name, scenario.place, config_dir, where) for name, where in names_of(scenario)}
    check_for_all(case, designs)
    comparator = designs[case.comparator]
    found = [scenario.model_copy(update={"int_design": comparator})]
    years = scenario.experiment.horizon_months / MONTHS
    added = {name: posts_wanted(case, name, added_by(plain(designs[name]), plain(comparator))) for name in case.options}
    check_budget(book, added, years)
    funded = {name: buy(book, name, added[name], years) for name in case.options}
    saved = {name: saved_a_year(book, added[name]) for name in case.options}
    check_most(case, plain(comparator)["workforce"]["added_fte"], funded, saved)
    for name, bought in funded.items():
        design = with_posts(designs[name], comparator, bought)
        found.append(scenario.model_copy(update={"int_design": design}))
    return found


def check_names(case: Case, config_dir: Path | None) -> None:
    """Raise InputError for costs or posts of a design that there is not: they would count for nothing."""
    known = options(folder_of(config_dir))["int"]
    for kind, given in (("costs", case.costs), ("posts", case.posts)):
        for name in given:
            if name not in known:
                raise InputError(f"case.{kind}.{name}", f"no such INT design '{name}': {nearest(name, known)}")


def check_for_all(case: Case, designs: dict[str, IntDesign]) -> None:
    """Raise InputError for a budget with a design for a part of the residents: what it buys is told for all of them.

    And for a comparator with posts where it or an option is for a part of them: costs cannot be netted post by post.
    """
    part = {name for name, each in designs.items() if each.geography.communities or each.geography.group.by != "none"}
    comparator = str(case.comparator)
    if part and any(plain(designs[comparator])["workforce"]["added_fte"].values()):
        words = f"'{comparator}' has posts of its own, and '{min(part)}' is for a part of the residents: name another"
        raise InputError("case.comparator", words)
    for name in case.options if case.budget_gbp_per_10000 is not None else ():
        if name in part:
            words = f"'{name}' is for a part of the residents, and a budget is for every 10,000 of all"
            raise InputError("case.budget_gbp_per_10000", f"{words}: set it to null, and posts cost what they cost")


def names_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Return each design of the case and the setting that names it."""
    case = scenario.case
    return [(str(case.comparator), "case.comparator"), *((name, "case.options") for name in case.options)]


def design_of(name: str, place: Place, config_dir: Path | None, where: str) -> IntDesign:
    """Return the design called ``name``, for ``place``; raise InputError with the nearest name if there is none."""
    folder = folder_of(config_dir)
    names = options(folder)["int"]
    if name not in names:
        raise InputError(where, f"no such INT design '{name}': {nearest(name, names)}")
    return compose_design(name, place, folder)


def with_posts(design: IntDesign, comparator: IntDesign, bought: Funded) -> IntDesign:
    """Return ``design`` with the posts that the money buys, on top of the comparator's."""
    posts = plain(comparator)["workforce"]["added_fte"]
    for service, fte in bought.fte.items():
        posts[service] = max(round(posts[service] + fte, DECIMALS), 0.0)
    settings = plain(design)
    settings["workforce"]["added_fte"] = posts
    return IntDesign.model_validate(settings)


def plain(design: IntDesign) -> dict[str, Any]:
    """Return a design's settings as they are saved."""
    return dict(design.model_dump(mode="json"))


def funding_of(book: Book, designs: dict[str, IntDesign], years: float) -> dict[str, Funded]:
    """Return what the budget buys of each option, as ``arms_of`` does."""
    case = book.case
    comparator = plain(designs[str(case.comparator)])
    found = {}
    for name in case.options:
        wanted = posts_wanted(case, name, added_by(plain(designs[name]), comparator))
        found[name] = buy(book, name, wanted, years)
    return found
