"""The evidence registry: every uncertain number of the model, with its source, loaded from CSV files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenarios.errors import InputError, nearest
from scenarios.registry.limits import value_problem
from scenarios.registry.own import check_hours, check_not_set_elsewhere, check_unit
from scenarios.registry.row import BASES, Parameter, check_columns, number, read_row

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent
MIDDLE = 0.5


@dataclass(frozen=True)
class Registry:
    """All parameters by name (in sorted order) and the folder of the tables that go with them."""

    parameters: Mapping[str, Parameter]
    tables_folder: Path

    def central(self) -> dict[str, float]:
        """Return the central value of every parameter, by name in sorted order."""
        return {name: parameter.central for name, parameter in self.parameters.items()}

    def draw(self, uniform: Callable[[str], float]) -> dict[str, float]:
        """Return one sample of every parameter: each at the quantile ``uniform(name)``, a number within 0 and 1.

        The caller keys the numbers by name and draw, so that adding a parameter changes no other one's value.
        """
        return {name: parameter.at(uniform(name)) for name, parameter in self.parameters.items()}

    def params_record(self, values: Mapping[str, float]) -> np.ndarray:
        """Return ``values`` as one record: shape (1,), a float64 field for each parameter in sorted name order.

        Raises InputError if a parameter is missing from ``values`` or a name is unknown.
        """
        for name in values:
            self.known(name, "parameter values")
        missing = [name for name in self.parameters if name not in values]
        if missing:
            raise InputError("parameter values", f"no value for '{missing[0]}'")
        record = np.zeros(1, dtype=np.dtype([(name, "f8") for name in self.parameters], align=True))
        for name in self.parameters:
            record[0][name] = values[name]
        return record

    def table_names(self) -> list[str]:
        """Return the names of the small grids, in order."""
        return sorted(file.stem for file in self.tables_folder.glob("*.csv"))

    def table(self, name: str) -> pd.DataFrame:
        """Return the small grid ``tables/<name>.csv``; raise InputError if there is none or it gives no source."""
        import pandas as pd

        path = self.tables_folder / f"{name}.csv"
        if not path.is_file():
            raise InputError(f"evidence table '{name}'", f"no such table: {nearest(name, self.table_names())}")
        frame = pd.read_csv(path)
        for column in ("source", "basis"):
            if column not in frame.columns:
                raise InputError(path.name, f"column '{column}' is missing (found: {', '.join(frame.columns)})")
        for index, basis in enumerate(frame["basis"]):
            if basis not in BASES:
                where = f"{path.name} row {index + 2} column basis"
                raise InputError(where, f"must be one of {', '.join(BASES)} (found '{basis}')")
        return frame

    def with_evidence(self, overrides: Mapping[str, float] | None = None, file: Path | None = None) -> Registry:
        """Return the registry with a user's own evidence in place of ours.

        ``file`` holds whole rows in our columns, which replace rows of the same name; ``overrides`` then fixes single
        values (no uncertainty). Raises InputError for a name we do not have or that is set elsewhere, and for a value
        or unit it cannot take.
        """
        parameters = dict(self.parameters)
        for name, parameter in gather([Path(file)] if file is not None else []).items():
            check_not_set_elsewhere(name, f"{parameter.where} column name")
            self.known(name, f"{parameter.where} column name")
            check_unit(parameter, self.parameters[name])
            parameter.at(MIDDLE)  # can it be drawn from? Of our own rows tests ask that: it takes a while
            parameters[name] = parameter
        for name, value in (overrides or {}).items():
            check_not_set_elsewhere(name, f"evidence.overrides.{name}")
            self.known(name, "evidence.overrides")
            parameters[name] = fix(parameters[name], float(value))
        check_hours(parameters, self.parameters)
        return replace(self, parameters=parameters)

    def known(self, name: str, where: str) -> None:
        """Raise InputError with the nearest name unless ``name`` is a parameter."""
        if name not in self.parameters:
            raise InputError(where, f"no such parameter '{name}': {nearest(name, self.parameters)}")


def load_registry(folder: Path | None = None) -> Registry:
    """Return the registry in ``folder`` (our own by default): ``parameters/*.csv`` together, ``tables/`` beside them.

    Raises InputError naming file, row and column for anything that cannot be used, duplicates across files included.
    """
    root = FOLDER if folder is None else Path(folder)
    return Registry(gather(sorted((root / "parameters").glob("*.csv"))), root / "tables")


def gather(files: Iterable[Path]) -> dict[str, Parameter]:
    """Return the parameters of all ``files`` in sorted name order; raise InputError if a name is given twice."""
    found: dict[str, Parameter] = {}
    for file in files:
        for parameter in read_file(file):
            earlier = found.get(parameter.name)
            if earlier is not None:
                raise InputError(f"{parameter.where} column name", f"'{parameter.name}' is already in {earlier.where}")
            found[parameter.name] = parameter
    return dict(sorted(found.items()))


def read_file(path: Path) -> list[Parameter]:
    """Return the parameters of one CSV file; rows are numbered as a spreadsheet does, the header being row 1.

    Raises InputError for a file that is not there or cannot be read, and as ``rows_of``.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(path.name, "is not a text file in UTF-8") from None
    except OSError as problem:
        raise InputError(str(path), f"cannot be read: {problem.strerror}") from None
    return list(rows_of(text, path.name))


@lru_cache(maxsize=64)
def rows_of(text: str, name: str) -> tuple[Parameter, ...]:
    """Return the parameters in the ``text`` of the CSV file called ``name``.

    Kept, as they follow from the text alone: a fit or a page asks for the same rows hundreds of times. Raises
    InputError for text that is no such table, naming row and column.
    """
    reader = csv.DictReader(text.splitlines(keepends=True))
    rows: list[Parameter] = []
    try:
        check_columns(list(reader.fieldnames or []), name)
        reader.fieldnames = [column.strip() for column in reader.fieldnames or []]
        for cells in reader:
            where = f"{name} row {reader.line_num}"
            if None in cells:
                raise InputError(where, "has more cells than the header has columns (quote a cell that holds a comma)")
            rows.append(read_row(cells, where))
    except csv.Error as problem:
        raise InputError(name, f"cannot be read as CSV ({problem})") from None
    return tuple(rows)


def fix(parameter: Parameter, value: float) -> Parameter:
    """Return ``parameter`` fixed at a user's ``value``; raise InputError if it cannot take it."""
    where = f"evidence.overrides.{parameter.name}"
    value = number(str(value), where, "value")
    problem = value_problem(parameter.name, parameter.unit, value, "you gave")
    if problem:
        raise InputError(where, problem)
    return replace(
        parameter,
        central=value,
        low=value,
        high=value,
        distribution="fixed",
        source="assumption: given by the user",
        certainty="very low",
        basis="assumption",
        where=where,
    )
