"""Where pages find their templates: one layout (templates/base.html) and one set of parts (templates/parts.html)."""

from __future__ import annotations

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined


def environment(*others: BaseLoader) -> Environment:
    """Return where templates are found: those of ``others`` first, then evaluation's own.

    What is shown is escaped, and a name that is not given is an error.
    """
    return Environment(
        loader=ChoiceLoader([*others, PackageLoader("evaluation", "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
