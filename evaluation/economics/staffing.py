"""Staff for pounds: what a post costs here, and how many posts a budget pays for.

A post costs its pay with the local supplement, times on-costs. A design says in what proportion it wants which posts;
a budget, less what the design costs whatever its size, buys that mix in full or in part. Posts that stay vacant cost
nothing: their money is shown as unspent, never spent twice. Posts that a design takes away save their pay, in full and
whatever the budget: only what it adds is bought in part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.errors import InputError


@dataclass(frozen=True)
class Supplement:
    """A high-cost area supplement: a share of pay within a floor and a ceiling (pounds a year)."""

    share: float = 0.0
    least: float = 0.0
    most: float = math.inf

    def of(self, pay: float) -> float:
        """Return the supplement on ``pay`` (pounds a year)."""
        return min(max(self.share * pay, self.least), self.most) if self.share > 0 else 0.0


@dataclass(frozen=True)
class Funded:
    """What a budget buys: ``fte`` by service, and where the pounds go (a year).

    ``budget`` = fixed + staff + vacant + unspent. ``fte`` and ``staff`` are below 0 for posts that are taken away.
    ``vacant``: money of posts that stay empty; ``scale``: the share of the design's own added posts that are funded
    (above 1 where the budget allows more and growth is asked for; 0 where none are added).
    """

    fte: Mapping[str, float]
    scale: float
    budget: float
    fixed: float
    staff: float
    vacant: float
    unspent: float


def cost_of_post(pay: float, on_costs: float, supplement: Supplement | None = None) -> float:
    """Return pounds a year for one full-time post: (pay + supplement) x ``on_costs`` (1.3 for 30% on top).

    Raises InputError for pay that is not above 0 or on-costs below 1.
    """
    if not pay > 0:
        raise InputError("pay", f"is {pay:g}; allowed: above 0, pounds a year")
    if on_costs < 1:
        raise InputError("on-costs", f"are {on_costs:g}; allowed: 1 or above (1.3 is 30% on top of pay)")
    return (pay + (supplement or Supplement()).of(pay)) * on_costs


def funded_posts(
    wanted: Mapping[str, float],
    post_costs: Mapping[str, float],
    budget: float | None,
    fixed: float = 0.0,
    vacancy: float = 0.0,
    grow: bool = True,
) -> Funded:
    """Return what ``budget`` (pounds a year) buys of a design that wants ``wanted`` full-time posts by service.

    Below 0 in ``wanted``: posts in post that are taken away, whatever the budget; their pay is saved and buys others.
    None as budget: every post that is wanted, and the budget what that costs. ``fixed``: pounds a year the design costs
    whatever its staff. ``vacancy`` (0 to below 1): the share of funded posts that stay empty. ``grow``: buy more of the
    same mix of added posts where money is left (equal budgets); False: no more than wanted, the rest unspent. Raises
    InputError for a budget that, with what is saved, does not even pay for ``fixed``, or a service without a cost.
    """
    if not 0 <= vacancy < 1:
        raise InputError("vacancy", f"is {vacancy:g}; allowed: 0 to below 1")
    for name in wanted:
        if name not in post_costs:
            raise InputError(f"post '{name}'", "has no cost")
    added = sum(count * post_costs[name] for name, count in wanted.items() if count > 0)
    saved = sum(-count * post_costs[name] for name, count in wanted.items() if count < 0)
    if budget is None:
        budget, scale = fixed - saved + added, 1.0 if added > 0 else 0.0
    elif budget + saved < fixed:
        told = f"{budget:,.0f} GBP a year is below what the design costs before any staff, {fixed - saved:,.0f}"
        raise InputError("budget", told)
    else:
        scale = (budget + saved - fixed) / added if added > 0 else 0.0
        scale = scale if grow else min(scale, 1.0)
    paid = scale * added
    filled = {name: scale * count * (1 - vacancy) if count > 0 else count for name, count in wanted.items()}
    vacant = paid * vacancy
    return Funded(filled, scale, budget, fixed, paid - vacant - saved, vacant, budget + saved - fixed - paid)
