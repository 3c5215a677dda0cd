"""What pydantic found wrong, in plain words: key, what is allowed, what was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenarios.errors import InputError, nearest

UNITS = (
    ("_per_10000", "per 10,000 registered residents"),
    ("_share_per_year", "people a year for each of those eligible"),
    ("_share_per_month", "a share, 0 to 1"),
    ("_share", "a share, 0 to 1"),
    ("_months", "months"),
    ("_month", "months"),
)
OF_A_KEY = "[key]"  # where pydantic finds fault with a free name itself
LEAST_BEGUN = 3  # letters of a name by which it is known
KINDS = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "dict_type": "must be a group of names and values",
    "model_type": "must be a group of settings",
    "model_attributes_type": "must be a group of settings",
    "path_type": "must be a path, or null",
    "is_instance_of": "must be a path, or null",
    "date_type": "must be a date such as 2024-04-01",
}
BOUNDS = {
    "greater_than_equal": ("must be at least", "ge"),
    "less_than_equal": ("must be at most", "le"),
    "greater_than": ("must be above", "gt"),
    "less_than": ("must be below", "lt"),
}


def problems_of(failure: ValidationError, model: type[BaseModel]) -> list[InputError]:
    """Return one InputError for each thing wrong with the settings given for ``model``, each key once."""
    found: dict[str, InputError] = {}
    for detail in failure.errors(include_url=False):
        keys = key_path(detail["loc"], model)
        where = ".".join(keys)
        found.setdefault(where, InputError(where, words(detail, keys, model)))
    return list(found.values())


def key_path(loc: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """Return the keys a user would write, without the names pydantic adds for the members of a union."""
    keys: list[str] = []
    within: Any = model
    for part in loc:
        if part == OF_A_KEY:
            break
        keys.append(str(part))
        within = under(within, str(part))
        if within is None:
            break
    return keys


def under(within: Any, key: str) -> Any:
    """Return the block, or the type of the free dictionary, under ``key`` of either; None for a plain value.

    Also for a key that a block does not have; a free dictionary has any.
    """
    if get_origin(within) is dict:
        found = get_args(within)[1]
    else:
        fields = within.model_fields.items()
        found = next((field.annotation for name, field in fields if key in (name, field.alias)), None)
    is_block = isinstance(found, type) and issubclass(found, BaseModel)
    return found if is_block or get_origin(found) is dict else None


def names_in(keys: list[str], model: type[BaseModel]) -> tuple[list[str], bool]:
    """Return the names allowed beside the last of ``keys``, and whether they are in a dictionary of free names."""
    within: Any = model
    free = False
    for key in keys[:-1]:
        free = free or get_origin(within) is dict
        within = under(within, key)
        if within is None:
            return [], free
    if get_origin(within) is dict:
        return [], True
    return [field.alias or name for name, field in within.model_fields.items()], free


def unknown(keys: list[str], model: type[BaseModel]) -> str:
    """Return what to say of a setting that there is not: the nearest, also one of which it is the beginning.

    All of them where no option's file shows them, as within a dictionary of free names.
    """
    names, free = names_in(keys, model)
    if not names:
        return "no such setting: this block has no settings yet"
    begun = [name for name in names if len(keys[-1]) >= LEAST_BEGUN and name.startswith(keys[-1])]
    hint = f"did you mean '{begun[0]}'?" if len(begun) == 1 else nearest(keys[-1], names)
    all_of = f" (allowed: {', '.join(names)})" if free and hint.startswith("did") else ""
    return f"no such setting: {hint}{all_of}"


def words(detail: ErrorDetails, keys: list[str], model: type[BaseModel]) -> str:
    """Return what is wrong, in words for the person who can mend it."""
    kind = detail["type"]
    context: Mapping[str, Any] = detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return unknown(keys, model)
    if kind == "missing":
        return "is missing"
    given = f"(you gave {shown(detail['input'])})"
    if kind in BOUNDS:
        phrase, name = BOUNDS[kind]
        return f"{phrase} {plain(context[name])} {given}{unit_of(keys[-1])}"
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return f"must be one of {allowed} {given}"
    if kind == "value_error":
        return f"{context['error']} {given}"
    return f"{KINDS.get(kind, detail['msg'])} {given}{unit_of(keys[-1])}"


def unit_of(key: str) -> str:
    """Return "; unit: ..." if the key's name ends in one."""
    for ending, unit in UNITS:
        if key.endswith(ending):
            return f"; unit: {unit}"
    return ""


def plain(bound: float) -> str:
    """Return a bound without a needless decimal point or exponent."""
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def shown(value: Any) -> str:
    """Return a value as a user wrote it: numbers bare, text in quotes, long things cut."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Mapping):
        return "a group of settings"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
