"""A hint to the processor: memory that compiled code will want in a moment. It changes no value."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LINE_BYTES = 64  # of a cache line, on every processor this runs on
FOR_WRITING, KEEP, DATA = 1, 3, 1  # arguments of llvm.prefetch


def hint(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Ask for every cache line of one element of an array."""
    kind = signature.args[0]
    array = make_array(kind)(context, builder, arguments[0])
    index = context.cast(builder, arguments[1], signature.args[1], types.intp)
    element = cgutils.get_item_pointer(context, builder, kind, array, [index])
    address = builder.bitcast(element, cgutils.voidptr_t)
    number = ir.IntType(32)
    prefetch = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number]),
        "llvm.prefetch.p0",
    )
    size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    for offset in range(0, size, LINE_BYTES):
        line = cgutils.gep_inbounds(builder, address, offset)
        builder.call(prefetch, [line, number(FOR_WRITING), number(KEEP), number(DATA)])
    return context.get_dummy_value()


def asked(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for ``array[index]``, an element of an array of one dimension."""
    return types.void(array, index), hint


def nothing(array: Any, index: Any) -> None:
    """Stand in for ``asked`` where compilation is switched off."""


fetch: Any = nothing if config.DISABLE_JIT else intrinsic(asked)  # type: ignore[attr-defined]
