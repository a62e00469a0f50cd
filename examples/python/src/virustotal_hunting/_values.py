"""How the contract's values pass between Python and the component: checked, lowered, lifted.

wasmtime's own conversion is not used, for three reasons. It keeps one of its buffers in a global, so two threads that call
at the same moment can read each other's; it leaves every optional value it has read allocated, some kilobytes a page; and
it knows shapes, not types. Here each type of the contract is an object of this module, made by the generated code, and
reads straight into the dataclass. The C structures are the ones that wasmtime's C API documents.

`check` looks at a value completely before `lower` allocates anything, so that lowering cannot stop half-way.
"""

from __future__ import annotations

import ctypes
import enum
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from wasmtime import WasmtimeError
from wasmtime import _ffi as ffi

_BOOL: int = ffi.WASMTIME_COMPONENT_BOOL.value
_U8: int = ffi.WASMTIME_COMPONENT_U8.value
_U16: int = ffi.WASMTIME_COMPONENT_U16.value
_U32: int = ffi.WASMTIME_COMPONENT_U32.value
_U64: int = ffi.WASMTIME_COMPONENT_U64.value
_F64: int = ffi.WASMTIME_COMPONENT_F64.value
_STRING: int = ffi.WASMTIME_COMPONENT_STRING.value
_LIST: int = ffi.WASMTIME_COMPONENT_LIST.value
_RECORD: int = ffi.WASMTIME_COMPONENT_RECORD.value
_TUPLE: int = ffi.WASMTIME_COMPONENT_TUPLE.value
_ENUM: int = ffi.WASMTIME_COMPONENT_ENUM.value
_OPTION: int = ffi.WASMTIME_COMPONENT_OPTION.value
_RESULT: int = ffi.WASMTIME_COMPONENT_RESULT.value


class Type(Protocol):
    """A type of the contract."""

    def check(self, value: object, where: str) -> None:
        """Raises `TypeError` or `ValueError`, naming `where`, if `value` is none of this type."""

    def lower(self, value: Any, slot: Any) -> None:
        """Writes a checked `value` into `slot`, which the caller frees."""

    def lift(self, slot: Any) -> Any:
        """Reads `slot`, which stays the caller's."""


def _no(where: str, wanted: str, value: object) -> TypeError:
    # The type, never the value: a value can be a secret that got into the wrong place.
    return TypeError(f"`{where}` takes {wanted}, not {type(value).__name__}")


def _set_text(vector: Any, text: str) -> None:
    data = text.encode("utf-8")
    ffi.wasm_byte_vec_new_uninitialized(ctypes.byref(vector), len(data))
    ctypes.memmove(vector.data, data, len(data))


def _get_text(vector: Any) -> str:
    return ctypes.string_at(vector.data, vector.size).decode("utf-8") if vector.size else ""


class _Text:
    def check(self, value: object, where: str) -> None:
        if not isinstance(value, str):
            raise _no(where, "a str", value)
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            place = error.start
        else:
            return
        # Outside of the handler: the error that was caught holds the whole text.
        raise ValueError(f"`{where}` holds half a surrogate pair at index {place}, which is no character")

    def lower(self, value: str, slot: Any) -> None:
        slot.kind = _STRING
        _set_text(slot.of.string, value)

    def lift(self, slot: Any) -> str:
        return _get_text(slot.of.string)


class _Bool:
    def check(self, value: object, where: str) -> None:
        if not isinstance(value, bool):
            raise _no(where, "a bool", value)

    def lower(self, value: bool, slot: Any) -> None:
        slot.kind = _BOOL
        slot.of.boolean = value

    def lift(self, slot: Any) -> bool:
        return bool(slot.of.boolean)


class _Unsigned:
    def __init__(self, bits: int, kind: int) -> None:
        self._largest = (1 << bits) - 1
        self._kind = kind
        self._member = f"u{bits}"

    def check(self, value: object, where: str) -> None:
        # A bool is an int to Python, and a mistake here.
        if not isinstance(value, int) or isinstance(value, bool):
            raise _no(where, "an int", value)
        if not 0 <= value <= self._largest:
            raise ValueError(f"`{where}` takes 0 to {self._largest}, and was given {value}")

    def lower(self, value: int, slot: Any) -> None:
        slot.kind = self._kind
        setattr(slot.of, self._member, value)

    def lift(self, slot: Any) -> int:
        return int(getattr(slot.of, self._member))


class _Float:
    def check(self, value: object, where: str) -> None:
        if not isinstance(value, (float, int)) or isinstance(value, bool):
            raise _no(where, "a float", value)

    def lower(self, value: float, slot: Any) -> None:
        slot.kind = _F64
        slot.of.f64 = value

    def lift(self, slot: Any) -> float:
        return float(slot.of.f64)


TEXT: Type = _Text()
BOOL: Type = _Bool()
U8: Type = _Unsigned(8, _U8)
U16: Type = _Unsigned(16, _U16)
U32: Type = _Unsigned(32, _U32)
U64: Type = _Unsigned(64, _U64)
F64: Type = _Float()


class _Bytes:
    def check(self, value: object, where: str) -> None:
        if not isinstance(value, (bytes, bytearray)):
            raise _no(where, "bytes", value)

    def lower(self, value: bytes, slot: Any) -> None:
        _OCTETS.lower(value, slot)

    def lift(self, slot: Any) -> bytes:
        vector = slot.of.list
        return bytes(vector.data[index].of.u8 for index in range(vector.size))


BYTES: Type = _Bytes()


class ListOf:
    """A list; to Python a tuple, and from Python any sequence that is no text."""

    def __init__(self, element: Type) -> None:
        self._element = element

    def check(self, value: object, where: str) -> None:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray)):
            raise _no(where, "a list or a tuple", value)
        for index, element in enumerate(value):
            self._element.check(element, f"{where}[{index}]")

    def lower(self, value: Sequence[Any], slot: Any) -> None:
        slot.kind = _LIST
        vector = slot.of.list
        ffi.wasmtime_component_vallist_new_uninit(ctypes.byref(vector), len(value))
        for index, element in enumerate(value):
            self._element.lower(element, vector.data[index])

    def lift(self, slot: Any) -> tuple[Any, ...]:
        vector = slot.of.list
        return tuple(self._element.lift(vector.data[index]) for index in range(vector.size))


_OCTETS = ListOf(U8)


class OptionOf:
    """A value, or `None` where there is none."""

    def __init__(self, payload: Type) -> None:
        self._payload = payload

    def check(self, value: object, where: str) -> None:
        if value is not None:
            self._payload.check(value, where)

    def lower(self, value: Any, slot: Any) -> None:
        slot.kind = _OPTION
        slot.of.option = None if value is None else _boxed(self._payload, value)

    def lift(self, slot: Any) -> Any:
        return self._payload.lift(slot.of.option.contents) if slot.of.option else None


def _boxed(type_: Type, value: Any) -> Any:
    inner = ffi.wasmtime_component_val_t()
    type_.lower(value, inner)
    # Moves what `inner` owns into a box of wasmtime's.
    return ffi.wasmtime_component_val_new(ctypes.byref(inner))


class TupleOf:
    """A tuple."""

    def __init__(self, *elements: Type) -> None:
        self._elements = elements

    def check(self, value: object, where: str) -> None:
        if not isinstance(value, tuple) or len(value) != len(self._elements):
            raise _no(where, f"a tuple of {len(self._elements)}", value)
        for index, (element, type_) in enumerate(zip(value, self._elements)):
            type_.check(element, f"{where}[{index}]")

    def lower(self, value: tuple[Any, ...], slot: Any) -> None:
        slot.kind = _TUPLE
        vector = slot.of.tuple
        ffi.wasmtime_component_valtuple_new_uninit(ctypes.byref(vector), len(value))
        for index, (element, type_) in enumerate(zip(value, self._elements)):
            type_.lower(element, vector.data[index])

    def lift(self, slot: Any) -> tuple[Any, ...]:
        data = slot.of.tuple.data
        return tuple(type_.lift(data[index]) for index, type_ in enumerate(self._elements))


class EnumOf:
    """An enumeration. The members' values are the contract's names."""

    def __init__(self, enumeration: type[enum.Enum]) -> None:
        self._enumeration = enumeration

    def check(self, value: object, where: str) -> None:
        if not isinstance(value, self._enumeration):
            names = ", ".join(f"{self._enumeration.__name__}.{member.name}" for member in self._enumeration)
            raise _no(where, f"one of {names}", value)

    def lower(self, value: enum.Enum, slot: Any) -> None:
        slot.kind = _ENUM
        _set_text(slot.of.enumeration, str(value.value))

    def lift(self, slot: Any) -> enum.Enum:
        return self._enumeration(_get_text(slot.of.enumeration))


class RecordOf:
    """A record; to Python a dataclass. `fields` are the contract's name, the attribute's, and the type."""

    def __init__(self, record: Callable[..., Any], fields: tuple[tuple[str, str, Type], ...]) -> None:
        self._record = record
        self._fields = fields

    def check(self, value: object, where: str) -> None:
        assert isinstance(self._record, type)
        if not isinstance(value, self._record):
            raise _no(where, f"a {self._record.__name__}", value)
        for _, attribute, type_ in self._fields:
            type_.check(getattr(value, attribute), f"{where}.{attribute}")

    def lower(self, value: Any, slot: Any) -> None:
        slot.kind = _RECORD
        vector = slot.of.record
        ffi.wasmtime_component_valrecord_new_uninit(ctypes.byref(vector), len(self._fields))
        for index, (name, attribute, type_) in enumerate(self._fields):
            entry = vector.data[index]
            _set_text(entry.name, name)
            type_.lower(getattr(value, attribute), entry.val)

    def lift(self, slot: Any) -> Any:
        # In the contract's order, which is the component's own.
        data = slot.of.record.data
        return self._record(
            **{attribute: type_.lift(data[index].val) for index, (_, attribute, type_) in enumerate(self._fields)}
        )


class ResultOf:
    """A result. `lift` gives the good value, or the bad one in a `Failed`."""

    def __init__(self, ok: Type | None, error: Type) -> None:
        self._ok = ok
        self._error = error

    def check(self, value: object, where: str) -> None:
        raise TypeError(f"`{where}` would be a result, and results only come back")

    def lower(self, value: Any, slot: Any) -> None:
        raise TypeError("results only come back")

    def lift(self, slot: Any) -> Any:
        result = slot.of.result
        if not result.is_ok:
            return Failed(self._error.lift(result.val.contents))
        return None if self._ok is None else self._ok.lift(result.val.contents)


class Failed:
    """The bad half of a result."""

    def __init__(self, error: Any) -> None:
        self.error = error


class Function:
    """A function of the contract: where it is, what it takes, what it gives."""

    def __init__(self, interface: str, name: str, parameters: tuple[tuple[str, Type], ...], result: Type) -> None:
        self.interface = interface
        self.name = name
        self.parameters = parameters
        self.result = result

    def check(self, arguments: tuple[Any, ...]) -> None:
        """Looks at all arguments before anything is sent."""
        for value, (name, type_) in zip(arguments, self.parameters, strict=True):
            type_.check(value, name)

    def call(self, function: Any, context: Any, arguments: tuple[Any, ...]) -> Any:
        """Calls `function`, a wasmtime function, with checked arguments. A trap is a `wasmtime.WasmtimeError`."""
        # Zeroed by ctypes, which reads as the boolean false: freeing a slot that was never written is nothing.
        slots = (ffi.wasmtime_component_val_t * len(arguments))()
        result = ffi.wasmtime_component_val_t()
        try:
            for slot, value, (_, type_) in zip(slots, arguments, self.parameters, strict=True):
                type_.lower(value, slot)
            # ctypes lets other threads run from here until the answer is there.
            trouble = ffi.wasmtime_component_func_call(
                ctypes.byref(function), context, slots, len(arguments), ctypes.byref(result), 1
            )
            if trouble:
                raise WasmtimeError._from_ptr(trouble)
            return self.result.lift(result)
        finally:
            ffi.wasmtime_component_val_delete(ctypes.byref(result))
            for slot in slots:
                ffi.wasmtime_component_val_delete(ctypes.byref(slot))
