"""Can these targets hold together? Identities that no model can break, checked before one is asked to."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from calibration.matching.catalogue import catalogue
from calibration.targets.columns import ALL, CATEGORIES
from calibration.targets.target import Target, TargetSet
from scenarios.errors import InputError

SURE = 3.0  # standard deviations apart: figures that differ by more cannot both hold
ROUNDED = 0.01  # relative: published figures are rounded
STAY = ("emergency_admission_rate", "zero_day_share", "overnight_stay_days", "emergency_bed_day_rate")
PARTS_ADD = ("share_of_all", "share_of_set")


def incoherent(targets: TargetSet) -> list[InputError]:
    """Return a line for each identity that the targets break, whatever their roles; figures as bridged."""
    found = [*stay_identity(targets), *parts_and_total(targets), *shares_of_one(targets)]
    return [*found, *months_and_year(targets), *type1_and_all(targets), *gap_and_ends(targets)]


def relative_sd(target: Target) -> float:
    """Return the relative standard deviation of a target, bridge included; 0 where nothing is stated."""
    stated = 0.0 if math.isnan(target.stated_sd) or target.value == 0 else target.stated_sd / abs(target.value)
    if math.isnan(target.stated_sd) and target.count > 0:
        stated = 1 / math.sqrt(target.count)
    return math.hypot(stated, target.bridge_error)


def whole(targets: TargetSet, output: str) -> Target | None:
    """Return the target of everyone for a whole year, if there is one."""
    for each in targets:
        everyone = each.age == ALL and each.sex == "persons" and not each.category
        if each.output == output and everyone and each.months.months >= 12:
            return each
    return None


def line(rows: Sequence[Target], words: str) -> InputError:
    """Return a problem that several rows make together."""
    return InputError(", ".join(each.where for each in rows), words)


def stay_identity(targets: TargetSet) -> Iterator[InputError]:
    """Admissions x share that stay a night x mean stay = bed days."""
    rows = [whole(targets, name) for name in STAY]
    if any(row is None for row in rows):
        return
    admissions, zero, stay, beds = (row for row in rows if row is not None)
    shares = 1 - zero.bridged_value
    implied = admissions.bridged_value * shares * stay.bridged_value
    sds = [relative_sd(admissions), relative_sd(stay), relative_sd(beds)]
    sds.append(relative_sd(zero) * zero.bridged_value / shares)
    if abs(math.log(implied / beds.bridged_value)) > SURE * math.hypot(*sds) + ROUNDED:
        words = (
            f"{admissions.bridged_value:g} admissions x {shares:.3g} overnight x {stay.bridged_value:g} days = "
            f"{implied:.4g} bed days per 1,000, but {beds.target} says {beds.bridged_value:g}: "
            "they cannot all hold; choose one source and year for bed days"
        )
        yield line((admissions, zero, stay, beds), words)


def parts_and_total(targets: TargetSet) -> Iterator[InputError]:
    """A rate of everyone lies within those of its parts; of equal parts it is their mean."""
    for name, rows in by_output(targets).items():
        if catalogue()[name].kind != "quotient":
            continue
        for kind, parts in complete_parts(rows).items():
            total = next((each for each in rows if is_total(each, parts[0])), None)
            if total is None:
                continue
            values = [each.bridged_value for each in parts]
            slack = SURE * math.hypot(relative_sd(total), max(map(relative_sd, parts))) + ROUNDED
            if not min(values) * (1 - slack) <= total.bridged_value <= max(values) * (1 + slack):
                words = f"{name} of everyone is {total.bridged_value:g}, outside its parts by {kind}: {spelt(values)}"
                yield line((total, *parts), words)


def by_output(targets: TargetSet) -> dict[str, list[Target]]:
    """Return the targets of each output that is known."""
    found: dict[str, list[Target]] = defaultdict(list)
    for each in targets:
        if each.output in catalogue():
            found[each.output].append(each)
    return found


def complete_parts(rows: Sequence[Target]) -> dict[str, list[Target]]:
    """Return sets of rows that are all the parts of something: every fifth or tenth, or both sexes."""
    found: dict[str, list[Target]] = {}
    groups: Mapping[tuple[str, ...], list[Target]] = defaultdict(list)
    for each in rows:
        if each.category_type in CATEGORIES:
            groups[each.category_type, each.sex, each.age, each.period, each.area_code].append(each)
        elif not each.category_type and each.sex != "persons":
            groups["sex", "", each.age, each.period, each.area_code].append(each)
    for key, parts in groups.items():
        if len(parts) == (2 if key[0] == "sex" else CATEGORIES[key[0]]):
            found[" ".join(filter(None, (key[0].replace("_", " "), *key[1:4])))] = parts
    return found


def is_total(row: Target, part: Target) -> bool:
    """Return whether ``row`` is the whole of which ``part`` is one part."""
    same = row.age == part.age and row.period == part.period and row.area_code == part.area_code
    sexes = row.sex == (part.sex if part.category_type else "persons")
    return same and sexes and not row.category_type


def spelt(values: Sequence[float]) -> str:
    """Return values as words."""
    return ", ".join(f"{value:.4g}" for value in values)


def shares_of_one(targets: TargetSet) -> Iterator[InputError]:
    """Shares of one whole add to 1."""
    groups: dict[tuple[str, ...], list[Target]] = defaultdict(list)
    for each in targets:
        if each.output in catalogue() and catalogue()[each.output].kind in PARTS_ADD and each.category_type:
            groups[each.output, each.category_type, each.sex, each.age, each.period, each.area_code].append(each)
    for (name, kind, *_), rows in groups.items():
        expected = len(catalogue()[name].numerator) if kind == "part" else CATEGORIES[kind]
        total = sum(each.bridged_value for each in rows)
        slack = ROUNDED + SURE * math.hypot(*(relative_sd(each) * each.bridged_value for each in rows))
        complete = len(rows) == expected
        if (complete and abs(total - 1) > slack) or (not complete and total > 1 + slack):
            yield line(rows, f"the shares of {name} add to {total:.4g}, not to 1")


def months_and_year(targets: TargetSet) -> Iterator[InputError]:
    """A year's rate is the mean of its months', weighted by days; only where all twelve are there."""
    for name, rows in by_output(targets).items():
        year = whole(targets, name)
        if year is None or catalogue()[name].kind != "quotient":
            continue
        months = [each for each in rows if each.months.months == 1 and each.months.inside(year.months)]
        months = [each for each in months if each.age == ALL and each.sex == "persons" and not each.category]
        if len(months) != year.months.months:
            continue
        mean = sum(each.bridged_value for each in months) / len(months)
        slack = SURE * math.hypot(relative_sd(year), relative_sd(months[0]) / math.sqrt(len(months))) + ROUNDED
        if abs(mean / year.bridged_value - 1) > slack:
            words = f"the months of {name} have a mean of {mean:.4g}, but {year.target} is {year.bridged_value:.4g}"
            yield line((year, *months), words)


def type1_and_all(targets: TargetSet) -> Iterator[InputError]:
    """Type 1 attendances are a part of all types."""
    part, total = whole(targets, "ed_type1_rate"), whole(targets, "ed_attendance_rate")
    if part is not None and total is not None and part.bridged_value > total.bridged_value * (1 + ROUNDED):
        words = f"type 1 attendances ({part.bridged_value:g}) are more than all types ({total.bridged_value:g})"
        yield line((part, total), words)


def gap_and_ends(targets: TargetSet) -> Iterator[InputError]:
    """The gap in life expectancy is that of its two ends."""
    for gap in targets:
        if gap.output != "life_expectancy_gap":
            continue
        ends = {
            each.category: each
            for each in targets
            if each.output == "life_expectancy" and each.category_type == "imd_decile" and each.sex == gap.sex
        }
        if "1" not in ends or "10" not in ends:
            continue
        stated = ends["10"].bridged_value - ends["1"].bridged_value
        sds = [each.bridged_value * relative_sd(each) for each in (gap, ends["1"], ends["10"])]
        if abs(stated - gap.bridged_value) > SURE * math.hypot(*sds) + ROUNDED * gap.bridged_value:
            words = f"the ends of life expectancy lie {stated:.3g} years apart, but the gap is {gap.bridged_value:g}"
            yield line((gap, ends["1"], ends["10"]), words)
