"""Whether the settings of an INT design fit each other and the place it is for."""

from __future__ import annotations

from scenarios.errors import InputError, nearest
from scenarios.place_settings import column, folder_of
from scenarios.schema.int_design import IntDesign
from scenarios.schema.place import Place
from scenarios.service_names import OF_A_GROUP

PLACES = ("added_home_packages_per_10000", "added_virtual_ward_places_per_10000")


def check_group(design: IntDesign) -> None:
    """Raise InputError for posts and places that an INT for a group alone does not have: paid for, and not there."""
    group, added = design.geography.group, design.workforce.model_dump()
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


def check_communities(design: IntDesign, place: Place) -> None:
    """Raise InputError if a design is for a community that the place does not have: nobody would be in it."""
    codes = design.geography.communities
    known = column(folder_of(place) / "communities.csv", "code") if codes else []
    for code in codes:
        if known and code not in known:
            raise InputError("int.geography.communities", f"no such community '{code}': {nearest(code, known)}")
