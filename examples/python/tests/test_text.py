"""Text of every plane of Unicode comes through both ways."""

from __future__ import annotations

import json

import pytest

import virustotal_hunting as vh
from virustotal_hunting import Hunting, NewRuleset

# The first and the last character of each plane that has any, and what is special to C and to JSON.
PLANES = "".join(chr(plane << 16 | place) for plane in range(17) for place in (0x41, 0xFFFD))
TEXTS = [PLANES, "a\0b", "\u007f\u0080\u07ff\u0800\uffff", "e\u0301 \u202eabc\u202c", '"\\\n\r\t', "👩‍🚀", "x" * 100_000]


@pytest.mark.parametrize("text", TEXTS, ids=["planes", "nul", "edges", "marks", "escapes", "joined", "long"])
def test_a_name_comes_back_as_it_was_given(hunting: Hunting, name: str, text: str) -> None:
    rules = f"/* {text.replace(chr(0), '')} */ rule {name} {{ condition: true }}"
    made = hunting.create_livehunt_ruleset(NewRuleset(name=name + text, rules=rules))
    got = hunting.get_livehunt_ruleset(made.id)
    assert (got.name, got.rules) == (name + text, rules)
    assert json.loads(got.json)["attributes"]["name"] == name + text
    hunting.delete_livehunt_ruleset(made.id)


def test_half_a_surrogate_pair_is_refused_by_place_and_not_repeated(hunting: Hunting) -> None:
    with pytest.raises(ValueError, match="`ruleset.name` holds half a surrogate pair at index 3") as caught:
        hunting.create_livehunt_ruleset(NewRuleset(name="abc\ud800", rules="rule a { condition: true }"))
    assert caught.value.__context__ is None


def test_bytes_of_a_snippet_are_bytes(hunting: Hunting) -> None:
    dump = " ".join(f"{byte:02x}" for byte in range(16))
    snippet = hunting.parse_snippet(f"00000000  {dump}  |................|")
    assert isinstance(snippet.bytes, bytes)
    assert hunting.parse_snippet("") == vh.Snippet(bytes=b"", highlights=(), truncated=False)
