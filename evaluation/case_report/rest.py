"""The last sections: Green Book headings, method and limits, every number with its source, and the checklist."""

from __future__ import annotations

import math

from evaluation.case_report.document import Bullets, Paragraph, Section
from evaluation.case_report.investment import Investment
from evaluation.figures.style import words
from evaluation.page_tables import PageTable
from evaluation.stopped import stopped_words

NOT_APPLICABLE = "not applicable"
AUTHOR = "for the author of the case to fill"


def five_cases(case: Investment) -> Section:
    """Return the Green Book's five cases: what this document fills, and what others must."""
    rows = [
        [
            "Strategic",
            "why change, and how it fits",
            "Gaps; Activity and waits",
            "objectives, fit with plans, dependencies",
        ],
        [
            "Economic",
            "what is best for society",
            "Costs and health; Who gains; Risks and sensitivity",
            "effects outside health and care",
        ],
        [
            "Commercial",
            "whether it can be bought",
            "The options and their money: posts needed",
            "market, contracts, procurement",
        ],
        ["Financial", "whether it can be paid", "Affordability", "funding agreed, accounting treatment, cash flow"],
        [
            "Management",
            "whether it can be delivered",
            "Affordability: staff needed beside today's",
            "governance, plan, benefits, risks owned",
        ],
    ]
    columns = ["Case", "Asks", "Filled here", "For others to fill"]
    note = "Headings of the five-case model of HM Treasury's Green Book."
    return Section("five_cases", "The five cases", [Paragraph(note), PageTable("The five cases", columns, rows)])


def method(case: Investment) -> Section:
    """Return how the figures were made and what limits them."""
    run = case.findings.run
    items = [
        "Each replication simulates the same residents under every arm with the same random numbers; differences are "
        "taken "
        "within a replication. Draws sample the evidence; prices and values of health are sampled with them.",
        "Care used is priced at national unit costs moved to the price year, and time of other staff at what a post "
        "costs "
        "here over the hours it spends with residents. Beds are at marginal cost, not at tariff; other care is at "
        "average "
        "cost, which overstates what one fewer contact would set free.",
        "QALYs in the run: years lived times quality of life by age, sex and deprivation fifth (EQ-5D norms, solved so "
        "that published quality-adjusted life expectancy by fifth holds), less a decrement for conditions beyond those "
        "of the comparator. A day in hospital has no decrement of its own, and being looked after better no gain of "
        "its "
        "own: the one large trial of reviews in people with several conditions found none (3D: EQ-5D 0.00, −0.02 to "
        "0.02).",
        "QALYs beyond the run: people alive at its end who would not have been, times the discounted quality-adjusted "
        "years still expected at that age, times a share, because they are frailer than most. An assumption; shown "
        "apart.",
        "A fifth of this place is taken to be like that fifth of England in quality of life and survival.",
        "Posts are funded in full from the month in which a neighbourhood goes live, although they fill over months; "
        "what is unspent meanwhile is not saved. A design that starts one neighbourhood after another costs less in "
        "the run than its budget, which is of years in which all have started.",
        "Money that a design spends counts whoever spends it. Costs to residents, families and employers are not "
        "counted.",
        "Intervals are of means (Student's t; of ratios of means, Fieller's), and “more”, “less” and “no difference "
        f"detected” go by them: the precision that {case.options.draws} {case.pairs} give.",
        "“No difference detected” means that the interval holds zero, or that the arms are identical. It is not proof "
        "of no difference. Of many outcomes about one in twenty would differ by chance alone.",
        "Costs are of the place alone. Hospitals and shared services also carry everyone else's demand, the same in "
        "every arm: "
        "what one resident does not use another does.",
    ]
    if run.draws == 1:
        items.insert(
            1, "In this run the evidence and prices are held at central values: intervals are of chance alone."
        )
    else:
        items.insert(
            1,
            "What the evidence leaves open is the spread over draws. Chance between replications of a draw is taken "
            "out of it, and of who is best in how many draws (analysis of variance); with few draws some stays. Shares "
            "of draws keep what chance leaves open of the mean: where draws differ by practically nothing but chance "
            "and the interval of the mean holds no difference, a share “cannot be told”.",
        )
    if stopped := stopped_words(run):
        items.append(stopped)
    return Section("method", "Method and limits", [Bullets(items)])


def numbers(case: Investment) -> Section:
    """Return every price and value used, with its source."""
    rows = []
    for row in case.prices.to_dict("records"):
        low, high = row["low"], row["high"]
        spread = "" if low == high or math.isnan(low) else f" ({low:g} to {high:g})"
        told = f"{row['value']:g}{spread}".replace("-", "−")
        basis = "unverified (recalled)" if row["basis"] == "recalled" else row["basis"]
        rows.append(
            [
                words(row["name"]),
                row["meaning"],
                told,
                row["unit"],
                row["price_year"] or "–",
                row["source"],
                f"{basis}; {row['certainty']}",
            ]
        )
    columns = ["Name", "Meaning", "Value (5% to 95%)", "Unit", "Price year", "Source", "Basis; certainty (our rating)"]
    note = "Before they are moved to the price year of the case. The model's own parameters are in docs/parameters.md."
    return Section(
        "numbers",
        "Prices and values, with sources",
        [Paragraph(note), PageTable("Prices and values", columns, rows, 1, folded=True)],
    )


def checklist(case: Investment) -> Section:
    """Return CHEERS 2022, each item filled or marked not applicable."""
    filled = answers(case)
    rows = [
        [str(row["item"]), row["heading"], filled.get(int(row["item"]), NOT_APPLICABLE)]
        for row in case.checklist.to_dict("records")
    ]
    note = "Consolidated Health Economic Evaluation Reporting Standards 2022 (Husereau et al.)."
    return Section(
        "cheers",
        "CHEERS 2022",
        [Paragraph(note), PageTable("CHEERS 2022 checklist", ["Item", "Heading", "Where"], rows, 2)],
    )


def answers(case: Investment) -> dict[int, str]:
    """Return what fills each item of CHEERS 2022, by number."""
    run = case.findings.run
    told = dict(case.settings)
    return {
        1: "title of this document",
        2: "In plain words",
        3: "In plain words: the question",
        4: f"{AUTHOR}: link to a protocol frozen before the run",
        5: f"{case.population} of {run.place}",
        6: run.place,
        7: f"{', '.join(words(name) for name in case.designs)} against {words(case.comparator)}",
        8: told.get("Perspective", AUTHOR),
        9: told.get("Time that counts", AUTHOR),
        10: told.get("Discounting", AUTHOR),
        11: "QALYs, use of care, gaps: Costs and health; Activity and waits; Gaps",
        12: "Method and limits",
        13: "Method and limits; Prices and values, with sources",
        14: "Method and limits; Prices and values, with sources",
        15: told.get("Price year", AUTHOR),
        16: "docs/model.md and docs/odd.md of intsim",
        17: "Method and limits",
        18: "Activity and waits; Gaps: by deprivation fifth",
        19: "Who gains",
        20: "Risks and sensitivity; Costs and health: acceptability",
        21: f"{NOT_APPLICABLE}: nobody was engaged for this run; {AUTHOR}",
        22: "Prices and values, with sources; docs/parameters.md",
        23: "In plain words; Costs and health",
        24: "Risks and sensitivity",
        25: f"{NOT_APPLICABLE}: nobody was engaged for this run; {AUTHOR}",
        26: "In plain words; Method and limits; The claims put to the test",
        27: AUTHOR,
        28: AUTHOR,
    }
