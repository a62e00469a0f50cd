"""Each kind of failure is an exception of its own, with everything that the contract says of it."""

from __future__ import annotations

import pickle
import socket
import ssl
import threading

import pytest
import trustme

import virustotal_hunting as vh
from virustotal_hunting import ErrorKind, Hunting

from .conftest import Simulator

ANSWERS = [
    (400, vh.InvalidArgumentError, ErrorKind.INVALID_ARGUMENT, False),
    (401, vh.AuthenticationError, ErrorKind.AUTHENTICATION, False),
    (403, vh.ForbiddenError, ErrorKind.FORBIDDEN, False),
    (404, vh.NotFoundError, ErrorKind.NOT_FOUND, False),
    (409, vh.ConflictError, ErrorKind.CONFLICT, False),
    (413, vh.TooLargeError, ErrorKind.TOO_LARGE, False),
    (418, vh.OtherError, ErrorKind.OTHER, False),
    (503, vh.UnavailableError, ErrorKind.UNAVAILABLE, True),
    (504, vh.DeadlineError, ErrorKind.TIMEOUT, True),
]


@pytest.mark.parametrize(("status", "expected", "kind", "retryable"), ANSWERS)
def test_a_status_is_an_exception_of_its_kind(
    hunting: Hunting,
    simulator: Simulator,
    status: int,
    expected: type[vh.HuntingError],
    kind: ErrorKind,
    retryable: bool,
) -> None:
    simulator.fault({"status": {"code": status}})
    with pytest.raises(expected) as caught:
        hunting.get_livehunt_rulesets()
    error = caught.value
    assert type(error) is expected and isinstance(error, vh.HuntingError)
    assert (error.kind, error.status, error.retryable) == (kind, status, retryable)
    assert error.response is not None and error.response.status_code == status
    assert error.message in str(error) and error.code in str(error) and error.code


def test_too_many_requests_say_how_long_to_wait(hunting: Hunting, simulator: Simulator) -> None:
    simulator.fault({"rate_limit": {"retry_after": "17"}})
    with pytest.raises(vh.RateLimitedError) as caught:
        hunting.get_livehunt_rulesets()
    assert (caught.value.status, caught.value.retry_after, caught.value.retryable) == (429, 17, True)


def test_a_used_up_quota_is_not_a_rate(hunting: Hunting, simulator: Simulator) -> None:
    simulator.fault("quota")
    with pytest.raises(vh.QuotaExceededError) as caught:
        hunting.get_livehunt_rulesets()
    assert (caught.value.code, caught.value.retryable) == ("QuotaExceededError", False)


def test_what_is_no_answer_of_virustotal_is_a_protocol_error(hunting: Hunting, simulator: Simulator) -> None:
    simulator.fault({"garbage": "<html>"})
    with pytest.raises(vh.ProtocolError):
        hunting.get_livehunt_rulesets()


def test_a_server_that_never_answers_meets_the_deadline(simulator: Simulator) -> None:
    simulator.fault("stall")
    with Hunting(simulator.key, url=simulator.url, timeout=0.2, retries=0) as hunting:
        with pytest.raises(vh.DeadlineError) as caught:
            hunting.get_livehunt_rulesets()
    assert (caught.value.code, caught.value.status) == ("DeadlineExceeded", None)
    assert caught.value.response is None


def test_a_port_where_nobody_listens_is_a_transport_error() -> None:
    with socket.socket() as bound:
        # Bound and not listening: nothing else can take it meanwhile.
        bound.bind(("127.0.0.1", 0))
        with Hunting("0123456789abcdef", url=f"http://127.0.0.1:{bound.getsockname()[1]}", retries=0) as hunting:
            with pytest.raises(vh.TransportError) as caught:
                hunting.get_livehunt_rulesets()
    assert caught.value.code == "ConnectionRefused" and caught.value.retryable


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    seen: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(600)
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    seen.append(secured.recv(1))
            except (ssl.SSLError, OSError):
                # The client broke off, as it should.
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(600)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with Hunting("0123456789abcdef", url=f"https://localhost:{listener.getsockname()[1]}", retries=0) as hunting:
            with pytest.raises(vh.TransportError) as caught:
                hunting.get_livehunt_rulesets()
        thread.join(60)
    assert caught.value.code == "TlsError" and not caught.value.retryable
    assert b"".join(seen) == b""


def test_rules_that_do_not_compile_are_an_invalid_argument_with_the_line(hunting: Hunting, name: str) -> None:
    with pytest.raises(vh.InvalidArgumentError) as caught:
        hunting.create_livehunt_ruleset(vh.NewRuleset(name=name, rules="rule a { condition: $x }"))
    assert caught.value.status == 400 and "1:" in caught.value.message


def test_more_than_the_cap_is_too_large(simulator: Simulator) -> None:
    with Hunting(simulator.key, url=simulator.url, max_response_bytes=64) as hunting:
        with pytest.raises(vh.TooLargeError) as caught:
            hunting.get_crowdsourced_yara_rules()
    assert caught.value.code == "ResponseTooLarge"


def test_more_memory_than_an_instance_may_have_is_a_component_error_and_the_next_call_starts_afresh(
    simulator: Simulator,
) -> None:
    answer = '{"data": [' + ",".join(['{"id": "x", "type": "hunting_ruleset"}'] * 30_000) + "]}"
    simulator.fault({"garbage": answer}, times=1)
    with Hunting(simulator.key, url=simulator.url, max_memory_bytes=2 * 1024 * 1024) as hunting:
        with pytest.raises(vh.ComponentError, match="max_memory_bytes"):
            hunting.get_livehunt_rulesets()
        assert hunting.get_livehunt_rulesets().page is not None


def test_a_setting_that_is_wrong_is_a_configuration_error_and_nothing_is_sent(simulator: Simulator) -> None:
    with Hunting(simulator.key, url=simulator.url, retries=11) as hunting:
        with pytest.raises(vh.ConfigurationError, match="VT_RETRIES") as caught:
            hunting.get_livehunt_rulesets()
    assert caught.value.code == "InvalidSetting" and simulator.requests() == []


def test_reading_only_changes_nothing(simulator: Simulator, name: str) -> None:
    with Hunting(simulator.key, url=simulator.url, access="read-only") as hunting:
        with pytest.raises(vh.ForbiddenError) as caught:
            hunting.create_retrohunt_job(vh.NewRetrohuntJob(rules=f"rule {name} {{ condition: true }}"))
    assert caught.value.code == "ReadOnly" and simulator.requests() == []


def test_a_rate_holds_for_all_calls_of_a_client(simulator: Simulator) -> None:
    with Hunting(simulator.key, url=simulator.url, requests_per_minute=1, timeout=20) as hunting:
        hunting.get_livehunt_rulesets()
        with pytest.raises(vh.RateLimitedError) as caught:
            hunting.get_livehunt_rulesets()
    assert caught.value.code == "RequestsPerMinute" and caught.value.retry_after is not None
    assert len(simulator.requests()) == 1


def test_an_error_survives_pickling_whole(hunting: Hunting) -> None:
    with pytest.raises(vh.NotFoundError) as caught:
        hunting.get_retrohunt_job("nobody-1")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is vh.NotFoundError
    assert vars(again) == vars(caught.value)


def test_a_closed_client_refuses_calls(simulator: Simulator) -> None:
    with Hunting(simulator.key, url=simulator.url) as hunting:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        hunting.get_livehunt_rulesets()
