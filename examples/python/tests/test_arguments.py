"""A wrong argument is a clear error that names the field, and nothing is sent."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import virustotal_hunting as vh
from virustotal_hunting import Hunting

from .conftest import Simulator


def refused(kind: type[Exception], message: str, call: Any, *arguments: Any) -> None:
    with pytest.raises(kind) as caught:
        call(*arguments)
    assert str(caught.value) == message


def test_a_wrong_type_is_named_with_its_field(hunting: Hunting, simulator: Simulator) -> None:
    new: Any = vh.NewRuleset
    rulesets, create = hunting.get_livehunt_rulesets, hunting.create_livehunt_ruleset
    refused(TypeError, "`query.limit` takes an int, not str", rulesets, vh.RulesetsQuery(limit="4"))  # type: ignore[arg-type]
    refused(TypeError, "`query.limit` takes an int, not bool", rulesets, vh.RulesetsQuery(limit=True))
    refused(TypeError, "`query` takes a RulesetsQuery, not RulesetsQuery", rulesets, _other())
    refused(TypeError, "`query` takes a RulesetsQuery, not NoneType", rulesets, None)
    refused(TypeError, "`ruleset.rules` takes a str, not bytes", create, new(name="a", rules=b"rule"))
    refused(
        TypeError,
        "`ruleset.notification_emails` takes a list or a tuple, not str",
        create,
        new(name="a", rules="r", notification_emails="a@b.example"),
    )
    refused(
        TypeError,
        "`ruleset.notification_emails[1]` takes a str, not NoneType",
        create,
        new(name="a", rules="r", notification_emails=["a@b.example", None]),
    )
    refused(
        TypeError,
        "`ruleset.match_object_type` takes one of MatchObjectType.FILE, MatchObjectType.URL, MatchObjectType.DOMAIN, "
        "MatchObjectType.IP, not str",
        create,
        new(name="a", rules="r", match_object_type="file"),
    )
    refused(
        TypeError,
        "`job.time_range.start` takes an int, not float",
        hunting.create_retrohunt_job,
        vh.NewRetrohuntJob(rules="r", time_range=vh.TimeRange(start=1.5)),  # type: ignore[arg-type]
    )
    refused(TypeError, "`id` takes a str, not int", hunting.get_retrohunt_job, 7)
    assert simulator.requests() == []


def _other() -> object:
    return type("RulesetsQuery", (), {})()


@pytest.mark.parametrize("limit", [-1, 1 << 32])
def test_a_number_beyond_its_type_is_named_with_its_range(hunting: Hunting, limit: int) -> None:
    message = f"`query.limit` takes 0 to 4294967295, and was given {limit}"
    refused(ValueError, message, hunting.get_livehunt_rulesets, vh.RulesetsQuery(limit=limit))


def test_the_largest_numbers_of_their_types_arrive_whole(hunting: Hunting, simulator: Simulator, name: str) -> None:
    simulator.fault({"status": {"code": 400}})
    new = vh.NewRuleset(name=name, rules="rule a { condition: true }", limit=(1 << 64) - 1)
    with pytest.raises(vh.InvalidArgumentError):
        hunting.create_livehunt_ruleset(new)
    (request,) = simulator.requests()
    assert '"limit":18446744073709551615' in request["body"].replace(" ", "")


def test_records_cannot_be_changed_and_take_names_only() -> None:
    query = vh.RulesetsQuery(limit=4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        query.limit = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        vh.RulesetsQuery(4)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        vh.RulesetsQuery(limits=4)  # type: ignore[call-arg]
    assert not hasattr(query, "__dict__")


def test_settings_of_the_wrong_type_are_named(simulator: Simulator) -> None:
    make: Any = Hunting
    for name, value, wanted in [
        ("url", 5, "str or None"),
        ("timeout", "5", "int or float or None"),
        ("retries", True, "int or None"),
        ("access", 1, "str or None"),
        ("allow_http", 1, "bool or None"),
    ]:
        with pytest.raises(TypeError) as caught:
            make("key", **{name: value})
        assert str(caught.value) == f"`{name}` takes {wanted}, not {type(value).__name__}"
    with pytest.raises(ValueError, match="`max_memory_bytes` takes 2097152 to 4294967296"):
        Hunting("0123456789abcdef", max_memory_bytes=1)
    with pytest.raises(ValueError, match="`url` holds the character U\\+0000"):
        Hunting("0123456789abcdef", url="http://localhost\0")


@pytest.mark.parametrize(("name", "value"), [("verify_ssl", False), ("http_proxy", "http://proxy.example:3128")])
def test_what_wasmtime_for_python_cannot_do_is_refused_at_once(name: str, value: object) -> None:
    make: Any = Hunting
    with pytest.raises(vh.ConfigurationError, match=f"`{name}` cannot be set") as caught:
        make("key", **{name: value})
    assert caught.value.code == "HostOnlySetting" and "proxy.example" not in str(caught.value)


def test_the_environment_gives_the_settings(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VT_URL", simulator.url)
    monkeypatch.setenv("VT_APIKEY", simulator.key)
    monkeypatch.setenv("VT_ACCESS", "read-only")
    with Hunting.from_environment() as hunting:
        assert hunting.get_account(simulator.user).id == simulator.user
        with pytest.raises(vh.ForbiddenError):
            hunting.abort_retrohunt_job("a-1")
    monkeypatch.setenv("VT_HTTP_PROXY", "http://proxy.example")
    with pytest.raises(vh.ConfigurationError, match="VT_HTTP_PROXY"):
        Hunting.from_environment()
    monkeypatch.delenv("VT_HTTP_PROXY")
    monkeypatch.setenv("VT_VERIFY_SSL", "False")
    with pytest.raises(vh.ConfigurationError, match="VT_VERIFY_SSL"):
        Hunting.from_environment()
    monkeypatch.delenv("VT_VERIFY_SSL")
    monkeypatch.delenv("VT_APIKEY")
    with Hunting.from_environment() as hunting, pytest.raises(vh.ConfigurationError) as caught:
        hunting.get_livehunt_rulesets()
    assert caught.value.code == "MissingApiKey"
