"""Writes the Python form of the contract, from the contract.

Input is what `cargo xtask wit` prints: wit-parser's JSON of `wit/`. Output is the source of `_contract.py`: an enum or a
dataclass for every type, a method for every function, and an iterator for every list that comes in pages, each with the
documentation that the contract has. The build hook calls `generate`; nothing it writes is kept in the repository.
"""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from collections.abc import Iterator
from typing import Any

PACKAGE = "virustotal:hunting"
WIDTH = 120

SCALARS = {
    "string": ("str", "TEXT"),
    "bool": ("bool", "BOOL"),
    "u8": ("int", "U8"),
    "u16": ("int", "U16"),
    "u32": ("int", "U32"),
    "u64": ("int", "U64"),
    "f64": ("float", "F64"),
}

HEADER = '''"""The contract, generated from wit/. Every object here is documented with the contract's own words.

Dates are seconds since 1970-01-01T00:00:00Z. `None` is what the contract calls absent.
"""

from __future__ import annotations

import builtins
import enum
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from . import _values as _v
from ._paging import pages, pages_async
'''


class Unsupported(Exception):
    """The contract uses something that this generator has no Python form for."""


class Contract:
    """The contract's interfaces and types, with the questions that the generator asks."""

    def __init__(self, resolve: dict[str, Any]) -> None:
        self._types: list[dict[str, Any]] = resolve["types"]
        found = [place for place, one in enumerate(resolve["packages"]) if one["name"].startswith(PACKAGE + "@")]
        if len(found) != 1:
            raise Unsupported(f"the JSON has {len(found)} packages {PACKAGE}, and one is wanted")
        self.name: str = resolve["packages"][found[0]]["name"]
        self.version = self.name.partition("@")[2]
        self.interfaces = [one for one in resolve["interfaces"] if one["package"] == found[0]]
        self._ours = {place for place, one in enumerate(resolve["interfaces"]) if one["package"] == found[0]}
        self._unique_names()
        fields = {name for type_ in self.definitions() for name in self.fields_of(type_)}
        # A field called `bytes` hides the type inside its class.
        self._hidden = fields & {"str", "int", "bool", "float", "bytes", "tuple"}
        functions = {name for interface in self.interfaces for name in interface["functions"]}
        self._words = {name: python_name(name) for name in fields | functions if "-" in name}
        self._words |= {type_["name"]: class_name(type_["name"]) for type_ in self.definitions() if "-" in type_["name"]}

    def builtin(self, name: str) -> str:
        return f"builtins.{name}" if name in self._hidden else name

    def in_python(self, text: str) -> str:
        """The contract's words, with what is `quoted-like-this` by its Python name."""

        def renamed(match: re.Match[str]) -> str:
            return "`" + ".".join(self._words.get(part, part) for part in match[1].split(".")) + "`"

        return re.sub(r"`([a-z0-9-]+(?:\.[a-z0-9-]+)?)`", renamed, text)

    @staticmethod
    def fields_of(type_: dict[str, Any]) -> list[str]:
        return [field["name"] for field in type_["kind"].get("record", {"fields": []})["fields"]]

    def _unique_names(self) -> None:
        """Python has one namespace where the contract has one for each interface."""
        names = [name for interface in self.interfaces for name in interface["functions"]]
        names += [type_["name"] for type_ in self.definitions()]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise Unsupported(f"the contract has several items of the same name: {', '.join(sorted(twice))}")

    def resolve(self, reference: Any) -> Any:
        """A type without its aliases: a scalar's name, or a definition."""
        while isinstance(reference, int):
            definition = self._types[reference]
            if not (isinstance(definition["kind"], dict) and "type" in definition["kind"]):
                return definition
            reference = definition["kind"]["type"]
        return reference

    def definitions(self) -> list[dict[str, Any]]:
        """The contract's own enums and records, each behind those that it is made of."""
        ordered: list[dict[str, Any]] = []

        def add(reference: Any) -> None:
            type_ = self.resolve(reference)
            if not isinstance(type_, dict) or any(type_ is one for one in ordered):
                return
            (kind, body), *_ = type_["kind"].items()
            parts: list[Any] = []
            if kind == "record":
                parts = [field["type"] for field in body["fields"]]
            elif kind == "tuple":
                parts = body["types"]
            elif kind in ("list", "option"):
                parts = [body]
            elif kind == "result":
                parts = [body["ok"], body["err"]]
            for part in parts:
                add(part)
            if type_["name"] is not None:
                ordered.append(type_)

        for place, type_ in enumerate(self._types):
            owner = type_["owner"] or {}
            if type_["name"] is not None and owner.get("interface") in self._ours:
                add(place)
        return ordered

    def inputs(self) -> set[str]:
        """The names of the records that functions take, and of what those are made of."""
        names: set[str] = set()

        def add(reference: Any) -> None:
            type_ = self.resolve(reference)
            if not isinstance(type_, dict):
                return
            (kind, body), *_ = type_["kind"].items()
            if kind == "record":
                names.add(type_["name"])
                for field in body["fields"]:
                    add(field["type"])
            elif kind in ("list", "option"):
                add(body)

        for interface in self.interfaces:
            for function in interface["functions"].values():
                for parameter in function["params"]:
                    add(parameter["type"])
        return names

    def fields(self, reference: Any) -> dict[str, Any] | None:
        """A record's fields by name; `None` for what is no record."""
        type_ = self.resolve(reference)
        if not isinstance(type_, dict) or "record" not in type_["kind"]:
            return None
        return {field["name"]: field["type"] for field in type_["kind"]["record"]["fields"]}

    def is_optional(self, reference: Any) -> bool:
        type_ = self.resolve(reference)
        return isinstance(type_, dict) and "option" in type_["kind"]

    def annotation(self, reference: Any, *, taken: bool) -> str:
        """The type as Python writes it. What is `taken` may be any sequence, what is given is a tuple."""
        type_ = self.resolve(reference)
        if isinstance(type_, str):
            return self.builtin(self._scalar(type_)[0])
        if type_["name"] is not None:
            return class_name(type_["name"])
        (kind, body), *_ = type_["kind"].items()
        if kind == "option":
            return self.annotation(body, taken=taken) + " | None"
        if kind == "list":
            if self.resolve(body) == "u8":
                return self.builtin("bytes")
            inner = self.annotation(body, taken=taken)
            return f"Sequence[{inner}]" if taken else f"{self.builtin('tuple')}[{inner}, ...]"
        if kind == "tuple":
            return f"{self.builtin('tuple')}[{', '.join(self.annotation(one, taken=taken) for one in body['types'])}]"
        if kind == "result":
            return "None" if body["ok"] is None else self.annotation(body["ok"], taken=taken)
        raise Unsupported(f"the contract uses the type `{kind}`, and contract_generator.py has no Python form for it")

    def codec(self, reference: Any) -> str:
        """The expression of `_values` that passes the type."""
        type_ = self.resolve(reference)
        if isinstance(type_, str):
            return "_v." + self._scalar(type_)[1]
        if type_["name"] is not None:
            return codec_name(type_["name"])
        (kind, body), *_ = type_["kind"].items()
        if kind == "option":
            return f"_v.OptionOf({self.codec(body)})"
        if kind == "list":
            return "_v.BYTES" if self.resolve(body) == "u8" else f"_v.ListOf({self.codec(body)})"
        if kind == "tuple":
            return f"_v.TupleOf({', '.join(self.codec(one) for one in body['types'])})"
        if kind == "result":
            ok = "None" if body["ok"] is None else self.codec(body["ok"])
            return f"_v.ResultOf({ok}, {self.codec(body['err'])})"
        raise Unsupported(f"the contract uses the type `{kind}`, and contract_generator.py has no Python form for it")

    @staticmethod
    def _scalar(name: str) -> tuple[str, str]:
        if name not in SCALARS:
            raise Unsupported(f"the contract uses the type `{name}`, and contract_generator.py has no Python form for it")
        return SCALARS[name]


def quoted(text: str) -> str:
    return json.dumps(text)


def class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def codec_name(name: str) -> str:
    return "_" + name.replace("-", "_").upper()


def python_name(name: str) -> str:
    name = name.replace("-", "_")
    return name + "_" if keyword.iskeyword(name) else name


def docstring(contract: Contract, item: dict[str, Any], indent: int, *more: str) -> Iterator[str]:
    """The contract's words as a docstring, a line each."""
    contents = (item.get("docs") or {}).get("contents")
    if not contents:
        raise Unsupported(f"`{item.get('name')}` has no documentation in the contract")
    text = contract.in_python(contents.rstrip())
    for paragraph in more:
        text += "\n\n" + paragraph
    # The words, not the line breaks: names get shorter or longer in another language. A list keeps its lines.
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append("")
        if paragraph.startswith("- "):
            lines += paragraph.splitlines()
        else:
            joined = " ".join(paragraph.split())
            lines += textwrap.wrap(joined, WIDTH - indent - 6, break_long_words=False, break_on_hyphens=False)
    lines = [line.replace("\\", "\\\\").replace('"""', '\\"""') for line in lines]
    pad = " " * indent
    # A quotation mark just before the closing ones would end the docstring early.
    if len(lines) == 1:
        yield f'{pad}"""{lines[0]}{" " if lines[0].endswith(chr(34)) else ""}"""'
        return
    yield f'{pad}"""{lines[0]}'
    for line in lines[1:]:
        yield f"{pad}{line}" if line else ""
    yield f'{pad}"""'


def enumeration(contract: Contract, type_: dict[str, Any]) -> Iterator[str]:
    yield f"class {class_name(type_['name'])}(enum.Enum):"
    yield from docstring(contract, type_, 4)
    for case in type_["kind"]["enum"]["cases"]:
        yield ""
        yield f"    {case['name'].replace('-', '_').upper()} = {quoted(case['name'])}"
        yield from docstring(contract, case, 4)
    yield ""
    yield ""
    yield f"{codec_name(type_['name'])} = _v.EnumOf({class_name(type_['name'])})"


def record(contract: Contract, type_: dict[str, Any], taken: bool) -> Iterator[str]:
    name, fields = class_name(type_["name"]), type_["kind"]["record"]["fields"]
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {name}:"
    yield from docstring(contract, type_, 4)
    for field in fields:
        yield ""
        annotation = contract.annotation(field["type"], taken=taken)
        default = " = None" if contract.is_optional(field["type"]) else ""
        if not default and taken and annotation.startswith("Sequence["):
            default = " = ()"
        yield f"    {python_name(field['name'])}: {annotation}{default}"
        yield from docstring(contract, field, 4)
    yield ""
    yield ""
    yield f"{codec_name(type_['name'])} = _v.RecordOf("
    yield f"    {name},"
    yield "    ("
    for field in fields:
        yield f"        ({quoted(field['name'])}, {quoted(python_name(field['name']))}, {contract.codec(field['type'])}),"
    yield "    ),"
    yield ")"


def signature(contract: Contract, function: dict[str, Any]) -> list[str]:
    """The parameters as Python writes them. A query that selects everything need not be given."""
    written: list[str] = []
    may_be_left_out = True
    for parameter in reversed(function["params"]):
        annotation = contract.annotation(parameter["type"], taken=True)
        fields = contract.fields(parameter["type"])
        default = None
        if contract.is_optional(parameter["type"]):
            default = "None"
        elif parameter["name"] in ("query", "budget") and fields and all(map(contract.is_optional, fields.values())):
            default = f"{annotation}()"
        may_be_left_out = may_be_left_out and default is not None
        written.append(f"{python_name(parameter['name'])}: {annotation}" + (f" = {default}" if may_be_left_out else ""))
    return written[::-1]


def function_table(contract: Contract, interface: dict[str, Any], function: dict[str, Any]) -> Iterator[str]:
    address = f"{PACKAGE}/{interface['name']}@{contract.version}"
    yield f"{codec_name(function['name'])} = _v.Function("
    yield f"    {quoted(address)},"
    yield f"    {quoted(function['name'])},"
    parameters = [f"({quoted(one['name'])}, {contract.codec(one['type'])})," for one in function["params"]]
    yield f"    ({' '.join(parameters)}),"
    yield f"    {contract.codec(function['result'])},"
    yield ")"


def method(contract: Contract, interface: dict[str, Any], function: dict[str, Any], is_async: bool) -> Iterator[str]:
    name, result = python_name(function["name"]), contract.annotation(function["result"], taken=False)
    prefix, wait = ("async ", "await ") if is_async else ("", "")
    if interface["name"] == "diagnostics":
        # Asked in the instance of the action, right after it: nothing to send, and nothing to wait for.
        yield f"    def {name}(self) -> {result}:"
        yield from docstring(contract, function, 8, "Of this thread's or asyncio task's own action before, whatever runs beside it.")
        yield f"        return cast({quoted(result)}, self._diagnosis({quoted(function['name'])}))"
        return
    yield f"    {prefix}def {name}({', '.join(['self', *signature(contract, function)])}) -> {result}:"
    yield from docstring(contract, function, 8)
    arguments = "".join(f"{python_name(one['name'])}, " for one in function["params"]).strip()
    call = f"{wait}self._call({codec_name(function['name'])}, ({arguments}))"
    if result == "None":
        yield f"        {call}"
    else:
        yield f"        return cast({quoted(result)}, {call})"


def iterator(contract: Contract, function: dict[str, Any], is_async: bool) -> Iterator[str]:
    """The iterator of a function that gives a page and takes a query with a cursor; nothing for any other."""
    result = contract.resolve(function["result"])
    page = contract.fields(result["kind"]["result"]["ok"]) if "result" in result["kind"] else None
    query = contract.fields(function["params"][-1]["type"]) if function["params"] else None
    if not page or not query or not {"items", "page"} <= page.keys() or not {"cursor", "limit"} <= query.keys():
        return
    item = contract.annotation(contract.resolve(page["items"])["kind"]["list"], taken=False)
    name = python_name("iter-" + function["name"].removeprefix("get-"))
    others = "".join(f"{python_name(one['name'])}, " for one in function["params"][:-1])
    parameters = ", ".join(["self", *signature(contract, function), "*", "batch: int = 40"])
    kind, helper = ("AsyncIterator", "pages_async") if is_async else ("Iterator", "pages")
    more = (
        f"One after the other what `{python_name(function['name'])}` gives a page at a time: all there is, or the first "
        "`query.limit`. Each call reads `batch` objects, so that no more than those are in memory. Where a page is "
        "incomplete, its items come first; then the error is raised, with the `cursor` to go on from."
    )
    yield f"    def {name}("
    yield f"        {parameters}"
    yield f"    ) -> {kind}[{item}]:"
    yield from docstring(contract, function, 8, more)
    yield f"        {codec_name(function['name'])}.check(({others}query,))"
    yield f"        return {helper}("
    yield f"            lambda limit, cursor: self.{python_name(function['name'])}("
    yield f"                {others}replace(query, limit=limit, cursor=cursor)"
    yield "            ),"
    yield "            query.limit,"
    yield "            query.cursor,"
    yield "            batch,"
    yield "        )"


def actions(contract: Contract, is_async: bool) -> Iterator[str]:
    prefix, what = ("async ", "AsyncActions") if is_async else ("", "Actions")
    yield f"class {what}:"
    yield '    """Every function of the contract as a method, and every list that comes in pages as an iterator."""'
    yield ""
    yield "    __slots__ = ()"
    yield ""
    yield f"    {prefix}def _call(self, function: _v.Function, arguments: tuple[Any, ...]) -> Any:"
    yield "        raise NotImplementedError"
    yield ""
    yield "    def _diagnosis(self, name: str) -> Any:"
    yield "        raise NotImplementedError"
    for interface in contract.interfaces:
        for function in interface["functions"].values():
            yield ""
            yield from method(contract, interface, function, is_async)
            lines = list(iterator(contract, function, is_async))
            if lines:
                yield ""
                yield from lines


def generate(resolve: str) -> str:
    """The source of `_contract.py`, for the JSON that `cargo xtask wit` prints."""
    contract = Contract(json.loads(resolve))
    taken = contract.inputs()
    lines = [HEADER, f"CONTRACT = {quoted(contract.name)}", '"""The contract\'s name and version."""', ""]
    exported: list[str] = []
    for type_ in contract.definitions():
        lines.append("")
        if "enum" in type_["kind"]:
            lines += enumeration(contract, type_)
        elif "record" in type_["kind"]:
            lines += record(contract, type_, type_["name"] in taken)
        else:
            raise Unsupported(f"`{type_['name']}` is neither an enum nor a record")
        lines.append("")
        exported.append(class_name(type_["name"]))
    functions = []
    for interface in contract.interfaces:
        for function in interface["functions"].values():
            lines += ["", *function_table(contract, interface, function), ""]
            functions.append(codec_name(function["name"]))
    lines += ["", f"FUNCTIONS: tuple[_v.Function, ...] = ({', '.join(functions)})"]
    lines += ['"""All functions of the contract."""', ""]
    lines += ["", *actions(contract, False), "", "", *actions(contract, True), ""]
    lines += ["", "__all__ = [", *(f"    {quoted(name)}," for name in sorted(exported)), "]", ""]
    return "\n".join(lines)
