"""A hint to the processor: memory that compiled code will want in a moment. It changes no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LINE_BYTES = 64  # of a cache line, on every processor this runs on
FOR_WRITING, KEEP, DATA = 1, 3, 1  # arguments of llvm.prefetch


def ask_for_lines(builder: Any, address: Any, start: int, stop: int) -> None:
    """Ask for every cache line that holds any of the bytes from ``start`` to ``stop`` after ``address``."""
    number = ir.IntType(32)
    prefetch = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number]),
        "llvm.prefetch.p0",
    )
    for offset in sorted({*range(start, stop, LINE_BYTES), stop - 1}):
        line = cgutils.gep_inbounds(builder, address, offset)
        builder.call(prefetch, [line, number(FOR_WRITING), number(KEEP), number(DATA)])


def element_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Return the address of the element of an array that is asked for."""
    kind = signature.args[0]
    array = make_array(kind)(context, builder, arguments[0])
    index = context.cast(builder, arguments[1], signature.args[1], types.intp)
    element = cgutils.get_item_pointer(context, builder, kind, array, [index])
    return builder.bitcast(element, cgutils.voidptr_t)


def hint(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Ask for every cache line of one element of an array."""
    size = context.get_abi_sizeof(context.get_data_type(signature.args[0].dtype))
    ask_for_lines(builder, element_of(context, builder, signature, arguments), 0, size)
    return context.get_dummy_value()


def asked(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for ``array[index]``, an element of an array of one dimension."""
    return types.void(array, index), hint


def asked_from(first: str, last: str) -> Callable[..., Any]:
    """Return what asks for the fields from ``first`` to ``last`` of a record, as they lie, and for no more of it."""

    def hint_fields(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        record = signature.args[0].dtype
        stop = record.offset(last) + record.typeof(last).bitwidth // 8
        address = element_of(context, builder, signature, arguments)
        ask_for_lines(builder, address, record.offset(first), stop)
        return context.get_dummy_value()

    def asked_fields(typing_context: Any, array: Any, index: Any) -> Any:
        return types.void(array, index), hint_fields

    return asked_fields


def nothing(array: Any, index: Any) -> None:
    """Stand in for ``asked`` where compilation is switched off."""


def fetch_from(first: str, last: str) -> Any:
    """Return a ``fetch`` of the fields from ``first`` to ``last`` of a record."""
    return nothing if config.DISABLE_JIT else intrinsic(asked_from(first, last))  # type: ignore[attr-defined]


fetch: Any = nothing if config.DISABLE_JIT else intrinsic(asked)  # type: ignore[attr-defined]
