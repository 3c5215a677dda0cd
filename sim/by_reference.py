"""Named tuples of arrays that compiled code passes on as one pointer.

Numba hands a tuple over array by array, and an array as seven numbers or more: a function of the pathway would take
two hundred arguments, which is slow to compile and slow to call. A class registered here is read from a frame that
lies where Python called: one address for each array, and its shape. Fields are read as before (``tables.people[i]``),
and Python code sees the named tuple itself. Such a tuple can be taken by a compiled function, not returned by one.
"""

from __future__ import annotations

import hashlib
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.np.arrayobj import make_array, populate_array


class ByReference(types.Type):
    """The type of a named tuple of arrays: its class, and the type of each field."""

    def __init__(self, instance_class: type, fields: tuple[types.Type, ...]) -> None:
        self.instance_class = instance_class
        self.fields = fields
        digest = hashlib.sha256(" ".join(repr(field) for field in fields).encode()).hexdigest()[:16]
        super().__init__(name=f"{instance_class.__module__}.{instance_class.__name__}_{digest}")

    def place(self, name: str) -> int:
        """Return which field is called ``name``; raise ValueError if none is."""
        return int(self.instance_class._fields.index(name))  # type: ignore[attr-defined]


register_model(ByReference)(models.OpaqueModel)


def passed_by_reference(cls: type) -> type:
    """Let compiled code take instances of the named tuple ``cls``, of arrays and other such tuples, as one pointer."""

    @typeof_impl.register(cls)
    def type_of(value: Any, context: Any) -> ByReference:
        return ByReference(cls, tuple(typeof_impl(field, context) for field in value))

    return cls


PARTS = 3  # of a field in the frame: address, shape and strides (of a tuple within the tuple, the address alone)


def frame_type(context: Any, typ: ByReference) -> ir.LiteralStructType:
    """Return the frame: for each field the address of its data, its shape and its strides."""
    index = context.get_value_type(types.intp)
    parts: list[ir.Type] = []
    for field in typ.fields:
        axes = ir.ArrayType(index, field.ndim if isinstance(field, types.Array) else 0)
        parts += [ir.IntType(8).as_pointer(), axes, axes]
    return ir.LiteralStructType(parts)


@unbox(ByReference)
def unbox_by_reference(typ: ByReference, obj: Any, c: Any) -> NativeValue:
    """Write the frame of the named tuple ``obj`` where the call from Python stands, and return its address."""
    builder, frame = c.builder, cgutils.alloca_once(c.builder, frame_type(c.context, typ))
    failed = cgutils.false_bit
    for place, field in enumerate(typ.fields):
        native = c.unbox(field, c.pyapi.tuple_getitem(obj, place))
        failed = builder.or_(failed, native.is_error)
        parts = [native.value]
        if isinstance(field, types.Array):
            array = make_array(field)(c.context, builder, native.value)
            parts = [builder.bitcast(array.data, cgutils.voidptr_t), array.shape, array.strides]
        for part, value in enumerate(parts):
            builder.store(value, cgutils.gep_inbounds(builder, frame, 0, PARTS * place + part))
        if c.context.enable_nrt:  # the tuple keeps its arrays while the call lasts
            c.context.nrt.decref(builder, field, native.value)
    return NativeValue(builder.bitcast(frame, cgutils.voidptr_t), is_error=failed)


@infer_getattr
class FieldByReference(AttributeTemplate):
    """What type a field has."""

    key = ByReference

    def generic_resolve(self, typ: ByReference, name: str) -> types.Type | None:  # type: ignore[override]
        """Return the type of the field ``name``, None if there is none."""
        return typ.fields[typ.place(name)] if name in typ.instance_class._fields else None  # type: ignore[attr-defined]


@lower_getattr_generic(ByReference)
def read_field(context: Any, builder: Any, typ: ByReference, value: Any, name: str) -> Any:
    """Return the array of the field ``name``, read from the frame, which nothing writes to while the call lasts."""
    place = typ.place(name)
    field: Any = typ.fields[place]
    frame = builder.bitcast(value, frame_type(context, typ).as_pointer())
    constant = builder.module.add_metadata([])

    def read(*where: int) -> Any:
        loaded = builder.load(cgutils.gep_inbounds(builder, frame, 0, *where))
        loaded.set_metadata("invariant.load", constant)
        return loaded

    if isinstance(field, ByReference):
        return read(PARTS * place)
    array = make_array(field)(context, builder)
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(field.dtype)))
    shape = [read(PARTS * place + 1, axis) for axis in range(field.ndim)]
    strides = [read(PARTS * place + 2, axis) for axis in range(field.ndim)]
    if field.layout == "C":
        strides[-1] = itemsize
        for axis in range(field.ndim - 2, -1, -1):
            strides[axis] = builder.mul(strides[axis + 1], shape[axis + 1])
    data = builder.bitcast(read(PARTS * place), array.data.type)
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return impl_ret_borrowed(context, builder, field, array._getvalue())
