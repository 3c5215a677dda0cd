"""Whether the settings of an INT design fit each other and the place it is for."""

from __future__ import annotations

from scenarios.errors import InputError, nearest
from scenarios.group_names import ANY, GROUPS, MAY_BE_ANY
from scenarios.place_settings import column, folder_of
from scenarios.schema.int_design import IntDesign
from scenarios.schema.modules.geography import Group
from scenarios.schema.place import Place
from scenarios.service_names import OF_A_GROUP

PLACES = ("added_home_packages_per_10000", "added_virtual_ward_places_per_10000")


def check_group(design: IntDesign) -> None:
    """Raise InputError for a group that is none or has nobody in it.

    And for posts and places that an INT for a group alone does not have: paid for, and not there.
    """
    group, added = design.geography.group, design.workforce.model_dump()
    check_members(group)
    if group.by == "none" or not group.only:
        return
    otherwise = "(or set int.geography.group.only=false)"
    for service, fte in added["added_fte"].items():
        if fte and service not in OF_A_GROUP:
            words = f"must be 0: an INT for a group alone employs {', '.join(OF_A_GROUP)} {otherwise}"
            raise InputError(f"int.workforce.added_fte.{service}", words)
    for name in PLACES:
        if added[name]:
            raise InputError(f"int.workforce.{name}", f"must be 0: an INT for a group alone has no places {otherwise}")


def check_members(group: Group) -> None:
    """Raise InputError for a name that the group does not have, or limits and shares that nobody is within."""
    where = "int.geography.group"
    if group.by == "none":
        return
    if group.share <= 0:
        raise InputError(f"{where}.share", "must be above 0 (you gave 0): nobody would be in the group")
    if group.by == "age" and group.age_from >= group.age_to:
        words = f"must be below age_to, {group.age_to} (you gave {group.age_from}): nobody would be in the group"
        raise InputError(f"{where}.age_from", words)
    names = GROUPS.get(group.by, ())
    if names and group.value not in names and not (group.by in MAY_BE_ANY and group.value in ANY):
        shown = f"no such {group.by} '{group.value}': " if group.value else f"is empty; name a {group.by}: "
        raise InputError(f"{where}.value", shown + nearest(group.value, names))


def check_communities(design: IntDesign, place: Place) -> None:
    """Raise InputError if a design is for a community that the place does not have: nobody would be in it."""
    codes = design.geography.communities
    known = column(folder_of(place) / "communities.csv", "code") if codes else []
    for code in codes:
        if known and code not in known:
            raise InputError("int.geography.communities", f"no such community '{code}': {nearest(code, known)}")
