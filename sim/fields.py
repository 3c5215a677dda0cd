"""One of several fields of a record, by a place that is computed.

``(p["a"], p["b"], p["c"])[band]`` reads every field, and jumps to the one that is meant: for somebody's age band or
frailty, which no processor foresees, the jump costs more than the rule. Here the field meant is read, and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import lower_builtin, type_callable


def one_of(*names: str) -> Callable[[Any, int], float]:
    """Return what reads, of a record of float64, the field whose name stands at a place in ``names``, 0 being first.

    The same in Python and in compiled code, where a place beyond the last is not noticed unless bounds are checked.
    What it may read is its attribute ``names``.
    """

    def field(record: Any, place: int) -> float:
        return float(record[names[place]])

    @type_callable(field)
    def typed(context: Any) -> Any:
        def result(record: Any, place: Any) -> Any:
            fits = isinstance(record, types.Record) and isinstance(place, types.Integer)
            return types.float64 if fits and all(record.typeof(name) == types.float64 for name in names) else None

        return result

    @lower_builtin(field, types.Record, types.Integer)
    def read(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        record, place = arguments[0], context.cast(builder, arguments[1], signature.args[1], types.intp)
        if config.BOUNDSCHECK:  # type: ignore[attr-defined]
            beyond = builder.icmp_unsigned(">=", place, ir.Constant(place.type, len(names)))
            with builder.if_then(beyond, likely=False):
                context.call_conv.return_user_exc(builder, IndexError, (f"no such place of {names[0]}, ...",))
        offsets = [signature.args[0].offset(name) for name in names]
        value = ir.Constant(ir.ArrayType(place.type, len(names)), offsets)
        table = cgutils.global_constant(builder, "places_of_fields", value)
        offset = builder.load(cgutils.gep_inbounds(builder, table, 0, place))
        address = cgutils.pointer_add(builder, builder.bitcast(record, cgutils.voidptr_t), offset)
        return builder.load(builder.bitcast(address, ir.DoubleType().as_pointer()))

    field.names = names  # type: ignore[attr-defined]
    return field
