"""Reads the notation in which `wasmtime run --invoke` prints values (WAVE), as far as the examples need it.

Records are dicts, lists are lists, `none` is None, `some(x)` is x; `ok(x)` and `err(x)` are pairs, a word is a str.
"""

import json
import re

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|%?[A-Za-z][A-Za-z0-9-]*|[{}\[\](),:])')
_UNICODE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


def read(text):
    """The one value that a text holds; ValueError, with the place, where it is none."""
    tokens = []
    at, text = 0, text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"no value at {at}: {text[at:at + 40]!r}")
        tokens.append(found.group(1))
        at = found.end()
    value, rest = _value(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"there is more behind the value: {tokens[rest:rest + 5]}")
    return value


def _value(tokens, at):
    token = tokens[at]
    if token == "{":
        return _record(tokens, at + 1)
    if token == "[":
        return _list(tokens, at + 1)
    if token[0] == '"':
        plain = _UNICODE.sub(lambda found: json.dumps(chr(int(found.group(1), 16)))[1:-1], token)
        return json.loads(plain.replace("\\'", "'")), at + 1
    if token[0] in "-0123456789":
        return json.loads(token), at + 1
    if tokens[at + 1:at + 2] == ["("]:
        value, at = _value(tokens, at + 2)
        if tokens[at] != ")":
            raise ValueError(f"`{token}(` is not closed")
        return (value if token == "some" else (token, value)), at + 1
    return {"none": None, "true": True, "false": False}.get(token, token), at + 1


def _record(tokens, at):
    record = {}
    while tokens[at] != "}":
        name, colon = tokens[at:at + 2]
        if colon != ":":
            raise ValueError(f"`{name}` is no field")
        record[name], at = _value(tokens, at + 2)
        at += tokens[at] == ","
    return record, at + 1


def _list(tokens, at):
    items = []
    while tokens[at] != "]":
        item, at = _value(tokens, at)
        items.append(item)
        at += tokens[at] == ","
    return items, at + 1
