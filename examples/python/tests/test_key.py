"""The API key is in nothing that is shown."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

import virustotal_hunting as vh
from virustotal_hunting import AsyncHunting, Hunting

from .conftest import Simulator

KEY = "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2"


def shown(error: BaseException) -> str:
    """All that a crash reporter would send: messages, attributes, and the variables of the package's frames."""
    parts = [str(error), repr(error), repr(vars(error)), repr(error.args)]
    parts += traceback.format_exception(error)
    # The first frame is the test's own, which knows the key.
    summary = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    for frame in summary:
        if "virustotal_hunting" in frame.filename:
            parts.append(repr(frame.locals))
    return "\n".join(parts)


def bad_calls(simulator: Simulator) -> list[Callable[[], object]]:
    url = simulator.url
    return [
        lambda: Hunting(KEY, url=url).get_livehunt_rulesets(),
        lambda: Hunting(KEY, url="ftp://example").get_livehunt_rulesets(),
        lambda: Hunting(KEY + "\n", url=url).get_livehunt_rulesets(),
        lambda: Hunting(KEY + "\0", url=url),
        lambda: Hunting(KEY, timeout="x"),  # type: ignore[arg-type]
        lambda: Hunting(KEY, verify_ssl=False),
        lambda: Hunting(KEY, max_memory_bytes=0),
        lambda: Hunting([KEY]),  # type: ignore[arg-type]
        lambda: AsyncHunting(KEY, max_concurrent_calls=0),
    ]


@pytest.mark.parametrize("number", range(9))
def test_no_failure_shows_the_key(simulator: Simulator, number: int) -> None:
    call = bad_calls(simulator)[number]
    with pytest.raises((vh.HuntingError, TypeError, ValueError)) as caught:
        call()
    assert KEY not in shown(caught.value)


def test_a_key_in_the_place_of_another_argument_is_not_repeated(simulator: Simulator) -> None:
    with Hunting(KEY, url=simulator.url) as hunting:
        with pytest.raises(vh.InvalidArgumentError) as refused:
            hunting.get_account(KEY)
        with pytest.raises(TypeError) as wrong:
            hunting.get_livehunt_rulesets(vh.RulesetsQuery(limit=KEY))  # type: ignore[arg-type]
    assert KEY not in repr(refused.value) + str(refused.value) + str(wrong.value)
    assert simulator.requests() == []


def test_a_key_that_the_server_repeats_is_taken_out(simulator: Simulator) -> None:
    simulator.fault({"respond": {"status": 400, "body": {"error": {"code": "BadRequestError", "message": f"key {KEY}"}}}})
    with Hunting(KEY, url=simulator.url) as hunting:
        with pytest.raises(vh.InvalidArgumentError) as caught:
            hunting.get_livehunt_rulesets()
        assert KEY not in shown(caught.value) and KEY not in repr(hunting.last_response())


def test_no_client_shows_copies_or_pickles_its_key(simulator: Simulator) -> None:
    for client in (Hunting(KEY, url=simulator.url), AsyncHunting(KEY, url=simulator.url)):
        assert repr(client) == f"{type(client).__name__}(api_key=[redacted], url={simulator.url})"
        assert KEY not in f"{client} {vars(client)} {vars(client._caller)}"
        for leak in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds an API key"):
                leak(client)


def test_nothing_is_logged(hunting: Hunting, simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hunting.get_livehunt_rulesets()
    assert caplog.records == []


def test_the_key_goes_to_the_service_in_its_header_and_nowhere_else(hunting: Hunting, simulator: Simulator) -> None:
    hunting.get_livehunt_rulesets()
    (request,) = simulator.requests()
    headers = [(name, value) for name, value in request.pop("headers") if simulator.key in value]
    assert headers == [("x-apikey", simulator.key)] and simulator.key not in repr(request)
