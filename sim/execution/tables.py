"""The tables of all tasks put together, one part at a time: memory does not grow with the number of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scenarios.whole_file import whole


def join_parts(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of ``parts``, in order, into one Parquet file: whole, or not at all (renamed when it is).

    A part becomes a row group, so the bytes depend on the parts alone. Columns take the type that holds every part's: a
    part without rows does not know its own.
    """
    import pyarrow.parquet as pq

    schema = common_schema([pq.read_schema(part) for part in parts])
    with whole(target) as joined, pq.ParquetWriter(joined, schema) as writer:
        for part in parts:
            table = pq.read_table(part, partitioning=None)
            writer.write_table(table.replace_schema_metadata(None).cast(schema))


def common_schema(schemas: Sequence[Any]) -> Any:
    """Return the schema that holds all of them; a column without rows (type null) takes the others' type."""
    import pyarrow as pa

    return pa.unify_schemas([schema.remove_metadata() for schema in schemas], promote_options="permissive")
